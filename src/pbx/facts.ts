/**
 * What a PBX told us, normalised, in its order. AMI and ARI both speak in these, so the core knows neither.
 * `at` is the PBX's own time where it sends one (AMI needs `timestampevents=yes`), else the time of arrival.
 * The Asterisk event behind each fact is named beside it.
 */
import type { BridgeId, CallId, EpochMs, LegId } from '../base/ids.js'

/** A caller id as the PBX has it: both may be empty, and both come from outside. */
export type CallerId = { number: string; name: string }

export type LegState = 'down' | 'ringing' | 'up'

/** One channel of a snapshot (CoreShowChannels). */
export type ChannelSeen = {
  leg: LegId
  linked: LegId
  name: string
  state: LegState
  caller: CallerId
  exten: string
  bridge?: BridgeId
  /** When the channel was created. */
  since: EpochMs
}

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
  | 'ABORT'

export type LegFact = {
  at: EpochMs
  /** The same in microseconds, where the PBX says it: of two facts it tells which was first. */
  atUs?: number
  leg: LegId
  /** Concluded from a snapshot, not told as it happened. */ inferred?: true
} & (
  | {
      /** Newchannel. `linked` is the oldest leg that Asterisk sees it together with; a proposal, never a key. */
      type: 'channel.created'
      linked: LegId
      name: string
      state: LegState
      caller: CallerId
      exten: string
    }
  /** Newstate. */
  | { type: 'channel.changed'; state: LegState }
  /**
   * DialBegin; `leg` is the dialled one, `by` the dialling one, which an Originate does not have. `shown`: the number that
   * the dialled phone is shown, which for an Originate of ours is the one it is to dial.
   */
  | { type: 'dial.begun'; by?: LegId; dialled: string; shown: string }
  /** DialEnd; may come twice, or without a beginning, or not at all. */
  | { type: 'dial.ended'; by?: LegId; status: DialStatus; forwardedTo?: string }
  /** BridgeEnter. `holding`: a waiting room (parking, announcements), where nobody talks. */
  | { type: 'bridge.entered'; bridge: BridgeId; holding: boolean; replaces?: LegId }
  /** BridgeLeave. */
  | { type: 'bridge.left'; bridge: BridgeId; holding?: boolean }
  /**
   * HangupRequest (the far side) and SoftHangupRequest (the PBX, or somebody through it). AMI's Hangup raises neither, so
   * the engine tells of its own commands itself, before it sends them.
   */
  | { type: 'hangup.asked'; by: HangupAsked; causeQ850?: number }
  /** The engine's own: the command it has told of was not taken. */
  | { type: 'hangup.withdrawn' }
  /** Hangup. `lost`: the PBX no longer knows the channel and never said why. */
  | { type: 'channel.gone'; causeQ850?: number; lost?: true }
)

export type PbxFact =
  | LegFact
  /** OriginateResponse: what became of an Originate that had this ActionID. `leg` is missing if none was made. */
  | { type: 'originate.ended'; at: EpochMs; actionId: string; ok: boolean; leg?: LegId }
  /** Every channel there is, as read after a (re)connect. What it does not hold, exists no more. */
  | { type: 'pbx.seen'; at: EpochMs; channels: ChannelSeen[] }
  /** `link`: AMI, by which calls are followed, unless told. */
  | { type: 'link.up'; at: EpochMs; version: string; link?: 'ari' }
  /** `at`: until when everything was heard, which may be earlier than it was noticed. */
  | { type: 'link.down'; at: EpochMs; reason: string; link?: 'ari' }

/** What the engine tells itself: a time has come. */
export type TimerFact = { type: 'timer.fired'; at: EpochMs; call: CallId; timer: 'settled' }

export type Fact = PbxFact | TimerFact
