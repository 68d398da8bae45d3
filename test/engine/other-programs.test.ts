/** Members under a staff id that another program has added, and those whom `autopause` of queues.conf has paused. */
import t from 'tap'
import type { Fact } from '../../src/pbx/facts.js'
import { at } from '../given/calls.js'
import { down, up } from '../given/engine.js'
import { BY, member, anOffice } from '../given/members.js'

t.test('members under a staff id in a queue that is none of their workgroups are another program’s', async t => {
  const far = { queue: 'ringall', interface: 'PJSIP/1001' }
  const office = anOffice([member(far.queue)])
  t.match(await office.one(), { state: 'signed-out' })
  t.match(await office.signIn(), { ok: true, value: { state: 'ready' } })
  t.strictSame(office.did(), ['queue-add sales PJSIP/1001', 'queue-add support PJSIP/1001'])
  office.sent.length = 0
  // Added while they are signed in, and what the daemon has added is taken out and added again.
  const added: Fact = { type: 'member.changed', at: at(3), member: member('linear') }
  office.members.set('linear PJSIP/1001', member('linear'))
  office.tell([added, { ...added, member: member('linear', { phone: 'ringing' }) }])
  office.tell([down(4), up(5), office.there()])
  t.strictSame(office.did(), [])
  t.match(await office.agents.signOut('8001', {}, BY), { ok: true, value: { state: 'signed-out' } })
  t.strictSame(office.did(), ['queue-remove sales PJSIP/1001', 'queue-remove support PJSIP/1001'])
  t.match(await office.one(), { state: 'signed-out' }, 'and nobody is taken as signed in for it')
  await office.engine.stop()
})

t.test('who does not answer is paused by autopause of queues.conf: ready lifts that', async t => {
  const office = anOffice([])
  await office.signIn()
  office.sent.length = 0
  const places = { interface: 'PJSIP/1001', paused: true, reason: 'Auto-Pause' }
  office.they({ queue: 'sales', ...places })
  t.match(await office.one(), { state: 'ready', workgroups: [{ pausedFor: 'Auto-Pause' }, {}] })
  t.match(await office.agents.be('8001', { state: 'ready' }, BY), { value: { state: 'ready' } })
  t.match(office.sent, [{ do: 'queue-pause', queue: 'sales', paused: false }])
  office.sent.length = 0
  office.they(places)
  t.match(await office.one(), { state: 'not-ready', reason: 'Auto-Pause', cause: 'outside' })
  t.match(await office.agents.be('8001', { state: 'ready' }, BY), { value: { state: 'ready' } })
  t.match(await office.one(), { state: 'ready' })
  t.match([...office.members.values()], [{ paused: false }, { paused: false }])
  await office.engine.stop()
})

t.end()
