/**
 * Asterisk's call data records, `cdr-csv/Master.csv`: text -> rows. Pure. A row is told apart by its Uniqueid, so `cdr.conf`
 * must have `loguniqueid=yes`; with `newcdrcolumns=yes` it names its call (Linkedid), too.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { OWN_LEG } from '../pbx/names.js'
import { readCsv, type Read } from '../base/csv.js'
import { timeOf, UTC, type Zone } from './time.js'

export type CdrRow = {
  leg: LegId
  /** Without `newcdrcolumns` the row does not say. */
  linked?: LegId
  from: string
  to: string
  channel: string
  /** Empty when nobody was dialled. */
  dialledChannel: string
  startedAt: EpochMs
  answeredAt?: EpochMs
  endedAt: EpochMs
  billedS: number
  /** `ANSWERED`, `NO ANSWER`, `BUSY`, `FAILED`, `CONGESTION`; an answer by a machine counts, too. */
  disposition: string
}

/** accountcode … amaflags; then uniqueid, userfield, and with newcdrcolumns peeraccount, linkedid, sequence. */
const FIXED_COLUMNS = 16
const NEW_COLUMNS = 3
/** Asterisk's own, or one that we have chosen for a call that we began. */
const UNIQUEID = new RegExp(`^(\\S{1,150}\\.\\d{1,10}|${OWN_LEG}\\S{1,100})$`)

export const readCdr = (text: string, zone: Zone = UTC): Read<CdrRow> => readCsv(text, fields => rowOf(fields, zone))

function rowOf(fields: readonly string[], zone: Zone): Result<CdrRow, string> {
  const [, from = '', to = '', , , channel = '', dialledChannel = '', , , start = '', answer = '', end = ''] = fields
  const [, billed = '', disposition = '', , uniqueid = ''] = fields.slice(12)
  if (fields.length < FIXED_COLUMNS) return no('fewer columns than a call data record has')
  if (!UNIQUEID.test(uniqueid)) return no('no Uniqueid: cdr.conf needs loguniqueid=yes')
  const [startedAt, answeredAt, endedAt] = [timeOf(start, zone), timeOf(answer, zone), timeOf(end, zone)]
  const billedS = Number(billed)
  if (startedAt === undefined || endedAt === undefined) return no('a time cannot be read')
  if (!Number.isInteger(billedS) || billedS < 0) return no('billsec is no number of seconds')
  const linked = fields.length >= FIXED_COLUMNS + 1 + NEW_COLUMNS ? fields.at(-2) : undefined
  return ok({
    ...{ leg: uniqueid as LegId, from, to, channel, dialledChannel, startedAt, endedAt, billedS, disposition },
    ...(linked ? { linked: linked as LegId } : {}),
    ...(answeredAt === undefined ? {} : { answeredAt }),
  })
}
