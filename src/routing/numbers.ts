/**
 * A number as somebody wrote it -> what would be dialled, and why, or why not. Pure. `src/numbers` reads it; `libphonenumber-js/max`
 * knows what kind of number it is (mobile, premium); everything that depends on the site comes from the configuration.
 */
import type { PhoneNumber } from 'libphonenumber-js/max'
import type { ErrorCode } from '../base/errors.js'
import type { NumberClass, NumberReason } from '../events/number.js'
import { areasOf, callingCodeOf, isClosed } from '../numbers/area.js'
import {
  internationalOf,
  nationalOf,
  readNumber,
  serviceAbroad,
  type NumberPlan,
  type NumberRead,
} from '../numbers/read.js'
import { emergencyIn, isEmergencyBehindCode } from '../numbers/special.js'

export type DialRules = NumberPlan & {
  /** What an extension looks like. */
  extension: RegExp
  /** Other numbers that the PBX itself answers: queues, conferences. */
  internal: RegExp
  /** Goes before each number outside. */
  trunkPrefix: string
  /** How a number outside is dialled. */
  form: 'as-given' | 'national' | 'e164'
  /** Goes before the country code in the national form. */
  internationalPrefix: string
  /** Whether a mobile is of the own area; before all others goes a 0, in the national form. Undefined: before none. */
  isOwnMobile?: (phone: { number: string; nationalNumber: string }) => boolean
  emergency: readonly string[]
  isService: (digits: string) => boolean
  /** Patterns: digits, or + and digits, and perhaps a `*` at the end, for whatever follows. */
  forbidden: readonly string[]
  allowed: readonly NumberClass[]
}

export type Judged = {
  class: NumberClass
  e164?: string
  country?: string
  reasons: NumberReason[]
} & ({ dials: string } | { code: ErrorCode })

