/**
 * What a CRM puts on a call: a note, tags, fields of its own. They belong to the call's id, whatever becomes of the call,
 * and travel with it in every event. Types, limits and the schema of a change.
 */
import { Type, type Static } from 'typebox'

export const NOTE_CHARS = 4_000
export const MOST_TAGS = 20
export const MOST_FIELDS = 50
const TAG_CHARS = 64
const VALUE_CHARS = 500

/** What an agent says became of a call. */
export const WrapUpSchema = Type.Object(
  {
    agent: Type.String({ description: 'The staff id of the agent' }),
    code: Type.String({ description: 'Of the dictionary of wrap-up codes of the workgroup' }),
    queue: Type.Optional(Type.String({ description: 'The queue or workgroup for which they had the call' })),
    at: Type.String({ format: 'date-time', description: 'When it was given' }),
  },
  { additionalProperties: false },
)
export type WrapUpGiven = Static<typeof WrapUpSchema>

export type Notes = { tags?: string[]; note?: string; data?: Record<string, string>; wrapUps?: WrapUpGiven[] }

const Removed = Type.Null({ description: 'Takes it off' })
const Tag = Type.String({ minLength: 1, maxLength: TAG_CHARS })

/** What is left out stays as it is. */
export const NotesChangeSchema = Type.Object(
  {
    note: Type.Optional(Type.Union([Type.String({ maxLength: NOTE_CHARS }), Removed])),
    tags: Type.Optional(Type.Array(Tag, { maxItems: MOST_TAGS, description: 'All its tags from now on' })),
    data: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^.{1,64}$' }),
        Type.Union([Type.String({ maxLength: VALUE_CHARS }), Removed]),
        {
          maxProperties: MOST_FIELDS,
          additionalProperties: false,
          description: `Fields that are set, and with null, taken off; ${MOST_FIELDS} at most on one call`,
        },
      ),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)
export type NotesChange = Static<typeof NotesChangeSchema>
