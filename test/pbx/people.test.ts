/** Whose calls they are, on real phones: an agent's, however the call came to their phone, and whatever a queue calls its member. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import type { QueueView } from '../../src/events/queue.js'
import type { Routing } from '../../src/events/routing.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { retry } from '../../lab/wait.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { anOffice, askingFirst, CALLER, fromOutside } from '../given/softphone.js'

const HOTLINE = askingFirst('7701')
const office = await anOffice(t, {
  ringForS: 10,
  agents: { directory: DIRECTORY },
  routing: {
    routes: [
      {
        ...{ name: 'hotline', dialled: [HOTLINE], to: { number: '2009' } },
        dedicated: { lastAgentWithinMs: 3_600_000, ringForMs: 8_000 },
      },
    ],
  },
  more: {
    'queues.conf': '[delayed](lab)\nmemberdelay = 2\nmember => PJSIP/1002,0,Alice',
    'extensions.conf': '[queues]\nexten => 2090,1,Gosub(queue,s,1(delayed))',
  },
})
const { lab, crm, phoneAt, press, transfer, when, cast } = office
const { ask, agent } = agentsOf(crm)
const { cust, ana, ben } = await cast(t)
const cleo = await phoneAt('1003')
t.teardown(() => cleo.close())
await ask('8001', 'sign-in', { extension: '1001' })
await ask('8002', 'sign-in', { extension: '1002' })
await ask('8003', 'sign-in', { extension: '1003' })
const stream = await crm.webSocket('types=call.*')

const live = async () => (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
/** The one live call, as soon as it is as it should be. */
const theCall = (what: string, fits: (call: CallView) => boolean) =>
  retry(lab.clock, what, 10_000, async () => (await live()).find(fits))
const isTalk = ({ state }: CallView) => state === 'talking'
const rings = async (to: string) => {
  await cust.dial(fromOutside(to))
  return theCall('the call to ring', c => c.offers.some(o => o.ringingAt !== undefined && o.result === undefined))
}
const over = async (id: string): Promise<CallView> => {
  for (const { id: call } of await live()) await press(call, 'hangup')
  return (await stream.next('call.recorded', id)).data.call
}
const byAgent = async (staff: string) =>
  (await crm.get<{ calls: CallView[] }>(`/v1/history?agent=${staff}&limit=100`)).body.calls.map(c => c.id)
const agentsIn = (call: CallView) => call.agents.map(share => share.agent).sort()

/** Each leaves one call live, in which 8001 and the other one are, or have been. */
const ways: Record<string, { play: () => Promise<CallView> }> = {
  'click to dial': {
    async play() {
      const made = crm.post('/v1/calls', { from: '1001', to: '1002' })
      await ben.until('ringing')
      await ben.answer()
      await made
      return theCall('them to talk', isTalk)
    },
  },
  'dialled on the phone': {
    async play() {
      await ana.dial('1002')
      await ben.until('ringing')
      await ben.answer()
      return theCall('them to talk', isTalk)
    },
  },
  'a blind transfer': {
    async play() {
      const { id } = await rings('1001')
      await ana.answer()
      await when(id, 'talking', isTalk)
      await transfer(id, '1002')
      await ben.until('ringing')
      await ben.answer()
      return when(id, 'with Ben', c => c.transfers[0]?.outcome === 'answered')
    },
  },
  'a consult, and then the transfer': {
    async play() {
      const { id } = await rings('1001')
      await ana.answer()
      await when(id, 'talking', isTalk)
      const { body } = await transfer(id, '1002*')
      await ben.until('ringing')
      await ben.answer()
      await when(id, 'consulting', c => c.transfers[0]?.state === 'consulting')
      await press(id, `transfers/${body.id ?? ''}/complete`)
      return when(id, 'with Ben', c => c.transfers[0]?.outcome === 'answered')
    },
  },
  'a pickup by #32': {
    async play() {
      const { id } = await rings('1001')
      await ben.dial('#32')
      return when(id, 'with Ben', isTalk)
    },
  },
  'parked and fetched': {
    async play() {
      const { id } = await rings('1001')
      await ana.answer()
      await when(id, 'talking', isTalk)
      await press(id, 'park')
      const parked = await when(id, 'parked', c => c.state === 'parked')
      await ben.dial(parked.segments.at(-1)?.name ?? '')
      return theCall('Ben to have it', isTalk)
    },
  },
  'listening, and then the take-over': {
    async play() {
      const { id } = await rings('1001')
      await ana.answer()
      await when(id, 'talking', isTalk)
      const { body } = await press(id, 'listen', { extension: '1002' })
      t.match(body.legs.at(-1), { role: 'monitor', agent: '8002' })
      await press(id, 'take-over', { extension: '1002' })
      return when(id, 'with Ben', isTalk)
    },
  },
  'brought into the talk': {
    async play() {
      const { id } = await rings('1001')
      await ana.answer()
      await when(id, 'talking', isTalk)
      const added = press(id, 'add', { agent: '8002' })
      await ben.until('ringing')
      await ben.answer()
      await added
      return when(id, 'all three', c => c.segments.some(s => s.kind === 'conference' && s.endedAt === undefined))
    },
  },
  'by a queue, whose static member Ana is': {
    async play() {
      const { id } = await rings('2000')
      await ana.until('ringing')
      await ana.answer()
      return when(id, 'talking', isTalk)
    },
  },
}

