/** Numbers in requests. */
import { Refusal } from '../base/errors.js'
import { digitsOf, withoutNeedless, withPlus } from '../numbers/text.js'
import { isWithheld } from '../numbers/withheld.js'

/** Of a query, where a plus may have come as a blank: a number in any writing, or the text that a caller shows instead of one. */
export function numberIn(query: string): string {
  const number = withPlus(query)
  if (digitsOf(number, '00') === undefined && !hasPrefix(number) && !isCallerText(number) && !LONG.test(number))
    throw new Refusal('BAD_REQUEST', 'number: is no number, and no text that a caller can have')
  return number
}

/** Callers may show more digits than a number has; Asterisk keeps 79 of them. */
const LONG = /^\+?[0-9]{33,80}$/

/** Callers with one of the words for a withheld number are nobody. `%00123`: the PBX has left a character written in hex. */
const isCallerText = (text: string) => /[\p{L}%]/u.test(text) && !/\p{Cc}/u.test(text) && !isWithheld(text)

/** What stands before the plus may be the dial prefix of a PBX; where it is not, nobody has such a number. */
function hasPrefix(given: string): boolean {
  const number = withoutNeedless(given)
  const plus = number.search(/[+\uff0b]/)
  const before = plus < 1 ? undefined : digitsOf(number.slice(0, plus), '00')
  return before !== undefined && before.length <= LONGEST_PREFIX && digitsOf(number.slice(plus), '00') !== undefined
}
const LONGEST_PREFIX = 8

/** Of a body: without what is between its digits. */
export function plainIn(text: string): string {
  const digits = digitsOf(text, '00')
  if (digits === undefined) throw new Refusal('BAD_REQUEST', 'to: is no number')
  return digits
}
