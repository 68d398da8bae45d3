/** Real calls between real phones at a real Asterisk, as a CRM sees them that knows only the API. */
import t, { type Test } from 'tap'
import type { Phone } from '../../lab/phone.js'
import { answerTrunk, callIn } from '../../lab/sipp.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'

type Found = { calls: CallView[] }
const { lab, crm, phone } = await anExchange(t, { ringForS: 3 })
/** Each story has phones of its own: one left in a call would put it on hold in the next. */
async function phones(t: Pick<Test, 'teardown'>) {
  const [ana, ben] = await Promise.all([phone({ extension: '1001' }), phone({ extension: '1002' })])
  t.teardown(() => Promise.all([ana.close(), ben.close()]))
  return { ana, ben }
}
const live = async () => (await crm.get<Found>('/v1/calls')).body.calls

t.test('Ana calls Ben: seen over WebSocket, SSE, REST and in the history, all the same', async t => {
  const { ana, ben } = await phones(t)
  const [socket, sse] = await Promise.all([crm.webSocket(), crm.sse()])
  await ana.dial('1002')
  const started = await socket.next('call.started')
  const id = started.subject
  t.match(started.data.call, {
    direction: 'internal',
    from: { extension: '1001' },
    to: { extension: '1002' },
    state: 'started',
  })
  t.match((await socket.next('call.ringing', id)).data.call.offers, [{ extension: '1002' }])
  t.match(await live(), [{ id, state: 'ringing' }])
  await ben.until('ringing')
  await ben.answer()
  t.match((await socket.next('call.answered', id)).data.call, {
    state: 'talking',
    segments: [{ kind: 'offer' }, { kind: 'talk' }],
  })
  t.match((await crm.get(`/v1/calls/${id}`)).body, { id, state: 'talking' })
  await ana.until('established')
  await ben.hangup()
  const ended = await socket.next('call.ended', id)
  t.match(ended.data.call, { outcome: 'answered', endedBy: 'callee', causeQ850: 16 })
  t.strictSame(await live(), [])
  const recorded = await socket.next('call.recorded', id)
  await sse.next('call.recorded', id)
  t.strictSame(sse.texts, socket.texts, 'the same bytes')
  const { body: record } = await crm.get(`/v1/history/${id}`)
  t.strictSame(record, recorded.data.call)
  t.strictSame((await crm.get(`/v1/calls/${id}`)).body, record, 'its address answers for ever')
  const { durationMs = 0, waitedMs = 0, talkedMs = 0 } = record
  t.ok(Math.abs(durationMs - waitedMs - talkedMs) <= 50, `${durationMs} = ${waitedMs} + ${talkedMs}`)
  socket.close()
  sse.close()
})

t.test('the snapshot tells what it is connected to', async t => {
  const { body } = await crm.get<{ pbxs: { ami: { version: string }; ari: { version: string } }[] }>('/v1/snapshot')
  t.match(body.pbxs, [
    { name: 'lab', ami: { state: 'ready', version: /^22\./ }, ari: { state: 'ready', version: /^22\./ } },
  ])
})

t.test('a client that was away goes on from its cursor', async t => {
  const { ana, ben } = await phones(t)
  const { body } = await crm.get<{ cursor: string; calls: CallView[] }>('/v1/snapshot')
  t.strictSame(body.calls, [])
  await ana.dial('1002')
  await ben.until('ringing')
  await ben.answer()
  await ben.until('established')
  await ana.hangup()
  await ben.until('closed')
  const first = await crm.webSocket(`after=${body.cursor}`)
  const recorded = await first.next('call.recorded')
  t.strictSame(
    // A phone that is in a call is a member of queues, too, and they tell of it; and its status line changes.
    first.all.map(e => e.type).filter(type => type.startsWith('call.') && type !== 'call.changed'),
    ['call.started', 'call.ringing', 'call.answered', 'call.ended', 'call.recorded'],
  )
  t.match(recorded.data.call, { endedBy: 'caller' })
  const middle = first.all[2]?.cursor ?? ''
  const [again, resumed] = await Promise.all([
    crm.webSocket(`after=${middle}`),
    crm.sse('', { 'last-event-id': middle }),
  ])
  await Promise.all([again.next('call.recorded'), resumed.next('call.recorded')])
  t.strictSame(again.texts, first.texts.slice(3))
  t.strictSame(resumed.texts, first.texts.slice(3))
  for (const stream of [first, again, resumed]) stream.close()
})

const unanswered: { story: string; meet: (ana: Phone, ben: Phone) => Promise<void>; expect: object }[] = [
  {
    story: 'Ben is busy',
    meet: (_, ben) => ben.reject(486),
    expect: { outcome: 'busy', endedBy: 'callee', causeQ850: 17 },
  },
  {
    story: 'Ben declines',
    meet: (_, ben) => ben.reject(603),
    expect: { outcome: 'rejected', endedBy: 'callee', causeQ850: 21 },
  },
  { story: 'Ana gives up', meet: ana => ana.hangup(), expect: { outcome: 'cancelled', endedBy: 'caller' } },
  {
    story: 'Ben lets it ring',
    meet: () => Promise.resolve(),
    expect: { outcome: 'no-answer', endedBy: 'pbx', offers: [{ result: 'no-answer' }] },
  },
]
for (const { story, meet, expect } of unanswered) {
  t.test(story, async t => {
    const { ana, ben } = await phones(t)
    const socket = await crm.webSocket('types=call.*')
    await ana.dial('1002')
    await ben.until('ringing')
    await meet(ana, ben)
    const { data } = await socket.next('call.ended')
    t.match(data.call, { ...expect, talkedMs: 0 })
    t.notOk(data.call.answeredAt)
    await Promise.all([ana.until('closed'), ben.until('closed')])
    socket.close()
  })
}

