/** Members of queues on the field's PBX: through the dialplan, static, with two devices, paused by another program. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { openCustomer } from '../../lab/phone.js'
import type { AsteriskVersion } from '../../lab/recipe.js'
import { retry } from '../../lab/wait.js'
import type { AgentView } from '../../src/events/agent.js'
import type { CallView } from '../../src/events/call.js'
import type { QueueView } from '../../src/events/queue.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { agentsOf, stateOf } from './agents.js'
import { anExchange, type Stream } from './exchange.js'

const ALICE = 'Local/1001@from-queue/n'
const FRONT = 'Local/201@from-queue/n'

export async function tellOfMembers(version: AsteriskVersion): Promise<void> {
  const { lab, crm, phone, restart } = await anExchange(t, { profile: 'field', asterisk: version })
  const { agent, ask } = agentsOf(crm)
  const { fromOutside, customers } = lab.profile

  async function until(stream: Stream, staff: string, is: (agent: AgentView) => boolean): Promise<AgentView> {
    for (;;) {
      const { agent } = (await stream.next('agent.changed', `lab:${staff}`)).data
      if (is(agent)) return agent
      t.comment(`${staff}: ${stateOf(agent)}`)
    }
  }
  const inState = (state: string) => (agent: AgentView) => stateOf(agent) === state

  /** `Alice Local/1001@from-queue/n paused`, as the PBX itself says. */
  async function members(queue: string, of: string): Promise<string[]> {
    const lines = (await lab.asterisk.cli(`queue show ${queue}`)).split('\n')
    const there = lines.filter(line => line.includes('/') && line.includes(of))
    return there.map(line => `${/\((\S+?)[ )]/.exec(line)?.[1] ?? ''}${line.includes('(paused') ? ' paused' : ''}`)
  }
  const they = (what: 'pause' | 'unpause', queue: string | undefined, reason = '') =>
    lab.asterisk.cli(
      `queue ${what} member ${ALICE}${queue === undefined ? '' : ` queue ${queue}`}${reason === '' ? '' : ` reason ${reason}`}`,
    )
  /** `SayDigits!1001`, while the phone hears it. */
  const said = () =>
    retry(
      lab.clock,
      'it to be said',
      5_000,
      async () => /Say[A-Z][a-z]+![^!]*/.exec(await lab.asterisk.cli('core show channels concise'))?.[0],
    )
  const workgroup = ({ workgroups }: AgentView, name: string) => workgroups.find(w => w.workgroup === name)
  const pause = (ms: number) => new Promise<void>(resolve => lab.clock.wake((lab.clock.now() + ms) as never, resolve))

  const ana = await phone({ extension: '1001' })
  const desk = await phone({ extension: '201', device: '201-desk' })

  t.test(
    'a static member that leads to Ana’s phone is hers: she joins no queue twice, and is not rung in her break',
    async t => {
      const stream = await crm.webSocket('types=agent.*,call.recorded')
      t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200, body: { state: 'ready' } })
      t.strictSame(await members('support', '1001'), [ALICE])
      t.strictSame(await members('support', 'PJSIP/alice'), [])
      const { counts, members: all } = (await crm.get<QueueView>('/v1/queues/lab:support')).body
      t.equal(counts.ready, 2, 'two phones')
      t.match(
        all.find(m => m.name === 'Alice'),
        { extension: '1001', agent: '8001' },
      )
      t.match(await ask('8001', 'not-ready', { reason: '1' }), { status: 200, body: { state: 'not-ready' } })
      t.strictSame(await members('support', '1001'), [`${ALICE} paused`])
      const mia = await openCustomer(lab, customers.customer)
      await mia.dial(fromOutside('2400'))
      await desk.until('ringing')
      await mia.hangup()
      await mia.close()
      const { call } = (await stream.next('call.recorded')).data as { call: CallView }
      t.strictSame(
        [...new Set(call.offers.map(({ extension }) => extension))],
        ['201'],
        'the other phone alone has rung',
      )
      t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'ready' } })
      t.strictSame(await members('support', '1001'), [ALICE])
      stream.close()
    },
  )

  t.test('a penalty that another program gives her member, and what her phone is called', async t => {
    const stream = await crm.webSocket('types=agent.*')
    await lab.asterisk.cli(`queue set penalty 7 on ${ALICE} in support`)
    const given = await until(stream, '8001', now => workgroup(now, 'support')?.penalty === 7)
    t.match(workgroup(given, 'support'), { penaltyBy: 'outside', member: true })
    await lab.asterisk.cli(`queue set penalty 0 on ${ALICE} in support`)
    const back = await until(stream, '8001', now => workgroup(now, 'support')?.penalty === 0)
    t.notOk(workgroup(back, 'support')?.penaltyBy)
    await ana.clear()
    await ana.dial('*1')
    t.equal(await said(), 'SayDigits!1001', 'the extension of the endpoint alice')
    await ana.until('closed')
    stream.close()
  })

  t.test('another program pauses her: queue by queue, at once, and in one queue alone', async t => {
    const stream = await crm.webSocket('types=agent.*')
    const [first = '', ...others] = (await agent('8001')).workgroups.map(w => w.workgroup)
    t.match([first, ...others], ['sales', 'support', /./], 'beside her workgroups, what the file of the PBX says')
    for (const apart of [0, 100, 1_500, undefined]) {
      if (apart === undefined) await they('pause', undefined)
      else {
        await they('pause', first, 'coffee')
        await pause(apart)
        for (const queue of others) await they('pause', queue, 'coffee')
      }
      const reason = apart === undefined ? 'pbx' : 'coffee'
      t.match(
        await until(stream, '8001', inState(`not-ready ${reason}`)),
        { cause: 'outside' },
        `${apart ?? 'at once'}`,
      )
      t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'not-ready', cause: 'outside' } })
      for (const queue of ['sales', 'support']) t.strictSame(await members(queue, '1001'), [`${ALICE} paused`])
      await they('unpause', undefined)
      t.match(await until(stream, '8001', inState('ready')), { cause: 'outside' })
    }
    await they('pause', 'sales', 'coffee')
    const one = await until(stream, '8001', now => workgroup(now, 'sales')?.pausedFor === 'coffee')
    t.match(workgroup(one, 'sales'), { paused: true, pausedBy: 'outside' })
    t.equal(one.state, 'ready')
    await ask('8001', 'not-ready', { reason: '1' })
    await restart()
    t.match(await agent('8001'), {
      state: 'not-ready',
      reason: '1',
      workgroups: [{ pausedBy: 'outside' }, { pausedBy: 'ours' }],
    })
    t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'ready' } })
    t.strictSame(await members('sales', '1001'), [`${ALICE} paused`], 'theirs')
    t.strictSame(await members('support', '1001'), [ALICE], 'ours')
    const lifted = await crm.webSocket('types=agent.*')
    await they('unpause', undefined)
    // Heard before anything else is asked: an unpause that comes in a break would be another program's.
    await until(lifted, '8001', now => workgroup(now, 'sales')?.paused === false)
    lifted.close()
    stream.close()
  })

  t.test('unpaused by another program in her break; a penalty; and Asterisk is started again', async t => {
    const stream = await crm.webSocket('types=agent.*')
    await ask('8001', 'not-ready', { reason: '1' })
    await they('unpause', 'support')
    const lifted = await until(stream, '8001', now => workgroup(now, 'support')?.unpausedBy === 'outside')
    t.match(lifted, { state: 'not-ready', reason: '1' })
    t.strictSame(await members('support', '1001'), [ALICE], 'as the PBX has it')
    t.strictSame(await members('sales', '1001'), [`${ALICE} paused`])
    t.match(await ask('8001', 'not-ready', { reason: '1' }), { status: 200 })
    t.strictSame(await members('support', '1001'), [`${ALICE} paused`], 'said again')
    stream.close()
    const after = await crm.webSocket('types=agent.*')
    await lab.asterisk.kill()
    await until(after, '8001', inState('unknown'))
    await lab.asterisk.start()
    await until(after, '8001', inState('not-ready 1'))
    t.strictSame(await members('support', '1001'), [`${ALICE} paused`], 'static members had lost it')
    t.match(await ask('8001', 'sign-out'), { status: 200 })
    t.strictSame(await members('support', '1001'), [ALICE], 'as the PBX had it')
    after.close()
  })

  t.test('picked up for a queue, and not accepted, or lost before the caller came: no talk', async t => {
    const stream = await crm.webSocket('types=agent.*,call.recorded')
    const mia = await openCustomer(lab, customers.customer)
    const log = () => readQueueLog(readFileSync(lab.asterisk.files.queueLog, 'utf8')).rows.map(r => r.event)
    const logged = (event: string) =>
      retry(lab.clock, event, 10_000, () => Promise.resolve(log().includes(event) || undefined))
    const pickedUp = async (queue: string) => {
      await ana.clear()
      await mia.dial(fromOutside(queue))
      await ana.until('ringing')
      await ana.answer()
      await pause(700)
    }
    const missed = (misses: number) => until(stream, '8001', now => now.misses === misses)
    /** What came of each ring, once the caller has hung up. */
    const given = async (queue: string) => {
      const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
      const [mias, ...others] = calls.sort((a, b) => b.queues.length - a.queues.length)
      t.strictSame([mias?.queues.map(q => q.queue), others], [[queue], []], 'no other call lives')
      await mia.hangup()
      const { call } = (await stream.next('call.recorded', mias?.id)).data
      return call.offers.map(({ result }) => result)
    }
    await ana.clear()
    await ask('8001', 'sign-in', { extension: '1001' })
    const { misses, today } = await agent('8001')
    // A call of the test before may be recorded in this one.
    const began = new Date(lab.clock.now()).toISOString()

    await pickedUp('2402')
    t.match(await agent('8001'), { state: 'ringing' }, 'the queue connects her later')
    await ana.hangup()
    await logged('AGENTDUMP')
    await missed(misses + 1)
    await ana.until('ringing')
    t.strictSame(await given('delayed'), ['not-accepted', 'caller-gave-up'])

    await pickedUp('2402')
    t.strictSame(await given('delayed'), ['caller-gave-up'])
    t.match(await agent('8001'), { state: 'ready', misses: misses + 1 }, 'the caller has given up')

    const asking = 'Local/ask-1001@from-queue/n'
    await lab.asterisk.cli(`queue add member ${asking} to desk penalty 0 as Asked state_interface hint:1001@ext-local`)
    await pickedUp('2010')
    await logged('RINGNOANSWER')
    await missed(misses + 2)
    await ana.until('ringing')
    const states = stream.all.flatMap(({ type, data }) => (type === 'agent.changed' ? data.agent.state : []))
    t.notOk(states.includes('talking'), `has talked with nobody: ${states.join(' ')}`)
    await ana.answer()
    await ana.until('established')
    await ana.press('1')
    await until(stream, '8001', inState('talking'))
    t.equal((await agent('8001')).misses, 0)
    t.strictSame(await given('desk'), ['not-accepted', 'answered'])
    const { answered, missed: unanswered } = (await agent('8001')).today ?? {}
    const before = [today?.answered ?? 0, today?.missed ?? 0] as const
    t.strictSame([answered, unanswered], [before[0] + 1, before[1] + 1], 'once it has rung and was not picked up')
    const of = (event: string) => log().filter(e => e === event).length
    t.strictSame([of('AGENTDUMP'), of('CONNECT')], [1, 1], 'as the PBX says, too')
    const recorded = stream.all
      .flatMap(({ type, data }) => (type === 'call.recorded' ? data.call : []))
      .filter(({ startedAt }) => startedAt >= began)
    t.strictSame(recorded.map(({ queues }) => queues.length), [1, 1, 1], 'no call beside these') // prettier-ignore
    await lab.asterisk.cli(`queue remove member ${asking} from desk`)
    await ask('8001', 'sign-out')
    await mia.close()
    stream.close()
  })

  t.test('two devices on one extension', async t => {
    const stream = await crm.webSocket('types=agent.*')
    const soft = await phone({ extension: '201', device: '201-soft' })
    t.match(await ask('8003', 'sign-in', { extension: '201' }), {
      status: 200,
      body: { state: 'ready', phone: 'idle' },
    })
    t.strictSame(await members('support', '/201'), [FRONT])
    t.match(await ask('8003', 'not-ready', { reason: '2' }), { status: 200 })
    t.strictSame(await members('support', '/201'), [`${FRONT} paused`])
    t.match(await ask('8003', 'ready'), { status: 200, body: { state: 'ready' } })

    const devices = ['PJSIP/201-desk', 'PJSIP/201-soft']
    for (const device of devices) await lab.asterisk.cli(`queue add member ${device} to desk`)
    const mia = await openCustomer(lab, customers.customer)
    await mia.dial(fromOutside('2010'))
    for (const one of [desk, soft]) await one.until('ringing')
    for (const one of [desk, soft]) await one.reject(486)
    const refusals = () => readQueueLog(readFileSync(lab.asterisk.files.queueLog, 'utf8')).rows.filter(r => r.queue === 'desk' && r.event === 'RINGNOANSWER' && devices.includes(r.agent ?? '')) // prettier-ignore
    await retry(lab.clock, 'both refusals', 10_000, () => Promise.resolve(refusals().length === 2 || undefined))
    await mia.hangup()
    await until(stream, '8003', inState('ready'))
    t.equal((await agent('8003')).misses, 1, 'two members of one agent rang: one call was missed')
    for (const device of devices) await lab.asterisk.cli(`queue remove member ${device} from desk`)
    await mia.close()
    await desk.close()
    await soft.clear()
    soft.meet({ afterMs: 0 })
    t.match(await crm.post('/v1/calls', { from: '201', to: '1001' }), { status: 201 }, 'the one that is there is rung')
    await soft.until('ringing')
    await until(stream, '8003', ({ phone }) => phone === 'in-use')
    await soft.clear()
    await until(stream, '8003', ({ phone }) => phone === 'idle')
    await soft.close()
    t.match(await until(stream, '8003', ({ phone }) => phone === 'unavailable'), { extension: '201' })
    t.match(await ask('8003', 'sign-out'), { status: 200 })
    stream.close()
  })

  t.test('a desk that somebody has left signed in', async t => {
    const stream = await crm.webSocket('types=agent.*')
    await ana.clear()
    t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200 })
    const ben = { extension: '1001', by: '8002' }
    t.match(await ask('8002', 'sign-in', ben), {
      status: 409,
      body: { code: 'EXTENSION_TAKEN', agent: { staff: '8001', name: 'Ana' } },
    })
    t.match(await ask('8002', 'sign-in', { ...ben, force: true }), { status: 403, body: { code: 'RIGHT_MISSING' } })
    await ana.dial('2101')
    await until(stream, '8001', ({ state }) => state === 'talking' || state === 'ringing')
    t.match(await ask('8002', 'sign-in', { extension: '1001', force: true }), {
      status: 409,
      body: { code: 'AGENT_BUSY', agent: { staff: '8001' } },
    })
    await ana.hangup()
    await until(stream, '8001', inState('ready'))
    t.match(await ask('8002', 'sign-in', { extension: '1001', force: true }), {
      status: 200,
      body: { state: 'ready', extension: '1001' },
    })
    t.match(await until(stream, '8001', inState('signed-out')), { cause: 'take-over', by: 'key:lab' })
    t.match(await ask('8002', 'sign-out'), { status: 200 })
    await ana.close()
    stream.close()
  })

  t.end()
}
