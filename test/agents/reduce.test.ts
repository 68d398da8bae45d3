/** One agent through their day: each state, and what each fact makes of it; and that no second is in two states or in none. */
import t from 'tap'
import fc from 'fast-check'
import { reduceAgent, type AgentFact, type Ended } from '../../src/agents/reduce.js'
import {
  newAgent,
  stateOf,
  type Agent,
  type Asking,
  type LegAt,
  type SignIn,
  type Wanted,
} from '../../src/agents/state.js'
import type { EpochMs, LegId } from '../../src/base/ids.js'
import type { AgentState } from '../../src/events/agent.js'
import type { MemberSeen } from '../../src/pbx/facts.js'

const at = (s: number) => (1_700_000_000_000 + s * 1_000) as EpochMs
const SKILLS = [{ workgroup: 'sales', penalty: 0 }]
const POLICY = { missesUntilNotReady: 2, phoneGoneMs: 5_000 }

const place = { telephony: true, extension: '1001', interface: 'PJSIP/1001' } as const
const signIn: SignIn = { at: at(0), ...place }
const READY: Wanted = { state: 'ready' }
const LUNCH: Wanted = { state: 'not-ready', reason: '2' }
const asks = (asking: Asking, s: number): AgentFact => ({ type: 'asked', at: at(s), asking })
const signsIn = (s: number, wanted: Wanted = READY) =>
  asks({ do: 'sign-in', signIn, wanted, cause: 'command', by: 'key:crm' }, s)
const signsOut = (s: number) => asks({ do: 'sign-out', cause: 'command', by: 'key:crm' }, s)
const wants = (wanted: Wanted, s: number) => asks({ do: 'be', wanted, cause: 'command', by: 'key:crm' }, s)
const member = (paused: boolean, pausedFor?: string): MemberSeen => ({
  queue: 'sales',
  interface: 'PJSIP/1001',
  name: '8001',
  kind: 'dynamic',
  phone: 'idle',
  penalty: 0,
  paused,
  ...(pausedFor === undefined ? {} : { pausedFor }),
  calls: 0,
})
const has = (s: number, paused = false, pausedFor?: string): AgentFact => ({
  type: 'member.changed',
  at: at(s),
  member: member(paused, pausedFor),
})
const hasNot = (s: number): AgentFact => ({ type: 'member.removed', at: at(s), queue: 'sales', member: member(false) })
const leg = (doing: LegAt['doing'], wrapUpMs = 0): LegAt => ({
  leg: '1.1' as LegId,
  call: 'hq:1.1',
  doing,
  queue: 'sales',
  answered: doing !== 'ringing',
  wrapUpMs,
})
const legs = (s: number, ...now: LegAt[]): AgentFact => ({ type: 'legs.changed', at: at(s), legs: now })
const phone = (s: number, is: 'idle' | 'unavailable'): AgentFact => ({ type: 'phone.changed', at: at(s), phone: is })
const missed = (s: number): AgentFact => ({ type: 'missed', at: at(s) })
const time = (s: number): AgentFact => ({ type: 'time.came', at: at(s) })
const away = (s: number): AgentFact => ({ type: 'pbx.away', at: at(s) })
const back = (s: number): AgentFact => ({ type: 'pbx.back', at: at(s) })

const tell = (facts: readonly AgentFact[], from: Agent = newAgent('8001', at(0))) => {
  const ended: Ended[] = []
  const agent = facts.reduce((was, fact) => {
    const step = reduceAgent(was, fact, SKILLS, POLICY)
    if (step.ended) ended.push(step.ended)
    return step.next
  }, from)
  return { agent, ended }
}
const named = ({ now }: { now: Pick<Agent['now'], 'state' | 'reason'> }) =>
  now.reason === undefined ? now.state : `${now.state} ${now.reason}`
const after = (...facts: AgentFact[]) => named(tell(facts).agent)
const IN = [signsIn(0), has(1)]

