/** The softphone bar over the API at the real PBX: every button, on calls that come in, from a queue, and within the house. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { sleep } from '../../src/base/clock.js'
import { DIRECTORY } from '../given/agents.js'
import type { ListeningPage } from '../../src/events/activity.js'
import { anOffice, fromOutside } from '../given/softphone.js'

const office = await anOffice(t, {
  ringForS: 10,
  agents: { directory: DIRECTORY },
  phoneTypes: [{ extensions: '^1003$', autoAnswer: 'none' }],
})
const { lab, crm, cast, phoneAt, talk, press, when, callNow } = office
const ana = { extension: '1001' }

t.test('leave, and hang up for all', async t => {
  const { cust, ana: phone } = await cast(t)
  const call = await talk(cust, '1001', phone)
  t.match(await press(call, 'leave'), { status: 200, body: { state: 'ended', endedBy: 'command' } })
  await phone.until('closed')
  await cust.until('closed')
  t.match(await press(call, 'leave'), { status: 409, body: { code: 'CALL_ENDED' } })
})

t.test('reject, and answer, a call that rings', async t => {
  const { cust, ana: phone } = await cast(t)
  await cust.dial('493012341001')
  await phone.until('ringing')
  const [ringing] = (await crm.get<{ calls: { id: string }[] }>('/v1/calls')).body.calls
  const call = ringing?.id ?? ''
  t.match(await press(call, 'hold'), { status: 409, body: { code: 'CALL_STATE' } })
  t.match(await press(call, 'answer'), { status: 200, body: { state: 'talking' } })
  t.match((await callNow(call)).offers, [
    { extension: '1001', result: 'picked-up' },
    { extension: '1001', result: 'answered' },
  ])
  await press(call, 'leave')
  await cust.until('closed')

  await cust.dial('493012341001')
  await phone.until('ringing')
  const [again] = (await crm.get<{ calls: { id: string }[] }>('/v1/calls')).body.calls
  t.match(await press(again?.id ?? '', 'reject'), { status: 200 })
  await cust.until('closed')
  t.match(await when(again?.id ?? '', 'over', c => c.state === 'ended'), {
    outcome: 'rejected',
    offers: [{ result: 'rejected' }],
  })
})

t.test('mute, digits, hold and retrieve', async t => {
  const { cust, ana: phone } = await cast(t)
  const stream = await crm.webSocket()
  const call = await talk(cust, '1001', phone)
  t.match(await press(call, 'unmute'), { status: 409, body: { code: 'CALL_STATE' } })
  t.match(await press(call, 'mute'), { status: 200, body: { legs: [{}, { extension: '1001', muted: true }] } })
  t.match(await press(call, 'mute'), { status: 409 })
  t.equal((await stream.next('call.muted', call)).data.leg, (await callNow(call)).legs[1]?.id)
  const unmuted = await press(call, 'unmute')
  t.equal(unmuted.body.legs[1]?.muted, undefined)
  t.match(await press(call, 'digits', { digits: '12#' }), { status: 200 })
  t.match(await press(call, 'digits', { digits: '12x' }), { status: 400 })
  t.match(await press(call, 'hold'), { status: 200, body: { state: 'held' } })
  t.match(await press(call, 'hold'), { status: 409 })
  t.equal((await stream.next('call.held', call)).data.leg, (await callNow(call)).legs[1]?.id)
  t.match(await press(call, 'retrieve'), { status: 200, body: { state: 'talking' } })
  // Less than this apart, two holds are one.
  await sleep(lab.clock, 300)
  t.match(await press(call, 'flash'), { status: 200, body: { state: 'held' } })
  t.match(await press(call, 'flash'), { status: 200, body: { state: 'talking' } })
  await cust.hangup()
  const { data } = await stream.next('call.ended', call)
  t.equal(data.call.segments.filter(s => s.kind === 'hold').length, 2)
  stream.close()
})

t.test('bring in, put out, and go while the others talk on', async t => {
  const { cust, ana: phone, ben } = await cast(t)
  const call = await talk(cust, '1001', phone)
  t.match(await press(call, 'add', { to: '1002' }), { status: 200 })
  await ben.until('ringing')
  const isBusy = async (button: string, to: string) => {
    for (const how of [`${button}?dryRun=true`, button])
      t.match(await press(call, how, { ...ana, to }), { status: 409, body: { code: 'EXTENSION_BUSY' } }, `${how} ${to}`)
  }
  await isBusy('add', '1002')
  for (const to of ['1002', '1002*', '1002#']) await isBusy('transfers', to)
  await ben.answer()
  const three = await when(call, 'a conference', c => c.segments.at(-1)?.kind === 'conference')
  await isBusy('add', '1002')
  const rung = ben.history().filter(e => e.type === 'ringing')
  t.equal(rung.length, 1, 'the phone was rung once')
  t.equal(three.id, call)
  t.match(three.offers, [{ extension: '1001' }, { extension: '1002', result: 'answered' }])
  const bens = three.legs.find(l => l.extension === '1002')?.id ?? ''
  t.match(await press(call, 'drop', { ...ana, leg: 'none' }), { status: 404, body: { code: 'LEG_NOT_FOUND' } })
  t.match(await press(call, 'drop', { ...ana, leg: bens }), { status: 200, body: { state: 'talking' } })
  await ben.until('closed')
  await press(call, 'add', { to: '1002' })
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'a conference again', c => c.segments.at(-1)?.kind === 'conference')
  t.match(await press(call, 'leave', ana), { status: 200, body: { state: 'talking' } })
  await cust.hangup()
  await when(call, 'over', c => c.state === 'ended')
})

t.test(
  'a talk of three: an agent is brought in, one is silenced by another, and nobody else comes in when it is locked',
  async t => {
    const { cust, ana: phone, ben } = await cast(t)
    const stream = await crm.webSocket('types=call.locked,call.muted')
    await crm.post('/v1/agents/lab:8002/sign-in', { extension: '1002' })
    t.teardown(() => crm.post('/v1/agents/lab:8002/sign-out', { force: true }))
    const call = await talk(cust, '1001', phone)
    t.match(await press(call, 'add', { agent: '8004' }), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
    t.match(await press(call, 'add', { agent: '8002', to: '1002' }), { status: 400 })
    t.match(await press(call, 'add', {}), { status: 400 })
    t.match(await press(call, 'add', { agent: '8002' }), { status: 200 })
    await ben.until('ringing')
    await ben.answer()
    const three = await when(call, 'a conference', c => c.segments.at(-1)?.kind === 'conference')
    const leg = three.legs.find(l => l.extension === '1002')?.id ?? ''
    const bens = { ...ana, leg }
    t.match(await press(call, 'unmute', bens), { status: 409, body: { code: 'CALL_STATE' } })
    const muted = (await press(call, 'mute', bens)).body.legs.map(l => l.muted)
    t.strictSame(muted, [undefined, undefined, true])
    t.equal((await stream.next('call.muted', call)).data.leg, leg)
    t.match(await press(call, 'unmute', bens), { status: 200 })
    t.match(await press(call, 'mute', { ...ana, leg: 'none' }), { status: 404, body: { code: 'LEG_NOT_FOUND' } })

    t.match(await press(call, 'unlock', ana), { status: 409, body: { code: 'CALL_STATE' } })
    t.match(await press(call, 'lock', ana), { status: 200, body: { locked: true } })
    t.equal((await stream.next('call.locked', call)).data.call.locked, true)
    for (const button of ['add', 'add?dryRun=true'])
      t.match(await press(call, button, { ...ana, to: '1003' }), { status: 409, body: { code: 'CALL_LOCKED' } })
    t.match(await press(call, 'drop', bens), { status: 200 })
    t.match(await press(call, 'transfers', { ...ana, to: '1002#' }), { status: 409, body: { code: 'CALL_LOCKED' } })
    t.match(await press(call, 'take-over', { extension: '1002' }), { status: 409, body: { code: 'CALL_LOCKED' } })
    t.match(await press(call, 'unlock', ana), { status: 200 })
    t.equal((await callNow(call)).locked, undefined)
    stream.close()
    await cust.hangup()
  },
)

t.test('a conference room that is locked lets nobody else in', async t => {
  const { cust, ana: phone, ben } = await cast(t)
  const cleo = await phoneAt('1003')
  t.teardown(() => cleo.close())
  await phone.dial('3001')
  await phone.until('established')
  await cust.dial(fromOutside('3001'))
  await cust.until('established')
  const { calls } = await retry(lab.clock, 'the two to be together', 10_000, async () => {
    const { body } = await crm.get<{ calls: CallView[] }>('/v1/calls')
    return body.calls.some(c => c.state === 'talking') ? body : undefined
  })
  const call = calls.find(c => c.state === 'talking')?.id ?? ''
  t.match(await press(call, 'lock', ana), { status: 200, body: { locked: true } })
  await ben.dial('3001')
  await ben.until('closed')
  t.equal((await callNow(call)).legs.filter(l => l.state !== 'gone').length, 2)
  t.match(await press(call, 'unlock', ana), { status: 200 })
  await cleo.dial('3001')
  await cleo.until('established')
  await when(call, 'all three', c => c.segments.at(-1)?.kind === 'conference')
})

t.test('pick up what rings elsewhere; park and take up again', async t => {
  const { cust, ana: phone, ben } = await cast(t)
  await cust.dial('493012341001')
  await phone.until('ringing')
  const [ringing] = (await crm.get<{ calls: { id: string }[] }>('/v1/calls')).body.calls
  const call = ringing?.id ?? ''
  t.match(await press(call, 'pickup', { extension: '1002' }), { status: 200, body: { id: call, state: 'talking' } })
  await phone.until('closed')
  t.match(await press(call, 'park', { extension: '1002' }), { status: 200, body: { state: 'parked' } })
  await ben.until('closed')
  const back = await press(call, 'unpark', ana)
  t.equal(back.body.code, undefined)
  t.match(back, { status: 200, body: { state: 'talking' } })
  t.match(await press(call, 'unpark', ana), { status: 409, body: { code: 'CALL_STATE' } })
  await cust.hangup()
  const over = await when(call, 'over', c => c.state === 'ended')
  t.equal(over.id, call)
  t.match((await crm.get<{ calls: unknown[] }>('/v1/history?limit=100')).body.calls.length, Number)
})

t.test('a phone that cannot answer by itself rings, and is picked up by hand', async t => {
  const { cust, ana: phone } = await cast(t)
  const cleo = await phoneAt('1003')
  t.teardown(() => cleo.close())
  await cust.dial('493012341001')
  await phone.until('ringing')
  const [ringing] = (await crm.get<{ calls: { id: string }[] }>('/v1/calls')).body.calls
  const call = ringing?.id ?? ''
  t.match(await press(call, 'pickup', { extension: '1003' }), { status: 200, body: { state: 'ringing' } })
  await cleo.until('ringing')
  t.notOk(cleo.received().some(text => /^(Alert-Info|Call-Info):/m.test(text)))
  await cleo.answer()
  await when(call, 'talking', c => c.state === 'talking')
  await press(call, 'leave')
  await cust.until('closed')
  await cust.dial('493012341003')
  await cleo.until('ringing')
  const [own] = (await crm.get<{ calls: { id: string }[] }>('/v1/calls')).body.calls
  t.match(await press(own?.id ?? '', 'answer'), { status: 409, body: { code: 'PHONE_CANNOT' } })
  t.match(await press(own?.id ?? '', 'reject'), { status: 200 })
})

t.test('listen, whisper, barge in, and take over', async t => {
  const { cust, ana: phone, ben } = await cast(t)
  const stream = await crm.webSocket()
  const call = await talk(cust, '1001', phone)
  t.match(await press(call, 'listen', { extension: '1002' }), { status: 200, body: { legs: [{}, {}, { extension: '1002', role: 'monitor', mode: 'listen' }] } }) // prettier-ignore
  t.match((await stream.next('call.monitored', call)).data.call, { id: call, state: 'talking', agents: [] })
  t.match(await press(call, 'listen', { extension: '1002', mode: 'whisper' }), { status: 200, body: { legs: [{}, {}, { mode: 'whisper' }] } }) // prettier-ignore
  t.match(await press(call, 'listen', { extension: '1002', mode: 'barge' }), { status: 200, body: { legs: [{}, {}, { mode: 'barge' }] } }) // prettier-ignore
  t.match(await press(call, 'take-over', { extension: '1002' }), { status: 200, body: { state: 'talking' } })
  await phone.until('closed')
  const { items } = (await crm.get<ListeningPage>(`/v1/audit/listening?call=${encodeURIComponent(call)}`)).body
  const leg = items[0]?.leg
  t.match(items, ['end', 'barge', 'whisper', 'listen'].map(what => ({ what, leg, by: 'key:lab', extension: '1002', heard: '1001' }))) // prettier-ignore
  t.strictSame((await crm.get<ListeningPage>('/v1/audit/listening?heard=1003')).body.items, [])
  await cust.hangup()
  const { data } = await stream.next('call.ended', call)
  t.match(data.call, { id: call, endedBy: 'caller' })
  t.notOk(
    stream.all.some(
      e => e.type === 'call.ringing' && e.data.call.legs.find(l => l.id === e.data.leg)?.role === 'monitor',
    ),
  )
  stream.close()
  await ben.clear()
})

t.test('what can be done is told to whoever asks, and a dry run does nothing', async t => {
  const { cust, ana: phone } = await cast(t)
  const call = await talk(cust, '1001', phone)
  const could = async (query: string) =>
    (await crm.get<{ actions?: string[] }>(`/v1/calls/${call}?actions=true${query}`)).body.actions
  t.strictSame(await could(''), [
    'hangup',
    'leave',
    'digits',
    'mute',
    'hold',
    'flash',
    'transfers',
    'add',
    'drop',
    'lock',
    'record',
    'park',
  ])
  t.strictSame(await could('&extension=1002'), ['hangup', 'listen', 'take-over'])
  t.equal((await callNow(call)).actions, undefined)
  for (const button of ['leave', 'mute', 'hold', 'hangup'])
    t.match(await press(call, `${button}?dryRun=true`), { status: 200, body: { state: 'talking' } }, button)
  t.match(await press(call, 'unmute?dryRun=true'), { status: 409, body: { code: 'CALL_STATE' } })
  t.match(await press(call, 'listen?dryRun=true', { extension: '1002' }), { status: 200 })
  t.match(await callNow(call), { state: 'talking', legs: { length: 2 } })
  t.match(await crm.post('/v1/calls?dryRun=true', { from: '1002', to: '1001' }), { status: 200, body: {} })
  t.match(await crm.post('/v1/calls?dryRun=true', { from: '1002', to: '0044207' }), { status: 422 })
  t.match((await crm.get<{ calls: [] }>('/v1/calls')).body.calls, { length: 1 })
  const agents = async () => (await crm.get<{ actions: string[] }>('/v1/agents/lab:8004?actions=true')).body.actions
  t.strictSame(await agents(), ['sign-in'])
  t.match(await crm.post('/v1/agents/lab:8004/sign-in?dryRun=true', { extension: '1002' }), { status: 200, body: { state: 'signed-out' } }) // prettier-ignore
  t.match(await crm.post('/v1/agents/lab:8004/ready?dryRun=true'), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
  t.strictSame(await agents(), ['sign-in'])
})

t.test('on a call from a queue, as the agent who has it', async t => {
  const { cust, ana: phone } = await cast(t)
  const cleo = await phoneAt('1003')
  t.teardown(() => cleo.close())
  await crm.post('/v1/agents/lab:8003/sign-in', { extension: '1003' })
  await crm.post('/v1/agents/lab:8001/sign-in', { extension: '1001' })
  t.teardown(async () => {
    await crm.post('/v1/agents/lab:8001/sign-out', { force: true })
    await crm.post('/v1/agents/lab:8003/sign-out', { force: true })
  })
  const call = await talk(cust, '2009', phone)
  t.match(await press(call, 'hold', { by: '8002' }), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
  t.match(await press(call, 'hold', { by: '8003' }), { status: 409, body: { code: 'NOT_IN_CALL' } })
  t.match(await press(call, 'hold', { by: '8003', extension: '1001' }), {
    status: 403,
    body: { code: 'RIGHT_MISSING' },
  })
  t.match(await press(call, 'listen', { by: '8003' }), { status: 403, body: { code: 'RIGHT_MISSING' } })
  t.match(await press(call, 'hold', { by: '8001' }), { status: 200, body: { state: 'held' } })
  t.match(await press(call, 'retrieve', { by: '8001' }), { status: 200, body: { state: 'talking' } })
  t.match(await press(call, 'leave', { by: '8001' }), { status: 200 })
  t.match(await when(call, 'over', c => c.state === 'ended'), { queues: [{ outcome: 'answered', agent: '8001' }] })
})

t.end()
