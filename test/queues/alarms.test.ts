/** Alarms of queues: raised at once, cleared when all has been well for a while; what flutters, alarms once. */
import t from 'tap'
import fc from 'fast-check'
import type { EpochMs } from '../../src/base/ids.js'
import {
  CLEAR_AFTER_MS,
  nextLook,
  NO_VALUES,
  reduceAlarms,
  unwatched,
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

t.test('its value follows the queue while it is up', async t => {
  const { up } = look([], { waiting: 4 }, 0)
  const soon = look(up, { waiting: 5 }, 0.4)
  t.match(soon, { up: [{ value: 4 }], changed: [] }, 'not more often than each second')
  t.equal(soon.up, up, 'nothing to be stored')
  t.equal(nextLook(up, { waiting: 3 }, { ...WELL, waiting: 5 }, at(0), at(0.4)), at(1), 'then it is looked at')
  const later = look(up, { waiting: 5 }, 1)
  t.match(later, { up: [{ value: 5, raisedAt: at(0) }], raised: [], changed: [{ kind: 'waiting', value: 5 }] })
  t.match(
    look(later.up, {}, 2),
    { up: [{ value: 0, goodSince: at(2) }], changed: [{ value: 0 }] },
    'also when all is well',
  )
  t.match(look(later.up, { waiting: 5 }, 9), { up: later.up, changed: [] })
})

t.test('a wait grows every ten seconds, and ends at once', async t => {
  const { up } = look([], { longestWaitMs: 60_000 }, 60)
  const values = { ...WELL, longestWaitMs: 65_000 }
  t.strictSame(look(up, values, 65).changed, [])
  t.equal(nextLook(up, { longestWaitMs: 60_000 }, values, at(0), at(65)), at(70))
  const grown = look(up, { longestWaitMs: 70_000 }, 70)
  t.match(grown.changed, [{ value: 70_000 }])
  t.equal(nextLook(grown.up, { longestWaitMs: 60_000 }, { ...WELL, longestWaitMs: 70_000 }, at(0), at(70)), at(80))
  t.match(look(grown.up, { longestWaitMs: 3_000 }, 71).changed, [{ value: 3_000 }], 'somebody else waits longest now')
})

t.test('without a threshold at once', async t => {
  t.match(look(look([], { waiting: 4 }, 0).up, { waiting: 4 }, 1, {}), { up: [], cleared: [{ kind: 'waiting' }] })
})

t.test('when to look again though nothing happens', async t => {
  t.equal(nextLook([], { waiting: 3 }, WELL, at(0), at(1)), undefined)
  t.equal(nextLook([], { longestWaitMs: 60_000 }, WELL, at(0), at(1)), at(60))
  t.equal(nextLook([], { longestWaitMs: 60_000 }, WELL, at(0), at(61)), undefined)
  t.equal(nextLook(look(look([], { waiting: 4 }, 0).up, {}, 5).up, { waiting: 3 }, WELL, undefined, at(5)), at(15))
  t.equal(nextLook([], { serviceLevel: 0.8 }, WELL, undefined, at(5)), at(65))
})

t.test('a value that flutters raises one alarm', async t => {
  let up: readonly Alarm[] = []
  const told: string[] = []
  for (let s = 0; s < 60; s++) {
    const step = look(
      up,
      s % 9 === 0 ? { waiting: 3, readyAgents: 1, longestWaitMs: 60_000, serviceLevel: 0.5 } : {},
      s,
    )
    up = step.up
    told.push(...step.raised.map(({ kind }) => `${s} ${kind}`), ...step.cleared.map(({ kind }) => `${s} no ${kind}`))
  }
  t.strictSame(told, ['0 waiting', '0 longestWaitMs', '0 serviceLevel', '0 readyAgents'])
})

t.test('a queue without values, and a time that nobody watched', async t => {
  const up = look([], { waiting: 4 }, 0).up
  t.match(reduceAlarms(up, {}, NO_VALUES, at(1)), { up: [], cleared: [{ kind: 'waiting', value: 4 }] })
  t.equal(unwatched(up), up)
  t.strictSame(
    unwatched(look(up, {}, 5).up),
    look(up, {}, 5).up.map(({ goodSince: _, ...alarm }) => alarm),
  )
})

t.test('raised and cleared take turns, and never sooner than the hysteresis allows', async t => {
  const BAD: Values = { waiting: 3, longestWaitMs: 60_000, serviceLevel: 0.79, readyAgents: 1 }
  const kinds = fc.constantFrom(...(Object.keys(ALL) as (keyof Values)[]))
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.boolean()), { maxLength: 60 })
  const law = () =>
    fc.property(kinds, steps, (kind, taken) => {
      let [now, up, isUp, wrongAt] = [0, [] as readonly Alarm[], false, -Infinity]
      for (const [pause, bad] of taken) {
        now += pause
        if (bad) wrongAt = now
        const values = { ...WELL, ...(bad && { [kind]: BAD[kind] }) }
        const step = reduceAlarms(up, { [kind]: ALL[kind] }, values, at(now / 1_000))
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
        if (bad && !isUp) throw new Error('not raised')
        const last = step.up[0]
        if (step.changed.length > 0 && step.changed[0] !== last) throw new Error('not the value that was told')
        if (isUp !== up.length > 0) throw new Error('not what was told')
      }
    })
  t.doesNotThrow(() => fc.assert(law(), { numRuns: 1_000 }))
})

t.end()
