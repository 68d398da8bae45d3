/**
 * The country and the type of a number, by the patterns of libphonenumber. The library builds each pattern anew whenever it is asked;
 * here they are kept, which is what makes a look-up fast. Pure but for that.
 */
import { Metadata, type CountryCode } from 'libphonenumber-js/core'
import metadataJson from 'libphonenumber-js/max/metadata'
import type { NumberType } from '../events/area.js'

type Plan = { country: CountryCode; leading?: RegExp; whole: RegExp; types: [NumberType, RegExp][] }

const TYPES = [
  ['FIXED_LINE', 'fixed'],
  ['MOBILE', 'mobile'],
  ['PREMIUM_RATE', 'premium'],
  ['TOLL_FREE', 'toll-free'],
  ['SHARED_COST', 'shared-cost'],
  ['VOIP', 'voip'],
  ['PERSONAL_NUMBER', 'personal'],
  ['PAGER', 'pager'],
  ['UAN', 'company'],
  ['VOICEMAIL', 'voicemail'],
] as const

/** What the library has and its types leave out. */
type Pattern = { pattern: () => string | undefined; possibleLengths: () => number[] | undefined }
type Own = {
  selectNumberingPlan: (country: string) => void
  getCountryCodesForCallingCode: (code: string) => CountryCode[] | undefined
  type: (name: string) => Pattern | undefined
  nationalNumberPattern: () => string
  /** 0 where there are none. */
  numberingPlan: { leadingDigits: () => string | 0 | undefined }
}

const entirely = (pattern: string) => new RegExp(`^(?:${pattern})$`)
const plans = new Map<string, Plan[]>()

function planOf(metadata: Own, country: CountryCode): Plan {
  metadata.selectNumberingPlan(country)
  const leading = metadata.numberingPlan.leadingDigits()
  const types = TYPES.flatMap(([name, type]): [NumberType, RegExp][] => {
    const pattern = metadata.type(name)?.pattern()
    return pattern === undefined || pattern === '' ? [] : [[type, entirely(pattern)]]
  })
  // Where both have one pattern, only that of fixed lines is there.
  const both = metadata.type('MOBILE')?.pattern() === ''
  return {
    country,
    ...(typeof leading === 'string' && { leading: new RegExp(`^(?:${leading})`) }),
    whole: entirely(metadata.nationalNumberPattern()),
    types: both ? types.map(([type, p]) => [type === 'fixed' ? 'fixed-or-mobile' : type, p]) : types,
  }
}

function plansOf(callingCode: string): Plan[] {
  const known = plans.get(callingCode)
  if (known) return known
  const metadata = new Metadata(metadataJson) as unknown as Own
  const made = (metadata.getCountryCodesForCallingCode(callingCode) ?? [])
    .filter(country => /^[A-Z]{2}$/.test(country))
    .map(country => planOf(metadata, country))
  plans.set(callingCode, made)
  return made
}

/** Codes have one to three digits, and none is the beginning of another. */
function callingCodeOf(digits: string): string | undefined {
  for (let length = 1; length <= 3; length += 1) {
    const code = digits.slice(0, length)
    if (plansOf(code).length > 0) return code
  }
  return undefined
}

function typeIn({ whole, types }: Plan, national: string): NumberType | undefined {
  if (!whole.test(national)) return undefined
  const [first, second] = types.filter(([, pattern]) => pattern.test(national))
  return first?.[0] === 'fixed' && second?.[0] === 'mobile' ? 'fixed-or-mobile' : first?.[0]
}

/** `digits`: of a whole number, without the plus. */
export function kindOf(digits: string): { country?: CountryCode; type?: NumberType } {
  const code = callingCodeOf(digits)
  if (code === undefined) return {}
  const national = digits.slice(code.length)
  const all = plansOf(code)
  const plan =
    all.length === 1
      ? all[0]
      : all.find(p => (p.leading ? p.leading.test(national) : typeIn(p, national) !== undefined))
  if (!plan) return {}
  const type = typeIn(plan, national)
  return { country: plan.country, ...(type !== undefined && { type }) }
}

export const COUNTRIES: ReadonlySet<string> = new Set(Object.keys(metadataJson.countries))

/** Codes that several countries share, and how many digits their numbers have with it. */
const SHARED: Readonly<Record<string, number>> = { 1: 11, 7: 11 }
/** The code and the area: what tells those countries apart. */
const CERTAIN = 4
const countries = new Map<string, readonly string[]>()

/** The countries in which numbers that begin so can be. */
export function countriesOf(beginning: string): readonly string[] {
  const digits = beginning.slice(0, CERTAIN)
  const known = countries.get(digits) ?? countriesFor(digits)
  countries.set(digits, known)
  return known
}

function countriesFor(digits: string): readonly string[] {
  const code = callingCodeOf(digits)
  if (code === undefined) return []
  const { country } = kindOf(digits.padEnd(SHARED[code] ?? 0, '2'))
  return country === undefined ? plansOf(code).map(plan => plan.country) : [country]
}
