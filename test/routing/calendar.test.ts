/** Whether it is open, by the clock on the wall: edges of hours, nights, holidays, changes of the clocks. */
import fc from 'fast-check'
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import { judgeCalendar, minutesOf, type Calendar } from '../../src/routing/calendar.js'

const at = (text: string) => Date.parse(text) as EpochMs
const h = (from: string, to: string) => ({ from: minutesOf(from) ?? NaN, to: minutesOf(to) ?? NaN })
const day = [h('09:00', '12:00'), h('13:00', '17:30')]
const none: Calendar['days'] = new Map()
const berlin: Calendar = { name: 'b', timeZone: 'Europe/Berlin', week: [[], day, day, day, day, day, []], days: none }
const isOpen = (calendar: Calendar, text: string) => judgeCalendar(calendar, at(text)).open

t.test('from the first minute to before the last, by the time of the place', async t => {
  // 30 November 2026 is a Monday; Berlin is an hour ahead of UTC then.
  for (const [time, open] of [
    ['07:59:59', false],
    ['08:00:00', true],
    ['10:59:59', true],
    ['11:00:00', false],
    ['12:00:00', true],
    ['16:29:59', true],
    ['16:30:00', false],
  ] as const)
    t.equal(isOpen(berlin, `2026-11-30T${time}Z`), open, time)
  t.equal(isOpen(berlin, '2026-11-29T10:00:00Z'), false, 'Sunday')
  t.equal(isOpen({ ...berlin, timeZone: 'Asia/Shanghai' }, '2026-11-30T08:00:00Z'), true)
  t.equal(isOpen({ ...berlin, timeZone: 'Asia/Shanghai' }, '2026-11-30T10:00:00Z'), false)
})

t.test('summer and winter: the clock on the wall counts', async t => {
  t.equal(isOpen(berlin, '2026-07-06T07:00:00Z'), true, 'nine in summer')
  t.equal(isOpen(berlin, '2026-12-07T07:00:00Z'), false, 'eight in winter')
})

t.test('a night goes on into the next day, and begins on its own', async t => {
  const night: Calendar = { ...berlin, timeZone: 'UTC', week: [[], [h('22:00', '06:00')], [], [], [], [], []] }
  for (const [time, open] of [
    ['2026-11-30T05:00:00Z', false],
    ['2026-11-30T21:59:00Z', false],
    ['2026-11-30T22:00:00Z', true],
    ['2026-12-01T05:59:00Z', true],
    ['2026-12-01T06:00:00Z', false],
    ['2026-12-01T22:00:00Z', false],
  ] as const)
    t.equal(isOpen(night, time), open, time)
  const holiday = new Map([['12-01', { hours: [], holiday: true }]])
  t.equal(isOpen({ ...night, days: holiday }, '2026-12-01T01:00:00Z'), false, 'a holiday begins at midnight')
  const allDay = { ...berlin, timeZone: 'UTC', week: Array.from({ length: 7 }, () => [h('00:00', '24:00')]) }
  t.equal(isOpen(allDay, '2026-11-30T23:59:59Z'), true)
  t.equal(isOpen({ ...allDay, week: Array.from({ length: 7 }, () => [h('00:00', '00:00')]) }, '2026-11-30T12:00:00Z'), true) // prettier-ignore
})

t.test('a day of one year comes before the same day of each', async t => {
  const days: Calendar['days'] = new Map([
    ['11-30', { hours: [], holiday: true }],
    ['2026-11-30', { hours: [h('10:00', '11:00')], holiday: false }],
  ])
  const judged = (text: string) => judgeCalendar({ ...berlin, timeZone: 'UTC', days }, at(text))
  t.strictSame(judged('2026-11-30T10:30:00Z'), { open: true, why: 'exception', day: '2026-11-30' })
  t.strictSame(judged('2027-11-30T10:30:00Z'), { open: false, why: 'holiday', day: '11-30' })
  t.strictSame(judged('2026-12-01T10:30:00Z'), { open: true, why: 'hours' })
})

t.test('minutes are read from what is a time, and from nothing else', async t => {
  t.strictSame(['00:00', '09:30', '23:59', '24:00'].map(minutesOf), [0, 570, 1_439, 1_440])
  t.strictSame(['24:01', '9:30', '09:60', '', 'x', '09:30:00'].map(minutesOf), Array(6).fill(undefined))
})

t.test('of each minute of a week it says the same as the hours, whatever the zone', async () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia')
  const hours = fc.record({ from: fc.integer({ min: 0, max: 1_439 }), to: fc.integer({ min: 1, max: 1_440 }) })
  const week = fc.array(fc.array(hours.filter(({ from, to }) => from < to), { maxLength: 3 }), { minLength: 7, maxLength: 7 }) // prettier-ignore
  const when = fc.date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2035-01-01T00:00:00Z'), noInvalidDate: true }) // prettier-ignore
  fc.assert(
    fc.property(zones, week, when, (timeZone, weekly, date) => {
      const text = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date) // prettier-ignore
      const [, name = '', hour = '', minute = ''] = /^(\w{3}),? (\d{2}):(\d{2})$/.exec(text) ?? []
      const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(name)
      const now = Number(hour) * 60 + Number(minute)
      const open = (weekly[weekday] ?? []).some(({ from, to }) => now >= from && now < to)
      return judgeCalendar({ name: 'x', timeZone, week: weekly, days: none }, date.getTime() as EpochMs).open === open
    }),
    { numRuns: 2_000 },
  )
})
