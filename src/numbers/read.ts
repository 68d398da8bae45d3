/**
 * Reads any text that stands for a number: the user part of a SIP address, a sip: or tel: URI, a CSV cell, a query, a caller id.
 * Everything that compares, stores or dials numbers reads them here; nothing else removes separators. Pure; libphonenumber knows
 * which numbers exist.
 */
import {
  getCountryCallingCode,
  Metadata,
  parsePhoneNumberFromString,
  type CountryCode,
  type PhoneNumber,
} from 'libphonenumber-js/max'
import { digitsOf } from './text.js'
import { isWithheld, isZeros } from './withheld.js'

/** How a site reads numbers. A `Site` is one. */
export type NumberPlan = {
  /** What an extension looks like: it is no number outside, unless it comes or goes over a trunk. */
  extension?: RegExp
  /** Other numbers that the PBX itself answers: queues, conferences. */
  internal?: RegExp
  country?: CountryCode
  /** Numbers come with the code of their country, and without a plus. */
  bareInternational?: true
  /** With or without the national prefix: `21` and `021` are the same. */
  ownArea?: string
  /** Goes before the country code where there is no plus; `00` unless given. */
  internationalPrefix?: string
  /** What is dialled before a number outside, and is no part of it. */
  trunkPrefix?: string
  /** Emergency and service numbers: they stay as they are, and have no E.164. */
  isSpecial?: (digits: string) => boolean
}

/**
 * Where the text comes from. `written`: a person or a program; may be an extension, and may have the dial prefix. `caller`: shown by a
 * caller over a trunk; never an extension. `dialled`: on a phone of the site; the dial prefix counts first. `out`: the same, and
 * the call has gone out by a trunk: it is no extension, and the prefix is always removed where the rest can be a number.
 */
export type NumberWay = 'written' | 'caller' | 'dialled' | 'out'

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
}

const MAX_KNOWN = 10_000
const known = new WeakMap<NumberPlan, Map<string, NumberRead>>()

export const internationalOf = ({ internationalPrefix }: NumberPlan) =>
  internationalPrefix === undefined || internationalPrefix === '+' ? '00' : internationalPrefix

/** Undefined for what is no number: letters, control characters, nothing, more digits than any number has. Never throws; linear. */
export function readNumber(plan: NumberPlan, text: string, way: NumberWay = 'written'): NumberRead | undefined {
  const prefix = plan.trunkPrefix ?? ''
  const international = internationalOf(plan)
  const plain = digitsOf(text, international)
  // `9+49…`: the prefix before a number in E.164.
  const behind = plain === undefined && prefix !== '' ? behindPrefix(text, prefix, international) : undefined
  const digits = plain ?? (behind === undefined ? undefined : `${prefix}${behind}`)
  if (digits === undefined) return undefined
  const reads = known.get(plan) ?? new Map<string, NumberRead>()
  known.set(plan, reads)
  const id = `${way} ${digits}`
  const was = reads.get(id)
  if (was) return was
  const read = readDigits(plan, digits, way)
  if (reads.size >= MAX_KNOWN) reads.clear()
  reads.set(id, read)
  return read
}

function behindPrefix(text: string, prefix: string, international: string) {
  const plus = text.search(/[+\uff0b]/)
  if (plus < 0 || plus > 32 || digitsOf(text.slice(0, plus), international) !== prefix) return undefined
  return digitsOf(text.slice(plus), international)
}

/** By what a number is compared and stored; the text itself where it is no number. */
export const keyOf = (plan: NumberPlan, text: string, way?: NumberWay) => readNumber(plan, text, way)?.key ?? text

/** What a caller over a trunk shows is nobody's number. */
export function isNobody(plan: NumberPlan, shown: string): boolean {
  if (isWithheld(shown)) return true
  const digits = digitsOf(shown, internationalOf(plan))
  return digits !== undefined && isZeros(digits)
}

/** Of a party of a call. One that was stored before may have an E.164 that is not valid, or a number with the dial prefix. */
export function keyOfParty(plan: NumberPlan, { number, e164 }: { number: string; e164?: string }): string {
  const read = e164 === undefined ? undefined : readNumber(plan, e164)
  return read?.e164 ?? keyOf(plan, number)
}

/** All keys that a number may be stored under: by what it is compared; its digits; and, where it is not valid, as if it were. */
export function keysOf(plan: NumberPlan, text: string, way?: NumberWay): string[] {
  const read = readNumber(plan, text, way)
  if (!read) return []
  const before = read.e164 === undefined ? possible(plan, read.digits) : undefined
  return [...new Set([read.key, read.digits, ...(before === undefined ? [] : [before])])]
}

