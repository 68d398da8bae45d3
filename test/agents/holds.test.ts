/** Pauses and penalties that another program sets: they stay, and the daemon lifts only its own, in whichever order all of it comes. */
import t from 'tap'
import fc from 'fast-check'
import { actionsFor, desiredOf, sentBy } from '../../src/agents/desired.js'
import { stillSent, type Sent } from '../../src/agents/holds.js'
import { reduceAgent, type AgentFact } from '../../src/agents/reduce.js'
import {
  memberKey,
  membersOf,
  newAgent,
  stateOf,
  type Agent,
  type Asking,
  type Wanted,
} from '../../src/agents/state.js'
import { viewAgent } from '../../src/agents/view.js'
import type { EpochMs, LegId, PbxId } from '../../src/base/ids.js'
import type { Action } from '../../src/pbx/actions.js'
import type { MemberSeen } from '../../src/pbx/facts.js'

const at = (s: number) => (1_700_000_000_000 + s * 1_000) as EpochMs
const SKILLS = ['sales', 'support'].map(workgroup => ({ workgroup, penalty: 0 }))
const POLICY = { missesUntilNotReady: 0, phoneGoneMs: 5_000 }
const PLACE = 'PJSIP/1001'
const READY: Wanted = { state: 'ready' }
const BREAK: Wanted = { state: 'not-ready', reason: '1' }

const member = (queue: string, more: Partial<MemberSeen> = {}): MemberSeen => ({
  ...{ queue, interface: PLACE, name: '8001', kind: 'dynamic', phone: 'idle', penalty: 0, paused: false, calls: 0 },
  ...more,
})
const step = (was: Agent, fact: AgentFact) => reduceAgent(was, fact, SKILLS, POLICY).next
const after = (was: Agent, ...facts: AgentFact[]) => facts.reduce(step, was)
const asks = (asking: Asking): AgentFact => ({ type: 'asked', at: at(1), asking })
const be = (wanted: Wanted) => asks({ do: 'be', wanted, cause: 'command' })
const SIGN_IN = asks({
  ...{ do: 'sign-in', wanted: READY, cause: 'command' },
  signIn: { telephony: true, extension: '1001', interface: PLACE, at: at(0) },
})
const shows = (m: MemberSeen, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(2), member: m },
  ...(sent && { sent }),
})
/** Somebody pauses, unpauses or sets a penalty: of ours, `sent` has been said before. */
const paused = (queue: string, pausedFor?: string, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(3), set: 'pause' },
  member: member(queue, { paused: true, ...(pausedFor === undefined ? {} : { pausedFor }) }),
  ...(sent && { sent }),
})
const unpaused = (queue: string, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(4), member: member(queue), set: 'pause' },
  ...(sent && { sent }),
})
const penalty = (queue: string, is: number, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(4), member: member(queue, { penalty: is }), set: 'penalty' },
  ...(sent && { sent }),
})
const ANA = after(newAgent('8001', at(0)), SIGN_IN, shows(member('sales')), shows(member('support')))
const ours = (reason: string): Sent => ({ paused: true, reason })
const UNPAUSES: Sent = { paused: false, reason: '' }
const IN_BREAK = after(ANA, be(BREAK), paused('sales', '1', ours('1')), paused('support', '1', ours('1')))

const does = (agent: Agent) => {
  const desired = desiredOf(agent, SKILLS)
  return desired ? actionsFor(agent, desired) : []
}
const named = (agent: Agent) => [agent.now.state, agent.now.reason, agent.now.cause].filter(Boolean).join(' ')
const shown = (agent: Agent, workgroup: string) =>
  viewAgent(agent, { pbx: 'hq' as PbxId, name: 'Ana', skills: SKILLS }).workgroups.find(w => w.workgroup === workgroup)

