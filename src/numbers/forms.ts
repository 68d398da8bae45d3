/**
 * The forms under which the history may have a number that was recorded before this module read it: as it was dialled or shown, with
 * the dial prefix, or as E.164 that only had a possible length. Pure.
 */
import type { PhoneNumber } from 'libphonenumber-js/max'
import { areasOf, nationalPrefixOf } from './area.js'
import { serviceAbroad, internationalOf, keyOf, possible, readNumber, saysWhole, type NumberPlan } from './read.js'

/** As it was compared before. */
export function before(plan: NumberPlan, number: string): string {
  if (plan.extension?.test(number)) return number
  const worldwide = plan.bareInternational && /^[1-9]/.test(number) ? readNumber({}, `+${number}`)?.e164 : undefined
  return worldwide ?? possible(plan, number) ?? number
}

/** How a number may be dialled or shown: with and without its country code, its area and the dial prefix. */
export function writingsOf(plan: NumberPlan, text: string): string[] {
  const read = readNumber(plan, text)
  if (!read) return [text]
  const { key, digits, phone } = read
  const written = phone ? [...nationalOf(plan, phone), `${internationalOf(plan)}${key.slice(1)}`, key.slice(1)] : []
  const service = serviceAbroad(plan, key)
  const coded = service === undefined ? [] : [service, `${internationalOf(plan)}${service.slice(1)}`]
  const plain = [key, text, digits, ...written, ...coded]
  const prefixed = plan.trunkPrefix ? plain.map(form => `${plan.trunkPrefix}${form}`) : []
  return [...new Set([...plain, ...prefixed])]
}

function nationalOf({ country, ownArea = '' }: NumberPlan, { nationalNumber, country: of }: PhoneNumber): string[] {
  if (country === undefined || country !== of) return [nationalNumber]
  const area = ownArea === '' ? undefined : areasOf(country, ownArea).find(one => nationalNumber.startsWith(one))
  const local = area === undefined ? [] : [nationalNumber.slice(area.length)]
  return [`${nationalPrefixOf(country)}${nationalNumber}`, nationalNumber, ...local]
}

/**
 * The keys of the numbers that somebody may mean: as it is written, and, where a phone of the site has dialled it so, the whole
 * number behind the dial prefix: `0017099887766` is +1 709…, and 0170… behind a 0.
 */
export function meant(plan: NumberPlan, text: string): string[] {
  const written = keyOf(plan, text)
  const dialled = readNumber(plan, text, 'dialled')
  const isOther = dialled?.prefixed === true && dialled.e164 !== undefined && saysWhole(plan, dialled.digits)
  return isOther && dialled.key !== written ? [written, dialled.key] : [written]
}

/** The key is the first. */
export const formsOf = (plan: NumberPlan, text: string): string[] => {
  const [key, ...others] = meant(plan, text)
  const written = [text, ...others].flatMap(one => writingsOf(plan, one))
  return [...new Set([key ?? text, ...others, ...written.map(form => before(plan, form))])]
}
