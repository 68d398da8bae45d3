/**
 * A queue as it is now, as every consumer sees it: who waits, who is there to answer, and its numbers of today and of the
 * last half hour. The schema is the source of type, validation and documentation.
 */
import { Type, type Static } from 'typebox'
import { closed, Time } from './call-parts.js'

export const QUEUE_EVENT_TYPES = {
  'queue.changed':
    'Who waits in a queue, who is there to answer, or its numbers: the whole queue, at most a few times a second, and at once when `GET /v1/queues` asks.',
} as const

export const MEMBER_STATES = ['ready', 'ringing', 'busy', 'paused', 'unavailable'] as const

const WaitingSchema = Type.Object(
  {
    call: Type.String(),
    leg: Type.String({ description: 'Who waits' }),
    number: Type.String({ description: 'Theirs, as the PBX has it; empty if withheld' }),
    e164: Type.Optional(Type.String({ description: 'The same, as the whole world dials it' })),
    area: Type.Optional(Type.String({ description: 'Where the number is from: its country (ISO 3166)' })),
    priority: Type.Optional(
      Type.Integer({ description: 'Where the PBX has said it: the higher one is the sooner answered' }),
    ),
    position: Type.Integer({ minimum: 1 }),
    joinedAt: Time('Since when they wait here'),
  },
  closed,
)

const MemberSchema = Type.Object(
  {
    name: Type.String({ description: 'As the queue has it; its interface, where it has no name' }),
    interface: Type.String(),
    extension: Type.Optional(Type.String()),
    agent: Type.Optional(Type.String({ description: 'The staff id of whoever has signed in there' })),
    kind: Type.Enum(['static', 'dynamic', 'realtime'], { description: 'Where the PBX has it from' }),
    state: Type.Enum([...MEMBER_STATES], { description: 'Whether the queue may ring it now, and if not, why' }),
    phone: Type.Enum(['unknown', 'idle', 'in-use', 'busy', 'invalid', 'unavailable', 'ringing', 'on-hold']),
    penalty: Type.Integer({ minimum: 0 }),
    pausedFor: Type.Optional(Type.String({ description: 'Why it is paused, where somebody said so' })),
  },
  closed,
)

const Count = Type.Integer({ minimum: 0 })
const numbers = {
  offered: Type.Integer({ minimum: 0, description: 'Callers who came into the queue' }),
  answered: Count,
  abandoned: Type.Integer({ minimum: 0, description: 'They hung up while they waited' }),
  outcomes: Type.Record(Type.String(), Count, {
    description: 'How many left with each outcome; `full` and `join-empty` were turned away and are not `offered`',
  }),
  answeredInTime: Type.Integer({ minimum: 0, description: 'Answered within `serviceLevelMs`' }),
  serviceLevel: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: '`answeredInTime` of all who were offered and wait no more; left out where there are none',
    }),
  ),
  averageWaitMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Of those who were answered' })),
}

export const QueueSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon and that of the queue' }),
    pbx: Type.String(),
    name: Type.String(),
    number: Type.Optional(Type.String({ description: 'Of its workgroup, as it is dialled' })),
    title: Type.Optional(Type.String({ description: 'The name of its workgroup' })),
    label: Type.String({ description: 'Its number, or name, and how many wait: `8000(2)`' }),
    revision: Type.Integer({ minimum: 0, description: 'Grows by one with each event of this queue' }),
    strategy: Type.Optional(Type.String({ description: 'As the PBX calls it' })),
    serviceLevelMs: Type.Integer({ minimum: 1, description: 'Who is answered within this, is answered in time' }),
    waiting: Type.Array(WaitingSchema, { description: 'In the order in which they will be answered' }),
    longestWaitSince: Type.Optional(Time('Since when whoever waits longest, waits')),
    members: Type.Array(MemberSchema),
    counts: Type.Object(
      Object.fromEntries(['waiting', ...MEMBER_STATES].map(name => [name, Count])) as Record<
        'waiting' | (typeof MEMBER_STATES)[number],
        typeof Count
      >,
      { ...closed, description: 'How many wait, and how many members are in each state' },
    ),
    today: Type.Object(
      { date: Type.String({ format: 'date', description: 'By the time zone of the PBX' }), ...numbers },
      closed,
    ),
    lastHalfHour: Type.Object(numbers, closed),
  },
  { ...closed, $id: 'Queue', title: 'Queue' },
)

export type QueueView = Static<typeof QueueSchema>
export type QueueNumbers = QueueView['lastHalfHour']
