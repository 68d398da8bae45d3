/**
 * Hands events to the log in their order, one write at a time; what comes meanwhile is written together next. A write
 * that failed is tried again until it is done: the log knows the last number and writes nothing twice.
 */
import { after, sleep, type Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import type { PublicEvent } from '../events/event.js'
import type { LogEntry, Position } from '../events/log.js'

export type Batch = {
  entries: LogEntry[]
  /** Calls and other things to be stored as they now are (plain data), by their ids; undefined takes one out. */
  calls: Map<string, object | undefined>
}

export type Appender = (batch: Batch) => Promise<void>

const RETRY_MS = 250
/** A write takes what waits, up to so many events: one that is too large would hold Redis up, and be taken for a failure. */
const MOST_AT_ONCE = 500
/** How long a change of state that nobody is told of may wait for an event to be written with. */
const QUIET_MS = 100

export type Writer = ReturnType<typeof createWriter>

export function createWriter(
  append: Appender,
  clock: Clock,
  last: Position,
  told: { written: (entries: LogEntry[]) => void; failed: (error: unknown) => void },
) {
  let position = last
  let written = last.seq
  /** Each is written whole: its events lead to the state that it carries. */
  const waiting: Batch[] = []
  let busy = false
  let failing = false
  let quiet: (() => void) | undefined
  const readers: { seq: number; resolve: () => void }[] = []

  async function flush() {
    busy = true
    for (let batch = waiting.shift(); batch; batch = nextTold()) {
      await persist(batch)
      written = batch.entries.at(-1)?.position.seq ?? written
      told.written(batch.entries)
      release()
    }
    busy = false
    if (waiting.length > 0) flushSoon()
  }

  const nextTold = () => (waiting.some(({ entries }) => entries.length > 0) ? waiting.shift() : undefined)

  function wait(entries: LogEntry[], calls: Iterable<readonly [string, object | undefined]>) {
    const last = waiting.at(-1)
    if (!last || last.entries.length + entries.length > MOST_AT_ONCE) {
      waiting.push({ entries, calls: new Map(calls) })
      return
    }
    for (const entry of entries) last.entries.push(entry)
    for (const [id, call] of calls) last.calls.set(id, call)
  }

  function flushSoon() {
    quiet ??= clock.wake(after(clock, QUIET_MS), flushNow)
  }

  function flushNow() {
    quiet?.()
    quiet = undefined
    if (!busy) void flush()
  }

  /** While the log cannot be written, nobody is kept waiting for it. */
  function release() {
    while (readers[0] && (failing || readers[0].seq <= written)) readers.shift()?.resolve()
  }

  async function persist(batch: Batch) {
    for (;;) {
      try {
        await append(batch)
        failing = false
        return
      } catch (error) {
        failing = true
        release()
        told.failed(error)
        await sleep(clock, RETRY_MS)
      }
    }
  }

  return {
    push(events: PublicEvent[], calls: Iterable<readonly [string, object | undefined]>) {
      const ms = Math.max(clock.now(), position.ms) as EpochMs
      const entries = events.map(event => {
        position = { ms, seq: position.seq + 1 }
        return { ...event, position }
      })
      wait(entries, calls)
      if (events.length > 0) flushNow()
      else flushSoon()
    },
    /** Where the log will stand when all that was pushed is written. */
    position: () => position,
    /** Resolves when everything pushed so far is in the log, or when the log turns out to be unreachable. */
    settled(): Promise<void> {
      if (waiting.length > 0) flushNow()
      if (failing || !busy) return Promise.resolve()
      return new Promise<void>(resolve => readers.push({ seq: position.seq, resolve }))
    },
    /** Events that are not in the log yet, and whether the last try failed. */
    lag: () => ({ events: position.seq - written, failing }),
  }
}
