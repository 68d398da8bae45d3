/**
 * One agent and one fact about them make the next agent, and the stretch of time that ended, where the state is another now.
 * Pure and total: a fact that comes twice changes nothing, and no time is in two states or in none.
 */
import type { EpochMs } from '../base/ids.js'
import { unreachable } from '../base/result.js'
import type { MemberFact, MemberSeen, PhoneState } from '../pbx/facts.js'
import { desiredOf, isMet, type Desired } from './desired.js'
import {
  adopted,
  isOwn,
  withBeside,
  onlyOfMembers,
  withMemberHeld,
  withMembersSeen,
  withoutAutoPause,
  withoutLifted,
  withoutMemberHeld,
  type Sent,
} from './holds.js'
import type { Skill } from './skills.js'
import {
  memberKey,
  membersOf,
  phoneOf,
  restOf,
  stateOf,
  type Agent,
  type Asking,
  type ForNow,
  type LegAt,
  type Now,
  type Wanted,
  type Why,
} from './state.js'

export type AgentPolicy = {
  /** So many misses in a row make an agent not ready; 0: never. */
  missesUntilNotReady: number
  /** How long a phone may be gone before its agent is not ready. */
  phoneGoneMs: number
}

export type AgentFact = { at: EpochMs } & (
  | { type: 'asked'; asking: Asking }
  /** The PBX does not do what was asked for. */
  | { type: 'asking.failed' }
  | { type: 'members.seen'; members: readonly MemberSeen[] }
  /** `sent`: what the daemon has asked the PBX to do with it, and was not shown before. */
  | (MemberFact & { sent?: Sent })
  | { type: 'legs.changed'; legs: readonly LegAt[] }
  /** An offer of a queue's was not answered. */
  | { type: 'missed' }
  | { type: 'phone.changed'; phone: PhoneState }
  | { type: 'pbx.away' }
  /** The PBX is there, and has what it should have, as far as it can be had. */
  | { type: 'pbx.back' }
  | ({ type: 'wrap-up.ended' } & Why)
  | { type: 'wrap-up.extended'; byMs: number }
  /** They have given a wrap-up code for this call. */
  | { type: 'wrap-up.coded'; call: string }
  /** The directory is another: of the queues of their calls and their wrap-up, these require a code. */
  | { type: 'codes.required'; queues: readonly string[] }
  | { type: 'time.came' }
)

export type Ended = Now & { to: EpochMs; extension?: string }
export type AgentStep = { next: Agent; ended?: Ended }

export function reduceAgent(was: Agent, fact: AgentFact, skills: readonly Skill[], policy: AgentPolicy): AgentStep {
  const before = desiredOf(was, skills)
  const { next, why } = settled(marked(was, changed(was, fact, policy, before, skills), fact, skills), fact, skills)
  return next === was ? { next } : enter(was, pausedAnew(next, before, desiredOf(next, skills)), fact.at, why)
}

/** A pause that another program has lifted is lifted until the daemon wants another one. */
const pausedAnew = (next: Agent, was: Desired | undefined, now: Desired | undefined) =>
  was?.paused === now?.paused && was?.reason === now?.reason ? next : withoutLifted(next)

type Changed = { next: Agent; why: Why }

/** What is there when somebody signs in, and what comes later: which of it is another program's. */
function marked(was: Agent, { next, why }: Changed, fact: AgentFact, skills: readonly Skill[]): Changed {
  if (fact.type === 'asked')
    return fact.asking.do === 'sign-in'
      ? { next: withBeside(next, undefined, desiredOf(next, skills)), why }
      : { next, why }
  if (fact.type !== 'member.changed' && fact.type !== 'members.seen') return { next, why }
  return {
    next: withBeside(next, was, desiredOf(next, skills), fact.type === 'member.changed' ? fact.sent : undefined),
    why,
  }
}
const CALL: Why = { cause: 'call' }
const PBX: Why = { cause: 'pbx' }
const TIMER: Why = { cause: 'timer' }
const OUTSIDE: Why = { cause: 'outside' }

