/**
 * Numbers, beginnings of numbers and patterns in a list, one way to write each; and which of those that fit a caller counts.
 * Pure.
 */
import { no, ok, type Result } from '../base/result.js'
import { isNoBeginning } from '../numbers/area.js'
import { beginningOf, listedAs, mayHavePrefix, unprefixed, withoutBeforePlus } from '../numbers/beginning.js'
import { internationalOf, isNobody, readNumber, type NumberPlan } from '../numbers/read.js'
import { plainOf } from '../numbers/text.js'
import { isWithheld } from '../numbers/withheld.js'

/** Callers who show no number, or what is none. */
export const ANONYMOUS = 'anonymous'

const MATCH = /^\+?[0-9X]{1,32}\*?$/

/** What somebody wrote -> how it is kept. */
export function matchOf(written: string, plan: NumberPlan): Result<string, string> {
  if (/\p{L}/u.test(written) && isWithheld(written)) return ok(ANONYMOUS)
  // As the dialplan writes patterns, `.` and `!` would have a meaning.
  const plain = /^\s*_/.test(written) ? '' : plainOf(written, internationalOf(plan)).replace(/[x\uff38\uff58]/g, 'X')
  const match = withoutBeforePlus(plan, plain)
  const number = /X|\*$/.test(match) ? undefined : readNumber(plan, written, 'listed')
  if (number && MATCH.test(number.key)) return ok(number.key)
  if (!MATCH.test(match) || !/[0-9]/.test(match)) return no('no number, beginning of numbers or pattern')
  const digits = headOf(match)
  const begins = digits === '' ? '' : beginningOf(plan, digits)
  if (isNoBeginning(begins)) return no('no number begins so')
  return ok(`${begins}${match.slice(digits.length)}`)
}

/** What stands before the first digit that is open. */
const headOf = (match: string) => /^\+?[0-9]*/.exec(match)?.[0] ?? ''

/** As what a caller may be in the list, in all ordinary writings of the number; by what it is compared comes first. */
export function numbersOf(shown: string, plan: NumberPlan): readonly string[] {
  const keys = isNobody(plan, shown) ? [] : listedAs(plan, shown)
  return keys.length === 0 ? [ANONYMOUS] : keys
}

/** What a pattern looks like: `d` for each digit that counts. Undefined for a number, and for the beginning of numbers. */
export const shapeOf = (match: string) => (match.includes('X') ? match.replace(/[0-9]/g, 'd') : undefined)
/** The same, where a scope may follow. */
export const shapeOfId = (id: string) => shapeOf(id.split('@')[0] ?? '')

const scopeWeight = (scope: string) => (scope.startsWith('dialled:') ? 2 : scope === 'all' ? 0 : 1)

type Listed = { match: string; scope: string }

/** Of those that fit a caller, who may be in the list as `numbers`, the one that counts most comes first: it says most of the number, then of the call. */
export function strongestFirst<T extends Listed>(fitting: readonly T[], numbers: readonly string[]): T[] {
  const weighed = fitting.map(entry => ({ entry, open: openIn(entry.match, numbers), scope: scopeWeight(entry.scope) }))
  return weighed.sort((a, b) => a.open - b.open || b.scope - a.scope).map(({ entry }) => entry)
}

/** How much of the number it leaves open, in the writing that it fits best; a whole number leaves less than any pattern. */
function openIn(match: string, numbers: readonly string[]): number {
  if (!/[X*]/.test(match)) return -1
  const isOpen = match.endsWith('*')
  const body = isOpen ? match.slice(0, -1) : match
  const some = Array.from(body).filter(char => char === 'X').length
  const fits = numbers.filter(number => isLike(number, body, isOpen))
  return Math.min(...fits.map(number => 2 * (some + number.length - body.length) + (isOpen ? 1 : 0)))
}

/** Whether an entry is about a caller, who may be in the list as `numbers`. */
export function isAbout(plan: NumberPlan, match: string, numbers: readonly string[]): boolean {
  if (!/[X*]/.test(match)) return (plan.prefixedCallers ? numbers : unprefixed(plan, numbers)).includes(match)
  const isOpen = match.endsWith('*')
  const body = isOpen ? match.slice(0, -1) : match
  const forms = mayHavePrefix(plan, headOf(match), isOpen ? undefined : body.length)
    ? numbers
    : unprefixed(plan, numbers)
  return forms.some(number => isLike(number, body, isOpen))
}

function isLike(number: string, body: string, isOpen: boolean): boolean {
  if (isOpen ? number.length < body.length : number.length !== body.length) return false
  return Array.from(body).every((char, i) => (char === 'X' ? /[0-9]/.test(number[i] ?? '') : char === number[i]))
}
