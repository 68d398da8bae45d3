/** Members that another program has added under a staff id, and agents whom `autopause` of queues.conf has paused. */
import t from 'tap'
import { act, listen } from '../../lab/stories/stage.js'
import { retry } from '../../lab/wait.js'
import type { QueueView } from '../../src/events/queue.js'
import { agentsOf, DIRECTORY, stateOf } from '../given/agents.js'
import { anOffice, fromOutside } from '../given/softphone.js'

const office = await anOffice(t, {
  ringForS: 10,
  agents: { directory: DIRECTORY },
  more: {
    'queues.conf': '[autoall](lab)\nautopause = all\ntimeout = 1\nretry = 1',
    'extensions.conf': '[queues]\nexten => 2090,1,Gosub(queue,s,1(autoall))',
  },
})
const { lab, crm, cast } = office
const { ask, agent } = agentsOf(crm)
const { cust, ana, ben } = await cast(t)
const ami = await listen(lab)
t.teardown(() => ami.close())
const queue = async (name: string) => (await crm.get<QueueView>(`/v1/queues/lab:${name}`)).body
const when = <T>(what: string, look: () => Promise<T | undefined>) => retry(lab.clock, what, 10_000, look)
const isMember = async (name: string, place: string) =>
  (await lab.asterisk.cli(`queue show ${name}`)).includes(`(${place})`)

t.test('a member under a staff id in a queue of another team: it stays, signed in or not, and rings', async t => {
  const place = { Queue: 'ringall', Interface: 'PJSIP/1001' }
  await act(ami, 'QueueAdd', { ...place, MemberName: '8001' })
  await when('the member', async () => (await queue('ringall')).members.find(m => m.name === '8001'))
  await cust.dial(fromOutside('2001'))
  await ana.until('ringing')
  await cust.hangup()
  await ana.until('closed')
  t.equal(stateOf(await agent('8001')), 'signed-out')
  t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200, body: { state: 'ready' } })
  t.match(await ask('8001', 'not-ready', { reason: '1' }), { status: 200 })
  t.match((await queue('ringall')).members, [{ name: '8001', agent: '8001', state: 'paused' }])
  t.match(await ask('8001', 'sign-out'), { status: 200, body: { state: 'signed-out' } })
  t.ok(await isMember('ringall', place.Interface))
  t.notOk(await isMember('team-a', place.Interface))
  t.match((await queue('ringall')).members, [{ name: '8001', state: 'ready' }])
  t.equal(stateOf(await agent('8001')), 'signed-out')
  await act(ami, 'QueueRemove', place)
})

t.test('autopause: who does not answer is not ready, and ready again by command', async t => {
  await act(ami, 'QueueAdd', { Queue: 'autoall', Interface: 'PJSIP/1002', MemberName: 'Ben' })
  t.match(await ask('8002', 'sign-in', { extension: '1002' }), { status: 200, body: { state: 'ready' } })
  const missed = async () => {
    await cust.dial(fromOutside('2090'))
    await ben.until('ringing')
    await when('the pause', async () => (stateOf(await agent('8002')) === 'not-ready Auto-Pause' ? true : undefined))
    await cust.hangup()
    await cust.clear()
  }
  await missed()
  t.match(await ask('8002', 'ready'), { status: 200, body: { state: 'ready' } })
  for (const name of ['autoall', 'team-a'])
    t.match(
      (await queue(name)).members.filter(m => m.extension === '1002'),
      [{ state: 'ready' }],
    )
  await missed()
  t.match(await ask('8002', 'sign-out'), { status: 200 })
  t.match(await ask('8002', 'sign-in', { extension: '1002' }), { status: 200, body: { state: 'ready' } })
})

t.end()
