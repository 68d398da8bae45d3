/** Schemas that several routes share. */
import { Type } from 'typebox'
import { ERRORS } from '../base/errors.js'

export const IdParams = Type.Object(
  { id: Type.String({ minLength: 3, maxLength: 200 }) },
  { additionalProperties: false },
)

/** For a route that takes no query: what is not known is refused, never passed over. */
export const NoQuery = Type.Object({}, { additionalProperties: false })

const actions = Type.Optional(Type.Boolean({ description: '`true`: with what whoever asks could do now' }))
const asker = Type.Optional(Type.String({ maxLength: 32, description: 'The staff id of whoever asks' }))

/** What may be done, by whom. */
export const AgentActions = Type.Object({ actions, by: asker }, { additionalProperties: false })
export const ActionsQuery = Type.Object(
  {
    actions,
    by: asker,
    extension: Type.Optional(Type.String({ maxLength: 32, description: 'From this phone; without it, that of `by`' })),
  },
  { additionalProperties: false },
)

/** For a command: whether it could be carried out, and no more. */
export const DryRun = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Boolean({
        description: '`true`: nothing is done; refused as the command would be, else answered with what is there now',
      }),
    ),
  },
  { additionalProperties: false },
)

/** A link's state, as src/pbx/link.ts has it. */
export const LinkStateSchema = Type.Enum(['connecting', 'ready', 'refused', 'replaced', 'stopped'], {
  description:
    '`refused`: the PBX does not accept the login; `replaced`: another client has registered the same Stasis application. Both need mending, and are tried again, at last every minute',
})

/** For a command whose address says it all. */
export const NoBody = Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })])

/** The problems a route may answer with, beside those that every route has (400, 401, 500). */
export function problems(...statuses: number[]) {
  const all = [...new Set([400, 401, 500, ...statuses])]
  return Object.fromEntries(all.map(status => [status, problemAnswer(status)])) as Record<number, never>
}

const problemAnswer = (status: number) => ({
  description: codesOf(status),
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
})

/** A whole call as the answer. */
export const callAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref('Call') } },
})

const codesOf = (status: number) =>
  Object.entries(ERRORS)
    .filter(([, error]) => error.status === status)
    .map(([code, { text }]) => `\`${code}\`: ${text}`)
    .join(' ')
