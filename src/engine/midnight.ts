/** Says when a day begins where the PBX is, also when the day before had 23 or 25 hours. Touches the clock. */
import { after, type Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import { dateOf } from '../queues/tally.js'

const MINUTE_MS = 60_000
/** No day is longer, wherever it is. */
const LONGEST_DAY_MS = 50 * 60 * MINUTE_MS

/** The first minute of the next day there. */
export function nextDay(at: EpochMs, timeZone: string): EpochMs {
  const today = dateOf(at, timeZone)
  let [low, high] = [Math.floor(at / MINUTE_MS), Math.floor((at + LONGEST_DAY_MS) / MINUTE_MS)]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (dateOf((middle * MINUTE_MS) as EpochMs, timeZone) === today) low = middle
    else high = middle
  }
  return (high * MINUTE_MS) as EpochMs
}

export function createMidnight(clock: Clock, timeZone: string, dayBegan: () => void) {
  let cancel: (() => void) | undefined
  let date = dateOf(clock.now(), timeZone)

  function arm() {
    cancel = clock.wake(nextDay(clock.now(), timeZone), () => {
      const today = dateOf(clock.now(), timeZone)
      // A clock that was set back meanwhile has that midnight before it once more.
      if (today > date) {
        date = today
        dayBegan()
      }
      cancel = clock.wake(after(clock, 0), arm)
    })
  }

  return {
    begin: arm,
    stop: () => cancel?.(),
  }
}
