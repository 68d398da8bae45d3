/**
 * What the queues should have at an agent's phone, and by which actions what they have becomes that. Pure. That it has, is
 * shown by the PBX's own events.
 */
import type { Action } from '../pbx/actions.js'
import type { MemberSeen } from '../pbx/facts.js'
import { skillsNow, type Skill } from './skills.js'
import { isOwn, type Sent } from './holds.js'
import { legNow, memberKey, membersOf, phoneOf, type Agent, type Hold, type SignIn } from './state.js'

export type Desired = {
  interface: string
  stateInterface?: string
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
  const at = {
    interface: phone.interface,
    ...(phone.stateInterface === undefined ? {} : { stateInterface: phone.stateInterface }),
  }
  if (asking?.do === 'sign-out') return { ...at, queues: new Map(), paused: false, reason: '' }
  const forNow = asking?.do === 'workgroups' ? asking.forNow : agent.forNow
  const queues = new Map(skillsNow(skills, forNow).map(({ workgroup, penalty }) => [workgroup, penalty]))
  return { ...at, queues, ...pauseOf(agent) }
}

const phoneIn = (signIn: SignIn): Phone | undefined => (signIn.telephony ? signIn : undefined)

/**
 * Paused from when a call is answered that is followed by a wrap-up, until that is over: a queue would else ring the phone in
 * the moment in which the call ends.
 */
function pauseOf({ asking, legs, wrapUp, wanted: was }: Agent): Pick<Desired, 'paused' | 'reason'> {
  const wanted = asking?.do === 'be' || asking?.do === 'sign-in' ? asking.wanted : was
  const coming =
    legNow(legs)?.doing !== 'ringing' && legs.some(leg => leg.answered && (leg.wrapUpMs > 0 || leg.codeRequired))
  if (coming || (wrapUp && !wrapUp.over)) return { paused: true, reason: 'wrap-up' }
  return wanted.state === 'ready' ? { paused: false, reason: '' } : { paused: true, reason: wanted.reason }
}

/** `pauses`: whatever its queues are, they are paused as they should be. */
export const isMet = (agent: Agent, desired: Desired, what: 'all' | 'pauses') =>
  actionsFor(agent, desired).every(action => what === 'pauses' && action.do !== 'queue-pause')

type Pause = { paused: boolean; reason: string }

/**
 * What is to be done about the pause of a membership, if anything. One that another program has paused, or unpaused, stays as it is;
 * should the daemon's own unpausing have crossed that pause, it is put back.
 */
function pauseFor(agent: Agent, member: MemberSeen, { paused, reason }: Desired): Pause | undefined {
  const hold = agent.holds?.[memberKey(member)]
  if (hold?.by === 'lifted') return undefined
  if (hold?.by === 'outside') return member.paused ? undefined : { paused: true, reason: sendable(hold.reason) }
  if (!paused) return member.paused ? { paused, reason: '' } : undefined
  // Asterisk 16 takes no reason when it adds a member: then there is none, which will do.
  return member.paused && (member.pausedFor ?? reason) === reason ? undefined : { paused, reason }
}

/** Texts of other programs are not all that can be sent to the PBX: without one, it is paused for no reason. */
const sendable = (reason = '') => (/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(reason) ? reason : '')

/** What another program has done to a membership before the PBX forgot it. */
function pauseAdded(hold: Hold | undefined): Pause | undefined {
  if (hold?.by === 'lifted') return { paused: false, reason: '' }
  return hold?.by === 'outside' ? { paused: true, reason: sendable(hold.reason) } : undefined
}

function penaltyFor(agent: Agent, key: string, penalty: number): number {
  const mark = agent.penalties?.[key]
  return mark?.instead === penalty ? mark.is : penalty
}

