/**
 * Reads any text that stands for a number: the user part of a SIP address, a sip: or tel: URI, a CSV cell, a query, a caller id.
 * Everything that compares, stores or dials numbers reads them here; nothing else removes separators. Pure; libphonenumber knows
 * which numbers exist.
 */
import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max'
import { areasOf, callingCodeOf, isClosed, nationalPrefixOf, withoutNationalZero } from './area.js'
import { clirBefore, clirOf } from './clir.js'
import { memoryOf } from './memory.js'
import { isServiceIn } from './special.js'
import { DIALLED_END, digitsOf, isDiallable, plainOf } from './text.js'
import { isWithheld, isZeros } from './withheld.js'

/** How a site reads numbers. A `Site` is one. */
export type NumberPlan = {
  /** What an extension looks like: it is no number outside, unless it comes or goes over a trunk. */
  extension?: RegExp
  /** Other numbers that the PBX itself answers: queues, conferences. */
  internal?: RegExp
  /** Nobody has chosen `internal`: a service number behind the dial prefix comes before it. */
  internalIsDefault?: true
  country?: CountryCode
  /** Numbers come with the code of their country, and without a plus. */
  bareInternational?: true
  /** With or without the national prefix: `21` and `021` are the same. */
  ownArea?: string
  /** Goes before the country code where there is no plus; `00` unless given. */
  internationalPrefix?: string
  /** What is dialled before a number outside, and is no part of it. */
  trunkPrefix?: string
  /** Trunks put the dial prefix before the number of a caller, so that it can be dialled back. */
  prefixedCallers?: true
  /** Emergency and service numbers: they stay as they are, and have no E.164. */
  isSpecial?: (digits: string) => boolean
  /** Of these, the service numbers: behind the code of their country they are the same numbers. */
  isService?: (digits: string) => boolean
}

/**
 * Where the text comes from.
 * - `written`: a person or a program has written it; it may be an extension, and may have the dial prefix.
 * - `listed`: the same, of a caller or a party: the dial prefix is removed only from a number that is valid without it.
 * - `caller`: a caller over a trunk shows it; it is never an extension, and has the dial prefix only where the plan says so.
 * - `shown`: the same, and the dial prefix has been removed.
 * - `dialled`: a phone of the site has dialled it; the dial prefix counts first.
 * - `sent`: a trunk was sent it, and it is known that the dial prefix is not part of it.
 * - `out`: a trunk was sent it, and nothing more is known. A number that is valid as it stands, with its national or international
 *   prefix, stays; otherwise the dial prefix is removed.
 */
export type NumberWay = 'written' | 'listed' | 'caller' | 'shown' | 'dialled' | 'sent' | 'out'

export type NumberRead = {
  /** `+` and digits, or digits, `*` and `#`: as written, but without separators and the dial prefix. */
  digits: string
  /** Only where libphonenumber says that the number is valid. */
  e164?: string
  /** The country of such a number. */
  country?: CountryCode
  /** Of such a number: what else libphonenumber knows. */
  phone?: PhoneNumber
  /** By what the number is compared and stored: E.164, else its digits, with a plus before a country code. One for all writings of a number. */
  key: string
  /** It was written with the dial prefix. */
  prefixed?: true
  /** A code before it says whether the far side sees the caller's number. */
  clir?: string
}

/** Each text is read in several ways, and the writings of a number share their digits: libphonenumber is asked once for each. */
const reads = memoryOf<NumberRead>()
const phones = memoryOf<PhoneNumber | undefined>()

export const internationalOf = ({ internationalPrefix }: NumberPlan) =>
  internationalPrefix === undefined || internationalPrefix === '+' ? '00' : internationalPrefix

/** Undefined for what is no number: letters, control characters, nothing, more digits than any number has. Never throws; linear. */
export function readNumber(plan: NumberPlan, text: string, way: NumberWay = 'written'): NumberRead | undefined {
  const plain = withoutEnd(plan, plainOf(text, internationalOf(plan)))
  const digits = isDiallable(plain) ? withoutZeros(plan, plain) : beforePlus(plan, plain)
  if (digits === undefined) return undefined
  return reads(plan, `${way} ${digits}`, () => readDigits(plan, digits, way))
}

/** What is shorter may be a code of the PBX. */
const MIN_ENDED = 6
const withoutEnd = ({ extension, internal }: NumberPlan, plain: string) =>
  plain.length < MIN_ENDED || extension?.test(plain) || internal?.test(plain) ? plain : plain.replace(DIALLED_END, '$1')

