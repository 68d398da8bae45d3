/** What always holds of calls, as numbered in docs/states.md. Each function answers with what is broken. */
import type { EpochMs } from '../../src/base/ids.js'
import { isLive, isOpen, isTalk, type Call, type Segment } from '../../src/calls/state.js'
import { viewCall } from '../../src/calls/view.js'
import type { PbxState } from '../../src/engine/state.js'
import type { Heard } from './recording.js'

/** As docs/states.md has them; a test compares the two. */
export const INVARIANTS: Record<string, string> = {
  I1: 'a leg is in exactly one call',
  I2: 'a leg is in its call once',
  I3: 'whatever a call names is a leg of the call',
  I4: 'segments of a leg do not overlap',
  I5: 'a talk has two legs or more, a conference three',
  I6: 'nothing ends before it begins',
  I7: 'a leg is in a bridge, or in a place, or in neither; a leg that is gone is in neither',
  I8: 'a call in which two can talk is answered',
  I9: 'a live call has a live leg',
  I10: 'with a call, every leg, offer, segment, visit, transfer and survey ends, each with its outcome',
  I11: 'nothing in an ended call is before its start or after its end',
  I12: 'the shares of an ended call add up to its length',
  I13: 'a bridge is in one call',
  I14: 'a merged id answers with the call it has become part of',
  I15: 'each event of a call is its next revision: none is left out, none comes twice',
  I16: '`call.started`, `call.answered`, `call.ended` and `call.recorded` are told once',
  I17: 'an ended call does not change but by `call.revised`',
  I18: 'a merged call is told of no more',
  I19: 'the newest event of a call has the call as it is, to the byte',
}
const named = (number: string) => `${number} ${INVARIANTS[number] ?? ''}`

type Check = (call: Call) => unknown

const legsNamed = (call: Call) => [
  ...call.offers.map(o => o.leg),
  ...call.segments.flatMap(s => s.legs),
  ...call.queues.flatMap(v => [v.leg, v.party ?? v.leg, v.answeredBy ?? v.leg]),
  ...call.transfers.flatMap(t => [t.by, t.from ?? t.by, t.answeredBy ?? t.by]),
  ...call.hangups.map(h => h.leg),
  ...(call.survey ? [call.survey.leg, call.survey.of ?? call.survey.leg] : []),
]
const spans = (call: Call): { startedAt: EpochMs; endedAt?: EpochMs }[] => [
  ...call.legs,
  ...call.offers,
  ...call.segments,
  ...call.transfers,
  ...call.queues.map(v => ({ startedAt: v.joinedAt, ...(v.leftAt === undefined ? {} : { endedAt: v.leftAt }) })),
]
const leastLegs = ({ kind }: Segment) => (kind === 'conference' ? 3 : isTalk({ kind }) ? 2 : 1)

function overlap(call: Call): boolean {
  return call.legs.some(({ id }) => {
    const own = call.segments.filter(s => s.legs.includes(id)).sort((a, b) => a.startedAt - b.startedAt)
    return own.some((s, i) => i > 0 && s.startedAt < (own[i - 1]?.endedAt ?? Infinity))
  })
}

const endOf = ({ progress }: Call) => (progress.state === 'ended' ? progress.endedAt : undefined)
const whenEnded =
  (check: (call: Call, endedAt: EpochMs) => unknown): Check =>
  call => {
    const endedAt = endOf(call)
    return endedAt === undefined || check(call, endedAt)
  }

