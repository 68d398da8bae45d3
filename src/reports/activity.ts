/**
 * How long agents were in which state: stretches of time, cut at the borders of days and hours by the time zone of the site,
 * and added up. Pure. Whatever is cut how, the parts add up to the whole.
 */
import type { EpochMs } from '../base/ids.js'
import type { Activity, AgentState } from '../events/agent.js'
import { iso } from '../events/event.js'

export const TOTALS_BY = ['day', 'hour', 'all'] as const
export type TotalsBy = (typeof TOTALS_BY)[number]

/** `bucket`: when the day or the hour begins. `reasons`: of the time not ready, by reason. */
export type Totals = {
  agent: string
  bucket: string
  states: Partial<Record<AgentState, number>>
  reasons: Record<string, number>
  totalMs: number
}

type Asked = { from: EpochMs; to: EpochMs; by: TotalsBy; timeZone: string }

/** Stretches of one agent do not overlap; what is outside the time asked for does not count. */
export function totalsOf(stretches: readonly Activity[], { from, to, by, timeZone }: Asked): Totals[] {
  const found = new Map<string, Totals>()
  const borders = bordersOf(from, to, by, timeZone)
  for (const stretch of stretches) {
    const [begin, end] = [Math.max(from, Date.parse(stretch.from)), Math.min(to, Date.parse(stretch.to))]
    for (let i = indexOf(borders, begin); i < borders.length - 1; i++) {
      const [after = 0, before = 0] = [borders[i], borders[i + 1]]
      const ms = Math.min(end, before) - Math.max(begin, after)
      if (ms > 0) add(found, stretch, iso(after as EpochMs), ms)
      if (before >= end) break
    }
  }
  return [...found.values()].sort((a, b) => compare(a.bucket, b.bucket) || compare(a.agent, b.agent))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Reasons of other programs are any text, `__proto__` included. */
function withReason(reasons: Totals['reasons'], reason: string, ms: number): Totals['reasons'] {
  const before = Object.hasOwn(reasons, reason) ? (reasons[reason] ?? 0) : 0
  return Object.fromEntries([...Object.entries(reasons), [reason, before + ms]])
}

function add(found: Map<string, Totals>, { agent, state, reason }: Activity, bucket: string, ms: number) {
  const key = `${bucket} ${agent}`
  const totals = found.get(key) ?? { agent, bucket, states: {}, reasons: {}, totalMs: 0 }
  totals.states[state] = (totals.states[state] ?? 0) + ms
  if (state === 'not-ready') totals.reasons = withReason(totals.reasons, reason ?? '', ms)
  totals.totalMs += ms
  found.set(key, totals)
}

/** The last border that is not after this. */
function indexOf(borders: readonly number[], at: number): number {
  let [low, high] = [0, borders.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((borders[middle] ?? Infinity) <= at) low = middle
    else high = middle - 1
  }
  return low
}

const QUARTER_MS = 15 * 60_000

/** From the beginning to the end, with each beginning of a day or an hour there between them; no clock is changed but at quarters. */
export function bordersOf(from: EpochMs, to: EpochMs, by: TotalsBy, timeZone: string): number[] {
  if (by === 'all') return [from, to]
  const label = labelOf(by, timeZone)
  const borders: number[] = [from]
  let was = label(from)
  for (let at = Math.floor(from / QUARTER_MS + 1) * QUARTER_MS; at < to; at += QUARTER_MS) {
    const now = label(at)
    if (now !== was) borders.push(at)
    was = now
  }
  return [...borders, to]
}

function labelOf(by: 'day' | 'hour', timeZone: string) {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    // An hour that a change of the clocks brings twice, is twice.
    ...(by === 'hour' && ({ hour: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' } as const)),
  })
  return (at: number) => format.format(at)
}
