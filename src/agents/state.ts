/**
 * An agent: where they have signed in, what was asked for, what their phone and the queues do. Plain data, so that it can be
 * stored and read back as it is. The state that everybody sees follows from it (`stateOf`), so there is exactly one. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { AgentState, Cause } from '../events/agent.js'
import type { Skill } from './skills.js'
import type { MemberSeen, PhoneState } from '../pbx/facts.js'

/** Who or what brought something about. `by`: where somebody asked for it. */
export type Why = { cause: Cause; by?: string }

/** What the agent is when there is neither a call nor a wrap-up. */
export type Wanted = { state: 'ready' } | { state: 'not-ready'; reason: string }

export type SignIn = { at: EpochMs } & (
  { telephony: true; extension: string; interface: string; stateInterface?: string } | { telephony: false }
)

/**
 * Why a membership is not as the agent's state alone would have it: the daemon has paused it, for this reason; another program has;
 * or another program has unpaused what the daemon had paused (`lifted`).
 */
export type Hold = { by: 'ours'; reason: string } | { by: 'outside'; reason?: string } | { by: 'lifted' }

/**
 * Asked for, and to be shown by the PBX before it counts. A sign-out `at` a place undoes what is left there of a sign-in that
 * the PBX did not carry out.
 */
export type Asking = Why &
  (
    | { do: 'sign-in'; signIn: SignIn; wanted: Wanted }
    | { do: 'sign-out'; at?: SignIn }
    | { do: 'be'; wanted: Wanted }
    | { do: 'workgroups'; forNow: ForNow }
  )

/** Workgroups that a supervisor has put an agent into, or taken out of. */
export type ForNow = { added: readonly Skill[]; removed: readonly string[] }

/** A leg of a call at the agent's extension. */
export type LegAt = {
  leg: LegId
  call: string
  doing: 'ringing' | 'talking' | 'held'
  queue?: string
  /** Of what comes after it, should it have been answered. */
  answered: boolean
  wrapUpMs: number
  /** Its workgroup wants to know what became of it. */
  codeRequired?: true
}

export type WrapUp = {
  until: EpochMs
  call: string
  queue?: string
  /** It lasts until a wrap-up code is given. */
  codeRequired?: true
  /** It is over as soon as the PBX shows it. */
  over?: Why
}

export type Now = Why & { state: AgentState; since: EpochMs; reason?: string; call?: string }

export type Agent = {
  staff: string
  revision: number
  now: Now
  signedIn?: SignIn
  wanted: Wanted
  /** Why it is that, where it was asked for in a call or a wrap-up, and comes with its end. */
  next?: Why
  asking?: Asking
  legs: readonly LegAt[]
  /** The last call that was answered since they have signed in. */
  last?: { call: string; queue?: string }
  wrapUp?: WrapUp
  /** The last call for which they have given a wrap-up code. */
  coded?: string
  /** How many offers in a row were not answered. */
  misses: number
  phone?: PhoneState
  phoneSince?: EpochMs
  /** When a phone that is gone is taken to be. */
  phoneGoneAt?: EpochMs
  /** Nothing is heard of the PBX, or it is not yet as it was. */
  away?: true
  /** By a supervisor, until they sign out. */
  forNow: ForNow
  /** What the queues have at the agent's extension: several in one queue, where several of its devices are members. */
  members: Readonly<Record<string, MemberSeen>>
  /** By the same keys. */
  holds?: Readonly<Record<string, Hold>>
  /** Penalties that another program has set, and what they were set instead of. */
  penalties?: Readonly<Record<string, { is: number; instead: number }>>
  /** Members under their name that another program has added, by the same keys. */
  beside?: readonly string[]
}

export const memberKey = ({ queue, interface: place }: Pick<MemberSeen, 'queue' | 'interface'>) =>
  JSON.stringify([queue, place])
export const membersOf = ({ members }: Pick<Agent, 'members'>) => Object.values(members)

export const newAgent = (staff: string, at: EpochMs): Agent => ({
  staff,
  revision: 0,
  now: { state: 'signed-out', since: at, cause: 'start' },
  wanted: { state: 'ready' },
  legs: [],
  misses: 0,
  forNow: { added: [], removed: [] },
  members: {},
})

/** The phone that an agent has signed in with. */
export const phoneOf = ({ signedIn }: Pick<Agent, 'signedIn'>) => (signedIn?.telephony ? signedIn : undefined)

/** Of several calls, the one that somebody talks in. */
export function legNow(legs: readonly LegAt[]): LegAt | undefined {
  const of = (doing: LegAt['doing']) => legs.find(leg => leg.doing === doing)
  return of('talking') ?? of('held') ?? of('ringing')
}

/** Why another program has paused all that an agent is a member of; undefined where it has not. */
function pausedOutside(agent: Agent): string | undefined {
  const holds = Object.keys(agent.members).map(key => agent.holds?.[key])
  if (holds.length === 0 || holds.some(hold => hold?.by !== 'outside')) return undefined
  return holds.flatMap(hold => (hold?.by === 'outside' && hold.reason !== undefined ? [hold.reason] : []))[0] ?? 'pbx'
}

/** What they are when there is neither a call nor a wrap-up. `outside`: another program has paused them. */
export function restOf(agent: Agent): Wanted & { outside?: true } {
  const reason = agent.wanted.state === 'ready' ? pausedOutside(agent) : undefined
  return reason === undefined ? agent.wanted : { state: 'not-ready', reason, outside: true }
}

export function stateOf(agent: Agent): Pick<Now, 'state' | 'reason' | 'call'> {
  const { signedIn, away, legs, wrapUp } = agent
  if (!signedIn) return { state: 'signed-out' }
  if (!signedIn.telephony) return { state: 'not-ready', reason: 'no-telephony' }
  if (away) return { state: 'unknown' }
  const leg = legNow(legs)
  if (leg) return { state: leg.doing, call: leg.call }
  if (wrapUp) return { state: 'wrap-up', call: wrapUp.call }
  const rest = restOf(agent)
  return rest.state === 'ready' ? { state: 'ready' } : { state: 'not-ready', reason: rest.reason }
}
