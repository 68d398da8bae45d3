/** What is told when a call from outside rings at a phone: once for each phone, with what is known of the caller, in time. */
import t from 'tap'
import { parseConfig } from '../../src/config.js'
import { popLinksOf } from '../../src/config-pop.js'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'
import type { CallView } from '../../src/events/call.js'
import type { LogEntry } from '../../src/events/log.js'
import type { Pop } from '../../src/events/pop.js'
import type { Fact } from '../../src/pbx/facts.js'
import { OWN_LEG } from '../../src/pbx/names.js'
import * as given from '../given/calls.js'
import { anEngine, aStore, seen } from '../given/engine.js'

type Data = { call: CallView; leg: string; pop: Pop }
const poppedIn = (log: readonly LogEntry[]) =>
  log.filter(e => e.type === 'call.offered').map(e => (JSON.parse(e.json) as { data: Data }).data)
const popped = (log: readonly LogEntry[], count = 1) =>
  retry(systemClock, `${count} pops`, 5_000, () => {
    const found = poppedIn(log)
    return Promise.resolve(found.length >= count ? found : undefined)
  })

/** Whatever else a call shows is `call.changed`. */
const named = (types: readonly string[]) => types.filter(type => type !== 'call.changed')

const customer = { of: given.ana, endpoint: 'trunk', number: '01701234567', dials: '1002' }
const comesIn: Fact[] = [given.appears(0, customer), ...given.benIsDialled(1), given.rings(2)]
const past = (id: string, more: Partial<CallView> = {}): CallView => ({
  ...{ id, pbx: 'hq', revision: 9, state: 'ended', direction: 'inbound', startedAt: '2023-11-01T08:00:00.000Z' },
  ...{ from: { number: '01701234567' }, to: { number: '1003' }, outcome: 'abandoned' },
  ...{ legs: [], offers: [], segments: [], queues: [], transfers: [], agents: [] },
  ...more,
})
const talkedWith = (agent: string) =>
  past('hq:2', { outcome: 'answered', talkedMs: 60_000, agents: [{ agent, legs: [], talkedMs: 60_000, heldMs: 0, rangMs: 0 }] }) // prettier-ignore

t.test('who it is, how they came, and what was before', async t => {
  const asked: string[] = []
  const links = popLinksOf({ links: { crm: 'https://crm.example/pop{?e164,call,agent,name}' } })
  const { log, tell } = anEngine(undefined, {
    callsWith: number => Promise.resolve(asked.push(number) ? [past('hq:1'), talkedWith('7')] : []),
    popLinks: links,
  })
  tell(comesIn)
  const [data] = await popped(log)
  t.strictSame(asked, ['+491701234567'], 'one way to write it')
  t.equal(data?.leg, given.ben)
  t.match(data?.call, { id: given.id, state: 'ringing', revision: 3 })
  const { waitedMs, ...pop } = data?.pop ?? ({} as Pop)
  t.equal(typeof waitedMs, 'number')
  t.strictSame(pop, {
    customer: { number: '01701234567', e164: '+491701234567', area: 'DE' },
    extension: '1002',
    ivr: [],
    lastAgent: { id: 'hq:2', startedAt: '2023-11-01T08:00:00.000Z', direction: 'inbound', outcome: 'answered', agent: '7', talkedMs: 60_000 }, // prettier-ignore
    history: [
      { id: 'hq:1', startedAt: '2023-11-01T08:00:00.000Z', direction: 'inbound', outcome: 'abandoned' },
      { id: 'hq:2', startedAt: '2023-11-01T08:00:00.000Z', direction: 'inbound', outcome: 'answered', agent: '7', talkedMs: 60_000 }, // prettier-ignore
    ],
    links: { crm: 'https://crm.example/pop?e164=%2B491701234567&call=hq%3A1.1' },
  })
  tell([given.dialEnds(5, 'NOANSWER'), given.isGone(5, given.ben), ...given.benIsDialled(6, '1003', given.leg('1.3'))])
  tell([given.rings(7, given.leg('1.3'))])
  const both = await popped(log, 2)
  t.strictSame(both.map(d => d.pop.extension), ['1002', '1003'], 'once for each phone') // prettier-ignore
})

