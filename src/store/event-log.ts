/**
 * The event log of one PBX and the snapshot beside it, in Redis. Writing: one atomic script, fenced by the writer's epoch,
 * safe to repeat. Reading: from a position on, without a gap, or not at all.
 */
import type { EpochMs } from '../base/ids.js'
import { EVENT_TYPES, type EventType } from '../events/event.js'
import { isCount, refuseNewer, SCHEMA_VERSION, setKeysAside, type ForeignTold } from './foreign.js'
import { positionOf, positionText, START, type LogEntry, type Position } from '../events/log.js'
import type { Keys } from './keys.js'
import { asking, type RedisClient } from './redis.js'
import { loadScript } from './script.js'

export type LogBatch = {
  entries: readonly LogEntry[]
  calls: ReadonlyMap<string, object | undefined>
  /** The number of the event before these; if left out, whatever is there will do. */
  after?: number
}

/** What came after a position; `gone` when something in between is no longer kept, or the position never was. */
export type Page = { ok: true; entries: LogEntry[] } | { ok: false; why: 'gone' | 'unknown' }

/** Another engine writes for this PBX. */
export class Fenced extends Error {}

/** The server has lost events that it had: `seq` is the last it has. */
export class Behind extends Error {
  constructor(readonly seq: number) {
    super(`Redis has lost what came after event ${seq}`)
  }
}

const appendScript = loadScript('append')
const restoreScript = loadScript('restore')
const WHATEVER = -1
/** As many foreign entries as anybody would write by hand. */
const LOOK_BACK = 1_000

export type EventLog = ReturnType<typeof createEventLog>

export type EventLogEdge = {
  /** Whether a stored call is one that can be gone on with. */
  isCall: (value: unknown, id: string) => boolean
  foreign: ForeignTold
}

const TRUSTING: EventLogEdge = {
  isCall: value => typeof value === 'object' && value !== null,
  foreign: () => undefined,
}

