/**
 * Callers whom nobody has answered, and numbers that nobody has reached: one item for each number, until somebody has talked
 * with it or says that it is done. The schema is the source of type, validation and documentation.
 */
import { Type, type Static } from 'typebox'
import { Cause, closed, PartySchema, Time } from './call-parts.js'
import { OUTCOMES } from './call.js'

/** `missed`: they called and nobody answered. `unreached`: they were called and did not answer. */
export const FOLLOW_UP_KINDS = ['missed', 'unreached'] as const
export const FOLLOW_UP_STATES = ['open', 'done'] as const

export const FOLLOW_UP_EVENTS = {
  'missed.opened': 'Somebody called and nobody answered.',
  'missed.repeated': 'They called again, and again nobody answered.',
  'missed.closed': 'Somebody has talked with them since, or it was set to done.',
  'unreached.opened': 'A number outside was called and did not answer.',
  'unreached.repeated': 'It was called again and did not answer.',
  'unreached.closed': 'Somebody has talked with them since, or it was set to done.',
} as const
export type FollowUpEventType = keyof typeof FOLLOW_UP_EVENTS

/** The newest attempts, of many. */
export const MOST_CALLS = 20

export const FollowUpSchema = Type.Object(
  {
    id: Type.String({ description: 'That of the first call it is about' }),
    pbx: Type.String(),
    kind: Type.Enum([...FOLLOW_UP_KINDS]),
    revision: Type.Integer({ minimum: 1, description: 'Grows by one with each event of this item' }),
    state: Type.Enum([...FOLLOW_UP_STATES]),
    party: PartySchema,
    attempts: Type.Integer({ minimum: 1 }),
    firstAt: Time('When the first of the calls began'),
    lastAt: Time('When the last of the calls began'),
    calls: Type.Array(Type.String(), { description: `The calls, the newest last; ${MOST_CALLS} at most` }),
    outcome: Type.Optional(Type.Enum([...OUTCOMES], { description: 'Of the last of the calls' })),
    to: Type.Optional(Type.String({ description: 'The number they called last' })),
    queue: Type.Optional(
      Type.String({ description: 'The last queue in which they waited, or the workgroup whose agent rang for them' }),
    ),
    extension: Type.Optional(Type.String({ description: 'The extension that called them last' })),
    causeQ850: Type.Optional(Cause),
    sipStatus: Type.Optional(
      Type.Integer({ minimum: 400, maximum: 699, description: 'What the cause is in SIP, by RFC 3398' }),
    ),
    doneAt: Type.Optional(Time('Since when nothing is to be done')),
    doneBy: Type.Optional(
      Type.Enum(['talk', 'command', 'age'], {
        description: '`age`: it was the oldest of more than are kept open',
      }),
    ),
    reached: Type.Optional(
      Type.Object(
        {
          call: Type.String({ description: 'The call in which somebody talked with them' }),
          at: Time('When they could talk'),
          direction: Type.Enum(['inbound', 'outbound']),
          agent: Type.Optional(Type.String()),
          extension: Type.Optional(Type.String()),
        },
        { ...closed, description: 'Who has talked with them since' },
      ),
    ),
  },
  { ...closed, $id: 'FollowUp', title: 'FollowUp' },
)

export type FollowUp = Static<typeof FollowUpSchema>
export type FollowUpKind = (typeof FOLLOW_UP_KINDS)[number]
export type FollowUpState = (typeof FOLLOW_UP_STATES)[number]

export type FollowUpSearch = { kind: FollowUpKind; state: FollowUpState; limit: number; after?: string }
export type FollowUpPage = { items: FollowUp[]; next?: string }
