/** Who is turned away, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'
import { asked, counted, noted, scope, why } from './listed.js'

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
const ACTIONS = Object.keys(BLACKLIST_ACTIONS) as BlacklistAction[]
const action = {
  description: Object.entries(BLACKLIST_ACTIONS)
    .map(([key, text]) => `\`${key}\`: ${text}.`)
    .join(' '),
}

/** What somebody says of an entry; the rest is noted. */
export const EntryAskedSchema = Type.Object(
  { ...asked, action: Type.Enum(ACTIONS, { ...action, default: 'busy' }) },
  closed,
)
export type EntryAsked = Static<typeof EntryAskedSchema>

/** The same about whoever is on a call. */
export const CallerAskedSchema = Type.Object(
  {
    scope: Type.Optional(Type.String({ ...scope, description: `${scope.description}. \`all\`, if left out` })),
    action: Type.Optional(Type.Enum(ACTIONS, { description: `${action.description} \`busy\`, if left out` })),
    ...why,
  },
  closed,
)

/** What is kept of one. */
export const EntryKeptSchema = Type.Object({ ...EntryAskedSchema.properties, ...noted }, closed)
export type EntryKept = Static<typeof EntryKeptSchema>

export const BlacklistEntrySchema = Type.Object(
  { ...EntryKeptSchema.properties, ...counted },
  { ...closed, $id: 'BlacklistEntry', title: 'BlacklistEntry' },
)
export type BlacklistEntry = Static<typeof BlacklistEntrySchema>
