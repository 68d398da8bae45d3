/** Where a caller from outside was sent, and why, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'

export const ROUTE_ACTIONS = {
  number: 'The call goes to `to`, as if a phone of the site had dialled it',
  message: 'The caller hears a message, and that is all',
  busy: 'The caller hears the engaged tone',
  hangup: 'The call is ended without a word',
  dialplan: "The call goes on in the site's own dialplan, by the number that was dialled",
  fallback: 'The daemon was away or too slow: the dialplan sent the call to `to` by itself',
} as const

export const ROUTE_RULES = {
  route: 'The first route that fits the number that was dialled: `name`',
  'no-route': 'No route fits the number that was dialled',
  open: 'It is open, by the calendar `name`',
  closed: 'It is not, by the calendar `name`',
  holiday: 'By that calendar, the day is a holiday: `name`',
  exception: 'By that calendar, the day has other hours than its week: `name`',
  emergency: 'The emergency switch is on',
  blacklist: 'The blacklist has an entry for the caller: `name`',
  allowed: 'The blacklist has an entry that lets the caller through: `name`',
  'not-screened': 'The blacklist could not be read in time, so nobody was turned away for it',
  'daemon-away': 'The dialplan had no answer from the daemon',
} as const

const keys = <T extends object>(table: T) => Object.keys(table) as (keyof T)[]
const described = (table: Readonly<Record<string, string>>) =>
  Object.entries(table)
    .map(([key, text]) => `\`${key}\`: ${text}.`)
    .join(' ')

const closed = { additionalProperties: false }

export const RoutingSchema = Type.Object(
  {
    does: Type.Enum(keys(ROUTE_ACTIONS), { description: described(ROUTE_ACTIONS) }),
    to: Type.Optional(Type.String({ description: 'The number, as phones of the site dial it' })),
    because: Type.Array(
      Type.Object(
        {
          rule: Type.Enum(keys(ROUTE_RULES), { description: described(ROUTE_RULES) }),
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
