/**
 * How often a password may be wrong: so many times within so long, for each staff id, whether there is one of that name or
 * not. Keeps a bounded number of names; reads no clock.
 */
import type { EpochMs } from '../base/ids.js'

export const MOST_WRONG = 5
export const WITHIN_MS = 5 * 60_000
const MOST_NAMES = 10_000

export function createAttempts() {
  const wrong = new Map<string, EpochMs[]>()
  const recent = (staff: string, at: EpochMs) => (wrong.get(staff) ?? []).filter(then => then > at - WITHIN_MS)
  return {
    /** Before the password is looked at, so that a right one tells a guesser nothing, either. */
    areTooMany: (staff: string, at: EpochMs) => recent(staff, at).length >= MOST_WRONG,
    wasWrong(staff: string, at: EpochMs) {
      const times = [...recent(staff, at), at]
      wrong.delete(staff)
      wrong.set(staff, times)
      if (wrong.size > MOST_NAMES) wrong.delete(wrong.keys().next().value ?? '')
    },
    wasRight: (staff: string) => void wrong.delete(staff),
  }
}
