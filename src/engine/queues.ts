/**
 * The queues of one PBX: what the PBX says of their members, and what the calls say of their visits, goes to the reducer of
 * each queue that it is about. Changes the state it is given and touches nothing else.
 */
import { Value } from 'typebox/value'
import type { EpochMs } from '../base/ids.js'
import { placeOf, wayOf, type Site } from '../calls/site.js'
import { isTalk, legOf, type Call, type Leg } from '../calls/state.js'
import { QueueSchema, type QueueView } from '../events/queue.js'
import type { Fact, MemberFact, QueueSeen } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { isSameQueue, queueKey } from '../base/queue-map.js'
import { reduceQueue, type QueueFact, type VisitSeen } from '../queues/reduce.js'
import { isTurnedAway } from '../queues/tally.js'
import { newQueue, storedQueue, type Queue } from '../queues/state.js'
import type { Applied } from './apply.js'
import {
  isPublished,
  isTally,
  type PbxState,
  type StoredPublished,
  type StoredTally,
  type StoredThing,
  type Visited,
} from './state.js'

type Into = Pick<Applied, 'queues' | 'tallied'>

/** Under which name its numbers are stored; no call and no item to be followed up has a slash there. */
export const tallyKey = (queue: string) => `queue/${queue}`

/** Under which name it is stored what its newest event has. */
export const publishedKey = (queue: string) => `published/${queue}`

export function storedPublished(state: PbxState, name: string): StoredPublished | undefined {
  const published = state.queues.get(name)?.published
  return published === undefined ? undefined : { id: publishedKey(name), published }
}

export function storedTally(state: PbxState, name: string): StoredTally | undefined {
  const queue = state.queues.get(name)
  return queue && { id: tallyKey(name), queue: storedQueue(queue) }
}

const byAge = ({ queue: a }: StoredTally, { queue: b }: StoredTally) =>
  a.day.date < b.day.date ? -1 : a.day.date > b.day.date ? 1 : a.revision - b.revision

/** As the store has them, with whoever waits in a live call; the members are told by the PBX. */
export function restoreQueues(site: Site, state: PbxState, things: Iterable<StoredThing>) {
  const stored = [...things]
  for (const { queue } of stored.filter(isTally).sort(byAge)) {
    const was = state.queues.get(queue.name)?.name
    // In two writings, where the dialplan's was stored once: the newer one counts.
    if (was !== undefined && was !== queue.name) {
      state.stale.push(tallyKey(was), publishedKey(was))
      state.queues.delete(was)
    }
    state.queues.set(queue.name, { ...newQueue(site.pbx, queue.name, site.counting), ...queue })
  }
  for (const thing of stored.filter(isPublished)) restorePublished(state, thing)
  const waiting = [...state.calls.values()]
    .flatMap(call => visitsOf(site, call))
    .sort((a, b) => a.joinedAt - b.joinedAt)
  state.visited.length = 0
  const into = { queues: new Set<string>(), tallied: new Set<string>() }
  for (const { queue, position: _, ...visit } of waiting)
    apply(site, state, queue, { type: 'visits.changed', was: [], now: [visit], over: true }, into)
}

function restorePublished(state: PbxState, { id, published }: StoredPublished) {
  const queue = state.queues.get(id.slice(publishedKey('').length))
  const view = queueOfText(published)
  if (queue && view?.name === queue.name && view.revision === queue.revision)
    state.queues.set(queue.name, { ...queue, published })
}

/** Undefined where it is none, as this version has them. */
function queueOfText(text: string): QueueView | undefined {
  try {
    const view: unknown = JSON.parse(text)
    return Value.Check(QueueSchema, view) ? view : undefined
  } catch {
    return undefined
  }
}

export const heardOfMember = (site: Site, state: PbxState, fact: MemberFact, into: Into) =>
  apply(site, state, fact.type === 'member.changed' ? fact.member.queue : fact.queue, fact, into)

/** All there are, as the PBX has them now. */
export function seenQueues(site: Site, state: PbxState, seen: readonly QueueSeen[], at: EpochMs, into: Into) {
  for (const queue of seen) apply(site, state, queue.name, { type: 'queue.seen', at, queue }, into)
  const names = new Set(seen.map(({ name }) => queueKey(name)))
  for (const name of state.queues.keys())
    if (!names.has(queueKey(name))) apply(site, state, name, { type: 'queue.unseen', at }, into)
}

