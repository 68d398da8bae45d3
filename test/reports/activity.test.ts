/** Time in states adds up: whatever it is cut by, every millisecond is in one part, and in one only. */
import t from 'tap'
import fc from 'fast-check'
import type { EpochMs } from '../../src/base/ids.js'
import { AGENT_STATES, type Activity, type AgentState } from '../../src/events/agent.js'
import { iso } from '../../src/events/event.js'
import { bordersOf, totalsOf, type TotalsBy } from '../../src/reports/activity.js'

const ms = (text: string) => Date.parse(text) as EpochMs
const HOUR = 3_600_000
const stretch = (state: AgentState, from: number, to: number, more: Partial<Activity> = {}): Activity => ({
  agent: 'hq:8001',
  state,
  cause: 'command',
  from: iso(from as EpochMs),
  to: iso(to as EpochMs),
  ...more,
})
const BERLIN = 'Europe/Berlin'

t.test('a night shift, by the days of Berlin', async t => {
  const from = ms('2026-03-02T21:00:00Z')
  const shift = [
    stretch('ready', from, from + 3 * HOUR),
    stretch('not-ready', from + 3 * HOUR, from + 4 * HOUR, { reason: '1' }),
  ]
  const asked = { from: ms('2026-03-01T00:00:00Z'), to: ms('2026-03-05T00:00:00Z'), timeZone: BERLIN } as const
  t.strictSame(
    totalsOf(shift, { ...asked, by: 'day' }),
    [
      {
        agent: 'hq:8001',
        bucket: '2026-03-01T23:00:00.000Z',
        states: { ready: 2 * HOUR },
        reasons: {},
        totalMs: 2 * HOUR,
      },
      {
        agent: 'hq:8001',
        bucket: '2026-03-02T23:00:00.000Z',
        states: { ready: HOUR, 'not-ready': HOUR },
        reasons: { 1: HOUR },
        totalMs: 2 * HOUR,
      },
    ].map(totals => totals),
  )
})

t.test('a reason of another program may be any text', async t => {
  const from = ms('2026-03-02T10:00:00Z')
  const paused = stretch('not-ready', from, from + HOUR, { reason: '__proto__', cause: 'outside' })
  const asked = { from, to: (from + 2 * HOUR) as EpochMs, timeZone: BERLIN, by: 'all' } as const
  const [totals] = totalsOf([paused], asked)
  t.strictSame(Object.entries(totals?.reasons ?? {}), [['__proto__', HOUR]])
})

t.test('days of 23 and of 25 hours, and the hour that comes twice', async t => {
  const lengths = (from: string, to: string, by: TotalsBy) => {
    const borders = bordersOf(ms(from), ms(to), by, BERLIN)
    return borders.slice(1).map((border, i) => (border - (borders[i] ?? 0)) / HOUR)
  }
  t.strictSame(lengths('2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z', 'day'), [23, 24])
  t.strictSame(lengths('2026-10-24T22:00:00Z', '2026-10-26T23:00:00Z', 'day'), [25, 24])
  t.strictSame(lengths('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 'hour').length, 25)
})

const aDay = fc
  .array(fc.tuple(fc.constantFrom(...AGENT_STATES), fc.integer({ min: 1, max: 20 * HOUR })), {
    minLength: 1,
    maxLength: 12,
  })
  .map(parts => {
    let at = ms('2026-10-24T03:17:11.123Z') as number
    return parts.map(([state, length]) =>
      stretch(state, at, (at += length), state === 'not-ready' ? { reason: '1' } : {}),
    )
  })
const aBorder = fc.integer({ min: 0, max: 240 * HOUR }).map(h => (ms('2026-10-23T00:00:00Z') + h) as EpochMs)

t.test('every second is counted once, whatever it is cut by', async t => {
  fc.assert(
    fc.property(
      aDay,
      aBorder,
      aBorder,
      aBorder,
      fc.constantFrom<TotalsBy>('day', 'hour', 'all'),
      (day, a, b, c, by) => {
        const [from = a, middle = b, to = c] = [a, b, c].sort((x, y) => x - y)
        if (from === middle || middle === to) return true
        const sumOf = (begin: EpochMs, end: EpochMs) => {
          const totals = totalsOf(day, { from: begin, to: end, by, timeZone: BERLIN })
          for (const { states, reasons, totalMs } of totals) {
            const sum = Object.values(states).reduce((x, y) => x + y, 0)
            const why = Object.values(reasons).reduce((x, y) => x + y, 0)
            if (sum !== totalMs || why !== (states['not-ready'] ?? 0)) throw new Error('parts do not add up')
          }
          return totals.reduce((sum, { totalMs }) => sum + totalMs, 0)
        }
        const inside = (begin: number, end: number) =>
          day.reduce(
            (sum, s) => sum + Math.max(0, Math.min(end, Date.parse(s.to)) - Math.max(begin, Date.parse(s.from))),
            0,
          )
        return sumOf(from, to) === inside(from, to) && sumOf(from, middle) + sumOf(middle, to) === sumOf(from, to)
      },
    ),
    { numRuns: 400 },
  )
  t.pass()
})

t.end()
