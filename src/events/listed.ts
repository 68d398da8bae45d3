/** What entries of lists by the caller's number have in common. The schema is the source. */
import { Type, type Static } from 'typebox'

const Text = { maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }

export const scope = {
  pattern: '^(all|dialled:\\+?[0-9*#]{1,32}|workgroup:[A-Za-z0-9][A-Za-z0-9_-]{0,78})$',
  description:
    '`all`; `dialled:` and the number that they have dialled, in any ordinary writing; or `workgroup:` and the id of one, when the call would go to its number',
}
export const why = {
  reason: Type.Optional(Type.String({ ...Text, description: 'Why, in your own words' })),
  expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'From then on it is as if it were gone' })),
}

/** Of what somebody says of an entry. */
export const asked = {
  match: Type.String({
    minLength: 1,
    maxLength: 64,
    description:
      'A number, as people write it; with `*` at its end, whatever begins so; with `X` in it, any digit there; or `anonymous`, for callers who show no number',
  }),
  scope: Type.String({ ...scope, default: 'all' }),
  ...why,
}

/** Of what is kept of one, beside that. */
export const noted = {
  addedBy: Type.String({ description: '`key:` and the name of an API key, or `staff:` and an id' }),
  addedAt: Type.String({ format: 'date-time' }),
}

/** Of what is shown of one, beside both. */
export const counted = {
  id: Type.String({ description: 'The match; and where the scope is not `all`, an `@` and the scope' }),
  match: Type.String({ description: 'As it is looked up: numbers are E.164 where they are such' }),
  hits: Type.Integer({ minimum: 0, description: 'How many calls it has decided' }),
  lastHitAt: Type.Optional(Type.String({ format: 'date-time' })),
}

const _Asked = Type.Object(asked)
const _Noted = Type.Object(noted)
const _Counted = Type.Object(counted)
export type ListedAsked = Static<typeof _Asked>
export type ListedKept = ListedAsked & Static<typeof _Noted>
export type ListedCounts = Static<typeof _Counted>
