/** Agents of a caller's own, on real phones: who is rung first, why not, and where the call goes then. */
import t from 'tap'
import { openCustomer } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import type { Routing } from '../../src/events/routing.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { anOffice, askingFirst, CALLER } from '../given/softphone.js'

const E164 = `+${CALLER}`
const HOTLINE = askingFirst('7701')
const { lab, crm, phoneAt } = await anOffice(t, {
  agents: { directory: DIRECTORY },
  routing: {
    routes: [
      {
        ...{ name: 'hotline', dialled: [HOTLINE], to: { number: '2009' } },
        dedicated: { lastAgentWithinMs: 3_600_000, ringForMs: 2_000 },
      },
    ],
  },
})
const { ask, agent } = agentsOf(crm)
const stream = await crm.webSocket('types=call.*')
const [cust, other, ana, ben] = await Promise.all([openCustomer(lab, CALLER), openCustomer(lab, '493098765432'), phoneAt('1001'), phoneAt('1002')]) // prettier-ignore
t.teardown(() => Promise.all([cust, other, ana, ben].map(phone => phone.close())))
await ask('8001', 'sign-in', { extension: '1001' })
await ask('8002', 'sign-in', { extension: '1002' })

const dedicate = (entry: object) => crm.post<{ id: string; hits: number }>('/v1/dedicated', { match: CALLER, ...entry })
const preview = async (from = CALLER) => (await crm.post<Routing>('/v1/routing/preview', { from, to: HOTLINE })).body
const isState = (staff: string, state: string) =>
  retry(lab.clock, `${staff} to be ${state}`, 10_000, async () => ((await agent(staff)).state === state ? true : undefined)) // prettier-ignore
const over = async (id: string): Promise<CallView> => (await stream.next('call.recorded', id)).data.call

t.test('her own customer rings at her phone, not in the queue, and the wish says what came of it', async t => {
  t.match(await dedicate({ agent: '8001', customer: 'C-17', reason: 'gold' }), { status: 200, body: { id: E164, agent: '8001', customer: 'C-17' } }) // prettier-ignore
  await cust.dial(HOTLINE)
  await ana.until('ringing')
  const { data, subject } = await stream.next('call.routed')
  t.match(data.call.routing, { does: 'agent', to: '1001', then: '2009', wishes: [{ by: 'dedicated', agent: '8001' }] })
  t.strictSame(data.call.routing?.because.slice(1), [{ rule: 'dedicated', name: '8001' }])
  t.match((await preview()).wishes, [{ by: 'dedicated', agent: '8001', skipped: 'busy' }], 'nobody else is sent there')
  await ana.answer()
  await isState('8001', 'talking')
  await cust.hangup()
  const call = await over(subject)
  t.match(call, { outcome: 'answered', queues: [], agents: [{ agent: '8001' }] })
  t.match(call.routing?.wishes, [{ agent: '8001', result: 'answered' }])
  t.strictSame((await crm.get(`/v1/calls/${subject}`)).body.routing, call.routing, 'and the history has it')
  await isState('8001', 'ready')
})

t.test('she does not answer: the queue, after as long as it was to ring', async t => {
  await ask('8002', 'not-ready', { reason: '1' })
  await cust.dial(HOTLINE)
  await ana.until('ringing')
  const { subject } = await stream.next('call.routed')
  const queued = (await stream.next('call.queued', subject)).data.call
  t.match(queued.queues, [{ queue: 'team-a' }])
  t.match(queued.routing?.wishes, [{ agent: '8001', result: 'no-answer' }])
  await cust.hangup()
  await over(subject)
  await ask('8002', 'ready')
})

t.test('she is not ready, on a call, signed out: the next one, and why', async t => {
  await ask('8001', 'not-ready', { reason: '1' })
  t.match(await preview(), { does: 'number', to: '2009', wishes: [{ agent: '8001', skipped: 'not-ready' }] })
  await cust.dial(HOTLINE)
  await ben.until('ringing')
  const { data, subject } = await stream.next('call.routed')
  t.match(data.call.routing, { does: 'number', wishes: [{ by: 'dedicated', agent: '8001', skipped: 'not-ready' }] })
  await ben.answer()
  await stream.next('call.answered', subject)
  await cust.hangup()
  await over(subject)
  await isState('8002', 'ready')
  await ask('8001', 'sign-out')
  t.match((await preview()).wishes, [
    { agent: '8001', skipped: 'signed-out' },
    { by: 'last-agent', agent: '8002' },
  ])
})

t.test('whoever talked with them last is rung; of another caller nothing is known', async t => {
  await cust.dial(HOTLINE)
  await ben.until('ringing')
  const { data, subject } = await stream.next('call.routed')
  t.match(data.call.routing, { does: 'agent', to: '1002', wishes: [{ agent: '8001', skipped: 'signed-out' }, { by: 'last-agent', agent: '8002' }] }) // prettier-ignore
  await cust.hangup()
  t.match(await over(subject), { outcome: 'cancelled', routing: { wishes: [{}, { result: 'caller-gave-up' }] } })
  const { wishes } = await preview('493098765432')
  t.equal(wishes, undefined)
})

t.test('two of hers at once: one rings, the other waits in the queue', async t => {
  await ask('8001', 'sign-in', { extension: '1001' })
  await crm.post('/v1/dedicated', { match: '493098765432', agent: '8001' })
  await ask('8002', 'not-ready', { reason: '1' })
  await Promise.all([cust.dial(HOTLINE), other.dial(HOTLINE)])
  const [one, two] = [await stream.next('call.routed'), await stream.next('call.routed')]
  const routed = [one, two].map(({ data }) => data.call.routing)
  t.strictSame(routed.map(r => r?.does).sort(), ['agent', 'number'])
  t.match(routed.find(r => r?.does === 'number')?.wishes, [{ agent: '8001', skipped: 'busy' }])
  await Promise.all([cust.hangup(), other.hangup()])
  await over(one.subject)
  await over(two.subject)
})

t.test('a workgroup of their own; an entry that cannot be; and none any more', async t => {
  await dedicate({ workgroup: 'team-b' })
  t.match(await preview(), { does: 'number', to: '2018', wishes: [{ by: 'dedicated', workgroup: 'team-b' }] })
  const refused: [entry: object, detail: RegExp][] = [
    [{}, /either/],
    [{ agent: '8001', workgroup: 'team-a' }, /either/],
    [{ agent: '7777' }, /agent: is not/],
    [{ workgroup: 'nobody' }, /workgroup: is not/],
    [{ agent: '8001', fallback: 'nobody' }, /fallback: is not/],
  ]
  for (const [entry, detail] of refused)
    t.match(await dedicate(entry), { status: 422, body: { code: 'ENTRY_INVALID', detail } }, JSON.stringify(entry))
  t.match(await dedicate({ agent: '8001', by: '8001' }), { status: 403, body: { code: 'RIGHT_MISSING' } })
  const out = (await crm.text('/v1/dedicated/export')).split('\r\n')
  t.match(out[0], /^match,scope,reason,expiresAt,agent,workgroup,ringForMs,fallback,customer,/)
  t.equal(out.length, 4, 'two entries, the names, and the end')
  for (const id of [E164, '+493098765432']) t.equal((await crm.remove(`/v1/dedicated/${encodeURIComponent(id)}`)).status, 204) // prettier-ignore
  t.match((await preview()).wishes, [{ by: 'last-agent', agent: '8002', skipped: 'not-ready' }])
  stream.close()
})

t.end()
