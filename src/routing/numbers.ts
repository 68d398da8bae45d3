/**
 * A number as somebody wrote it -> what would be dialled, and why, or why not. Pure. `libphonenumber-js/max` knows what kind of
 * number it is (mobile, premium); everything that depends on the site comes from the configuration.
 */
import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max'
import type { ErrorCode } from '../base/errors.js'
import type { NumberClass, NumberReason } from '../events/number.js'

export type DialRules = {
  /** What an extension looks like. */
  extension: RegExp
  /** Other numbers that the PBX itself answers: queues, conferences. */
  internal: RegExp
  country?: CountryCode
  /** Goes before each number outside. */
  trunkPrefix: string
  /** How a number outside is dialled. */
  form: 'as-given' | 'national' | 'e164'
  /** Goes before the country code in the national form. */
  internationalPrefix: string
  /** Without the national prefix, such as `30`; a number in it is dialled without it in the national form. */
  ownArea?: string
  /** The beginnings of mobile numbers of the own area; before all others goes a 0. Undefined: before none. */
  ownMobiles?: readonly string[]
  /** Patterns: digits, or + and digits, and perhaps a `*` at the end, for whatever follows. */
  emergency: readonly string[]
  service: readonly string[]
  forbidden: readonly string[]
  allowed: readonly NumberClass[]
}

export type Judged = {
  class: NumberClass
  e164?: string
  country?: string
  reasons: NumberReason[]
} & ({ dials: string } | { code: ErrorCode })

/** What people put between digits; control characters are not among it. */
const SEPARATORS = /[ \u00a0().\-/]/g
const DIALLABLE = /^\+?[0-9*#]{1,32}$/
const DIGITS = /^\+?[0-9]+$/

type Read = { class: NumberClass; dials: string; phone?: PhoneNumber; reasons: NumberReason[] }

/** `granted`: classes that whoever dials may dial beside those that everybody may. */
export function judgeNumber(rules: DialRules, written: string, granted: ReadonlySet<NumberClass>): Judged {
  const number = written.replace(/^(\s*\+[0-9 ]+)\(0\)/, '$1').replace(SEPARATORS, '')
  if (!DIALLABLE.test(number)) return { class: 'other', code: 'NUMBER_NOT_ALLOWED', reasons: ['not-a-number'] }
  const { phone, dials, ...read } = readNumber(rules, number)
  const known = {
    class: read.class,
    ...(phone && { e164: phone.number, ...(phone.country && { country: phone.country }) }),
  }
  if (read.class === 'emergency') return { ...known, dials, reasons: read.reasons }
  // By whatever form it could be dialled: +49900…, 0049900… and 0900… are one number. Abroad, 0900… is another.
  const isHere = phone !== undefined && read.class !== 'international'
  const forms = [number, dials, ...(phone ? [phone.number] : []), ...(isHere ? [nationalOf(phone)] : [])]
  if (rules.forbidden.some(pattern => forms.some(form => matches(pattern, form))))
    return { ...known, code: 'NUMBER_FORBIDDEN', reasons: [...read.reasons, 'forbidden'] }
  if (!rules.allowed.includes(read.class) && !granted.has(read.class))
    return { ...known, code: 'NUMBER_CLASS_FORBIDDEN', reasons: [...read.reasons, 'class-not-allowed'] }
  // What is added may make it longer than any number is.
  if (!DIALLABLE.test(dials)) return { ...known, code: 'NUMBER_NOT_ALLOWED', reasons: [...read.reasons, 'too-long'] }
  const byRight = rules.allowed.includes(read.class) ? [] : (['by-right'] as const)
  return { ...known, dials, reasons: [...read.reasons, ...byRight] }
}

function readNumber(rules: DialRules, number: string): Read {
  if (listed(rules.emergency, number)) return outside(rules, 'emergency', number, ['emergency'])
  if (/^[*#]/.test(number)) return { class: 'code', dials: number, reasons: ['code'] }
  if (rules.extension.test(number)) return { class: 'internal', dials: number, reasons: ['extension'] }
  if (listed(rules.service, number)) return outside(rules, 'service', number, ['service'])
  if (rules.internal.test(number)) return { class: 'internal', dials: number, reasons: ['internal'] }
  if (!DIGITS.test(number)) return outside(rules, 'other', number, ['unknown'])
  const abroad = number.startsWith('+') || number.startsWith(rules.internationalPrefix)
  const phone = phoneOf(rules, number)
  if (!phone && !abroad && rules.country === undefined) return outside(rules, 'national', number, ['unread'])
  if (!phone) return outside(rules, abroad ? 'international' : 'other', number, ['unknown'])
  const read = readPhone(rules, phone)
  const dials = rules.form === 'as-given' ? number : rules.form === 'e164' ? phone.number : read.dials
  const reasons = rules.form === 'national' ? read.reasons : []
  return { ...outside(rules, read.class, dials, [`is-${read.class}`, ...reasons]), phone }
}

/** Undefined if it is none that exists. */
function phoneOf({ country, internationalPrefix }: DialRules, number: string): PhoneNumber | undefined {
  const plain =
    number.startsWith(internationalPrefix) && !number.startsWith('+')
      ? `+${number.slice(internationalPrefix.length)}`
      : number
  const phone = parsePhoneNumberFromString(plain, country ? { defaultCountry: country } : {})
  return phone?.isValid() ? phone : undefined
}

type ReadPhone = { class: Extract<NumberClass, 'local' | 'national' | 'mobile' | 'international' | 'premium'> }
function readPhone(rules: DialRules, phone: PhoneNumber): ReadPhone & { dials: string; reasons: NumberReason[] } {
  const { ownArea, ownMobiles } = rules
  if (phone.country !== rules.country || phone.country === undefined)
    return {
      class: 'international',
      dials: `${rules.internationalPrefix}${phone.number.slice(1)}`,
      reasons: ['international-prefix'],
    }
  const type = phone.getType()
  const national = nationalOf(phone)
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST') return { class: 'premium', dials: national, reasons: [] }
  if (type === 'MOBILE') {
    if (!ownMobiles) return { class: 'mobile', dials: national, reasons: [] }
    const isOwn = ownMobiles.some(beginning => phone.nationalNumber.startsWith(beginning))
    const bare = phone.nationalNumber
    return isOwn
      ? { class: 'mobile', dials: bare, reasons: ['mobile-of-own-area'] }
      : { class: 'mobile', dials: `0${bare}`, reasons: ['mobile-of-another-area'] }
  }
  if (ownArea !== undefined && phone.nationalNumber.startsWith(ownArea))
    return { class: 'local', dials: phone.nationalNumber.slice(ownArea.length), reasons: ['own-area'] }
  return { class: 'national', dials: national, reasons: [] }
}

/** With the national prefix, where the country has one and the number takes it. */
const nationalOf = (phone: PhoneNumber) => phone.formatNational().replace(/\D/g, '')

function outside(rules: DialRules, kind: NumberClass, number: string, reasons: NumberReason[]): Read {
  if (rules.trunkPrefix === '') return { class: kind, dials: number, reasons }
  return { class: kind, dials: `${rules.trunkPrefix}${number}`, reasons: [...reasons, 'trunk-prefix'] }
}

const listed = (patterns: readonly string[], number: string) => patterns.some(pattern => matches(pattern, number))
const matches = (pattern: string, number: string) =>
  pattern.endsWith('*') ? number.startsWith(pattern.slice(0, -1)) : number === pattern
