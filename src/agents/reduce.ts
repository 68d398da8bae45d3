/**
 * One agent and one fact about them make the next agent, and the stretch of time that ended, where the state is another now.
 * Pure and total: a fact that comes twice changes nothing, and no time is in two states or in none.
 */
import type { EpochMs } from '../base/ids.js'
import { unreachable } from '../base/result.js'
import type { MemberFact, MemberSeen, PhoneState } from '../pbx/facts.js'
import { desiredOf, isMet } from './desired.js'
import type { Skill } from './skills.js'
import { phoneOf, stateOf, type Agent, type Asking, type LegAt, type Now, type Why } from './state.js'

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
  | MemberFact
  | { type: 'legs.changed'; legs: readonly LegAt[] }
  /** An offer of a queue's was not answered. */
  | { type: 'missed' }
  | { type: 'phone.changed'; phone: PhoneState }
  | { type: 'pbx.away' }
  /** The PBX is there, and has what it should have, as far as it can be had. */
  | { type: 'pbx.back' }
  | ({ type: 'wrap-up.ended' } & Why)
  | { type: 'wrap-up.extended'; byMs: number }
  | { type: 'time.came' }
)

export type Ended = Now & { to: EpochMs; extension?: string }
export type AgentStep = { next: Agent; ended?: Ended }

export function reduceAgent(was: Agent, fact: AgentFact, skills: readonly Skill[], policy: AgentPolicy): AgentStep {
  const { next, why } = settled(changed(was, fact, policy), fact, skills)
  return next === was ? { next } : enter(was, next, fact.at, why)
}

type Changed = { next: Agent; why: Why }
const CALL: Why = { cause: 'call' }
const PBX: Why = { cause: 'pbx' }
const TIMER: Why = { cause: 'timer' }

function changed(was: Agent, fact: AgentFact, policy: AgentPolicy): Changed {
  const same = { next: was, why: PBX }
  switch (fact.type) {
    case 'asked':
      return { next: asked(was, fact.asking), why: fact.asking }
    case 'asking.failed':
      return { next: withoutAsked(was), why: PBX }
    case 'members.seen':
      return { next: { ...was, members: Object.fromEntries(fact.members.map(m => [m.queue, m])) }, why: PBX }
    case 'member.changed':
      return { next: withMember(was, fact.member), why: PBX }
    case 'member.removed':
      return { next: withoutMember(was, fact.queue), why: PBX }
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
      return away ? { next, why: PBX } : same
    }
    case 'wrap-up.ended':
      return { next: overNow(was, { cause: fact.cause, ...(fact.by === undefined ? {} : { by: fact.by }) }), why: fact }
    case 'wrap-up.extended':
      return was.wrapUp && !was.wrapUp.over
        ? { next: { ...was, wrapUp: { ...was.wrapUp, until: (was.wrapUp.until + fact.byMs) as EpochMs } }, why: PBX }
        : same
    case 'time.came':
      return timeCame(was, fact.at)
    default:
      return unreachable(fact)
  }
}

/** What is asked for during a call or a wrap-up is what comes next; to be ready ends the wrap-up. */
function asked(was: Agent, asking: Asking): Agent {
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

/** Paused or not by another way than ours: that is taken as it is, where nothing of ours is under way. */
function withMember(was: Agent, member: MemberSeen): Agent {
  const before = was.members[member.queue]
  const next: Agent = { ...was, members: { ...was.members, [member.queue]: member } }
  const ours = was.asking || was.away || was.legs.length > 0 || was.wrapUp || !phoneOf(was)
  if (ours || !before || before.paused === member.paused) return next
  if (Object.values(next.members).some(m => m.paused !== member.paused)) return next
  if (member.paused === (was.wanted.state === 'not-ready')) return next
  const reason = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(member.pausedFor ?? '') ? (member.pausedFor ?? 'pbx') : 'pbx'
  return { ...next, wanted: member.paused ? { state: 'not-ready', reason } : { state: 'ready' } }
}

function withoutMember(was: Agent, queue: string): Agent {
  const { [queue]: gone, ...members } = was.members
  if (!gone) return was
  const next = { ...was, members }
  const ours = gone.name === was.staff && gone.kind === 'dynamic'
  // By another way than ours: nobody puts them back before they sign in again.
  if (was.asking || was.away || !ours || !phoneOf(was) || was.forNow.removed.includes(queue)) return next
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
  if (legs.length > 0 || !longest || longest.wrapUpMs === 0) return next
  const { call, queue, wrapUpMs } = longest
  return { ...next, wrapUp: { until: (at + wrapUpMs) as EpochMs, call, ...(queue === undefined ? {} : { queue }) } }
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
  if (wrapUp && !wrapUp.over && wrapUp.until <= at) next = overNow(next, TIMER)
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
      const { signedIn: _, phone: __, phoneSince: ___, phoneGoneAt: ____, wrapUp: _____, ...rest } = was
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
  const comes = asked && (is.state === 'ready' || is.state === 'not-ready')
  const [next, why] = comes ? [rest, asked] : [to, given]
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