/** What became of visits since the last time. */
export function takeVisits(site: Site, state: PbxState, into: Into) {
  for (const visited of state.visited.splice(0)) takeVisit(site, state, visited, into)
}

/** As the PBX writes the queue of which the dialplan has told. */
export function withQueueNamed(state: PbxState, fact: Fact): Fact {
  if (fact.type !== 'queue.explained' || fact.queue === undefined) return fact
  const queue = state.queues.nameOf(fact.queue)
  return queue === fact.queue ? fact : { ...fact, queue }
}

function takeVisit(site: Site, state: PbxState, { was, now }: Visited, into: Into) {
  const before = was.flatMap(call => visitsOf(site, call))
  const after = now ? visitsOf(site, now) : []
  const over = now === undefined ? { over: true as const } : {}
  for (const queue of new Set([...before, ...after].map(visit => state.queues.nameOf(visit.queue)))) {
    const of = (visits: typeof before) => visits.filter(visit => isSameQueue(visit.queue, queue))
    if (!apply(site, state, queue, { type: 'visits.changed', was: of(before), now: of(after), ...over }, into)) continue
    if (now) into.tallied.add(queue)
  }
}

/** As the PBX has it, and what follows from it. */
function numberOf(site: Site, leg: Leg | undefined): Pick<VisitSeen, 'number' | 'e164' | 'area'> {
  const number = shownOf(leg)
  return { number, ...placeOf(site, number, leg && wayOf(leg)) }
}

/** Whoever waits to be called back is on no line: they are whom the pair of channels is to dial. */
const shownOf = (leg: Leg | undefined) => leg?.number || (leg?.id.startsWith(OWN_LEG) === true ? leg.dialled : '') || ''

const visitsOf = (site: Site, call: Call): (VisitSeen & { queue: string })[] => [
  ...call.queues.map(({ queue, leg, party, joinedAt, position, leftAt, outcome }) => ({
    queue,
    call: call.id,
    leg: party ?? leg,
    ...numberOf(site, legOf(call, party ?? leg)),
    joinedAt,
    ...(position === undefined ? {} : { position }),
    ...(leftAt === undefined ? {} : { leftAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(isTurnedAway(outcome) ? {} : { waited: true as const }),
  })),
  ...broughtTo(site, call),
]

/**
 * What routing has brought past the queue counts for the workgroup, too: answered by the caller's own agent, or given up while
 * that phone rang. Where it goes on to the queue, that visit counts.
 */
const broughtTo = (site: Site, call: Call): (VisitSeen & { queue: string })[] =>
  call.offers.flatMap(({ leg: id, endedAt: leftAt, result }) => {
    const rung = call.routing?.workgroup === undefined ? undefined : legOf(call, id)
    const queue = rung?.workgroup
    const talked = result === 'answered' && call.segments.some(s => isTalk(s) && s.legs.includes(id))
    const outcome = talked ? 'answered' : result === 'caller-gave-up' ? 'abandoned' : undefined
    if (queue === undefined || outcome === undefined || leftAt === undefined) return []
    const caller = rung?.by === undefined ? undefined : legOf(call, rung.by)
    // Who picks the call up takes it from the phone that rang: the caller has waited since then.
    const theirs = call.offers.filter(({ leg }) => legOf(call, leg)?.workgroup === queue)
    const joinedAt = Math.min(...theirs.map(({ startedAt }) => startedAt)) as EpochMs
    return [{ queue, call: call.id, leg: caller?.id ?? id, ...numberOf(site, caller), joinedAt, leftAt, outcome }]
  })

/** Until the PBX shows that it has it. */
const anUnknown = (site: Site, name: string): Queue => ({ ...newQueue(site.pbx, name, site.counting), unknown: true })

function apply(site: Site, state: PbxState, name: string, fact: QueueFact, into: Into): boolean {
  const was: Queue = state.queues.get(name) ?? anUnknown(site, name)
  const next = reduceQueue(was, fact, site.counting)
  if (next === was) return false
  // The PBX says how it is written; a visit may have come first, with the name that the dialplan has.
  if (fact.type === 'queue.seen' && next.name !== was.name) state.queues.delete(name)
  state.queues.set(next.name, next)
  into.queues.add(next.name)
  return true
}
