/** What a CRM notes on a real call: it stays with the call to the history, over restarts, and is found at once. */
import t from 'tap'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'

const { crm, phone, restart } = await anExchange(t)
const found = async (query: string) =>
  (await crm.get<{ calls: CallView[] }>(`/v1/history?${query}`)).body.calls.map(c => c.id)

t.test('a note is taken during the call and after it', async t => {
  const [ana, ben] = await Promise.all([
    phone({ extension: '1001' }),
    phone({ extension: '1002', answers: { afterMs: 50 } }),
  ])
  const stream = await crm.webSocket()
  await ana.dial('1002')
  const { subject: id } = await stream.next('call.answered')
  const noted = await crm.patch(`/v1/calls/${id}`, { note: 'asks for Ben', tags: ['vip'], data: { ticket: '4711' } })
  t.match(noted, { status: 200, body: { id, note: 'asks for Ben', state: 'talking' } })
  t.match((await stream.next('call.updated', id)).data.call, { tags: ['vip'], data: { ticket: '4711' } })
  await restart()
  const again = await crm.webSocket()
  t.match((await crm.get(`/v1/calls/${id}`)).body, { note: 'asks for Ben', tags: ['vip'] }, 'it outlives the daemon')
  await ana.hangup()
  await again.next('call.recorded', id)
  t.strictSame(await found('tag=vip&extension=1002'), [id])

  await crm.patch(`/v1/calls/${id}`, { tags: ['done'] })
  t.match((await again.next('call.revised', id)).data.call, { state: 'ended', tags: ['done'], note: 'asks for Ben' })
  t.strictSame([await found('tag=vip'), await found('tag=done')], [[], [id]], 'and is found as it is now')
  await restart()
  t.match(await crm.patch(`/v1/history/${id}`, { note: null }), { status: 200, body: { id, tags: ['done'] } })
  const record = (await crm.get(`/v1/history/${id}`)).body
  t.notOk('note' in record, 'a call that only the history knows is revised, too')
  t.strictSame((await crm.get(`/v1/calls/${id}`)).body, record)
  t.strictSame(await found('tag=done&order=oldest'), [id])
  again.close()
  await Promise.all([ana.close(), ben.close()])
})

t.end()
