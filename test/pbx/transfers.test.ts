/** Transfers over the API at the real PBX: in the operator's own grammar, as a resource, and every end that one can have. */
import t from 'tap'
import { answerTrunk } from '../../lab/sipp.js'
import { DIRECTORY } from '../given/agents.js'
import { anOffice, type TransferView } from '../given/softphone.js'

const office = await anOffice(t, { ringForS: 3, agents: { directory: DIRECTORY } })
const { lab, crm, cast, talk, transfer, press, when, callNow } = office
const step = (call: string, id: string | undefined, what: string) => press(call, `transfers/${id ?? ''}/${what}`)

t.test('1002: at once', async t => {
  const { cust, ana, ben } = await cast(t)
  const stream = await crm.webSocket()
  const call = await talk(cust, '1001', ana)
  const { status, body } = await transfer(call, '1002')
  t.equal(status, 201)
  t.match(body, { kind: 'blind', extension: '1001', to: { extension: '1002' }, id: /./, askedAt: /./ })
  await ben.until('ringing')
  await ben.answer()
  const now = await when(call, 'with Ben', c => c.transfers[0]?.outcome === 'answered')
  t.match(now.transfers, [{ id: body.id, state: 'done', outcome: 'answered' }])
  t.match((await crm.get(`/v1/calls/${call}/transfers/${body.id ?? ''}`)).body, { id: body.id, outcome: 'answered' })
  await cust.hangup()
  t.match((await stream.next('call.ended', call)).data.call, { endedBy: 'caller', outcome: 'answered' })
  stream.close()
})

t.test('1002*: first a word; then handed over', async t => {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const stream = await crm.webSocket()
  const { status, body } = await transfer(call, '1002*')
  t.match({ status, body }, { status: 201, body: { kind: 'attended', state: 'ringing', to: { extension: '1002' } } })
  t.match(await transfer(call, '1003', { extension: '1001' }), { status: 409, body: { code: 'TRANSFER_STATE' } })
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'consulting', c => c.transfers[0]?.state === 'consulting')
  t.match((await stream.next('call.transferring', call)).data.call.transfers, [{ state: 'asked' }])
  t.match((await stream.next('call.transferring', call)).data.call.transfers, [{ state: 'ringing' }])
  t.match((await stream.next('call.transferring', call)).data.call.transfers, [{ state: 'consulting' }])
  t.match(await step(call, body.id, 'complete'), {
    status: 200,
    body: { id: body.id, kind: 'attended', outcome: 'answered' },
  })
  t.match(await step(call, body.id, 'complete'), { status: 409, body: { code: 'TRANSFER_STATE' } })
  t.match(await step(call, 'other', 'complete'), { status: 404, body: { code: 'TRANSFER_NOT_FOUND' } })
  await cust.hangup()
  stream.close()
})

t.test('1002*: and back, to and fro, all three, or nobody there', async t => {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const consult = async () => {
    const { body } = await transfer(call, '1002*')
    await ben.until('ringing')
    await ben.answer()
    await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
    return body.id
  }
  const first = await consult()
  t.match(await step(call, first, 'cancel'), { status: 200, body: { state: 'done', outcome: 'cancelled' } })
  await ben.until('closed')
  t.match(await when(call, 'talking', c => c.state === 'talking'), { transfers: [{ outcome: 'cancelled' }] })

  const second = await consult()
  t.match(await press(call, 'flash', { extension: '1001' }), {
    status: 200,
    body: { transfers: [{}, { id: second, outcome: 'cancelled' }] },
  })
  await ben.until('closed')

  const third = await consult()
  t.match(await step(call, third, 'swap'), { status: 200, body: { state: 'consulting' } })
  t.match(await step(call, third, 'swap'), { status: 200, body: { state: 'consulting' } })
  t.match(await step(call, third, 'conference'), { status: 200, body: { kind: 'three-way', outcome: 'answered' } })
  const all = await when(call, 'a conference', c => c.segments.at(-1)?.kind === 'conference')
  t.equal(all.segments.at(-1)?.legs.length, 3)
  t.match(await press(call, 'leave', { extension: '1001' }), { status: 200, body: { state: 'talking' } })
  await cust.hangup()
})

