/**
 * Numbers, beginnings of numbers and patterns in a list, one way to write each; and which of those that fit a caller counts.
 * Pure.
 */
import { no, ok, type Result } from '../base/result.js'
import { beginningOf } from '../numbers/beginning.js'
import { internationalOf, isNobody, keysOf, readNumber, type NumberPlan } from '../numbers/read.js'
import { plainOf } from '../numbers/text.js'
import { isWithheld } from '../numbers/withheld.js'

/** Callers who show no number, or what is none. */
export const ANONYMOUS = 'anonymous'

const MATCH = /^\+?[0-9X]{1,32}\*?$/

/** What somebody wrote -> how it is kept. */
export function matchOf(written: string, plan: NumberPlan): Result<string, string> {
  if (/\p{L}/u.test(written) && isWithheld(written)) return ok(ANONYMOUS)
  const match = plainOf(written, internationalOf(plan)).replaceAll('x', 'X')
  const number = /[X*]/.test(match) ? undefined : readNumber(plan, written, 'listed')
  if (number && MATCH.test(number.key)) return ok(number.key)
  if (!MATCH.test(match) || !/[0-9]/.test(match)) return no('no number, beginning of numbers or pattern')
  const digits = /^\+?[0-9]*/.exec(match)?.[0] ?? ''
  return ok(`${digits === '' ? '' : beginningOf(plan, digits)}${match.slice(digits.length)}`)
}

/** As what a caller may be in the list. */
export function numbersOf(shown: string, plan: NumberPlan): string[] {
  const keys = isNobody(plan, shown) ? [] : keysOf(plan, shown, 'caller')
  return keys.length === 0 ? [ANONYMOUS] : keys
}

/** What a pattern looks like: `d` for each digit that counts. Undefined for a number, and for the beginning of numbers. */
export const shapeOf = (match: string) => (match.includes('X') ? match.replace(/[0-9]/g, 'd') : undefined)
/** The same, where a scope may follow. */
export const shapeOfId = (id: string) => shapeOf(id.split('@')[0] ?? '')

/** The more of a number it says, the more it counts; a whole number before all else. */
const weightOf = (match: string) =>
  /[X*]/.test(match) ? 2 * match.replace(/[^0-9]/g, '').length + (match.endsWith('*') ? 0 : 1) : Infinity

const scopeWeight = (scope: string) => (scope.startsWith('dialled:') ? 2 : scope === 'all' ? 0 : 1)

/** Of those that fit, the one that counts most. */
export function strongest<T extends { match: string; scope: string }>(fitting: readonly T[]): T | undefined {
  return fitting.reduce<T | undefined>((best, one) => (best && !isStronger(one, best) ? best : one), undefined)
}

function isStronger(one: { match: string; scope: string }, other: { match: string; scope: string }) {
  const [a, b] = [weightOf(one.match), weightOf(other.match)]
  return a === b ? scopeWeight(one.scope) > scopeWeight(other.scope) : a > b
}
