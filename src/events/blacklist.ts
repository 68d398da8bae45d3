/** Who is turned away, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'

export const BLACKLIST_ACTIONS = {
  allow: 'They come through, whatever else is on the list',
  busy: 'They hear the engaged tone',
  message: 'They hear a message, and that is all',
  voicemail: 'They are sent to the mailbox of the configuration',
  hangup: 'The call is ended without a word',
  'low-priority': 'They come through, and wait in queues behind everybody else',
} as const
export type BlacklistAction = keyof typeof BLACKLIST_ACTIONS

const closed = { additionalProperties: false }
const Text = { maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }

const scope = {
  pattern: '^(all|dialled:\\+?[0-9*#]{1,32}|workgroup:[A-Za-z0-9][A-Za-z0-9_-]{0,78})$',
  description:
    '`all`; `dialled:` and the number that they have dialled, as the trunk sends it; or `workgroup:` and the id of one, when the call would go to its number',
}
const ACTIONS = Object.keys(BLACKLIST_ACTIONS) as BlacklistAction[]
const action = {
  description: Object.entries(BLACKLIST_ACTIONS)
    .map(([key, text]) => `\`${key}\`: ${text}.`)
    .join(' '),
}
const Why = {
  reason: Type.Optional(Type.String({ ...Text, description: 'Why, in your own words' })),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'From then on it is as if it were gone' })),
}

/** What somebody says of an entry; the rest is noted. */
export const EntryAskedSchema = Type.Object(
  {
    match: Type.String({
      minLength: 1,
      maxLength: 64,
      description:
        'A number, as people write it; with `*` at its end, whatever begins so; with `X` in it, any digit there; or `anonymous`, for callers who show no number',
    }),
    scope: Type.String({ ...scope, default: 'all' }),
    action: Type.Enum(ACTIONS, { ...action, default: 'busy' }),
    ...Why,
  },
  closed,
)

/** The same about whoever is on a call. */
export const CallerAskedSchema = Type.Object(
  {
    scope: Type.Optional(Type.String({ ...scope, description: `${scope.description}. \`all\`, if left out` })),
    action: Type.Optional(Type.Enum(ACTIONS, { description: `${action.description} \`busy\`, if left out` })),
    ...Why,
  },
  closed,
)
export type EntryAsked = Static<typeof EntryAskedSchema>

/** What is kept of one. */
export const EntryKeptSchema = Type.Object(
  {
    ...EntryAskedSchema.properties,
    addedBy: Type.String({ description: '`key:` and the name of an API key, or `staff:` and an id' }),
    addedAt: Type.String({ format: 'date-time' }),
  },
  closed,
)
export type EntryKept = Static<typeof EntryKeptSchema>

export const BlacklistEntrySchema = Type.Object(
  {
    id: Type.String({ description: 'The match; and where the scope is not `all`, an `@` and the scope' }),
    ...EntryKeptSchema.properties,
    match: Type.String({ description: 'As it is looked up: numbers are E.164 where they are such' }),
    hits: Type.Integer({ minimum: 0, description: 'How many calls it has decided' }),
    lastHitAt: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { ...closed, $id: 'BlacklistEntry', title: 'BlacklistEntry' },
)
export type BlacklistEntry = Static<typeof BlacklistEntrySchema>
