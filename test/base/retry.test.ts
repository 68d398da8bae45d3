/** How long is waited between two attempts: soon, then rarely, and never in step with others. */
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import { keepConnecting, REFUSED_AT_MOST_MS, type Ending } from '../../src/base/retry.js'

/** A clock whose time passes only in waits, all at once. Each ending lasts so long; resolves with the waits between. */
async function waits(endings: { ending: Ending; livedMs?: number }[], random: () => number, atMostMs = 5_000) {
  let now = 0
  const waited: number[] = []
  const clock = {
    now: () => now as EpochMs,
    wake(at: EpochMs, run: () => void) {
      waited.push(at - now)
      now = at
      queueMicrotask(run)
      return () => undefined
    },
  }
  const left = [...endings]
  await new Promise<void>(resolve => {
    const keeping = keepConnecting({ clock, random, atMostMs }, () => {
      const next = left.shift()
      if (!next) {
        void keeping.stop()
        resolve()
        return Promise.resolve('failed')
      }
      now += next.livedMs ?? 0
      return Promise.resolve(next.ending)
    })
  })
  return waited
}

const times = (n: number, ending: Ending, livedMs?: number) =>
  Array.from({ length: n }, () => ({ ending, ...(livedMs === undefined ? {} : { livedMs }) }))

t.test('refused: at last once a minute, and never more often than every half second (F8)', async t => {
  for (const random of [() => 0, () => 0.5, () => 0.999]) {
    const waited = await waits(times(12, 'refused'), random)
    t.ok(waited.every(ms => ms >= 500 && ms <= REFUSED_AT_MOST_MS))
    t.ok(waited.slice(-4).every(ms => ms >= REFUSED_AT_MOST_MS / 2))
    t.ok(
      waited.slice(1).every((ms, i) => ms >= (waited[i] ?? 0)),
      'ever rarer',
    )
  }
  const [, second] = await waits([...times(5, 'refused'), ...times(1, 'failed'), ...times(1, 'refused')], () => 0.5)
  t.equal(second, 1_500)
})

t.test('it cannot be reached: soon at first, then up to the most that is configured, by chance', async t => {
  const waited = await waits(times(30, 'failed'), () => 0.999)
  t.ok((waited[0] ?? 0) <= 400)
  t.equal(waited.at(-1), 5_000)
  t.ok((await waits(times(30, 'failed'), () => 0)).every(ms => ms === 100))
})

t.test('one that lived is followed by the next at once, but one that ends at once each time is not', async t => {
  t.ok(
    (await waits(times(10, 'lived', 5_000), () => 0.999)).every(ms => ms <= 150),
    'F1: under a second',
  )
  const [one, other] = [
    await waits(times(1, 'lived', 5_000), () => 0),
    await waits(times(1, 'lived', 5_000), () => 0.9),
  ]
  t.not(one[0], other[0], 'not in step with another daemon')
  t.equal((await waits(times(30, 'lived', 10), () => 0.999)).at(-1), 5_000, 'no storm of logins')
})
