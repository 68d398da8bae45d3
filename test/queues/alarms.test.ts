/** Alarms of queues: raised at once, cleared when all has been well for a while; what flutters, alarms once. */
import t from 'tap'
import fc from 'fast-check'
import type { EpochMs } from '../../src/base/ids.js'
import {
  CLEAR_AFTER_MS,
  nextLook,
  reduceAlarms,
  type Alarm,
  type Thresholds,
  type Values,
} from '../../src/queues/alarms.js'

const at = (s: number) => (1_700_000_000_000 + s * 1_000) as EpochMs
const WELL: Values = { waiting: 0, longestWaitMs: 0, serviceLevel: 1, readyAgents: 5 }
const ALL: Thresholds = { waiting: 3, longestWaitMs: 60_000, serviceLevel: 0.8, readyAgents: 2 }
const look = (was: readonly Alarm[], values: Partial<Values>, s: number, thresholds = ALL) =>
  reduceAlarms(was, thresholds, { ...WELL, ...values }, at(s))

t.test('each kind, at its threshold and not before', async t => {
  const cases: [Partial<Values>, string[]][] = [
    [{ waiting: 2 }, []],
    [{ waiting: 3 }, ['waiting']],
    [{ longestWaitMs: 59_999 }, []],
    [{ longestWaitMs: 60_000 }, ['longestWaitMs']],
    [{ serviceLevel: 0.8 }, []],
    [{ serviceLevel: 0.79 }, ['serviceLevel']],
    [{ readyAgents: 2 }, []],
    [{ readyAgents: 1 }, ['readyAgents']],
    [{ waiting: 9, readyAgents: 0 }, ['waiting', 'readyAgents']],
  ]
  for (const [values, kinds] of cases)
    t.strictSame(
      look([], values, 0).raised.map(alarm => alarm.kind),
      kinds,
      JSON.stringify(values),
    )
  t.strictSame(
    reduceAlarms([], ALL, { waiting: 0, longestWaitMs: 0, readyAgents: 5 }, at(0)).up,
    [],
    'nobody was offered',
  )
})

t.test('cleared after ten seconds that are all well', async t => {
  const up = look([], { waiting: 4 }, 0).up
  const well = look(up, {}, 5)
  t.match(well, { up: [{ goodSince: at(5), raisedAt: at(0) }], cleared: [] })
  t.strictSame(look(well.up, {}, 14.9).cleared, [])
  t.equal(look(well.up, {}, 14.9).up, well.up, 'nothing to be stored')
  t.match(look(well.up, {}, 15), { up: [], cleared: [{ kind: 'waiting', threshold: 3, value: 0 }] })
  t.match(look(look(well.up, { waiting: 3 }, 14).up, {}, 15), { up: [{ goodSince: at(15) }], cleared: [] })
})

t.test('without a threshold at once', async t => {
  t.match(look(look([], { waiting: 4 }, 0).up, { waiting: 4 }, 1, {}), { up: [], cleared: [{ kind: 'waiting' }] })
})

t.test('when to look again though nothing happens', async t => {
  t.equal(nextLook([], { waiting: 3 }, at(0), at(1)), undefined)
  t.equal(nextLook([], { longestWaitMs: 60_000 }, at(0), at(1)), at(60))
  t.equal(nextLook([], { longestWaitMs: 60_000 }, at(0), at(61)), undefined)
  t.equal(nextLook(look(look([], { waiting: 4 }, 0).up, {}, 5).up, { waiting: 3 }, undefined, at(5)), at(15))
  t.equal(nextLook([], { serviceLevel: 0.8 }, undefined, at(5)), at(65))
})

t.test('raised and cleared take turns, and never sooner than the hysteresis allows', async t => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 0, max: 6 })), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(steps, taken => {
      let [now, up, isUp, wrongAt] = [0, [] as readonly Alarm[], false, -Infinity]
      for (const [pause, waiting] of taken) {
        now += pause
        if (waiting >= 3) wrongAt = now
        const step = reduceAlarms(up, { waiting: 3 }, { ...WELL, waiting }, at(now / 1_000))
        up = step.up
        if (step.raised.length > 0) {
          if (isUp) throw new Error('raised twice')
          isUp = true
        }
        if (step.cleared.length > 0) {
          if (!isUp) throw new Error('cleared, and was not up')
          if (now - wrongAt < CLEAR_AFTER_MS) throw new Error('cleared too soon')
          isUp = false
        }
        if (isUp !== up.length > 0) throw new Error('not what was told')
      }
    }),
    { numRuns: 1_000 },
  )
  t.pass()
})

t.end()
