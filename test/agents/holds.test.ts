/** Pauses and penalties that another program sets: they stay, and the daemon lifts only its own, in whichever order all of it comes. */
import t from 'tap'
import { actionsFor, desiredOf } from '../../src/agents/desired.js'
import type { AgentFact } from '../../src/agents/reduce.js'
import { membersOf, newAgent, type Agent } from '../../src/agents/state.js'
import { viewAgent } from '../../src/agents/view.js'
import type { LegId, PbxId } from '../../src/base/ids.js'
import type { MemberSeen } from '../../src/pbx/facts.js'
import {
  at,
  SKILLS,
  PLACE,
  READY,
  BREAK,
  member,
  after,
  asks,
  be,
  SIGN_IN,
  shows,
  paused,
  unpaused,
  penalty,
  ANA,
  ours,
  UNPAUSES,
  IN_BREAK,
  does,
  named,
  shown,
} from '../given/held.js'

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
    const isStatic = other.kind === 'static'
    t.strictSame(by(after(sits, away, seen(7), back)), [7, isStatic ? undefined : 'outside'], 'in a gap')
    t.strictSame(
      by(after(sits, is(7))),
      [7, isStatic ? undefined : 'outside'],
      'nobody has set it: the file says so now',
    )
    if (isStatic) {
      t.strictSame(by(after(theirs, seen(4))), [4, undefined], 'read again from the file')
      t.strictSame(
        by(after(sits, is(4), is(6, 'penalty'), is(4, 'penalty'))),
        [4, undefined],
        'which is what is former then',
      )
    }
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

t.end()
