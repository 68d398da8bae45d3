/** Wrap-up codes on the real PBX: demanded by a workgroup, given by command and with `ready`, found in the history. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import { agentsOf, DIRECTORY, stateOf } from '../given/agents.js'
import { anOffice, fromOutside } from '../given/softphone.js'

const WRAP_UP_MS = 500
const office = await anOffice(t, { agents: { directory: DIRECTORY } })
const { lab, crm, cast } = office
const { agent, ask } = agentsOf(crm)
type Refused = { code?: string; detail?: string }

const group = { id: 'team-a', name: 'Team A', number: '2009', wrapUpMs: WRAP_UP_MS, ringForMs: 10_000 }
const codes = {
  id: 'results',
  names: { en: 'What became of it' },
  entries: [
    { code: 'sold', names: { en: 'Sold' } },
    { code: 'later', names: { en: 'Call again' } },
    { code: 'old', names: { en: 'Old' }, retired: true },
  ],
}
const is = (state: string) =>
  retry(lab.clock, `her to be ${state}`, 10_000, async () => {
    const now = await agent('8001')
    return stateOf(now) === state ? now : undefined
  })

t.test('a workgroup demands one: the wrap-up lasts until it is given, and ready needs it', async t => {
  const required = { ...group, wrapUpCodes: { dictionary: 'results', required: true } }
  t.match(await crm.put('/v1/workgroups/team-a', required), { status: 422, body: { code: 'ENTRY_INVALID' } })
  t.equal((await crm.post('/v1/dictionaries', codes)).status, 201)
  t.equal((await crm.put('/v1/workgroups/team-a', required)).status, 200)
  const { cust, ana } = await cast(t)
  const stream = await crm.webSocket('types=call.*')
  t.equal((await ask('8001', 'sign-in', { extension: '1001' })).status, 200)

  /** A call of the workgroup, until she is in the wrap-up of it. */
  async function aCall(during?: (id: string) => Promise<void>): Promise<string> {
    await cust.dial(fromOutside('2009'))
    await ana.until('ringing')
    await ana.answer()
    const { id } = (await stream.next('call.answered')).data.call
    await during?.(id)
    await cust.hangup()
    await is('wrap-up')
    return id
  }

  const first = await aCall()
  await sleep(lab.clock, 2 * WRAP_UP_MS)
  t.match(await agent('8001'), { state: 'wrap-up', call: first, wrapUpCodeRequired: true }, 'beyond its time')
  for (const what of ['ready', 'wrap-up/end'])
    t.match(await ask('8001', what), { status: 409, body: { code: 'WRAP_UP_CODE_REQUIRED' } }, what)
  for (const code of ['nonsense', 'old', '1'])
    t.match(await ask('8001', 'ready', { code }), { status: 422, body: { code: 'WRAP_UP_CODE_UNKNOWN' } }, code)
  t.equal((await ask('8001', 'ready?dryRun=true', { code: 'sold' })).status, 200)
  t.equal(stateOf(await agent('8001')), 'wrap-up', 'a dry run does nothing')
  t.match(await ask('8001', 'ready', { code: 'sold' }), { status: 200, body: { state: 'ready' } })
  const wrapUps = [{ agent: '8001', code: 'sold', queue: 'team-a' }]
  t.match((await crm.get(`/v1/calls/${first}`)).body.wrapUps, wrapUps)
  t.match(await ask('8001', 'ready', { code: 'sold' }), { status: 409, body: { code: 'NOT_IN_WRAP_UP' } })

  const second = await aCall()
  const give = (id: string, body: object) => crm.post<CallView & Refused>(`/v1/calls/${id}/wrap-up`, body)
  t.match(await give(second, { code: 'old' }), { status: 422, body: { code: 'WRAP_UP_CODE_UNKNOWN' } })
  t.match(await give(second, { code: 'sold', agent: '8002' }), { status: 409, body: { code: 'NOT_IN_CALL' } })
  t.match(await give(second, { code: 'sold', by: '8002' }), { status: 403, body: { code: 'RIGHT_MISSING' } })
  t.match(await give('lab:none', { code: 'sold' }), { status: 404, body: { code: 'CALL_NOT_FOUND' } })
  await sleep(lab.clock, 2 * WRAP_UP_MS)
  t.match(await give(second, { code: 'later', by: '8001' }), { status: 200, body: { wrapUps: [{ code: 'later' }] } })
  await is('ready')

  const third = await aCall(async id => {
    t.match(await give(id, { code: 'sold' }), { status: 200, body: { state: 'talking', wrapUps } })
    t.match((await stream.next('call.updated', id)).data.call.wrapUps, wrapUps)
  })
  await is('ready')

  const found = async (query: string) => {
    const { calls } = (await crm.get<{ calls: CallView[] }>(`/v1/history?${query}`)).body
    return calls.map(c => c.id)
  }
  await stream.next('call.recorded', third)
  t.strictSame(await found('wrapUp=sold&order=oldest'), [first, third])
  t.strictSame(await found('wrapUp=later'), [second])
  t.match(await give(first, { code: 'later' }), { status: 200, body: { wrapUps: [{ agent: '8001', code: 'later' }] } })
  const revised = await stream.next('call.revised', first)
  t.match(revised.data.call.wrapUps, [{ code: 'later' }])
  t.strictSame(await found('wrapUp=sold'), [third], 'the last one counts')
  t.strictSame(await found('wrapUp=later&order=oldest'), [first, second])
  stream.close()
})

t.test('nobody is held to a code that is required no longer, or that cannot be given', async t => {
  const required = { ...group, wrapUpMs: 0, wrapUpCodes: { dictionary: 'results', required: true } }
  const retired = { ...codes, entries: codes.entries.map(entry => ({ ...entry, retired: true })) }
  const { cust, ana } = await cast(t)
  const put = async (path: string, body: object) => t.equal((await crm.put(path, body)).status, 200, path)
  await crm.post('/v1/dictionaries', codes)
  await put('/v1/workgroups/team-a', required)
  await ask('8001', 'sign-in', { extension: '1001' })

  async function aCall() {
    await cust.dial(fromOutside('2009'))
    await ana.until('ringing')
    await ana.answer()
    await is('talking')
    await cust.hangup()
  }
  async function isHeld() {
    await is('wrap-up')
    t.match(await ask('8001', 'ready'), { status: 409, body: { code: 'WRAP_UP_CODE_REQUIRED' } })
  }

  await aCall()
  await isHeld()
  const { wrapUpCodes: _, ...none } = required
  await put('/v1/workgroups/team-a', none)
  await is('ready')

  await put('/v1/workgroups/team-a', required)
  await aCall()
  await isHeld()
  await put('/v1/dictionaries/results', retired)
  await is('ready')

  await put('/v1/workgroups/team-a', required)
  await aCall()
  await is('ready')
  t.notOk((await agent('8001')).wrapUpCodeRequired, 'a dictionary with retired codes only requires none')
})

t.end()
