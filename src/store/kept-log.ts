/**
 * The event log that takes every batch, whatever Redis does: in Redis as long as that answers, else in the journal, and if
 * that is full, in memory. What Redis has not got yet is brought to it, in order, as soon as it answers again; what it has
 * lost (flushed, an older copy) is given back from memory. Touches Redis and, while that is away, the disk.
 */
import { failureWithin, sleep, type Clock } from '../base/clock.js'
import { Refusal } from '../base/errors.js'
import { START, type LogEntry, type Position } from '../events/log.js'
import { Behind, Fenced, type EventLog, type LogBatch, type Page } from './event-log.js'
import { backlogOf, SKIPPED, type Stored } from './backlog.js'
import { isWrongType } from './foreign.js'
import type { Journal, JournalRecord } from './journal.js'
import { createTail } from './tail.js'

export const STORE_STATES = ['redis', 'journal', 'memory'] as const
/** Where events go now. Whatever is not `redis` is a fault that heals by itself. */
export type StoreState = (typeof STORE_STATES)[number]

export type KeptLogTold = {
  /** Redis did not take a batch, or not what was kept. */
  failed: (error: unknown) => void
  state: (state: StoreState) => void
  /** Events that are in memory only: the journal has no room for them. */
  dropped: (events: number) => void
  /** The events between these two numbers are not in the log, and nowhere else. */
  lost: (after: number, before: number) => void
  /** Redis had lost something; what came after this place is there again. */
  restored: (from: Position) => void
  /** A journal that does not belong to this log was set aside. */
  foreign: () => void
}

export type KeptLogParts = { log: EventLog; journal: Journal; clock: Clock; told: KeptLogTold }

/** Redis may take that long; live events wait for it. */
export const PATIENCE_MS = 400
/** And the disk; a batch that it takes later all the same is not brought twice. */
export const DISK_PATIENCE_MS = 2_000
const RETRY_MS = 250
const CHUNK = 500

/** Something that is not ours, where ours should be. */
const isInTheWay = (error: unknown) =>
  isWrongType(error) ||
  (error instanceof Error && /equal or smaller|is not an integer|attempt to compare/.test(error.message))

/** Full, a replica, its own disk full, too few replicas: what is there can still be read. */
const refusesWritesOnly = (error: unknown) =>
  error instanceof Behind || (error instanceof Error && /^(OOM|READONLY|MISCONF|NOREPLICAS)/.test(error.message))

export type KeptLog = ReturnType<typeof createKeptLog>