function changed(
  was: Agent,
  fact: AgentFact,
  policy: AgentPolicy,
  desired: Desired | undefined,
  skills: readonly Skill[],
): Changed {
  const same = { next: was, why: PBX }
  switch (fact.type) {
    case 'asked':
      return isAdoption(fact.asking)
        ? { next: adopting({ ...was, asking: fact.asking }, fact.asking.wanted, skills), why: fact.asking }
        : { next: asked(was, fact.asking), why: fact.asking }
    case 'asking.failed':
      return { next: withoutAsked(was), why: PBX }
    case 'members.seen':
      return { next: withMembersSeen(was, fact.members, desired), why: OUTSIDE }
    case 'member.changed':
      return { next: withMemberHeld(was, fact, desired), why: OUTSIDE }
    case 'member.removed':
      return { next: withoutMember(was, fact), why: PBX }
    case 'legs.changed':
      return { next: withLegs(was, fact.legs, fact.at), why: CALL }
    case 'missed':
      return missed(was, policy)
    case 'phone.changed':
      return { next: withPhone(was, fact.phone, fact.at, policy), why: PBX }
    case 'pbx.away':
      return was.away || !phoneOf(was) ? same : { next: { ...was, away: true }, why: PBX }
    case 'pbx.back': {
      const { away, ...next } = was
      return away ? { next: onlyOfMembers(next), why: PBX } : same
    }
    case 'wrap-up.ended':
      return { next: overNow(was, { cause: fact.cause, ...(fact.by === undefined ? {} : { by: fact.by }) }), why: fact }
    case 'wrap-up.extended':
      return was.wrapUp && !was.wrapUp.over
        ? { next: { ...was, wrapUp: { ...was.wrapUp, until: (was.wrapUp.until + fact.byMs) as EpochMs } }, why: PBX }
        : same
    case 'wrap-up.coded':
      return coded(was, fact.call, fact.at)
    case 'codes.required':
      return required(was, fact.queues, fact.at)
    case 'time.came':
      return timeCame(was, fact.at)
    default:
      return unreachable(fact)
  }
}

/** What is asked for during a call or a wrap-up is what comes next; to be ready ends the wrap-up. */
function asked(before: Agent, asking: Asking): Agent {
  if (asking.do === 'workgroups') return { ...withoutPenalties(before, asking.forNow), asking }
  const isReady = (asking.do === 'be' || asking.do === 'sign-in') && asking.wanted.state === 'ready'
  const free = isReady ? withoutAutoPause(before) : before
  // Not ready is said again: what another program has unpaused is paused again.
  const was = asking.do === 'be' ? withoutLifted(free) : free
  if (asking.do !== 'be' || (was.legs.length === 0 && !was.wrapUp)) return { ...was, asking }
  const next: Agent = { ...was, wanted: asking.wanted, next: whyOf(asking) }
  return asking.wanted.state === 'ready' && was.legs.length === 0 ? overNow(next, asking) : next
}

const whyOf = ({ cause, by }: Why): Why => (by === undefined ? { cause } : { cause, by })

function withoutAsking({ asking: _, ...agent }: Agent): Agent {
  return agent
}

/** Of a sign-in that failed, what the PBX has done of it is to be undone. */
function withoutAsked({ asking, ...agent }: Agent): Agent {
  return asking?.do === 'sign-in' ? { ...agent, asking: { do: 'sign-out', at: asking.signIn, cause: 'pbx' } } : agent
}

const overNow = (was: Agent, why: Why): Agent =>
  was.wrapUp && !was.wrapUp.over ? { ...was, wrapUp: { ...was.wrapUp, over: whyOf(why) } } : was

type SignInAsked = Extract<Asking, { do: 'sign-in' }>
const isAdoption = (asking: Asking): asking is SignInAsked => asking.do === 'sign-in' && asking.cause === 'pbx'

/** Whom the PBX has already: pauses that are like ours are taken as such. */
function adopting(was: Agent, wanted: Wanted, skills: readonly Skill[]): Agent {
  const reasons = ['wrap-up', ...(wanted.state === 'not-ready' ? [wanted.reason] : [])]
  const desired = desiredOf(was, skills)
  return adopted(withBeside(was, undefined, desired), reasons, desired)
}

