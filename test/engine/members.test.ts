/** Members of queues that are an agent's phone without being called so: through the dialplan, with several devices, by another program. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import { no } from '../../src/base/result.js'
import { systemClock } from '../../src/base/system.js'
import type { Fact } from '../../src/pbx/facts.js'
import { appears, at, isGone, leg, site } from '../given/calls.js'
import { aStore, down, up } from '../given/engine.js'
import { QUEUES, directory, BY, member, LOCAL, anOffice } from '../given/members.js'

t.test(
  'a static member that leads to the phone through the dialplan is the agent’s, and is paused in their break',
  async t => {
    const office = anOffice([
      member('sales', LOCAL),
      member('sales', { interface: 'PJSIP/1002', name: 'Ben', kind: 'static' }),
    ])
    t.match(await office.signIn(), { ok: true, value: { state: 'ready' } })
    t.strictSame(office.did(), ['queue-add support PJSIP/1001'], 'no phone joins a queue twice')
    t.match(await office.queue('sales'), {
      counts: { ready: 2, paused: 0 },
      members: [
        { name: 'Alice', extension: '1001', agent: '8001' },
        { name: 'Ben', extension: '1002' },
      ],
    })
    office.sent.length = 0
    t.match(await office.agents.be('8001', { state: 'not-ready', reason: '1' }, BY), {
      ok: true,
      value: { state: 'not-ready' },
    })
    t.strictSame(office.did(), ['queue-pause  Local/1001@from-queue/n', 'queue-pause  PJSIP/1001'])
    t.match(await office.queue('sales'), { counts: { ready: 1, paused: 1 } })
    t.ok(office.types().includes('alarm.raised'), 'too few are ready')
    t.match(await office.agents.signOut('8001', {}, BY), { ok: true, value: { state: 'signed-out' } })
    t.match([...office.members.values()], [{ name: 'Alice', paused: false }, { name: 'Ben' }], 'as the PBX had them')
    await office.engine.stop()
  },
)

t.test('who has never signed in is signed out since the daemon knows of them, and stays so', async t => {
  let now = 1
  const clock = { ...systemClock, now: () => at((now += 1)) }
  const office = anOffice([], { clock })
  const first = await office.one('8002')
  t.match(first, { state: 'signed-out', revision: 0 })
  t.equal((await office.one('8002')).since, first.since)
  t.equal((await office.agents.list()).find(a => a.staff === '8002')?.since, first.since)
  await office.agents.signIn('8001', { extension: '1001' }, BY)
  t.notOk(office.types().filter(type => type === 'agent.changed').length > 1, 'nobody is told of the other')
  await office.engine.stop()
})

t.test('a phone is counted once, by however many members', async t => {
  const office = anOffice([member('sales', LOCAL), member('sales', { kind: 'static', name: 'Alice' })])
  t.match(await office.queue('sales'), { counts: { ready: 1 }, members: [{}, {}] })
  office.tell([{ type: 'member.changed', at: at(1), member: member('sales', { ...LOCAL, phone: 'in-use' }) }])
  t.match(await office.queue('sales'), { counts: { ready: 0, busy: 1 } })
  await office.engine.stop()
})

t.test('calls that are not answered behind a member of the dialplan’s', async t => {
  const office = anOffice([member('sales', LOCAL), member('support', LOCAL)])
  await office.signIn()
  const unanswered: Fact = {
    ...{ type: 'agent.unanswered', at: at(3), leg: leg('1.1'), queue: 'sales', phone: leg('1.2') },
    member: { interface: LOCAL.interface, name: 'Alice' },
  }
  office.tell([unanswered])
  t.match(await office.one(), { misses: 1, state: 'ready' })
  office.tell([unanswered, unanswered])
  t.match(
    await retry(systemClock, 'the break', 1_000, async () =>
      (await office.one()).state === 'not-ready' ? office.one() : undefined,
    ),
    { reason: 'missed-calls', workgroups: [{ paused: true, pausedBy: 'ours' }, { paused: true }] },
  )
  await office.engine.stop()
})

t.test('several devices on one extension', async t => {
  const twice = {
    ...site,
    extensionOf: new Map([
      ['1011-desk', '1011'],
      ['1011-soft', '1011'],
    ]),
  }
  const soft = { interface: 'PJSIP/1011-soft', name: 'Soft', kind: 'static' } as const
  const office = anOffice([member('sales', soft)], { site: twice })
  office.phone('PJSIP/1011-desk', 'unavailable')
  t.match(await office.agents.signIn('8001', { extension: '1011' }, BY), { ok: true, value: { phone: 'idle' } })
  t.strictSame(office.did(), ['queue-add support PJSIP/1011-soft'], 'at the one that is there')
  office.phone('PJSIP/1011-desk', 'in-use')
  t.match(await office.one(), { phone: 'in-use' })
  office.phone('PJSIP/1011-soft', 'unavailable')
  office.phone('PJSIP/1011-desk', 'idle')
  t.match(await office.one(), { phone: 'idle' }, 'one is left')
  office.phone('PJSIP/1011-desk', 'unavailable')
  t.match(await office.one(), { phone: 'unavailable' })
  t.strictSame(await office.agents.signIn('8002', { extension: '1011' }, BY), no('EXTENSION_UNREGISTERED'))
  t.match(
    (await office.engine.extensions.list()).find(e => e.extension === '1011'),
    { phone: 'unavailable', agent: '8001' },
  )
  await office.engine.stop()
})

t.test('another program pauses in one queue, and in both', async t => {
  const office = anOffice([])
  await office.signIn()
  office.sent.length = 0
  office.they({ queue: 'sales', interface: 'PJSIP/1001', paused: true, reason: 'Team meeting, 3rd floor' })
  t.match(await office.one(), {
    state: 'ready',
    workgroups: [{ workgroup: 'sales', pausedBy: 'outside', pausedFor: 'Team meeting, 3rd floor' }, { paused: false }],
  })
  office.they({ queue: 'support', interface: 'PJSIP/1001', paused: true, reason: '' })
  t.match(await office.one(), { state: 'not-ready', cause: 'outside', reason: 'Team meeting, 3rd floor' })
  t.match(await office.agents.be('8001', { state: 'ready' }, BY), {
    ok: true,
    value: { state: 'not-ready', cause: 'outside' },
  })
  t.strictSame(office.did(), [], 'nothing is lifted')
  office.they({ interface: 'PJSIP/1001', paused: false, reason: '' })
  t.match(await office.one(), { state: 'ready', cause: 'outside' })
  t.match(await office.agents.be('8001', { state: 'not-ready', reason: '1' }, BY), { ok: true })
  const before = office.types().filter(type => type === 'agent.changed').length
  office.they({ queue: 'sales', interface: 'PJSIP/1001', paused: false, reason: '' })
  t.match(await office.one(), {
    state: 'not-ready',
    reason: '1',
    workgroups: [{ paused: false, unpausedBy: 'outside' }, { paused: true }],
  })
  t.equal(office.types().filter(type => type === 'agent.changed').length, before + 1, 'it is an event')
  await office.engine.stop()
})

t.test('the daemon is started again, and then the PBX: what is whose is not forgotten', async t => {
  const { append, stored } = aStore()
  const first = anOffice([], { append })
  await first.signIn()
  await first.agents.be('8001', { state: 'not-ready', reason: '1' }, BY)
  first.they({ queue: 'sales', interface: 'PJSIP/1001', paused: true, reason: 'audit' })
  await first.one()
  await first.engine.stop()
  const office = anOffice([...first.members.values()], { append, stored: stored() })
  await retry(systemClock, 'to be known', 1_000, async () =>
    (await office.one()).state === 'unknown' ? undefined : true,
  )
  t.strictSame(office.did(), [])
  t.match(await office.agents.be('8001', { state: 'ready' }, BY), { ok: true, value: { state: 'ready' } })
  t.strictSame(office.did(), ['queue-pause support PJSIP/1001'], 'ours alone')
  office.sent.length = 0
  office.members.clear()
  office.tell([down(5), up(6), office.there()])
  await retry(systemClock, 'both to be added', 1_000, () => Promise.resolve(office.sent.length === 2 || undefined))
  t.match(office.sent, [
    { queue: 'sales', paused: true, reason: 'audit' },
    { queue: 'support', paused: false },
  ])
  await office.engine.stop()
})

t.test('staff whom the PBX has as members: their own reason is lifted by command, that of others is not', async t => {
  const place = { interface: LOCAL.interface, stateInterface: LOCAL.stateInterface, name: '8001', paused: true }
  const office = anOffice([
    member('sales', { ...place, pausedFor: '1' }),
    member('support', { ...place, pausedFor: 'audit', penalty: 4 }),
  ])
  t.match(await office.one(), {
    state: 'not-ready',
    reason: '1',
    extension: '1001',
    workgroups: [{ penalty: 0 }, { penalty: 4, penaltyBy: 'outside' }],
  })
  t.strictSame(office.did(), [])
  t.match(await office.agents.be('8001', { state: 'ready' }, BY), { value: { state: 'ready' } })
  t.match(office.sent, [{ do: 'queue-pause', queue: 'sales', interface: LOCAL.interface, paused: false }])
  office.sent.length = 0
  office.members.clear()
  office.tell([down(5), up(6), office.there()])
  await retry(systemClock, 'both to be added', 1_000, () => Promise.resolve(office.sent.length === 2 || undefined))
  t.match(
    office.sent,
    QUEUES.map(queue => ({ do: 'queue-add', queue, interface: LOCAL.interface, stateInterface: LOCAL.stateInterface })),
  )
  await office.engine.stop()
})

t.test('a desk that somebody has left signed in', async t => {
  const roles = new Map([['lead', { id: 'lead', name: 'Lead', rights: ['take-over-desk' as const], includes: [] }]])
  const [ana, ben] = [...directory.staff.values()]
  const staff = new Map(
    [ana, ben].flatMap(one => (one ? [[one.id, one.id === '8002' ? { ...one, role: 'lead' } : one]] : [])),
  )
  const office = anOffice([], { directory: { ...directory, staff, roles } })
  await office.signIn()
  const sit = (by: { key?: string; staff?: string }, force?: boolean) =>
    office.agents.signIn('8002', { extension: '1001', ...(force && { force }) }, by)
  t.strictSame(await sit({ staff: '8002' }), no('EXTENSION_TAKEN'))
  t.strictSame(office.agents.at('1001'), { staff: '8001', name: 'Name of 8001' })
  t.strictSame(await office.agents.signIn('8001', { extension: '1002' }, BY).then(({ ok }) => ok), true)
  await office.signIn()
  t.match(await sit({ staff: '8002' }, true), { ok: true, value: { state: 'ready', extension: '1001' } })
  t.match(await office.one('8001'), { state: 'signed-out', cause: 'take-over', by: 'staff:8002' })
  t.strictSame(
    await office.agents.signIn('8001', { extension: '1001', force: true }, { staff: '8001' }),
    no('RIGHT_MISSING'),
  )
  t.strictSame(
    [...office.members.values()].map(m => m.name),
    ['8002', '8002'],
  )
  t.match(await Promise.all([sit(BY, true), office.agents.signIn('8001', { extension: '1001', force: true }, BY)]), [
    { ok: true },
    {},
  ])
  await office.engine.stop()
})

t.test('a desk is not taken over in a call, nor by two at once', async t => {
  const [ana] = [...directory.staff.values()]
  const staff = new Map(
    ['8001', '8002', '8003'].map(id => [id, { ...ana, id, name: id, workgroups: ana?.workgroups ?? [] }]),
  )
  const office = anOffice([], { directory: { ...directory, staff } })
  const sit = (who: string, extension: string, force?: boolean) =>
    office.agents.signIn(who, { extension, ...(force && { force }) }, BY)
  await sit('8001', '1001')
  office.tell([
    appears(3, { of: leg('1.8'), endpoint: '1001', dials: '1002' }),
    appears(3, { of: leg('1.9'), endpoint: '1002', linked: leg('1.8') }),
  ])
  t.match(await office.one('8001'), { state: 'talking' })
  t.strictSame(await sit('8002', '1001', true), no('AGENT_BUSY'))
  t.match(await office.one('8001'), { state: 'talking', extension: '1001' }, 'is still there')
  office.tell([isGone(4, leg('1.9')), isGone(4, leg('1.8'))])

  t.match(await sit('8002', '1002'), { ok: true })
  const taking = sit('8002', '1001', true)
  while (office.agents.at('1001')?.staff === '8001') await Promise.resolve()
  const [took, came] = await Promise.all([taking, sit('8003', '1001')])
  t.strictSame([took, came.ok], [no('EXTENSION_TAKEN'), true], 'who was quicker while 8002 left the phone before')
  t.strictSame([...new Set([...office.members.values()].map(({ name }) => name))], ['8003'])
  await office.engine.stop()
})

t.test('the directory writes its workgroups in other letters than the PBX its queues', async t => {
  const written = { sales: 'SALES', support: 'Support' } as const
  const staff = new Map([...directory.staff].map(([id, entry]) => [id, { ...entry, workgroups: Object.values(written).map(workgroup => ({ workgroup, level: 10 })) }])) // prettier-ignore
  const sales = directory.workgroups.get('sales')
  const workgroups = new Map(sales ? [[written.sales, { ...sales, id: written.sales }]] : [])
  const office = anOffice([], { directory: { ...directory, staff, workgroups } })
  t.match(await office.signIn(), { ok: true, value: { state: 'ready' } })
  t.strictSame(office.did(), ['queue-add sales PJSIP/1001', 'queue-add support PJSIP/1001'], 'each of them once')
  t.match((await office.one()).workgroups, [{ workgroup: 'sales' }, { workgroup: 'support' }])
  t.strictSame((await office.engine.queues()).map(q => q.name).sort(), QUEUES, 'no queue of another name appears')
  t.match(await office.queue('sales'), { title: 'Sales' }, 'it is the workgroup’s')
  t.match(await office.agents.workgroup('8001', { workgroup: 'SaLeS' }, BY), { ok: true })
  t.match(office.did().at(-1), 'queue-remove sales PJSIP/1001')
  await office.engine.stop()
})

t.test('two agents whom the PBX has at one phone, and of whom nothing is known: the first has it', async t => {
  const at1001 = { interface: 'Local/1001@from-queue/n', stateInterface: 'hint:1001@ext-local' }
  const office = anOffice([member('sales'), member('support', { ...at1001, name: '8002' })])
  t.match(await office.one('8001'), { state: 'ready', extension: '1001' })
  t.match(await office.one('8002'), { state: 'signed-out' })
  t.match(await office.agents.be('8001', { state: 'not-ready', reason: '1' }, BY), { ok: true })
  t.match(await office.agents.signOut('8001', {}, BY), { ok: true, value: { state: 'signed-out' } })
  await office.engine.stop()
})

t.end()