/** `9+49…`, `*31#+49…`, `0+49…`: the dial prefix, a code, or a prefix that the plus stands for, before a number in E.164. */
function beforePlus(plan: NumberPlan, plain: string) {
  const plus = plain.lastIndexOf('+')
  const before = plain.slice(0, Math.max(plus, 0))
  const number = plain.slice(before.length)
  const code = clirBefore(plan.country, before)
  const prefix = before.slice(code.length)
  if (before === '' || !isDiallable(number) || !isDiallable(before)) return undefined
  if (prefix !== '' && prefix === plan.trunkPrefix) return `${before}${withoutZeros(plan, number)}`
  const national = plan.country === undefined ? '' : nationalPrefixOf(plan.country)
  return ['', national, internationalOf(plan)].includes(prefix) ? `${code}${withoutZeros(plan, number)}` : undefined
}

/** `+0049…`, `+049…` and `+0170…`: the prefix stays, where a plus has been put before it. */
function withoutZeros(plan: NumberPlan, digits: string): string {
  if (!digits.startsWith('+0')) return withoutNationalZero(digits)
  const rest = digits.slice(1)
  const { country } = plan
  const worldwide = `+${rest.slice(1)}`
  if (rest.startsWith(internationalOf(plan))) return rest
  if (country !== undefined && worldwide.startsWith(`+${callingCodeOf(country)}`) && valid(parse(worldwide)))
    return worldwide
  return valid(parse(rest, country)) || !valid(parse(worldwide)) ? rest : worldwide
}

/** By what a number is compared and stored; the text itself where it is no number. */
export const keyOf = (plan: NumberPlan, text: string, way?: NumberWay) => readNumber(plan, text, way)?.key ?? text

/** What a caller over a trunk shows is nobody's number. */
export function isNobody(plan: NumberPlan, shown: string): boolean {
  if (isWithheld(shown)) return true
  const digits = digitsOf(shown, internationalOf(plan))?.replace(DIALLED_END, '$1')
  return digits !== undefined && isZeros(digits)
}

/** Of a party of a call that is no caller from outside. One that was stored before may have an E.164 that is not valid, or a number with the dial prefix. */
export function keyOfParty(plan: NumberPlan, { number, e164 }: { number: string; e164?: string }): string {
  const read = e164 === undefined ? undefined : readNumber(plan, e164)
  return read?.e164 ?? keyOf(plan, number, 'listed')
}

/** Of somebody who called over a trunk: the dial prefix is part of their number, unless trunks put it there. */
export function keyOfCaller(plan: NumberPlan, { number, e164 }: { number: string; e164?: string }): string {
  const way = plan.prefixedCallers ? 'listed' : 'shown'
  return e164 === undefined ? keyOf(plan, number, way) : keyOfParty(plan, { number, e164 })
}

/** All keys that a number may be stored under: by what it is compared; its digits; and, where it is not valid, as if it were. */
export function keysOf(plan: NumberPlan, text: string, way?: NumberWay): string[] {
  const read = readNumber(plan, text, way)
  if (!read) return []
  const before = read.e164 === undefined ? [possible(plan, read.digits), serviceAbroad(plan, read.key)] : []
  return [...new Set([read.key, read.digits, ...before.filter(key => key !== undefined)])]
}

/** A service number with the code of its country: one form of it, under which it may be stored. */
export const serviceAbroad = ({ country, isService }: NumberPlan, key: string) =>
  country !== undefined && isService?.(key) ? `+${callingCodeOf(country)}${key}` : undefined

/** E.164 of what only has a length that is possible. */
export function possible({ country, extension }: NumberPlan, digits: string): string | undefined {
  if (!/^\+?\d{5,32}$/.test(digits) || extension?.test(digits)) return undefined
  const phone = parse(digits, country)
  return phone?.isPossible() ? phone.number : undefined
}

function readDigits(plan: NumberPlan, digits: string, way: NumberWay): NumberRead {
  const clir = clirOf(plan, digits)
  const behindClir = clir === undefined ? '' : digits.slice(clir.length)
  const read = behindClir === '' ? undefined : readDigits(plan, behindClir, way)
  if (clir !== undefined && read && !isInside(plan, read.digits)) return { ...read, clir }
  const { trunkPrefix = '' } = plan
  const rest = trunkPrefix !== '' && digits.startsWith(trunkPrefix) ? digits.slice(trunkPrefix.length) : ''
  if (isInside(plan, digits) && countsInside(way, digits) && !comesFirst(plan, digits, rest, way))
    return { digits, key: digits }
  for (const given of orderOf(plan, way, digits, rest)) {
    const certain = given === '' ? undefined : readCertain(plan, given, way)
    if (certain && (given === digits || way !== 'listed' || certain.e164 !== undefined))
      return given === rest ? { ...certain, prefixed: true } : certain
  }
  const strips = rest.startsWith('+') || way === 'out' || (way === 'caller' && plan.prefixedCallers === true)
  const behind = strips && rest.length > 1
  const own = behind ? rest : digits
  return { digits: own, key: normalised(plan, own), ...(behind && { prefixed: true as const }) }
}

