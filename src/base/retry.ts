/** Keeps something connected: runs session after session, for ever, with waits that grow by chance between them. */
import { after, type Clock } from './clock.js'

export type Retry = {
  clock: Clock
  /** In [0, 1). */
  random: () => number
  /** The longest wait between two attempts. */
  atMostMs: number
}

/**
 * How a session ended. `lived`: it had been of use; `failed`: it never was; `refused`: the other side is there and does not
 * want it, which only somebody's hand will change.
 */
export type Ending = 'lived' | 'failed' | 'refused'

const FIRST_WAIT_MS = 100
/** One that ends sooner than this after it began was of little use: the next wait grows as after a failure. */
const STEADY_MS = 2_000
const REFUSED_FIRST_WAIT_MS = 1_000
export const REFUSED_AT_MOST_MS = 60_000

/**
 * `session` resolves, never rejects, when it has ended. `stop` ends the waiting; ending a session that runs is the caller's.
 */
export function keepConnecting({ clock, random, atMostMs }: Retry, session: () => Promise<Ending>) {
  let running = true
  let wakeUp: (() => void) | undefined

  const waiting = (ms: number) =>
    new Promise<void>(resolve => {
      const cancel = clock.wake(after(clock, ms), resolve)
      wakeUp = () => {
        cancel()
        resolve()
      }
    })

  async function run() {
    let [wait, refusedWait] = [FIRST_WAIT_MS, REFUSED_FIRST_WAIT_MS]
    while (isRunning()) {
      const began = clock.now()
      const ending = await session()
      if (!isRunning()) return
      if (ending === 'refused') {
        // Half of it by chance, so that two that put one another out do not go on in step.
        await waiting(refusedWait * (0.5 + random() / 2))
        refusedWait = Math.min(REFUSED_AT_MOST_MS, refusedWait * 2)
        continue
      }
      refusedWait = REFUSED_FIRST_WAIT_MS
      const steady = ending === 'lived' && clock.now() - began >= STEADY_MS
      wait = steady ? FIRST_WAIT_MS * (0.5 + random()) : Math.min(atMostMs, FIRST_WAIT_MS + random() * wait * 3)
      await waiting(wait)
    }
  }
  const isRunning = () => running
  const ended = run()

  return {
    isRunning,
    async stop() {
      running = false
      wakeUp?.()
      await ended
    },
  }
}