t.test('whom it is to hangs up first, is busy, says no, or does not answer', async t => {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const outcome = async (id: string | undefined) =>
    (await when(call, 'back', c => c.transfers.find(t => t.id === id)?.outcome !== undefined && c.state === 'talking')).transfers.find(t => t.id === id)?.outcome // prettier-ignore
  const left = (await transfer(call, '1002*')).body.id
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
  await ben.hangup()
  t.equal(await outcome(left), 'returned')
  ben.meet('busy')
  t.equal(await outcome((await transfer(call, '1002*')).body.id), 'busy')
  ben.meet('decline')
  t.equal(await outcome((await transfer(call, '1002*')).body.id), 'rejected')
  ben.meet('never')
  t.equal(await outcome((await transfer(call, '1002*')).body.id), 'no-answer')
  await cust.hangup()
})

t.test('a blind one that nobody answers comes back', async t => {
  const { cust, ana, ben } = await cast(t)
  ben.meet('busy')
  const call = await talk(cust, '1001', ana)
  t.match(await transfer(call, '1002'), { status: 201 })
  await ana.until('ringing')
  await ana.answer()
  t.match(await when(call, 'back', c => c.transfers[0]?.outcome !== undefined), {
    transfers: [{ outcome: 'returned' }],
  })
  t.match(await transfer(call, '1002', { ringBack: false }), { status: 201 })
  await cust.until('closed')
  t.match(await when(call, 'over', c => c.state === 'ended'), { transfers: [{}, { outcome: 'busy' }] })
})

t.test(
  '700*: a parking space is asked for, and left again; then the caller is parked there, and fetched by command',
  async t => {
    const { cust, ana } = await cast(t)
    const call = await talk(cust, '1001', ana)
    const asks = async () => {
      const { status, body } = await transfer(call, '700*')
      t.match({ status, body }, { status: 201, body: { kind: 'attended', state: 'consulting', to: { number: '700' } } })
      return body.id
    }
    t.match(await step(call, await asks(), 'cancel'), { status: 200, body: { state: 'done', outcome: 'cancelled' } })
    await when(call, 'talking', c => c.state === 'talking')
    const id = await asks()
    t.match(await step(call, id, 'complete'), { status: 200, body: { id, state: /^(open|done)$/ } })
    const parked = await when(call, 'parked', c => c.state === 'parked' && c.transfers.at(-1)?.outcome !== undefined)
    t.match(parked.transfers, [
      {},
      { id, kind: 'semi-attended', state: 'done', outcome: 'parked', to: { number: '700' } },
    ])
    t.match(await press(call, 'unpark', { extension: '1002' }), { status: 200, body: { state: 'talking' } })
    await cust.hangup()
    t.match(await when(call, 'over', c => c.state === 'ended'), {
      endedBy: 'caller',
      legs: [{}, { extension: '1001', reason: 'transferred' }, { extension: '1002' }],
      agents: [{ extension: '1001' }, { extension: '1002', talkedMs: Number }],
    })
  },
)