t.test('what the PBX tells next keeps its time, though it is told by a clock that is behind', async t => {
  const { log, tell } = anEngine()
  tell(comesIn)
  await popped(log)
  tell([given.picksUp(3), given.dialEnds(3, 'ANSWER'), given.enters(3, given.ana), given.enters(3, given.ben)])
  const answered = log.find(e => e.type === 'call.answered')
  const { time } = JSON.parse(answered?.json ?? '{}') as { time?: string }
  t.equal(time, new Date(given.at(3)).toISOString())
})

t.test('of many phones that ring at once each is told of, and the history is asked once', async t => {
  let asked = 0
  const { log, tell } = anEngine(undefined, { callsWith: () => Promise.resolve(asked++ < 0 ? [] : [past('hq:1')]) })
  const phones = ['1002', '1003', '1004'].map((extension, i) => [extension, given.leg(`1.${i + 2}`)] as const)
  tell([given.appears(0, customer), ...phones.flatMap(([extension, leg]) => given.benIsDialled(1, extension, leg))])
  tell(phones.map(([, leg]) => given.rings(2, leg)))
  const all = await popped(log, 3)
  t.strictSame(all.map(d => [d.pop.extension, d.pop.history?.length]), phones.map(([e]) => [e, 1])) // prettier-ignore
  t.equal(asked, 1)
})

t.test('a call inside pops up nowhere; whom an agent has called does when they are passed on', async t => {
  const { log, tell } = anEngine()
  tell([given.anaDials(0), ...given.benIsDialled(1), given.rings(2)])
  const other = given.leg('1.5')
  const out = { of: given.leg('1.4'), endpoint: '1001', dials: '01701234567' }
  tell([given.appears(10, out), given.appears(10, { of: other, endpoint: 'trunk', linked: out.of })])
  tell([{ type: 'dial.begun', at: given.at(10), leg: other, by: out.of, dialled: '01701234567', shown: '1001' }])
  tell([given.rings(11, other)])
  const third = given.leg('1.6')
  tell([given.appears(20, { of: third, endpoint: '1003', linked: out.of }), given.rings(21, third)])
  const [data] = await popped(log)
  t.match(data?.pop, { customer: { e164: '+491701234567' }, extension: '1003', history: [] })
  t.equal(poppedIn(log).length, 1)
})

t.test('a history that does not answer, or cannot, holds nobody up', async t => {
  for (const callsWith of [
    () => new Promise<never>(() => undefined),
    () => Promise.reject(new Error('the store is down')),
  ]) {
    const { log, tell } = anEngine(undefined, { callsWith })
    tell(comesIn)
    const [data] = await popped(log)
    t.notOk('history' in (data?.pop ?? {}), 'it is not said that there was nothing')
  }
})

t.test('a history that answers after that is on the call', async t => {
  const answers: ((calls: CallView[]) => void)[] = []
  const callsWith = () => new Promise<CallView[]>(resolve => answers.push(resolve))
  const { engine, log, tell, types } = anEngine(undefined, { callsWith })
  tell(comesIn)
  t.notOk((await popped(log))[0]?.pop.history)
  for (const answer of answers) answer([talkedWith('7')])
  const call = await retry(systemClock, 'the history', 5_000, async () => {
    const now = await engine.call(given.id)
    return now?.pop?.history ? now : undefined
  })
  t.match(call.pop, { lastAgent: { agent: '7' }, history: [{ id: 'hq:2' }] })
  t.equal(types().at(-1), 'call.changed')
  await engine.stop()
})