for (const [way, { play }] of Object.entries(ways))
  t.test(way, async t => {
    for (const one of [cust, ana, ben]) await one.clear()
    const { id } = await play()
    const call = await over(id)
    t.strictSame(agentsIn(call), ['8001', '8002'])
    for (const leg of call.legs.filter(l => l.extension !== undefined))
      t.equal(leg.agent, leg.extension === '1001' ? '8001' : '8002')
    for (const staff of ['8001', '8002']) t.ok((await byAgent(staff)).includes(id), `history?agent=${staff} has it`)
    if (way.startsWith('by a queue')) {
      t.match(call.queues, [{ outcome: 'answered', agent: '8001', member: 'Ana' }])
      t.match(call.offers.map(o => [o.agent, o.member]).sort(), [['8001', 'Ana'], ['8002', 'Ben']]) // prettier-ignore
      t.strictSame(await byAgent('Ana'), [], 'the name of a member is no staff id')
      const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/history?member=Ana')).body
      t.match(calls, [{ id }])
    }
  })

t.test('the last agent of a caller is the one who talked last, not longest', async t => {
  for (const one of [cust, ana, ben]) await one.clear()
  const { id } = await rings('1001')
  await ana.answer()
  await when(id, 'talking', isTalk)
  await sleep(lab.clock, 2_500)
  await transfer(id, '1002')
  await ben.until('ringing')
  await ben.answer()
  await when(id, 'with Ben', c => c.transfers[0]?.outcome === 'answered')
  const call = await over(id)
  const talked = new Map(call.agents.map(share => [share.agent, share.talkedMs]))
  t.ok((talked.get('8001') ?? 0) > (talked.get('8002') ?? 0), 'Ana talked longer')
  await retry(lab.clock, 'both to be ready', 10_000, async () =>
    (await agent('8001')).state === 'ready' && (await agent('8002')).state === 'ready' ? true : undefined,
  )
  const { body } = await crm.post<Routing>('/v1/routing/preview', { from: CALLER, to: HOTLINE })
  t.match(body.wishes, [{ by: 'last-agent', agent: '8002' }])
  await rings('1003')
  const { pop } = (await stream.next('call.offered')).data
  t.match(pop, { extension: '1003', agent: '8003', lastAgent: { agent: '8002', extension: '1002' } })
  await cust.hangup()
})