/** A level that a supervisor gives counts, whatever another program has set before; of other members the daemon does not set it. */
function withoutPenalties(was: Agent, { added }: ForNow): Agent {
  const given = added.filter(skill => !was.forNow.added.includes(skill)).map(({ workgroup }) => workgroup)
  if (!was.penalties || given.length === 0) return was
  const set = new Set(membersOf(was).flatMap(m => (given.includes(m.queue) && isOwn(m, was) ? [memberKey(m)] : [])))
  return { ...was, penalties: Object.fromEntries(Object.entries(was.penalties).filter(([key]) => !set.has(key))) }
}

function withoutMember(was: Agent, { queue, member, sent }: Extract<AgentFact, { type: 'member.removed' }>): Agent {
  const key = memberKey({ queue, interface: member.interface })
  const gone = was.members[key]
  if (!gone) return was
  const next = withoutMemberHeld(was, key)
  const ours = isOwn(gone, was)
  const isElsewhere = membersOf(next).some(other => other.queue === queue)
  // By another way than ours: nobody puts them back before they sign in again.
  if (was.asking || was.away || sent?.removes || isElsewhere || !ours || !phoneOf(was)) return next
  if (was.forNow.removed.includes(queue)) return next
  return {
    ...next,
    forNow: { added: was.forNow.added.filter(s => s.workgroup !== queue), removed: [...was.forNow.removed, queue] },
  }
}

/** The last leg is gone: after a call that was answered comes its wrap-up. */
function withLegs(was: Agent, legs: readonly LegAt[], at: EpochMs): Agent {
  const answered = legs.find(leg => leg.answered && leg.doing !== 'ringing')
  const next: Agent = {
    ...was,
    legs,
    ...(answered && {
      last: { call: answered.call, ...(answered.queue === undefined ? {} : { queue: answered.queue }) },
    }),
    ...(answered?.queue === undefined ? {} : { misses: 0 }),
  }
  // A call that comes in a wrap-up ends it.
  if (answered && was.wrapUp) delete next.wrapUp
  const done = was.legs.filter(leg => leg.answered && !legs.some(other => other.call === leg.call))
  const longest = done.toSorted((a, b) => b.wrapUpMs - a.wrapUpMs)[0]
  const uncoded = done.find(leg => leg.codeRequired && leg.call !== was.coded)
  if (legs.length > 0 || !longest || (longest.wrapUpMs === 0 && !uncoded)) return next
  const { call, queue } = uncoded ?? longest
  const until = (at + longest.wrapUpMs) as EpochMs
  const of = { until, call, ...(queue === undefined ? {} : { queue }) }
  return { ...next, wrapUp: uncoded ? { ...of, codeRequired: true } : of }
}

/** A wrap-up whose time is up has waited for it. */
function coded(was: Agent, call: string, at: EpochMs): Changed {
  const isTheirs = was.wrapUp?.call === call || was.legs.some(leg => leg.call === call)
  const next: Agent = isTheirs ? { ...was, coded: call } : was
  if (was.wrapUp?.call !== call || !was.wrapUp.codeRequired) return { next, why: TIMER }
  const { codeRequired: _, ...wrapUp } = was.wrapUp
  return timeCame({ ...next, wrapUp }, at)
}

/** A wrap-up waits for a code only as long as one is required. One that has begun without is not made to wait. */
function required(was: Agent, queues: readonly string[], at: EpochMs): Changed {
  const isRequired = (queue: string | undefined) => queue !== undefined && queues.includes(queue)
  const isRight = was.legs.every(leg => (leg.codeRequired === true) === isRequired(leg.queue))
  const legs = was.legs.map(({ codeRequired: _, ...leg }): LegAt =>
    isRequired(leg.queue) ? { ...leg, codeRequired: true } : leg,
  )
  const next = isRight ? was : { ...was, legs }
  if (!was.wrapUp?.codeRequired || isRequired(was.wrapUp.queue)) return { next, why: TIMER }
  const { codeRequired: _, ...wrapUp } = was.wrapUp
  return timeCame({ ...next, wrapUp }, at)
}

function missed(was: Agent, { missesUntilNotReady: most }: AgentPolicy): Changed {
  if (!phoneOf(was)) return { next: was, why: PBX }
  const next: Agent = { ...was, misses: was.misses + 1 }
  const tooMany = most > 0 && next.misses >= most && was.wanted.state === 'ready'
  return { next: tooMany ? notReady(next, 'missed-calls') : next, why: CALL }
}

