/** Names of queues in requests are compared as app_queue compares them: the history is asked by the PBX's own name. */
import t from 'tap'
import type { QueueView } from '../../src/events/queue.js'
import { queueNamed } from '../../src/api/queue-name.js'

const engine = { queues: () => Promise.resolve([{ name: 'sales' }, { name: 'Ärzte' }] as QueueView[]) }
const pbx = { engine } as unknown as Parameters<typeof queueNamed>[0]

t.test('by the name that the PBX has', async t => {
  for (const asked of ['sales', 'SALES', 'Sales']) t.equal(await queueNamed(pbx, asked), 'sales', asked)
})

t.test(
  'a queue that the PBX does not have any more, and names that only look alike, stay as they are asked for',
  async t => {
    for (const asked of ['gone', 'ärzte', 'sales ', '\u202esales', 'x'.repeat(128)])
      t.equal(await queueNamed(pbx, asked), asked, asked)
  },
)
