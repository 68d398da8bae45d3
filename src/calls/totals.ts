/**
 * Sums over the segments of an ended call: how its length divides, how long it was on hold, and what each extension's
 * part was. Pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { AgentShare, SegmentKind, Times } from '../events/call-parts.js'
import { isParty, isTalk, legOf, type Call, type Leg, type Segment } from './state.js'

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

/** How long at least one of them was on hold, whatever the others did. */
export function heldMsOf(call: Call, endedAt: EpochMs): number {
  let sum = 0
  let counted = 0
  for (const { kind, startedAt, endedAt: until = endedAt } of call.segments) {
    if (kind !== 'hold') continue
    sum += Math.max(0, until - Math.max(startedAt, counted))
    counted = Math.max(counted, until)
  }
  return sum
}

/** Who is at a phone: a phone at which somebody else has signed in meanwhile has a share for each of them. */
const seatOf = ({ extension, agent }: Leg) =>
  extension === undefined ? undefined : JSON.stringify([extension, agent ?? null])

/** What belongs to one extension and its agent, all their legs together, in the order in which they came. */
export function sharesOf(call: Call, endedAt: EpochMs): AgentShare[] {
  const shares = new Map<string, AgentShare>()
  const shareOf = (leg: Leg | undefined) => shares.get((leg && seatOf(leg)) ?? '')
  for (const leg of call.legs) {
    const seat = seatOf(leg)
    if (!isParty(leg) || seat === undefined || leg.extension === undefined) continue
    const { extension, agent, member } = leg
    const share = shares.get(seat) ?? {
      ...(agent === undefined ? {} : { agent }),
      ...{ extension, legs: [], talkedMs: 0, heldMs: 0, rangMs: 0 },
    }
    share.legs.push(leg.id)
    if (member !== undefined) share.member ??= member
    shares.set(seat, share)
  }
  for (const segment of call.segments) {
    for (const id of segment.legs) addSegment(shareOf(legOf(call, id)), segment, endedAt)
  }
  for (const offer of call.offers) {
    const share = shareOf(legOf(call, offer.leg))
    if (share && offer.ringingAt !== undefined) share.rangMs += lasted(offer.ringingAt, offer.endedAt ?? endedAt)
  }
  return [...shares.values()]
}

function addSegment(share: AgentShare | undefined, segment: Segment, endedAt: EpochMs) {
  if (!share) return
  const ms = lasted(segment.startedAt, segment.endedAt ?? endedAt)
  if (isTalk(segment)) share.talkedMs += ms
  else if (segment.kind === 'hold') share.heldMs += ms
}