t.test('a sign-in counts when every queue has them', async t => {
  t.equal(after(signsIn(0)), 'signed-out')
  t.equal(after(...IN), 'ready')
  t.equal(after(signsIn(0, LUNCH), has(1)), 'signed-out', 'not as they should be yet')
  t.equal(after(signsIn(0, LUNCH), has(1, true, '2')), 'not-ready 2')
  const { agent, ended } = tell(IN)
  t.match(agent.now, { state: 'ready', since: at(1), cause: 'command', by: 'key:crm' })
  t.match(ended, [{ state: 'signed-out', since: at(0), to: at(1) }])
})

t.test('one that fails leaves nothing: what is there is taken out again', async t => {
  const { agent } = tell([signsIn(0, LUNCH), has(1), { type: 'asking.failed', at: at(2) }])
  t.match(agent.asking, { do: 'sign-out', at: signIn })
  t.equal(after(signsIn(0, LUNCH), has(1), { type: 'asking.failed', at: at(2) }, hasNot(3)), 'signed-out')
  t.equal(
    tell([signsIn(0), { type: 'asking.failed', at: at(2) }, { type: 'asking.failed', at: at(3) }]).agent.asking,
    undefined,
  )
})

t.test('ready and not ready count when the queues show it', async t => {
  t.equal(after(...IN, wants(LUNCH, 5)), 'ready')
  t.equal(after(...IN, wants(LUNCH, 5), has(6, true, '2')), 'not-ready 2')
  t.equal(after(...IN, wants(LUNCH, 5), { type: 'asking.failed', at: at(9) }), 'ready')
  t.equal(after(...IN, wants(LUNCH, 5), has(6, true, '2'), wants(READY, 7), has(8)), 'ready')
})

t.test('by another way than ours', async t => {
  t.equal(after(...IN, has(5, true, 'meeting')), 'not-ready meeting')
  t.equal(after(...IN, has(5, true)), 'not-ready pbx')
  t.equal(after(...IN, has(5, true), has(6)), 'ready')
  t.match(tell([...IN, has(5, true)]).agent.now, { cause: 'outside' })
  t.match(tell([...IN, hasNot(5)]).agent.forNow, { removed: ['sales'] })
})

t.test('a call with a wrap-up, and what is asked for meanwhile', async t => {
  const called = [...IN, legs(10, leg('ringing')), legs(12, leg('talking', 30_000))]
  t.equal(after(...called), 'talking')
  t.equal(after(...called, legs(14, leg('held', 30_000))), 'held')
  const over = [...called, has(13, true, 'wrap-up'), legs(20)]
  t.match(tell(over).agent, { now: { state: 'wrap-up', since: at(20), call: 'hq:1.1' }, wrapUp: { until: at(50) } })
  t.equal(after(...over, time(49)), 'wrap-up')
  t.equal(after(...over, time(50)), 'wrap-up', 'until the queues show it')
  t.equal(after(...over, time(50), has(51)), 'ready')
  t.match(tell([...over, time(50), has(51)]).agent.now, { cause: 'timer' })
  t.match(tell([...over, { type: 'wrap-up.extended', at: at(30), byMs: 10_000 }]).agent.wrapUp, { until: at(60) })
  t.equal(after(...over, { type: 'wrap-up.ended', at: at(30), cause: 'command' }, has(31)), 'ready')
  t.equal(after(...over, wants(READY, 30), has(31)), 'ready', 'to be ready ends it')
  t.equal(after(...over, wants(LUNCH, 30)), 'wrap-up', 'lunch comes after it')
  const lunch = tell([...over, wants(LUNCH, 30), time(50)]).agent
  t.match(lunch.now, { state: 'wrap-up' }, 'until the queues say lunch')
  t.match(tell([has(51, true, '2')], lunch).agent.now, {
    state: 'not-ready',
    reason: '2',
    cause: 'command',
    by: 'key:crm',
  })
})