t.test('whatever ends the ringing does not come first, though the history has not answered yet', async t => {
  const answers: ((calls: CallView[]) => void)[] = []
  const callsWith = () => new Promise<CallView[]>(resolve => answers.push(resolve))
  const { engine, log, tell, types } = anEngine(undefined, { callsWith })
  tell(comesIn)
  tell([given.dialEnds(3, 'NOANSWER'), given.isGone(3, given.ben)])
  const carla = given.leg('1.3')
  tell([...given.benIsDialled(4, '1003', carla), given.rings(4, carla), given.picksUp(4, carla)])
  tell([given.dialEnds(4, 'ANSWER', carla), given.enters(4, given.ana), given.enters(4, carla)])
  t.notOk((await engine.call(given.id))?.pop?.history)
  for (const answer of answers) answer([past('hq:1')])
  await retry(systemClock, 'the history', 5_000, async () => (await engine.call(given.id))?.pop?.history)
  t.equal(types().at(-1), 'call.changed', 'what the event did not have, the call has')
  await engine.stop()
  t.match(poppedIn(log), [{ pop: { extension: '1002', waitedMs: 2_000 } }, { pop: { extension: '1003' } }])
  const told = ['call.ringing', 'call.offered', 'call.unanswered', 'call.ringing', 'call.offered', 'call.answered']
  t.strictSame(named(types()).slice(1, 7), told, 'once for each')
})

t.test('the history that has answered before the phone rings is told with the ringing', async t => {
  const history = Promise.resolve([past('hq:1')])
  const { engine, log, tell, types } = anEngine(undefined, { callsWith: () => history })
  tell([given.appears(0, customer), ...given.benIsDialled(1)])
  for (let turn = 0; turn < 30; turn += 1) await history
  tell([given.rings(2), given.picksUp(2), given.dialEnds(2, 'ANSWER')])
  await engine.stop()
  t.match(poppedIn(log), [{ pop: { history: [{ id: 'hq:1' }] } }])
  t.strictSame(named(types()).slice(0, 3), ['call.started', 'call.ringing', 'call.offered'])
})

t.test('a page that is loaded in mid-call finds on the call what was told of it', async t => {
  const { append, stored } = aStore()
  const popLinks = popLinksOf({ links: { crm: 'https://crm.example/pop{?extension}' } })
  const parts = { append, callsWith: () => Promise.resolve([past('hq:1'), talkedWith('7')]), popLinks }
  const { engine, tell } = anEngine(undefined, { ...parts, areaOf: () => ({ city: 'Berlin' }) })
  tell(comesIn)
  const carla = given.leg('1.3')
  tell([...given.benIsDialled(2, '1003', carla), given.rings(3, carla)])
  await retry(systemClock, 'both', 5_000, async () =>
    (await engine.snapshot()).calls[0]?.pop?.phones.length === 2 ? true : undefined,
  )
  const [live] = (await engine.snapshot()).calls
  t.match(live?.pop, {
    customer: { e164: '+491701234567', area: 'DE', home: { city: 'Berlin' } },
    lastAgent: { agent: '7' },
    history: [{ id: 'hq:1' }, { id: 'hq:2' }],
    phones: [
      { leg: given.ben, extension: '1002', waitedMs: 2_000, links: { crm: 'https://crm.example/pop?extension=1002' } },
      { leg: carla, extension: '1003' },
    ],
  })
  tell([given.picksUp(4, carla), given.dialEnds(4, 'ANSWER', carla), given.isGone(4, given.ben)])
  tell([given.enters(4, given.ana), given.enters(4, carla)])
  t.match((await engine.call(given.id))?.pop, { phones: [{ leg: carla }] }, 'phones that are there')
  await engine.stop()
  const second = anEngine(undefined, { stored: stored() })
  t.match((await second.engine.call(given.id))?.pop, { history: [{ id: 'hq:1' }, { id: 'hq:2' }] }, 'a restart, too')
  second.tell([given.isGone(9, carla), given.isGone(9, given.ana)])
  t.match(await second.engine.call(given.id), { state: 'ended', pop: undefined }, 'and the history has its own')
  await second.engine.stop()
})

