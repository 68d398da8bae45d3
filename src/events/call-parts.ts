/**
 * What a call is made of, as every consumer sees it: parties, legs, offers, segments, visits to queues, transfers. The
 * schemas are the source; what is not known is left out, never null.
 */
import { Type, type Static } from 'typebox'

export const Time = (description: string) => Type.String({ format: 'date-time', description })
export const Cause = Type.Integer({ minimum: 0, maximum: 127, description: 'Q.850 cause, as the PBX reported it' })
export const closed = { additionalProperties: false }

/** What each of the words of a table means, for the description of the field that has one of them. */
export const described = (table: Readonly<Record<string, string>>) =>
  Object.entries(table)
    .map(([key, text]) => `\`${key}\`: ${text}.`)
    .join(' ')
export const keysOf = <T extends object>(table: T) => Object.keys(table) as (keyof T)[]

export const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const
export const OUTCOMES = [
  'answered',
  'abandoned',
  'no-answer',
  'busy',
  'rejected',
  'cancelled',
  'unreachable',
  'voicemail',
  'failed',
  'lost',
] as const

export const PartySchema = Type.Object(
  {
    number: Type.String({ description: 'As dialled or as sent by the caller; empty if withheld' }),
    e164: Type.Optional(Type.String({ description: 'The number in E.164, where it is a valid outside number' })),
    name: Type.Optional(
      Type.String({ description: 'The name the caller sent: text from outside, never to be trusted' }),
    ),
    extension: Type.Optional(Type.String({ description: 'The inside extension, where the party is one' })),
  },
  closed,
)

const Agent = Type.Optional(
  Type.String({ description: 'The staff id of the agent who is signed in at this phone, however the call came there' }),
)
const Member = Type.Optional(
  Type.String({ description: 'Where a queue rang it: the name that the queue has for its member' }),
)

export const LEG_REASONS = [
  'hung-up',
  'left-alone',
  'no-answer',
  'busy',
  'rejected',
  'not-accepted',
  'unavailable',
  'answered-elsewhere',
  'caller-gave-up',
  'picked-up',
  'forwarded',
  'transferred',
  'parked',
  'command',
  'pbx',
  'lost',
] as const

export const LegSchema = Type.Object(
  {
    id: Type.String({ description: "Asterisk's Uniqueid of the channel" }),
    channel: Type.String(),
    side: Type.Enum(['caller', 'callee']),
    role: Type.Optional(Type.Literal('monitor', { description: 'It listens to the call and is no party of it' })),
    mode: Type.Optional(
      Type.Enum(['listen', 'whisper', 'barge'], {
        description: 'Of a `monitor` by command: heard by nobody, by the agent alone, or by all',
      }),
    ),
    hears: Type.Optional(Type.String({ description: 'Of a `monitor`: the leg that it listens to' })),
    askedBy: Type.Optional(Type.String({ description: 'Of a `monitor` by command: who has asked for it' })),
    state: Type.Enum(['down', 'ringing', 'up', 'gone']),
    agent: Agent,
    member: Member,
    extension: Type.Optional(Type.String()),
    trunk: Type.Optional(Type.String({ description: 'The endpoint, where it is a trunk' })),
    number: Type.String(),
    muted: Type.Optional(Type.Literal(true, { description: 'By command: the others do not hear it' })),
    startedAt: Time('When the channel was created'),
    ringingAt: Type.Optional(Time('When it began to ring')),
    answeredAt: Type.Optional(Time('When it was answered')),
    endedAt: Type.Optional(Time('When it was gone')),
    causeQ850: Type.Optional(Cause),
    reason: Type.Optional(Type.Enum([...LEG_REASONS], { description: 'Why it ended' })),
  },
  closed,
)

export const OFFER_RESULTS = [
  'answered',
  'no-answer',
  'busy',
  'rejected',
  'not-accepted',
  'unavailable',
  'answered-elsewhere',
  'caller-gave-up',
  'picked-up',
  'forwarded',
  'lost',
] as const

