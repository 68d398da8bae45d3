/**
 * The event log of one PBX and the snapshot beside it, in Redis. Writing: one atomic script, fenced by the writer's epoch,
 * safe to repeat. Reading: from a position on, without a gap, or not at all.
 */
import type { Redis } from 'ioredis'
import type { EpochMs } from '../base/ids.js'
import type { EventType } from '../events/event.js'
import { positionOf, positionText, type LogEntry, type Position } from '../events/log.js'
import type { Keys } from './keys.js'
import { asking } from './redis.js'
import { loadScript } from './script.js'

export type LogBatch = { entries: readonly LogEntry[]; calls: ReadonlyMap<string, object | undefined> }

/** What came after a position; `gone` when something in between is no longer kept, or the position never was. */
export type Page = { ok: true; entries: LogEntry[] } | { ok: false; why: 'gone' | 'unknown' }

export class Fenced extends Error {}

const appendScript = loadScript('append')

export type EventLog = ReturnType<typeof createEventLog>

export function createEventLog(redis: Redis, keys: Keys, keepMs: number, now: () => EpochMs) {
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

  async function append({ entries, calls }: LogBatch) {
    const args: (string | number)[] = [epoch, now(), now() - keepMs, entries.length, calls.size]
    for (const { position, type, call, extensions, json } of entries) {
      args.push(position.ms, position.seq, type, call ?? '', extensions.join(' '), json)
    }
    for (const [id, state] of calls) args.push(id, state === undefined ? '' : JSON.stringify(state))
    try {
      await appendScript(redis, [keys.log, keys.live, keys.meta], args)
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('FENCED')) throw new Fenced(error.message)
      throw error
    }
  }

  /** The last number is asked for first: what it counts must then be in the log, or be gone from it. */
  async function read(after: Position, count: number): Promise<Page> {
    const [last, rows] = await asking(
      Promise.all([
        redis.hget(keys.meta, 'seq'),
        redis.xrange(keys.log, `(${positionText(after)}`, '+', 'COUNT', count),
      ]),
    )
    const entries = rows.map(entryOf)
    const first = entries[0]
    if (first) return first.position.seq === after.seq + 1 ? { ok: true, entries } : { ok: false, why: 'gone' }
    const seq = Number(last ?? 0)
    if (seq === after.seq) return { ok: true, entries: [] }
    return { ok: false, why: seq > after.seq ? 'gone' : 'unknown' }
  }

  return { open, append, read }
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
