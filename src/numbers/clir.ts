/** Codes before a number that say whether the far side sees the caller's number (CLIR). They are no part of it. Pure. */
import { getCountryCallingCode, type CountryCode } from 'libphonenumber-js/max'

/** In mobile networks and behind most PBXs: withheld, and shown. */
const EVERYWHERE = /^[*#]31#(?=[0-9+]|$)/
const NORTH_AMERICA = /^\*(?:67|82)(?=[2-9]\d{9}$|1[2-9]\d{9}$|$)/

export function clirOf(country: CountryCode | undefined, digits: string): string | undefined {
  const isAmerican = country !== undefined && getCountryCallingCode(country) === '1'
  return EVERYWHERE.exec(digits)?.[0] ?? (isAmerican ? NORTH_AMERICA.exec(digits)?.[0] : undefined)
}