export function createEventLog(
  redis: RedisClient,
  keys: Keys,
  keepMs: number,
  now: () => EpochMs,
  { isCall, foreign } = TRUSTING,
) {
  let epoch = 0

  /**
   * Takes over the writing: whoever wrote before is refused from now on. Answers what is there; what is there and is not
   * ours is set aside. Throws NewerSchema when it was written by a newer version.
   */
  async function open(): Promise<{ last: Position; calls: unknown[]; heardOfPbxAt?: EpochMs }> {
    await aside()
    const [was, schema] = await redis.hmget(keys.meta, 'epoch', 'schema')
    refuseNewer(schema ?? undefined)
    if (was != null && !isCount(was)) {
      foreign('meta epoch')
      // Higher than any that was ever counted up to.
      await redis.hset(keys.meta, 'epoch', now())
    }
    epoch = await redis.hincrby(keys.meta, 'epoch', 1)
    await redis.hset(keys.meta, 'schema', SCHEMA_VERSION)
    const [meta, live] = await Promise.all([redis.hgetall(keys.meta), redis.hgetall(keys.live)])
    const heard = Number(meta['heardAt'])
    return {
      last: await lastOf(meta),
      calls: await soundCalls(live),
      ...(heard > 0 ? { heardOfPbxAt: heard as EpochMs } : {}),
    }
  }

  const aside = () =>
    setKeysAside(redis, new Map([[keys.log, 'stream'], [keys.live, 'hash'], [keys.meta, 'hash'], [keys.foreign, 'hash']]), now(), foreign) // prettier-ignore

  /** As the counter says; where that is no number, as the log does. */
  async function lastOf({ ms = '0', seq = '0' }: Record<string, string>): Promise<Position> {
    if (isCount(ms) && isCount(seq)) return { ms: Number(ms) as EpochMs, seq: Number(seq) }
    foreign('meta seq')
    const rows = await redis.xrevrange(keys.log, '+', '-', 'COUNT', LOOK_BACK)
    const last = rows.map(entryOf).find(entry => entry !== undefined)?.position ?? START
    await redis.hset(keys.meta, 'ms', last.ms, 'seq', last.seq)
    return last
  }

  async function soundCalls(live: Record<string, string>): Promise<unknown[]> {
    const calls: unknown[] = []
    for (const [id, json] of Object.entries(live)) {
      const call = parsed(json)
      if (isCall(call, id)) calls.push(call)
      else {
        foreign('live call')
        await redis.hset(keys.foreign, `live ${id}`, json)
        await redis.hdel(keys.live, id)
      }
    }
    return calls
  }

  /** For a server that refuses to take what it should: whatever is there and is not ours is put out of the way. */
  async function mend() {
    await aside()
    const meta = await redis.hgetall(keys.meta)
    if (meta['epoch'] !== undefined && !isCount(meta['epoch'])) await redis.hset(keys.meta, 'epoch', epoch)
    const last = (await clearEnd()) ?? START
    // What the number counts and the log has not is missing, and is to be given back.
    await redis.hset(keys.meta, 'ms', last.ms, 'seq', last.seq)
  }

  /** Takes out what stands after our last event, and answers where that is. */
  async function clearEnd(): Promise<Position | undefined> {
    for (let moved = 0; moved < LOOK_BACK; moved++) {
      const [row] = await redis.xrevrange(keys.log, '+', '-', 'COUNT', 1)
      const own = row && entryOf(row)?.position
      if (!row || own) {
        if (moved > 0) await remake()
        return own
      }
      foreign('log entry')
      await redis.hset(keys.foreign, `log ${row[0]}`, JSON.stringify(row[1]))
      await redis.xdel(keys.log, row[0])
    }
    return undefined
  }

  /** A stream never goes back before what once stood in it, so it is made anew without that. */
  async function remake() {
    const anew = `${keys.log}:anew`
    await redis.del(anew)
    let rows: [id: string, fields: string[]][]
    let from = '-'
    do {
      rows = await redis.xrange(keys.log, from, '+', 'COUNT', LOOK_BACK)
      await Promise.all(rows.map(([id, fields]) => redis.xadd(anew, id, ...fields)))
      from = `(${rows.at(-1)?.[0]}`
    } while (rows.length === LOOK_BACK)
    if (await redis.exists(anew)) await redis.rename(anew, keys.log)
    else await redis.del(keys.log)
  }

  async function append({ entries, calls, after = WHATEVER }: LogBatch) {
    const args: (string | number)[] = [epoch, now(), now() - keepMs, after, entries.length, calls.size]
    for (const { position, type, call, extensions, json } of entries) {
      args.push(position.ms, position.seq, type, call ?? '', extensions.join(' '), json)
    }
    for (const [id, state] of calls) args.push(id, state === undefined ? '' : JSON.stringify(state))
    await telling(appendScript(redis, [keys.log, keys.live, keys.meta], args))
  }

  /**
   * All live calls anew, for a server that has lost some, and the place from which the log goes on. `after`: the number of
   * the last event that must be there, or it is Behind.
   */
  async function restore({ ms, seq }: Position, calls: ReadonlyMap<string, object>, after = WHATEVER) {
    const states = [...calls].flatMap(([id, state]) => [id, JSON.stringify(state)])
    await telling(restoreScript(redis, [keys.live, keys.meta], [epoch, now(), ms, seq, after, ...states]))
  }

  /** Whether the log has an event at this very place. */
  const has = async (position: Position) => {
    const id = positionText(position)
    return (await redis.xrange(keys.log, id, id)).length > 0
  }

  /**
   * The last number is asked for first: what it counts must then be in the log, or be gone from it. A page ends before a
   * hole, so the next one begins with it and tells.
   */
  async function read(after: Position, count: number): Promise<Page> {
    const [last, entries] = await asking(Promise.all([redis.hget(keys.meta, 'seq'), entriesAfter(after, count)]))
    const first = entries[0]
    if (first?.position.seq === after.seq + 1) return { ok: true, entries: upToHole(entries, after.seq + 1) }
    if (first) return { ok: false, why: 'gone' }
    const seq = Number(last ?? 0)
    if (seq === after.seq) return { ok: true, entries: [] }
    return { ok: false, why: seq > after.seq ? 'gone' : 'unknown' }
  }

  /** What is not ours is passed over. */
  async function entriesAfter(after: Position, count: number): Promise<LogEntry[]> {
    for (let from = positionText(after); ;) {
      const rows = await redis.xrange(keys.log, `(${from}`, '+', 'COUNT', count)
      const entries = rows.map(entryOf).filter(entry => entry !== undefined)
      for (let n = entries.length; n < rows.length; n++) foreign('log entry')
      if (entries.length > 0 || rows.length < count) return entries
      from = rows.at(-1)?.[0] ?? from
    }
  }

  return { open, append, restore, mend, has, read }
}

function upToHole(entries: LogEntry[], first: number) {
  const hole = entries.findIndex(({ position }, i) => position.seq !== first + i)
  return hole < 0 ? entries : entries.slice(0, hole)
}

/** What the scripts refuse, as errors of their own. */
async function telling(writing: Promise<unknown>) {
  try {
    const answer = await writing
    // Whatever else it is, it is no proof that anything was written.
    if (!Number.isInteger(answer)) throw new Error('Redis answered a script with something foreign')
  } catch (error) {
    const text = error instanceof Error ? error.message : ''
    if (text.startsWith('FENCED')) throw new Fenced(text)
    const behind = /^BEHIND (\d+)/.exec(text)
    if (behind) throw new Behind(Number(behind[1]))
    throw error
  }
}

/** The fields come in the order in which the script wrote them; undefined where it is none of ours. */
export function entryOf([id, fields]: [id: string, fields: string[]]): LogEntry | undefined {
  const [first, type, second, call, third, extensions, fourth, json] = fields
  const position = positionOf(id)
  const named = first === 'type' && second === 'call' && third === 'ext' && fourth === 'json'
  if (!named || !position || json === undefined || !KNOWN.has(type ?? '') || !isObject(parsed(json))) return undefined
  return {
    position,
    type: type as EventType,
    ...(call ? { call } : {}),
    extensions: extensions ? extensions.split(' ') : [],
    json,
  }
}

const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES)
const isObject = (value: unknown) => typeof value === 'object' && value !== null

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch {
    return undefined
  }
}
