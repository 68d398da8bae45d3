/**
 * The live call: one id for life, its legs (every channel that belongs to it), the attempts to reach phones (offers), its
 * visits to queues, its transfers, and what its legs did and do (segments). Plain data, so that it can be stored and read
 * back as it is. Pure.
 */
import type { BridgeId, CallId, EpochMs, LegId, PbxId } from '../base/ids.js'
import type {
  LegReason,
  OfferResult,
  Party,
  QueueOutcome,
  SegmentKind,
  TransferKind,
  TransferOutcome,
} from '../events/call-parts.js'
import type { Direction, EndedBy, Outcome } from '../events/call.js'
import type { Notes } from '../events/notes.js'
import type { CallPop } from '../events/pop.js'
import type { ChannelKind } from '../pbx/channel-name.js'
import type { DialStatus, HangupAsked, LegState, ListenMode, Routed, Stage, Surveyed, Walk } from '../pbx/facts.js'

export type Side = 'caller' | 'callee'

/** Where a leg is that is with nobody: in a queue, parked, in a part of the dialplan that has told of itself. */
export type Place = { kind: 'queue' | 'park' | Stage; name: string }

export type Leg = {
  id: LegId
  name: string
  /** Only a `party` is somebody; halves of Local pairs belong to the call and keep it alive, but are not shown. */
  kind: ChannelKind
  side: Side
  extension?: string
  trunk?: string
  number: string
  /** The number it dialled, where it began a call. */
  dialled?: string
  state: LegState | 'gone'
  startedAt: EpochMs
  ringingAt?: EpochMs
  answeredAt?: EpochMs
  endedAt?: EpochMs
  causeQ850?: number
  /** Who dialled it. */
  by?: LegId
  /** The other half of its Local pair. */
  pair?: LegId
  /** The staff id of the agent who is signed in at its phone, however the call came there. */
  agent?: string
  /** The queue that rang it, and the name that the queue has for its member. */
  queue?: string
  member?: string
  /** The workgroup for which it rings, where no queue does: for a caller's own agent. */
  workgroup?: string
  /** The bridge it is in, unless that is a waiting room, and the conference that the bridge is. */
  bridge?: BridgeId
  room?: string
  place?: Place
  /** What came of dialling it, where it is half of a Local pair. */
  dialEnd?: DialStatus
  /** Its phone has put the others on hold, or a command has: then it is known who hears music. */
  holding?: true
  holds?: LegId
  /** That it rings has been told with what a screen pop needs. */
  offered?: true
  /** By command, the others hear nothing of it. */
  muted?: true
  /** It listens to the call and is no party of it; by command, it may be heard by one, or by all. */
  monitor?: true
  hears?: LegId
  mode?: ListenMode
  /** Who has asked for that. */
  askedBy?: string
  hangupAsked?: HangupAsked
  /** The PBX hangs it up because it is being stopped. */
  stopping?: true
  /** Its far side had hung up when it came into its bridge: it is led to nobody. */
  hungUpFirst?: true
  /** Why it will end or has ended, once known. */
  reason?: LegReason
}

export type Offer = {
  leg: LegId
  queue?: string
  /** The half of a Local pair that the queue rings, where the phone is behind it: all phones behind it are rung once. */
  via?: LegId
  startedAt: EpochMs
  ringingAt?: EpochMs
  endedAt?: EpochMs
  result?: OfferResult
  forwardedTo?: string
}

/** `name`: the queue, the parking space, the conference or the menu. All legs are in it from its start to its end. */
export type Segment = { kind: SegmentKind; legs: LegId[]; name?: string; startedAt: EpochMs; endedAt?: EpochMs }

export type Visit = {
  queue: string
  leg: LegId
  /** Who waits, where the leg is half of a Local pair. */
  party?: LegId
  joinedAt: EpochMs
  position?: number
  leftAt?: EpochMs
  leftPosition?: number
  outcome?: QueueOutcome
  answeredBy?: LegId
  /** The name that the queue has for the member whose phone or Local channel it was connected to. */
  member?: string
  /** The outcome was concluded; should it be told yet, that counts. */
  guessed?: true
  /** The queue has let go of the caller without an answer: a hangup, or the time, or nobody left to answer. */
  abandoned?: true
}

