/** Areas, and how numbers of a country are dialled within one. Pure; libphonenumber knows which there are. */
import {
  getCountries,
  getCountryCallingCode,
  Metadata,
  parsePhoneNumberFromString,
  type CountryCode,
  type PhoneNumber,
} from 'libphonenumber-js/max'

/** What the library has, and its types leave out. */
type Plan = { nationalPrefix: () => string | 0 | undefined }
export const nationalPrefixOf = oncePerCountry(country => {
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country)
  // Where there is none, it may be the number 0.
  return (metadata.numberingPlan as unknown as Plan).nationalPrefix() || ''
})
/** How numbers abroad begin where they are dialled in the country: a pattern of digits, such as `011` or `00(?:1[245]|…)`. */
export const abroadPatternOf = oncePerCountry(country => {
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country)
  return metadata.numberingPlan?.IDDPrefix() ?? ''
})
/** Without the plus. */
export const callingCodeOf = oncePerCountry(country => getCountryCallingCode(country))

/** Reading a number asks for both many times. */
function oncePerCountry(ask: (country: CountryCode) => string): (country: CountryCode) => string {
  const known = new Map<CountryCode, string>()
  return country => {
    const answer = known.get(country) ?? ask(country)
    known.set(country, answer)
    return answer
  }
}

/** Codes of countries behind which no number begins with a 0: the 0 of the national form is left out there. */
const WITHOUT_ZERO: ReadonlySet<string> = new Set(
  getCountries()
    .filter(country => nationalPrefixOf(country) === '0')
    .map(callingCodeOf),
)

function codeWithoutZero(digits: string): string | undefined {
  const codes = [1, 2, 3].map(length => digits.slice(1, 1 + length))
  return digits.startsWith('+') ? codes.find(code => WITHOUT_ZERO.has(code)) : undefined
}

/** `+49030…` -> `+4930…`: with the national prefix behind the code of the country, as people write it. */
export function withoutNationalZero(digits: string): string {
  const code = codeWithoutZero(digits)
  const rest = digits.slice(1 + (code?.length ?? 0))
  return code !== undefined && /^0(?!0)/.test(rest) ? `+${code}${rest.slice(1)}` : digits
}

/** No number begins so: `+0…`, `+4900…`. */
export const isNoBeginning = (digits: string) =>
  digits.startsWith('+0') || digits.startsWith('0', 1 + (codeWithoutZero(digits)?.length ?? digits.length))

/**
 * As it stands, and without the national prefix, which an area may begin like. In Italy the 0 is part of the number, and people
 * leave it out all the same.
 */
export function areasOf(country: CountryCode, ownArea: string): string[] {
  const prefix = nationalPrefixOf(country)
  if (prefix === '') return ownArea.startsWith('0') ? [ownArea] : [`0${ownArea}`, ownArea]
  const bare = ownArea.startsWith(prefix) ? ownArea.slice(prefix.length) : ''
  return bare === '' ? [ownArea] : [ownArea, bare]
}

/**
 * Numbers are dialled whole, also within an area. In Britain that differs from area to area; there the short form is taken. In North
 * America, too; there a short form is read, and the whole one is dialled.
 */
const CLOSED: readonly string[] =
  'AD BE CH CL CO CY CZ DK DZ EE ES FR GF GP GR HK IS IT LI LU LV MA MC MO MQ MT MX NO PL PT RE RO SG SM TH TN VA ZA'.split(
    ' ',
  )
export const isClosed = (country: CountryCode) => CLOSED.includes(country)

/** The library does not write the area apart there; an area has so many digits, at least. */
const UNWRITTEN: Partial<Record<CountryCode, number>> = { ES: 2, CZ: 1 }

/**
 * There the library writes each area whole: digits behind it are no area. Elsewhere it writes the beginning of some (`21` of the Greek 210), or
 * that has not been looked at.
 */
const WRITTEN_WHOLE: readonly string[] = 'AR AT AU BR CA CH CN DE FR GB HU IT JP KR NL NZ RU SE TR TW US'.split(' ')

/** Whether there is such an area, and not only areas that begin so: one of the local numbers behind it is written with it. */
export function hasArea(country: CountryCode, ownArea: string): boolean {
  const least = UNWRITTEN[country]
  return areasOf(country, ownArea).some(area =>
    numbersBehind(country, area).some(phone => {
      const [, written = ''] = phone.formatInternational().split(' ')
      if (least !== undefined) return area.length >= least
      return WRITTEN_WHOLE.includes(country) ? area === written : area.startsWith(written)
    }),
  )
}

/** Fixed lines, of those that are tried. */
function numbersBehind(country: CountryCode, area: string): PhoneNumber[] {
  const code = `+${callingCodeOf(country)}`
  const lengths = Array.from({ length: MAX_LOCAL - MIN_LOCAL + 1 }, (_, i) => i + MIN_LOCAL)
  const locals = BEHIND_AREA.flatMap(behind => lengths.map(length => behind.slice(0, length)))
  return locals.flatMap(local => {
    const phone = parsePhoneNumberFromString(`${code}${area}${local}`)
    const isFixed = phone !== undefined && FIXED_LINES.includes(phone.getType())
    return isFixed && phone.nationalNumber === `${area}${local}` ? [phone] : []
  })
}
const MIN_LOCAL = 5
const MAX_LOCAL = 9
const FIXED_LINES: readonly unknown[] = ['FIXED_LINE', 'FIXED_LINE_OR_MOBILE']
/** Local numbers, to be tried in each length. */
const BEHIND_AREA = [2, 3, 4, 5, 6, 7, 8, 9]
  .map(digit => String(digit).repeat(9))
  .concat('234567890', '555123456', '654321098', '301234567')
