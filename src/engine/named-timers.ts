/** One timer for each name, at the last time that was said for it. Touches the clock. */
import type { Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'

export function createNamedTimers(clock: Clock, fire: (name: string, at: EpochMs) => void) {
  const timers = new Map<string, { at: EpochMs; cancel: () => void }>()
  return {
    /** Undefined takes it off. */
    set(name: string, at: EpochMs | undefined) {
      const was = timers.get(name)
      if (was?.at === at) return
      was?.cancel()
      timers.delete(name)
      if (at === undefined) return
      const cancel = clock.wake(at, () => {
        timers.delete(name)
        fire(name, at)
      })
      timers.set(name, { at, cancel })
    },
    cancel: () => {
      for (const { cancel } of timers.values()) cancel()
      timers.clear()
    },
  }
}