export const OfferSchema = Type.Object(
  {
    leg: Type.String(),
    queue: Type.Optional(Type.String({ description: 'The queue that offered the call' })),
    via: Type.Optional(
      Type.String({
        description:
          'The channel that the queue rang, where the phone is behind a Local channel: phones of one ring have the same',
      }),
    ),
    agent: Agent,
    member: Member,
    extension: Type.Optional(Type.String()),
    number: Type.String(),
    startedAt: Time('When the phone was dialled'),
    ringingAt: Type.Optional(Time('When it began to ring')),
    endedAt: Type.Optional(Time('When it stopped ringing')),
    result: Type.Optional(Type.Enum([...OFFER_RESULTS])),
    forwardedTo: Type.Optional(Type.String({ description: 'Where the phone sent the call on to' })),
  },
  { ...closed, description: 'One attempt to reach one phone' },
)

export const SEGMENT_KINDS = [
  'ivr',
  'queue',
  'offer',
  'talk',
  'hold',
  'consult',
  'conference',
  'park',
  'voicemail',
  'survey',
  'fax',
] as const

export const SegmentSchema = Type.Object(
  {
    kind: Type.Enum([...SEGMENT_KINDS]),
    legs: Type.Array(Type.String(), { description: 'Whom it is about, all of them from its start to its end' }),
    name: Type.Optional(Type.String({ description: 'The queue, the parking space, the conference or the menu' })),
    startedAt: Time('When it began'),
    endedAt: Type.Optional(Time('When it was over')),
    durationMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { ...closed, description: 'What some of the legs did for a while; a leg is in one segment at a time' },
)

export const QUEUE_OUTCOMES = [
  'answered',
  'abandoned',
  'timeout',
  'exit-key',
  'full',
  'join-empty',
  'leave-empty',
  'withdrawn',
  'transferred',
  'left',
  'lost',
] as const

export const QueueVisitSchema = Type.Object(
  {
    queue: Type.String(),
    leg: Type.String({ description: 'The leg that waited' }),
    joinedAt: Time('When it came into the queue, or was turned away from it'),
    position: Type.Optional(Type.Integer({ minimum: 1, description: 'Its place when it came; 1 is the first' })),
    leftAt: Type.Optional(Time('When it was in the queue no more')),
    leftPosition: Type.Optional(Type.Integer({ minimum: 1, description: 'Its place when it left' })),
    waitedMs: Type.Optional(Type.Integer({ minimum: 0, description: 'From joinedAt to leftAt' })),
    outcome: Type.Optional(Type.Enum([...QUEUE_OUTCOMES])),
    answeredBy: Type.Optional(Type.String({ description: 'The leg that answered' })),
    agent: Type.Optional(Type.String({ description: 'The staff id of the agent who answered' })),
    member: Member,
    extension: Type.Optional(Type.String({ description: 'The extension that answered' })),
  },
  { ...closed, description: 'One visit to one queue' },
)

export const TRANSFER_STATES = ['asked', 'ringing', 'consulting', 'open', 'done'] as const
export const TRANSFER_KINDS = ['blind', 'attended', 'semi-attended', 'three-way', 'forward'] as const
export const TRANSFER_OUTCOMES = [
  'answered',
  'queued',
  'parked',
  'ivr',
  'voicemail',
  'no-answer',
  'busy',
  'rejected',
  'unreachable',
  'answered-elsewhere',
  'abandoned',
  'returned',
  'cancelled',
  'failed',
  'lost',
] as const

export const TransferSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ description: 'Its name within the call; records of former versions have none' })),
    kind: Type.Enum([...TRANSFER_KINDS]),
    by: Type.String({ description: 'The leg that transferred' }),
    agent: Type.Optional(Type.String({ description: 'The staff id of the agent who transferred' })),
    extension: Type.Optional(Type.String({ description: 'The extension that transferred' })),
    from: Type.Optional(Type.String({ description: 'The leg that was handed over' })),
    to: PartySchema,
    state: Type.Enum([...TRANSFER_STATES], {
      description:
        '`asked`, `ringing`, `consulting`: it was asked for by command or by key, whom it is to is being rung, or has answered; `open`: the PBX has carried it out; `done`: its outcome is known',
    }),
    outcome: Type.Optional(
      Type.Enum([...TRANSFER_OUTCOMES], {
        description:
          '`ivr`: a menu or another part of the PBX has the other party, for example a conference room with nobody else in it',
      }),
    ),
    answeredBy: Type.Optional(Type.String({ description: 'The leg that has it now' })),
    askedAt: Type.Optional(Time('When it was asked for, by command or by key')),
    startedAt: Time('When the PBX carried it out; until then, when it was asked for'),
    endedAt: Type.Optional(Time('When its outcome was known')),
  },
  closed,
)

