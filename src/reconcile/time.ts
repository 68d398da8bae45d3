/** Times as Asterisk's own records have them. Pure. */
import type { EpochMs } from '../base/ids.js'

/** Records without a zone are in this one: minutes east of UTC, 0 where `usegmtime=yes`. */
export type Zone = { utcOffsetMinutes: number }
export const UTC: Zone = { utcOffsetMinutes: 0 }

const EPOCH = /^(\d{9,11})(?:\.(\d{1,6}))?$/
const DATE = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?: ?(Z|[+-]\d\d:?\d\d))?$/

/** Milliseconds out of the digits behind the point. */
const fraction = (digits = '') => Number(digits.padEnd(3, '0').slice(0, 3))

/**
 * Seconds since 1970 with or without a fraction (CEL without a `dateformat`, or with `%s.%3q`), or date and time (CDR; CEL
 * with `%F %T`). Undefined where the text is neither.
 */
export function timeOf(text: string, { utcOffsetMinutes }: Zone): EpochMs | undefined {
  const epoch = EPOCH.exec(text)
  if (epoch) return (Number(epoch[1]) * 1_000 + fraction(epoch[2])) as EpochMs
  const [, day, time, digits, zone] = DATE.exec(text) ?? []
  if (day === undefined || time === undefined) return undefined
  const at = Date.parse(`${day}T${time}${(zone ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`)
  if (Number.isNaN(at)) return undefined
  return (at + fraction(digits) - (zone === undefined ? utcOffsetMinutes * 60_000 : 0)) as EpochMs
}
