/** What the configuration says of the numbers that are dialled over the API: `pbxs.dialling`. */
import { getCountryCallingCode, isSupportedCountry, type CountryCode } from 'libphonenumber-js/max'
import { Type, type Static } from 'typebox'
import { NUMBER_CLASSES, type NumberClass } from './events/number.js'
import type { AreaOf } from './areas/library.js'
import { abroadPatternOf, areasOf, hasArea } from './numbers/area.js'
import type { NumberPlan } from './numbers/read.js'
import { emergencyNumbersOf, isServiceOf, type SpecialNumbers } from './numbers/special.js'
import type { DialRules } from './routing/numbers.js'

const closed = { additionalProperties: false }
const Pattern = Type.String({ pattern: '^\\+?[0-9]{1,20}\\*?$' })
const Patterns = Type.Array(Pattern, { maxItems: 1_000 })
const CLASSES = Object.keys(NUMBER_CLASSES) as NumberClass[]
/** It fits 911 and 999, too, and nobody has chosen it. */
const INTERNAL = '^[2-9][0-9]{1,3}$'
/** What an extension looks like where nothing is configured. */
export const EXTENSIONS = '^[1-9][0-9]{1,5}$'
const OPENED: readonly NumberClass[] = ['international', 'premium', 'other']

export const DiallingSchema = Type.Object(
  {
    trunkPrefix: Type.String({ pattern: '^[0-9*#]{0,8}$', default: '' }),
    form: Type.Enum(['as-given', 'national', 'e164'], { default: 'as-given' }),
    internationalPrefix: Type.String({ pattern: '^(\\+|[0-9]{1,6})$', default: '00' }),
    ownArea: Type.Optional(Type.String({ pattern: '^[0-9]{1,6}$' })),
    prefixedCallers: Type.Boolean({ default: false }),
    ownMobiles: Type.Optional(
      Type.Union([
        Type.Literal('from-areas'),
        Type.Array(Type.String({ pattern: '^[0-9]{1,10}$' }), { maxItems: 10_000 }),
      ]),
    ),
    internal: Type.String({ default: INTERNAL }),
    emergency: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{2,8}$' }), { maxItems: 100 })),
    service: Type.Optional(Patterns),
    forbidden: Type.Array(Pattern, { maxItems: 1_000, default: [] }),
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
type Settings = {
  dialling: Dialling
  country?: string
  extensions: string
  bareNumbers?: 'national' | 'international'
}

export function diallingContradictions({ dialling, country }: Settings): string[] {
  const { form, ownArea, ownMobiles, internal, prefixedCallers, trunkPrefix } = dialling
  return [
    ...(isRegExp(internal) ? [] : ['dialling.internal is no regular expression']),
    ...(ownArea !== undefined && country !== undefined && isSupportedCountry(country) && !hasArea(country, ownArea)
      ? [`dialling.ownArea: ${country} has no area ${ownArea}`]
      : []),
    ...(prefixedCallers && trunkPrefix === '' ? ['dialling.prefixedCallers needs trunkPrefix'] : []),
    ...(form === 'national' && country === undefined ? ['dialling.form: national needs a country'] : []),
    ...(ownArea !== undefined && country === undefined ? ['dialling.ownArea needs a country'] : []),
    ...(ownMobiles === undefined || form === 'national'
      ? []
      : ['dialling.ownMobiles is of no use without form: national']),
    ...(ownMobiles === 'from-areas' && ownArea === undefined ? ['dialling.ownMobiles: from-areas needs ownArea'] : []),
  ]
}

export function diallingWarnings(settings: Settings): string[] {
  const { dialling, extensions } = settings
  const patterns = [
    ['extensions', extensions, EXTENSIONS],
    ['dialling.internal', dialling.internal, INTERNAL],
  ] as const
  const own = patterns.filter(([, pattern, usual]) => pattern !== usual && isRegExp(pattern))
  const emergency = emergencyNumbersOf(specialOf(settings))
  const shadows = own.flatMap(([name, source]) => {
    const pattern = new RegExp(source)
    const longer = longerThanWhole(pattern)
    return [
      ...(longer === undefined ? [] : [`${name} also fits ${longer}: begin it with ^ and end it with $`]),
      ...helpShadowed(pattern, emergency, dialling.trunkPrefix).map(fits => `${name} also fits ${fits}`),
    ]
  })
  return [...shadows, ...foreignPrefix(settings)]
}

/** Most of all the default, in a country that has another. */
function foreignPrefix({ dialling: { internationalPrefix: prefix }, country }: Settings): string[] {
  if (prefix === '+' || country === undefined || !isSupportedCountry(country)) return []
  const pattern = abroadPatternOf(country)
  if (new RegExp(`^(?:${pattern})`).test(prefix)) return []
  const usual = /^\d+$/.test(pattern) ? `: there it is ${pattern}` : ''
  return [`dialling.internationalPrefix: ${prefix} is not how numbers abroad are dialled in ${country}${usual}`]
}

/** An extension that nobody can call, since the emergency number is dialled. */
const helpShadowed = (pattern: RegExp, emergency: readonly string[], trunkPrefix: string) => [
  ...emergency
    .filter(number => pattern.test(number))
    .map(number => `${number}, which is an emergency number and is dialled as that`),
  ...(trunkPrefix === '' ? [] : emergency)
    .filter(number => pattern.test(`${trunkPrefix}${number}`))
    .map(
      number => `${trunkPrefix}${number}, which is an emergency number behind the dial prefix and is dialled as that`,
    ),
]

/** What a pattern fits that has no end, or no beginning: more than a whole number. */
function longerThanWhole(pattern: RegExp): string | undefined {
  for (let number = 0; number < TRIED; number += 1) {
    if (!pattern.test(String(number))) continue
    const longer = [`${number}x`, `x${number}`].find(text => pattern.test(text))
    if (longer !== undefined) return longer
  }
  return undefined
}
/** Numbers of up to five digits. */
const TRIED = 100_000

const specialOf = ({ dialling: { emergency, service }, country }: Settings): SpecialNumbers => ({
  ...(country === undefined ? {} : { country: country as CountryCode }),
  ...(emergency && { emergency }),
  ...(service && { service }),
})

/** `areaOf`: where numbers are at home, for the mobiles of the own area. */
export function dialRulesOf(settings: Settings, areaOf: AreaOf = () => ({})): DialRules {
  const { dialling, extensions } = settings
  const { trunkPrefix, form, internationalPrefix, forbidden, allowed } = dialling
  const special = specialOf(settings)
  const isOwnMobile = ownMobilesOf(settings, areaOf)
  return {
    ...numberPlanOf(settings),
    ...{ trunkPrefix, form, internationalPrefix, forbidden, allowed },
    extension: new RegExp(extensions),
    internal: new RegExp(dialling.internal),
    emergency: emergencyNumbersOf(special),
    isService: isServiceOf(special),
    ...(special.country && { country: special.country }),
    ...(isOwnMobile && { isOwnMobile }),
  }
}

function ownMobilesOf({ dialling, country }: Settings, areaOf: AreaOf): DialRules['isOwnMobile'] {
  const { ownMobiles, ownArea } = dialling
  if (ownMobiles !== 'from-areas')
    return ownMobiles && (phone => ownMobiles.some(beginning => phone.nationalNumber.startsWith(beginning)))
  if (country === undefined || ownArea === undefined) return undefined
  const own = cityOf(country as CountryCode, ownArea, areaOf)
  return ({ number }) => own !== undefined && areaOf(number).city === own
}

/** Fixed lines of a city begin with its area. */
function cityOf(country: CountryCode, ownArea: string, areaOf: AreaOf): string | undefined {
  const code = `+${getCountryCallingCode(country)}`
  const homes = areasOf(country, ownArea).flatMap(area =>
    LENGTHS.map(length => areaOf(`${code}${area.padEnd(length, '6')}`)),
  )
  return homes.findLast(({ city }) => city !== undefined)?.city
}
/** Of a fixed line, with its area. */
const LENGTHS = [8, 9, 10, 11]

/** What it says of how numbers are read. */
export function numberPlanOf(settings: Settings): NumberPlan {
  const { internal, ownArea, internationalPrefix, trunkPrefix, prefixedCallers } = settings.dialling
  const special = specialOf(settings)
  const emergency: ReadonlySet<string> = new Set(emergencyNumbersOf(special))
  const isService = isServiceOf(special)
  return {
    internal: new RegExp(internal),
    ...(internal === INTERNAL && { internalIsDefault: true }),
    ...(ownArea === undefined ? {} : { ownArea }),
    ...(settings.bareNumbers === 'international' && { bareInternational: true }),
    ...(trunkPrefix === '' ? {} : { trunkPrefix }),
    ...(prefixedCallers && { prefixedCallers }),
    internationalPrefix,
    isSpecial: digits => emergency.has(digits) || isService(digits),
    isService: digits => isService(digits) && !emergency.has(digits),
  }
}

export function isRegExp(source: string) {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
