/** Whatever ends and begins again in the middle of a call: the call keeps its id, and what was lost is said to be. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'

const { lab, crm, phone, restart } = await anExchange(t)
const ready = () => crm.get('/readyz')

t.test('the daemon is restarted while two people talk', async t => {
  const [ana, ben] = await Promise.all([
    phone({ extension: '1001' }),
    phone({ extension: '1002', answers: { afterMs: 50 } }),
  ])
  const before = await crm.webSocket()
  await ana.dial('1002')
  const { subject: id, cursor } = await before.next('call.answered')
  await restart()
  t.equal(await before.closed, 1001, 'the stream says that the daemon is going')
  t.match((await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls, [{ id, state: 'talking' }])
  const after = await crm.webSocket(`after=${cursor}`)
  await ana.hangup()
  t.match((await after.next('call.recorded', id)).data.call, { id, outcome: 'answered', endedBy: 'caller' })
  t.strictSame(
    after.all.filter(e => e.data.link !== 'ari' && /^(call|pbx)\./.test(e.type)).map(e => e.type),
    ['pbx.disconnected', 'pbx.connected', 'pbx.resynced', 'call.ended', 'call.recorded'],
  )
  after.close()
  await Promise.all([ana.close(), ben.close()])
})

t.test('a call ends while the daemon is away', async t => {
  const [ana, ben] = await Promise.all([
    phone({ extension: '1001' }),
    phone({ extension: '1002', answers: { afterMs: 50 } }),
  ])
  const before = await crm.webSocket()
  await ana.dial('1002')
  const { subject: id, cursor } = await before.next('call.answered')
  const away = restart()
  await before.closed
  await ana.hangup()
  await ben.until('closed')
  await away
  const after = await crm.webSocket(`after=${cursor}`)
  const { call } = (await after.next('call.recorded', id)).data
  t.match(call, { id, state: 'ended', outcome: 'answered' })
  t.match((await crm.get(`/v1/history/${id}`)).body, call)
  after.close()
  await Promise.all([ana.close(), ben.close()])
})

t.test('Asterisk is killed while two people talk, and comes back', async t => {
  const [ana] = await Promise.all([
    phone({ extension: '1001' }),
    phone({ extension: '1002', answers: { afterMs: 50 } }),
  ])
  const stream = await crm.webSocket()
  await ana.dial('1002')
  const { subject: id } = await stream.next('call.answered')
  await lab.asterisk.kill()
  await stream.next('pbx.disconnected')
  t.match(await crm.post('/v1/calls', { from: '1001', to: '1002' }), { status: 503, body: { code: 'PBX_DOWN' } })
  t.equal((await ready()).status, 503)
  await lab.asterisk.start()
  t.match((await stream.next('call.ended', id)).data.call, { inferred: true, outcome: 'answered', endedBy: 'unknown' })
  await stream.next('pbx.resynced')
  t.strictSame((await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls, [])
  await retry(lab.clock, 'ARI to be back, too', 10_000, async () => ((await ready()).status === 200 ? true : undefined))
  stream.close()
})

t.end()
