/**
 * The call as every consumer sees it: in the API, in events and in the history. The schema is the source; the types,
 * the validation and the API's documentation come from it. What is not known is left out, never null.
 */
import { Type, type Static } from 'typebox'

const Time = (description: string) => Type.String({ format: 'date-time', description })
const Cause = Type.Integer({ minimum: 0, maximum: 127, description: 'Q.850 cause, as the PBX reported it' })
const closed = { additionalProperties: false }

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

export const LegSchema = Type.Object(
  {
    id: Type.String({ description: "Asterisk's Uniqueid of the channel" }),
    channel: Type.String(),
    side: Type.Enum(['caller', 'callee']),
    state: Type.Enum(['down', 'ringing', 'up', 'gone']),
    extension: Type.Optional(Type.String()),
    trunk: Type.Optional(Type.String({ description: 'The endpoint, where it is a trunk' })),
    number: Type.String(),
    startedAt: Time('When the channel was created'),
    ringingAt: Type.Optional(Time('When it began to ring')),
    answeredAt: Type.Optional(Time('When it was answered')),
    endedAt: Type.Optional(Time('When it was gone')),
    causeQ850: Type.Optional(Cause),
  },
  closed,
)

export const OFFER_RESULTS = [
  'answered',
  'no-answer',
  'busy',
  'rejected',
  'unavailable',
  'answered-elsewhere',
  'caller-gave-up',
] as const

export const OfferSchema = Type.Object(
  {
    leg: Type.String(),
    extension: Type.Optional(Type.String()),
    number: Type.String(),
    startedAt: Time('When the phone was dialled'),
    ringingAt: Type.Optional(Time('When it began to ring')),
    endedAt: Type.Optional(Time('When it stopped ringing')),
    result: Type.Optional(Type.Enum([...OFFER_RESULTS])),
  },
  { ...closed, description: 'One attempt to reach one phone' },
)

export const SegmentSchema = Type.Object(
  {
    kind: Type.Literal('talk'),
    legs: Type.Array(Type.String()),
    startedAt: Time('When the second party joined'),
    endedAt: Type.Optional(Time('When fewer than two were left')),
    durationMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
)

export const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const
export const OUTCOMES = [
  'answered',
  'no-answer',
  'busy',
  'rejected',
  'cancelled',
  'unreachable',
  'failed',
  'lost',
] as const
export const ENDED_BY = ['caller', 'callee', 'command', 'pbx', 'unknown'] as const
export const CALL_STATES = ['started', 'ringing', 'talking', 'ended'] as const

export const CallSchema = Type.Object(
  {
    id: Type.String({ description: 'Stays the same for the whole life of the call and ever after' }),
    pbx: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'Grows by one with each event of this call' }),
    state: Type.Enum([...CALL_STATES]),
    direction: Type.Enum([...DIRECTIONS]),
    from: PartySchema,
    to: PartySchema,
    startedAt: Time("When the call's first channel was created"),
    ringingAt: Type.Optional(Time('When a called phone first rang')),
    answeredAt: Type.Optional(Time('When two people could first talk')),
    endedAt: Type.Optional(Time('When the last party was gone')),
    durationMs: Type.Optional(Type.Integer({ minimum: 0, description: 'From startedAt to endedAt' })),
    waitedMs: Type.Optional(Type.Integer({ minimum: 0, description: 'From startedAt to answeredAt' })),
    talkedMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Sum of the talk segments' })),
    outcome: Type.Optional(Type.Enum([...OUTCOMES])),
    endedBy: Type.Optional(Type.Enum([...ENDED_BY], { description: 'Who hung up first' })),
    causeQ850: Type.Optional(Cause),
    inferred: Type.Optional(
      Type.Literal(true, {
        description:
          'Part of it was concluded, not told by the PBX: after a gap in the link, or for an event that was lost',
      }),
    ),
    causedBy: Type.Optional(Type.String({ description: 'The command that started it' })),
    legs: Type.Array(LegSchema),
    offers: Type.Array(OfferSchema),
    segments: Type.Array(SegmentSchema),
  },
  { ...closed, $id: 'Call', title: 'Call' },
)

export type Party = Static<typeof PartySchema>
export type CallView = Static<typeof CallSchema>
export type LegView = Static<typeof LegSchema>
export type Direction = (typeof DIRECTIONS)[number]
export type Outcome = (typeof OUTCOMES)[number]
export type EndedBy = (typeof ENDED_BY)[number]
export type OfferResult = (typeof OFFER_RESULTS)[number]
