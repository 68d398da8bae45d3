/**
 * What a PBX told us, normalised, in its order. AMI and ARI both speak in these, so the core knows neither.
 * `at` is the PBX's own time where it sends one (AMI needs `timestampevents=yes`), else the time of arrival.
 * The Asterisk event behind each fact is named beside it.
 */
import type { BridgeId, CallId, EpochMs, LegId } from '../base/ids.js'
import type { Routed, Surveyed, Walk } from './caller-path.js'

export type { Routed, RouteRule, Surveyed, Walk, WalkStep, Wish } from './caller-path.js'

/** A caller id as the PBX has it: both may be empty, and both come from outside. */
export type CallerId = { number: string; name: string }

export type LegState = 'down' | 'ringing' | 'up'

/** One channel of a snapshot: CoreShowChannels, with what BridgeList, QueueStatus and ParkedCalls say of it. */
export type ChannelSeen = {
  leg: LegId
  linked: LegId
  name: string
  state: LegState
  caller: CallerId
  /** Their number must not be shown. */
  withheld?: true
  exten: string
  bridge?: BridgeId
  /** When the bridge was made, where the PBX says so. */
  bridgeMadeAt?: EpochMs
  /** The bridge is a waiting room. */
  holding?: true
  /** The conference that the bridge is. */
  room?: string
  /** The other half of its Local pair. */
  pair?: LegId
  queue?: { name: string; since: EpochMs; position?: number }
  /** `by`: as in `park.begun`. */
  parked?: { lot: string; space: string; by?: string; since?: EpochMs }
  /** The PBX dials it, or has dialled it, for somebody. */
  outgoing?: true
  /** What it dials, also while it talks with one of those: `PJSIP/1001&Local/2001@from-queue/n`. */
  dials?: string
  /** When the channel was created. */
  since: EpochMs
}

/**
 * A member of a queue, as the queue names it: `PJSIP/1001` and `Ana`; without a name of its own both are the same. `stateInterface`:
 * whose state the queue watches, where that is another and the PBX has said it (`hint:2001@ext-local`).
 */
export type Member = { interface: string; name: string; stateInterface?: string }

/** What a phone does, as the PBX sees it (device states); `unknown` is how a phone that tells nothing is called. */
export type PhoneState = 'unknown' | 'idle' | 'in-use' | 'busy' | 'invalid' | 'unavailable' | 'ringing' | 'on-hold'

/** A member as the PBX has it: an item of QueueStatus, and what each of the QueueMember events carries. */
export type MemberSeen = Member & {
  queue: string
  /** `static`: in its configuration; `dynamic`: added while it runs; `realtime`: from its database. */
  kind: 'static' | 'dynamic' | 'realtime'
  phone: PhoneState
  penalty: number
  paused: boolean
  /** Why, where somebody said so. */
  pausedFor?: string
  /** How many it has taken since the queue was loaded. */
  calls: number
}

/** QueueParams, the members, and who waits, in their order (QueueEntry). */
export type QueueSeen = {
  name: string
  strategy: string
  serviceLevelMs?: number
  members: MemberSeen[]
  waiting?: { leg: LegId; priority: number }[]
}

/** An item of DeviceStateList; `device` is how a queue names the phone, too: `PJSIP/1001`. */
export type PhoneSeen = { device: string; phone: PhoneState }

/** Feature codes that the daemon carries out. */
export const FEATURE_CODES = ['extension', 'sign-in', 'sign-out', 'ready', 'not-ready'] as const
export type FeatureCode = (typeof FEATURE_CODES)[number]

/** How a caller left a queue: QUEUESTATUS, and EXITWITHKEY from the dialplan, which alone knows that. */
export type QueueStatus =
  | 'TIMEOUT'
  | 'FULL'
  | 'JOINEMPTY'
  | 'JOINUNAVAIL'
  | 'LEAVEEMPTY'
  | 'LEAVEUNAVAIL'
  | 'CONTINUE'
  | 'WITHDRAW'
  | 'EXITWITHKEY'

/** How an attended transfer was carried out: which bridge or which application the two parties are in now. */
export type TransferInto = 'bridge' | 'app' | 'link' | 'threeway' | 'nothing'

/** A part of the dialplan that no event of Asterisk's own tells of; the dialplan says so itself. */
export type Stage = 'ivr' | 'voicemail' | 'survey' | 'fax'

