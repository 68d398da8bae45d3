/**
 * Sums over the segments of an ended call: how its length divides, how long it was on hold, and what each extension's
 * part was. Pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { AgentShare, SegmentKind, Times } from '../events/call-parts.js'
import { isParty, isTalk, type Call, type Leg, type Offer, type Segment } from './state.js'

/** Never negative, whatever order the PBX's stamps came in. */
export const lasted = (from: EpochMs, to: EpochMs) => Math.max(0, to - from)

/** The share that a moment belongs to: the first of those whose segments are open then. */
const SHARE_OF: Record<SegmentKind, keyof Times> = {
  talk: 'talkMs',
  conference: 'talkMs',
  consult: 'consultMs',
  hold: 'holdMs',
  park: 'parkMs',
  queue: 'queueMs',
  offer: 'ringMs',
  voicemail: 'voicemailMs',
  ivr: 'ivrMs',
  survey: 'ivrMs',
  fax: 'ivrMs',
}
const noTime = (): Times => ({
  talkMs: 0,
  consultMs: 0,
  holdMs: 0,
  parkMs: 0,
  queueMs: 0,
  ringMs: 0,
  voicemailMs: 0,
  ivrMs: 0,
  otherMs: 0,
})
/** The first counts where several are open. */
const ORDER = Object.keys(noTime()) as (keyof Times)[]

/** The length of the call, divided: between two moments at which a segment begins or ends, one share has it all. */
export function timesOf(call: Call, endedAt: EpochMs): Times {
  const times = noTime()
  const segments = call.segments.map(s => ({ from: s.startedAt, until: s.endedAt ?? endedAt, share: SHARE_OF[s.kind] }))
  const moments = [call.startedAt, endedAt, ...segments.flatMap(s => [s.from, s.until])].sort((a, b) => a - b)
  for (const [i, from] of moments.entries()) {
    const until = moments[i + 1]
    if (until === undefined || until === from) continue
    const open = segments.filter(s => s.from <= from && s.until >= until)
    const share = ORDER.find(name => open.some(s => s.share === name)) ?? 'otherMs'
    times[share] += until - from
  }
  return times
}

type Span = { from: EpochMs; until: EpochMs }
const spanOf = ({ startedAt, endedAt }: Pick<Segment, 'startedAt' | 'endedAt'>, end: EpochMs): Span => ({
  from: startedAt,
  until: endedAt ?? end,
})

/** How long there was at least one of them: what overlaps counts once. */
function unionOf(spans: readonly Span[]): number {
  let sum = 0
  let counted = 0
  for (const { from, until } of spans.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, until - Math.max(from, counted))
    counted = Math.max(counted, until)
  }
  return sum
}

/** Who is at a phone: a phone at which somebody else has signed in meanwhile has a share for each of them. */
const seatOf = ({ extension, agent }: Leg) =>
  extension === undefined ? undefined : JSON.stringify([extension, agent ?? null])

/** How long at least one of them was on hold, whatever the others did. */
export const heldMsOf = (call: Call, endedAt: EpochMs): number =>
  unionOf(call.segments.filter(({ kind }) => kind === 'hold').map(s => spanOf(s, endedAt)))

/**
 * What belongs to one extension and its agent, all their legs together, in the order in which they came. Two of its phones at once
 * count once.
 */
export function sharesOf(call: Call, endedAt: EpochMs): AgentShare[] {
  const seats = new Map<string, Leg[]>()
  for (const leg of call.legs) {
    const seat = seatOf(leg)
    if (!isParty(leg) || seat === undefined) continue
    seats.set(seat, [...(seats.get(seat) ?? []), leg])
  }
  return [...seats.values()].map(legs => shareOf(call, endedAt, legs))
}

function shareOf(call: Call, endedAt: EpochMs, legs: readonly Leg[]): AgentShare {
  const ids = legs.map(({ id }) => id)
  const { extension, agent } = legs[0] ?? {}
  const member = legs.find(leg => leg.member !== undefined)?.member
  const own = call.segments.filter(s => s.legs.some(id => ids.includes(id)))
  const lastedIn = (segments: readonly Segment[]) => unionOf(segments.map(s => spanOf(s, endedAt)))
  return {
    ...(extension === undefined ? {} : { extension }),
    ...(agent === undefined ? {} : { agent }),
    ...(member === undefined ? {} : { member }),
    legs: ids,
    talkedMs: lastedIn(own.filter(isTalk)),
    heldMs: lastedIn(own.filter(({ kind }) => kind === 'hold')),
    rangMs: unionOf(call.offers.flatMap(offer => rangIn(offer, legs, endedAt))),
  }
}

/** Until somebody picks up, whether they take the call or not. */
function rangIn({ leg: id, ringingAt, endedAt }: Offer, legs: readonly Leg[], end: EpochMs): Span[] {
  const leg = legs.find(l => l.id === id)
  if (!leg || ringingAt === undefined) return []
  const over = endedAt ?? end
  return [{ from: ringingAt, until: Math.min(over, leg.answeredAt ?? over) as EpochMs }]
}
