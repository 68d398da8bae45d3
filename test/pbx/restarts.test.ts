/** Whatever ends and begins again in the middle of a call: the call keeps its id, and what was lost is said to be. */
import t, { type Test } from 'tap'
import { pino } from 'pino'
import { labConfig } from '../../lab/daemon.js'
import { act, listen } from '../../lab/stories/stage.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import { startDaemon } from '../../src/daemon.js'
import type { CallView } from '../../src/events/call.js'
import type { QueueView } from '../../src/events/queue.js'
import { aCrm, anExchange, KEY, type Told } from '../given/exchange.js'

/** Ben is rung, and has ten seconds to press 1. */
const CONFIRM = `
[from-phones](+)
exten => 2290,1,Dial(PJSIP/1002,30,U(slow-confirm))
 same => n,Hangup()

[slow-confirm]
exten => s,1,Read(ACCEPTED,,1,,1,10)
 same => n,ExecIf($["\${ACCEPTED}" != "1"]?Set(GOSUB_RESULT=CONTINUE))
 same => n,Return()`
const { lab, crm, phone, daemon, restart } = await anExchange(t, { more: { 'extensions.conf': CONFIRM } })
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
    after.all.filter(e => e.data.link !== 'ari' && /^(call|pbx)\.(?!changed)/.test(e.type)).map(e => e.type),
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

/** Until the test is over, Dora's phone is a member of a queue. What the PBX and the daemon tell from now on. */
async function withDora(t: Test) {
  const ami = await listen(lab)
  const member = { Queue: 'ringall', Interface: 'PJSIP/1004' }
  t.teardown(async () => {
    await act(ami, 'QueueRemove', member)
    ami.close()
  })
  await act(ami, 'QueueAdd', { ...member, MemberName: 'Dora' })
  return { ami, before: await crm.webSocket() }
}

t.test('the daemon begins while the PBX cannot be reached: what is answered is what was published last', async t => {
  const [ana, dora] = await Promise.all([phone({ extension: '1001' }), phone({ extension: '1004' })])
  const { before } = await withDora(t)
  await ana.dial('2001')
  await dora.until('ringing')
  await retry(lab.clock, 'the caller to wait, and the phone to ring', 10_000, () => {
    const now = before.all.findLast(e => e.type === 'queue.changed')?.data.queue.counts
    return Promise.resolve((now?.waiting === 1 && now.ringing === 1) || undefined)
  })
  await daemon().stop()
  await before.closed
  const newest = new Map<string, object>()
  for (const { data } of before.all) {
    const { queue, extension, call } = data as Partial<Told['data']>
    for (const thing of [queue, extension, call]) if (thing) newest.set(thing.id, thing)
  }
  const config = labConfig(lab, { key: KEY, ami: { port: 1 } })
  const alone = await startDaemon(config, 'test', pino({ level: 'silent' }), () => undefined)
  const away = aCrm(lab, () => alone.address)
  for (const list of ['queues', 'extensions', 'calls'] as const) {
    const { body } = await away.get<Record<typeof list, { id: string; revision: number }[]>>(`/v1/${list}`)
    const published = body[list].filter(({ id }) => newest.has(id))
    t.strictSame(published, published.map(({ id }) => newest.get(id)), list) // prettier-ignore
    t.ok(published.length > 0, `${published.length} ${list}`)
  }
  const { queues } = (await away.get<{ queues: QueueView[] }>('/v1/queues')).body
  const queue = queues.find(({ name }) => name === 'ringall')
  t.match(queue, { waiting: [{ position: 1 }], members: [{ name: 'Dora', state: 'ringing' }] })
  await alone.stop()
  await restart()
  await ana.hangup()
  await Promise.all([ana.close(), dora.close()])
})