t.test('1002#: all three at once', async t => {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const { status, body } = await transfer(call, '1002#')
  t.match({ status, body }, { status: 201, body: { kind: 'three-way', to: { extension: '1002' } } })
  await ben.until('ringing')
  await ben.answer()
  const all = await when(call, 'a conference', c => c.segments.at(-1)?.kind === 'conference')
  t.match(all, { transfers: [{ id: body.id, state: 'done', outcome: 'answered' }] })
  t.equal(all.legs.length, 3)
  t.match((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls, { length: 1 })
  t.match(await press(call, 'hangup'), { status: 200, body: { state: 'ended', endedBy: 'command' } }, 'for all three')
})

t.test('to a number outside, and to a workgroup; and somebody outside is brought in', async t => {
  const far = await answerTrunk(lab, { ringMs: 50, talkMs: 3_000 })
  t.teardown(() => far.kill())
  const { cust, ana, ben } = await cast(t)
  const outside = await talk(cust, '1001', ana)
  t.match(await transfer(outside, '0170 5551234'), { status: 201, body: { to: { number: '01705551234' } } })
  await when(outside, 'outside', c => c.transfers[0]?.outcome === 'answered')
  await cust.hangup()
  await when(outside, 'over', c => c.state === 'ended')

  const three = await talk(cust, '1001', ana)
  t.match(await press(three, 'add', { to: '0170 5551234' }), { status: 200 })
  await when(three, 'a conference', c => c.segments.at(-1)?.kind === 'conference')
  t.match((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls, { length: 1 })
  await cust.hangup()
  await ana.hangup()
  await when(three, 'over', c => c.state === 'ended')

  const queued = await talk(cust, '1001', ana)
  t.match(await transfer(queued, '2009'), { status: 409, body: { code: 'QUEUE_UNATTENDED' } })
  t.match(await crm.post('/v1/agents/lab:8002/sign-in', { extension: '1002' }), { status: 200 })
  t.match(await transfer(queued, '2009'), { status: 201, body: { to: { number: '2009' } } })
  await ben.until('ringing')
  await ben.answer()
  await when(queued, 'with Ben', c => c.state === 'talking' && c.queues[0]?.outcome === 'answered')
  t.match(await callNow(queued), { id: queued, transfers: [{ outcome: 'queued' }], queues: [{ agent: '8002' }] })
  t.match(await transfer(queued, '1001*', { by: '8002' }), { status: 201, body: { extension: '1002' } })
  await ana.until('ringing')
  await ana.answer()
  const asked = await when(queued, 'consulting', c => c.transfers[1]?.state === 'consulting')
  const id = asked.transfers[1]?.id
  t.match(await press(queued, `transfers/${id ?? ''}/complete`, { by: '8003' }), { status: 403 })
  t.match(await press(queued, `transfers/${id ?? ''}/complete`, { by: '8002' }), { status: 200 })
  await cust.hangup()
  t.match(await when(queued, 'over', c => c.state === 'ended'), { transfers: [{}, { outcome: 'answered' }] })
  await crm.post('/v1/agents/lab:8002/sign-out', { force: true })
})

t.test('to an agent, by the staff id', async t => {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const toAgent = (agent: string, more: object = {}) => press<TransferView>(call, 'transfers', { agent, ...more })
  t.match(await toAgent('8002'), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
  t.match(await crm.post('/v1/agents/lab:8002/sign-in', { extension: '1002' }), { status: 200 })
  for (const agent of ['none', '${SHELL(id)}', '8002\r\nAction: Logoff'])
    t.match(await toAgent(agent), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
  t.match(await press(call, 'transfers', { agent: '8002', to: '1002' }), { status: 400 })
  t.match(await press(call, 'transfers'), { status: 400 })
  const { body } = await toAgent('8002', { kind: 'attended' })
  t.match(body, { kind: 'attended', to: { extension: '1002' } })
  t.match(await step(call, body.id, 'cancel'), { status: 200, body: { outcome: 'cancelled' } })
  await ben.until('closed')
  await when(call, 'back', c => c.state === 'talking')
  t.match(await toAgent('8002'), { status: 201, body: { kind: 'blind', to: { extension: '1002' } } })
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'with Ben', c => c.transfers[1]?.outcome === 'answered')
  t.match(await toAgent('8002', { by: '8002' }), { status: 422, body: { code: 'TRANSFER_TO_SELF' } })
  await cust.hangup()
  await crm.post('/v1/agents/lab:8002/sign-out', { force: true })
})

t.test('what cannot be is refused, and the customer goes on talking', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const refused = async (to: string, status: number, code: string) =>
    t.match(await transfer(call, to), { status, body: { code } }, encodeURIComponent(to))
  for (const to of ['1002,,,S(1)', '1002&PJSIP/boss', '${SHELL(id)}', '1002\r\nAction: Logoff', '1002\u0000'])
    await refused(to, 422, 'NUMBER_NOT_ALLOWED')
  await refused('1001', 422, 'TRANSFER_TO_SELF')
  await refused('1019', 409, 'EXTENSION_UNREACHABLE')
  await refused('3999', 422, 'NUMBER_UNKNOWN')
  await refused('00442079460000', 422, 'NUMBER_CLASS_FORBIDDEN')
  t.match(await transfer(call, '1002', { extension: '1003' }), { status: 409, body: { code: 'NOT_IN_CALL' } })
  t.match(await transfer('lab:none', '1002'), { status: 404, body: { code: 'CALL_NOT_FOUND' } })
  t.match(await crm.post(`/v1/calls/${call}/transfers?dryRun=true`, { to: '1002' }), {
    status: 200,
    body: { transfers: [] },
  })
  t.match(await crm.post(`/v1/calls/${call}/transfers?dryRun=true`, { to: '3999' }), { status: 422 })
  t.match(await when(call, 'talking', c => c.state === 'talking'), { transfers: [] })
  const [one, two] = await Promise.all([transfer(call, '1002'), transfer(call, '1002*')])
  t.match([one.status, two.status].sort(), [201, 409])
  t.match(
    [one.body.code, two.body.code].filter(code => code !== undefined),
    ['CALL_BUSY'],
  )
  await cust.hangup()
  await when(call, 'over', c => c.state === 'ended')
  t.match(await transfer(call, '1002'), { status: 409, body: { code: 'CALL_ENDED' } })
})

t.end()
