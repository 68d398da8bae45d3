/** Numbers as people write them, dialled over the API at the real PBX: by the rules, by right, and only what is a number. */
import t from 'tap'
import { openAmi } from '../../lab/ami.js'
import { answerTrunk } from '../../lab/sipp.js'
import type { NumberView } from '../../src/events/number.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { anExchange, KEY } from '../given/exchange.js'

const { lab, crm, phone, daemon, restart } = await anExchange(t, {
  agents: { directory: DIRECTORY },
  dialling: { form: 'national', ownArea: '30', emergency: ['110', '112'], forbidden: ['+49180*'] },
})
const { ask } = agentsOf(crm)
type Dialled = { id: string; code?: string }
const dial = (to: string, more: object = {}) => crm.post<Dialled>('/v1/calls', { from: '1001', to, ...more })
const explain = async (number: string, more: object = {}) =>
  (await crm.post<NumberView>('/v1/numbers/explain', { number, from: '1001', ...more })).body

t.test('a number as the CRM has it, and the id that it knows the call by', async t => {
  const [ana, far] = await Promise.all([phone({ extension: '1001' }), answerTrunk(lab, { ringMs: 50, talkMs: 200 })])
  const stream = await crm.webSocket()
  const { status, body } = await dial('+49 (89) 123-4567', { data: { case: '4711' } })
  t.equal(status, 201)
  t.match((await stream.next('call.recorded', body.id)).data.call, {
    ...{ direction: 'outbound', outcome: 'answered', to: { number: '0891234567', e164: '+49891234567' } },
  })
  t.ok(stream.all.length > 3)
  for (const { type, subject, data } of stream.all.filter(e => e.type.startsWith('call.')))
    t.match({ subject, data: data.call.data }, { subject: body.id, data: { case: '4711' } }, type)
  t.match((await crm.get(`/v1/history/${body.id}`)).body, { data: { case: '4711' } })
  t.match(await explain('+49 (89) 123-4567'), {
    ...{ number: '+49 (89) 123-4567', allowed: true, class: 'national', dials: '0891234567', e164: '+49891234567' },
    reasons: [{ rule: 'is-national', text: 'It is a number of the own country.' }],
  })
  stream.close()
  await Promise.all([ana.close(), far.kill()])
})

t.test('what is refused reaches no phone, whatever it looks like', async t => {
  const ana = await phone({ extension: '1001' })
  const stream = await crm.webSocket()
  for (const to of ['1002,,,S(1)', '1002&PJSIP/1003', '${SHELL(id)}', '1002\r\nAction: Logoff', '1002\u0000'])
    t.match(await dial(to), { status: 422, body: { code: 'NUMBER_NOT_ALLOWED' } }, encodeURIComponent(to))
  for (const to of ['+44 20 7946 0000', '00442079460000', '0900 1234567', '010330442079460000'])
    t.match(await dial(to), { status: 422, body: { code: 'NUMBER_CLASS_FORBIDDEN' } }, to)
  for (const to of ['0180 2123456', '+491802123456', '00491802123456'])
    t.match(await dial(to), { status: 422, body: { code: 'NUMBER_FORBIDDEN' } }, to)
  t.match(await dial('1002', { data: { case: 4711 } }), { status: 400 })
  t.match(await explain('0180 2123456'), { allowed: false, code: 'NUMBER_FORBIDDEN' })
  const { id } = (await dial('1002')).body
  t.equal((await stream.next('call.started')).subject, id, 'the first call of all that was asked')
  await crm.post(`/v1/calls/${id}/hangup`)
  stream.close()
  await ana.close()
})

t.test('a command that comes twice is one call, also for the next daemon', async t => {
  const ana = await phone({ extension: '1001' })
  const ben = await phone({ extension: '1002' })
  const once = async () => {
    const answer = await fetch(`${daemon().address}/v1/calls`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'idempotency-key': 'once' },
      body: JSON.stringify({ from: '1001', to: '1002' }),
    })
    const body = await answer.text()
    return { status: answer.status, location: answer.headers.get('location'), body }
  }
  const [first] = await Promise.all([once(), ben.until('ringing')])
  t.match(first, { status: 201 })
  t.strictSame(await once(), first)
  t.equal((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls.length, 1)
  await restart()
  t.strictSame(await once(), first)
  t.equal((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls.length, 1)
  await crm.post(`/v1/calls/${(JSON.parse(first.body) as Dialled).id}/hangup`)
  await Promise.all([ana.close(), ben.close()])
})

t.test('a number outside is shown that of the workgroup, one inside the extension', async t => {
  const far = await answerTrunk(lab, { ringMs: 50, talkMs: 100 })
  const [ana, ben] = await Promise.all([phone({ extension: '1001' }), phone({ extension: '1002' })])
  const workgroup = (await crm.get<object>('/v1/workgroups/team-b')).body
  t.match(await crm.put('/v1/workgroups/team-b', { ...workgroup, callerId: '+4930777' }), { status: 200 })
  t.match(await crm.put('/v1/workgroups/team-b', { ...workgroup, callerId: '777)' }), { status: 400 })
  t.match(await dial('0891234567', { workgroup: 'nobody' }), { status: 422, body: { code: 'WORKGROUP_UNKNOWN' } })
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  const shownBy = async (to: string, more: object = {}) => {
    const { id } = (await dial(to, more)).body
    const dialled = await ami.frames.until(
      'a phone to be dialled',
      f => f['Event'] === 'DialBegin' && `lab:${f['Uniqueid'] ?? ''}` === id,
      10_000,
    )
    await crm.post(`/v1/calls/${id}/hangup`)
    return dialled['CallerIDNum']
  }
  t.match(await shownBy('0891234567'), /1001$/, 'as the site has it')
  t.equal(await shownBy('0891234567', { workgroup: 'team-b' }), '+4930777')
  t.equal(await shownBy('0891234567', { by: '8001' }), '+4930777', 'of her workgroups, the first that has one')
  t.equal(await shownBy('1002', { workgroup: 'team-b' }), '1001')
  ami.close()
  await Promise.all([ana.close(), ben.close(), far.kill()])
})

t.test('abroad by right; the phone of somebody else is theirs', async t => {
  const [ana, far] = await Promise.all([phone({ extension: '1001' }), answerTrunk(lab, { ringMs: 50, talkMs: 200 })])
  t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200 })
  t.match(await dial('1002', { by: '8002' }), { status: 403, body: { code: 'RIGHT_MISSING' } })
  t.match(await dial('+44 20 7946 0000'), { status: 422, body: { code: 'NUMBER_CLASS_FORBIDDEN' } })
  const role = { id: 'agent', name: 'Agent', rights: ['dial-international'], includes: [] }
  t.match(await crm.put('/v1/roles/agent', role), { status: 200 })
  t.match(await explain('+44 20 7946 0000'), { allowed: true, dials: '00442079460000', country: 'GB' })
  t.match(await explain('+44 20 7946 0000', { by: '8001' }), { allowed: true })
  t.match(await explain('+44 20 7946 0000', { from: '1002' }), { allowed: false }, 'where nobody has signed in')
  const stream = await crm.webSocket()
  const { body } = await dial('+44 20 7946 0000', { by: '8001' })
  t.match((await stream.next('call.ended', body.id)).data.call, {
    ...{ outcome: 'answered', to: { number: '00442079460000', e164: '+442079460000' } },
  })
  stream.close()
  await Promise.all([ana.close(), far.kill()])
})

t.end()