t.test('paused by another program queue by queue: nothing is done about it', async t => {
  const one = after(ANA, paused('sales', 'coffee & <cake>'))
  t.equal(named(one), 'ready command')
  t.strictSame(does(one), [])
  t.match(shown(one, 'sales'), { paused: true, pausedBy: 'outside', pausedFor: 'coffee & <cake>' })
  t.notOk(shown(one, 'support')?.pausedBy)
  const both = after(one, paused('support'))
  t.equal(named(both), 'not-ready coffee & <cake> outside')
  t.strictSame(does(both), [])
  t.equal(named(after(both, unpaused('sales'))), 'ready outside')
  t.equal(named(after(ANA, paused('sales'), paused('support'))), 'not-ready pbx outside')
})

t.test('our commands lift our own pauses only', async t => {
  t.equal(named(IN_BREAK), 'not-ready 1 command')
  const held = after(IN_BREAK, paused('support', 'meeting'))
  const asked = after(held, be(READY))
  t.match(does(asked), [{ do: 'queue-pause', queue: 'sales', paused: false }])
  const ready = after(asked, unpaused('sales', UNPAUSES))
  t.equal(named(ready), 'ready command')
  t.match(shown(ready, 'support'), { pausedBy: 'outside', pausedFor: 'meeting' })
  const all = after(IN_BREAK, paused('sales', 'meeting'), paused('support', 'meeting'))
  t.equal(named(all), 'not-ready 1 command', 'the break is theirs')
  t.strictSame(does(after(all, be(READY))), [])
  t.equal(named(after(all, be(READY))), 'not-ready meeting outside')
})

t.test(
  'unpaused by another program in a break: the state stays, the queue does as it likes, and everybody is shown it',
  async t => {
    const lifted = after(IN_BREAK, unpaused('sales'))
    t.equal(named(lifted), 'not-ready 1 command')
    t.strictSame(does(lifted), [])
    t.match(shown(lifted, 'sales'), { paused: false, unpausedBy: 'outside' })
    t.match(shown(lifted, 'support'), { paused: true, pausedBy: 'ours', pausedFor: '1' })
    t.match(
      does(after(lifted, be(BREAK))),
      [{ queue: 'sales', paused: true, reason: '1' }],
      'the break is asked for again',
    )
    const lunch = after(lifted, be({ state: 'not-ready', reason: '2' }))
    t.match(does(lunch), [{ do: 'queue-pause', interface: PLACE, reason: '2' }], 'another reason is another pause')
    t.strictSame(does(after(lifted, paused('sales', 'x'))), [], 'paused by them again')
  },
)

t.test('in a wrap-up', async t => {
  const talk = {
    leg: '1.1' as LegId,
    call: 'hq:1.1',
    doing: 'talking',
    queue: 'sales',
    answered: true,
    wrapUpMs: 9_000,
  } as const
  const talking = after(ANA, { type: 'legs.changed', at: at(5), legs: [talk] })
  t.match(does(talking), [{ do: 'queue-pause', interface: PLACE, paused: true, reason: 'wrap-up' }])
  const pausedUp = after(talking, ...['sales', 'support'].map(q => paused(q, 'wrap-up', ours('wrap-up'))))
  const wrapping = after(
    pausedUp,
    { type: 'legs.changed', at: at(6), legs: [] },
    unpaused('sales'),
    paused('support', 'x'),
  )
  t.equal(named(wrapping), 'wrap-up call')
  t.strictSame(does(wrapping), [])
  const over = after(wrapping, { type: 'time.came', at: at(20) })
  t.equal(named(over), 'ready timer')
  t.strictSame(does(over), [], 'theirs is not lifted at its end')
})

t.test('a pause that crossed our unpausing is put back; one of theirs that is lifted meanwhile is not', async t => {
  const asked = after(IN_BREAK, be(READY))
  const crossed = after(asked, paused('sales', 'theirs'), unpaused('sales', UNPAUSES), unpaused('support', UNPAUSES))
  t.match(does(crossed), [{ queue: 'sales', paused: true, reason: 'theirs' }])
  t.match(shown(after(crossed, paused('sales', 'theirs', ours('theirs'))), 'sales'), { pausedBy: 'outside' })
  const lifted = after(crossed, unpaused('sales'), paused('sales', 'theirs', ours('theirs')))
  t.match(does(lifted), [{ queue: 'sales', paused: false }])
})

