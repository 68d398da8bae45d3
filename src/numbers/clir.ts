/** Codes before a number that say whether the far side sees the caller's number (CLIR). They are no part of it. Pure. */
import type { CountryCode } from 'libphonenumber-js/max'
import { callingCodeOf } from './area.js'

/** In mobile networks and behind most PBXs: withheld, and shown. */
const EVERYWHERE = /^[*#]31#/
const NORTH_AMERICA = /^\*(?:67|82)/
const NUMBER = /^(?:[0-9+]|$)/
const AMERICAN_NUMBER = /^(?:[2-9]\d{9}|1[2-9]\d{9}|)$/

const isAmerican = (country: CountryCode | undefined) => country !== undefined && callingCodeOf(country) === '1'

/** Such a code, whatever follows; nothing where there is none. */
export const clirBefore = (country: CountryCode | undefined, digits: string): string =>
  EVERYWHERE.exec(digits)?.[0] ?? (isAmerican(country) ? NORTH_AMERICA.exec(digits)?.[0] : undefined) ?? ''

type Plan = { country?: CountryCode; trunkPrefix?: string }

/** Such a code before a number, also with the dial prefix, or before nothing. */
export function clirOf({ country, trunkPrefix = '' }: Plan, digits: string): string | undefined {
  const code = clirBefore(country, digits)
  const behind = digits.slice(code.length)
  const number = trunkPrefix !== '' && behind.startsWith(trunkPrefix) ? behind.slice(trunkPrefix.length) : behind
  const isNumber = EVERYWHERE.test(code) ? NUMBER : AMERICAN_NUMBER
  return code !== '' && (isNumber.test(behind) || isNumber.test(number)) ? code : undefined
}