t.test('calls are answered, put on hold and parked while the daemon is away', async t => {
  const [ana, ben, cleo, dora] = await Promise.all(
    ['1001', '1002', '1003', '1004'].map(extension => phone({ extension })),
  )
  if (!ana || !ben || !cleo || !dora) throw new Error('four phones')
  const { ami, before } = await withDora(t)
  await ana.dial('1002')
  await ben.until('ringing')
  const { subject: direct } = await before.next('call.ringing')
  await cleo.dial('2001')
  await dora.until('ringing')
  const { subject: queued } = await before.next('call.ringing')
  t.not(direct, queued)
  await daemon().stop()
  await Promise.all([ben.answer(), dora.answer()])
  await Promise.all([ana, ben, cleo, dora].map(one => one.until('established')))
  await restart()
  const now = async (id: string) => (await crm.get(`/v1/calls/${id}`)).body
  t.match(await now(direct), { state: 'talking', inferred: true, offers: [{ extension: '1002', result: 'answered' }] })
  t.match(await now(queued), {
    state: 'talking',
    queues: [{ queue: 'ringall', outcome: 'answered', extension: '1004' }],
    offers: [{ extension: '1004', queue: 'ringall', result: 'answered' }],
  })

  await daemon().stop()
  await ana.hold()
  await ami.frames.until('Hold', frame => frame['Event'] === 'Hold', 10_000)
  await dora.press('#72')
  await ami.frames.until('ParkedCall', frame => frame['Event'] === 'ParkedCall', 10_000)
  await dora.clear()
  await restart()
  t.match(await now(direct), { state: 'held' })
  t.match(await now(queued), { state: 'parked', segments: [{}, {}, { kind: 'park', name: '701' }] })

  await daemon().stop()
  await ana.resume()
  await ami.frames.until('Unhold', frame => frame['Event'] === 'Unhold', 10_000)
  await restart()
  t.match(await now(direct), { state: 'talking' })
  const after = await crm.webSocket()
  await ana.hangup()
  const { call } = (await after.next('call.recorded', direct)).data
  t.match(call, { outcome: 'answered', endedBy: 'caller', inferred: true })
  const [talked] = call.agents.filter(({ extension }) => extension === '1002')
  t.ok(talked && talked.rangMs + talked.talkedMs + talked.heldMs <= (call.durationMs ?? 0), 'the ringing has ended')
  await cleo.hangup()
  await after.next('call.recorded', queued)
  t.notOk(after.all.some(({ type }) => type === 'call.held'))
  before.close()
  after.close()
  await Promise.all([ana, ben, cleo, dora].map(one => one.close()))
})

t.test('answered while the daemon is away: the ringing, the wait and the talk are as long as they were', async t => {
  const [ana, cleo] = await Promise.all(['1001', '1003'].map(extension => phone({ extension })))
  if (!ana || !cleo) throw new Error('two phones')
  const ami = await listen(lab)
  t.teardown(() => ami.close())
  const member = { Queue: 'ringall', Interface: 'Local/1001@agents/n' }
  await act(ami, 'QueueAdd', { ...member, MemberName: 'Ana' })
  for (const dialled of ['1001', '2001']) {
    const before = await crm.webSocket()
    await cleo.dial(dialled)
    await ana.until('ringing')
    const { subject: id } = await before.next('call.ringing')
    const rings = lab.clock.now()
    await daemon().stop()
    await ana.answer()
    await cleo.until('established')
    const rang = lab.clock.now() - rings
    await sleep(lab.clock, 4_000)
    await restart()
    const after = await crm.webSocket()
    await cleo.hangup()
    const talked = lab.clock.now() - rings - rang
    const { call } = (await after.next('call.recorded', id)).data
    const isNear = (told: number | null | undefined, ms: number, what: string) =>
      t.ok(Math.abs((told ?? Infinity) - ms) <= 500, `${dialled} ${what}: ${told}, and not ${ms}`)
    const [agent] = call.agents.filter(({ extension }) => extension === '1001')
    isNear(agent?.rangMs, rang, 'rangMs')
    isNear(agent?.talkedMs, talked, 'talkedMs')
    isNear(call.talkedMs, talked, 'talkedMs of the call')
    if (dialled === '2001') isNear(call.queues[0]?.waitedMs, rang, 'waitedMs')
    t.match(call, { outcome: 'answered', inferred: true })
    before.close()
    after.close()
    await Promise.all([ana.clear(), cleo.clear()])
  }
  await act(ami, 'QueueRemove', member)
  await Promise.all([ana.close(), cleo.close()])
})

