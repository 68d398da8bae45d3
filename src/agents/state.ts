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
  { telephony: true; extension: string; interface: string } | { telephony: false }
)

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
}

export type WrapUp = {
  until: EpochMs
  call: string
  queue?: string
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
  /** The last call that was answered. */
  last?: { call: string; queue?: string }
  wrapUp?: WrapUp
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
  /** What the queues have at the agent's phone, by the name of the queue. */
  members: Readonly<Record<string, MemberSeen>>
}

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

export function stateOf(agent: Agent): Pick<Now, 'state' | 'reason' | 'call'> {
  const { signedIn, away, legs, wrapUp, wanted } = agent
  if (!signedIn) return { state: 'signed-out' }
  if (!signedIn.telephony) return { state: 'not-ready', reason: 'no-telephony' }
  if (away) return { state: 'unknown' }
  const leg = legNow(legs)
  if (leg) return { state: leg.doing, call: leg.call }
  if (wrapUp) return { state: 'wrap-up', call: wrapUp.call }
  return wanted.state === 'ready' ? { state: 'ready' } : { state: 'not-ready', reason: wanted.reason }
}