export function createKeptLog({ log, journal, clock, told }: KeptLogParts) {
  const live = new Map<string, object>()
  let tail = createTail(START)
  /** The last event that is kept, anywhere; and the last that Redis has. */
  let last = START
  let inRedis = START
  let state: StoreState = 'redis'
  let keeping: Promise<void> | undefined
  /** While it is there, batches wait: Redis is about to take over again. */
  let gate: Promise<void> | undefined
  let healing: Promise<void> | undefined
  let stopping = false
  /** Redis answers, if only to say that it takes nothing: what is in it can be read. */
  let readable = true
  /** Something in Redis is not ours, and has to be put aside first. */
  let inTheWay = false
  const now = () => ({ state, gate, stopping })

  function turn(to: StoreState) {
    if (state === to) return
    state = to
    told.state(to)
  }

  /** Takes over the writing, and answers what there is: in Redis, and in the journal of a daemon that died without it. */
  async function open(): Promise<Stored> {
    const stored = await log.open()
    inRedis = stored.last
    tail = createTail(inRedis)
    const { calls, foreign, skipped, ...found } = await backlogOf(journal, log, stored, entries => tail.push(entries))
    if (foreign) told.foreign()
    for (const [id, call] of calls) live.set(id, call)
    last = found.last
    if (skipped) tail = createTail(last)
    if (!journal.isEmpty()) heal()
    return { ...found, calls: [...calls.values()] }
  }

  /** Batches come one at a time. Rejects only when another daemon writes for this PBX. */
  async function append(batch: LogBatch) {
    while (now().gate) await gate
    if (state === 'redis') {
      const failure = await inTime({ ...batch, after: last.seq })
      if (failure === undefined) return remember(batch, true)
      if (failure instanceof Fenced) throw failure
      readable = refusesWritesOnly(failure)
      inTheWay ||= isInTheWay(failure)
      told.failed(failure)
    }
    keeping = keep(batch)
    heal()
    await keeping
    keeping = undefined
  }

  function remember({ entries, calls }: LogBatch, stored: boolean) {
    tail.push(entries)
    last = entries.at(-1)?.position ?? last
    if (stored) inRedis = last
    for (const [id, call] of calls) {
      if (call) live.set(id, call)
      else live.delete(id)
    }
  }

  /** A Redis that takes too long is as good as none; what it does later all the same is not done twice. */
  const inTime = (batch: LogBatch) => failureWithin(clock, PATIENCE_MS, 'Redis', log.append(batch))

  /** In the journal, or else in memory only. */
  async function keep(batch: LogBatch) {
    if (state === 'redis') turn('journal')
    if (state === 'memory' || !(await inJournal(batch))) told.dropped(batch.entries.length)
    remember(batch, false)
  }

  async function inJournal({ entries, calls }: LogBatch): Promise<boolean> {
    const failure = await failureWithin(clock, DISK_PATIENCE_MS, 'the disk', journal.append(recordOf(entries, calls)))
    if (failure === undefined) return true
    told.failed(failure)
    turn('memory')
    // There will be events that the journal does not have, so it says that it ends here; a disk that hangs, when it can.
    const ending = journal.end(recordOf([], new Map()))
    const unsaid = await failureWithin(clock, DISK_PATIENCE_MS, 'the disk', ending)
    if (unsaid !== undefined) told.failed(unsaid)
    return false
  }

  const recordOf = (entries: readonly LogEntry[], calls: LogBatch['calls']): JournalRecord => ({
    at: clock.now(),
    after: last.seq,
    entries: [...entries],
    calls: [...calls].map(([id, call]) => [id, call ?? null]),
  })

  function heal() {
    if (healing) return
    turn(state === 'redis' ? 'journal' : state)
    healing = untilHealed()
  }

  async function untilHealed() {
    const progress = { offset: 0, reseed: false }
    while (!now().stopping) {
      try {
        // Something is brought before anybody is made to wait: so Redis does answer.
        await keeping
        if (inTheWay) await mend(progress)
        await compare()
        await catchUp(progress)
        return await takeOver(progress)
      } catch (error) {
        readable = refusesWritesOnly(error)
        told.failed(error)
        if (error instanceof Fenced) return
        inTheWay ||= isInTheWay(error)
        await sleep(clock, RETRY_MS)
      }
    }
  }

  /** A part of a batch may have been done. */
  async function mend(progress: Progress) {
    await log.mend()
    progress.reseed = true
    inTheWay = false
  }

  /** Whether Redis still has what it had; it may be another one by now. */
  async function compare() {
    try {
      await log.append({ entries: [], calls: new Map(), after: inRedis.seq })
    } catch (error) {
      if (!(error instanceof Behind)) throw error
      inRedis = { ...inRedis, seq: error.seq }
    }
  }

  type Progress = { offset: number; reseed: boolean }

  /** Brings to Redis what it lacks. */
  async function catchUp(progress: Progress) {
    for await (const { record, end } of journal.records(progress.offset)) {
      await replay(record, progress)
      progress.offset = end
    }
    if (keeping || progress.offset < journal.size()) return
    let counted = inRedis.seq
    if (state === 'memory' || inRedis.seq < last.seq) {
      progress.reseed = true
      const until = last
      counted = await giveBack(inRedis.seq, until.seq)
      inRedis = until
    }
    if (!progress.reseed) return
    await log.restore(inRedis, live, counted)
    // What is in the journal brings the calls along; what is in memory only does not.
    progress.reseed = now().state === 'memory'
    const [first] = tail.between(0, last.seq, 1)
    if (first) told.restored({ ms: first.position.ms, seq: first.position.seq - 1 })
  }

  /** The last of it is brought while nothing is added. Then Redis is written to again. */
  async function takeOver(progress: Progress) {
    let open: () => void = () => undefined
    gate = new Promise(resolve => (open = resolve))
    try {
      // A batch that was on its way to Redis when this began may be kept only now.
      do {
        await keeping
        keeping = undefined
        await catchUp(progress)
      } while (inRedis.seq < last.seq || progress.offset < journal.size())
      healing = undefined
      readable = true
      turn('redis')
    } finally {
      gate = undefined
      open()
    }
    await journal.clear().catch(told.failed)
  }

  async function replay({ after, entries, calls }: JournalRecord, progress: Progress) {
    const batch = { entries, calls: new Map(calls.map(([id, call]) => [id, call ?? undefined])) }
    try {
      await log.append({ ...batch, after })
    } catch (error) {
      if (!(error instanceof Behind)) throw error
      progress.reseed = true
      await log.append({ ...batch, after: await giveBack(error.seq, after) })
    }
    const end = entries.at(-1)?.position
    if (end && end.seq > inRedis.seq) inRedis = end
  }

  /**
   * Brings what only memory has; what nobody has is a hole that readers are told of. Answers the number of the last event
   * that Redis has now.
   */
  async function giveBack(seq: number, until: number): Promise<number> {
    let counted = seq
    while (counted < until) {
      const entries = tail.between(counted, until, CHUNK)
      const next = entries[0]?.position.seq ?? until + 1
      if (next > counted + 1) told.lost(counted, next)
      const end = entries.at(-1)
      if (!end) break
      // Redis may lose everything between two of these, too.
      await log.append({ entries, calls: new Map(), after: counted })
      counted = end.position.seq
    }
    return counted
  }

  async function read(position: Position, count: number): Promise<Page> {
    const entries = tail.after(position, count)
    if (entries) return { ok: true, entries }
    const page = await log.read(position, count)
    // What Redis does not know of, it may yet be told.
    const notYet = page.ok ? page.entries.length === 0 : page.why === 'unknown'
    if (notYet && state !== 'redis' && position.seq < last.seq) throw new Refusal('STORE_DOWN')
    return page
  }

  return {
    open,
    append,
    read,
    /** `waiting`: events that Redis has not got yet; numbers that were left out do not count. */
    status: () => ({
      state,
      waiting: Math.max(0, last.seq - inRedis.seq) % SKIPPED,
      readable,
      /** Events in memory. */
      inMemory: tail.size(),
      /** How much of the journal's room is taken: 1 is all. */
      journalFilled: journal.size() / journal.maxBytes,
    }),
    /** For when Redis is connected again: it may be another one, or have lost something. */
    async look() {
      if (state !== 'redis') return
      const failure = await inTime({ entries: [], calls: new Map(), after: last.seq })
      if (failure === undefined) return
      told.failed(failure)
      if (!(failure instanceof Fenced)) heal()
    },
    /** What is in the journal stays there for the next start. */
    async stop() {
      stopping = true
      await healing
      await journal.close()
    },
  }
}
