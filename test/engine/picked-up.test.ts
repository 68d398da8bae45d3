/** A phone that is picked up for a queue before the caller is connected: a prompt, an announcement or a delay comes first. */
import t from 'tap'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { Fact, LegFact, PbxFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, seen, up } from '../given/engine.js'

const { ana, at, ben } = given
const directory: Directory = {
  ...NO_DIRECTORY,
  staff: new Map([['8001', { id: '8001', name: 'Ben', workgroups: [] }]]),
  workgroups: new Map([
    [
      'sales',
      {
        ...{ id: 'sales', name: 'Sales', strategy: 'ringall' },
        ...{ ringForMs: 15_000, wrapUpMs: 9_000, serviceLevelMs: 20_000 },
      },
    ],
  ]),
}
const member = { interface: 'PJSIP/1002', name: 'Ben' }
const there: PbxFact = {
  ...(seen(0) as Extract<PbxFact, { type: 'pbx.seen' }>),
  phones: [{ device: 'PJSIP/1002', phone: 'idle' }],
  queues: [{ name: 'sales', strategy: 'ringall', members: [] }],
}
const ofQueue = (s: number, type: 'agent.called' | 'agent.connected' | 'agent.unanswered' | 'agent.dumped') =>
  ({ type, at: at(s), leg: ana, queue: 'sales', phone: ben, member }) as const

/** A caller waits, and the phone of 8001 rings for the queue and is picked up after five seconds. */
const pickedUp: LegFact[] = [
  given.anaDials(0, '2000'),
  given.picksUp(0, ana),
  { type: 'queue.joined', at: at(1), leg: ana, queue: 'sales', position: 1 },
  ...given.benIsDialled(2),
  ofQueue(2, 'agent.called'),
  given.rings(2),
  given.picksUp(5),
]

async function anOffice() {
  const { clock, pass } = aClock(at(0))
  const { engine, log, tell } = anEngine(undefined, { clock, directory })
  tell([up(0), there])
  await engine.agents.signIn('8001', { extension: '1002' }, { key: 'crm' })
  // One miss, so that what takes it back is seen.
  tell([ofQueue(0, 'agent.unanswered')])
  const agent = () => engine.agents.one('8001')
  const states = () =>
    log.flatMap(({ type, json }) => (type === 'agent.changed' ? (JSON.parse(json) as Changed).data.agent.state : []))
  return { engine, tell, pass, agent, states, after: async (...facts: Fact[]) => (tell(facts), agent()) }
}
type Changed = { data: { agent: { state: string } } }

t.test('it is still offered, until the two talk', async t => {
  const { engine, after } = await anOffice()
  t.match(await after(...pickedUp), { state: 'ringing', misses: 1 })
  t.match(await after(given.dialEnds(5, 'ANSWER')), { state: 'ringing', misses: 1 })
  const connected = [
    ofQueue(7, 'agent.connected'),
    { type: 'queue.left', at: at(7), leg: ana, queue: 'sales' } as const,
  ]
  t.match(await after(...connected, given.enters(7, ben), given.enters(7, ana)), { state: 'talking', misses: 0 })
  t.match(await after(...given.end(20, ana)), { state: 'wrap-up', misses: 0 })
  await engine.stop()
})

t.test('hung up before the caller came, it is a miss, and no talk', async t => {
  const { engine, after, states } = await anOffice()
  const gone = [given.hangsUp(6, ben), given.isGone(7, ben), ofQueue(7, 'agent.dumped')]
  t.match(await after(...pickedUp, given.dialEnds(5, 'ANSWER'), ...gone), { state: 'ready', misses: 2 })
  t.strictSame(states().filter(state => state === 'talking' || state === 'wrap-up'), []) // prettier-ignore
  await engine.stop()
})

t.test('not accepted, as the queue says: it is one miss', async t => {
  const { engine, after, states } = await anOffice()
  const gone = [given.dialEnds(8, 'CONTINUE'), given.hangsUp(8, ben, 'pbx'), given.isGone(8, ben)]
  t.match(await after(...pickedUp, ...gone, ofQueue(8, 'agent.unanswered')), { state: 'ready', misses: 2 })
  t.strictSame(states().filter(state => state === 'talking' || state === 'wrap-up'), []) // prettier-ignore
  await engine.stop()
})

t.test('the PBX is stopped while the phone rings: it is no miss', async t => {
  const { engine, after } = await anOffice()
  const stops = [ana, ben].map((of): LegFact => ({ ...given.hangsUp(5, of, 'pbx'), stopping: true }) as LegFact)
  const gone = [given.dialEnds(5, 'NOANSWER'), ofQueue(5, 'agent.unanswered'), given.isGone(6, ben)]
  t.match(await after(...pickedUp.slice(0, -1), ...stops, ...gone), { misses: 1 })
  await engine.stop()
})

t.test('a caller who gives up meanwhile is neither answered nor missed, whoever hangs up after them', async t => {
  const { engine, after, states } = await anOffice()
  const gone = [given.hangsUp(6, ana), given.hangsUp(6.5, ben), ofQueue(7, 'agent.dumped')]
  const last = [given.isGone(7, ben), given.isGone(7, ana)]
  t.match(await after(...pickedUp, given.dialEnds(5, 'ANSWER'), ...gone, ...last), { state: 'ready', misses: 1 })
  t.strictSame(states().filter(state => state === 'talking' || state === 'wrap-up'), []) // prettier-ignore
  await engine.stop()
})

t.test('the agent was first, and then the caller gave up: it is a miss', async t => {
  const { engine, after } = await anOffice()
  const gone = [given.hangsUp(6, ben), given.hangsUp(6.5, ana), ofQueue(7, 'agent.dumped')]
  const last = [given.isGone(7, ben), given.isGone(7, ana)]
  t.match(await after(...pickedUp, given.dialEnds(5, 'ANSWER'), ...gone, ...last), { state: 'ready', misses: 2 })
  await engine.stop()
})

t.end()
