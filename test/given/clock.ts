/** Time for tests that do not wait for it. */
import type { Clock } from '../../src/base/clock.js'
import type { EpochMs } from '../../src/base/ids.js'

/** A clock that only goes when it is told to. */
export function aClock(start: number) {
  let now = start
  const waking = new Set<{ at: number; run: () => void }>()
  const clock: Clock = {
    now: () => now as EpochMs,
    wake(at, run) {
      const entry = { at, run }
      waking.add(entry)
      return () => void waking.delete(entry)
    },
  }
  const pass = (ms: number) => {
    const until = now + ms
    for (;;) {
      const [next] = [...waking].filter(w => w.at <= until).sort((a, b) => a.at - b.at)
      if (!next) break
      now = Math.max(now, next.at)
      waking.delete(next)
      next.run()
    }
    now = until
  }
  return { clock, pass }
}