export const RecordingSchema = Type.Object(
  {
    name: Type.String({ description: 'The end of its address: `/v1/calls/{id}/recordings/{name}`, once it is done' }),
    leg: Type.Optional(
      Type.String({
        description:
          'Whose part in the call is recorded: by command what the other side says and hears, by the dialplan both sides. Absent where the dialplan records a Local channel that has led to nobody',
      }),
    ),
    by: Type.Optional(
      Type.Enum(['dialplan'], { description: 'The dialplan has begun it (MixMonitor); absent: a command' }),
    ),
    file: Type.Optional(Type.String({ description: 'Its file as the PBX names it, of one by the dialplan' })),
    state: Type.Enum(['on', 'paused', 'done']),
    startedAt: Time('When it began'),
    endedAt: Type.Optional(Time('When it was stopped, or its leg was gone')),
  },
  { ...closed, description: 'A recording' },
)

export const AgentShareSchema = Type.Object(
  {
    agent: Agent,
    member: Member,
    extension: Type.Optional(Type.String()),
    legs: Type.Array(Type.String()),
    talkedMs: Type.Integer({ minimum: 0, description: 'In talk, consult and conference' }),
    heldMs: Type.Integer({ minimum: 0 }),
    rangMs: Type.Integer({ minimum: 0, description: 'Their phone rang for this call' }),
  },
  { ...closed, description: 'What the part of one extension and its agent in the call was, all their legs together' },
)

const share = (description: string) => Type.Integer({ minimum: 0, description })
export const TimesSchema = Type.Object(
  {
    talkMs: share('Two or more could talk'),
    consultMs: share('Of the rest: somebody asked a third, while another was on hold'),
    holdMs: share('Of the rest: on hold'),
    parkMs: share('Of the rest: parked'),
    queueMs: share('Of the rest: in a queue, whether a phone rang or not'),
    ringMs: share('Of the rest: phones were being rung'),
    voicemailMs: share('Of the rest: in voicemail'),
    ivrMs: share('Of the rest: with a menu, an announcement, a survey or another part of the dialplan'),
    otherMs: share('What is left: being set up, passed on or taken down'),
  },
  { ...closed, description: 'Every moment of the call is in one of these; together they are durationMs' },
)

export type Party = Static<typeof PartySchema>
export type LegView = Static<typeof LegSchema>
export type Times = Static<typeof TimesSchema>
export type AgentShare = Static<typeof AgentShareSchema>
export type LegReason = (typeof LEG_REASONS)[number]
export type OfferResult = (typeof OFFER_RESULTS)[number]
export type SegmentKind = (typeof SEGMENT_KINDS)[number]
export type QueueOutcome = (typeof QUEUE_OUTCOMES)[number]
export type TransferKind = (typeof TRANSFER_KINDS)[number]
export type TransferOutcome = (typeof TRANSFER_OUTCOMES)[number]
