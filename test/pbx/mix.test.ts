/** A small mixed load with the daemon beside the PBX: all is as Asterisk wrote it down. The long one is `npm run soak`. */
import t from 'tap'
import { asLine } from '../../src/reconcile/text.js'
import { runSoak } from '../soak/run.js'

const CALLS = 60
const SEED = 1

const soaked = await runSoak({ calls: CALLS, seed: SEED })

t.test(`${CALLS} calls of every kind, from seed ${SEED}`, async t => {
  const { mixed, calls, channels, recorded, differences, queues } = soaked
  t.comment(JSON.stringify(mixed))
  t.equal(mixed.made, CALLS)
  t.ok(Object.keys(mixed.twists).length >= 4, 'calls are transferred, joined, parked and picked up')
  t.ok(channels > CALLS)
  t.equal(recorded, calls)
  t.strictSame(differences.filter(d => d.reason === undefined).map(asLine), [])
  t.strictSame(queues.ours, queues.theirs, 'counts per queue and outcome')
})
