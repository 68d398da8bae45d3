/** The beginnings of numbers, as lists have them. Pure. */
import { AsYouType } from 'libphonenumber-js'
import type { NumberPlan } from './read.js'

/** The beginning of numbers outside, as the whole world dials it; as it is, where that cannot be said. */
export function beginningOf({ country, bareInternational }: NumberPlan, digits: string): string {
  if (digits.startsWith('+')) return digits
  if (bareInternational && /^[1-9]/.test(digits)) return `+${digits}`
  const typed = new AsYouType(country)
  typed.input(digits)
  const beginning = typed.getNumberValue() ?? ''
  return /^\+[1-9]/.test(beginning) ? beginning : digits
}
