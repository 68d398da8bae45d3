/**
 * The history as a reader of the event log: takes each `call.recorded` and `call.revised` and keeps the call, by its id, so that
 * reading an event twice changes nothing. Records and the place in the log are written by one script, the place last: what fails in the
 * middle is repeated from where the place still is. Read is from memory where the log has it there, and only when there is a
 * record to be made; several that come together are written together.
 */
import { after, sleep, type Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import { FOLLOW_UP_EVENTS, type FollowUp } from '../events/follow-up.js'
import { positionOf, positionText, START, type LogEntry, type Position } from '../events/log.js'
import type { Keys } from '../store/keys.js'
import type { Page } from '../store/event-log.js'
import { isWrongType, setHistoryAside, setKeysAside, type ForeignTold } from '../store/foreign.js'
import type { RedisClient } from '../store/redis.js'
import type { Items } from './items.js'
import type { Records } from './records.js'

const PAGE = 500
/** A record takes a tenth of a millisecond: live events wait for so many, and no more. A whole page is the past, and is in a hurry. */
const MOST_AT_ONCE = 8
const RETRY_MS = 500
/** How long a record may wait for others to be written with; not when somebody wants to see it. */
const GATHER_MS = 100
/** How old the stored place may be when there are no records to be written with it. */
const PLACE_EVERY_MS = 60_000

/** What else is kept of the log: of which events, and by what. Written twice, it is the same. */
export type Kept = { types: ReadonlySet<string>; write: (entries: readonly LogEntry[]) => Promise<void> }

type Parts = {
  redis: RedisClient
  keys: Keys
  records: Pick<Records, 'write'>
  items: Pick<Items, 'write'>
  also?: readonly Kept[]
  read: (after: Position, count: number) => Promise<Page>
  clock: Clock
  told: {
    recorded: (calls: number) => void
    failed: (error: unknown) => void
    gap: (from: Position) => void
    foreign: ForeignTold
  }
}

const CALLS: ReadonlySet<string> = new Set(['call.recorded', 'call.revised', 'call.merged'])
const isCall = ({ type }: LogEntry) => CALLS.has(type)
const isItem = ({ type }: LogEntry) => type in FOLLOW_UP_EVENTS

export function followLog({ redis, keys, records, items, also = [], read, clock, told }: Parts) {
  /** The only events that the history takes anything from: each has the whole of what it is about, as it is then. */
  const isWanted = (entry: LogEntry) =>
    isCall(entry) || isItem(entry) || also.some(({ types }) => types.has(entry.type))
  let position: Position | undefined
  let running = true
  let reading = true
  /** There may be records that are not read yet; and whether they are to be read at once. */
  let unread = true
  let dirty = true
  /** To be read from here again, or from where Redis says the history is, whichever comes first. */
  let anew: Position | undefined
  let failing = false
  let wakeUp = () => {}
  let soon: { at: EpochMs; cancel: () => void } | undefined
  let placedAt: number = clock.now()
  let waiting: { seq: number; resolve: () => void }[] = []

  async function catchUp() {
    for (;;) {
      const from = again()
      if (!position || from) {
        const stored = await storedPlace()
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

  /** The beginning, where it is none or no place: what is written again is the same. */
  async function storedPlace(): Promise<Position> {
    try {
      const text = await redis.get(keys.historyRead)
      const place = positionOf(text ?? '')
      if (text !== null && !place) told.foreign('history place')
      return place ?? START
    } catch (error) {
      if (isWrongType(error)) await setAside(redis, keys, clock.now(), told.foreign)
      throw error
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
    const calls = entries.filter(isCall)
    const changed = entries.filter(isItem).map(itemOf)
    const kept = also.map(({ types, write: keep }) => ({ some: entries.filter(e => types.has(e.type)), keep }))
    const nothing = calls.length === 0 && changed.length === 0 && kept.every(({ some }) => some.length === 0)
    // The place alone is not worth a way to Redis: what is read again is written again, and is the same.
    if (nothing && clock.now() < placedAt + PLACE_EVERY_MS) return last
    let recorded = 0
    try {
      await items.write(changed)
      for (const { some, keep } of kept) if (some.length > 0) await keep(some)
      for (const some of portions(calls, entries.length < PAGE ? MOST_AT_ONCE : PAGE)) {
        const over = some.map(callOf).filter(isOver)
        recorded += over.length
        await records.write(over, some.at(-1) === calls.at(-1) ? last : undefined)
      }
    } catch (error) {
      if (isWrongType(error)) await setAside(redis, keys, clock.now(), told.foreign)
      throw error
    }
    placedAt = clock.now()
    if (recorded > 0) told.recorded(recorded)
    return last
  }

  async function run() {
    while (isRunning() || isDirty()) {
      const changed = new Promise<void>(resolve => (wakeUp = resolve))
      try {
        dirty = unread = false
        reading = true
        await catchUp()
        failing = reading = false
        if (isDirty()) continue
        if (!isUnread()) release(Infinity)
        if (isRunning()) await changed
      } catch (error) {
        failing = true
        told.failed(error)
        release(Infinity)
        await sleep(clock, RETRY_MS)
        dirty = isRunning()
      }
    }
  }
  const isRunning = () => running
  const isDirty = () => dirty
  const isUnread = () => unread
  const again = () => anew
  const ended = run()

  function readNow() {
    soon?.cancel()
    soon = undefined
    dirty = unread = true
    wakeUp()
  }

  function readWithin(ms: number) {
    const at = after(clock, ms)
    if (soon && soon.at <= at) return
    soon?.cancel()
    soon = { at, cancel: clock.wake(at, readNow) }
  }

  return {
    /** These are in the log. Those that are not for the history do not wake it, but for keeping its place from time to time. */
    notify(entries: readonly LogEntry[]) {
      if (!entries.some(isWanted)) return readWithin(PLACE_EVERY_MS)
      unread = true
      readWithin(GATHER_MS)
    },
    /**
     * Resolves when all up to this place is in the history, so that whoever has heard of a call finds it there; at once
     * when it cannot be written, since nobody is kept waiting for a store that is away.
     */
    reached({ seq }: Position): Promise<void> {
      if (failing || !(unread || reading) || (position && !anew && position.seq >= seq)) return Promise.resolve()
      if (unread) readNow()
      return new Promise(resolve => waiting.push({ seq, resolve }))
    },
    /** Redis may have lost records: what the log has after this place is read again. */
    again(from: Position) {
      anew = from
      readNow()
    },
    /** Reads what is there first. */
    async stop() {
      running = false
      placedAt = -Infinity
      readNow()
      await ended
      soon?.cancel()
      release(Infinity)
    },
  }
}

/** At least one, which may be empty. */
const portions = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.max(1, Math.ceil(all.length / size)) }, (_, i) => all.slice(i * size, (i + 1) * size))

const callOf = (entry: LogEntry) => (JSON.parse(entry.json) as { data: { call: CallView } }).data.call

/** Whatever has a name of the history's and is of another kind than it should be. */
async function setAside(redis: RedisClient, keys: Keys, at: number, told: ForeignTold) {
  await setKeysAside(redis, new Map([[keys.historyRead, 'string' as const]]), at, told)
  await setHistoryAside(redis, keys, at, told)
}

const itemOf = (entry: LogEntry) => (JSON.parse(entry.json) as { data: { item: FollowUp } }).data.item

/** One that has become part of another is kept under its id, so that this answers for ever. */
const isOver = ({ state }: CallView) => state === 'ended' || state === 'merged'