/** Each says what holds. */
const OF_A_CALL: Record<string, Check> = {
  I2: ({ legs }) => new Set(legs.map(l => l.id)).size === legs.length,
  I3: call => legsNamed(call).every(leg => call.legs.some(l => l.id === leg)),
  I4: call => !overlap(call),
  I5: ({ segments }) => segments.every(s => s.legs.length >= leastLegs(s) && new Set(s.legs).size === s.legs.length),
  I6: call => spans(call).every(s => (s.endedAt ?? s.startedAt) >= s.startedAt),
  I7: ({ legs }) =>
    legs.every(l => (l.bridge === undefined || l.place === undefined) && (isLive(l) || (!l.bridge && !l.place))),
  I8: ({ progress, segments }) => 'answeredAt' in progress || !segments.some(s => isOpen(s) && isTalk(s)),
  I9: ({ progress, legs }) => progress.state === 'ended' || legs.some(isLive),
  I10: whenEnded(
    call =>
      !call.legs.some(isLive) &&
      !call.segments.some(isOpen) &&
      call.offers.every(o => o.result !== undefined && o.endedAt !== undefined) &&
      call.queues.every(v => v.outcome !== undefined && v.leftAt !== undefined) &&
      call.transfers.every(t => t.outcome !== undefined && t.endedAt !== undefined) &&
      (call.survey === undefined || call.survey.outcome !== undefined),
  ),
  I11: whenEnded((call, endedAt) =>
    spans(call).every(s => s.startedAt >= call.startedAt && (s.endedAt ?? s.startedAt) <= endedAt),
  ),
  I12: whenEnded(call => {
    const { times = {}, durationMs = -1, talkedMs = -1, heldMs = -1 } = viewCall(call)
    const sum = Object.values<number>(times).reduce((a, b) => a + b, 0)
    return sum === durationMs && talkedMs >= 0 && heldMs >= 0 && talkedMs <= durationMs && heldMs <= durationMs
  }),
}

export const brokenInvariants = (call: Call): string[] =>
  Object.entries(OF_A_CALL).flatMap(([number, holds]) => (holds(call) ? [] : [`${call.id}: ${named(number)}`]))

/** Of all that an engine knows. */
export function brokenInState(state: PbxState): string[] {
  const calls = [...state.calls.values()]
  const legs = calls.flatMap(call => call.legs.map(l => [l.id, call.id] as const))
  const broken = calls.flatMap(brokenInvariants)
  if (new Map(legs).size !== legs.length) broken.push(named('I1'))
  if (legs.some(([leg, call]) => state.callOf.get(leg) !== call)) broken.push(named('I1'))
  const bridged = calls.flatMap(call => call.legs.flatMap(l => (l.bridge ? [[l.bridge, call.id] as const] : [])))
  if (bridged.some(([bridge, call]) => state.callIn.get(bridge) !== call)) broken.push(named('I13'))
  if (state.callIn.size !== new Map(bridged).size) broken.push(named('I13'))
  const merged = calls.flatMap(call => (call.mergedFrom ?? []).map(id => [id, call.id] as const))
  if (merged.some(([id, into]) => state.mergedInto.get(id) !== into)) broken.push(named('I14'))
  return broken
}

/** Of a state after what has changed was published: `newest` has the text of each call in its newest event. */
export function brokenPublished(state: PbxState, newest: ReadonlyMap<string, string>): string[] {
  const calls = [...state.calls.values(), ...state.recorded.values()].filter(call => call.revision > 0)
  return calls.flatMap(call => {
    const [event, now] = [newest.get(call.id) ?? 'no event', JSON.stringify(viewCall(call))]
    return event === now ? [] : [`${call.id}: ${named('I19')}: ${event} is not ${now}`]
  })
}

/** Of what was told: events of each call in their order. */
export function brokenPromises(events: readonly Heard[]): string[] {
  const broken: string[] = []
  for (const id of new Set(events.map(e => e.call.id))) {
    const told = events.filter(e => e.call.id === id)
    const say = (number: string) => broken.push(`${id}: ${named(number)}`)
    if (told.some(({ call }, i) => call.revision !== i + 1)) say('I15')
    const count = (type: string) => told.filter(e => e.type === type).length
    for (const once of ['call.started', 'call.answered', 'call.ended', 'call.recorded']) if (count(once) > 1) say('I16')
    const ended = told.findIndex(e => e.type === 'call.ended')
    const after = ended < 0 ? [] : told.slice(ended + 1)
    if (after.some(e => e.type !== 'call.recorded' && e.type !== 'call.revised')) say('I17')
    const merged = told.findIndex(e => e.call.mergedInto !== undefined)
    if (merged >= 0 && merged < told.length - 1) say('I18')
  }
  return broken
}
