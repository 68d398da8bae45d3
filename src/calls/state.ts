/**
 * The live call: one id for life, its legs (every channel that belongs to it), the attempts to reach phones (offers)
 * and what followed what (segments). Plain data, so that it can be stored and read back as it is. Pure.
 */
import type { BridgeId, CallId, EpochMs, LegId, PbxId } from '../base/ids.js'
import type { OfferResult, Party } from '../events/call-parts.js'
import type { Direction, EndedBy, Outcome } from '../events/call.js'
import type { ChannelKind } from '../pbx/channel-name.js'
import type { HangupAsked, LegState } from '../pbx/facts.js'

export type Side = 'caller' | 'callee'

export type Leg = {
  id: LegId
  name: string
  /** Only a `party` is somebody; halves of Local pairs belong to the call and keep it alive, but are not shown. */
  kind: ChannelKind
  side: Side
  extension?: string
  trunk?: string
  number: string
  state: LegState | 'gone'
  startedAt: EpochMs
  ringingAt?: EpochMs
  answeredAt?: EpochMs
  endedAt?: EpochMs
  causeQ850?: number
  /** The bridge it is in, unless that is a waiting room. */
  bridge?: BridgeId
  hangupAsked?: HangupAsked
}

export type Offer = {
  leg: LegId
  startedAt: EpochMs
  ringingAt?: EpochMs
  endedAt?: EpochMs
  result?: OfferResult
}

export type Segment = { kind: 'talk'; bridge: BridgeId; legs: LegId[]; startedAt: EpochMs; endedAt?: EpochMs }

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
  to: Party
  startedAt: EpochMs
  revision: number
  legs: Leg[]
  offers: Offer[]
  segments: Segment[]
  progress: Progress
  /** The first hangup that ended it: whose leg, and how it was asked for. */
  hangup?: { leg: LegId; asked: HangupAsked }
  causedBy?: string
  inferred?: true
}

export const isParty = (leg: Leg) => leg.kind === 'party'
export const isLive = (leg: Leg) => leg.state !== 'gone'
export const legOf = (call: Call, id: LegId) => call.legs.find(l => l.id === id)

/** The call with one leg changed; the same call when it has no such leg. */
export const withLeg = (call: Call, id: LegId, change: (leg: Leg) => Leg): Call => ({
  ...call,
  legs: call.legs.map(l => (l.id === id ? change(l) : l)),
})

/** The call with the open offer of a leg changed. */
export const withOpenOffer = (call: Call, leg: LegId, change: (offer: Offer) => Offer): Call => ({
  ...call,
  offers: call.offers.map(o => (o.leg === leg && o.result === undefined ? change(o) : o)),
})
