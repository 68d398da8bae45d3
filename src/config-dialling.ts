/** What the configuration says of the numbers that are dialled over the API: `pbxs.dialling`. */
import type { CountryCode } from 'libphonenumber-js'
import { Type, type Static } from 'typebox'
import { NUMBER_CLASSES, type NumberClass } from './events/number.js'
import type { NumberPlan } from './numbers/read.js'
import type { DialRules } from './routing/numbers.js'

const closed = { additionalProperties: false }
const Patterns = Type.Array(Type.String({ pattern: '^\\+?[0-9]{1,20}\\*?$' }), { maxItems: 1_000, default: [] })
const CLASSES = Object.keys(NUMBER_CLASSES) as NumberClass[]
const OPENED: readonly NumberClass[] = ['international', 'premium', 'other']

export const DiallingSchema = Type.Object(
  {
    trunkPrefix: Type.String({ pattern: '^[0-9*#]{0,8}$', default: '' }),
    form: Type.Enum(['as-given', 'national', 'e164'], { default: 'as-given' }),
    internationalPrefix: Type.String({ pattern: '^(\\+|[0-9]{1,6})$', default: '00' }),
    ownArea: Type.Optional(Type.String({ pattern: '^[0-9]{1,6}$' })),
    ownMobiles: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{1,10}$' }), { maxItems: 10_000 })),
    internal: Type.String({ default: '^[2-9][0-9]{1,3}$' }),
    emergency: Type.Array(Type.String({ pattern: '^[0-9]{2,8}$' }), { maxItems: 100, default: ['112'] }),
    service: Patterns,
    forbidden: Patterns,
    perHour: Type.Object(
      {
        outside: Type.Integer({ minimum: 0, maximum: 1_000, default: 0 }),
        costly: Type.Integer({ minimum: 0, maximum: 1_000, default: 20 }),
      },
      { ...closed, default: {} },
    ),
    allowed: Type.Array(Type.Enum(CLASSES), {
      uniqueItems: true,
      default: CLASSES.filter(name => !OPENED.includes(name)),
    }),
  },
  { ...closed, default: {} },
)
type Dialling = Static<typeof DiallingSchema>
type Settings = { dialling: Dialling; country?: string; extensions: string }

export function diallingContradictions({ dialling, country }: Settings): string[] {
  const { form, ownArea, ownMobiles, internal } = dialling
  return [
    ...(isRegExp(internal) ? [] : ['dialling.internal is no regular expression']),
    ...(form === 'national' && country === undefined ? ['dialling.form: national needs a country'] : []),
    ...(ownArea !== undefined && country === undefined ? ['dialling.ownArea needs a country'] : []),
    ...(ownMobiles === undefined || form === 'national'
      ? []
      : ['dialling.ownMobiles is of no use without form: national']),
  ]
}

export const dialRulesOf = ({ dialling, country, extensions }: Settings): DialRules => {
  const { internal, perHour: _, ...rules } = dialling
  return {
    ...rules,
    extension: new RegExp(extensions),
    internal: new RegExp(internal),
    ...(country === undefined ? {} : { country: country as CountryCode }),
  }
}

/** What it says of how numbers are read. */
export function numberPlanOf({ internal, ownArea, internationalPrefix, trunkPrefix, ...rest }: Dialling): NumberPlan {
  const special = new RegExp(`^(?:${[...rest.emergency, ...rest.service].map(patternOf).join('|')})$`)
  return {
    internal: new RegExp(internal),
    ...(ownArea === undefined ? {} : { ownArea }),
    ...(trunkPrefix === '' ? {} : { trunkPrefix }),
    internationalPrefix,
    isSpecial: digits => special.test(digits),
  }
}

const patternOf = (pattern: string) => pattern.replace('+', '\\+').replace(/\*$/, '.*')

export function isRegExp(source: string) {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
