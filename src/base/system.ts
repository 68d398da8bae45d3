/** The only file that reads the clock, sets timers and draws random numbers (a lint rule keeps it so). */
import { randomBytes } from 'node:crypto'
import type { Clock } from './clock.js'
import type { EpochMs } from './ids.js'

const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Node's timers may go off early: they count from when the loop last looked at the time, which may have been a while ago. */
const EARLY_AT_MOST_MS = 1_000

/** Never before its time, unless the wall clock was set back meanwhile. */
function wakeAt(at: EpochMs, run: () => void, keepsAlive: boolean): () => void {
  let timer: NodeJS.Timeout
  const arm = (left: number) => {
    timer = setTimeout(look, Math.min(Math.max(0, left), LONGEST_TIMER_MS), left)
    if (!keepsAlive) timer.unref()
  }
  const look = (waited: number) => {
    const left = at - Date.now()
    if (left > 0 && (left < EARLY_AT_MOST_MS || waited > LONGEST_TIMER_MS)) arm(left)
    else run()
  }
  arm(at - Date.now())
  return () => clearTimeout(timer)
}

export const systemClock: Clock = {
  now: () => Date.now() as EpochMs,
  wake: (at, run) => wakeAt(at, run, true),
}

/** A clock whose timers do not keep the process alive. */
export const backgroundClock: Clock = {
  now: systemClock.now,
  wake: (at, run) => wakeAt(at, run, false),
}

/** Once all that has come by now is taken in. */
export const thisTurn = (run: () => void) => void setImmediate(run)

/** Milliseconds that only ever grow, for measuring how long something took. */
export const elapsedMs = () => performance.now()

/** A number in [0, 1), for jitter. */
export const random = () => Math.random()

/** To ask the kernel for each token costs more than the token. */
const POOL_BYTES = 4_096
let pool = Buffer.alloc(0)

/** Unguessable text of URL-safe characters; 16 bytes make 22 characters. */
export function randomToken(bytes = 16): string {
  if (pool.length < bytes) pool = randomBytes(Math.max(bytes, POOL_BYTES))
  const token = pool.toString('base64url', 0, bytes)
  pool.fill(0, 0, bytes)
  pool = pool.subarray(bytes)
  return token
}
