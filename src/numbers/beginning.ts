/** The beginnings of numbers, as lists have them, and the writings of a number that they are compared with. Pure. */
import { areasOf, callingCodeOf, nationalPrefixOf, withoutNationalZero } from './area.js'
import { writingsOf } from './forms.js'
import { memoryOf } from './memory.js'
import { internationalOf, keysOf, readNumber, type NumberPlan } from './read.js'
import { digitsOf } from './text.js'

const NATIONAL_PREFIX = '0'

/**
 * With the country code, where the international or the national prefix says so. Other beginnings stay as they are: `95` may be that
 * of a service number, of a local one, or of a number with its country code.
 */
export function beginningOf(plan: NumberPlan, given: string): string {
  const { country, trunkPrefix = '' } = plan
  const international = internationalOf(plan)
  const digits = withoutPlusBefore(plan, given)
  if (digits.startsWith('+')) return withoutNationalZero(digits)
  if (trunkPrefix !== '' && startAlike(digits, trunkPrefix)) return digits
  const abroad = digits.startsWith(international) ? digits.slice(international.length) : ''
  if (/^[1-9]/.test(abroad)) return withoutNationalZero(`+${abroad}`)
  if (country === undefined || nationalPrefixOf(country) !== NATIONAL_PREFIX) return digits
  if (!/^0[1-9]/.test(digits) || startAlike(digits, international)) return digits
  return `+${callingCodeOf(country)}${digits.slice(NATIONAL_PREFIX.length)}`
}

/** `+0049…`, `+049…`, `+030…`: a plus before what is written without one. */
function withoutPlusBefore(plan: NumberPlan, digits: string): string {
  if (!digits.startsWith('+0')) return digits
  const { country } = plan
  const isOwn = country !== undefined && digits.startsWith(`+0${callingCodeOf(country)}`)
  return isOwn ? `+${digits.slice(2)}` : digits.slice(1)
}

/** `0+49…`: what the plus stands for is left out before it. */
export function withoutBeforePlus(plan: NumberPlan, match: string): string {
  const national = plan.country === undefined ? '' : nationalPrefixOf(plan.country)
  const before = [national, internationalOf(plan)].find(one => one !== '' && match.startsWith(`${one}+`)) ?? ''
  return match.slice(before.length)
}

/**
 * The beginnings that somebody may mean who looks for entries of a list: as it is written, and what it is with the country code, the
 * own area or without the dial prefix. In their order, and none that begins like another of them.
 */
export function beginningsOf(plan: NumberPlan, text: string): string[] {
  const digits = digitsOf(text, internationalOf(plan))
  if (digits === undefined || !/^\+?[0-9]+$/.test(digits)) return [text]
  const { trunkPrefix = '' } = plan
  const rest = mayHavePrefix(plan, digits) ? digits.slice(trunkPrefix.length) : ''
  const all = [text, digits, ...[digits, rest].flatMap(one => (one === '' ? [] : abroadAndHere(plan, one)))]
  const sorted = [...new Set(all)].sort()
  return sorted.filter(one => !sorted.some(other => other !== one && one.startsWith(other)))
}

function abroadAndHere(plan: NumberPlan, digits: string): string[] {
  const { country, ownArea, bareInternational } = plan
  const read = beginningOf({ ...plan, trunkPrefix: '' }, digits)
  if (read.startsWith('+')) return [read]
  const worldwide = bareInternational ? [`+${digits}`] : []
  if (country === undefined || !/^[1-9]/.test(digits)) return worldwide
  const code = `+${callingCodeOf(country)}`
  const areas = ownArea === undefined ? [] : areasOf(country, ownArea)
  return [...worldwide, ...['', ...areas].map(area => `${code}${area}${digits}`)]
}

const startAlike = (one: string, other: string) => one.startsWith(other) || other.startsWith(one)

/** All that a list may have a caller's number as; by what it is compared comes first. None for what is no number. */
export const listedAs = (plan: NumberPlan, shown: string): readonly string[] =>
  shown.length > MAX_SHOWN ? findListed(plan, shown) : listed(plan, shown, () => findListed(plan, shown))
const MAX_SHOWN = 64
const listed = memoryOf<string[]>()

function findListed(plan: NumberPlan, shown: string): string[] {
  const [key, ...others] = keysOf(plan, shown, 'caller')
  if (key === undefined) return []
  const { country, trunkPrefix } = plan
  // 00 is the beginning of numbers abroad; of those of the own country, only where it may be the dial prefix.
  const isKept = country === undefined || trunkPrefix?.startsWith('0')
  const here = isKept ? undefined : `${internationalOf(plan)}${callingCodeOf(country)}`
  const isAbroad = (form: string) =>
    here !== undefined && (form.startsWith(here) || form.startsWith(`${trunkPrefix ?? ''}${here}`))
  const written = writingsOf(plan, key).filter(
    form => /^\+?\d+$/.test(form) && !isAbroad(form) && isReadAs(plan, form, key),
  )
  const all = [key, ...others.filter(form => !isAbroad(form)), ...written]
  return [...new Set([...all, ...all.map(form => beginningOf(plan, form))])]
}

/**
 * The writings in which a trunk may send a number of the site: first those with the country code, then those with and without the
 * national prefix and the area. None has the dial prefix.
 */
export function dialledAs(plan: NumberPlan, dialled: string): [coded: string[], others: string[]] {
  const key = readNumber(plan, dialled, 'listed')?.key
  if (key === undefined) return [[], []]
  const rest = key.startsWith('+') ? key.slice(1) : undefined
  const coded =
    rest === undefined ? [key] : [key, rest, ...new Set(['00', internationalOf(plan)].map(p => `${p}${rest}`))]
  const { trunkPrefix: _, ...bare } = plan
  const others = writingsOf(bare, key).filter(form => /^\d+$/.test(form) && isReadAs(plan, form, key))
  return [coded, others.filter(form => !coded.includes(form))]
}

/** Those without the dial prefix before them. */
export const unprefixed = ({ trunkPrefix = '' }: NumberPlan, forms: readonly string[]) =>
  trunkPrefix === ''
    ? forms
    : forms.filter(form => !(form.startsWith(trunkPrefix) && forms.includes(form.slice(trunkPrefix.length))))

/**
 * A beginning that is that of an emergency or service number, or says nothing, is not read as one with the dial prefix: 95 is not 9
 * and 5. `length`: of the whole number, where it is known.
 */
export const mayHavePrefix = (plan: NumberPlan, beginning: string, length?: number) =>
  prefixed(plan, `${beginning} ${length ?? ''}`, () => isPrefixed(plan, beginning, length))
const prefixed = memoryOf<boolean>()

function isPrefixed({ trunkPrefix = '', isSpecial }: NumberPlan, beginning: string, length?: number) {
  if (trunkPrefix === '' || !beginning.startsWith(trunkPrefix) || beginning.length === trunkPrefix.length) return false
  const longest = Math.max(0, MOST_SPECIAL - beginning.length + 1)
  const lengths = length === undefined ? Array.from({ length: longest }, (_, i) => beginning.length + i) : [length]
  return !lengths.some(length => FILLING.some(digit => isSpecial?.(beginning.padEnd(length, digit))))
}

/** Digits that such numbers have, at most. */
const MOST_SPECIAL = 11
const FILLING = Array.from('0123456789')

/** Somebody who writes so means that number. */
const isReadAs = (plan: NumberPlan, form: string, key: string) =>
  (['listed', 'caller', 'written'] as const).some(way => readNumber(plan, form, way)?.key === key)
