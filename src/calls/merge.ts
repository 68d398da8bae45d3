/**
 * Two calls that become one: which facts make them one, which of the two goes on, and what the one is then. The shell
 * keeps the calls; here is what it does with them. Pure.
 */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { Notes } from '../events/notes.js'
import type { LegFact } from '../pbx/facts.js'
import { bothPops } from './pop.js'
import { isLive, isParty, isTalk, legOf, type Call, type Leg, type Offer, type Segment } from './state.js'
import { recalledBy } from './transfer.js'

/** What a fact says is one call from now on: the calls of these legs and those in these bridges. */
export type Joined = { legs: readonly LegId[]; bridges: readonly BridgeId[] }

/** Undefined for a fact that is about one call only. */
export function joinedBy(fact: LegFact): Joined | undefined {
  switch (fact.type) {
    case 'bridge.entered':
      return fact.holding ? undefined : { legs: [fact.leg], bridges: [fact.bridge] }
    case 'transfer.attended':
      return fact.into === 'nothing' ? undefined : { legs: [fact.leg, fact.consult], bridges: [] }
    case 'ring.taken':
    case 'spy.begun':
      return { legs: [fact.leg, fact.target], bridges: [] }
    case 'local.joined':
      return { legs: [fact.leg, fact.other], bridges: [] }
    default:
      return undefined
  }
}

/** A call that nobody was told of gives way; then one without a customer; then the younger. */
export function firstGoesOn(a: Call, b: Call): boolean {
  if (a.revision > 0 !== b.revision > 0) return a.revision > 0
  if (hasCustomer(a) !== hasCustomer(b)) return hasCustomer(a)
  if (a.startedAt !== b.startedAt) return a.startedAt < b.startedAt
  return a.id < b.id
}

const hasCustomer = (call: Call) => call.legs.some(l => l.trunk !== undefined)

/**
 * `into` with all that `other` has been. Who called in the other is one of the called in this one. With `asked` (an attended
 * transfer) what was a talk in the younger is a consult: somebody had another on hold meanwhile.
 */
export function merged(into: Call, other: Call, at: EpochMs, asked: boolean): Call {
  const told = other.revision > 0 ? [other.id] : []
  const mergedFrom = [...(into.mergedFrom ?? []), ...told, ...(other.mergedFrom ?? [])]
  const notes = bothNotes(into.notes, other.notes)
  const [routing, survey] = [into.routing ?? other.routing, into.survey ?? other.survey]
  const walk = into.walk ?? other.walk
  const pop = bothPops(into.pop, other.pop)
  const withheld = [...new Set([...(into.withheld ?? []), ...(other.withheld ?? [])])]
  const recordings = inOrder([...(into.recordings ?? []), ...(other.recordings ?? [])])
  return {
    ...into,
    startedAt: earliest(into.startedAt, other.startedAt),
    latestAt: Math.max(into.latestAt, other.latestAt, at) as EpochMs,
    legs: inOrder([...into.legs, ...other.legs.map(leg => calledIn(into, leg))]),
    offers: inOrder([...into.offers, ...other.offers, ...rungFor(into, other)]),
    segments: inOrder([
      ...(asked && isYounger(into, other) ? consulted(into) : into.segments),
      ...(asked && isYounger(other, into) ? consulted(other) : other.segments),
    ]),
    queues: [...into.queues, ...other.queues].sort((a, b) => a.joinedAt - b.joinedAt),
    transfers: inOrder([...into.transfers, ...other.transfers]),
    hangups: [...into.hangups, ...other.hangups],
    ...(mergedFrom.length === 0 ? {} : { mergedFrom }),
    ...(notes === undefined ? {} : { notes }),
    ...(recordings.length === 0 ? {} : { recordings }),
    ...(routing && { routing }),
    ...(survey && { survey }),
    ...(walk && { walk }),
    ...(pop && { pop }),
    ...(withheld.length === 0 ? {} : { withheld }),
    ...(into.inferred || other.inferred ? { inferred: true as const } : {}),
  }
}

/** Whether the fact joins them because somebody has asked one party about another: an attended transfer. */
export function isAsked(fact: LegFact, one: Call, other: Call): boolean {
  if (fact.type === 'transfer.attended') return true
  if (fact.type !== 'bridge.entered' || fact.replaces === undefined) return false
  const replaced = legOf(one, fact.replaces) ?? legOf(other, fact.replaces)
  return replaced !== undefined && isParty(replaced)
}

/** The other, as it is left behind. */
export const mergedAway = (other: Call, into: Call): Call => ({ ...other, mergedInto: into.id })

const earliest = (a: EpochMs, b: EpochMs) => Math.min(a, b) as EpochMs
const inOrder = <T extends { startedAt: EpochMs }>(list: T[]) => list.sort((a, b) => a.startedAt - b.startedAt)
/** A phone that is rung since nobody has answered a transfer is rung for who was transferred. */
function calledIn(into: Call, leg: Leg): Leg {
  const from = recalledBy(into, leg)?.from
  if (from === undefined) return { ...leg, side: 'callee' }
  return { ...leg, side: 'callee', by: from, ...(leg.extension === undefined ? {} : { number: leg.extension }) }
}

/** Whoever was rung without having dialled (a recall, an Originate) was offered the call that it is part of now. */
const rungFor = (into: Call, { legs, offers }: Call): Offer[] =>
  legs
    .filter(l => isParty(l) && isLive(l) && l.dialled === undefined && !offers.some(o => o.leg === l.id))
    .filter(l => l.ringingAt !== undefined || recalledBy(into, l) !== undefined)
    .map(({ id, startedAt, ringingAt, answeredAt }) => ({
      ...{ leg: id, startedAt, ...(ringingAt === undefined ? {} : { ringingAt }) },
      ...(answeredAt === undefined ? {} : { endedAt: answeredAt, result: 'answered' }),
    }))

const isYounger = (a: Call, b: Call) => a.startedAt > b.startedAt || (a.startedAt === b.startedAt && a.id > b.id)
const consulted = (call: Call): Segment[] =>
  call.segments.map(segment => (isTalk(segment) ? { ...segment, kind: 'consult' } : segment))

/** Of a field that both have, the call that goes on keeps its own; notes are one below the other. */
function bothNotes(into: Notes | undefined, other: Notes | undefined): Notes | undefined {
  if (!into || !other) return into ?? other
  const tags = [...new Set([...(into.tags ?? []), ...(other.tags ?? [])])]
  return {
    ...other,
    ...into,
    ...(into.note && other.note ? { note: `${into.note}\n${other.note}` } : {}),
    ...(tags.length === 0 ? {} : { tags }),
    ...(into.wrapUps && other.wrapUps ? { wrapUps: [...other.wrapUps, ...into.wrapUps] } : {}),
    ...(into.data && other.data ? { data: { ...other.data, ...into.data } } : {}),
  }
}
