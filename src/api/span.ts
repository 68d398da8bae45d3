/** The time that a report is asked about: from one moment to before another, which is now unless said. */
import { Refusal } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'

const MOST_DAYS = 400
const DAY_MS = 86_400_000

/** BAD_REQUEST where the one is not before the other, or they are too far apart. */
export function spanOf(query: { from: string; until?: string }, now: () => EpochMs): { from: EpochMs; until: EpochMs } {
  const [from, until] = [Date.parse(query.from), query.until === undefined ? now() : Date.parse(query.until)]
  if (!(from < until) || until - from > MOST_DAYS * DAY_MS)
    throw new Refusal('BAD_REQUEST', `from is before until, and not more than ${MOST_DAYS} days`)
  return { from: from as EpochMs, until: until as EpochMs }
}