t.test('the PBX or the daemon was away', async t => {
  const held = after(IN_BREAK, paused('support', 'x'), be(READY), unpaused('sales', UNPAUSES), {
    type: 'pbx.away',
    at: at(9),
  })
  const sees = (...members: MemberSeen[]): AgentFact => ({ type: 'members.seen', at: at(10), members })
  const theirs = member('support', { paused: true, pausedFor: 'x' })
  t.strictSame(does(after(held, sees(member('sales'), theirs))), [], 'a link that was lost')
  t.match(
    does(after(held, sees())),
    [
      { do: 'queue-add', queue: 'sales', paused: false },
      { do: 'queue-add', queue: 'support', paused: true, reason: 'x' },
    ],
    'a PBX that was started again has the members back as they were, pauses of others included',
  )
  const fixed = { kind: 'static', name: 'Ana' } as const
  const sits = after(
    ANA,
    sees(member('sales', fixed), member('support', fixed)),
    be(BREAK),
    ...['sales', 'support'].map(q => shows(member(q, { ...fixed, paused: true, pausedFor: '1' }), ours('1'))),
  )
  const again = after(sits, { type: 'pbx.away', at: at(9) }, sees(member('sales', fixed), member('support', fixed)))
  t.match(does(again), [{ do: 'queue-pause', interface: PLACE, paused: true, reason: '1' }], 'static members lose ours')
  const lifted = after(IN_BREAK, unpaused('sales'), { type: 'pbx.away', at: at(9) })
  t.strictSame(does(after(lifted, sees(member('sales'), member('support', { paused: true, pausedFor: '1' })))), [])
  const restarted = after(lifted, sees())
  t.match(
    does(restarted),
    [
      { do: 'queue-add', queue: 'sales', paused: false, reason: '' },
      { do: 'queue-add', queue: 'support', paused: true, reason: '1' },
    ],
    'a PBX that was started again without them has them as they were',
  )
  const back = after(
    restarted,
    shows(member('sales'), { ...UNPAUSES, adds: true }),
    shows(member('support', { paused: true, pausedFor: '1' }), { ...ours('1'), adds: true }),
    { type: 'pbx.back', at: at(11) },
  )
  t.strictSame(does(back), [])
  t.match(shown(back, 'sales'), { paused: false, unpausedBy: 'outside' })
  t.match(does(after(back, be(BREAK))), [{ queue: 'sales', paused: true, reason: '1' }], 'until the break is asked for again') // prettier-ignore
  const meanwhile = after(ANA, { type: 'pbx.away', at: at(9) }, sees(member('sales', { paused: true }), theirs))
  t.strictSame(does(meanwhile), [], 'paused by somebody while nobody heard of it')
  t.equal(named(after(meanwhile, { type: 'pbx.back', at: at(11) })), 'not-ready x outside')
  const { holds: _, ...older } = IN_BREAK
  const seen = after(older, { type: 'pbx.away', at: at(9) }, sees(...membersOf(IN_BREAK)))
  t.match(
    does(after(seen, { type: 'pbx.back', at: at(11) }, be(READY))),
    [{ paused: false }],
    'one stored before there were holds',
  )
})

t.test('a penalty that another program sets stays, until the daemon is told another one', async t => {
  const theirs = after(ANA, penalty('sales', 7))
  t.strictSame(does(theirs), [])
  t.match(shown(theirs, 'sales'), { penalty: 7, penaltyBy: 'outside' })
  const raised = SKILLS.map(skill => ({ ...skill, penalty: 3 }))
  const desired = desiredOf(theirs, raised)
  t.match(desired && actionsFor(theirs, desired), [
    { queue: 'sales', penalty: 3 },
    { queue: 'support', penalty: 3 },
  ])
  t.notOk(shown(after(theirs, penalty('sales', 0)), 'sales')?.penaltyBy)
  const forNow = { added: [{ workgroup: 'sales', penalty: 0 }], removed: [] }
  t.match(does(after(theirs, asks({ do: 'workgroups', forNow, cause: 'command' }))), [
    { do: 'queue-penalty', penalty: 0 },
  ])
  t.match(does(after(theirs, { type: 'pbx.away', at: at(9) }, { type: 'members.seen', at: at(10), members: [] })), [
    { do: 'queue-add', queue: 'sales', penalty: 7 },
    { do: 'queue-add', queue: 'support', penalty: 0 },
  ])
})

