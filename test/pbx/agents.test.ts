/** Agents on the real PBX: they sign in, are ready and not, wrap up, miss calls, lose their phone. */
import t from 'tap'
import { openCustomer } from '../../lab/phone.js'
import type { AgentView } from '../../src/events/agent.js'
import { agentsOf, DIRECTORY, stateOf } from '../given/agents.js'
import { anExchange, type Stream } from '../given/exchange.js'

const agents = { directory: DIRECTORY, missesUntilNotReady: 2, phoneGoneMs: 300, outboundWrapUpMs: 1_000 }
const { lab, crm, phone, restart } = await anExchange(t, { agents })
const { agent, ask } = agentsOf(crm)

async function until(stream: Stream, staff: string, state: string): Promise<AgentView> {
  for (;;) {
    const { agent } = (await stream.next('agent.changed', `lab:${staff}`)).data
    if (stateOf(agent) === state) return agent
    t.comment(`${staff}: ${stateOf(agent)}, not yet ${state}`)
  }
}

/** `8001 PJSIP/1001 penalty 5 paused`, as the PBX itself says. */
async function members(queue: string): Promise<string[]> {
  const text = await lab.asterisk.cli(`queue show ${queue}`)
  return text
    .split('\n')
    .filter(line => line.includes('(PJSIP/'))
    .map(line => {
      const [, name, at] = /^\s+(\S+) \((PJSIP\/\d+)\)/.exec(line) ?? []
      const penalty = /with penalty (\d+)/.exec(line)?.[1] ?? '0'
      return `${name} ${at} penalty ${penalty}${line.includes('(paused') ? ' paused' : ''}`
    })
    .sort()
}

const ana = await phone({ extension: '1001' })

t.test('Ana signs in, and the queues have her', async t => {
  const stream = await crm.webSocket('types=agent.*')
  t.match(await agent('8001'), { name: 'Ana', state: 'signed-out' })
  const signedIn = await ask('8001', 'sign-in', { extension: '1001' })
  t.match(signedIn, { status: 200, body: { state: 'ready', extension: '1001', phone: 'idle', telephony: true } })
  t.strictSame(await members('team-a'), ['8001 PJSIP/1001 penalty 0'])
  t.strictSame(await members('team-b'), ['8001 PJSIP/1001 penalty 5'])
  const told = await until(stream, '8001', 'ready')
  t.match(told, { cause: 'command', by: 'key:lab', workgroups: [{ member: true }, { member: true, penalty: 5 }] })
  stream.close()
})

t.test('who cannot sign in, is told why', async t => {
  t.match(await ask('9999', 'sign-in', { extension: '1002' }), { status: 403, body: { code: 'SIGN_IN_REFUSED' } })
  t.match(await ask('8002', 'sign-in', { extension: '1002' }), {
    status: 409,
    body: { code: 'EXTENSION_UNREGISTERED' },
  })
  t.match(await ask('8002', 'sign-in', { extension: '1001' }), { status: 409, body: { code: 'EXTENSION_TAKEN' } })
  for (const extension of ['1999', '77'])
    t.match(await ask('8002', 'sign-in', { extension }), { status: 422, body: { code: 'EXTENSION_UNKNOWN' } })
  t.match(await ask('8002', 'ready'), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
  t.strictSame(await members('team-a'), ['8001 PJSIP/1001 penalty 0'])
})

t.test('Ana is not ready, with a reason, and ready again', async t => {
  t.match(await ask('8001', 'not-ready', { reason: '1' }), { status: 200, body: { state: 'not-ready', reason: '1' } })
  t.strictSame(await members('team-a'), ['8001 PJSIP/1001 penalty 0 paused'])
  t.match(await ask('8001', 'not-ready', { reason: '3' }), { status: 422, body: { code: 'REASON_UNKNOWN' } })
  t.match(await ask('8001', 'not-ready', { reason: '9' }), { status: 422, body: { code: 'REASON_UNKNOWN' } })
  t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'ready' } })
  t.strictSame(await members('team-b'), ['8001 PJSIP/1001 penalty 5'])
})

t.test('a call, and the wrap-up after it, with a caller waiting', async t => {
  const stream = await crm.webSocket('types=agent.*')
  const [mia, tom] = await Promise.all([openCustomer(lab, '491701234567'), openCustomer(lab, '491701234568')])
  await mia.dial('493012342009')
  await ana.until('ringing')
  t.match(await until(stream, '8001', 'ringing'), { queue: 'team-a' })
  await ana.answer()
  await until(stream, '8001', 'talking')
  await tom.dial('493012342009')
  await mia.hangup()
  const wrapping = await until(stream, '8001', 'wrap-up')
  t.ok(wrapping.wrapUpUntil)
  t.match(await ask('8001', 'wrap-up/extend', { byMs: 1_000 }), { status: 200 })
  const ringing = await until(stream, '8001', 'ringing')
  t.ok(Date.parse(ringing.since) - Date.parse(wrapping.since) >= 3_000, 'no call in the wrap-up')
  await ana.answer()
  await until(stream, '8001', 'talking')
  await tom.hangup()
  await until(stream, '8001', 'wrap-up')
  t.match(await ask('8001', 'wrap-up/end'), { status: 200, body: { state: 'ready' } })
  t.match(await ask('8001', 'wrap-up/end'), { status: 409, body: { code: 'NOT_IN_WRAP_UP' } })
  stream.close()
  await Promise.all([mia.close(), tom.close()])
})

t.test('the daemon is started again, and Asterisk', async t => {
  await ask('8001', 'not-ready', { reason: '2' })
  await restart()
  t.match(await agent('8001'), { state: 'not-ready', reason: '2', extension: '1001' })
  const stream = await crm.webSocket()
  await lab.asterisk.kill()
  await until(stream, '8001', 'unknown')
  await lab.asterisk.start()
  t.match(await until(stream, '8001', 'not-ready 2'), { workgroups: [{ member: true }, { member: true }] })
  t.strictSame(await members('team-a'), ['8001 PJSIP/1001 penalty 0 paused'])
  stream.close()
})

t.test('Ana signs out, and the queues have her no more', async t => {
  t.match(await ask('8001', 'sign-out'), { status: 200, body: { state: 'signed-out' } })
  t.strictSame([...(await members('team-a')), ...(await members('team-b'))], [])
})

t.teardown(() => ana.close())
t.end()
