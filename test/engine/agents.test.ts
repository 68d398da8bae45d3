/** Agents in the engine, beside a PBX that says no, says nothing, is away, or knows better: what no real one does on demand. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import { memberKey, newAgent, type Agent } from '../../src/agents/state.js'
import type { ErrorCode } from '../../src/base/errors.js'
import type { Clock } from '../../src/base/clock.js'
import { QueueMap } from '../../src/base/queue-map.js'
import type { EpochMs, LegId } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import { systemClock } from '../../src/base/system.js'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { AgentView } from '../../src/events/agent.js'
import { START } from '../../src/events/log.js'
import type { Action } from '../../src/pbx/actions.js'
import type { Fact, MemberSeen, PbxFact, QueueSeen } from '../../src/pbx/facts.js'
import type { EngineParts } from '../../src/engine/parts.js'
import * as given from '../given/calls.js'
import { at } from '../given/calls.js'
import { anEngine, down, seen, up } from '../given/engine.js'

const directory: Directory = {
  ...NO_DIRECTORY,
  staff: new Map(
    ['8001', '8002'].map(id => [
      id,
      {
        id,
        name: id,
        workgroups: [
          { workgroup: 'sales', level: 10 },
          { workgroup: 'support', level: 4 },
        ],
      },
    ]),
  ),
}
const BY = { key: 'crm' }
const member = (queue: string, paused: boolean, more: Partial<MemberSeen> = {}): MemberSeen => ({
  ...{
    queue,
    interface: 'PJSIP/1001',
    name: '8001',
    kind: 'dynamic',
    phone: 'idle',
    penalty: queue === 'sales' ? 0 : 6,
  },
  ...{ paused, calls: 0 },
  ...more,
})
const changed = (m: MemberSeen): Fact => ({ type: 'member.changed', at: at(1), member: m })
const queues = (...members: MemberSeen[]): QueueSeen[] =>
  ['sales', 'support'].map(name => ({ name, strategy: 'ringall', members: members.filter(m => m.queue === name) }))
const there = (...members: MemberSeen[]): PbxFact => ({
  ...(seen(0) as Extract<PbxFact, { type: 'pbx.seen' }>),
  queues: queues(...members),
  phones: ['1001', '1002'].map(e => ({ device: `PJSIP/${e}`, phone: 'idle' })),
})

/** What app_queue would say to each action. */
function obeys(action: Action): Fact[] {
  switch (action.do) {
    case 'queue-add': {
      const { queue, interface: place, name, penalty, paused, reason } = action
      return [changed(member(queue, paused, { interface: place, name, penalty, ...(paused && { pausedFor: reason }) }))]
    }
    case 'queue-remove':
      return [
        {
          type: 'member.removed',
          at: at(2),
          queue: action.queue,
          member: { interface: action.interface, name: '8001' },
        },
      ]
    case 'queue-pause':
      return ['sales', 'support'].map(q =>
        changed(member(q, action.paused, action.paused ? { pausedFor: action.reason } : {})),
      )
    default:
      return []
  }
}

type Says = (action: Action) => ErrorCode | 'nothing' | undefined
const anOffice = (says: Says = () => undefined, change: Partial<EngineParts> = {}) => {
  const told = anEngine(
    (action, _, tell) => {
      const said = says(action)
      if (said === 'nothing') return ok(undefined)
      if (said !== undefined) return no(said)
      void Promise.resolve().then(() => tell(obeys(action)))
      return ok(undefined)
    },
    { directory, ...change },
  )
  const agent = async (staff = '8001') => (await told.engine.agents.list()).find(a => a.staff === staff) as AgentView
  const didOf = () => told.sent.map(action => ('queue' in action ? `${action.do} ${action.queue}` : action.do))
  return {
    ...told,
    agent,
    didOf,
    signIn: (staff = '8001') => told.engine.agents.signIn(staff, { extension: '1001' }, BY),
  }
}

