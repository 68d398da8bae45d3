/**
 * The event log of one PBX and the snapshot beside it, in Redis. Writing: one atomic script, fenced by the writer's epoch,
 * safe to repeat. Reading: from a position on, without a gap, or not at all.
 */
import type { EpochMs } from '../base/ids.js'
import type { EventType } from '../events/event.js'
import { positionOf, positionText, type LogEntry, type Position } from '../events/log.js'
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

export type EventLog = ReturnType<typeof createEventLog>

export function createEventLog(redis: RedisClient, keys: Keys, keepMs: number, now: () => EpochMs) {
  let epoch = 0

  /** Takes over the writing: whoever wrote before is refused from now on. Answers what is there. */
  async function open(): Promise<{ last: Position; calls: unknown[]; heardOfPbxAt?: EpochMs }> {
    epoch = await redis.hincrby(keys.meta, 'epoch', 1)
    const [meta, live] = await Promise.all([redis.hgetall(keys.meta), redis.hvals(keys.live)])
    const heard = Number(meta['heardAt'])
    return {
      last: { ms: Number(meta['ms'] ?? 0) as EpochMs, seq: Number(meta['seq'] ?? 0) },
      calls: live.map(json => JSON.parse(json) as unknown),
      ...(heard > 0 ? { heardOfPbxAt: heard as EpochMs } : {}),
    }
  }

  async function append({ entries, calls, after = WHATEVER }: LogBatch) {
    const args: (string | number)[] = [epoch, now(), now() - keepMs, after, entries.length, calls.size]
    for (const { position, type, call, extensions, json } of entries) {
      args.push(position.ms, position.seq, type, call ?? '', extensions.join(' '), json)
    }
    for (const [id, state] of calls) args.push(id, state === undefined ? '' : JSON.stringify(state))
    await telling(appendScript(redis, [keys.log, keys.live, keys.meta], args))
  }

  /** All live calls anew, for a server that has lost some, and the place from which the log goes on. */
  async function restore({ ms, seq }: Position, calls: ReadonlyMap<string, object>) {
    const states = [...calls].flatMap(([id, state]) => [id, JSON.stringify(state)])
    await telling(restoreScript(redis, [keys.live, keys.meta], [epoch, now(), ms, seq, ...states]))
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
    const [last, rows] = await asking(
      Promise.all([
        redis.hget(keys.meta, 'seq'),
        redis.xrange(keys.log, `(${positionText(after)}`, '+', 'COUNT', count),
      ]),
    )
    const entries = rows.map(entryOf)
    const first = entries[0]
    if (first?.position.seq === after.seq + 1) return { ok: true, entries: upToHole(entries, after.seq + 1) }
    if (first) return { ok: false, why: 'gone' }
    const seq = Number(last ?? 0)
    if (seq === after.seq) return { ok: true, entries: [] }
    return { ok: false, why: seq > after.seq ? 'gone' : 'unknown' }
  }

  return { open, append, restore, has, read }
}

function upToHole(entries: LogEntry[], first: number) {
  const hole = entries.findIndex(({ position }, i) => position.seq !== first + i)
  return hole < 0 ? entries : entries.slice(0, hole)
}

/** What the scripts refuse, as errors of their own. */
async function telling(writing: Promise<unknown>) {
  try {
    await writing
  } catch (error) {
    const text = error instanceof Error ? error.message : ''
    if (text.startsWith('FENCED')) throw new Fenced(text)
    const behind = /^BEHIND (\d+)/.exec(text)
    if (behind) throw new Behind(Number(behind[1]))
    throw error
  }
}

/** The fields come in the order in which the script wrote them. */
function entryOf([id, fields]: [id: string, fields: string[]]): LogEntry {
  const [, type, , call, , extensions, , json] = fields
  const position = positionOf(id)
  if (!position || type === undefined || json === undefined) throw new Error('the event log holds something foreign')
  return {
    position,
    type: type as EventType,
    ...(call ? { call } : {}),
    extensions: extensions ? extensions.split(' ') : [],
    json,
  }
}