t.test('an extension whose phone is not there', async t => {
  const { ana } = await phones(t)
  const socket = await crm.webSocket()
  await ana.dial('1009')
  t.match((await socket.next('call.ended')).data.call, { outcome: 'unreachable', endedBy: 'pbx', offers: [] })
  await ana.until('closed')
  socket.close()
})

t.test('a customer calls over the trunk, Ben answers, the customer hangs up', async t => {
  const { ben } = await phones(t)
  const socket = await crm.webSocket('extension=1002')
  await callIn(lab, { from: '01711234567', to: '493012341002', talkMs: 300 })
  await ben.until('ringing')
  await ben.answer()
  const { data } = await socket.next('call.ended')
  t.match(data.call, {
    direction: 'inbound',
    outcome: 'answered',
    endedBy: 'caller',
    from: { number: '01711234567', e164: '+491711234567' },
    legs: [{ trunk: 'trunk' }, { extension: '1002' }],
  })
  t.notOk(data.call.from.extension)
  const { id } = data.call
  await socket.next('call.recorded', id)
  for (const query of [
    'number=%2B491711234567',
    'number=01711234567',
    `extension=1002&from=${encodeURIComponent(data.call.startedAt)}`,
  ]) {
    t.match(
      (await crm.get<Found>(`/v1/history?${query}`)).body.calls.map(c => c.id),
      [id],
      query,
    )
  }
  t.strictSame((await crm.get<Found>('/v1/history?number=%2B491711234567&extension=1001')).body.calls, [])
  socket.close()
})

t.test('a customer gives up while it rings', async t => {
  const { ben } = await phones(t)
  const socket = await crm.webSocket()
  await callIn(lab, { from: '01711234567', to: '493012341002', giveUpAfterMs: 300 })
  t.match((await socket.next('call.ended')).data.call, {
    direction: 'inbound',
    outcome: 'cancelled',
    endedBy: 'caller',
  })
  await ben.until('ringing')
  await ben.until('closed')
  socket.close()
})

t.test('Ana calls outside: somebody answers there and hangs up; then it is busy', async t => {
  const { ana } = await phones(t)
  const socket = await crm.webSocket()
  const answers = await answerTrunk(lab, { ringMs: 100, talkMs: 300 })
  await ana.dial('030987654')
  t.match((await socket.next('call.ended')).data.call, {
    direction: 'outbound',
    outcome: 'answered',
    endedBy: 'callee',
    to: { number: '030987654', e164: '+4930987654' },
  })
  await answers.kill()
  const busy = await answerTrunk(lab, { refusal: '486 Busy Here' })
  await ana.dial('030987654')
  t.match((await socket.next('call.ended')).data.call, { direction: 'outbound', outcome: 'busy', endedBy: 'callee' })
  await busy.kill()
  socket.close()
})

t.test('dialled and hung up over REST', async t => {
  const { ana, ben } = await phones(t)
  const socket = await crm.webSocket()
  const { status, body } = await crm.post<{ id: string; causedBy: string }>('/v1/calls', { from: '1001', to: '1002' })
  t.equal(status, 201)
  t.match(
    (await crm.get(`/v1/calls/${body.id}`)).body,
    {
      id: body.id,
      causedBy: body.causedBy,
      direction: 'internal',
      from: { extension: '1001' },
      to: { extension: '1002' },
    },
    'whoever asks next sees it',
  )
  await ana.until('established')
  await ben.until('ringing')
  await ben.answer()
  await socket.next('call.answered', body.id)
  const hangup = await crm.post(`/v1/calls/${body.id}/hangup`)
  t.equal(hangup.status, 200)
  t.match(hangup.body, { id: body.id, state: 'ended', outcome: 'answered', endedBy: 'command' })
  await socket.next('call.recorded', body.id)
  t.strictSame(
    socket.all.filter(e => e.subject === body.id && e.type !== 'call.changed').map(e => e.type),
    ['call.started', 'call.ringing', 'call.answered', 'call.ended', 'call.recorded'],
  )
  await Promise.all([ana.until('closed'), ben.until('closed')])
  t.match(await crm.post(`/v1/calls/${body.id}/hangup`), { status: 409, body: { code: 'CALL_ENDED' } })
  socket.close()
})

t.test('hung up over REST while it rings', async t => {
  const { ana, ben } = await phones(t)
  await ana.dial('1002')
  await ben.until('ringing')
  const [call] = await live()
  t.match(await crm.post(`/v1/calls/${call?.id ?? ''}/hangup`), {
    status: 200,
    body: { outcome: 'cancelled', endedBy: 'command' },
  })
  await ben.until('closed')
})

t.test('what cannot be dialled is refused, and the PBX hears nothing of it', async t => {
  const before = await lab.asterisk.cli('core show channels count')
  t.match(await crm.post('/v1/calls', { from: '1009', to: '1002' }), {
    status: 409,
    body: { code: 'EXTENSION_UNREACHABLE' },
  })
  for (const to of [
    '1002\r\nAction: Originate',
    '1002&PJSIP/1003',
    '${SHELL(id)}',
    'sip:boss@127.0.0.1',
    '1002,1',
    '１００２,1',
  ])
    t.match(
      await crm.post('/v1/calls', { from: '1001', to }),
      { status: 422, body: { code: 'NUMBER_NOT_ALLOWED' } },
      to,
    )
  for (const from of ['trunk', '1001@x', '1001\n', '9999'])
    t.match(
      await crm.post('/v1/calls', { from, to: '1002' }),
      { status: 422, body: { code: 'EXTENSION_UNKNOWN' } },
      from,
    )
  t.equal((await lab.asterisk.cli('core show channels count')).split('\n')[0], before.split('\n')[0])
  t.strictSame(await live(), [])
})

t.end()
