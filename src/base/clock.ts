/** Time as a collaborator: the real one is in system.ts, a test brings its own. */
import type { EpochMs } from './ids.js'

export type Clock = {
  /** Wall-clock time. */
  now: () => EpochMs
  /** Runs once at the given time; the function that comes back takes it off again. */
  wake: (at: EpochMs, run: () => void) => () => void
}

export const after = (clock: Clock, ms: number) => (clock.now() + ms) as EpochMs

/** Resolves when the time has passed; never rejects. */
export const sleep = (clock: Clock, ms: number) =>
  new Promise<void>(resolve => {
    clock.wake(after(clock, ms), resolve)
  })

/** Sleeps that are over, and leave no timer behind, when `ended` is. */
export function sleeper(clock: Clock, ended: Promise<unknown>): (ms: number) => Promise<void> {
  let wakeUp: () => void = () => undefined
  void ended.then(() => wakeUp())
  return ms =>
    new Promise<void>(resolve => {
      const cancel = clock.wake(after(clock, ms), resolve)
      wakeUp = () => {
        cancel()
        resolve()
      }
    })
}

/** What it failed with, undefined when it went well, or an error that says so when it took longer. */
export function failureWithin(clock: Clock, ms: number, what: string, doing: Promise<unknown>): Promise<unknown> {
  return new Promise(resolve => {
    const late = () => resolve(new Error(`${what} took longer than ${ms} ms`))
    const settle = (failure: unknown) => {
      cancel()
      resolve(failure)
    }
    const cancel = clock.wake(after(clock, ms), late)
    doing.then(() => settle(undefined), settle)
  })
}

/** Whether it came about in time. Leaves no timer behind. */
export async function inTime(clock: Clock, withinMs: number, coming: Promise<unknown>): Promise<boolean> {
  let cancel: () => void = () => undefined
  const late = new Promise<false>(resolve => (cancel = clock.wake(after(clock, withinMs), () => resolve(false))))
  return Promise.race([coming.then(() => true), late]).finally(() => cancel())
}
