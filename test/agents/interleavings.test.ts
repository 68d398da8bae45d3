/** The pauses of the daemon and those of another program, in every order that a property test draws. */
import t from 'tap'
import fc from 'fast-check'
import { desiredOf, sentBy } from '../../src/agents/desired.js'
import { stillSent, type Sent } from '../../src/agents/holds.js'
import type { AgentFact } from '../../src/agents/reduce.js'
import { memberKey, membersOf, stateOf, type Agent, type Wanted } from '../../src/agents/state.js'
import type { LegId } from '../../src/base/ids.js'
import type { Action } from '../../src/pbx/actions.js'
import type { MemberSeen } from '../../src/pbx/facts.js'
import { at, SKILLS, READY, BREAK, step, be, ANA, does } from '../given/held.js'

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
