/** The staff id on the legs of a call: who is signed in at the phone counts, not the name that a queue has for its member. */
import t from 'tap'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { AgentView, ExtensionView } from '../../src/events/agent.js'
import type { CallView } from '../../src/events/call.js'
import type { Fact, PbxFact } from '../../src/pbx/facts.js'
import { replay } from '../../src/replay.js'
import * as given from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, seen, up } from '../given/engine.js'

const { ana, at, ben } = given
const directory: Directory = {
  ...NO_DIRECTORY,
  staff: new Map(['8001', '8002', 'Alice'].map(id => [id, { id, name: id, workgroups: [] }])),
}
const BY = { key: 'crm' }
const there: PbxFact = {
  ...(seen(0) as Extract<PbxFact, { type: 'pbx.seen' }>),
  phones: ['1001', '1002', 'ben-mobile'].map(e => ({ device: `PJSIP/${e}`, phone: 'idle' })),
}

function anOffice() {
  const { clock, pass } = aClock(at(0))
  const site = { ...given.site, extensionOf: new Map(['1002', 'ben-mobile'].map(endpoint => [endpoint, '1002'])) }
  const { engine, log, tell } = anEngine(undefined, { clock, directory, site })
  tell([up(0), there])
  const recordOf = async (): Promise<CallView> => {
    pass(3_000)
    await engine.snapshot()
    const entry = log.findLast(({ type }) => type === 'call.recorded')
    return (JSON.parse(entry?.json ?? '{}') as { data: { call: CallView } }).data.call
  }
  const signIn = async (staff: string, extension: string) =>
    t.match(await engine.agents.signIn(staff, { extension }, BY), { ok: true })
  const signOut = async (staff: string) =>
    t.match(await engine.agents.signOut(staff, { force: true }, BY), { ok: true })
  const today = async (staff: string): Promise<Partial<AgentView['today']>> =>
    (await engine.agents.one(staff))?.today ?? {}
  const lines = async (): Promise<ExtensionView[]> => engine.extensions.list()
  return { engine, site, tell, recordOf, signIn, signOut, today, lines }
}

/** Ana waits in a queue that rings Ben's phone as its member Alice. */
const forAlice: Fact[] = [
  given.anaDials(0, '2000'),
  given.picksUp(0, ana),
  { type: 'queue.joined', at: at(1), leg: ana, queue: 'sales', position: 1 },
  given.appears(2, { of: ben, endpoint: '1002', linked: ana }),
  { type: 'dial.begun', at: at(2), leg: ben, by: ana, dialled: '1002', shown: '1001' },
  {
    ...{ type: 'agent.called', at: at(2), leg: ana, queue: 'sales', phone: ben },
    member: { interface: 'PJSIP/1002', name: 'Alice' },
  },
  given.rings(2),
  given.picksUp(5),
  given.dialEnds(5, 'ANSWER'),
  {
    ...{ type: 'agent.connected', at: at(5), leg: ana, queue: 'sales', phone: ben },
    member: { interface: 'PJSIP/1002', name: 'Alice' },
  },
  { type: 'queue.left', at: at(5), leg: ana, queue: 'sales' },
  given.enters(5, ben),
  given.enters(5, ana),
]

t.test('a static member Alice at the phone of 8001 is the agent 8001 on every part of the call', async t => {
  const { tell, recordOf, signIn, today } = anOffice()
  await signIn('8001', '1002')
  tell([...forAlice, ...given.end(20, ana)])
  const call = await recordOf()
  const who = { agent: '8001', member: 'Alice', extension: '1002' }
  t.match(call.legs[1], who)
  t.match(call.offers, [who])
  t.match(call.queues, [{ ...who, outcome: 'answered' }])
  t.match(call.agents.at(-1), { ...who, talkedMs: 15_000 })
  t.match(await today('8001'), { answered: 1 })
  t.match(await today('Alice'), { answered: 0 }, 'her name is that of the member, and she is not there')
})

t.test('a member whose name is a staff id, at a phone where nobody is signed in, gives no agent', async t => {
  const { tell, recordOf, today } = anOffice()
  tell([...forAlice, ...given.end(20, ana)])
  const call = await recordOf()
  t.match(
    [...call.legs, ...call.offers, ...call.agents].map(part => part.agent),
    [undefined, undefined, undefined],
  )
  t.equal(call.offers[0]?.member, 'Alice')
  t.match(await today('Alice'), { answered: 0 })
})

t.test('who dials and who is dialled, on every device of the extension', async t => {
  const { tell, recordOf, signIn, today } = anOffice()
  await signIn('8001', '1001')
  await signIn('8002', '1002')
  tell([given.anaDials(0)])
  tell(given.benIsDialled(1, 'ben-mobile'))
  tell([given.rings(2), given.picksUp(5), given.dialEnds(5, 'ANSWER'), given.picksUp(5, ana)])
  tell([given.enters(5, ben), given.enters(5, ana), ...given.end(20, ana)])
  const call = await recordOf()
  t.match(call.agents, [
    { agent: '8001', extension: '1001' },
    { agent: '8002', extension: '1002' },
  ])
  t.match(call.offers, [{ agent: '8002', extension: '1002' }])
  t.match(await today('8001'), { dialled: 1 })
  t.match(await today('8002'), { answered: 1 })
})

t.test('who was signed in when the leg began keeps it; where nobody was, who signs in while it lives', async t => {
  const { engine, site, tell, recordOf, signIn, signOut, today, lines } = anOffice()
  await signIn('8001', '1001')
  tell(given.theyTalk())
  await signIn('8002', '1002')
  t.match((await engine.call(given.id))?.legs, [{ agent: '8001' }, { agent: '8002' }], 'live, too')
  await signOut('8001')
  await signIn('Alice', '1001')
  const trace = engine.trace(given.id)?.facts ?? []
  const rest = given.end(20, ana)
  tell(rest)
  const call = await recordOf()
  t.match(call.agents, [{ agent: '8001' }, { agent: '8002' }])
  t.match(
    [await today('8001'), await today('8002'), await today('Alice')],
    [{ dialled: 1 }, { answered: 1 }, { dialled: 0 }],
  )
  t.match((await lines()).map(l => [l.extension, l.today.dialled, l.today.answered]), [['1001', 1, 0], ['1002', 0, 1]]) // prettier-ignore

  const again = [...replay(site, [...trace, ...rest])].at(-1)
  t.strictSame(again?.agents, call.agents, 'the trace makes the same record without the directory')
})

t.test('somebody who has left is not the agent of later calls', async t => {
  const { tell, recordOf, signIn, signOut } = anOffice()
  await signIn('8001', '1002')
  await signOut('8001')
  tell([...given.theyTalk(), ...given.end(20, ana)])
  t.strictSame(
    (await recordOf()).agents.map(share => share.agent),
    [undefined, undefined],
  )
})

t.end()
