/**
 * The history as a reader of the event log: takes each `call.recorded` and keeps its call, by its id, so that reading an
 * event twice changes nothing. The place in the log moves only when all before it is written: a transaction that fails in
 * one command has done the others, so it is repeated, not trusted.
 */
import { sleep, type Clock } from '../base/clock.js'
import type { CallView } from '../events/call.js'
import { positionOf, positionText, START, type LogEntry, type Position } from '../events/log.js'
import type { Keys } from '../store/keys.js'
import type { Page } from '../store/event-log.js'
import type { RedisClient } from '../store/redis.js'

const PAGE = 500
const RETRY_MS = 500

type Parts = {
  redis: RedisClient
  keys: Keys
  read: (after: Position, count: number) => Promise<Page>
  clock: Clock
  told: { recorded: (calls: number) => void; failed: (error: unknown) => void; gap: (from: Position) => void }
}

export function followLog({ redis, keys, read, clock, told }: Parts) {
  let position: Position | undefined
  let running = true
  let dirty = true
  /** To be read from here again, or from where Redis says the history is, whichever comes first. */
  let anew: Position | undefined
  let failing = false
  let wakeUp = () => {}
  let waiting: { seq: number; resolve: () => void }[] = []

  async function catchUp() {
    for (;;) {
      const from = again()
      if (!position || from) {
        const stored = positionOf((await redis.get(keys.historyRead)) ?? '') ?? START
        position = from && from.seq < stored.seq ? from : stored
        if (again() === from) anew = undefined
      }
      const page = await read(position, PAGE)
      if (!page.ok) {
        // What is no longer in the log cannot be had from it: go on with what is.
        told.gap(position)
        position = await beyond(position)
        continue
      }
      if (page.entries.length > 0) position = await write(page.entries)
      release(position.seq)
      if (page.entries.length === 0) return
    }
  }

  function release(seq: number) {
    for (const { resolve } of waiting.filter(w => w.seq <= seq)) resolve()
    waiting = waiting.filter(w => w.seq > seq)
  }

  /** The place right before the next event that is kept. */
  async function beyond(from: Position): Promise<Position> {
    const [first] = await redis.xrange(keys.log, `(${positionText(from)}`, '+', 'COUNT', 1)
    const at = positionOf(first?.[0] ?? '')
    if (at) return { ms: at.ms, seq: at.seq - 1 }
    const [ms, seq] = await redis.hmget(keys.meta, 'ms', 'seq')
    return positionOf(`${ms ?? 0}-${seq ?? 0}`) ?? START
  }

  async function write(entries: LogEntry[]): Promise<Position> {
    const last = entries.at(-1)?.position ?? START
    const calls = entries.filter(entry => entry.type === 'call.recorded').map(callOf)
    const transaction = redis.multi()
    for (const call of calls) index(transaction, keys, call)
    const results = await transaction.exec()
    const failed = results?.find(([error]) => error)?.[0]
    if (!results || failed) throw failed ?? new Error('the history could not be written')
    await redis.set(keys.historyRead, positionText(last))
    told.recorded(calls.length)
    return last
  }

  async function run() {
    while (isRunning()) {
      const changed = new Promise<void>(resolve => (wakeUp = resolve))
      try {
        dirty = false
        await catchUp()
        failing = false
        if (!isDirty()) await changed
      } catch (error) {
        failing = true
        told.failed(error)
        release(Infinity)
        await sleep(clock, RETRY_MS)
      }
    }
  }
  const isRunning = () => running
  const isDirty = () => dirty
  const again = () => anew
  const ended = run()

  return {
    /** There is something new in the log. */
    notify() {
      dirty = true
      wakeUp()
    },
    /**
     * Resolves when all up to this place is in the history, so that whoever has heard of a call finds it there; at once
     * when it cannot be written, since nobody is kept waiting for a store that is away.
     */
    reached({ seq }: Position): Promise<void> {
      if (failing || (position && !anew && position.seq >= seq)) return Promise.resolve()
      return new Promise(resolve => waiting.push({ seq, resolve }))
    },
    /** Redis may have lost records: what the log has after this place is read again. */
    again(from: Position) {
      anew = from
      this.notify()
    },
    async stop() {
      running = false
      this.notify()
      await ended
      release(Infinity)
    },
  }
}

const callOf = (entry: LogEntry) => (JSON.parse(entry.json) as { data: { call: CallView } }).data.call

function index(transaction: ReturnType<RedisClient['multi']>, keys: Keys, call: CallView) {
  const start = Date.parse(call.startedAt)
  transaction.hset(keys.records, call.id, JSON.stringify(call))
  transaction.zadd(keys.byStart, start, call.id)
  for (const extension of extensionsOf(call)) transaction.zadd(keys.byExtension(extension), start, call.id)
  for (const number of numbersOf(call)) transaction.zadd(keys.byNumber(number), start, call.id)
}

const present = (values: (string | undefined)[]) => new Set(values.filter(v => v !== undefined && v !== ''))

export const extensionsOf = (call: CallView) =>
  present([call.from.extension, call.to.extension, ...call.legs.map(l => l.extension)]) as Set<string>

export const numbersOf = (call: CallView) =>
  present([
    call.from.number,
    call.from.e164,
    call.to.number,
    call.to.e164,
    ...call.legs.map(l => l.number),
  ]) as Set<string>
