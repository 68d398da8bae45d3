/**
 * Visits to queues: who waits where, whose phones ring for them, and with what outcome they leave. No event of Asterisk's
 * says the outcome; it is put together from what several do, and marked as inferred where they leave a choice. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { QueueOutcome } from '../events/call-parts.js'
import type { LegFact, QueueStatus } from '../pbx/facts.js'
import { isSameQueue } from '../base/queue-map.js'
import { nowhere } from './bridges.js'
import { cutOr, withoutGivingUp } from './offers.js'
import { halvesBefore, partyFor } from './paths.js'
import { changedOne, isLive, isOpen, isParty, isTalk, legOf, withLeg, withOpenOffer } from './state.js'
import type { Call, Leg, Segment, Visit } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>
type Fits = (visit: Visit) => boolean

const withVisit = (call: Call, fits: Fits, change: (visit: Visit) => Visit): Call => {
  const queues = changedOne(call.queues, fits, change)
  return queues === call.queues ? call : { ...call, queues }
}
/** What is told of a leg in a queue is of its last visit there. */
const isOf =
  (leg: LegId, queue: string): Fits =>
  v =>
    v.leg === leg && isSameQueue(v.queue, queue)

const withUndecided = (call: Call, leg: LegId, queue: string, change: (visit: Visit) => Visit): Call =>
  withVisit(call, isOf(leg, queue), v => (v.outcome === undefined ? change(v) : v))

export function queueJoined(call: Call, { at, leg: id, queue, position }: Of<'queue.joined'>): Call {
  const leg = legOf(call, id)
  if (!leg || !isLive(leg) || isIn(leg, queue)) return call
  const visit: Visit = { queue, leg: id, joinedAt: at, ...(position === undefined ? {} : { position }) }
  const before = leg.place?.kind === 'queue' ? outOf(call, id, leg.place.name, at) : call
  const waits = withLeg(before, id, l => ({ ...nowhere(l), place: { kind: 'queue', name: queue } }))
  return { ...waits, queues: [...waits.queues, visit] }
}

const isIn = (leg: Leg, queue: string) => leg.place?.kind === 'queue' && isSameQueue(leg.place.name, queue)

/** The leg waits there no more. */
function outOf(call: Call, leg: LegId, queue: string, at: EpochMs, position?: number): Call {
  const left = withVisit(
    call,
    v => v.leg === leg && isSameQueue(v.queue, queue) && v.leftAt === undefined,
    v => ({ ...v, leftAt: at, ...(position === undefined ? {} : { leftPosition: position }) }),
  )
  return withLeg(left, leg, l => (isIn(l, queue) ? withoutPlace(l) : l))
}

const withoutPlace = ({ place: _, ...leg }: Leg): Leg => leg

/** Whoever has hung up by then has given up. */
export function queueLeft(call: Call, { at, leg, queue, position }: Of<'queue.left'>): Call {
  const left = outOf(call, leg, queue, at, position)
  return left === call ? call : givenUp(left, leg, queue)
}

export function queueAbandoned(call: Call, { leg, queue }: Of<'queue.abandoned'>): Call {
  const told = withUndecided(call, leg, queue, v => (v.abandoned ? v : { ...v, abandoned: true }))
  return givenUp(told, leg, queue)
}

function givenUp(call: Call, leg: LegId, queue: string): Call {
  const asked = legOf(call, leg)?.hangupAsked
  if (asked === undefined || asked === 'pbx') return call
  return withUndecided(call, leg, queue, v => ({ ...v, outcome: 'abandoned' }))
}

const OUTCOME_OF: Record<QueueStatus, QueueOutcome | undefined> = {
  TIMEOUT: 'timeout',
  FULL: 'full',
  JOINEMPTY: 'join-empty',
  JOINUNAVAIL: 'join-empty',
  LEAVEEMPTY: 'leave-empty',
  LEAVEUNAVAIL: 'leave-empty',
  WITHDRAW: 'withdrawn',
  EXITWITHKEY: 'exit-key',
  // The talk is over, or the caller has hung up: the visit is decided by then.
  CONTINUE: undefined,
}
const TURNED_AWAY: ReadonlySet<QueueOutcome> = new Set(['full', 'join-empty'])

