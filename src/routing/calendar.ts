/** Whether it is open: hours of the week, holidays and other exceptions, by the clock on the wall of a time zone. Pure. */
import type { EpochMs } from '../base/ids.js'

/** Minutes since midnight, the first included; where the end is not later, it is on the next day. */
export type Hours = { from: number; to: number }
export type Calendar = {
  name: string
  timeZone: string
  /** From Sunday on. */
  week: readonly (readonly Hours[])[]
  /** Instead of those of the week: by `2026-12-24`, or `12-24` for each year. None: closed all day. */
  days: ReadonlyMap<string, { hours: readonly Hours[]; holiday: boolean }>
}
/** `day`: by an exception, as the calendar names it. */
export type Judged = { open: boolean; why: 'hours' | 'holiday' | 'exception'; day?: string }

const DAY_MIN = 1_440
const DAY_MS = 86_400_000

type Wall = { date: string; weekday: number; minute: number }

export function judgeCalendar(calendar: Calendar, at: EpochMs): Judged {
  const now = wallOf(calendar.timeZone, at)
  const today = dayOf(calendar, now.date)
  const hours = hoursOf(calendar, now.date, now.weekday)
  const was = dayBefore(now.date)
  // What began yesterday may go on; but a holiday begins at its midnight.
  const late = today?.holiday ? [] : hoursOf(calendar, was, (now.weekday + 6) % 7).filter(isOvernight)
  const open = hours.some(h => isWithin(h, now.minute)) || late.some(({ to }) => now.minute < to)
  return {
    open,
    why: today ? (today.holiday ? 'holiday' : 'exception') : 'hours',
    ...(today && { day: today.day }),
  }
}

const isOvernight = ({ from, to }: Hours) => to <= from
const isWithin = (hours: Hours, minute: number) => minute >= hours.from && (isOvernight(hours) || minute < hours.to)

function dayOf({ days }: Calendar, date: string) {
  for (const day of [date, date.slice(5)]) {
    const found = days.get(day)
    if (found) return { day, ...found }
  }
  return undefined
}
const hoursOf = (calendar: Calendar, date: string, weekday: number): readonly Hours[] =>
  dayOf(calendar, date)?.hours ?? calendar.week[weekday] ?? []

const dayBefore = (date: string) => new Date(Date.parse(`${date}T00:00:00Z`) - DAY_MS).toISOString().slice(0, 10)

const formats = new Map<string, Intl.DateTimeFormat>()
function wallOf(timeZone: string, at: EpochMs): Wall {
  const format = formats.get(timeZone) ?? formatOf(timeZone)
  formats.set(timeZone, format)
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const date = `${parts['year'] ?? ''}-${parts['month'] ?? ''}-${parts['day'] ?? ''}`
  const minute = Number(parts['hour']) * 60 + Number(parts['minute'])
  return { date, weekday: new Date(`${date}T00:00:00Z`).getUTCDay(), minute }
}

const formatOf = (timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const),
  })

/** `09:30` -> minutes; `24:00` is the end of the day. Undefined where it is no time. */
export function minutesOf(text: string): number | undefined {
  const [, hour = '', minute = ''] = /^(\d{2}):(\d{2})$/.exec(text) ?? []
  const minutes = Number(hour) * 60 + Number(minute)
  return hour !== '' && Number(minute) < 60 && minutes <= DAY_MIN ? minutes : undefined
}