t.test('so does that of a member which the daemon has not added: a static one, or another program’s', async t => {
  for (const other of [
    { kind: 'static', name: 'Alice' },
    { kind: 'dynamic', name: 'Alice' },
  ] as const) {
    const place = { ...other, interface: 'Local/1001@from-queue/n' }
    const [is, seen] = [
      (n: number, set?: 'penalty') =>
        ({ ...shows(member('sales', { ...place, penalty: n })), ...(set && { set }) }) as AgentFact,
      (n: number): AgentFact => ({
        type: 'members.seen',
        at: at(6),
        members: [member('sales', { ...place, penalty: n }), member('support')],
      }),
    ]
    const by = (agent: Agent) => [shown(agent, 'sales')?.penalty, shown(agent, 'sales')?.penaltyBy]
    const sits = after(newAgent('8001', at(0)), SIGN_IN, is(2), shows(member('support')))
    t.strictSame(by(sits), [2, undefined], 'as the file of the PBX has it')
    const theirs = after(sits, is(7, 'penalty'))
    t.strictSame(by(theirs), [7, 'outside'])
    t.strictSame(does(theirs), [])
    t.strictSame(by(after(theirs, is(7), is(9, 'penalty'))), [9, 'outside'])
    t.strictSame(by(after(theirs, is(2, 'penalty'))), [2, undefined], 'as it was')
    const away: AgentFact = { type: 'pbx.away', at: at(5) }
    const back: AgentFact = { type: 'pbx.back', at: at(7) }
    t.strictSame(by(after(sits, away, seen(7), back)), [7, 'outside'], 'in a gap')
    t.strictSame(by(after(theirs, away, seen(7), back)), [7, 'outside'], 'over a gap')
    t.strictSame(by(after(theirs, away, seen(2), back)), [2, undefined], 'the PBX has forgotten it')
    const forNow = { added: [{ workgroup: 'sales', penalty: 0 }], removed: [] }
    const given = after(theirs, asks({ do: 'workgroups', forNow, cause: 'command' }))
    t.strictSame([by(given), does(given)], [[7, 'outside'], []], 'a level is not for members of others')
    const left: AgentFact = { type: 'members.seen', at: at(9), members: [member('sales', { ...place, penalty: 7 })] }
    const out = after(theirs, asks({ do: 'sign-out', cause: 'command' }), left)
    t.equal(out.now.state, 'signed-out')
    t.notOk(out.penalties, 'until the agent signs out')
  }
})

t.test('the call of an agent at rest is the last in which they talked, since they signed in', async t => {
  const legAt = (call: string, doing: 'ringing' | 'talking', wrapUpMs = 0) => ({
    ...{ leg: `1.${call}` as LegId, call, doing, answered: doing !== 'ringing', wrapUpMs },
  })
  const legs = (...now: ReturnType<typeof legAt>[]): AgentFact => ({ type: 'legs.changed', at: at(5), legs: now })
  const call = (agent: Agent) => viewAgent(agent, { pbx: 'hq' as PbxId, name: 'Ana', skills: SKILLS }).call
  t.equal(call(after(ANA, legs(legAt('a', 'ringing')), legs())), undefined, 'none yet')
  const rested = after(ANA, legs(legAt('a', 'talking')), legs())
  t.equal(call(rested), 'a')
  const ringing = after(rested, legs(legAt('b', 'ringing')))
  t.equal(call(ringing), 'b')
  t.equal(call(after(ringing, legs())), 'a')
  const wraps = after(ANA, legs(legAt('a', 'talking', 9_000)), legs(), legs(legAt('b', 'ringing')), legs())
  t.match([wraps.now.state, call(wraps)], ['wrap-up', 'a'], 'in a wrap-up the call before it')
  const out = after(rested, asks({ do: 'sign-out', cause: 'command' }), {
    type: 'members.seen',
    at: at(6),
    members: [],
  })
  t.equal(out.now.state, 'signed-out')
  t.equal(call(out), undefined)
})