export type Transfer = {
  /** That of the command that asked for it; see `idOfTransfer`. */
  id?: string
  kind: TransferKind
  by: LegId
  from?: LegId
  to: Party
  /** When it was asked for; until the PBX has carried it out, that is when it began, too, and `asked` says how far it is. */
  askedAt?: EpochMs
  asked?: Asked
  /** The half of a Local pair through which the PBX asks whom it is to. */
  via?: LegId
  /** The phone that rang for it when it was carried out. */
  target?: LegId
  /** A command takes it back. */
  takenBack?: true
  startedAt: EpochMs
  endedAt?: EpochMs
  outcome?: TransferOutcome
  answeredBy?: LegId
}

/** What became of a transfer that was asked for, so far: whom it is to has not been rung, rings, or talks with whoever asked. */
export type Asked = 'asked' | 'ringing' | 'consulting'

/** For a leg, what the other side says and hears; it ends with either of the two at the latest. */
export type Recording = {
  name: string
  leg: LegId
  /** The other side, which is heard. */
  of?: LegId
  /** Whom it is of, where the leg is half of a Local pair. */
  party?: LegId
  /** The dialplan has begun it; the file as the PBX names it. */
  by?: 'dialplan'
  file?: string
  state: 'on' | 'paused' | 'done'
  startedAt: EpochMs
  endedAt?: EpochMs
}

export type Progress =
  | { state: 'started' }
  | { state: 'ringing'; ringingAt: EpochMs }
  | { state: 'talking'; ringingAt?: EpochMs; answeredAt: EpochMs }
  | ({ state: 'ended'; ringingAt?: EpochMs; answeredAt?: EpochMs } & Ending)

export type Ending = { endedAt: EpochMs; outcome: Outcome; endedBy: EndedBy; causeQ850?: number }

export type Call = {
  id: CallId
  pbx: PbxId
  direction: Direction
  from: Party
  /** Who called as the trunk said, where the dialplan has set another number since. */
  announced?: Party
  /** Numbers of its caller that must not be shown: for what has them in its name, and never told. */
  withheld?: string[]
  to: Party
  startedAt: EpochMs
  /** The latest time in it: nothing that is told afterwards is earlier. */
  latestAt: EpochMs
  revision: number
  legs: Leg[]
  offers: Offer[]
  segments: Segment[]
  queues: Visit[]
  transfers: Transfer[]
  progress: Progress
  /** Somebody is on hold, and the talk has not gone on since. */
  onHold?: true
  /** Hangups in the order in which they were asked for. */
  hangups: { leg: LegId; asked: HangupAsked }[]
  causedBy?: string
  mergedInto?: CallId
  mergedFrom?: CallId[]
  notes?: Notes
  recordings?: Recording[]
  /** Legs that a command makes, which will listen. */
  monitors?: { leg: LegId; by: string }[]
  /** By command, nobody else can be brought in. */
  locked?: true
  /** What its caller is asked after the talk; without `startedAt`, they are on their way there. */
  survey?: Surveyed
  /** The way of its caller through the menus. */
  walk?: Walk
  /** Where its caller was sent when they came in. */
  routing?: Routed
  /** What was told of it where it rang, with each phone that it was offered to. */
  pop?: CallPop
  inferred?: true
}

/** A phone or a trunk, which is somebody, unless it only listens. */
export const isParty = (leg: Leg) => leg.kind === 'party' && leg.monitor === undefined
export const isLive = (leg: Leg) => leg.state !== 'gone'
export const legOf = (call: Pick<Call, 'legs'>, id: LegId) => call.legs.find(l => l.id === id)

/** A talk of any kind: two or more can hear each other. */
export const isTalk = ({ kind }: Pick<Segment, 'kind'>) =>
  kind === 'talk' || kind === 'conference' || kind === 'consult'
export const isOpen = (segment: Segment) => segment.endedAt === undefined

/** The call with one leg changed; the same call when it has no such leg, or the leg stays the same. */
export function withLeg(call: Call, id: LegId, change: (leg: Leg) => Leg): Call {
  const legs = changedOne(call.legs, l => l.id === id, change)
  return legs === call.legs ? call : { ...call, legs }
}

/** The call with the open offer of a leg changed. */
export function withOpenOffer(call: Call, leg: LegId, change: (offer: Offer) => Offer): Call {
  const offers = changedOne(call.offers, o => o.leg === leg && o.result === undefined, change)
  return offers === call.offers ? call : { ...call, offers }
}

/** The list with the last of those that fit changed; the same list when there is none, or it stays the same. */
export function changedOne<T>(list: T[], fits: (item: T) => boolean, change: (item: T) => T): T[] {
  const at = list.findLastIndex(fits)
  const item = list[at]
  if (item === undefined) return list
  const next = change(item)
  return next === item ? list : list.with(at, next)
}