t.test('a wrap-up that needs a code lasts until it is given', async t => {
  const required = (wrapUpMs: number): LegAt => ({ ...leg('talking', wrapUpMs), codeRequired: true })
  const coded = (s: number, call = 'hq:1.1'): AgentFact => ({ type: 'wrap-up.coded', at: at(s), call })
  for (const wrapUpMs of [0, 30_000]) {
    const over = [...IN, legs(12, required(wrapUpMs)), has(13, true, 'wrap-up'), legs(20)]
    t.match(tell([...over, time(60)]).agent, { now: { state: 'wrap-up' }, wrapUp: { codeRequired: true } })
    t.equal(after(...over, time(60), coded(70, 'hq:9.9'), has(71)), 'wrap-up', 'not of another call')
    t.equal(after(...over, time(60), coded(70)), 'wrap-up', 'until the queues show it')
    t.equal(after(...over, time(60), coded(70), has(71)), 'ready')
  }
  const early = [...IN, legs(12, required(30_000)), coded(13), has(13, true, 'wrap-up'), legs(20)]
  t.equal(after(...early, time(49)), 'wrap-up', 'one that was given in the call is there')
  t.equal(after(...early, time(50), has(51)), 'ready')
  const soon = [...IN, legs(12, required(30_000)), has(13, true, 'wrap-up'), legs(20), coded(21)]
  t.equal(after(...soon, time(49)), 'wrap-up', 'and there is time left')
  t.equal(after(...soon, time(50), has(51)), 'ready')
})

t.test('a wrap-up does not wait for a code that is required no longer', async t => {
  const required = (wrapUpMs: number): LegAt => ({ ...leg('talking', wrapUpMs), codeRequired: true })
  const requires = (s: number, ...queues: string[]): AgentFact => ({ type: 'codes.required', at: at(s), queues })
  const over = (ms: number) => [...IN, legs(12, required(ms)), has(13, true, 'wrap-up'), legs(20)]
  t.equal(after(...over(0), requires(70), has(71)), 'ready', 'it was beyond its time')
  t.equal(after(...over(0), requires(70, 'sales'), has(71)), 'wrap-up', 'it is still')
  t.equal(after(...over(30_000), requires(30), time(49)), 'wrap-up', 'there is time left')
  t.equal(after(...over(30_000), requires(30), time(50), has(51)), 'ready')
  const inTime = [...over(30_000), requires(30), requires(31, 'sales'), time(50), has(51)]
  t.equal(after(...inTime), 'ready', 'what has begun is not made to wait again')
  const talking = [...IN, legs(12, required(0)), has(13, true, 'wrap-up'), requires(15)]
  t.equal(after(...talking, legs(20), has(21)), 'ready', 'before the end of the talk')
  const late = [...IN, legs(12, leg('talking')), requires(15, 'sales'), has(16, true, 'wrap-up'), legs(20)]
  t.equal(after(...late), 'wrap-up', 'and required during the talk')
})

t.test('without a wrap-up, and one that was not answered', async t => {
  t.equal(after(...IN, legs(10, leg('ringing')), legs(12, leg('talking')), legs(20)), 'ready')
  t.match(tell([...IN, legs(10, leg('ringing')), legs(12)]).agent, { now: { state: 'ready', cause: 'call' } })
  t.equal(after(...IN, legs(10, leg('ringing', 30_000)), legs(12)), 'ready')
})

t.test('misses in a row', async t => {
  t.equal(tell([...IN, missed(5)]).agent.asking, undefined)
  t.match(tell([...IN, missed(5), missed(6)]).agent.asking, { do: 'be', wanted: { reason: 'missed-calls' } })
  t.equal(after(...IN, missed(5), missed(6)), 'ready', 'until the queues show it')
  t.equal(after(...IN, missed(5), missed(6), has(7, true, 'missed-calls')), 'not-ready missed-calls')
  t.match(tell([...IN, missed(5), legs(6, leg('talking')), legs(7)]).agent, { misses: 0 })
  const back = [...IN, missed(5), missed(6), has(7, true, 'missed-calls'), wants(READY, 8), has(9)]
  t.match(tell(back).agent, { now: { state: 'ready' }, misses: 0 })
})

t.test('a phone that is gone', async t => {
  t.equal(after(...IN, phone(5, 'unavailable'), time(9)), 'ready')
  t.equal(after(...IN, phone(5, 'unavailable'), phone(7, 'idle'), time(10)), 'ready', 'it has come back')
  t.equal(after(...IN, phone(5, 'unavailable'), time(10), has(11, true, 'phone-gone')), 'not-ready phone-gone')
  t.match(tell([...IN, phone(5, 'unavailable')]).agent, {
    phone: 'unavailable',
    phoneSince: at(5),
    phoneGoneAt: at(10),
  })
})