t.test(
  'a caller whom routing brings to their own agent is the workgroup’s: counts, wrap-up, and who they are',
  async t => {
    for (const one of [cust, ana, ben, cleo]) await one.clear()
    await crm.post('/v1/dedicated', { match: CALLER, agent: '8001', customer: 'C-17' })
    const today = async () => (await crm.get<QueueView>('/v1/queues/lab:team-a')).body.today
    type Today = Pick<QueueView['today'], 'averageWaitMs' | 'answered'>
    const waitedIn = ({ averageWaitMs = 0, answered }: Today) => averageWaitMs * answered
    const before = await today()
    await cust.dial(HOTLINE)
    await ana.until('ringing')
    const offered = (await stream.next('call.offered')).data
    t.match(offered.pop, { extension: '1001', agent: '8001', customer: { id: 'C-17', e164: `+${CALLER}` } })
    await ana.answer()
    const { id } = await theCall('them to talk', isTalk)
    await cust.hangup()
    const wrapUp = await retry(lab.clock, 'her wrap-up', 10_000, async () => {
      const now = await agent('8001')
      return now.state === 'wrap-up' ? now : undefined
    })
    t.match(wrapUp, { state: 'wrap-up', call: id })
    const call = (await stream.next('call.recorded', id)).data.call
    t.match(call, { queues: [], routing: { does: 'agent', workgroup: 'team-a', customer: 'C-17' } })
    t.match(await today(), { offered: before.offered + 1, answered: before.answered + 1 })
    const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/history?queue=TEAM-A')).body
    t.ok(
      calls.some(c => c.id === id),
      'found by its queue',
    )

    await retry(lab.clock, 'her to be ready', 10_000, async () => ((await agent('8001')).state === 'ready' ? true : undefined)) // prettier-ignore
    await cust.dial(HOTLINE)
    await ana.until('ringing')
    await cust.hangup()
    await stream.next('call.recorded')
    t.match(await today(), {
      offered: before.offered + 2,
      answered: before.answered + 1,
      abandoned: before.abandoned + 1,
    })

    const earlier = await today()
    await cust.dial(HOTLINE)
    await ana.until('ringing')
    await sleep(lab.clock, 1_200)
    await ben.dial('#32')
    const taken = await theCall('Ben to have it', isTalk)
    await cust.hangup()
    const his = await retry(lab.clock, 'his wrap-up', 10_000, async () => {
      const now = await agent('8002')
      return now.state === 'wrap-up' ? now : undefined
    })
    t.match(his, { call: taken.id, queue: 'team-a' }, 'picked up, it is the workgroup’s, too')
    t.match((await stream.next('call.recorded', taken.id)).data.call.offers, [
      { result: 'picked-up' },
      { agent: '8002' },
    ])
    const after = await today()
    t.match(after, { offered: before.offered + 3, answered: before.answered + 2, abandoned: before.abandoned + 1 })
    t.ok(waitedIn(after) - waitedIn(earlier) > 1_000, 'the caller has waited since the first phone rang')
  },
)

t.test('picked up and lost before the two were connected: nobody has answered', async t => {
  for (const one of [cust, ana, ben, cleo]) await one.clear()
  const rows = (event: string) =>
    readQueueLog(readFileSync(lab.asterisk.files.queueLog, 'utf8')).rows.filter(
      r => r.event === event && r.queue === 'delayed',
    )
  const { answered = -1 } = (await agent('8002')).today ?? {}
  const dumped = await rings('2090')
  await ben.until('ringing')
  await ben.answer()
  await sleep(lab.clock, 700)
  await ben.hangup()
  await retry(lab.clock, 'AGENTDUMP', 10_000, () => Promise.resolve(rows('AGENTDUMP')[0]))
  await ask('8002', 'not-ready', { reason: '1' })
  await cust.hangup()
  await stream.next('call.recorded', dumped.id)
  await ask('8002', 'ready')

  const abandoned = await rings('2090')
  await ben.until('ringing')
  await ben.answer()
  await sleep(lab.clock, 700)
  await cust.hangup()
  const call = (await stream.next('call.recorded', abandoned.id)).data.call
  t.equal(rows('ABANDON').length, 2, 'as the PBX says, too')
  t.strictSame(rows('CONNECT'), [])
  t.match(call, { outcome: 'abandoned', talkedMs: 0, queues: [{ outcome: 'abandoned' }] })
  t.match((await agent('8002')).today, { answered }, 'the agent has answered none')
  const { today } = (await crm.get<QueueView>('/v1/queues/lab:delayed')).body
  t.match(today, { offered: 2, answered: 0, abandoned: 2 }, 'nor has the queue')
})

t.end()
