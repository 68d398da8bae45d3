/**
 * The numbers of a queue: what each visit adds to the day in which it began, and to its last half hour. A visit of which more becomes known is
 * taken out as it was and put in as it is, so that it counts once whatever is told in which order. Pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { QueueOutcome } from '../events/call-parts.js'
import { NOTHING, type Counting, type Queue, type Tally } from './state.js'

/** A visit of a caller to a queue, as far as it counts. */
export type Counted = { joinedAt: EpochMs; leftAt?: EpochMs; outcome?: QueueOutcome }

const MINUTE_MS = 60_000
export const RECENT_MS = 30 * MINUTE_MS

const minuteOf = (at: EpochMs) => (at - (at % MINUTE_MS)) as EpochMs

const formats = new Map<string, Intl.DateTimeFormat>()
/** A day begins with a minute: what was asked last is mostly asked again. */
const lately = new Map<string, { minute: EpochMs; date: string }>()

/** `2026-03-29`: the day that it is there. */
export function dateOf(at: EpochMs, timeZone: string): string {
  const minute = minuteOf(at)
  const last = lately.get(timeZone)
  if (last?.minute === minute) return last.date
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formats.set(timeZone, format)
  }
  const date = format.format(at)
  lately.set(timeZone, { minute, date })
  return date
}

const TURNED_AWAY: ReadonlySet<QueueOutcome | undefined> = new Set(['full', 'join-empty'])

/** Whoever is turned away has not waited there: only the dialplan says so. */
export const isTurnedAway = (outcome: QueueOutcome | undefined) => TURNED_AWAY.has(outcome)

/** Offered when they come, the rest when they leave. Whoever is turned away was never offered. */
function parts({ joinedAt, leftAt, outcome }: Counted, serviceLevelMs: number): { at: EpochMs; tally: Tally }[] {
  const came = isTurnedAway(outcome) ? [] : [{ at: joinedAt, tally: { ...NOTHING, offered: 1 } }]
  if (outcome === undefined) return came
  const left = leftAt ?? joinedAt
  const waitedMs = Math.max(0, left - joinedAt)
  const answered = outcome === 'answered'
  const tally: Tally = {
    offered: 0,
    outcomes: { [outcome]: 1 },
    inTime: answered && waitedMs <= serviceLevelMs ? 1 : 0,
    waitedMs: answered ? waitedMs : 0,
  }
  return [...came, { at: left, tally }]
}

/** `times`: 1, or -1 to take it out. */
export function plus(a: Tally, b: Tally, times: 1 | -1 = 1): Tally {
  const names = [...new Set([...Object.keys(a.outcomes), ...Object.keys(b.outcomes)])] as QueueOutcome[]
  const sums = names.map(name => [name, (a.outcomes[name] ?? 0) + (b.outcomes[name] ?? 0) * times] as const)
  const outcomes = Object.fromEntries(sums.filter(([, n]) => n > 0))
  const sum = (of: 'offered' | 'inTime' | 'waitedMs') => Math.max(0, a[of] + b[of] * times)
  return { offered: sum('offered'), outcomes, inTime: sum('inTime'), waitedMs: sum('waitedMs') }
}

export function counted(queue: Queue, visit: Counted, times: 1 | -1, { timeZone }: Counting): Queue {
  let { day, minutes } = queue
  // A visit belongs wholly to the day in which it began.
  const date = dateOf(visit.joinedAt, timeZone)
  for (const { at, tally } of parts(visit, queue.serviceLevelMs)) {
    if (date > day.date) day = { date, tally: plus(NOTHING, tally, times) }
    else if (date === day.date) day = { date, tally: plus(day.tally, tally, times) }
    minutes = inMinute(minutes, at, tally, times)
  }
  return { ...queue, day, minutes }
}

/** What is more than half an hour older than the newest is let go. */
function inMinute(minutes: Queue['minutes'], at: EpochMs, tally: Tally, times: 1 | -1): Queue['minutes'] {
  const minute = minuteOf(at)
  const newest = Math.max(minute, minutes.at(-1)?.at ?? 0)
  const was = minutes.find(m => m.at === minute)
  const now = { at: minute, tally: plus(was?.tally ?? NOTHING, tally, times) }
  return [...minutes.filter(m => m !== was), now].filter(m => m.at > newest - RECENT_MS).sort((a, b) => a.at - b.at)
}

/** As they are at this time, which may be later than anything was counted. */
export function talliesAt({ day, minutes }: Queue, at: EpochMs, timeZone: string) {
  const date = dateOf(at, timeZone)
  const recent = minutes.filter(m => m.at > at - RECENT_MS)
  return {
    today: { date, tally: date === day.date ? day.tally : NOTHING },
    recent: recent.reduce((sum, { tally }) => plus(sum, tally), NOTHING),
  }
}
