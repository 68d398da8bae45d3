/** A screen pop on the real PBX: who calls, by way of a menu and a queue, and with whom they talked the last time. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import type { LegId } from '../../src/base/ids.js'
import { popAt } from '../../src/calls/pop.js'
import type { CallView } from '../../src/events/call.js'
import { DIRECTORY } from '../given/agents.js'
import { brokenPops } from '../given/pops.js'
import { anOffice, CALLER, fromOutside } from '../given/softphone.js'

/** The trunk leaves the plus out. */
const E164 = `+${CALLER}`

const office = await anOffice(t, {
  agents: { directory: DIRECTORY },
  screenPop: { links: { crm: 'https://crm.example/customers{?e164,agent,call}' } },
})
const { crm, cast, talk } = office

t.test('the first time nothing is known of them, the second time whom they talked with', async t => {
  const { cust, ana, ben } = await cast(t)
  const stream = await crm.webSocket('types=call.offered,call.recorded')
  await crm.post('/v1/agents/lab:8001/sign-in', { extension: '1001' })
  const first = await talk(cust, '1001', ana)
  const told = await stream.next('call.offered', first)
  const { pop } = told.data
  t.match(pop, { customer: { number: CALLER, e164: E164, area: 'DE' }, extension: '1001', agent: '8001' })
  t.strictSame(pop?.ivr, [])
  t.equal(
    pop?.links['crm'],
    `https://crm.example/customers?e164=%2B${CALLER}&agent=8001&call=${encodeURIComponent(first)}`,
  )
  t.equal(told.data.leg, told.data.call.legs.find(l => l.extension === '1001')?.id)
  // The phone may be quicker than the history.
  const live = await retry(office.lab.clock, 'the history', 10_000, async () => {
    const { body } = await crm.get(`/v1/calls/${first}`)
    return body.pop?.history ? body : undefined
  })
  t.strictSame(
    popAt(live.pop, told.data.leg as LegId),
    { ...pop, history: [] },
    'a page that is loaded now finds the same',
  )
  const snapshot = (await crm.get<{ calls: CallView[] }>('/v1/snapshot')).body
  t.strictSame(snapshot.calls.find(c => c.id === first)?.pop, live.pop)
  await cust.hangup()
  t.notOk((await stream.next('call.recorded', first)).data.call.pop)

  await cust.dial(fromOutside('1002'))
  await ben.until('ringing')
  const again = (await stream.next('call.offered')).data
  t.match(again.pop, { extension: '1002', lastAgent: { id: first, extension: '1001', outcome: 'answered' } })
  t.strictSame(again.pop?.history?.map(c => c.id), [first]) // prettier-ignore
  await ben.answer()
  // Passed on: it pops up there, too, with the customer, whoever passes it on.
  const call = again.call.id
  t.match(await office.transfer(call, '1001', { extension: '1002' }), { status: 201 })
  await ana.until('ringing')
  t.match((await stream.next('call.offered', call)).data.pop, { customer: { e164: E164 }, extension: '1001' })
  await cust.hangup()
  t.equal(stream.all.filter(e => e.type === 'call.offered').length, 3, 'once for each phone')
  stream.close()
})

t.test('a phone that answers by command has been offered the call already', async t => {
  const { cust, ana } = await cast(t)
  const stream = await crm.webSocket('types=call.*')
  await cust.dial(fromOutside('1001'))
  await ana.until('ringing')
  const { call, pop } = (await stream.next('call.offered')).data
  t.match(pop, { extension: '1001' })
  const known = await retry(office.lab.clock, 'the history', 10_000, async () => {
    const { body } = await crm.get(`/v1/calls/${call.id}`)
    return body.pop?.history ? body : undefined
  })
  t.match(known.pop, { lastAgent: { outcome: 'answered' } })
  t.match(await office.press(call.id, 'answer', { extension: '1001' }), { status: 200, body: { state: 'talking' } })
  const { body: live } = await crm.get(`/v1/calls/${call.id}`)
  const answers = live.legs.find(l => l.extension === '1001' && l.state === 'up')?.id
  const { history: _, lastAgent: __, ...ofPhone } = popAt(live.pop, answers as LegId) ?? {}
  const { history: ___, lastAgent: ____, ...before } = pop ?? {}
  t.strictSame(ofPhone, before, 'a page that is loaded now finds it at the leg that answers')
  await stream.next('call.answered', call.id)
  await cust.hangup()
  await stream.next('call.recorded', call.id)
  t.equal(stream.all.filter(e => e.type === 'call.offered').length, 1, 'once')
  t.equal(stream.all.filter(e => e.type === 'call.ringing').length, 1, 'as it has rung already')
  t.strictSame(brokenPops(stream.all.map(({ type, data }) => ({ type, ...data }))), [])
  stream.close()
})

t.test('from a menu and a queue; between phones of the house there is nothing to pop up', async t => {
  const { cust, ana, ben } = await cast(t)
  const stream = await crm.webSocket('types=call.offered,call.ended')
  await ben.dial('1001')
  await ana.until('ringing')
  await ben.hangup()
  await stream.next('call.ended')
  t.equal(stream.all.filter(e => e.type === 'call.offered').length, 0)
  await cust.dial(fromOutside('5001'))
  await cust.until('established')
  await cust.press('1')
  await ana.until('ringing')
  const both = [await stream.next('call.offered'), await stream.next('call.offered')]
  const pop = both.map(e => e.data.pop).find(p => p?.extension === '1001')
  t.match(pop, { ivr: ['menu'], queue: 'sales', extension: '1001', agent: '8001' })
  t.ok((pop?.waitedMs ?? -1) >= 0)
  await cust.hangup()
  await stream.next('call.ended')
  stream.close()
})

t.end()