/** Whoever is turned away never joined: the visit has no length. */
export function queueExplained(call: Call, { at, leg, queue: named, status }: Of<'queue.explained'>): Call {
  const outcome = OUTCOME_OF[status]
  const there = legOf(call, leg)
  const queue = named ?? call.queues.findLast(v => v.leg === leg)?.queue
  if (outcome === undefined || queue === undefined || !there || (!isLive(there) && call.progress.state !== 'ended'))
    return call
  const explained = ({ guessed: _, ...v }: Visit): Visit => ({ ...v, outcome })
  const decided = withVisit(outOf(call, leg, queue, at), isOf(leg, queue), v =>
    v.outcome === undefined || v.guessed ? explained(v) : v,
  )
  if (outcome === 'withdrawn') return withoutGivingUp(decided)
  if (decided !== call || !TURNED_AWAY.has(outcome) || !isLive(there)) return decided
  const again = call.queues.some(v => v.leg === leg && isSameQueue(v.queue, queue) && v.joinedAt === at)
  return again ? call : { ...call, queues: [...call.queues, { queue, leg, joinedAt: at, leftAt: at, outcome }] }
}

/** The member's leg, and every phone that is dialled behind it. */
export function agentCalled(call: Call, { queue, phone, member }: Of<'agent.called'>): Call {
  const name: { member?: string } = member.name === '' ? {} : { member: member.name }
  const rings = (leg: Leg) => leg.id === phone || halvesBefore(call, leg).some(half => half.id === phone)
  // Its queue may be known by then, from who dials it.
  const isNamed = ({ queue: of, member: known }: Leg) =>
    of !== queue || known !== undefined || name.member === undefined
  const isNew = (l: Leg) => rings(l) && (l.queue === undefined || !isNamed(l))
  if (!call.legs.some(l => isNew(l) && isLive(l))) return call
  const rung = call.legs.filter(isNew)
  const legs = call.legs.map(l => (rung.includes(l) ? { ...l, queue, ...name } : l))
  const via = (id: LegId) => (id === phone ? {} : { via: phone })
  return rung.reduce((next, { id }) => withOpenOffer(next, id, o => ({ ...o, queue, ...via(id) })), { ...call, legs })
}

/** After a pickup `phone` is the one that took the call. A caller who had hung up before has given up, though app_queue counts an answer. */
export function agentConnected(call: Call, { at, leg, queue, phone, member }: Of<'agent.connected'>): Call {
  const left = namedBehind(outOf(call, leg, queue, at), queue, phone, member.name)
  if (legOf(left, leg)?.hangupAsked === 'far-side') return givenUp(left, leg, queue)
  const answering = legOf(left, phone)
  const answeredBy = answering && isParty(answering) ? { answeredBy: phone } : {}
  const named = member.name === '' ? {} : { member: member.name }
  return withVisit(left, isOf(leg, queue), v =>
    v.outcome === 'answered' ? v : { ...v, outcome: 'answered', ...answeredBy, ...named },
  )
}

/**
 * Where a member's phone has sent the call on, the queue rings a Local channel of which it tells nothing: it names the member only when it has
 * connected them.
 */
function namedBehind(call: Call, queue: string, half: LegId, member: string): Call {
  const isNameless = (leg: Leg) =>
    leg.queue === queue && leg.member === undefined && halvesBefore(call, leg).some(({ id }) => id === half)
  if (member === '' || !call.legs.some(isNameless)) return call
  return { ...call, legs: call.legs.map(leg => (isNameless(leg) ? { ...leg, member } : leg)) }
}

/** Mostly the end of the dial has been told by then, and its cause says more. */
export const agentUnanswered = (call: Call, { at, phone }: Of<'agent.unanswered'>): Call =>
  withOpenOffer(call, phone, o => ({ ...o, endedAt: at, result: cutOr(call, legOf(call, phone), 'no-answer') }))

/** Visits that can be decided by where the leg is now: nobody has told, or nobody will any more. */
export function decideVisits(call: Call, at: EpochMs): Call {
  if (!call.queues.some(visit => isUnfinished(visit) || isTooLate(call, visit))) return call
  let inferred = call.inferred === true
  const queues = call.queues.map(visit => {
    if (isTooLate(call, visit)) return gaveUp(visit)
    if (!isUnfinished(visit)) return visit
    const again = isInAgain(call, visit)
    if (!again && isWaiting(call, visit)) return waitingFor(call, visit)
    const gone: Visit = visit.leftAt === undefined ? { ...visit, leftAt: at } : visit
    const isWith = (s: Segment) => isTalk(s) && isOpen(s) && s.legs.includes(visit.party ?? visit.leg)
    const talk = again ? undefined : call.segments.findLast(isWith)
    const decided = visit.outcome === undefined ? decidedBy(call, visit, talk) : undefined
    if (decided?.guess) inferred = true
    const guessed = decided?.guess ? { guessed: true as const } : {}
    return creditedTo(decided ? { ...gone, outcome: decided.outcome, ...guessed } : gone, talk)
  })
  if (queues.every((visit, i) => visit === call.queues[i])) return call
  return inferred ? { ...call, queues, inferred } : { ...call, queues }
}

