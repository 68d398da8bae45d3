/** Numbers in requests. */
import { Refusal } from '../base/errors.js'
import { digitsOf, withPlus } from '../numbers/text.js'

/** Of a query, where a plus may have come as a blank. Refused where it is no number in any writing. */
export function numberIn(query: string): string {
  const number = withPlus(query)
  // What stands before the plus is the dial prefix of a PBX, or it is no number there.
  const afterPlus = number.replace(/^[0-9*#]{1,8}\s?(?=[+\uff0b])/, '')
  if (digitsOf(afterPlus, '00') === undefined) throw new Refusal('BAD_REQUEST', 'number: is no number')
  return number
}

/** Of a body: without what is between its digits. */
export function plainIn(text: string): string {
  const digits = digitsOf(text, '00')
  if (digits === undefined) throw new Refusal('BAD_REQUEST', 'to: is no number')
  return digits
}