/** E.164 of what only has a length that is possible. */
export function possible({ country, extension }: NumberPlan, digits: string): string | undefined {
  if (!/^\+?\d{5,32}$/.test(digits) || extension?.test(digits)) return undefined
  const phone = parse(digits, country)
  return phone?.isPossible() ? phone.number : undefined
}

function readDigits(plan: NumberPlan, digits: string, way: NumberWay): NumberRead {
  const inside = isInside(plan, digits)
  if (inside && way !== 'out' && (way !== 'caller' || /[*#]/.test(digits))) return { digits, key: digits }
  const rest = plan.trunkPrefix && digits.startsWith(plan.trunkPrefix) ? digits.slice(plan.trunkPrefix.length) : ''
  const [first, second] = way === 'dialled' || way === 'out' ? [rest, digits] : [digits, rest]
  for (const given of [first, second]) {
    const read = given === '' ? undefined : readCertain(plan, given, way)
    if (read) return given === rest ? { ...read, prefixed: true } : read
  }
  const behind = way === 'out' && rest.length > 1
  const own = behind ? rest : digits
  return { digits: own, key: normalised(plan, own), ...(behind && { prefixed: true as const }) }
}

const isInside = ({ extension, internal }: NumberPlan, digits: string) =>
  /^[*#]/.test(digits) || extension?.test(digits) === true || internal?.test(digits) === true

/** Only what is certainly a number: a special one, or one that exists. */
function readCertain(plan: NumberPlan, digits: string, way: NumberWay): NumberRead | undefined {
  if (plan.isSpecial?.(digits)) return { digits, key: digits }
  const phone = phoneOf(plan, digits, way)
  if (!phone) return undefined
  const { number: e164, country } = phone
  return { digits, e164, key: e164, phone, ...(country && { country }) }
}

/** With a plus where the country code is written with the international prefix. */
function normalised(plan: NumberPlan, digits: string) {
  const international = internationalOf(plan)
  const rest = digits.startsWith(international) ? digits.slice(international.length) : ''
  return /^[1-9]\d+$/.test(rest) ? `+${rest}` : digits
}

function phoneOf(plan: NumberPlan, digits: string, way: NumberWay): PhoneNumber | undefined {
  const { country } = plan
  if (!/^\+?\d{3,31}$/.test(digits)) return undefined
  const plus = normalised(plan, digits)
  if (plus.startsWith('+')) return valid(parse(plus)) ?? (plus === digits ? undefined : valid(parse(digits, country)))
  const local = localOf(plan, digits)
  if (plan.bareInternational && way !== 'dialled' && way !== 'out' && /^[1-9]/.test(digits)) {
    const worldwide = local && digits.length <= MAX_LOCAL ? undefined : valid(parse(`+${digits}`))
    if (worldwide) return worldwide
  }
  const national = valid(parse(digits, country))
  if (!local) return national
  // Without the area it is one of the own area; a mobile or a service without its 0 is that.
  return national && (national.getType() !== 'FIXED_LINE' || digits.length > MAX_LOCAL) ? national : local
}

/** With fewer digits it is a short number of the country, such as that of a bank. */
const MIN_LOCAL = 6
/** So many digits a local number has, at most, where it could be a national one as well. */
const MAX_LOCAL = 8
/** With the area. */
const MAX_NATIONAL = 11

/** Of the own area, written without it. */
function localOf(plan: NumberPlan, digits: string): PhoneNumber | undefined {
  const { country, ownArea } = plan
  if (country === undefined || ownArea === undefined) return undefined
  if (!/^[1-9]/.test(digits) || digits.length < MIN_LOCAL) return undefined
  for (const area of areasOf(country, ownArea)) {
    const national = `${area}${digits}`
    if (national.length > MAX_NATIONAL) continue
    const phone = parse(`+${getCountryCallingCode(country)}${national}`)
    if (phone?.isValid() && phone.nationalNumber === national) return phone
  }
  return undefined
}

/** What the library has, and its types leave out. */
type Plan = { nationalPrefix: () => string | undefined }
export function nationalPrefixOf(country: CountryCode): string {
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country)
  return (metadata.numberingPlan as unknown as Plan).nationalPrefix() ?? ''
}

/** As it stands, and without the national prefix, which an area may begin like. */
export function areasOf(country: CountryCode, ownArea: string): string[] {
  const prefix = nationalPrefixOf(country)
  const bare = prefix !== '' && ownArea.startsWith(prefix) ? ownArea.slice(prefix.length) : ''
  return bare === '' ? [ownArea] : [ownArea, bare]
}

const parse = (digits: string, country?: CountryCode) =>
  parsePhoneNumberFromString(digits, country === undefined ? {} : { defaultCountry: country })
const valid = (phone: PhoneNumber | undefined) => (phone?.isValid() ? phone : undefined)
