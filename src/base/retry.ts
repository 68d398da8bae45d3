/** Keeps something connected: runs session after session, for ever, with waits that grow by chance between them. */
import { after, type Clock } from './clock.js'

export type Retry = {
  clock: Clock
  /** In [0, 1). */
  random: () => number
  /** The longest wait between two attempts. */
  atMostMs: number
}

const FIRST_WAIT_MS = 100

/**
 * `session` resolves, never rejects, when it has ended: true if it had been of use, which makes the next one begin soon.
 * `stop` ends the waiting; ending a session that runs is the caller's.
 */
export function keepConnecting({ clock, random, atMostMs }: Retry, session: () => Promise<boolean>) {
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
    let wait = FIRST_WAIT_MS
    while (isRunning()) {
      const useful = await session()
      if (!isRunning()) return
      wait = useful ? FIRST_WAIT_MS : Math.min(atMostMs, FIRST_WAIT_MS + random() * wait * 3)
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
