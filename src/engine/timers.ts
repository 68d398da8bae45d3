/**
 * The timers of one PBX's calls. They go off on a grid, all that are due together, so that a busy PBX is not woken for each
 * call: what comes of them is told and written together, a few at a time, so that other events get in between. Touches the
 * clock.
 */
import type { Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import type { TimerFact } from '../pbx/facts.js'
import type { Wake } from './apply.js'

/** A timer goes off up to this much later than it was set for, never earlier. */
export const GRID_MS = 250
/** A call that is recorded takes a tenth of a millisecond: what is heard meanwhile waits for so many. */
const MOST_AT_ONCE = 8

export function createTimers(clock: Clock, see: (facts: TimerFact[]) => void) {
  const due = new Map<EpochMs, { wakes: Wake[]; cancel: () => void }>()

  function fire(at: EpochMs) {
    const entry = due.get(at)
    const now = entry?.wakes.splice(0, MOST_AT_ONCE) ?? []
    if (entry && entry.wakes.length > 0) entry.cancel = clock.wake(clock.now(), () => fire(at))
    else due.delete(at)
    see(now.map(({ call, timer }) => ({ type: 'timer.fired', at: clock.now(), call, timer })))
  }

  return {
    set(wake: Wake) {
      const at = (Math.ceil((clock.now() + wake.inMs) / GRID_MS) * GRID_MS) as EpochMs
      const others = due.get(at)
      if (others) others.wakes.push(wake)
      else due.set(at, { wakes: [wake], cancel: clock.wake(at, () => fire(at)) })
    },
    cancel() {
      for (const { cancel } of due.values()) cancel()
      due.clear()
    },
  }
}
