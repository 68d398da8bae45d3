/**
 * One queue and one fact about it make the next queue. Pure and total: a fact that comes twice changes nothing. Members are
 * what the PBX says they are; who waits, and what came of it, is what the calls say.
 */
import type { CallId, EpochMs, LegId } from '../base/ids.js'
import { unreachable } from '../base/result.js'
import type { MemberFact, MemberSeen, QueueSeen } from '../pbx/facts.js'
import type { Counting, Queue, Waiting } from './state.js'
import { counted, type Counted } from './tally.js'

/** A visit of a call's to this queue. */
export type VisitSeen = Counted & {
  call: CallId
  leg: LegId
  number: string
  e164?: string
  area?: string
  position?: number
  /** The caller has waited there, so the PBX has the queue. */
  waited?: true
}

export type QueueFact =
  | MemberFact
  | { type: 'queue.seen'; at: EpochMs; queue: QueueSeen }
  /** The PBX no longer has it. */
  | { type: 'queue.unseen'; at: EpochMs }
  /**
   * What calls say of their visits, before and now: of one call, of two that have become one, or, with `over`, of one that
   * is recorded, of which nothing is taken back.
   */
  | { type: 'visits.changed'; was: readonly VisitSeen[]; now: readonly VisitSeen[]; over?: true }

export function reduceQueue(was: Queue, fact: QueueFact, counting: Counting): Queue {
  switch (fact.type) {
    case 'member.changed':
      return there(withMember(was, fact.member))
    case 'member.removed':
      return without(was, fact.member.interface)
    case 'queue.seen':
      return seen(was, fact.queue, counting)
    case 'queue.unseen':
      return unseen(was)
    case 'visits.changed':
      return withVisits(was, fact, counting)
    default:
      return unreachable(fact)
  }
}

/** The PBX has it. */
function there(queue: Queue): Queue {
  if (!queue.unknown) return queue
  const { unknown: _, ...known } = queue
  return known
}

/** By its interface, which a queue has once. */
function withMember(queue: Queue, member: MemberSeen): Queue {
  const at = queue.members.findIndex(m => m.interface === member.interface)
  const was = queue.members[at]
  if (was && isSame(was, member)) return queue
  return { ...queue, members: was ? queue.members.with(at, member) : [...queue.members, member] }
}

function without(queue: Queue, place: string): Queue {
  const members = queue.members.filter(m => m.interface !== place)
  return members.length === queue.members.length ? queue : { ...queue, members }
}

function isSame(a: MemberSeen, b: MemberSeen) {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof MemberSeen>
  return [...keys].every(key => a[key] === b[key])
}

function seen(
  queue: Queue,
  { name, strategy, serviceLevelMs, members, waiting = [] }: QueueSeen,
  counting: Counting,
): Queue {
  const order = new Map(waiting.map((entry, i) => [entry.leg, { i, priority: entry.priority }]))
  const now = queue.waiting
    .map(w => ({ ...w, ...(order.has(w.leg) && { priority: order.get(w.leg)?.priority ?? 0 }) }))
    .sort((a, b) => (order.get(a.leg)?.i ?? Infinity) - (order.get(b.leg)?.i ?? Infinity) || 0)
  return {
    ...there(queue),
    name,
    strategy,
    serviceLevelMs: serviceLevelMs ?? counting.serviceLevelMs,
    members,
    waiting: now,
  }
}

function unseen(queue: Queue): Queue {
  const { strategy, ...rest } = queue
  // A list may be older than a queue in which somebody waits by now.
  const isGone = queue.unknown !== true && queue.waiting.length === 0
  if (strategy === undefined && queue.members.length === 0 && !isGone) return queue
  return { ...rest, members: [], ...(isGone && { unknown: true }) }
}

function withVisits(queue: Queue, fact: Extract<QueueFact, { type: 'visits.changed' }>, counting: Counting): Queue {
  const { was, now, over } = fact
  const waiting = waitingNow(queue.waiting, was, now)
  if (over) return { ...queue, waiting }
  const known = now.some(visit => visit.waited) ? there(queue) : queue
  const out = was.reduce((q, visit) => counted(q, visit, -1, counting), known)
  return { ...now.reduce((q, visit) => counted(q, visit, 1, counting), out), waiting }
}

const isOpen = (visit: VisitSeen) => visit.leftAt === undefined && visit.outcome === undefined
const waits = ({ call, leg, number, joinedAt, e164, area }: VisitSeen): Waiting => ({
  call,
  leg,
  number,
  joinedAt,
  ...(e164 === undefined ? {} : { e164 }),
  ...(area === undefined ? {} : { area }),
})

/** Whoever waited already keeps the place, though the call may be another now; who comes is put where the PBX has put them. */
function waitingNow(waiting: readonly Waiting[], was: readonly VisitSeen[], now: readonly VisitSeen[]): Waiting[] {
  const calls = new Set([...was, ...now].map(({ call }) => call))
  const fresh = now.filter(isOpen)
  const next = waiting.flatMap(w => {
    if (!calls.has(w.call)) return [w]
    const still = fresh.findIndex(visit => visit.joinedAt === w.joinedAt)
    const priority = w.priority === undefined ? {} : { priority: w.priority }
    return still < 0 ? [] : fresh.splice(still, 1).map(visit => ({ ...waits(visit), ...priority }))
  })
  for (const visit of fresh)
    next.splice(visit.position === undefined ? next.length : visit.position - 1, 0, waits(visit))
  return next
}
