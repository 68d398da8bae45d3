/** The real clock: nothing goes off before its time, however busy the process was when it was set. */
import t from 'tap'
import { after } from '../../src/base/clock.js'
import { elapsedMs, systemClock } from '../../src/base/system.js'

/** The loop's idea of the time grows old meanwhile. */
function isBusy(ms: number) {
  for (const until = elapsedMs() + ms; elapsedMs() < until;);
}

t.test('a timer never goes off early', async t => {
  const early: number[] = []
  const timers = Array.from({ length: 300 }, (_, i) => {
    const at = after(systemClock, 5 + (i % 60))
    if (i % 10 === 0) isBusy(2)
    return new Promise<void>(resolve =>
      systemClock.wake(at, () => {
        if (systemClock.now() < at) early.push(at - systemClock.now())
        resolve()
      }),
    )
  })
  await Promise.all(timers)
  t.strictSame(early, [])
})

t.test('one that is taken off does not, at whatever time', async t => {
  let ran = 0
  const [soon, late] = [5, 2 ** 31 + 5].map(ms => systemClock.wake(after(systemClock, ms), () => ran++))
  soon?.()
  await new Promise<void>(resolve => systemClock.wake(after(systemClock, 20), resolve))
  late?.()
  t.equal(ran, 0, 'nor one that is further off than Node can wait for at a time')
})