t.test('a phone that registers just then is waited for, one that does not is not there', async t => {
  const office = anOffice()
  office.tell([up(0), there()])
  const phone = (phone: 'idle' | 'unavailable'): Fact => ({
    type: 'phone.changed',
    at: at(1),
    device: 'PJSIP/1001',
    phone,
  })
  office.tell([phone('unavailable')])
  const asked = office.signIn()
  await office.agent()
  t.strictSame(office.didOf(), [], 'not yet')
  office.tell([phone('idle')])
  t.match(await asked, { ok: true, value: { state: 'ready' } })
  office.tell([phone('unavailable')])
  office.tell([{ type: 'phone.changed', at: at(2), device: 'PJSIP/1002', phone: 'unavailable' }])
  t.strictSame(await office.engine.agents.signIn('8002', { extension: '1002' }, BY), no('EXTENSION_UNREGISTERED'))
  await office.engine.stop()
})

t.test('a sign-in, shown by every queue', async t => {
  const office = anOffice()
  office.tell([up(0), there()])
  t.match(await office.signIn(), { ok: true, value: { state: 'ready', extension: '1001' } })
  t.strictSame(office.didOf(), ['queue-add sales', 'queue-add support'])
  t.strictSame(office.types().filter(type => type === 'agent.changed').length, 1)
  await office.engine.stop()
})

t.test('the PBX says no to the second queue: the first is taken back', async t => {
  const office = anOffice(action =>
    action.do === 'queue-add' && action.queue === 'support' ? 'COMMAND_REFUSED' : undefined,
  )
  office.tell([up(0), there()])
  t.strictSame(await office.signIn(), no('COMMAND_REFUSED'))
  t.match(await office.agent(), { state: 'signed-out' })
  await retry(systemClock, 'the first queue to be left', 1_000, async () =>
    Promise.resolve(office.didOf().includes('queue-remove sales') || undefined),
  )
  t.match(
    await office.engine.agents.signIn('8002', { extension: '1001' }, BY),
    { error: 'COMMAND_REFUSED' },
    'free again',
  )
  await office.engine.stop()
})

t.test('the PBX takes it and says nothing', async t => {
  const office = anOffice(action => (action.do === 'queue-add' ? 'nothing' : undefined))
  office.tell([up(0), there()])
  t.strictSame(await office.signIn(), no('PBX_SILENT'))
  t.match(await office.agent(), { state: 'signed-out' })
  await office.engine.stop()
})

t.test('while the PBX is away', async t => {
  const office = anOffice()
  t.strictSame(await office.signIn(), no('PBX_DOWN'))
  office.tell([up(0), there()])
  t.match(await office.signIn(), { ok: true })
  office.tell([down(5)])
  t.match(await office.agent(), { state: 'unknown' })
  for (const done of [
    office.engine.agents.be('8001', { state: 'not-ready', reason: '1' }, BY),
    office.engine.agents.signOut('8001', {}, BY),
    office.engine.agents.workgroup('8001', { workgroup: 'sales' }, BY),
  ])
    t.strictSame(await done, no('PBX_DOWN'))
  t.match(await office.engine.agents.signIn('8002', {}, BY), { ok: true, value: { reason: 'no-telephony' } })
  await office.engine.stop()
})

/** Over as soon as it is told. */
const aTalkOutside = (now: EpochMs): Fact[] => {
  const far = given.leg('1.2')
  return [
    given.appears(0, { of: given.ana, endpoint: '1001', dials: '01701234567' }),
    ...given.benIsDialled(0, 'trunk'),
    ...[given.picksUp(0, far), given.dialEnds(0, 'ANSWER', far), given.enters(0, given.ana), given.enters(0, far)],
    ...[given.hangsUp(0, far), given.isGone(0, far), given.isGone(0, given.ana)],
  ].map(fact => ({ ...fact, at: now }))
}