t.test(
  'a phone that is rung again, to answer by command, has rung already; its pop is on the leg that answers',
  async t => {
    const { engine, log, tell, types } = anEngine(undefined, { callsWith: () => Promise.resolve([past('hq:1')]) })
    tell(comesIn)
    const [offered] = await popped(log)
    const own = given.leg(`${OWN_LEG}1`)
    tell([{ type: 'leg.awaited', at: given.at(3), leg: given.ben, awaited: own }])
    tell([given.appears(3, { of: own, endpoint: '1002', linked: own }), given.rings(3, own), given.picksUp(4, own)])
    tell([{ type: 'ring.taken', at: given.at(4), leg: own, target: given.ben }])
    tell([given.dialEnds(4, 'ANSWER'), given.isGone(4, given.ben)])
    tell([given.enters(4, given.ana), given.enters(4, own)])
    const call = await engine.call(given.id)
    t.match(call, { state: 'talking', offers: [{ result: 'picked-up' }, { leg: own, result: 'answered' }] })
    const { customer: _, ivr: __, history: ___, ...ofPhone } = offered?.pop ?? ({} as Pop)
    t.strictSame(call?.pop?.phones, [{ leg: own, ...ofPhone }])
    await engine.stop()
    const about = (type: string) => types().filter(other => other === type).length
    t.strictSame([about('call.ringing'), about('call.offered'), about('call.answered')], [1, 1, 1])
  },
)

t.test('a daemon that comes back tells of those it had not told of, and of no other', async t => {
  const { append, stored } = aStore()
  const never = () => new Promise<never>(() => undefined)
  const first = anEngine(undefined, { append, callsWith: never })
  first.tell(comesIn)
  await first.engine.snapshot()
  const channels = [given.ana, given.ben].map(leg => ({
    ...{ leg, linked: given.ana, name: `PJSIP/${leg === given.ana ? 'trunk' : '1002'}-1`, at: given.at(0) },
    ...{ state: leg === given.ana ? ('ring' as const) : ('ringing' as const), caller: { number: '', name: '' }, exten: '' },
  })) // prettier-ignore
  const log: LogEntry[] = []
  const keep: typeof append = async batch => {
    log.push(...batch.entries)
    await append(batch)
  }
  const second = anEngine(undefined, { append: keep, stored: stored() })
  second.tell([seen(10, channels as never)])
  await popped(log)
  await second.engine.stop()
  const third = anEngine(undefined, { append: keep, stored: stored() })
  third.tell([seen(20, channels as never)])
  await third.engine.stop()
  t.equal(poppedIn(log).length, 1)
})

t.test('an address is made of what is known, and nothing gets out of its place in it', async t => {
  const config = (link: string) =>
    parseConfig(
      JSON.stringify({
        pbxs: [{ name: 'hq', ami: { secret: 'x' } }],
        redis: { url: 'redis://127.0.0.1' },
        api: { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] },
        screenPop: { links: { crm: link } },
      }),
      {},
    )
  for (const link of [
    'https://crm/{+name}',
    'https://crm/{#name}',
    'https://crm/{nam}',
    'https://crm/{name:3}',
    'https://crm/{}',
    'javascript:{name}',
  ])
    // prettier-ignore
    t.throws(() => config(link), /screenPop/, link)
  const { screenPop } = config('https://crm/{number}{?name,data.order,queue}')
  const { log, tell } = anEngine(undefined, { popLinks: popLinksOf(screenPop) })
  tell([given.appears(0, { ...customer, name: '"/../?x=1&call=\r\n#' }), ...given.benIsDialled(1)])
  tell([{ type: 'call.noted', at: given.at(1), call: given.id, notes: { data: { order: 'a/b' } } }, given.rings(2)])
  const [data] = await popped(log)
  t.equal(
    data?.pop.links['crm'],
    'https://crm/01701234567?name=%22%2F..%2F%3Fx%3D1%26call%3D%0D%0A%23&data.order=a%2Fb',
  )
})
