/** What a screen pop needs when a call from outside rings at a phone, in one piece: the data of `call.offered` beside the call. */
import { Type, type Static } from 'typebox'
import { AreaSchema } from './area.js'
import { DIRECTIONS, OUTCOMES } from './call.js'
import { closed, PartySchema, Time } from './call-parts.js'

const PastCall = Type.Object(
  {
    id: Type.String({ description: 'The call: `/v1/history/{id}`' }),
    startedAt: Time('When it began'),
    direction: Type.Enum([...DIRECTIONS]),
    outcome: Type.Optional(Type.Enum([...OUTCOMES])),
    agent: Type.Optional(Type.String({ description: 'The staff id of the agent who talked with them last' })), // prettier-ignore
    extension: Type.Optional(Type.String()),
    talkedMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  closed,
)

export const PopSchema = Type.Object(
  {
    customer: Type.Object(
      {
        ...PartySchema.properties,
        id: Type.Optional(
          Type.String({ description: 'As your CRM calls them: `customer` of their entry in `/v1/dedicated`' }),
        ),
        area: Type.Optional(Type.String({ description: 'The country, such as `DE`' })),
        home: Type.Optional(AreaSchema),
      },
      { ...closed, description: 'Who is outside: the caller, or whom an agent has called and passes on' },
    ),
    extension: Type.String({ description: 'The phone that rings' }),
    agent: Type.Optional(Type.String({ description: 'The staff id of whoever has signed in there' })),
    ivr: Type.Array(Type.String(), { description: 'The menus that they have been in, in their order' }),
    queue: Type.Optional(Type.String({ description: 'For which queue it rings' })),
    waitedMs: Type.Integer({ minimum: 0, description: 'In this queue so far; without one, since the call began' }),
    lastAgent: Type.Optional({ ...PastCall, description: 'The last of the calls below in which somebody talked' }),
    history: Type.Optional(
      Type.Array(PastCall, {
        description: 'The last five calls with this number, the newest first. Left out where it could not be looked up',
      }),
    ),
    links: Type.Record(Type.String(), Type.String(), {
      description: 'For each of `screenPop.links` of the configuration, where to go',
    }),
  },
  { ...closed, $id: 'Pop', title: 'Pop' },
)

export type Pop = Static<typeof PopSchema>
export type PastCall = Static<typeof PastCall>
