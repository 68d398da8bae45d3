/** A queue as everybody outside sees it. Pure. */
import { groupBy } from '../base/group.js'
import type { EpochMs } from '../base/ids.js'
import { iso } from '../events/event.js'
import type { MEMBER_STATES, QueueNumbers, QueueView } from '../events/queue.js'
import type { MemberSeen } from '../pbx/facts.js'
import type { Queue, Tally } from './state.js'
import { talliesAt } from './tally.js'

type MemberState = (typeof MEMBER_STATES)[number]

/** `extensionOf`: where the phone of a member is one of the site. */
export type Place = {
  timeZone: string
  extensionOf: (member: MemberSeen) => string | undefined
  /** The staff id of the agent who has signed in at an extension. */
  agentAt: (extension: string) => string | undefined
  /** Number and name of its workgroup. */
  workgroup: (queue: string) => { number?: string; name: string } | undefined
}

export function viewQueue(queue: Queue, at: EpochMs, { timeZone, extensionOf, agentAt, workgroup }: Place): QueueView {
  const { pbx, name, strategy, waiting } = queue
  const { number, name: title } = workgroup(name) ?? {}
  const members = queue.members.map(member => {
    const extension = extensionOf(member)
    return viewMember(member, extension, extension === undefined ? undefined : agentAt(extension))
  })
  const { today, recent } = talliesAt(queue, at, timeZone)
  const since = waiting.reduce((oldest, { joinedAt }) => Math.min(oldest, joinedAt), Infinity)
  const phones = phonesIn(queue, extensionOf)
  const inState = (state: MemberState) => phones.filter(phone => phone === state).length
  return {
    id: `${pbx}:${name}`,
    pbx,
    name,
    ...(number === undefined ? {} : { number }),
    ...(title === undefined ? {} : { title }),
    label: `${number ?? name}(${waiting.length})`,
    revision: queue.revision,
    ...(strategy ? { strategy } : {}),
    serviceLevelMs: queue.serviceLevelMs,
    waiting: waiting.map((w, i) => ({ ...w, position: i + 1, joinedAt: iso(w.joinedAt) })),
    ...(since < Infinity ? { longestWaitSince: iso(since as EpochMs) } : {}),
    members,
    counts: {
      waiting: waiting.length,
      ready: inState('ready'),
      ringing: inState('ringing'),
      busy: inState('busy'),
      paused: inState('paused'),
      unavailable: inState('unavailable'),
    },
    today: { date: today.date, ...numbersOf(today.tally) },
    lastHalfHour: numbersOf(recent),
  }
}

function viewMember(member: MemberSeen, extension?: string, agent?: string): QueueView['members'][number] {
  const { name, interface: at, kind, phone, penalty, pausedFor } = member
  return {
    name,
    interface: at,
    ...(extension === undefined ? {} : { extension }),
    ...(agent === undefined ? {} : { agent }),
    kind,
    state: stateOf(member),
    phone,
    penalty,
    ...(pausedFor === undefined || !member.paused ? {} : { pausedFor }),
  }
}

const MOST: readonly MemberState[] = ['ringing', 'busy', 'ready', 'paused', 'unavailable']

/** The state of each phone once, by how many members whatsoever the queue has it: in use where any of them is. */
export function phonesIn({ members }: Pick<Queue, 'members'>, extensionOf: Place['extensionOf']): MemberState[] {
  const states = groupBy(members, member => extensionOf(member) ?? member)
  return [...states.values()].flatMap(same => MOST.find(state => same.some(member => stateOf(member) === state)) ?? [])
}

/** As app_queue decides whom it rings: one of whose phone it knows nothing, it rings. */
export function stateOf({ paused, phone }: Pick<MemberSeen, 'paused' | 'phone'>): MemberState {
  if (phone === 'unavailable' || phone === 'invalid') return 'unavailable'
  if (phone === 'ringing') return 'ringing'
  if (phone === 'in-use' || phone === 'busy' || phone === 'on-hold') return 'busy'
  return paused ? 'paused' : 'ready'
}

export function numbersOf({ offered, outcomes, inTime, waitedMs }: Tally): QueueNumbers {
  const { answered = 0, abandoned = 0 } = outcomes
  const { full = 0, 'join-empty': empty = 0 } = outcomes
  const left = Object.values(outcomes).reduce((sum, n) => sum + n, 0) - full - empty
  return {
    offered,
    answered,
    abandoned,
    outcomes,
    answeredInTime: inTime,
    ...(left > 0 ? { serviceLevel: Math.round((inTime / left) * 10_000) / 10_000 } : {}),
    ...(answered > 0 ? { averageWaitMs: Math.round(waitedMs / answered) } : {}),
  }
}
