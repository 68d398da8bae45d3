/** Names of queues in requests are compared as app_queue compares them: the history is asked by the PBX's own name. */
import t from 'tap'
import type { HistorySearch } from '../../src/events/history.js'
import type { QueueView } from '../../src/events/queue.js'
import type { Pbx } from '../../src/api/ports.js'
import { queueNamed } from '../../src/api/queue-name.js'
import { anApi, auth } from '../given/api.js'

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

t.test(
  'the history and each report asks for the calls of a queue by that name, and for no queue where none is asked',
  async t => {
    const asked: (string | undefined)[] = []
    const history = {
      search: (search: HistorySearch) => (asked.push(search.queue), Promise.resolve({ calls: [] })),
    } as unknown as Pbx['history']
    const { api } = await anApi({ history }, 10, { queues: ['sales'] })
    const from = 'from=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z'
    for (const path of ['/v1/history', '/v1/reports/areas', '/v1/reports/surveys']) {
      const more = path === '/v1/history' ? '' : path.endsWith('areas') ? '&by=city' : '&survey=service'
      for (const queue of ['&queue=SALES', '&queue=gone', '']) {
        const answer = await api.inject({ url: `${path}?${from}${more}${queue}`, headers: auth })
        t.equal(answer.statusCode, 200, answer.body)
      }
      t.strictSame(asked.splice(0), ['sales', 'gone', undefined], path)
    }
  },
)

t.end()
