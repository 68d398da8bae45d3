/** What a daemon that died left in its journal, put on top of what Redis has. Reads, and sets aside what does not fit. */
import type { EpochMs } from '../base/ids.js'
import type { LogEntry, Position } from '../events/log.js'
import type { EventLog } from './event-log.js'
import type { Journal } from './journal.js'

/** Where a PBX was left: its last event, its live calls, and when it was last heard of. */
export type Stored = { last: Position; calls: unknown[]; heardOfPbxAt?: EpochMs }

export type Backlog = {
  last: Position
  calls: Map<string, object>
  heardOfPbxAt?: EpochMs
  /** Events were told that nobody kept: their numbers are not used again. */
  skipped: boolean
  foreign: boolean
}

/** More than any daemon tells while its journal is full. */
export const SKIPPED = 1_000_000_000

/** `see` is handed the events that Redis does not have, in their order. */
export async function backlogOf(
  journal: Journal,
  log: Pick<EventLog, 'has'>,
  stored: Stored,
  see: (entries: LogEntry[]) => void,
): Promise<Backlog> {
  const none: Backlog = {
    last: stored.last,
    calls: new Map(stored.calls.map(call => [(call as { id: string }).id, call as object])),
    ...(stored.heardOfPbxAt === undefined ? {} : { heardOfPbxAt: stored.heardOfPbxAt }),
    skipped: false,
    foreign: false,
  }
  if (journal.isEmpty()) return none
  const { common, last } = await placesIn(journal, stored.last.seq)
  if (common && !(await log.has(common))) {
    await journal.setAside(`${common.seq}.foreign`)
    return { ...none, foreign: true }
  }
  // All of it was brought over, and more was written since: only the file was left behind.
  if (last && last.seq < stored.last.seq) {
    await journal.clear()
    return none
  }
  return overlay(journal, none, see)
}

/** The last event of the journal, and the last that Redis should have, too. */
async function placesIn(journal: Journal, storedSeq: number) {
  const found: { common?: Position; last?: Position } = {}
  for await (const { record } of journal.records()) {
    for (const { position } of record.entries) {
      found.last = position
      if (position.seq <= storedSeq) found.common = position
    }
  }
  return found
}

async function overlay(journal: Journal, onto: Backlog, see: (entries: LogEntry[]) => void): Promise<Backlog> {
  const found = { ...onto }
  for await (const { record } of journal.records()) {
    const { at, entries, calls, ended } = record
    for (const [id, call] of calls) {
      if (call) found.calls.set(id, call)
      else found.calls.delete(id)
    }
    const news = entries.filter(e => e.position.seq > onto.last.seq)
    see(news)
    found.last = news.at(-1)?.position ?? found.last
    found.heardOfPbxAt = Math.max(at, found.heardOfPbxAt ?? 0) as EpochMs
    if (ended) found.skipped = true
  }
  if (found.skipped) found.last = { ...found.last, seq: found.last.seq + SKIPPED }
  return found
}
