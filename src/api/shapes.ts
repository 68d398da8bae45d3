/** Schemas that several routes share. */
import { Type, type TSchema } from 'typebox'

export const IdParams = Type.Object(
  { id: Type.String({ minLength: 3, maxLength: 200 }) },
  { additionalProperties: false },
)

/** For a route that takes no query: what is not known is refused, never passed over. */
export const NoQuery = Type.Object({}, { additionalProperties: false })

/** For a command whose address says it all. */
export const NoBody = Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })])

/** The problems a route may answer with, beside those that every route has (400, 401, 500). */
export function problems(...statuses: number[]): Record<number, TSchema> {
  return Object.fromEntries([...new Set([400, 401, 500, ...statuses])].map(status => [status, Type.Ref('Problem')]))
}
