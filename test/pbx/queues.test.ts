/** A queue on the real PBX, as operations see it: live, over restarts, and in the end as the PBX itself has counted. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { openCustomer } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import type { QueueView } from '../../src/events/queue.js'
import { anExchange, type Stream } from '../given/exchange.js'

const { lab, crm, phone, restart } = await anExchange(t)
const sales = async () => (await crm.get<QueueView>('/v1/queues/lab:sales')).body
const states = ({ members }: QueueView) => members.map(m => `${m.name} ${m.state}`)

/** Waits for the news that the queue looks like this. */
async function until(stream: Stream, what: string, looks: (queue: QueueView) => boolean): Promise<QueueView> {
  for (;;) {
    const { queue } = (await stream.next('queue.changed', 'lab:sales')).data
    if (looks(queue)) return queue
    t.comment(`not yet ${what}`)
  }
}

const MIA = '491701234567'
const [ana, mia] = await Promise.all([phone({ extension: '1001' }), openCustomer(lab, MIA)])

t.test('Mia waits while Ana’s phone rings, and gives up', async t => {
  const stream = await crm.webSocket('types=queue.changed')
  t.match(await sales(), { counts: { waiting: 0 }, today: { offered: 0 }, strategy: 'ringall' })
  await mia.dial('493012342000')
  await ana.until('ringing')
  const waiting = await until(stream, 'ringing', q => q.counts.waiting === 1 && q.counts.ringing === 1)
  t.match(waiting, { waiting: [{ number: MIA, position: 1 }], members: [{ name: 'Ana', extension: '1001' }, {}] })
  t.match((await crm.get(`/v1/calls/${waiting.waiting[0]?.call ?? ''}`)).body, { state: 'ringing' })
  t.match(
    (await crm.get<{ queues: QueueView[] }>('/v1/snapshot')).body.queues.find(q => q.name === 'sales'),
    waiting,
  )
  await mia.hangup()
  const left = await until(stream, 'gone', q => q.counts.waiting === 0 && q.counts.ready === 1)
  t.match(left.today, { offered: 1, abandoned: 1, answered: 0, serviceLevel: 0 })
  t.strictSame(await sales(), left, 'it is what was told last')
  stream.close()
})

t.test('the daemon is started again while Mia waits; Ana answers her', async t => {
  await mia.dial('493012342000')
  await ana.until('ringing')
  await restart()
  t.match(await sales(), { counts: { waiting: 1 }, today: { offered: 2, abandoned: 1 } })
  const stream = await crm.webSocket('types=queue.changed')
  await ana.answer()
  const talking = await until(stream, 'talking', q => q.counts.waiting === 0 && q.counts.busy === 1)
  t.match(talking, {
    members: [{ name: 'Ana', state: 'busy' }, {}],
    today: { answered: 1, answeredInTime: 1 },
  })
  await mia.hangup()
  t.match(await until(stream, 'ready again', q => q.counts.ready === 1), { today: { serviceLevel: 0.5 } })
  stream.close()
})

t.test('a member pauses, another comes and goes, a phone dies', async t => {
  const stream = await crm.webSocket('types=queue.changed')
  const member = 'PJSIP/1001'
  await lab.asterisk.cli(`queue pause member ${member} queue sales reason lunch`)
  t.match(await until(stream, 'paused', q => q.counts.paused === 1), {
    members: [{ state: 'paused', pausedFor: 'lunch' }, {}],
  })
  await lab.asterisk.cli(`queue unpause member ${member} queue sales`)
  await until(stream, 'ready', q => q.counts.ready === 1)
  await lab.asterisk.cli('queue add member PJSIP/1003 to sales penalty 2 as Cleo')
  t.match(await until(stream, 'three', q => q.members.length === 3), {
    members: [{}, {}, { kind: 'dynamic', penalty: 2 }],
  })
  await lab.asterisk.cli('queue remove member PJSIP/1003 from sales')
  await until(stream, 'two', q => q.members.length === 2)
  await ana.close()
  t.strictSame(states(await until(stream, 'nobody', q => q.counts.unavailable === 2)), [
    'Ana unavailable',
    'Ben unavailable',
  ])
  stream.close()
})

t.test('Asterisk is killed and comes back: its own counters begin anew, ours go on', async t => {
  const before = await sales()
  const stream = await crm.webSocket()
  await lab.asterisk.kill()
  await stream.next('pbx.disconnected')
  await lab.asterisk.start()
  await stream.next('pbx.resynced')
  const again = await phone({ extension: '1001' })
  await retry(lab.clock, 'Ana to be ready', 10_000, async () => ((await sales()).counts.ready === 1 ? true : undefined))
  await mia.dial('493012342000')
  await again.until('ringing')
  await again.answer()
  await mia.until('established')
  await mia.hangup()
  const { today } = await retry(lab.clock, 'the answer to be counted', 10_000, async () => {
    const queue = await sales()
    return queue.today.answered === before.today.answered + 1 ? queue : undefined
  })
  t.match(today, { offered: 3, answered: 2, abandoned: 1 })
  const lines = readFileSync(lab.asterisk.files.queueLog, 'utf8')
    .split('\n')
    .map(line => line.split('|'))
  const count = (event: string) => lines.filter(([, , queue, , what]) => queue === 'sales' && what === event).length
  t.strictSame([count('ENTERQUEUE'), count('CONNECT'), count('ABANDON')], [3, 2, 1], 'as the PBX wrote it down')
  stream.close()
  await Promise.all([again.close(), mia.close()])
})

t.test('what is no queue', async t => {
  for (const id of ['lab:nothing', 'other:sales', 'sales'])
    t.match(await crm.get(`/v1/queues/${id}`), { status: 404, body: { code: 'QUEUE_NOT_FOUND' } }, id)
})

t.end()
