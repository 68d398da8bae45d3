/** What the configuration says of the endpoints of a site: `pbxs.trunks`, `pbxs.phones` and `pbxs.phoneTypes`. */
import { Type, type Static } from 'typebox'
import { AUTO_ANSWERS, type AutoAnswer } from './calls/decide.js'
import { isRegExp } from './config-dialling.js'
import { ENDPOINT, ENDPOINT_NAME } from './pbx/dial-string.js'

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

type Endpoints = {
  trunks: readonly string[]
  phones: Readonly<Record<string, string>>
  extensions: string
  endpoint: string
}

export function endpointContradictions({ trunks, phones, extensions, endpoint }: Endpoints): string[] {
  const extension = isRegExp(extensions) ? new RegExp(extensions) : undefined
  return [
    ...(ENDPOINT.test(endpoint.replaceAll('{extension}', '1001'))
      ? []
      : [
          'endpoint is nothing that can be rung by command, such as PJSIP/{extension}; options such as /n cannot stand there',
        ]),
    ...(ENDPOINT.test(endpoint.replaceAll('{extension}', '1001')) && /^local\//i.test(endpoint)
      ? [
          'endpoint: a Local channel is no phone, and has no state; name the phone itself, such as PJSIP/{extension}, and in phones those that have another name',
        ]
      : []),
    ...Object.keys(phones)
      .filter(name => !ENDPOINT_NAME.test(name))
      .map(
        name =>
          `phones.${name}: the name of an endpoint that can be rung by command has letters, digits and _ . + - only`,
      ),
    ...Object.entries(phones)
      .filter(([, of]) => extension?.test(of) === false)
      .map(([name, of]) => `phones.${name}: ${of} does not fit extensions (${extensions})`),
    ...trunks.filter(name => Object.hasOwn(phones, name)).map(name => `phones.${name} is also in trunks`),
  ]
}

export const endpointWarnings = ({ trunks }: Pick<Endpoints, 'trunks'>): string[] =>
  trunks.length === 0 ? ['trunks is empty: no call is from or to outside'] : []

/** The first type that an extension fits tells how its phone is asked to answer; without any, in both ways there are. */
export function autoAnswersOf(types: PhoneTypes): (extension: string) => AutoAnswer {
  const read = types.map(({ extensions, autoAnswer }) => ({ fits: new RegExp(extensions), autoAnswer }))
  return extension => read.find(({ fits }) => fits.test(extension))?.autoAnswer ?? 'both'
}
