/** Asterisk's `queue_log`: text -> rows. Pure. `epoch|uniqueid|queue|agent|EVENT|data…`, where NONE stands for nothing. */
import type { EpochMs, LegId } from '../base/ids.js'
import type { Read } from '../base/csv.js'
import { timeOf, UTC } from './time.js'

export type QueueLogRow = {
  at: EpochMs
  /** `ENTERQUEUE`, `CONNECT`, `ABANDON`, `COMPLETECALLER` and more. */
  event: string
  /** The caller's leg. */
  leg?: LegId
  queue?: string
  /** The name of the member, not its interface. */
  agent?: string
  data: string[]
}

const FIXED_COLUMNS = 5
const LONGEST_LINE = 8_192

/** A last line without its end is still being written. */
export function readQueueLog(text: string): Read<QueueLogRow> {
  const lines = text.split('\n')
  lines.pop()
  const read: Read<QueueLogRow> = { rows: [], bad: [] }
  for (const [i, line] of lines.entries()) {
    if (line === '') continue
    const row = rowOf(line)
    if (typeof row === 'string') read.bad.push({ line: i + 1, why: row })
    else read.rows.push(row)
  }
  return read
}

function rowOf(line: string): QueueLogRow | string {
  if (line.length > LONGEST_LINE) return 'too long'
  const fields = line.split('|')
  const [time = '', leg = '', queue = '', agent = '', event = '', ...data] = fields
  const at = timeOf(time, UTC)
  if (fields.length < FIXED_COLUMNS || !/^[A-Z]{1,40}$/.test(event)) return 'no event of a queue'
  if (at === undefined) return 'the time cannot be read'
  const told = (value: string) => value !== '' && value !== 'NONE'
  return {
    at,
    event,
    ...(told(leg) ? { leg: leg as LegId } : {}),
    ...(told(queue) ? { queue } : {}),
    ...(told(agent) ? { agent } : {}),
    data,
  }
}