const isCaller = (way: NumberWay) => way === 'caller' || way === 'shown'

/** What is read first, as it stands or without the dial prefix. */
function orderOf(plan: NumberPlan, way: NumberWay, digits: string, rest: string): string[] {
  if (way === 'sent' || way === 'shown' || (way === 'caller' && !plan.prefixedCallers)) return [digits]
  if (way === 'out') return saysWhole(plan, digits) ? [digits, rest] : [rest, digits]
  if (way === 'dialled' || way === 'caller' || isLikelyBehind(plan, digits, rest, way)) return [rest, digits]
  return [digits, rest]
}

/** `9093250044` as written: the dial prefix and a number with its national prefix are likelier than a number without one. */
function isLikelyBehind(plan: NumberPlan, digits: string, rest: string, way: NumberWay): boolean {
  if (rest === '' || !saysWhole(plan, rest) || readCertain(plan, rest, way)?.e164 === undefined) return false
  const phone = readCertain(plan, digits, way)?.phone
  return phone?.nationalNumber === digits && nationalOf(phone) !== digits
}

/** With a prefix that says so: the national one, the international one, a plus; or complete without one. */
export function saysWhole(plan: NumberPlan, digits: string) {
  if (digits.startsWith('+') || digits.startsWith(internationalOf(plan))) return true
  const { country } = plan
  const national = country === undefined ? '' : nationalPrefixOf(country)
  if (country === undefined || national !== '') return national !== '' && digits.startsWith(national)
  return valid(parse(digits, country))?.nationalNumber === digits
}

