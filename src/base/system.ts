/** The only file that reads the clock, sets timers and draws random numbers (a lint rule keeps it so). */
import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.js'
import type { EpochMs } from './ids.js'

const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now() as EpochMs,
  wake(at, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** A clock whose timers do not keep the process alive. */
export const backgroundClock: Clock = {
  now: systemClock.now,
  wake(at, run) {
    const timer = setTimeout(run, Math.min(Math.max(0, at - Date.now()), LONGEST_TIMER_MS))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Milliseconds that only ever grow, for measuring how long something took. */
export const elapsedMs = () => performance.now()

/** A number in [0, 1), for jitter. */
export const random = () => Math.random()

/** Unguessable text of URL-safe characters; 16 bytes make 22 characters. */
export const randomToken = (bytes = 16) => randomBytes(bytes).toString('base64url')
