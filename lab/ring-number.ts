/** What `npm run ring` may be asked for, and what the outside dials for it. Pure. */
import { no, ok, type Result } from '../src/base/result.js'
import type { Profile } from './profiles.js'

const USAGE = 'usage: npm run ring -- NUMBER [CALLER]'

/**
 * A number of the lab (1002, 2000, 2400), which the outside dials behind the company's number, or a whole number as the trunk
 * sends it (`493012357700`). Refused with what to show.
 */
export function ringNumbers(
  { fromOutside, moreExtensions }: Profile,
  [number = '1002', from = '030123456', ...more]: readonly string[],
): Result<{ to: string; from: string }, string> {
  if (more.length > 0) return no(`${USAGE}: ${more.join(' ')} is too much`)
  if (!/^\+?\d{1,20}$/.test(from)) return no(`${USAGE}: the caller ${from} is no number`)
  if (/^\d{4}$/.test(number) || moreExtensions.includes(number)) return ok({ to: fromOutside(number), from })
  if (/^\+?\d{8,20}$/.test(number)) return ok({ to: number, from })
  return no(
    `${USAGE}: ${number} is neither a number of the lab, such as 1002, nor a whole number, such as ${fromOutside('1002')}`,
  )
}