/** The queue has connected a caller who had hung up before they came to the agent: nobody has talked. */
const isTooLate = (call: Call, { leg, outcome, leftAt }: Visit) =>
  outcome === 'answered' &&
  legOf(call, leg)?.hungUpFirst === true &&
  !call.segments.some(s => isTalk(s) && s.legs.includes(leg) && s.startedAt >= (leftAt ?? 0))

const gaveUp = ({ answeredBy: _, member: __, ...visit }: Visit): Visit => ({ ...visit, outcome: 'abandoned' })

const isUnfinished = ({ outcome, leftAt, answeredBy }: Visit) =>
  outcome === undefined || leftAt === undefined || (outcome === 'answered' && answeredBy === undefined)

/** The leg has come into a queue since, the same or another: what it does now is no part of this visit. */
const isInAgain = ({ queues }: Call, visit: Visit) => queues.findLast(({ leg }) => leg === visit.leg) !== visit

function isWaiting(call: Call, { leg, queue }: Visit): boolean {
  const waiting = legOf(call, leg)
  return waiting !== undefined && isLive(waiting) && isIn(waiting, queue)
}

/** Behind a Local pair it is a party that waits, and another once the pair has been handed over to it. */
function waitingFor(call: Call, visit: Visit): Visit {
  const leg = legOf(call, visit.leg)
  const party = leg && leg.kind === 'local' ? partyFor(call, leg)?.id : undefined
  return party === undefined || party === visit.party ? visit : { ...visit, party }
}

/** Behind a Local pair it is the talk that shows who answered. */
function creditedTo(visit: Visit, talk: Segment | undefined): Visit {
  const answeredBy = talk?.legs.find(l => l !== (visit.party ?? visit.leg))
  return visit.outcome === 'answered' && visit.answeredBy === undefined && answeredBy ? { ...visit, answeredBy } : visit
}

/**
 * The queue has let the phones go as for a caller who hangs up, and nobody did: the PBX has ended the call (`TIMEOUT(absolute)`), or led the
 * caller on. A queue whose own time is over says first that the phones have not answered.
 */
function isLedOut(call: Call, { queue, joinedAt, abandoned }: Visit): boolean {
  if (!abandoned) return false
  const isFor = (l: { queue?: string; startedAt: EpochMs }) =>
    l.queue !== undefined && isSameQueue(l.queue, queue) && l.startedAt >= joinedAt
  return (
    call.legs.some(l => l.kind === 'local' && l.dialEnd === 'CANCEL' && isFor(l)) ||
    call.offers.some(o => o.via === undefined && o.result === 'caller-gave-up' && isFor(o))
  )
}

type Decided = { outcome: QueueOutcome; guess: boolean }

function decidedBy(call: Call, visit: Visit, talk: Segment | undefined): Decided | undefined {
  const leg = legOf(call, visit.leg)
  if (!leg) return { outcome: 'left', guess: true }
  if (leg.reason === 'lost' || leg.stopping) return { outcome: 'lost', guess: false }
  const led = isLedOut(call, visit)
  const unsaid: QueueOutcome = visit.leftAt === undefined || led ? 'left' : visit.abandoned ? 'timeout' : 'exit-key'
  if (isInAgain(call, visit)) return { outcome: unsaid, guess: true }
  if (!isLive(leg)) {
    if (led) return { outcome: 'abandoned', guess: leg.hangupAsked === undefined }
    const gaveUp = visit.leftAt === undefined && leg.hangupAsked !== undefined && leg.hangupAsked !== 'pbx'
    return gaveUp ? { outcome: 'abandoned', guess: false } : { outcome: unsaid, guess: true }
  }
  if (talk) return { outcome: 'answered', guess: true }
  const elsewhere =
    leg.place !== undefined || call.offers.some(o => o.result === undefined && isDialledBy(call, o.leg, leg))
  return elsewhere ? { outcome: unsaid, guess: true } : undefined
}

const isDialledBy = (call: Call, dialled: LegId, by: Leg) => {
  const leg = legOf(call, dialled)
  return leg?.by === by.id && leg.queue === undefined
}
