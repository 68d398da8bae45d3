/**
 * Emergency and service numbers: they are dialled as they are, and have no E.164. Those of the country count, unless the
 * configuration names others. Pure.
 */
import { isSupportedCountry, type CountryCode } from 'libphonenumber-js/max'
import { callingCodeOf } from './area.js'
import { clirBefore } from './clir.js'
import { EMERGENCY_NUMBERS } from './emergency-table.js'
import { DIALLED_END, plainOf, withoutContext } from './text.js'

export type SpecialNumbers = { country?: CountryCode; emergency?: readonly string[]; service?: readonly string[] }

/** Without a country, what reaches help from mobiles everywhere, and from most fixed lines. */
const WORLDWIDE = ['112']

export const emergencyNumbersOf = ({ country, emergency }: SpecialNumbers): readonly string[] =>
  emergency ?? (country === undefined ? WORLDWIDE : (EMERGENCY_NUMBERS[country]?.split(' ') ?? WORLDWIDE))

/** 116 000 to 116 123: help of social value, harmonised in Europe. */
const EUROPE = 'AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(
  ' ',
)
const HARMONISED = '116[0-9]{3}'
/**
 * CN: banks, insurers and carriers (95…), carriers (100…), citizens' services (12…), directory (114), post (1118…), regional
 * services (96…), and the numbers of companies that are the same everywhere (400…, 800…).
 */
const SERVICE: Readonly<Record<string, string>> = {
  CN: '95[0-9]{3,6}|96[0-9]{3,4}|100[0-9]{2}|12[0-9]{3}|114|1118[0-9]|[48]00[0-9]{7}',
  HK: '1823|18[0-9]{2,3}',
  TW: '1999|19[0-9]{2}|16[0-9]{2}',
  DE: '115',
  GB: '101|105|111|119|123|159',
  US: '[2-8]11|988',
  CA: '[2-8]11|988',
}

export function isServiceOf({ country, service }: SpecialNumbers): (digits: string) => boolean {
  const known = [SERVICE[country ?? ''] ?? '', EUROPE.includes(country ?? '') ? HARMONISED : ''].filter(Boolean)
  const patterns = service?.map(pattern => pattern.replace('+', '\\+').replace(/\*$/, '.*')) ?? known
  const any = new RegExp(`^(?:${patterns.join('|')})$`)
  return digits => patterns.length > 0 && any.test(digits)
}

const services = new Map<CountryCode, (digits: string) => boolean>()
/** One of those that the country has, whatever the configuration names. */
export function isServiceIn(country: CountryCode, digits: string): boolean {
  const isService = services.get(country) ?? isServiceOf({ country })
  services.set(country, isService)
  return isService(digits)
}

type Plan = { country?: CountryCode; trunkPrefix?: string; internationalPrefix?: string }

/**
 * The emergency number that somebody has written: also with separators, the dial prefix, a plus, the context of a URI, or a code that
 * withholds the caller's number. Behind the code of a country it is none: no network takes it as one.
 */
export function emergencyIn(plan: Plan, emergency: readonly string[], text: string): string | undefined {
  const { country, trunkPrefix = '', internationalPrefix = '00' } = plan
  const starts = [
    (form: string) => clirBefore(country, form).length,
    ...[trunkPrefix, '+'].map(start => (form: string) => (form.startsWith(start) ? start.length : 0)),
  ]
  const written = [text, withoutContext(text)].map(one => plainOf(one, internationalPrefix).replace(DIALLED_END, '$1'))
  return written.flatMap(form => peeled(form, starts)).find(form => emergency.includes(form))
}

/** With and without each of what may stand before it, once and in any order. */
function peeled(form: string, starts: readonly ((form: string) => number)[]): string[] {
  const behind = starts.flatMap((start, i) => {
    const length = start(form)
    return length === 0 ? [] : peeled(form.slice(length), starts.toSpliced(i, 1))
  })
  return [form, ...behind]
}

const withCode = (country: CountryCode, numbers: readonly string[]) =>
  numbers.map(number => `+${callingCodeOf(country)}${number}`)
const BEHIND_CODES: ReadonlySet<string> = new Set(
  Object.entries(EMERGENCY_NUMBERS).flatMap(([country, numbers]) =>
    isSupportedCountry(country) ? withCode(country, numbers.split(' ')) : [],
  ),
)

/** `+49112`: an emergency number of that country, or one of the site, behind the code of its country. */
export const isEmergencyBehindCode = ({ country }: Plan, emergency: readonly string[], key: string): boolean =>
  BEHIND_CODES.has(key) || (country !== undefined && withCode(country, emergency).includes(key))
