/** AMI events of app_queue, and what our own dialplan adds to them -> facts. Pure. */
import type { EpochMs, LegId } from '../base/ids.js'
import {
  FEATURE_CODES,
  type FeatureCode,
  type Member,
  type MemberSeen,
  type PbxFact,
  type PhoneSeen,
  type PhoneState,
  type QueueSeen,
  type QueueStatus,
  type Stage,
} from '../pbx/facts.js'
import { isProhibited } from '../numbers/withheld.js'
import { callerOf, legOf, ofLeg, ofTwo, positionOf, told, type ToFact } from './fields.js'
import type { Frame } from './parse.js'

type AgentFact = Extract<PbxFact, { type: 'agent.called' | 'agent.connected' | 'agent.unanswered' | 'agent.dumped' }>

const memberOf = (frame: Frame): Member => {
  const at = told(frame, 'Interface')
  return { interface: at, name: told(frame, 'MemberName'), ...stateInterfaceOf(frame, at) }
}

/** Where it is the interface itself, it says nothing. */
const stateInterfaceOf = (frame: Frame, at: string) => {
  const place = told(frame, 'StateInterface')
  return place === '' || place === at ? {} : { stateInterface: place }
}

const ofQueue = (make: (leg: LegId, queue: string, frame: Frame, at: EpochMs) => PbxFact | undefined) =>
  ofLeg((leg, frame, at) => {
    const queue = told(frame, 'Queue')
    return queue === '' ? undefined : make(leg, queue, frame, at)
  })

const ofAgent = (type: AgentFact['type']) =>
  ofTwo(
    (leg, phone, frame, at) => {
      const queue = told(frame, 'Queue')
      return queue === '' ? undefined : { type, at, leg, queue, phone, member: memberOf(frame) }
    },
    'Uniqueid',
    'DestUniqueid',
  )

const QUEUE_STATUSES: ReadonlySet<string> = new Set<QueueStatus>([
  'TIMEOUT',
  'FULL',
  'JOINEMPTY',
  'JOINUNAVAIL',
  'LEAVEEMPTY',
  'LEAVEUNAVAIL',
  'CONTINUE',
  'WITHDRAW',
  'EXITWITHKEY',
])
const isQueueStatus = (text: string): text is QueueStatus => QUEUE_STATUSES.has(text)

const STAGES: ReadonlySet<string> = new Set<Stage>(['ivr', 'voicemail', 'survey', 'fax'])
const isStage = (text: string): text is Stage => STAGES.has(text)

/** Of whom a command has taken out of a queue, the dialplan does not know the queue. */
const explained = ofLeg((leg, frame, at) => {
  const [queue, status] = [told(frame, 'Queue'), told(frame, 'Status')]
  if (!isQueueStatus(status) || (queue === '' && status !== 'WITHDRAW')) return undefined
  return { type: 'queue.explained', at, leg, ...(queue !== '' && { queue }), status }
})

const staged = ofLeg((leg, frame, at) => {
  const stage = told(frame, 'Stage')
  return isStage(stage) ? { type: 'stage.begun', at, leg, stage, name: told(frame, 'Name') } : undefined
})

const isFeatureCode = (text: string): text is FeatureCode => FEATURE_CODES.some(code => code === text)

const dialledCode: ToFact = (frame, at) => {
  const [leg, code] = [legOf(frame), told(frame, 'Code')]
  return leg && isFeatureCode(code) ? { type: 'code.dialled', at, leg, code, digits: told(frame, 'Digits') } : undefined
}

const away = ofLeg((leg, frame, at) => {
  const to = told(frame, 'To')
  const because = [{ rule: 'daemon-away' as const }]
  return { type: 'call.routed', at, leg, routing: { does: 'fallback', ...(to && { to }), because } }
})

/** The dialplan says that the number must not be shown. */
const callerReported = ofLeg((leg, frame, at) => ({
  type: 'caller.changed',
  at,
  leg,
  caller: callerOf(frame),
  ...(isProhibited(told(frame, 'Presentation')) && { withheld: true as const }),
}))

const messageLeft: ToFact = (frame, at) => {
  const [leg, name] = [legOf(frame), told(frame, 'Name')]
  return leg && name !== '' ? { type: 'message.left', at, leg, name } : undefined
}

/** By the name that the dialplan gave the event. */
const USER_EVENTS: Record<string, ToFact | undefined> = {
  AladdinQueue: explained,
  AladdinStage: staged,
  AladdinCode: dialledCode,
  AladdinAway: away,
  AladdinMessage: messageLeft,
  AladdinCaller: callerReported,
}

/** Whether a user event is one that the contexts of ours send. */
export const isOurs = (frame: Frame) => Object.hasOwn(USER_EVENTS, told(frame, 'UserEvent'))

const PHONE_STATES: readonly PhoneState[] = [
  'unknown',
  'idle',
  'in-use',
  'busy',
  'invalid',
  'unavailable',
  'ringing',
  // It rings while somebody talks.
  'ringing',
  'on-hold',
]
const KINDS: Readonly<Record<string, MemberSeen['kind']>> = { static: 'static', realtime: 'realtime' }

