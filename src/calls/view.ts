/** The call as everybody outside sees it: times as text, Local halves left out, sums added. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { LegView } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'
import { iso } from '../events/event.js'
import { isParty, legOf, type Call, type Leg, type Offer, type Segment } from './state.js'

/** `{ key: text }`, or nothing where the time is not known. */
const time = <K extends string>(key: K, at: EpochMs | undefined) =>
  (at === undefined ? {} : { [key]: iso(at) }) as { [P in K]?: string }

const maybe = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }

export function viewCall(call: Call): CallView {
  const { progress } = call
  const answeredAt = 'answeredAt' in progress ? progress.answeredAt : undefined
  const ended = progress.state === 'ended' ? progress : undefined
  return {
    id: call.id,
    pbx: call.pbx,
    revision: call.revision,
    state: progress.state,
    direction: call.direction,
    from: call.from,
    to: call.to,
    startedAt: iso(call.startedAt),
    ...time('ringingAt', 'ringingAt' in progress ? progress.ringingAt : undefined),
    ...time('answeredAt', answeredAt),
    ...time('endedAt', ended?.endedAt),
    ...maybe('waitedMs', answeredAt && lasted(call.startedAt, answeredAt)),
    ...(ended && {
      durationMs: lasted(call.startedAt, ended.endedAt),
      talkedMs: call.segments.reduce((sum, s) => sum + lasted(s.startedAt, s.endedAt ?? ended.endedAt), 0),
      outcome: ended.outcome,
      endedBy: ended.endedBy,
      ...maybe('causeQ850', ended.causeQ850),
    }),
    ...maybe('inferred', call.inferred),
    ...maybe('causedBy', call.causedBy),
    legs: call.legs.filter(isParty).map(viewLeg),
    offers: call.offers.map(o => viewOffer(o, legOf(call, o.leg))),
    segments: call.segments.map(viewSegment),
    queues: [],
    transfers: [],
    agents: [],
  }
}

/** Never negative, whatever order the PBX's stamps came in. */
const lasted = (from: EpochMs, to: EpochMs) => Math.max(0, to - from)

const viewLeg = (leg: Leg): LegView => ({
  id: leg.id,
  channel: leg.name,
  side: leg.side,
  state: leg.state,
  ...maybe('extension', leg.extension),
  ...maybe('trunk', leg.trunk),
  number: leg.number,
  startedAt: iso(leg.startedAt),
  ...time('ringingAt', leg.ringingAt),
  ...time('answeredAt', leg.answeredAt),
  ...time('endedAt', leg.endedAt),
  ...maybe('causeQ850', leg.causeQ850),
})

const viewOffer = (offer: Offer, leg: Leg | undefined): CallView['offers'][number] => ({
  leg: offer.leg,
  ...maybe('extension', leg?.extension),
  number: leg?.number ?? '',
  startedAt: iso(offer.startedAt),
  ...time('ringingAt', offer.ringingAt),
  ...time('endedAt', offer.endedAt),
  ...maybe('result', offer.result),
})

const viewSegment = (s: Segment): CallView['segments'][number] => ({
  kind: s.kind,
  legs: s.legs,
  startedAt: iso(s.startedAt),
  ...time('endedAt', s.endedAt),
  ...maybe('durationMs', s.endedAt && lasted(s.startedAt, s.endedAt)),
})
