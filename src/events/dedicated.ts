/** Whose calls go to whom first, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'
import { asked, counted, noted } from './listed.js'

const closed = { additionalProperties: false }
const Agent = { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$' }
const Workgroup = { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,78}$' }

/** What somebody says of an entry; the rest is noted. */
export const DedicatedAskedSchema = Type.Object(
  {
    ...asked,
    agent: Type.Optional(Type.String({ ...Agent, description: 'The staff id of the agent' })),
    workgroup: Type.Optional(Type.String({ ...Workgroup, description: 'Or the id of a workgroup' })),
    ringForMs: Type.Optional(
      Type.Integer({ minimum: 1_000, maximum: 300_000, description: 'How long the agent’s phone rings; as the route says, if left out' }),
    ),
    fallback: Type.Optional(
      Type.String({ ...Workgroup, description: 'The workgroup that gets the call where the agent does not; as the route says, if left out' }),
    ),
    customer: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]*$', description: 'Whose number it is, as you call them' }),
    ),
  },
  closed,
) // prettier-ignore
export type DedicatedAsked = Static<typeof DedicatedAskedSchema>

/** What is kept of one. */
export const DedicatedKeptSchema = Type.Object({ ...DedicatedAskedSchema.properties, ...noted }, closed)
export type DedicatedKept = Static<typeof DedicatedKeptSchema>

export const DedicatedEntrySchema = Type.Object(
  { ...DedicatedKeptSchema.properties, ...counted },
  { ...closed, $id: 'DedicatedEntry', title: 'DedicatedEntry' },
)
