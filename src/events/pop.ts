/**
 * What a screen pop needs when a call from outside rings at a phone: in one piece as the data of `call.offered` beside the call, and on the
 * live call, for a page that is loaded later.
 */
import { Type, type Static } from 'typebox'
import { AreaSchema } from './area.js'
import { closed, DIRECTIONS, OUTCOMES, PartySchema, Time } from './call-parts.js'

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

const ofCustomer = {
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
  ivr: Type.Array(Type.String(), { description: 'The menus that they have been in, in their order' }),
  lastAgent: Type.Optional({ ...PastCall, description: 'The last of the calls below in which somebody talked' }),
  history: Type.Optional(
    Type.Array(PastCall, {
      description: 'The last five calls with this number, the newest first. Left out where it could not be looked up',
    }),
  ),
}

const ofPhone = {
  extension: Type.String({ description: 'The phone that rings' }),
  agent: Type.Optional(Type.String({ description: 'The staff id of whoever has signed in there' })),
  queue: Type.Optional(Type.String({ description: 'For which queue it rings' })),
  waitedMs: Type.Integer({
    minimum: 0,
    description: 'In this queue until it rang; without one, since the call began',
  }),
  links: Type.Record(Type.String(), Type.String(), {
    description: 'For each of `screenPop.links` of the configuration, where to go',
  }),
}

export const PopSchema = Type.Object({ ...ofCustomer, ...ofPhone }, { ...closed, $id: 'Pop', title: 'Pop' })
export type Pop = Static<typeof PopSchema>

const PhonePop = Type.Object({ leg: Type.String({ description: 'The leg that leads to it' }), ...ofPhone }, closed)
export type PhonePop = Static<typeof PhonePop>

export const CallPopSchema = Type.Object(
  {
    ...ofCustomer,
    phones: Type.Array(PhonePop, {
      description: 'The phones that ring or have answered, each as it was offered the call',
    }),
  },
  {
    ...closed,
    description:
      'While the call is live: what `call.offered` has told of it as `pop`, for a page that is loaded later. The `pop` of a phone is this with its entry of `phones`',
  },
)
export type CallPop = Static<typeof CallPopSchema>
export type PastCall = Static<typeof PastCall>
