/** Where a caller from outside was sent, and why, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'
import { described, keysOf, OFFER_RESULTS } from './call-parts.js'

export const ROUTE_ACTIONS = {
  number: 'The call goes to `to`, as if a phone of the site had dialled it',
  agent: 'The phone of an agent rings, at the extension `to`; if nobody answers, the call goes on to `then`',
  ivr: 'The caller is led through the menu `to`',
  voicemail: 'The caller may leave a message in the box `to`',
  message: 'The caller hears a message, and that is all',
  busy: 'The caller hears the engaged tone',
  hangup: 'The call is ended without a word',
  dialplan: "The call goes on in the site's own dialplan, by the number that was dialled",
  fallback: 'The daemon was away or too slow: the dialplan sent the call to `to` by itself',
} as const

export const ROUTE_RULES = {
  route: 'The first route that fits the number that was dialled: `name`',
  'no-route': 'No route fits the number that was dialled',
  area: 'The route is for callers from there: `name`',
  open: 'It is open, by the calendar `name`',
  closed: 'It is not, by the calendar `name`',
  holiday: 'By that calendar, the day is a holiday: `name`',
  exception: 'By that calendar, the day has other hours than its week: `name`',
  emergency: 'The emergency switch is on',
  blacklist: 'The blacklist has an entry for the caller: `name`',
  allowed: 'The blacklist has an entry that lets the caller through: `name`',
  'not-screened': 'The blacklist could not be read in time, so nobody was turned away for it',
  dedicated: 'The caller has a dedicated agent or workgroup: `name`',
  'last-agent': 'The agent `name` talked with the caller last',
  fallback: 'The dedicated agent could not be asked, and the workgroup `name` is there instead',
  'daemon-away': 'The dialplan had no answer from the daemon',
} as const

const closed = { additionalProperties: false }

export const SKIPPED = {
  unknown: 'There is no such agent',
  'signed-out': 'They had not signed in',
  'not-ready': 'They were not ready',
  busy: 'They were on a call',
  'wrap-up': 'They were in the wrap-up of a call',
  unreachable: 'Their phone could not be reached',
  'other-workgroup': 'They are in no workgroup to which the call would go',
  'no-number': 'The workgroup has no number',
  unread: 'Redis had not said in time who it was',
} as const

export const RoutingSchema = Type.Object(
  {
    does: Type.Enum(keysOf(ROUTE_ACTIONS), { description: described(ROUTE_ACTIONS) }),
    to: Type.Optional(Type.String({ description: 'The number, as phones of the site dial it; or the menu' })),
    then: Type.Optional(Type.String({ description: 'Where the call goes when the agent does not answer' })),
    workgroup: Type.Optional(
      Type.String({ description: 'With `agent`: the workgroup whose call it is: for its counts, and for the wrap-up' }),
    ),
    customer: Type.Optional(Type.String({ description: 'Who the caller is, as their entry in `/v1/dedicated` says' })),
    wishes: Type.Optional(
      Type.Array(
        Type.Object(
          {
            by: Type.Enum(['dedicated', 'last-agent']),
            agent: Type.Optional(Type.String({ description: 'The staff id' })),
            workgroup: Type.Optional(Type.String()),
            skipped: Type.Optional(Type.Enum(keysOf(SKIPPED), { description: described(SKIPPED) })),
            result: Type.Optional(
              Type.Enum([...OFFER_RESULTS], { description: 'What came of it when their phone rang, once it is known' }),
            ),
          },
          closed,
        ),
        {
          description:
            'To whom the caller was to go first, in that order: the last one was granted, unless it was skipped',
        },
      ),
    ),
    because: Type.Array(
      Type.Object(
        {
          rule: Type.Enum(keysOf(ROUTE_RULES), { description: described(ROUTE_RULES) }),
          name: Type.Optional(Type.String({ description: 'Which one, by its name in the configuration' })),
        },
        closed,
      ),
      { description: 'All that led to it, in the order in which it was asked' },
    ),
  },
  { ...closed, description: 'Where a caller from outside was sent, and why' },
)
export type Routing = Static<typeof RoutingSchema>

export const EmergencySchema = Type.Object(
  {
    on: Type.Boolean(),
    since: Type.Optional(Type.String({ format: 'date-time', description: 'When it was switched last' })),
    by: Type.Optional(Type.String({ description: 'By whom, such as `key:crm` or `staff:8100`' })),
  },
  { ...closed, description: 'While it is on, routes that have an `emergency` lead there' },
)
export type EmergencyView = Static<typeof EmergencySchema>

/** The workgroup whose call it is although no queue has it: the caller's own agent, or the last one, was rung. */
export const workgroupBrought = (routing: Pick<Routing, 'does' | 'workgroup'> | undefined): string | undefined =>
  routing?.does === 'agent' ? routing.workgroup : undefined