t.test('the PBX is away', async t => {
  t.equal(after(...IN, away(5)), 'unknown')
  t.equal(after(...IN, away(5), back(8)), 'ready')
  t.equal(after(away(5)), 'signed-out', 'who has not signed in is not unknown')
  t.equal(after(...IN, away(5), hasNot(6), has(7, true)), 'unknown', 'what is restored, is no news')
  t.strictSame(tell([...IN, away(5), hasNot(6)]).agent.forNow, { added: [], removed: [] })
})

t.test('signing out', async t => {
  t.equal(after(...IN, signsOut(5)), 'ready')
  const { agent } = tell([...IN, signsOut(5), hasNot(6)])
  t.match(agent, { now: { state: 'signed-out', since: at(6) }, members: {}, legs: [] })
  t.equal(agent.signedIn, undefined)
})

t.test('for now, in another workgroup', async t => {
  const forNow = { added: [{ workgroup: 'support', penalty: 3 }], removed: ['sales'] }
  const asked = [...IN, asks({ do: 'workgroups', forNow, cause: 'command' }, 5)]
  t.match(tell(asked).agent.forNow, { added: [], removed: [] })
  const support: AgentFact = {
    type: 'member.changed',
    at: at(6),
    member: { ...member(false), queue: 'support', penalty: 3 },
  }
  t.match(tell([...asked, support]).agent.forNow, { added: [] }, 'still in sales')
  t.match(tell([...asked, support, hasNot(7)]).agent.forNow, forNow)
})

const aFact = fc.oneof(
  ...[signsIn, signsOut, hasNot, missed, time, away, back, legs].map(make => fc.nat(100).map(s => make(s))),
  fc.tuple(fc.nat(100), fc.boolean(), fc.constantFrom(undefined, '2', 'wrap-up')).map(args => has(...args)),
  fc.tuple(fc.nat(100), fc.constantFrom('idle', 'unavailable' as const)).map(args => phone(...args)),
  fc.tuple(fc.constantFrom(READY, LUNCH), fc.nat(100)).map(args => wants(...args)),
  fc
    .tuple(fc.nat(100), fc.constantFrom('ringing', 'talking', 'held' as const), fc.constantFrom(0, 10_000))
    .map(([s, doing, wrapUpMs]) => legs(s, leg(doing, wrapUpMs))),
  fc.nat(100).map((s): AgentFact => ({ type: 'asking.failed', at: at(s) })),
  fc.nat(100).map((s): AgentFact => ({ type: 'wrap-up.ended', at: at(s), cause: 'command' })),
)

t.test('every second of a day is in exactly one state, whatever is told in whichever order', async t => {
  fc.assert(
    fc.property(fc.array(aFact, { maxLength: 60 }), facts => {
      const { agent, ended } = tell(facts)
      const stretches = [...ended, { ...agent.now, to: at(1_000) }]
      for (const [i, { since, to }] of stretches.entries()) {
        if (to < since) throw new Error('time went back')
        if (since !== (stretches[i - 1]?.to ?? at(0))) throw new Error('a gap, or an overlap')
      }
      const states = new Set<AgentState>(stretches.map(({ state }) => state))
      const names = stretches.map(now => named({ now }))
      if (names.some((name, i) => i > 0 && name === names[i - 1])) throw new Error('a change that is none')
      const sum = stretches.reduce((ms, { since, to }) => ms + to - since, 0)
      return sum === 1_000_000 && states.size > 0 && stateOf(agent).state === agent.now.state
    }),
    { numRuns: 2_000 },
  )
  t.pass()
})

t.test('what is told twice changes nothing; what is stored comes back as it was', async t => {
  const again = new Set<AgentFact['type']>([
    'member.changed',
    'member.removed',
    'legs.changed',
    'phone.changed',
    'pbx.away',
  ])
  fc.assert(
    fc.property(fc.array(aFact, { maxLength: 30 }), aFact, (facts, last) => {
      const { agent } = tell([...facts, last])
      const twice = again.has(last.type) ? tell([last], agent).agent : agent
      t.strictSame(twice, agent)
      t.strictSame(JSON.parse(JSON.stringify(agent)), agent)
    }),
    { numRuns: 500 },
  )
})

t.end()