t.test('a wrap-up ends when its time has come, whatever the clock says by then', async t => {
  // As if it were set back by an hour while the timer runs, which cannot be done to the real one.
  let setBack = 0
  const clock: Clock = {
    now: () => (systemClock.now() - setBack) as EpochMs,
    wake: (at, run) => systemClock.wake((at + setBack) as EpochMs, run),
  }
  const site = { ...given.site, agents: { ...given.site.agents, outboundWrapUpMs: 200 } }
  const office = anOffice(undefined, { clock, site })
  office.tell([up(0), there()])
  await office.signIn()
  office.tell(aTalkOutside(clock.now()))
  t.match(await office.agent(), { state: 'wrap-up' })
  setBack = 3_600_000
  await retry(systemClock, 'the wrap-up to be over', 2_000, async () =>
    (await office.agent()).state === 'ready' ? true : undefined,
  )
  await office.engine.stop()
})

t.test('a wrap-up code that comes with what is refused is not given', async t => {
  const site = { ...given.site, agents: { ...given.site.agents, outboundWrapUpMs: 60_000 } }
  const codes = { id: '12', names: { en: 'Results' }, entries: [{ code: 'sold', names: { en: 'Sold' } }] }
  const office = anOffice(({ do: what }) => (what === 'queue-remove' ? 'nothing' : undefined), {
    directory: { ...directory, dictionaries: new Map([['12', codes]]) },
    site,
  })
  office.tell([up(0), there()])
  await office.signIn()
  office.tell(aTalkOutside(systemClock.now()))
  t.match(await office.agent(), { state: 'wrap-up' })
  const { be, signOut } = office.engine.agents
  const both = [signOut('8001', {}, BY), be('8001', { state: 'ready' }, BY, 'sold')]
  t.match(await Promise.all(both), [{}, no('AGENT_BUSY')])
  t.strictSame(
    office.types().filter(type => type === 'call.updated' || type === 'call.revised'),
    [],
  )
  await office.engine.stop()
})

t.test('the PBX was started again and has forgotten everybody', async t => {
  const office = anOffice()
  office.tell([up(0), there()])
  await office.signIn()
  t.match(await office.engine.agents.be('8001', { state: 'not-ready', reason: '2' }, BY), { ok: true })
  office.sent.length = 0
  office.tell([down(5), up(6), there()])
  await retry(systemClock, 'both to be added', 1_000, () => Promise.resolve(office.sent.length === 2 || undefined))
  t.match(office.sent, [
    { do: 'queue-add', queue: 'sales', paused: true, reason: '2' },
    { do: 'queue-add', queue: 'support', paused: true, reason: '2', penalty: 6 },
  ])
  t.match(
    await retry(systemClock, 'the agent to be known', 1_000, async () => {
      const now = await office.agent()
      return now.state === 'unknown' ? undefined : now
    }),
    { state: 'not-ready', reason: '2' },
  )
  await office.engine.stop()
})

t.test('the PBX knows who has signed in, and the daemon does not', async t => {
  const office = anOffice()
  office.tell([up(0), there(member('sales', true), member('support', true))])
  t.match(await office.agent(), { state: 'not-ready', reason: 'pbx', extension: '1001', cause: 'outside' })
  t.strictSame(office.sent, [], 'nothing is changed')
  office.tell([changed(member('sales', false)), changed(member('support', false))])
  t.match(await office.agent(), { state: 'ready', cause: 'outside' })
  await office.engine.stop()
})

t.test('a talk that nobody knows any more, when the PBX is back', async t => {
  const leg = { leg: '1.1' as LegId, call: 'hq:1.1', doing: 'talking', answered: true, wrapUpMs: 0 } as const
  const agent: Agent = {
    ...newAgent('8001', at(0)),
    now: { state: 'talking', since: at(0), cause: 'call' },
    signedIn: { telephony: true, extension: '1001', interface: 'PJSIP/1001', at: at(0) },
    legs: [leg],
  }
  const stored = { last: START, calls: [{ id: 'agent/8001', agent }] }
  const office = anEngine(undefined, { directory, stored })
  t.match((await office.engine.agents.one('8001'))?.state, 'unknown')
  office.tell([up(0), there(member('sales', false), member('support', false))])
  t.match(await office.engine.agents.one('8001'), { state: 'ready', extension: '1001' })
  await office.engine.stop()
})

