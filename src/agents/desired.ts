/**
 * What the queues should have at an agent's phone, and by which actions what they have becomes that. Pure. That it has, is
 * shown by the PBX's own events.
 */
import type { Action } from '../pbx/actions.js'
import type { MemberSeen } from '../pbx/facts.js'
import { skillsNow, type Skill } from './skills.js'
import { legNow, phoneOf, type Agent, type SignIn } from './state.js'

export type Desired = {
  interface: string
  /** Of the queues that the daemon puts them into, the penalty. */
  queues: ReadonlyMap<string, number>
  paused: boolean
  reason: string
}

type Phone = Extract<SignIn, { telephony: true }>

/** Undefined where there is no phone that anything could be wanted of. */
export function desiredOf(agent: Agent, skills: readonly Skill[]): Desired | undefined {
  const { asking } = agent
  const place = asking?.do === 'sign-in' ? asking.signIn : asking?.do === 'sign-out' ? asking.at : undefined
  const phone = place ? phoneIn(place) : phoneOf(agent)
  if (!phone) return undefined
  if (asking?.do === 'sign-out') return { interface: phone.interface, queues: new Map(), paused: false, reason: '' }
  const forNow = asking?.do === 'workgroups' ? asking.forNow : agent.forNow
  const queues = new Map(skillsNow(skills, forNow).map(({ workgroup, penalty }) => [workgroup, penalty]))
  return { interface: phone.interface, queues, ...pauseOf(agent) }
}

const phoneIn = (signIn: SignIn): Phone | undefined => (signIn.telephony ? signIn : undefined)

/**
 * Paused from when a call is answered that is followed by a wrap-up, until that is over: a queue would else ring the phone in
 * the moment in which the call ends.
 */
function pauseOf({ asking, legs, wrapUp, wanted: was }: Agent): Pick<Desired, 'paused' | 'reason'> {
  const wanted = asking?.do === 'be' || asking?.do === 'sign-in' ? asking.wanted : was
  const coming = legNow(legs)?.doing !== 'ringing' && legs.some(leg => leg.answered && leg.wrapUpMs > 0)
  if (coming || (wrapUp && !wrapUp.over)) return { paused: true, reason: 'wrap-up' }
  return wanted.state === 'ready' ? { paused: false, reason: '' } : { paused: true, reason: wanted.reason }
}

/** Put there by the daemon: others are the PBX's own, and are left where they are. */
const isOurs = (member: MemberSeen, staff: string) => member.name === staff && member.kind === 'dynamic'

/** `pauses`: whatever its queues are, they are paused as they should be. */
export const isMet = (agent: Agent, desired: Desired, what: 'all' | 'pauses') =>
  actionsFor(agent, desired).every(action => what === 'pauses' && action.do !== 'queue-pause')

/** Whoever has paused them by another way has said why. */
const says = (reason: string) => reason !== '' && reason !== 'pbx'

/** Asterisk 16 takes no reason when it adds a member: then there is none, which will do. */
const isOther = (said: string | undefined, reason: string) => said !== undefined && said !== reason

export function actionsFor({ staff, members }: Pick<Agent, 'staff' | 'members'>, desired: Desired): Action[] {
  const { interface: at, queues, paused, reason } = desired
  const there = Object.values(members).filter(member => member.interface === at)
  const staying = there.filter(member => queues.has(member.queue) || !isOurs(member, staff))
  const wrong = staying.filter(m => m.paused !== paused || (paused && says(reason) && isOther(m.pausedFor, reason)))
  const missing = [...queues].filter(([queue]) => !there.some(member => member.queue === queue))
  return [
    ...there
      .filter(member => !staying.includes(member))
      .map(({ queue }): Action => ({ do: 'queue-remove', queue, interface: at })),
    ...missing.map(([queue, penalty]): Action => ({
      do: 'queue-add',
      queue,
      interface: at,
      name: staff,
      penalty,
      paused,
      reason,
    })),
    ...staying
      .filter(m => isOurs(m, staff) && m.penalty !== queues.get(m.queue))
      .map((m): Action => ({ do: 'queue-penalty', queue: m.queue, interface: at, penalty: queues.get(m.queue) ?? 0 })),
    // Of all its queues at once.
    ...(wrong.length === 0 ? [] : [{ do: 'queue-pause', interface: at, paused, reason } satisfies Action]),
  ]
}