const isInside = ({ extension, internal }: NumberPlan, digits: string) =>
  /^[*#]/.test(digits) || extension?.test(digits) === true || internal?.test(digits) === true

/** Over a trunk there is no extension, and no code but in what a caller shows. */
const countsInside = (way: NumberWay, digits: string) =>
  isCaller(way) ? /[*#]/.test(digits) : way !== 'out' && way !== 'sent'

/**
 * An emergency number behind the dial prefix comes before what is only `internal`; a service number, where nobody has chosen that. A
 * dial prefix with a star is no code where a number follows it.
 */
function comesFirst(plan: NumberPlan, digits: string, rest: string, way: NumberWay) {
  const { extension, internal, internalIsDefault, isSpecial, isService } = plan
  if (rest === '' || extension?.test(digits)) return false
  if (!internal?.test(digits)) return rest.startsWith('+') || readCertain(plan, rest, way) !== undefined
  return isSpecial?.(rest) === true && (internalIsDefault === true || !isService?.(rest))
}

/** Only what is certainly a number: a special one, or one that exists. */
function readCertain(plan: NumberPlan, digits: string, way: NumberWay): NumberRead | undefined {
  const phone = plan.isSpecial?.(digits) ? undefined : phoneOf(plan, digits, way)
  const special = plan.isSpecial?.(digits) ? digits : serviceIn(plan, digits, way, phone)
  if (special !== undefined) return { digits: special, key: special }
  if (!phone) return undefined
  const { number: e164, country } = phone
  return { digits, e164, key: e164, phone, ...(country && { country }) }
}

/** A service number that is written with the code of the country, or with the national prefix. */
function serviceIn(plan: NumberPlan, digits: string, way: NumberWay, phone: PhoneNumber | undefined) {
  const { country, isService } = plan
  if (country === undefined || !isService) return undefined
  if (phone?.country === country && digits.endsWith(phone.nationalNumber) && isService(phone.nationalNumber))
    return phone.nationalNumber
  const code = `+${callingCodeOf(country)}`
  const plus = isBare(plan, digits, way) ? `+${digits}` : normalised(plan, digits)
  const rest = plus.startsWith(code) ? plus.slice(code.length) : ''
  return rest !== '' && isService(rest) ? rest : undefined
}

/** It may have the code of a country without a plus. */
const isBare = ({ bareInternational }: NumberPlan, digits: string, way: NumberWay) =>
  bareInternational === true && (way === 'written' || way === 'listed' || isCaller(way)) && /^[1-9]/.test(digits)

/** With a plus where the country code is written with the international prefix. */
function normalised(plan: NumberPlan, digits: string) {
  const international = internationalOf(plan)
  const rest = digits.startsWith(international) ? digits.slice(international.length) : ''
  return /^[1-9]\d+$/.test(rest) ? withoutNationalZero(`+${rest}`) : digits
}

/** Of all ways, those of a caller and those of what is dialled may differ. */
function phoneOf(plan: NumberPlan, digits: string, way: NumberWay): PhoneNumber | undefined {
  const kind = isCaller(way) ? 'caller' : IS_DIALLED.includes(way) ? 'dialled' : 'written'
  return phones(plan, `${kind} ${digits}`, () => findPhone(plan, digits, way))
}

function findPhone(plan: NumberPlan, digits: string, way: NumberWay): PhoneNumber | undefined {
  const { country } = plan
  if (!/^\+?\d{3,31}$/.test(digits)) return undefined
  const plus = normalised(plan, digits)
  if (plus.startsWith('+')) return valid(parse(plus)) ?? (plus === digits ? undefined : valid(parse(digits, country)))
  const local =
    country !== undefined && isClosed(country) && IS_DIALLED.includes(way) ? undefined : localOf(plan, digits)
  const national = valid(parse(digits, country))
  // People in America write 323 555 1234, which is in Belgium with a plus before it; trunks do not.
  const isNational = !isCaller(way) && national !== undefined && country !== undefined && isWrittenBare(country)
  if (isBare(plan, digits, way) && !isNational) {
    const worldwide = local && digits.length <= MAX_LOCAL ? undefined : valid(parse(`+${digits}`))
    if (worldwide) return worldwide
  }
  if (!local) return isTooShort(plan, digits, national) ? undefined : national
  // Without the area it is one of the own area; a longer number is a national one without its national prefix.
  return national && (digits.length > MAX_LOCAL || isWhole(national, digits)) ? national : local
}

/** Beside an own area, it is an extension or a short number, not a number of another city without its national prefix. */
const isTooShort = ({ ownArea }: NumberPlan, digits: string, national: PhoneNumber | undefined) =>
  ownArea !== undefined && /^[1-9]/.test(digits) && digits.length < USUAL_LOCAL && national?.getType() === 'FIXED_LINE'

/** A number of the whole country that is written without its national prefix. */
const isWhole = (phone: PhoneNumber, digits: string) => phone.getType() !== 'FIXED_LINE' && nationalOf(phone) === digits

/** With the national prefix, where the country has one and the number takes it; a fixed line that no format is known for does. */
export function nationalOf(phone: PhoneNumber): string {
  const formatted = phone.formatNational()
  const isUnformatted = formatted === phone.nationalNumber && phone.getType() === 'FIXED_LINE'
  const prefix = isUnformatted && phone.country !== undefined ? nationalPrefixOf(phone.country) : ''
  return `${prefix}${formatted.replace(/\D/g, '')}`
}

/** Where numbers are dialled whole, nobody reaches one without its area. */
const IS_DIALLED: readonly NumberWay[] = ['dialled', 'sent', 'out']

/** National numbers are complete without a national prefix. */
const isWrittenBare = (country: CountryCode) => ['', '1'].includes(nationalPrefixOf(country))

/** With fewer digits it is an extension, or a short number of the country. */
const MIN_LOCAL = 5
/** With fewer digits than these, one of them; areas with short local numbers have long codes. */
const USUAL_LOCAL = 6
const USUAL_NATIONAL = 8
/** So many digits a local number has, at most, where it could be a national one as well. */
const MAX_LOCAL = 8
/** With the area. */
const MAX_NATIONAL = 11

/** Of the own area, written without it. */
function localOf(plan: NumberPlan, digits: string): PhoneNumber | undefined {
  const { country, ownArea } = plan
  if (country === undefined || ownArea === undefined) return undefined
  if (!/^[1-9]/.test(digits) || digits.length < MIN_LOCAL || isServiceIn(country, digits)) return undefined
  for (const area of areasOf(country, ownArea)) {
    const national = `${area}${digits}`
    if (digits.length < USUAL_LOCAL && national.length < USUAL_NATIONAL) continue
    if (national.length > MAX_NATIONAL) continue
    const phone = parse(`+${callingCodeOf(country)}${national}`)
    if (phone?.isValid() && phone.nationalNumber === national) return phone
  }
  return undefined
}

const parse = (digits: string, country?: CountryCode) =>
  parsePhoneNumberFromString(digits, country === undefined ? {} : { defaultCountry: country })
const valid = (phone: PhoneNumber | undefined) => (phone?.isValid() ? phone : undefined)