t.test('a phone that asks for a key, and the daemon is away before or while it is pressed', async t => {
  const [ana, ben] = await Promise.all(['1001', '1002'].map(extension => phone({ extension })))
  if (!ana || !ben) throw new Error('two phones')
  const rung = async () => {
    const stream = await crm.webSocket()
    await ana.dial('2290')
    await ben.until('ringing')
    const { subject: id } = await stream.next('call.ringing')
    stream.close()
    return id
  }
  const picksUp = async () => {
    await ben.answer()
    await ben.until('established')
  }
  const recorded = async (id: string, ends: () => Promise<unknown>) => {
    const stream = await crm.webSocket()
    await ends()
    const { call } = (await stream.next('call.recorded', id)).data
    t.notOk(stream.all.some(({ type }) => type === 'call.held'))
    stream.close()
    await Promise.all([ana.clear(), ben.clear()])
    return call
  }

  const accepted = await rung()
  await picksUp()
  await daemon().stop()
  await ben.press('1')
  await ana.until('established')
  await restart()
  t.match((await crm.get(`/v1/calls/${accepted}`)).body, { state: 'talking', offers: [{ result: 'answered' }] })
  const talked = await recorded(accepted, () => ana.hangup())
  t.match(talked, { outcome: 'answered', heldMs: 0, offers: [{ extension: '1002', result: 'answered' }] })

  const refused = await rung()
  await daemon().stop()
  await picksUp()
  await restart()
  const { offers, answeredAt } = (await crm.get(`/v1/calls/${refused}`)).body
  t.strictSame([offers[0]?.result, answeredAt], [undefined, undefined], 'it is still asked')
  const call = await recorded(refused, () => ben.press('2'))
  t.match(call, { outcome: 'no-answer', talkedMs: 0, offers: [{ extension: '1002', result: 'not-accepted' }] })
  await Promise.all([ana.close(), ben.close()])
})

t.test('a member behind a Local channel is first rung while the daemon is away, and rings out', async t => {
  const [ana, cleo] = await Promise.all(['1001', '1003'].map(extension => phone({ extension })))
  if (!ana || !cleo) throw new Error('two phones')
  const ami = await listen(lab)
  t.teardown(() => ami.close())
  const stream = await crm.webSocket()
  const member = { Queue: 'linear', Interface: 'Local/1003@agents/n' }
  await ana.dial('2007')
  const { subject: id } = await stream.next('call.queued')
  await daemon().stop()
  await act(ami, 'QueueAdd', { ...member, MemberName: 'Cleo' })
  await cleo.until('ringing')
  await restart()
  const after = await crm.webSocket()
  await ami.frames.until('RINGNOANSWER', frame => frame['Event'] === 'AgentRingNoAnswer', 10_000)
  await act(ami, 'QueueRemove', member)
  await ana.hangup()
  const { call } = (await after.next('call.recorded', id)).data
  t.match(call.offers[0], {
    ...{ extension: '1003', queue: 'linear', member: 'Cleo', via: /./, result: 'no-answer' },
  })
  t.match(call.queues, [{ queue: 'linear', outcome: 'abandoned' }])
  after.close()
  await Promise.all([ana.close(), cleo.close()])
})

t.test('Asterisk is stopped in order while a caller waits: the caller is lost, and the PBX has ended it', async t => {
  const ana = await phone({ extension: '1001' })
  const stream = await crm.webSocket()
  await ana.dial('2001')
  const { subject: id } = await stream.next('call.queued')
  await lab.asterisk.cli('core stop now')
  const { call } = (await stream.next('call.recorded', id)).data
  t.match(call, { outcome: 'lost', endedBy: 'pbx', queues: [{ queue: 'ringall', outcome: 'lost' }] })
  t.notOk(call.inferred, 'the PBX has told of it')
  await retry(lab.clock, 'it to be gone', 10_000, () => Promise.resolve(lab.asterisk.pid() === undefined || undefined))
  await lab.asterisk.start()
  await stream.next('pbx.resynced')
  stream.close()
  await ana.close()
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
  t.match((await stream.next('call.ended', id)).data.call, { inferred: true, outcome: 'answered', endedBy: 'pbx' })
  await stream.next('pbx.resynced')
  t.strictSame((await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls, [])
  await retry(lab.clock, 'ARI to be back, too', 10_000, async () => ((await ready()).status === 200 ? true : undefined))
  stream.close()
})

t.end()