/**
 * Why the dialplan hands a caller to the daemon: they have just called, are to be asked how it was, or have pressed a key while they
 * waited in a queue.
 */
export const WAYS = ['in', 'survey', 'key'] as const
export type Way = (typeof WAYS)[number]

/** A caller whom the dialplan has handed to the daemon; `given`: what it says with it, such as the number that was dialled. */
export type Handed = {
  leg: LegId
  way: Way
  given: string
  caller: CallerId
  /** The number must not be shown. */ withheld?: true
}

/** By a supervisor: heard by nobody, by the agent alone, or by all. */
export type ListenMode = 'listen' | 'whisper' | 'barge'

/** Who asked for a hangup. `command`: somebody through the PBX's interfaces, this daemon included. */
export type HangupAsked = 'far-side' | 'command' | 'pbx'

export type DialStatus =
  | 'ANSWER'
  | 'BUSY'
  | 'NOANSWER'
  | 'CANCEL'
  | 'CONGESTION'
  | 'CHANUNAVAIL'
  | 'DONTCALL'
  | 'TORTURE'
  | 'INVALIDARGS'
  /** What the subroutine of a Dial has decided once the called person had picked up. */
  | 'ABORT'
  | 'CONTINUE'
  | 'GOTO'

export type LegFact = {
  at: EpochMs
  /** The same in microseconds, where the PBX says it: of two facts it tells which was first. */
  atUs?: number
  leg: LegId
  /** Concluded from a snapshot, not told as it happened. */ inferred?: true
} & (
  | {
      /**
       * Newchannel. `linked` is the oldest leg that Asterisk sees it together with; a proposal, never a key. `agent` is the engine's
       * own: the staff id of who is signed in at its phone.
       */
      type: 'channel.created'
      linked: LegId
      name: string
      state: LegState
      caller: CallerId
      exten: string
      agent?: string
    }
  /**
   * NewCallerid: the dialplan has given a channel that runs it another name or number. `withheld`: its presentation is
   * prohibited (`CID-CallingPres`).
   */
  | { type: 'caller.changed'; caller: CallerId; withheld?: true }
  /** Newstate. */
  | { type: 'channel.changed'; state: LegState }
  /**
   * DialBegin; `leg` is the dialled one, `by` the dialling one, which an Originate does not have. `dialled`: the extension in
   * which the dialplan dials, which need not be whom it calls; `dialString`: what it was given to dial. `shown`: the number
   * that the dialled phone is shown, which for an Originate of ours is the one it is to dial.
   */
  | { type: 'dial.begun'; by?: LegId; dialled: string; dialString?: string; shown: string }
  /** DialEnd; may come twice, or without a beginning, or not at all. */
  | { type: 'dial.ended'; by?: LegId; status: DialStatus; forwardedTo?: string }
  /**
   * BridgeEnter. `holding`: a waiting room (parking, announcements), where nobody talks. `room`: the name of the conference
   * that the bridge is.
   */
  | { type: 'bridge.entered'; bridge: BridgeId; holding: boolean; replaces?: LegId; room?: string }
  /** BridgeLeave. */
  | { type: 'bridge.left'; bridge: BridgeId; holding?: boolean }
  /**
   * HangupRequest (the far side) and SoftHangupRequest (the PBX, or somebody through it). AMI's Hangup raises neither, so
   * the engine tells of its own commands itself, before it sends them.
   */
  | { type: 'hangup.asked'; by: HangupAsked; causeQ850?: number; /** The PBX is being stopped. */ stopping?: true }
  /** The engine's own: the command it has told of was not taken. */
  | { type: 'hangup.withdrawn' }
  /** Hangup. `lost`: the PBX no longer knows the channel and never said why; `restarted`: it has begun again since. */
  | { type: 'channel.gone'; causeQ850?: number; lost?: true; restarted?: true }
  /**
   * Hold and Unhold: the phone of this leg has put the others on hold. An Unhold may come alone, or not at all. By command,
   * the engine tells of it: `to` is who hears music instead.
   */
  | { type: 'hold.begun'; to?: LegId }
  | { type: 'hold.ended' }
  /** QueueCallerJoin. */
  | { type: 'queue.joined'; queue: string; position?: number }
  /** QueueCallerLeave: for every reason there is, an answer included. */
  | { type: 'queue.left'; queue: string; position?: number }
  /** QueueCallerAbandon: the caller hung up, or the time was up, or the queue let the caller go. */
  | { type: 'queue.abandoned'; queue: string }
  /** UserEvent AladdinQueue, which our own dialplan sends right after Queue(); without a queue, of the one in which `leg` was last. */
  | { type: 'queue.explained'; queue?: string; status: QueueStatus }
  /** AgentCalled. `leg` waits in the queue; `phone` is the member's leg, which may be half of a Local pair. */
  | { type: 'agent.called'; queue: string; phone: LegId; member: Member }
  /** AgentConnect. After a pickup `member` is the one that rang, and `phone` the one that took the call. */
  | { type: 'agent.connected'; queue: string; phone: LegId; member: Member }
  /** AgentRingNoAnswer: also on busy and reject. */
  | { type: 'agent.unanswered'; queue: string; phone: LegId; member: Member }
  /** AgentDump: the member has picked up, and hung up before the queue connected the caller. */
  | { type: 'agent.dumped'; queue: string; phone: LegId; member: Member }
  /** BlindTransfer. `leg` transfers `from`; done means that `from` was put into the dialplan, not that anybody answered. */
  | { type: 'transfer.blind'; to: string; done: boolean; from?: LegId; /** It leads to the survey. */ survey?: true }
  /**
   * AttendedTransfer. `leg` is the transferer's leg to `from`, `consult` the one to `target`: the same leg when the PBX did
   * it by feature code, another when the phone did (REFER with Replaces).
   */
  | { type: 'transfer.attended'; consult: LegId; into: TransferInto; from?: LegId; target?: LegId }
  /** Pickup. `leg` takes the call for which `target` rings. */
  | { type: 'ring.taken'; target: LegId }
  /** LocalBridge: two halves of one pair; whoever is with one is with the other. */
  | { type: 'local.joined'; other: LegId }
  /** ParkedCall and ParkedCallSwap. `by`: whose phone is called when nobody takes it up, as it would be dialled (`PJSIP/1001`). */
  | { type: 'park.begun'; lot: string; space: string; by: string }
  /** UnParkedCall, ParkedCallTimeOut, ParkedCallGiveUp. */
  | { type: 'park.ended'; why: 'taken-up' | 'timeout' | 'gave-up'; by?: LegId }
  /** ChanSpyStart: `leg` listens to `target`. */
  | { type: 'spy.begun'; target: LegId }
  /** UserEvent AladdinStage, from the dialplan. */
  | { type: 'stage.begun'; stage: Stage; name: string }
  /** The engine's own: a command has asked the PBX for a transfer, by `leg`; and the PBX did not take it. */
  | { type: 'transfer.asked'; id: string; kind: 'blind' | 'attended' | 'three-way'; to: string }
  | { type: 'transfer.withdrawn'; id: string }
  /** The engine's own: a command takes back whom it was about. */
  | { type: 'transfer.cancelled'; id: string }
  /** The engine's own: a leg that it will make belongs to the call of `leg`, from its beginning on. */
  | { type: 'leg.awaited'; awaited: LegId; monitor?: { by: string } }
  /** The engine's own: by command, the others hear nothing of `leg`, or hear it again. */
  | { type: 'leg.muted'; muted: boolean }
  /** The engine's own: by command from `leg`, nobody else can be brought into the call, or can again. */
  | { type: 'call.locked'; locked: boolean }
  /** The engine's own: for `leg`, what `of` says and hears is recorded under this name, or is not for a while, or no more. */
  | {
      type: 'recording.changed'
      name: string
      state: 'on' | 'paused' | 'done'
      of?: LegId
      by?: 'dialplan'
      file?: string
    }
  /** The engine's own: somebody has signed in at its phone, where nobody was when it began. */
  | { type: 'leg.staffed'; agent: string }
  /** The engine's own: that its phone rings is told with what a screen pop needs, `Pop` of the events. */
  | { type: 'leg.offered'; pop?: object }
  /**
   * The engine's own: where it was decided that a caller goes, and why; or UserEvent AladdinAway, from the dialplan: it has done
   * without the daemon.
   */
  | { type: 'call.routed'; routing: Routed }
  /** The engine's own: how far the survey of `leg` is; without one, nothing came of it. */
  | { type: 'survey.changed'; survey?: Surveyed }
  /** The engine's own: how far `leg` is in the menus. */
  | { type: 'ivr.changed'; walk: Walk }
  /** The engine's own: how a leg that listens is heard from now on. */
  | { type: 'leg.listens'; mode: ListenMode }
)