/** A member of ours where the extension is one already: so was it before such members were known to be the same phone. */
function isSurplus({ interface: at, queue }: MemberSeen, there: readonly MemberSeen[], agent: Agent) {
  // Of what is added while all is well, another program knows better.
  if (agent.asking?.do !== 'sign-in' && !agent.away) return false
  return there.some(other => other.queue === queue && other.interface !== at && !isOwn(other, agent))
}

export function actionsFor(agent: Agent, desired: Desired): Action[] {
  const { staff } = agent
  const { interface: at, queues } = desired
  const there = membersOf(agent)
  const going = there.filter(m => isOwn(m, agent) && (!queues.has(m.queue) || isSurplus(m, there, agent)))
  const staying = there.filter(member => !going.includes(member))
  const missing = [...queues].filter(([queue]) => !staying.some(member => member.queue === queue))
  return [
    ...going.map(({ queue, interface: place }): Action => ({ do: 'queue-remove', queue, interface: place })),
    ...missing.map(([queue, penalty]) => adding(agent, desired, queue, penalty)),
    ...staying.flatMap((m): Action[] => {
      const penalty = isOwn(m, agent) ? penaltyFor(agent, memberKey(m), queues.get(m.queue) ?? 0) : m.penalty
      return m.penalty === penalty ? [] : [{ do: 'queue-penalty', queue: m.queue, interface: m.interface, penalty }]
    }),
    ...pausing(agent, desired, staying),
  ]

  function adding(of: Agent, { stateInterface, paused, reason }: Desired, queue: string, penalty: number): Action {
    const key = memberKey({ queue, interface: at })
    const hold = of.holds?.[key]
    const pause = pauseAdded(hold) ?? { paused, reason }
    const state = stateInterface === undefined ? {} : { stateInterface }
    return {
      do: 'queue-add',
      queue,
      interface: at,
      ...state,
      name: staff,
      penalty: penaltyFor(of, key, penalty),
      ...pause,
    }
  }
}

/** Of all queues of an interface at once where that is the same, else queue by queue. */
function pausing(agent: Agent, desired: Desired, staying: readonly MemberSeen[]): Action[] {
  const wrong = staying.flatMap(member => {
    const pause = pauseFor(agent, member, desired)
    return pause ? [{ member, pause }] : []
  })
  const places = [...new Set(wrong.map(({ member }) => member.interface))]
  return places.flatMap((place): Action[] => {
    const here = wrong.filter(({ member }) => member.interface === place)
    const [first] = here
    const isAll = here.length === staying.filter(member => member.interface === place).length
    const isSame = here.every(
      ({ pause }) => pause.paused === first?.pause.paused && pause.reason === first.pause.reason,
    )
    return first && isAll && isSame
      ? [{ do: 'queue-pause', interface: place, ...first.pause }]
      : here.map(({ member, pause }) => ({ do: 'queue-pause', queue: member.queue, interface: place, ...pause }))
  })
}

/** Which memberships actions are about, and what the PBX is to show of each. */
export function sentBy(agent: Agent, actions: readonly Action[]): Map<string, Sent> {
  const sent = new Map<string, Sent>()
  const add = (queue: string, place: string, what: Sent) => {
    const key = memberKey({ queue, interface: place })
    sent.set(key, { ...sent.get(key), ...what })
  }
  for (const action of actions) {
    if (action.do === 'queue-add')
      add(action.queue, action.interface, { ...pauseIn(action), penalty: action.penalty, adds: true })
    else if (action.do === 'queue-remove') add(action.queue, action.interface, { removes: true })
    else if (action.do === 'queue-penalty') add(action.queue, action.interface, { penalty: action.penalty })
    else if (action.do === 'queue-pause')
      for (const { queue } of membersOf(agent).filter(m => m.interface === action.interface))
        if (action.queue === undefined || action.queue === queue) add(queue, action.interface, pauseIn(action))
  }
  return sent
}

const pauseIn = ({ paused, reason }: Pause): Sent => ({ paused, reason: paused ? reason : '' })
