/** How many numbers outside somebody may dial in an hour: who has the key of a CRM cannot dial abroad all night. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { NumberClass } from '../events/number.js'

/** 0: as many as they like. */
export type HourLimits = { outside: number; costly: number }
/** What was dialled within the last hour, the oldest first. */
export type Dials = readonly { at: EpochMs; costly: boolean }[]

export const HOUR_MS = 3_600_000

/** Emergency numbers leave the house as they would from the phone, and count for nothing. */
const INSIDE: ReadonlySet<NumberClass> = new Set<NumberClass>(['emergency', 'code', 'internal'])
export const isOutside = (kind: NumberClass) => !INSIDE.has(kind)
const COSTLY: ReadonlySet<NumberClass> = new Set<NumberClass>(['international', 'premium', 'other'])

export const lastHour = (dials: Dials, at: EpochMs): Dials => dials.filter(dial => dial.at > at - HOUR_MS)

/** With this one; undefined if it would be one too many. The same, if no limit counts it. */
export function withDial(was: Dials, kind: NumberClass, limits: HourLimits, at: EpochMs): Dials | undefined {
  const costly = COSTLY.has(kind)
  if (!isOutside(kind) || (limits.outside === 0 && !(costly && limits.costly > 0))) return was
  const recent = lastHour(was, at)
  const isOver = (limit: number, count: number) => limit > 0 && count >= limit
  if (isOver(limits.outside, recent.length)) return undefined
  if (costly && isOver(limits.costly, recent.filter(dial => dial.costly).length)) return undefined
  return [...recent, { at, costly }]
}