t.test('several devices of one extension, and members that lead there through the dialplan', async t => {
  const soft = { interface: 'PJSIP/1001-soft', kind: 'static', name: 'Ana' } as const
  const local = { ...soft, interface: 'Local/1001@from-queue/n', stateInterface: 'hint:1001@ext-local' } as const
  const sits = after(
    newAgent('8001', at(0)),
    { type: 'members.seen', at: at(0), members: [member('sales', local), member('sales', soft)] },
    SIGN_IN,
  )
  t.match(does(sits), [{ do: 'queue-add', queue: 'support', interface: PLACE }], 'nobody joins a queue twice')
  const inBreak = after(sits, shows(member('support')), be(BREAK))
  t.match(
    does(inBreak),
    [local.interface, soft.interface, PLACE].map(place => ({ do: 'queue-pause', interface: place })),
  )
  const twice = after(
    ANA,
    { type: 'pbx.away', at: at(8) },
    { type: 'members.seen', at: at(9), members: [member('sales', local), member('sales'), member('support')] },
  )
  t.strictSame(does(twice), [{ do: 'queue-remove', queue: 'sales', interface: PLACE }], 'as it was added before')
  const alone = after(twice, {
    type: 'member.removed',
    at: at(9),
    queue: 'sales',
    member: { interface: PLACE, name: '8001' },
    sent: { removes: true },
  })
  t.strictSame(alone.forNow.removed, [])
  const leaves = after(
    inBreak,
    ...[local, soft].map(m => shows(member('sales', { ...m, paused: true, pausedFor: '1' }), ours('1'))),
    paused('support', '1', ours('1')),
  )
  t.match(does(after(leaves, asks({ do: 'sign-out', cause: 'command' }))), [
    { do: 'queue-remove', queue: 'support' },
    { do: 'queue-pause', interface: local.interface, paused: false },
    { do: 'queue-pause', interface: soft.interface, paused: false },
  ])
})

// A PBX, the daemon's driver, and another program, in any order: each event and each action takes its time.
type Pbx = { members: Map<string, MemberSeen>; theirs: Map<string, boolean>; events: AgentFact[]; work: Action[] }
type World = { agent: Agent; pbx: Pbx; sent: Map<string, Sent>; sends: number; lifted: Set<string> }

const newWorld = (): World => ({
  agent: ANA,
  pbx: { members: new Map(membersOf(ANA).map(m => [m.queue, m])), theirs: new Map(), events: [], work: [] },
  sent: new Map(),
  sends: 0,
  lifted: new Set(),
})

/** As app_queue does it: each time it says so, also where nothing is another. */
function pause({ pbx }: World, queue: string | undefined, is: boolean, reason: string) {
  for (const [name, { pausedFor: _, ...was }] of [...pbx.members]) {
    if (queue !== undefined && queue !== name) continue
    const now = { ...was, paused: is, ...(is && reason !== '' && { pausedFor: reason }) }
    pbx.members.set(name, now)
    pbx.events.push({ type: 'member.changed', at: at(5), member: now, set: 'pause' })
  }
}

const theyPause = (queue: string | undefined, is: boolean, reason: string) => (world: World) => {
  pause(world, queue, is, reason)
  for (const name of world.pbx.members.keys()) {
    if (queue !== undefined && queue !== name) continue
    world.pbx.theirs.set(name, is)
  }
}
/** What was lifted, was so until the daemon wants another pause. */
function tell(world: World, fact: AgentFact) {
  const was = desiredOf(world.agent, SKILLS)
  world.agent = step(world.agent, fact)
  const now = desiredOf(world.agent, SKILLS)
  if (was?.paused !== now?.paused || was?.reason !== now?.reason) world.lifted.clear()
}