t.test('a wrap-up that waits for a code, and a start with a directory that requires none', async t => {
  const members = ['sales', 'support'].map(q => member(q, true, { pausedFor: 'wrap-up' }))
  const agent: Agent = {
    ...newAgent('8001', at(0)),
    members: Object.fromEntries(members.map(m => [memberKey(m), m])),
    now: { state: 'wrap-up', since: at(0), cause: 'call' },
    signedIn: { telephony: true, extension: '1001', interface: 'PJSIP/1001', at: at(0) },
    wrapUp: { until: at(0), call: 'hq:1.1', queue: 'sales', codeRequired: true },
  }
  const codes = { id: 'results', names: { en: 'Results' }, entries: [{ code: 'sold', names: { en: 'Sold' } }] }
  const sales = { id: 'sales', name: 'Sales', strategy: 'ringall', ringForMs: 15_000, wrapUpMs: 0 } as const
  const after = async (required: boolean) => {
    const workgroup = { ...sales, serviceLevelMs: 20_000, wrapUpCodes: { dictionary: 'results', required } }
    const now = {
      ...directory,
      dictionaries: new Map([['results', codes]]),
      workgroups: new QueueMap([['sales', workgroup]]),
    }
    const stored = { last: START, calls: [{ id: 'agent/8001', agent }] }
    const office = anOffice(() => undefined, { directory: now, stored })
    office.tell([up(0), there(...members)])
    const { state } = await retry(systemClock, 'the agent', 1_000, async () => {
      const one = await office.engine.agents.one('8001')
      return one?.state === 'ready' || one?.wrapUpCodeRequired ? one : undefined
    })
    await office.engine.stop()
    return state
  }
  t.equal(await after(true), 'wrap-up')
  t.equal(await after(false), 'ready')
})

t.test('two at once for one extension', async t => {
  const office = anOffice()
  office.tell([up(0), there()])
  const both = await Promise.all([office.signIn('8001'), office.signIn('8002')])
  t.match(both, [{ ok: true }, { ok: false, error: 'EXTENSION_TAKEN' }])
  t.match(
    await Promise.all([
      office.engine.agents.be('8001', { state: 'not-ready', reason: '1' }, BY),
      office.engine.agents.be('8001', { state: 'ready' }, BY),
    ]),
    [{ ok: true }, { ok: false, error: 'AGENT_BUSY' }],
  )
  await office.engine.stop()
})

t.test('the daemon stops in the middle of a sign-in: it is finished first', async t => {
  const held: (() => void)[] = []
  const office = anEngine(
    (action, _, tell) => {
      held.push(() => tell(obeys(action)))
      return ok(undefined)
    },
    { directory },
  )
  office.tell([up(0), there()])
  const signedIn = office.engine.agents.signIn('8001', { extension: '1001' }, BY)
  await retry(systemClock, 'both to be sent', 1_000, () => Promise.resolve(held.length === 2 || undefined))
  const stopped = office.engine.stop()
  for (const go of held) go()
  t.match(await signedIn, { ok: true, value: { state: 'ready' } })
  await stopped
})

t.test('of whoever is taken out of the directory, nothing is left', async t => {
  const office = anOffice()
  office.tell([up(0), there()])
  await office.signIn()
  const change = { kind: 'staff', id: '8001', do: 'delete' } as const
  t.match(await office.engine.directory.change(change, BY), { error: { code: 'ENTRY_IN_USE' } })
  t.match(await office.engine.agents.signOut('8001', {}, BY), { ok: true })
  t.match(await office.engine.directory.change(change, BY), { ok: true })
  t.strictSame(
    (await office.engine.agents.list()).map(a => a.staff),
    ['8002'],
  )
  t.equal(await office.engine.agents.one('8001'), undefined)
  await office.engine.stop()
})

t.test('a command that the daemon no longer takes', async t => {
  const office = anOffice()
  office.tell([up(0), there()])
  await office.engine.stop()
  t.strictSame(await office.signIn(), no('STOPPING'))
})

t.end()
