/**
 * The timers of one PBX's calls. They go off on a grid, all that are due together, so that a busy PBX is not woken for each
 * call: what comes of them is told and written together. Touches the clock.
 */
import type { Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import type { TimerFact } from '../pbx/facts.js'
import type { Wake } from './apply.js'

/** A timer goes off up to this much later than it was set for, never earlier. */
export const GRID_MS = 250

export function createTimers(clock: Clock, see: (facts: TimerFact[]) => void) {
  const due = new Map<EpochMs, { wakes: Wake[]; cancel: () => void }>()

  function fire(at: EpochMs) {
    const wakes = due.get(at)?.wakes ?? []
    due.delete(at)
    see(wakes.map(({ call, timer }) => ({ type: 'timer.fired', at: clock.now(), call, timer })))
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