const DIALLABLE = /^\+?[0-9*#]{1,32}$/
const DIGITS = /^\+?[0-9]+$/

type Read = { class: NumberClass; dials: string; phone?: PhoneNumber; reasons: NumberReason[] }

/** `granted`: classes that whoever dials may dial beside those that everybody may. Nothing stops an emergency number. */
export function judgeNumber(rules: DialRules, written: string, granted: ReadonlySet<NumberClass>): Judged {
  const emergency = emergencyIn(rules, rules.emergency, written)
  if (emergency !== undefined) return outside(rules, 'emergency', emergency, ['emergency'])
  const number = readNumber(rules, written)
  if (!number || !DIALLABLE.test(number.digits))
    return { class: 'other', code: 'NUMBER_NOT_ALLOWED', reasons: ['not-a-number'] }
  const { phone, dials: wanted, ...read } = withClir(number, classify(rules, number))
  const unprefixed = read.reasons.includes('trunk-prefix') ? wanted.slice(rules.trunkPrefix.length) : wanted
  const dials = `${number.clir ?? ''}${wanted}`
  const service = serviceAbroad(rules, number.key)
  const known = {
    class: read.class,
    ...(phone && { e164: phone.number, ...(phone.country && { country: phone.country }) }),
  }
  // By whatever form it could be dialled: +49900…, 0049900… and 0900… are one number. Abroad, 0900… is another.
  const isHere = phone !== undefined && read.class !== 'international'
  const key = service ?? number.key
  const coded = key.startsWith('+') ? [key, worldwideOf(rules, key)] : []
  const forms = [number.digits, unprefixed, ...coded, ...(isHere ? [nationalOf(phone)] : [])]
  if (rules.forbidden.some(pattern => forms.some(form => matches(pattern, form))))
    return { ...known, code: 'NUMBER_FORBIDDEN', reasons: [...read.reasons, 'forbidden'] }
  if (!rules.allowed.includes(read.class) && !granted.has(read.class))
    return { ...known, code: 'NUMBER_CLASS_FORBIDDEN', reasons: [...read.reasons, 'class-not-allowed'] }
  if (phone === undefined && isEmergencyBehindCode(rules, rules.emergency, number.key))
    return { ...known, code: 'NUMBER_NOT_ALLOWED', reasons: [...read.reasons, 'emergency-behind-code'] }
  // What is added may make it longer than any number is.
  if (!DIALLABLE.test(dials)) return { ...known, code: 'NUMBER_NOT_ALLOWED', reasons: [...read.reasons, 'too-long'] }
  const byRight = rules.allowed.includes(read.class) ? [] : (['by-right'] as const)
  return { ...known, dials, reasons: [...read.reasons, ...byRight] }
}

/** What a call-back dials: neither an emergency number nor a code of the PBX, which a caller may show as a number. */
export const dialledBack = (judged: Judged): string | undefined =>
  'dials' in judged && judged.class !== 'emergency' && judged.class !== 'code' ? judged.dials : undefined

function classify(rules: DialRules, read: NumberRead): Read {
  const { digits } = read
  const phone = read.phone && withoutCarrier(read.phone)
  const bare = withoutPlus(rules, read)
  if (/^[*#]/.test(digits)) return { class: 'code', dials: digits, reasons: ['code'] }
  if (rules.extension.test(digits)) return { class: 'internal', dials: digits, reasons: ['extension'] }
  if (rules.isService(digits)) return outside(rules, 'service', bare, ['service'])
  if (rules.internal.test(digits)) return { class: 'internal', dials: digits, reasons: ['internal'] }
  if (!DIGITS.test(digits)) return outside(rules, 'other', digits, ['unknown'])
  const abroad = digits.startsWith('+') || digits.startsWith(internationalOf(rules))
  if (!phone && !abroad && rules.country === undefined) return outside(rules, 'national', digits, ['unread'])
  if (!phone) return outside(rules, abroad ? 'international' : 'other', bare, ['unknown'])
  const kind = readPhone(rules, phone)
  // No phone dials the code of a country without a prefix.
  const isBare = rules.bareInternational === true && `+${digits}` === phone.number
  const given = isBare ? kind.whole : digits
  const wanted = rules.form === 'as-given' ? given : rules.form === 'e164' ? phone.number : kind.dials
  const isPlain = !wanted.startsWith('+') || !hasBefore(rules, read)
  const dials = isPlain ? wanted : withoutPlus(rules, { ...read, digits: kind.whole })
  const reasons = [...withoutArea(rules, digits, phone), ...(rules.form === 'national' ? kind.reasons : [])]
  return { ...outside(rules, kind.class, dials, [`is-${kind.class}`, ...reasons]), phone }
}

/** With a carrier's code (China: `17951`) it is no number that may be dialled in another form: the code would be lost. */
const withoutCarrier = (phone: PhoneNumber) => ('carrierCode' in phone ? undefined : phone)

const hasBefore = ({ trunkPrefix }: DialRules, { clir }: NumberRead) => trunkPrefix !== '' || clir !== undefined

/** What goes before the number goes before digits, not before a plus. */
const withoutPlus = (rules: DialRules, read: NumberRead) =>
  hasBefore(rules, read) && read.digits.startsWith('+') ? worldwideOf(rules, read.digits) : read.digits
const worldwideOf = (rules: DialRules, digits: string) => `${internationalOf(rules)}${digits.slice(1)}`

const withClir = ({ clir }: NumberRead, read: Read): Read =>
  clir === undefined ? read : { ...read, reasons: [...read.reasons, 'clir'] }

/** It was written without the area, so it is one of the own area. */
const withoutArea = (rules: DialRules, digits: string, phone: PhoneNumber): NumberReason[] =>
  ownAreaOf(rules, phone) !== undefined && phone.nationalNumber.length > digits.length && DIGITS.test(digits)
    ? ['without-area']
    : []

/** The own area, if the number begins with it. */
const ownAreaOf = ({ country, ownArea }: DialRules, phone: PhoneNumber) =>
  country === undefined || ownArea === undefined || phone.country !== country
    ? undefined
    : areasOf(country, ownArea).find(area => phone.nationalNumber.startsWith(area))

type PhoneClass = Extract<NumberClass, 'local' | 'national' | 'mobile' | 'international' | 'premium'>
/** `whole`: as it is dialled from any area; `dials`: from the own one. */
type ReadPhone = { class: PhoneClass; whole: string; dials: string; reasons: NumberReason[] }

function readPhone(rules: DialRules, phone: PhoneNumber): ReadPhone {
  if (phone.country !== rules.country || phone.country === undefined) {
    const whole = wholeOf(phone)
    if (sharesCode(rules, phone)) return { class: 'international', whole, dials: whole, reasons: [] }
    const abroad = `${rules.internationalPrefix}${phone.number.slice(1)}`
    return { class: 'international', whole: abroad, dials: abroad, reasons: ['international-prefix'] }
  }
  const type = phone.getType()
  const whole = wholeOf(phone)
  const read = { whole, dials: whole, reasons: [] }
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST') return { ...read, class: 'premium' }
  if (type === 'MOBILE') return { ...read, class: 'mobile', ...mobileOf(rules, phone) }
  const area = ownAreaOf(rules, phone)
  if (area === undefined) return { ...read, class: 'national' }
  if (isClosed(phone.country) || isAmerican(phone)) return { ...read, class: 'local' }
  const local = phone.nationalNumber.slice(area.length)
  return readsBack(rules, phone, local)
    ? { ...read, class: 'local', dials: local, reasons: ['own-area'] }
    : { ...read, class: 'local', reasons: ['area-kept'] }
}

/** The same prefix leads to all countries of a code: 1 809… from the US, 01534… from Britain. */
const sharesCode = ({ country }: DialRules, phone: PhoneNumber) =>
  country !== undefined && callingCodeOf(country) === phone.countryCallingCode

const isAmerican = (phone: PhoneNumber) => phone.countryCallingCode === '1'
/** In North America ten digits are enough for a local number in most areas; 1 and ten digits are right for each. */
const wholeOf = (phone: PhoneNumber) => (isAmerican(phone) ? `1${phone.nationalNumber}` : nationalOf(phone))

function mobileOf({ isOwnMobile }: DialRules, phone: PhoneNumber): Partial<ReadPhone> {
  const bare = phone.nationalNumber
  if (!isOwnMobile) return {}
  return isOwnMobile(phone)
    ? { dials: bare, reasons: ['mobile-of-own-area'] }
    : { dials: `0${bare}`, reasons: ['mobile-of-another-area'] }
}

/** Without the area, 030 112 would be 112, and 030 1001 a colleague; 030 42376 is too short to be known as a number. */
const readsBack = (rules: DialRules, phone: PhoneNumber, local: string) =>
  (['written', 'sent'] as const).every(way => readNumber(rules, local, way)?.key === phone.number)

function outside(rules: DialRules, kind: NumberClass, number: string, reasons: NumberReason[]): Read {
  if (rules.trunkPrefix === '') return { class: kind, dials: number, reasons }
  return { class: kind, dials: `${rules.trunkPrefix}${number}`, reasons: [...reasons, 'trunk-prefix'] }
}

const matches = (pattern: string, number: string) =>
  pattern.endsWith('*') ? number.startsWith(pattern.slice(0, -1)) : number === pattern
