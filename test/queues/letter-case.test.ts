/** Queues whose names the dialplan writes in another letter case than queues.conf: one queue, by the PBX's own name. */
import t from 'tap'
import { viewCall } from '../../src/calls/view.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { createState } from '../../src/engine/state.js'
import type { Fact, LegFact, QueueStatus } from '../../src/pbx/facts.js'
import { isSameQueue, queueKey, QueueMap } from '../../src/base/queue-map.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { visitsOf } from '../../src/reconcile/visits.js'
import * as given from '../given/calls.js'

const { ana, anaDials, at, picksUp, site } = given
const seen = (s: number, ...names: string[]): Fact => ({
  type: 'queues.seen',
  at: at(s),
  queues: names.map(name => ({ name, strategy: 'ringall', members: [] })),
})
const explained = (s: number, queue: string, status: QueueStatus) =>
  ({ type: 'queue.explained', at: at(s), leg: ana, queue, status }) as LegFact

function told(...facts: Fact[]) {
  const state = createState([])
  const into = nothingApplied()
  for (const fact of facts) applyFact(site, state, fact, into)
  const call = state.calls.get(given.id)
  return { state, queues: [...state.queues.values()].map(({ name }) => name), visits: call && viewCall(call).queues }
}

t.test('as app_queue compares: A to Z alone, and nothing else of Unicode', async t => {
  t.ok(isSameQueue('Sales', 'sALES'))
  t.notOk(isSameQueue('Ärzte', 'ärzte'), 'strcasecmp in the C locale knows ASCII only')
  t.notOk(isSameQueue('straße', 'STRASSE'))
  for (const name of ['\u202esales', 'sales\0', 'İ', 'x'.repeat(10_000)]) t.equal(queueKey(name).length, name.length)
})

t.test(
  'a caller who is turned away from Queue(SALES) was at the queue sales: no queue of that name appears',
  async t => {
    const { queues, visits } = told(
      seen(0, 'sales'),
      anaDials(1, '2000'),
      picksUp(1, ana),
      explained(2, 'SALES', 'FULL'),
    )
    t.strictSame(queues, ['sales'])
    t.match(visits, [{ queue: 'sales', outcome: 'full' }])
  },
)

t.test('what the dialplan says of Queue(SALES) ends the visit to sales', async t => {
  const joined = { type: 'queue.joined', at: at(2), leg: ana, queue: 'sales' } as LegFact
  const call = [anaDials(1, '2000'), picksUp(1, ana), joined, explained(5, 'SALES', 'TIMEOUT')]
  for (const facts of [[seen(0, 'sales'), ...call], call]) {
    const { queues, visits } = told(...facts)
    t.strictSame(queues, ['sales'])
    t.match(visits, [{ queue: 'sales', outcome: 'timeout', waitedMs: 3_000 }])
    t.equal(visits?.length, 1)
  }
})

t.test('a queue of which only the dialplan has told takes the name that the PBX gives it', async t => {
  const { state, queues } = told(anaDials(1, '2000'), picksUp(1, ana), explained(2, 'SALES', 'FULL'), seen(3, 'sales'))
  t.strictSame(queues, ['sales'])
  t.strictSame([...state.queues.keys()], ['sales'])
  t.equal(state.queues.get('SaLeS')?.day.tally.outcomes.full, 1, 'with its numbers')
})

t.test('kept under one name, found under every', async t => {
  const map = new QueueMap([['Sales', 1]])
  map.set('SALES', 2)
  t.strictSame([...map], [['Sales', 2]])
  t.ok(map.has('sales'))
  t.ok(map.delete('sALES'))
  t.equal(map.size, 0)
})

t.test('the queue log has the name of the dialplan in some lines and that of the PBX in others: one visit', async t => {
  const { rows } = readQueueLog(
    '1700000000|1.1|SALES|NONE|ENTERQUEUE||123|1\n1700000002|1.1|sales|Ana|CONNECT|2|1.2|1\n1700000009|1.1|sales|Ana|COMPLETECALLER|2|7|1\n',
  )
  t.match(visitsOf(rows), [{ outcome: 'answered', agent: 'Ana', talkedMs: 7_000 }])
})
