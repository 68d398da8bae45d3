/**
 * Dialling on a PBX with the field's habits: every Dial() stands in a subroutine, outbound routes set the company's number on the
 * caller's channel, one line wants a 9. Who was called and who called is right, and help can always be called.
 */
import t from 'tap'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { openCustomer } from '../../lab/phone.js'
import { answerTrunk, callIn } from '../../lab/sipp.js'
import type { CallView } from '../../src/events/call.js'
import type { FollowUp } from '../../src/events/follow-up.js'
import type { NumberView } from '../../src/events/number.js'
import { agentsOf } from '../given/agents.js'
import { anExchange } from '../given/exchange.js'

const MOBILE = '13800000009'
/** 1012 is forwarded to a mobile; *01 is a short dial; who calls 1001 has a name in the dialplan. */
const DIALPLAN = `
[ext-local](+)
exten => 1012,1,Gosub(sub-dialout-trunk,s,1(trunk,${MOBILE}))
 same => n,Hangup(\${HANGUPCAUSE})
[app-services](+)
exten => *01,1,Gosub(sub-dialout-trunk,s,1(trunk,${MOBILE}))
 same => n,Hangup(\${HANGUPCAUSE})
[from-did-direct](+)
exten => 1001,1,Set(CALLERID(name)=Mrs Smith)
 same => n,Wait(0.2)
 same => n,Goto(ext-local,1001,1)
`
const CUSTOMER = '13812345678'
const { lab, crm, phone } = await anExchange(t, {
  profile: 'field',
  more: { 'extensions.conf': DIALPLAN },
  agents: { directory: join(CHECKOUT, 'lab/field-directory.yaml') },
  dialling: {
    ...{ trunkPrefix: '9', form: 'national', ownArea: '021', perHour: { outside: 1, costly: 1 } },
    ...{ forbidden: ['11*', '911*'], allowed: ['internal', 'mobile', 'local'] },
  },
  routing: { routes: [{ name: 'hotline', dialled: ['021612477*'], to: { number: '1013' } }] },
})
const { ask } = agentsOf(crm)
const ana = await phone({ extension: '1001', answers: { afterMs: 100 } })
const far = await answerTrunk(lab, { ringMs: 50, talkMs: 300 })
t.teardown(() => Promise.all([ana.close(), far.kill()]))
const stream = await crm.webSocket()
t.teardown(() => stream.close())
const recorded = async (id?: string): Promise<CallView> => (await stream.next('call.recorded', id)).data.call
const explain = async (number: string) =>
  (await crm.post<NumberView>('/v1/numbers/explain', { number, from: '1001' })).body
const called = ({ legs }: CallView) => legs.filter(l => l.side === 'callee')

t.test(
  'a number dialled on the phone, from a subroutine and with the prefix: the record has the number itself',
  async t => {
    await ana.dial(`9${MOBILE}`)
    const call = await recorded()
    t.match(call, {
      ...{ direction: 'outbound', outcome: 'answered', to: { number: MOBILE, e164: `+86${MOBILE}` } },
      from: { number: '1001', extension: '1001' },
      offers: [{ number: MOBILE, result: 'answered' }],
    })
    t.match(called(call), [{ number: MOBILE, trunk: 'telco' }])
  },
)

t.test('a short dial is to whom it really calls', async t => {
  await ana.dial('*01')
  const call = await recorded()
  t.match(call, { direction: 'outbound', to: { number: MOBILE, e164: `+86${MOBILE}` }, from: { number: '1001' } })
  t.match(called(call), [{ number: MOBILE, trunk: 'trunk' }])
})

t.test('a colleague who is forwarded to a mobile: who was dialled, and whom the PBX called', async t => {
  await ana.dial('1012')
  const call = await recorded()
  t.match(call, { to: { number: '1012', extension: '1012' }, offers: [{ number: MOBILE }] })
  t.match(called(call), [{ number: MOBILE, trunk: 'trunk' }])
  const { items } = (await crm.get<{ items: FollowUp[] }>('/v1/unreached')).body
  t.notOk(items.some(({ party }) => party.number === '1012'))
})

