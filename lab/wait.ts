/** Waiting for something that is announced, with a deadline. Pure but for the clock it is handed. */
import type { Clock } from '../src/base/clock.js'
import { after } from '../src/base/clock.js'

export type Watched<T> = Readonly<{
  /** All that came, oldest first. */
  history: readonly T[]
  tell: (item: T) => void
  onEach: (see: (item: T) => void) => void
  /** The first that fits, from `since` in the history on; rejects at the deadline, saying what came instead. */
  until: (what: string, fits: (item: T) => boolean, withinMs: number, since?: number) => Promise<T>
  /** Nothing more will come: whoever waits is told so. */
  end: (why: string) => void
}>

type Waiting<T> = Readonly<{ see: (item: T) => void; fail: (why: string) => void }>

export function watch<T>(clock: Clock, show: (item: T) => string): Watched<T> {
  const history: T[] = []
  const waiting = new Set<Waiting<T>>()
  const listeners: ((item: T) => void)[] = []
  let ended: string | undefined
  const until = (what: string, fits: (item: T) => boolean, withinMs: number, since = 0) =>
    new Promise<T>((resolve, reject) => {
      const past = history.slice(since).find(fits)
      if (past !== undefined) return resolve(past)
      const came = () => history.slice(since).map(show).join(', ') || 'nothing'
      const fail = (why: string) => {
        done()
        reject(new Error(`waited for ${what}, ${why}; came: ${came()}`))
      }
      const see = (item: T) => {
        if (!fits(item)) return
        done()
        resolve(item)
      }
      const cancel = clock.wake(after(clock, withinMs), () => fail(`${withinMs} ms`))
      const done = () => {
        cancel()
        waiting.delete(one)
      }
      const one = { see, fail }
      waiting.add(one)
      if (ended !== undefined) fail(ended)
    })
  return {
    history,
    tell: item => {
      history.push(item)
      for (const see of listeners) see(item)
      for (const { see } of [...waiting]) see(item)
    },
    onEach: see => void listeners.push(see),
    until,
    end: why => {
      ended = why
      for (const { fail } of [...waiting]) fail(why)
    },
  }
}

/** Tries until it gives something, or the deadline passes. */
export async function retry<T>(
  clock: Clock,
  what: string,
  withinMs: number,
  attempt: () => Promise<T | undefined>,
  everyMs = 20,
): Promise<T> {
  const deadline = after(clock, withinMs)
  for (;;) {
    const got = await attempt()
    if (got !== undefined) return got
    if (clock.now() >= deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await new Promise<void>(resolve => void clock.wake(after(clock, everyMs), resolve))
  }
}
