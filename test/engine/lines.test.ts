/** The status line as it is told: once for each call that is over, with what the phone does, and the same after a restart. */
import t from 'tap'
import type { Batch } from '../../src/engine/writer.js'
import type { ExtensionView } from '../../src/events/agent.js'
import type { Fact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore, seen, up } from '../given/engine.js'

const { at } = given
/** Ana calls Ben, whose phone rings and is not answered. */
const missed: Fact[] = [
  given.anaDials(0),
  ...given.benIsDialled(1),
  given.rings(2),
  given.dialEnds(12, 'NOANSWER'),
  given.isGone(12, given.ben),
  given.isGone(12, given.ana),
]
const idle: Fact = { type: 'phone.changed', at: at(13), device: 'PJSIP/1002', phone: 'idle' }

t.test('each phone of a call that is over is told of once, and a restart keeps it', async t => {
  const { clock, pass } = aClock(at(0))
  const store = aStore()
  const log: ExtensionView[] = []
  const append = (batch: Batch) => {
    for (const { type, json } of batch.entries)
      if (type === 'extension.changed')
        log.push((JSON.parse(json) as { data: { extension: ExtensionView } }).data.extension)
    return store.append(batch)
  }
  const office = anEngine(undefined, { clock, append })
  office.tell([up(0), seen(0), ...missed, idle])
  pass(14_000)
  await office.engine.snapshot()
  t.strictSame(
    log.map(({ extension, phone, revision, today: { answered, dialled, missed } }) =>
      [extension, phone, revision, answered, dialled, missed].join(' '),
    ),
    ['1001  1 0 1 0', '1002 idle 1 0 0 1'],
  )
  office.tell(missed)
  pass(14_000)
  await office.engine.snapshot()
  t.equal(log.length, 2, 'what is told again is no second call')
  await office.engine.stop()

  const again = anEngine(undefined, { clock, stored: store.stored() })
  t.match(
    (await again.engine.extensions.list()).map(({ extension, revision, today }) => ({ extension, revision, today })),
    [
      { extension: '1001', revision: 1, today: { dialled: 1, missed: 0, last: { number: '1002', direction: 'out' } } },
      { extension: '1002', revision: 1, today: { dialled: 0, missed: 1, last: { number: '1001', direction: 'in' } } },
    ],
  )
  again.tell([up(60), seen(60)])
  pass(1_000)
  await again.engine.snapshot()
  t.match(
    again.log.filter(({ type }) => type === 'extension.changed'),
    [{ extensions: ['1002'] }],
    'the PBX says nothing of its phone any more',
  )
  await again.engine.stop()
})

t.end()
