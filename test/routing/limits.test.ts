/** How many numbers outside an hour allows. */
import t from 'tap'
import fc from 'fast-check'
import type { EpochMs } from '../../src/base/ids.js'
import type { NumberClass } from '../../src/events/number.js'
import { HOUR_MS, lastHour, withDial, type Dials, type HourLimits } from '../../src/routing/limits.js'

const at = (minutes: number) => (1_700_000_000_000 + minutes * 60_000) as EpochMs
const told = (limits: HourLimits, story: [minutes: number, kind: NumberClass][]) => {
  let dials: Dials = []
  return story.map(([minutes, kind]) => {
    const next = withDial(dials, kind, limits, at(minutes))
    dials = next ?? dials
    return next !== undefined
  })
}

t.test('up to the limit, and again when an hour has passed', async t => {
  const limits = { outside: 3, costly: 1 }
  const story: [number, NumberClass, boolean][] = [
    [0, 'national', true],
    [1, 'international', true],
    [2, 'premium', false],
    [3, 'mobile', true],
    [4, 'local', false],
    [5, 'emergency', true],
    [6, 'internal', true],
    [7, 'code', true],
    [60, 'local', true],
    [60.5, 'international', false],
    [61, 'other', true],
  ]
  t.strictSame(
    told(
      limits,
      story.map(([minutes, kind]) => [minutes, kind]),
    ),
    story.map(([, , is]) => is),
  )
})

t.test('what no limit counts is not kept', async t => {
  t.strictSame(withDial([], 'national', { outside: 0, costly: 20 }, at(0)), [])
  t.strictSame(withDial([], 'premium', { outside: 0, costly: 0 }, at(0)), [])
  t.strictSame(withDial([], 'premium', { outside: 0, costly: 20 }, at(0)), [{ at: at(0), costly: true }])
})

t.test('in no hour more than the limits say', async t => {
  const dial = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.constantFrom<NumberClass>('local', 'premium', 'emergency'))
  const law = fc.property(fc.array(dial, { maxLength: 60 }), fc.nat(5), fc.nat(5), (story, outside, costly) => {
    const limits = { outside, costly }
    let [now, dials] = [0, [] as Dials]
    const made: { at: EpochMs; kind: NumberClass }[] = []
    for (const [pause, kind] of story) {
      now += pause
      const next = withDial(dials, kind, limits, at(now))
      if (!next) continue
      dials = next
      made.push({ at: at(now), kind })
    }
    return made.every(({ at: until }) => {
      const within = made.filter(m => m.at <= until && m.at > until - HOUR_MS && m.kind !== 'emergency')
      return (
        (outside === 0 || within.length <= outside) &&
        (costly === 0 || within.filter(m => m.kind === 'premium').length <= costly)
      )
    })
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 1_000 }))
  t.strictSame(lastHour([{ at: at(0), costly: true }], at(60)), [])
})

t.end()