const countOf = (frame: Frame, header: string) => {
  const count = Number(frame.get(header))
  return Number.isSafeInteger(count) && count > 0 ? count : 0
}

/** Lists call the headers `Name` and `Location`, events `MemberName` and `Interface`. */
export function memberSeen(frame: Frame, [name, place]: readonly [string, string]): MemberSeen | undefined {
  const [queue, at] = [told(frame, 'Queue'), told(frame, place)]
  const pausedFor = told(frame, 'PausedReason')
  if (queue === '' || at === '') return undefined
  return {
    queue,
    interface: at,
    ...stateInterfaceOf(frame, at),
    name: told(frame, name) || at,
    kind: KINDS[told(frame, 'Membership')] ?? 'dynamic',
    phone: PHONE_STATES[countOf(frame, 'Status')] ?? 'unknown',
    penalty: countOf(frame, 'Penalty'),
    paused: frame.get('Paused') === '1',
    ...(pausedFor && { pausedFor }),
    calls: countOf(frame, 'CallsTaken'),
  }
}

const changed =
  (set?: 'pause' | 'penalty'): ToFact =>
  (frame, at) => {
    const member = memberSeen(frame, ['MemberName', 'Interface'])
    return member && { type: 'member.changed', at, member, ...(set && { set }) }
  }

const removed: ToFact = (frame, at) => {
  const [queue, member] = [told(frame, 'Queue'), memberOf(frame)]
  return queue === '' || member.interface === '' ? undefined : { type: 'member.removed', at, queue, member }
}

const DEVICE_STATES: Readonly<Record<string, PhoneState>> = {
  UNKNOWN: 'unknown',
  NOT_INUSE: 'idle',
  INUSE: 'in-use',
  BUSY: 'busy',
  INVALID: 'invalid',
  UNAVAILABLE: 'unavailable',
  RINGING: 'ringing',
  RINGINUSE: 'ringing',
  ONHOLD: 'on-hold',
}

/** `PJSIP/1001`; other things that have a state (`Queue:sales`, `MWI:…`, halves of Local pairs) are no phones. */
export function phoneSeen(frame: Frame): PhoneSeen | undefined {
  const device = told(frame, 'Device')
  const phone = DEVICE_STATES[told(frame, 'State')]
  return phone && /^(?!Local\/)[A-Za-z0-9]+\/[^:]+$/.test(device) ? { device, phone } : undefined
}

const phoneChanged: ToFact = (frame, at) => {
  const seen = phoneSeen(frame)
  return seen && { type: 'phone.changed', at, ...seen }
}

/** QueueStatus: the queues in its order, each with its members. */
export function queuesSeen(items: readonly Frame[]): QueueSeen[] {
  const members = items
    .filter(frame => frame.name === 'QueueMember')
    .flatMap(frame => memberSeen(frame, ['Name', 'Location']) ?? [])
  const entries = items
    .filter(frame => frame.name === 'QueueEntry')
    .flatMap(frame => {
      const leg = legOf(frame)
      return leg
        ? { leg, queue: told(frame, 'Queue'), priority: countOf(frame, 'Priority'), at: countOf(frame, 'Position') }
        : []
    })
    .sort((a, b) => a.at - b.at)
  return items
    .filter(frame => frame.name === 'QueueParams' && told(frame, 'Queue') !== '')
    .map(frame => {
      const name = told(frame, 'Queue')
      const seconds = countOf(frame, 'ServiceLevel')
      return {
        name,
        strategy: told(frame, 'Strategy'),
        ...(seconds > 0 && { serviceLevelMs: seconds * 1_000 }),
        members: members.filter(({ queue }) => queue === name),
        waiting: entries.filter(({ queue }) => queue === name).map(({ leg, priority }) => ({ leg, priority })),
      }
    })
}

export const QUEUE_EVENTS: Record<string, ToFact> = {
  QueueCallerJoin: ofQueue((leg, queue, frame, at) => ({
    type: 'queue.joined',
    at,
    leg,
    queue,
    ...positionOf(frame),
  })),
  QueueCallerLeave: ofQueue((leg, queue, frame, at) => ({ type: 'queue.left', at, leg, queue, ...positionOf(frame) })),
  QueueCallerAbandon: ofQueue((leg, queue, _, at) => ({ type: 'queue.abandoned', at, leg, queue })),
  AgentCalled: ofAgent('agent.called'),
  AgentConnect: ofAgent('agent.connected'),
  AgentRingNoAnswer: ofAgent('agent.unanswered'),
  AgentDump: ofAgent('agent.dumped'),
  QueueMemberAdded: changed(),
  QueueMemberStatus: changed(),
  QueueMemberPause: changed('pause'),
  QueueMemberPenalty: changed('penalty'),
  QueueMemberRinginuse: changed(),
  QueueMemberRemoved: removed,
  DeviceStateChange: phoneChanged,
  UserEvent: (frame, at) => (isOurs(frame) ? USER_EVENTS[told(frame, 'UserEvent')]?.(frame, at) : undefined),
}
