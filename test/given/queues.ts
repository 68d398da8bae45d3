/** A queue and what is told of it, named as sentences. Times are seconds since the beginning of the story. */
import type { CallId, EpochMs } from '../../src/base/ids.js'
import type { QueueOutcome } from '../../src/events/call-parts.js'
import type { Fact, MemberSeen } from '../../src/pbx/facts.js'
import { reduceQueue, type QueueFact, type VisitSeen } from '../../src/queues/reduce.js'
import { newQueue, type Counting, type Queue } from '../../src/queues/state.js'
import { viewQueue } from '../../src/queues/view.js'
import { appears, at, leg, site } from './calls.js'

export const counting: Counting = site.counting
export const sales = newQueue(site.pbx, 'sales', counting)

export const aMember = (name: string, more: Partial<MemberSeen> = {}): MemberSeen => ({
  queue: 'sales',
  interface: `PJSIP/${name}`,
  name,
  kind: 'static',
  phone: 'idle',
  penalty: 0,
  paused: false,
  calls: 0,
  ...more,
})

export const changes = (name: string, more: Partial<MemberSeen> = {}): QueueFact => ({
  type: 'member.changed',
  at: at(0),
  member: aMember(name, more),
})

type Visiting = { came: number; left?: number; outcome?: QueueOutcome; position?: number; call?: string }

export const visit = (n: number, { came, left, outcome, position, call = `hq:1.${n}` }: Visiting): VisitSeen => ({
  call: call as CallId,
  leg: leg(`1.${n}`),
  number: `+49301234${n}`,
  joinedAt: at(came),
  ...(position === undefined ? {} : { position }),
  ...(left === undefined ? {} : { leftAt: at(left) }),
  ...(outcome === undefined ? {} : { outcome }),
})

export const visits = (was: VisitSeen[], now: VisitSeen[]): QueueFact => ({ type: 'visits.changed', was, now })

export const tellQueue = (facts: readonly QueueFact[], from: Queue = sales) =>
  facts.reduce((queue, fact) => reduceQueue(queue, fact, counting), from)

export const look = (queue: Queue, seconds: number) => viewAt(queue, at(seconds))
export const viewAt = (queue: Queue, time: EpochMs, timeZone = counting.timeZone) =>
  viewQueue(queue, time, {
    timeZone,
    extensionOf: ({ interface: place }) => /^PJSIP\/(1\d{3})$/.exec(place)?.[1],
    agentAt: () => undefined,
    workgroup: () => undefined,
  })

/** A customer calls and waits in the queue: the nth. */
export const waits = (s: number, n: number): Fact[] => [
  appears(s, { of: leg(`1.${n}`), endpoint: 'trunk', number: `+4930123${n}`, dials: '2000' }),
  { type: 'queue.joined', at: at(s), leg: leg(`1.${n}`), queue: 'sales', position: n },
]
export const givesUp = (s: number, n: number): Fact[] => [
  { type: 'hangup.asked', at: at(s), leg: leg(`1.${n}`), by: 'far-side' },
  { type: 'queue.left', at: at(s), leg: leg(`1.${n}`), queue: 'sales' },
  { type: 'channel.gone', at: at(s), leg: leg(`1.${n}`) },
]
