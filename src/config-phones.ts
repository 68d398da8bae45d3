/** What the configuration says of the phones of a site: `pbxs.phoneTypes`. */
import { Type, type Static } from 'typebox'
import { AUTO_ANSWERS, type AutoAnswer } from './calls/decide.js'
import { isRegExp } from './config-dialling.js'

const PhoneType = Type.Object(
  {
    extensions: Type.String({ minLength: 1, maxLength: 200 }),
    autoAnswer: Type.Enum([...AUTO_ANSWERS]),
  },
  { additionalProperties: false },
)
export const PhoneTypesSchema = Type.Array(PhoneType, { maxItems: 100, default: [] })
type PhoneTypes = Static<typeof PhoneTypesSchema>

export const phoneTypeContradictions = (types: PhoneTypes): string[] =>
  types
    .filter(({ extensions }) => !isRegExp(extensions))
    .map(({ extensions }) => `phoneTypes.extensions: ${extensions} is no regular expression`)

/** The first type that an extension fits tells how its phone is asked to answer; without any, in both ways there are. */
export function autoAnswersOf(types: PhoneTypes): (extension: string) => AutoAnswer {
  const read = types.map(({ extensions, autoAnswer }) => ({ fits: new RegExp(extensions), autoAnswer }))
  return extension => read.find(({ fits }) => fits.test(extension))?.autoAnswer ?? 'both'
}
