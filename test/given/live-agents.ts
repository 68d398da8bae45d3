/** Agents on the real PBX: they sign in, are ready and not, wrap up, miss calls, lose their phone. */
import t, { type Test } from 'tap'
import { openCustomer } from '../../lab/phone.js'
import type { AsteriskVersion } from '../../lab/recipe.js'
import { answerTrunk } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import type { AgentView, ExtensionView } from '../../src/events/agent.js'
import type { CallView } from '../../src/events/call.js'
import type { QueueView } from '../../src/events/queue.js'
import { watchAgreement } from './agreement.js'
import { agentsOf, DIRECTORY, stateOf } from './agents.js'
import { anExchange, type Stream } from './exchange.js'

export async function tellOfAgents(version: AsteriskVersion): Promise<void> {
  const agents = { directory: DIRECTORY, missesUntilNotReady: 2, phoneGoneMs: 300, outboundWrapUpMs: 1_000 }
  const { lab, crm, phone, restart } = await anExchange(t, { agents, asterisk: version })
  const { agent, ask } = agentsOf(crm)
  const watchAgain = async () => watchAgreement(lab, crm, await crm.webSocket())
  let agreement = await watchAgain()
  async function agreed(t: Test) {
    const { broken, compared } = await agreement()
    t.ok(compared > 0)
    t.strictSame(broken.slice(0, 3), [], 'what the API answers is what the newest event has')
  }

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

  t.test('a call to the outside: hold, and the wrap-up after it', async t => {
    const stream = await crm.webSocket('types=agent.*')
    const far = await answerTrunk(lab)
    await ana.clear()
    await ana.dial('0301234567')
    t.match(await until(stream, '8001', 'talking'), { cause: 'call' })
    await ana.until('established')
    t.match(await ask('8001', 'not-ready', { reason: '1' }), { status: 200, body: { next: { state: 'not-ready' } } })
    t.match(await ask('8001', 'sign-out'), { status: 409, body: { code: 'AGENT_BUSY' } })
    await ana.hold()
    await until(stream, '8001', 'held')
    await ana.resume()
    await until(stream, '8001', 'talking')
    await ana.hangup()
    await until(stream, '8001', 'wrap-up')
    t.match(await until(stream, '8001', 'not-ready 1'), { cause: 'command', by: 'key:lab' }, 'what was asked for')
    t.match(await ask('8001', 'ready'), { status: 200 })
    const { today } = await retry(lab.clock, 'the call to be final', 5_000, async () => {
      const now = await agent('8001')
      return now.today?.dialled === 1 ? now : undefined
    })
    t.match(today, { dialled: 1, answered: 2, last: { number: '0301234567', direction: 'out' } })
    t.match((await crm.get<ExtensionView>('/v1/extensions/lab:1001')).body, { agent: '8001', phone: 'idle', today })
    await far.kill()
    stream.close()
  })

  t.test('the daemon is started again, and Asterisk', async t => {
    await ask('8001', 'not-ready', { reason: '2' })
    await agreed(t)
    await restart()
    agreement = await watchAgain()
    t.match(await agent('8001'), { state: 'not-ready', reason: '2', extension: '1001' })
    const stream = await crm.webSocket()
    await lab.asterisk.kill()
    await until(stream, '8001', 'unknown')
    await lab.asterisk.start()
    t.match(await until(stream, '8001', 'not-ready 2'), { workgroups: [{ member: true }, { member: true }] })
    t.strictSame(await members('team-a'), ['8001 PJSIP/1001 penalty 0 paused'])
    stream.close()
  })

  t.test('two calls in a row that Ana does not answer', async t => {
    const stream = await crm.webSocket('types=agent.*')
    await ana.close()
    const idle = await phone({ extension: '1001' })
    t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'ready', misses: 0 } })
    const mia = await openCustomer(lab, '491701234567')
    await mia.dial('493012342009')
    const away = await until(stream, '8001', 'not-ready missed-calls')
    t.match(away, { misses: 2, cause: 'missed-calls' })
    t.match(await members('team-a'), ['8001 PJSIP/1001 penalty 0 paused'])
    await mia.close()
    t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'ready', misses: 0 } })
    await idle.close()
    t.match(await until(stream, '8001', 'not-ready phone-gone'), { phone: 'unavailable', cause: 'phone-gone' })
    t.match(await members('team-a'), ['8001 PJSIP/1001 penalty 0 paused'])
    stream.close()
  })

  t.test('without a phone, and then at another one', async t => {
    const ben = await phone({ extension: '1002' })
    t.match(await ask('8002', 'sign-in'), { status: 200, body: { state: 'not-ready', reason: 'no-telephony' } })
    t.strictSame(await members('team-a'), ['8001 PJSIP/1001 penalty 0 paused'])
    t.match(await ask('8002', 'ready'), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
    t.match(await ask('8001', 'sign-in', { extension: '1002' }), {
      status: 200,
      body: { state: 'ready', extension: '1002' },
    })
    t.strictSame(await members('team-a'), ['8001 PJSIP/1002 penalty 0'], 'at the old one no more')
    await ben.close()
  })

  t.test('feature codes do the same, and the phone hears it; other codes, where a site wants them', async t => {
    const stream = await crm.webSocket('types=agent.*')
    const ben = await phone({ extension: '1003' })
    const dial = async (code: string) => {
      await ben.dial(code)
      await ben.until('closed')
    }
    await dial('*228003')
    t.match(await until(stream, '8003', 'ready'), { extension: '1003', cause: 'code', by: 'staff:8003' })
    await dial('*251')
    t.match(await until(stream, '8003', 'not-ready 1'), { cause: 'code' })
    await dial('*259')
    t.match(await agent('8003'), { state: 'not-ready', reason: '1' }, 'a reason that is retired')
    await dial('*24')
    await until(stream, '8003', 'ready')
    const begun = lab.clock.now()
    await dial('*1')
    t.ok(lab.clock.now() - begun > 2_000, 'four digits take their time')
    await lab.asterisk.cli('dialplan set global ALADDIN_CODE_NOT_READY *7777')
    await lab.asterisk.cli('dialplan set global ALADDIN_CODE_SIGN_OUT *78')
    await lab.asterisk.cli('dialplan reload')
    await dial('*77772')
    await until(stream, '8003', 'not-ready 2')
    await dial('*78')
    await until(stream, '8003', 'signed-out')
    stream.close()
    await ben.close()
  })

  t.test('two at once for one extension: one has it, the other hears so', async t => {
    const cleo = await phone({ extension: '1003' })
    const both = await Promise.all(['8003', '8004'].map(staff => ask(staff, 'sign-in', { extension: '1003' })))
    t.strictSame(both.map(({ status }) => status).sort(), [200, 409])
    t.match(both.find(({ status }) => status === 409)?.body, { code: 'EXTENSION_TAKEN' })
    const winner = both.find(({ status }) => status === 200)?.body.staff ?? ''
    t.strictSame(
      (await members('team-b')).filter(m => m.includes('1003')).map(m => m.slice(0, 4)),
      [winner],
    )
    t.match(await ask(winner, 'sign-out'), { status: 200 })
    await cleo.close()
  })

  t.test('callers who wait are preferred, moved, taken and sent away', async t => {
    const stream = await crm.webSocket('types=queue.changed,agent.changed')
    const callers = await Promise.all(['1', '2', '3', '4'].map(n => openCustomer(lab, `49170123456${n}`)))
    const waiting = async () => (await crm.get<QueueView>('/v1/queues/lab:team-b')).body.waiting
    const dora = await phone({ extension: '1004' })
    t.match(await ask('8004', 'sign-in', { extension: '1004', ready: false }), {
      status: 200,
      body: { state: 'not-ready', reason: 'signed-in' },
    })
    await ask('8001', 'sign-out')
    for (const [i, caller] of callers.entries()) {
      await caller.dial('493012342018')
      await retry(lab.clock, 'to wait', 5_000, async () => ((await waiting()).length > i ? true : undefined))
    }
    t.match(await waiting(), [{ area: 'DE', e164: /^\+49.*561$/, position: 1 }, {}, {}, { number: '491701234564' }])
    t.match((await crm.get<QueueView>('/v1/queues/lab:team-b')).body, { label: '2018(4)', title: 'Team B' })
    const [, second, third, last] = await waiting()
    const about = (w: { call: string } | undefined, what: string, body: object) =>
      crm.post<CallView & { code?: string }>(`/v1/queues/lab:team-b/waiting/${w?.call ?? ''}/${what}`, body)
    if (version === '22') {
      t.match(await about(last, 'prefer', { priority: 5 }), { status: 200 })
      t.match(await waiting(), [{ call: last?.call, priority: 5, position: 1 }, { priority: 0 }, {}, {}])
    } else
      t.match(
        await about(last, 'prefer', { priority: 5 }),
        { status: 409, body: { code: 'PBX_TOO_OLD' } },
        'it stays where it is',
      )
    t.match(await about(second, 'send-away', {}), { status: 200 })
    await callers[1]?.until('closed')
    t.match(await about(second, 'send-away', {}), { status: 404, body: { code: 'CALLER_NOT_FOUND' } })
    const lost = { id: 'lost', name: 'Lost', number: '3999' }
    t.match(await crm.post('/v1/workgroups', lost), { status: 201 })
    t.match(await about(third, 'move', { workgroup: 'lost' }), { status: 422, body: { code: 'NUMBER_UNKNOWN' } })
    t.match(await waiting(), { length: 3 }, 'whom no dialplan has a number for, waits on')
    t.equal((await crm.remove('/v1/workgroups/lost')).status, 204)
    t.match(await about(third, 'move', { workgroup: 'team-a' }), { status: 200 })
    await retry(lab.clock, 'team A to have them', 5_000, async () =>
      (await crm.get<QueueView>('/v1/queues/lab:team-a')).body.waiting.some(w => w.call === third?.call)
        ? true
        : undefined,
    )
    t.match(await about(last, 'take', { agent: '8001' }), { status: 409, body: { code: 'NOT_SIGNED_IN' } })
    t.match(await about(last, 'take', { agent: '8004', by: '8002' }), { status: 403, body: { code: 'RIGHT_MISSING' } })
    t.match(await about(last, 'take', { agent: '8004', by: '8100' }), { status: 200 })
    await dora.until('ringing')
    await dora.answer()
    t.match(await until(stream, '8004', 'talking'), { call: last?.call }, 'with the id that the call always had')
    const { queues } = (await crm.get(`/v1/calls/${last?.call ?? ''}`)).body
    t.match(queues, [{ queue: 'team-b', outcome: 'withdrawn' }])
    await Promise.all(callers.map(caller => caller.close()))
    await dora.close()
    t.match(await ask('8004', 'sign-out', { force: true }), { status: 200 })
    stream.close()
  })

  t.test('what only a supervisor may', async t => {
    const ben = await phone({ extension: '1002' })
    t.match(await ask('8002', 'sign-in', { extension: '1002', by: '8002' }), { status: 200 })
    for (const what of ['not-ready', 'sign-out', 'workgroups/add'])
      t.match(
        await ask('8002', what, {
          ...(what === 'not-ready' && { reason: '1' }),
          ...(what === 'workgroups/add' && { workgroup: 'team-b' }),
          by: '8003',
        }),
        { status: 403, body: { code: 'RIGHT_MISSING' } },
        what,
      )
    t.match(await ask('8002', 'workgroups/add', { workgroup: 'team-b', level: 7, by: '8100' }), { status: 200 })
    t.strictSame(await members('team-b'), ['8002 PJSIP/1002 penalty 3'])
    t.match(await ask('8002', 'workgroups/remove', { workgroup: 'team-a', by: '8100' }), { status: 200 })
    t.strictSame(await members('team-a'), [])
    t.match(await ask('8002', 'not-ready', { reason: '2', by: '8100' }), { body: { by: 'staff:8100', reason: '2' } })
    t.match(await ask('8002', 'sign-out', { by: '8100' }), {
      status: 200,
      body: { state: 'signed-out', by: 'staff:8100' },
    })
    t.strictSame(await members('team-b'), [])
    await ben.close()
  })

  t.test('Ana signs out, and the queues have her no more', async t => {
    const again = await phone({ extension: '1001' })
    t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200 })
    t.match(await ask('8001', 'sign-out'), { status: 200, body: { state: 'signed-out' } })
    t.strictSame([...(await members('team-a')), ...(await members('team-b'))], [])
    await again.close()
    await agreed(t)
  })

  t.end()
}