export type PbxFact =
  | LegFact
  /** OriginateResponse: what became of an Originate that had this ActionID. `leg` is missing if none was made. */
  | { type: 'originate.ended'; at: EpochMs; actionId: string; ok: boolean; leg?: LegId }
  /** Every channel there is, as read after a (re)connect, and every queue. What it does not hold, exists no more. */
  | {
      type: 'pbx.seen'
      at: EpochMs
      channels: ChannelSeen[]
      queues?: QueueSeen[]
      phones?: PhoneSeen[]
      /** When the PBX itself began, where it says so. */
      bootedAt?: EpochMs
    }
  | SiteFact
  /** `link`: AMI, by which calls are followed, unless told. */
  | { type: 'link.up'; at: EpochMs; version: string; link?: 'ari' }
  /** `at`: until when everything was heard, which may be earlier than it was noticed. */
  | { type: 'link.down'; at: EpochMs; reason: string; link?: 'ari' }

/** What is about no single leg and no single call. */
export type SiteFact =
  | MemberFact
  /** DeviceStateChange. */
  | ({ type: 'phone.changed'; at: EpochMs } & PhoneSeen)
  /** Every queue there is, as read after they were configured anew. */
  | { type: 'queues.seen'; at: EpochMs; queues: QueueSeen[] }
  /** ARI's StasisStart: a channel of the daemon's own is there, and can be told what to do. */
  | { type: 'tool.ready'; at: EpochMs; tool: LegId }
  /** ARI's StasisStart: the dialplan waits until the daemon lets this caller go on. */
  | { type: 'caller.handed'; at: EpochMs; caller: Handed }
  /** All who are with the daemon, as read after ARI was (re)connected. */
  | { type: 'callers.seen'; at: EpochMs; callers: Handed[] }
  /** ARI's StasisEnd: the caller is with the daemon no more. */
  | { type: 'caller.back'; at: EpochMs; leg: LegId }
  /** ARI's ChannelDtmfReceived and PlaybackFinished, of a caller who is with the daemon; RecordingFinished and RecordingFailed. */
  | { type: 'key.pressed'; at: EpochMs; leg: LegId; key: string }
  | { type: 'sound.ended'; at: EpochMs; sound: string }
  | { type: 'voice.recorded'; at: EpochMs; name: string; ok: boolean }
  /** MixMonitorStart, MixMonitorStop and MixMonitorMute: the dialplan records what `leg` says and hears. */
  | { type: 'mix.changed'; at: EpochMs; leg: LegId; state: 'on' | 'paused' | 'resumed' | 'done' }
  /** UserEvent AladdinMessage: a caller has left a message, or has tried to; `name` is that of the recording. */
  | { type: 'message.left'; at: EpochMs; leg: LegId; name: string }
  /** UserEvent AladdinCode: a phone has dialled a feature code, and waits to hear what came of it. */
  | { type: 'code.dialled'; at: EpochMs; leg: LegId; code: FeatureCode; digits: string }

export type MemberFact =
  /**
   * QueueMemberAdded, …Status, …Pause, …Penalty, …Ringinuse: each has the whole member. `set`: somebody has just set this, be it
   * to what it was.
   */
  | { type: 'member.changed'; at: EpochMs; member: MemberSeen; set?: 'pause' | 'penalty' }
  /** QueueMemberRemoved. */
  | { type: 'member.removed'; at: EpochMs; queue: string; member: Member }

/** What the engine tells itself: a time has come. */
export type TimerFact = { type: 'timer.fired'; at: EpochMs; call: CallId; timer: 'settled' }

type NotedFields = {
  tags?: string[]
  note?: string
  data?: Record<string, string>
  wrapUps?: { agent: string; code: string; queue?: string; at: string }[]
}

/** What the engine tells itself: this is what is noted on a call from now on. */
export type NotedFact = { type: 'call.noted'; at: EpochMs; call: CallId; notes: NotedFields }

export type Fact = PbxFact | TimerFact | NotedFact