const send = (world: World) => {
  if (world.sent.size > 0) return
  const actions = does(world.agent)
  if (actions.length > 0) world.sends += 1
  world.sent = sentBy(world.agent, actions)
  world.pbx.work.push(...actions)
}
const work = (world: World) => {
  const action = world.pbx.work.shift()
  if (action?.do === 'queue-pause') pause(world, action.queue, action.paused, action.reason)
  else if (action) throw new Error(`nobody wants ${action.do}`)
}
const deliver = (world: World) => {
  const fact = world.pbx.events.shift()
  if (fact?.type !== 'member.changed') return
  const key = memberKey(fact.member)
  const sent = world.sent.get(key)
  const left = sent && stillSent(sent, fact.member)
  if (left) world.sent.set(key, left)
  else world.sent.delete(key)
  tell(world, sent ? { ...fact, sent } : fact)
  // Lifted for the daemon when it hears of it, which may be after what it was asked for meanwhile.
  if (!fact.member.paused && sent?.paused !== false) world.lifted.add(fact.member.queue)
}
const told =
  (...facts: AgentFact[]) =>
  (world: World) => {
    for (const fact of facts) tell(world, fact)
  }
const asked = (wanted: Wanted) => (world: World) => {
  // As `decideBe` refuses it.
  if (world.agent.asking) return
  tell(world, be(wanted))
  world.lifted.clear()
}
const talk = (wrapUpMs: number): AgentFact => ({
  ...{ type: 'legs.changed', at: at(5) },
  legs: [{ leg: '1.1' as LegId, call: 'hq:1.1', doing: 'talking', queue: 'sales', answered: true, wrapUpMs }],
})
const OVER: AgentFact = { type: 'legs.changed', at: at(6), legs: [] }

const settle = (world: World) => {
  for (let rounds = 0; ; rounds += 1) {
    send(world)
    if (world.pbx.work.length === 0 && world.pbx.events.length === 0) return
    if (rounds > 200) throw new Error('it never comes to rest')
    while (world.pbx.work.length > 0) work(world)
    while (world.pbx.events.length > 0) deliver(world)
  }
}

const aQueue = fc.constantFrom('sales', 'support', undefined)
const aMove = fc.oneof(
  fc.tuple(aQueue, fc.boolean(), fc.constantFrom('', 'theirs', '9')).map(args => theyPause(...args)),
  fc.constantFrom(send, work, deliver),
  fc.constantFrom(READY, BREAK, { state: 'not-ready', reason: '2' } as const).map(asked),
  fc.constantFrom(0, 9_000).map(ms => told(talk(ms))),
  fc.constant(told(OVER)),
  fc.constant(told({ type: 'time.came', at: at(60) })),
)

t.test('whatever happens in whichever order: theirs stays, ours goes, and the driver comes to rest', async t => {
  const { failed, counterexample, errorInstance } = fc.check(
    fc.property(fc.array(aMove, { maxLength: 40 }), moves => {
      const world = newWorld()
      for (const move of moves) move(world)
      const before = world.sends
      settle(world)
      if (world.sends - before > 6) throw new Error(`${world.sends - before} times is a loop`)
      const { agent, pbx, lifted } = world
      if (agent.asking) throw new Error('what was asked for has not come about')
      const want = desiredOf(agent, SKILLS)
      for (const { queue, paused: is } of pbx.members.values()) {
        if (pbx.theirs.get(queue) === true && !is) throw new Error(`${queue}: their pause was lifted`)
        if (want?.paused && !is && !lifted.has(queue)) throw new Error(`${queue}: is rung though not ready`)
        if (!want?.paused && is && pbx.theirs.get(queue) !== true) throw new Error(`${queue}: is left paused`)
      }
      const all = [...pbx.members.keys()].every(queue => pbx.theirs.get(queue) === true)
      if (agent.wanted.state === 'ready' && agent.legs.length === 0 && !agent.wrapUp)
        return (stateOf(agent).state === 'not-ready') === all
      return true
    }),
    { numRuns: 5_000 },
  )
  t.notOk(failed, `${String(errorInstance)} ${fc.stringify(counterexample)}`)
})

t.end()