/** Not asked for by anybody: counts when the PBX shows it, or, should something be under way, after that. */
function notReady(was: Agent, cause: 'missed-calls' | 'phone-gone'): Agent {
  const wanted = { state: 'not-ready', reason: cause } as const
  if (was.asking) return { ...was, wanted, next: { cause } }
  return asked(was, { do: 'be', wanted, cause })
}

const isGone = (phone: PhoneState | undefined) => phone === 'unavailable' || phone === 'invalid'

function withPhone(was: Agent, phone: PhoneState, at: EpochMs, { phoneGoneMs }: AgentPolicy): Agent {
  if (was.phone === phone) return was
  const { phoneGoneAt, ...next } = { ...was, phone, phoneSince: at }
  if (!isGone(phone) || !phoneOf(was)) return next
  return { ...next, phoneGoneAt: phoneGoneAt ?? ((at + phoneGoneMs) as EpochMs) }
}

function timeCame(was: Agent, at: EpochMs): Changed {
  const { wrapUp, phoneGoneAt } = was
  let next = was
  if (wrapUp && !wrapUp.over && !wrapUp.codeRequired && wrapUp.until <= at) next = overNow(next, TIMER)
  if (phoneGoneAt !== undefined && phoneGoneAt <= at) {
    const { phoneGoneAt: _, ...rest } = next
    next = rest.wanted.state === 'ready' && isGone(rest.phone) ? notReady(rest, 'phone-gone') : rest
  }
  return { next, why: TIMER }
}

/** What was asked for, and the end of a wrap-up, count once the queues have it like that. */
function settled({ next: was, why: given }: Changed, { at }: AgentFact, skills: readonly Skill[]): Changed {
  let [next, why] = [was, given]
  const { asking } = next
  const desired = desiredOf(next, skills)
  if (asking && (!desired || (!next.away && isMet(next, desired, asking.do === 'be' ? 'pauses' : 'all')))) {
    next = fulfilled(withoutAsking(next), asking, at)
    why = asking
  }
  const after = next.wrapUp?.over ? desiredOf(next, skills) : undefined
  if (next.wrapUp?.over && (!after || isMet(next, after, 'pauses'))) {
    why = next.wrapUp.over
    const { wrapUp: _, ...rest } = next
    next = rest
  }
  return { next, why }
}

function fulfilled(was: Agent, asking: Asking, at: EpochMs): Agent {
  switch (asking.do) {
    case 'be':
      return { ...was, wanted: asking.wanted, misses: asking.wanted.state === 'ready' ? 0 : was.misses }
    case 'workgroups':
      return { ...was, forNow: asking.forNow }
    case 'sign-out': {
      const { signedIn: _, phone: __, phoneSince: ___, phoneGoneAt: ____, wrapUp: _____, ...left } = was
      const { holds: ______, penalties: _______, last: ________, beside: _________, ...rest } = left
      return { ...rest, legs: [], misses: 0, members: {}, forNow: { added: [], removed: [] } }
    }
    case 'sign-in':
      return {
        ...was,
        signedIn: { ...asking.signIn, at },
        wanted: asking.wanted,
        misses: 0,
      }
  }
}

/** Time never goes back: a fact of an earlier time than the state's counts from then. */
function enter(was: Agent, to: Agent, at: EpochMs, given: Why): AgentStep {
  const is = stateOf(to)
  const { now } = was
  const { next: asked, ...rest } = to
  const isAtRest = is.state === 'ready' || is.state === 'not-ready'
  const [next, asker] = asked && isAtRest ? [rest, asked] : [to, given]
  const why = isAtRest && restOf(to).outside ? OUTSIDE : asker
  if (is.state === now.state && is.reason === now.reason) {
    return { next: is.call === now.call || now.call !== undefined ? next : { ...next, now: { ...now, ...is } } }
  }
  const since = Math.max(at, now.since) as EpochMs
  const extension = phoneOf(was)?.extension
  return {
    next: { ...next, now: { ...is, since, ...whyOf(why) } },
    ended: { ...now, to: since, ...(extension === undefined ? {} : { extension }) },
  }
}