t.test('a customer who is forwarded outside is who called, not the number that the far side is shown', async t => {
  const customer = await openCustomer(lab, CUSTOMER)
  await customer.dial('02161231012')
  const call = await recorded()
  t.match(call, { direction: 'inbound', from: { number: CUSTOMER, e164: `+86${CUSTOMER}` } })
  t.match(called(call), [{ number: MOBILE, trunk: 'trunk' }])
  await customer.close()
})

t.test('the name that the dialplan gives a caller is on the call, the pop and the history', async t => {
  const customer = await openCustomer(lab, CUSTOMER)
  await customer.dial('02161231001')
  const from = { number: CUSTOMER, e164: `+86${CUSTOMER}`, name: 'Mrs Smith' }
  t.match((await stream.next('call.identified')).data.call, { from, state: 'started' })
  t.match((await stream.next('call.offered')).data.pop, { customer: from })
  await stream.next('call.answered')
  await customer.hangup()
  const { id } = await recorded()
  t.match((await crm.get(`/v1/history/${id}`)).body, { from })
  await customer.close()
})

t.test('00* in the blacklist is callers from abroad, and nobody of the own country', async t => {
  t.match((await crm.post('/v1/blacklist', { match: '00*' })).body, { match: '00*' })
  const does = async (from: string) => {
    const call = await callIn(lab, { from, to: '02161247701', giveUpAfterMs: 400 })
    await call.done
    return (await recorded()).routing?.does
  }
  for (const from of ['00442071838750', '+442071838750', '0049-30-123456']) t.equal(await does(from), 'busy', from)
  for (const from of ['008613812345678', CUSTOMER, '0086-10-62345678', '62345678'])
    t.equal(await does(from), 'number', from)
  t.equal((await crm.remove('/v1/blacklist/00*')).status, 204)
})

t.test('local numbers of the own area are dialled as such', async t => {
  t.match(await explain('6234 5678'), { class: 'local', dials: '962345678', e164: '+862162345678', allowed: true })
  const { body } = await crm.post<{ id: string }>('/v1/calls', { from: '1001', to: '62345678' })
  t.match(await recorded(body.id), { to: { number: '62345678', e164: '+862162345678' } })
  const over = { status: 429, body: { code: 'DIAL_LIMIT_REACHED' } }
  t.match(await crm.post('/v1/calls', { from: '1001', to: '62345679' }), over, 'and the hour has no more')
})

t.test('nothing stops an emergency number', async t => {
  t.match(await explain('1-1-0'), { class: 'emergency', dials: '9110', allowed: true })
  t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200 })
  const refused = { status: 403, body: { code: 'RIGHT_MISSING' } }
  t.match(await crm.post('/v1/calls', { from: '1001', to: '1002', by: '8002' }), refused)
  for (const to of ['110', '9 110', '+110']) {
    const asked = { from: '1001', to, by: '8002', workgroup: 'nobody' }
    const { status, body } = await crm.post<{ id: string }>('/v1/calls', asked)
    t.equal(status, 201, to)
    const call = await recorded(body.id)
    t.match(call, { outcome: 'answered', to: { number: '110' } }, to)
    t.equal(call.to.e164, undefined)
    t.match(called(call), [{ number: '110', trunk: 'telco' }])
  }
})

t.test('nor does a lock keep it out of a call', async t => {
  const customer = await openCustomer(lab, CUSTOMER)
  await customer.dial('02161231001')
  const { call } = (await stream.next('call.answered')).data
  const press = (button: string, body: object = {}) =>
    crm.post<{ code?: string }>(`/v1/calls/${call.id}/${button}`, { extension: '1001', ...body })
  t.match(await press('lock'), { status: 200 })
  t.match(await press('add', { to: '1012' }), { status: 409, body: { code: 'CALL_LOCKED' } })
  t.match(await press('add', { to: '110' }), { status: 200 })
  await customer.hangup()
  t.match(called(await recorded(call.id)).at(-1), { number: '110' })
  await customer.close()
})

t.end()
