/** Half a minute of all kinds of trouble at once, as `npm run chaos` makes for longer. */
import t from 'tap'
import { runChaos } from '../chaos/run.js'

t.test('whatever happens, nothing is wrong that does not say so', async t => {
  const { differences, unexplained, calls, recorded, faults } = await runChaos({ seed: 20_261, seconds: 30 })
  t.strictSame(
    differences.filter(d => d.reason === undefined),
    [],
  )
  t.equal(unexplained, 0)
  t.ok(calls > 100, `${calls} calls`)
  t.ok(recorded > calls * 0.9)
  t.ok(Object.keys(faults).length > 5, JSON.stringify(faults))
})
