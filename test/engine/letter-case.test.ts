/** A workgroup, its numbers and its alarms are the same in any letter case: one of each is kept, in the store, too. */
import t from 'tap'
import { newAgent } from '../../src/agents/state.js'
import { QueueMap } from '../../src/base/queue-map.js'
import type { CallView } from '../../src/events/call.js'
import { iso } from '../../src/events/event.js'
import { newQueue } from '../../src/queues/state.js'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'
import type { Change } from '../../src/directory/decide.js'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { Asker } from '../../src/engine/agent-commands.js'
import { createDedicated } from '../../src/engine/dedicated.js'
import { createState } from '../../src/engine/state.js'
import type { Batch } from '../../src/engine/writer.js'
import type { Workgroup } from '../../src/events/directory.js'
import type { LogEntry } from '../../src/events/log.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { at, site } from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { aStore, anEngine, seen, up } from '../given/engine.js'
import { anEmptyList } from '../given/number-list.js'

const workgroup = (id: string, name: string): Workgroup => ({
  ...{ id, name, strategy: 'ringall', ringForMs: 15_000, wrapUpMs: 0, serviceLevelMs: 20_000 },
  alarms: { readyAgents: 1 },
})
const kind = 'workgroups'
const directory: Directory = { ...NO_DIRECTORY, [kind]: new Map([['Sales', workgroup('Sales', 'Sales')]]) }
const BY = { key: 'crm' }
const there = (name: string): PbxFact => ({
  ...(seen(0) as Extract<PbxFact, { type: 'pbx.seen' }>),
  queues: [{ name, strategy: 'ringall', members: [] }],
})
const keysOf = ({ kept }: ReturnType<typeof aStore>, start: string) =>
  [...kept.keys()].filter(key => key.startsWith(start)).sort()

t.test('changed in other letters, it is the same workgroup, and deleted it stays deleted', async t => {
  const store = aStore()
  const told: LogEntry[] = []
  const append = (batch: Batch) => (told.push(...batch.entries), store.append(batch))
  const first = anEngine(undefined, { directory, append })
  const change = (what: Change, by: Asker) => first.engine.directory.change(what, by)
  const again = { kind, id: 'SALES', entry: workgroup('SALES', 'Sales and more') } as const
  t.match(await change({ ...again, do: 'create' }, BY), { ok: false, error: { code: 'ENTRY_EXISTS' } })
  t.match(await change({ ...again, do: 'replace' }, BY), { ok: true, value: { id: 'Sales', name: 'Sales and more' } })
  t.strictSame(keysOf(store, 'directory/'), ['directory/workgroups/Sales'])
  t.match(JSON.parse(told.at(-1)?.json ?? '{}'), { data: { change: { entry: 'Sales', now: { id: 'Sales' } } } })
  t.match(await change({ kind, id: 'sales', do: 'delete' }, BY), { ok: true })
  await first.engine.stop()
  t.strictSame(keysOf(store, 'directory/'), [])
  const second = anEngine(undefined, { append: store.append, stored: store.stored() })
  t.equal(second.engine.directory.now().workgroups.size, 0)
  await second.engine.stop()
})

t.test('stored in two writings by an older version: what was changed last counts, and the other goes', async t => {
  const store = aStore()
  const day = (date: string, offered: number) => ({
    ...{ revision: 1, minutes: [] },
    day: { date, tally: { offered, outcomes: {}, inTime: 0, waitedMs: 0 } },
  })
  const keep = (id: string, thing: object) => store.kept.set(id, { id, ...thing })
  keep('directory/workgroups/SALES', { kind, entry: workgroup('SALES', 'new'), changes: 7 })
  keep('directory/workgroups/Sales', { kind, entry: workgroup('Sales', 'old'), changes: 3 })
  keep('queue/sales', { queue: { name: 'sales', ...day('2023-11-14', 9) } })
  keep('queue/SALES', { queue: { name: 'SALES', ...day('2023-11-12', 2) } })
  for (const { engine, tell } of [0, 1].map(() =>
    anEngine(undefined, { append: store.append, stored: store.stored() }),
  )) {
    const workgroups = [...engine.directory.now().workgroups.values()]
    t.match(workgroups, [{ id: 'SALES', name: 'new' }])
    tell([up(0), there('sales')])
    t.match(await engine.queues(), [{ name: 'sales', title: 'new', today: { date: /./ } }])
    await engine.stop()
  }
  t.strictSame(keysOf(store, 'directory/'), ['directory/workgroups/SALES'])
  t.strictSame(keysOf(store, 'queue/'), ['queue/sales'])
  t.match(store.kept.get('queue/sales'), { queue: { day: { tally: { offered: 9 } } } })
})

t.test('one alarm for a queue that the directory writes in other letters', async t => {
  const store = aStore()
  const first = anEngine(undefined, { directory, append: store.append })
  first.tell([up(0), there('sales')])
  t.match(await first.engine.alarms(), [{ id: 'hq:sales:readyAgents' }])
  t.strictSame(keysOf(store, 'alarms/'), ['alarms/sales'])
  await first.engine.stop()
  const was = store.kept.get('alarms/sales') as object
  store.kept.delete('alarms/sales')
  store.kept.set('alarms/SALES', { ...was, id: 'alarms/SALES' })
  const second = anEngine(undefined, { append: store.append, stored: store.stored() })
  second.tell([up(0), there('sales')])
  t.match(await second.engine.alarms(), [{ id: 'hq:sales:readyAgents' }])
  await retry(systemClock, 'one to be kept', 1_000, () =>
    Promise.resolve(keysOf(store, 'alarms/').join() === 'alarms/sales' || undefined),
  )
  await second.engine.stop()
})

t.test('the last agent of a caller is in the workgroup, in whichever letters it is written', async t => {
  const state = createState([])
  const ben = { id: '8001', name: 'Ben', workgroups: [{ workgroup: 'SALES', level: 10 }] }
  state.directory = {
    ...directory,
    staff: new Map([['8001', ben]]),
    workgroups: new QueueMap([['Sales', { ...workgroup('Sales', 'Sales'), number: '2000' }]]),
  }
  state.queues.set('sales', newQueue(site.pbx, 'sales', site.counting))
  const place = { telephony: true, extension: '1002', interface: 'PJSIP/1002', at: at(0) } as const
  const now = { state: 'ready', since: at(0), cause: 'command' } as const
  state.agents.set('8001', { ...newAgent('8001', at(0)), signedIn: place, phone: 'idle', now })
  const talk = { startedAt: iso(at(0)), agents: [{ agent: '8001', talkedMs: 1, legs: [] }], legs: [], segments: [] }
  const parts = { state, site, clock: aClock(at(1)).clock, newId: () => '', may: () => undefined }
  const lists = createDedicated(
    { ...parts, isStopping: () => false, keepRunning: doing => doing },
    {
      list: anEmptyList,
      callsWith: () => Promise.resolve([talk as unknown as CallView]),
      endpointOf: e => `PJSIP/${e}`,
    },
  )
  const decision = { does: 'number', to: '2000', because: [] } as const
  const rules = { lastAgentWithinMs: 60_000, ringForMs: 8_000 }
  const made = await lists.dedicate('+4930123456', '2000', { ...decision, because: [], dedicated: rules }, at(1), false)
  t.match(made, { does: 'agent', to: '1002', workgroup: 'sales', wishes: [{ agent: '8001', skipped: undefined }] })
})

t.end()
