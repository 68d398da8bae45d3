/** The daemon is started again, and nothing has changed meanwhile: nothing that is the same is told of. */
import t from 'tap'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { EngineParts } from '../../src/engine/parts.js'
import type { LogEntry } from '../../src/events/log.js'
import type { Workgroup } from '../../src/events/directory.js'
import { ok } from '../../src/base/result.js'
import type { Fact, MemberSeen, PbxFact } from '../../src/pbx/facts.js'
import { at } from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore, seen, up } from '../given/engine.js'
import { aMember } from '../given/queues.js'

const sales: Workgroup = {
  ...{ id: 'sales', name: 'Sales', strategy: 'ringall', ringForMs: 15_000, wrapUpMs: 0, serviceLevelMs: 20_000 },
  alarms: { readyAgents: 3 },
}
const staff = ['8001', '8002', '8003'].map(id => ({ id, name: id, workgroups: [{ workgroup: 'sales', level: 10 }] }))
const directory: Directory = {
  ...NO_DIRECTORY,
  staff: new Map(staff.map(one => [one.id, one])),
  workgroups: new Map([['sales', sales]]),
}
const BY = { key: 'crm' }

const heard = (s: number, members: MemberSeen[]): Fact[] => [
  up(s),
  {
    ...(seen(s) as Extract<PbxFact, { type: 'pbx.seen' }>),
    queues: [{ name: 'sales', strategy: 'ringall', members }],
    phones: ['1001', '1002'].map(e => ({ device: `PJSIP/${e}`, phone: 'idle' as const })),
  },
]
const saying = (log: readonly LogEntry[]) =>
  log.map(({ type, json }) => {
    const { agent } = (JSON.parse(json) as { data: { agent?: { staff: string; state: string } } }).data
    return agent ? `${type} ${agent.staff} ${agent.state}` : type
  })

t.test('of agents, extensions, queues and alarms', async t => {
  const store = aStore()
  const begin = (s: number, parts: Partial<EngineParts> = {}) => {
    const { clock, pass } = aClock(at(s))
    return { ...anEngine(() => ok(undefined), { clock, append: store.append, directory, ...parts }), pass }
  }
  // Whom the PBX has under the name of an agent, has signed in there.
  const members: MemberSeen[] = [{ ...aMember('1001'), name: '8001', kind: 'dynamic' }]
  const first = begin(0)
  first.tell(heard(0, members))
  t.match(await first.engine.agents.signIn('8002', {}, BY), { ok: true })
  first.pass(20_000)
  const was = await first.engine.agents.list()
  t.match(was, [{ state: 'ready' }, { state: 'not-ready' }, { state: 'signed-out' }])
  await first.engine.stop()

  for (const s of [60, 120]) {
    const log: LogEntry[] = []
    const append: EngineParts['append'] = batch => {
      log.push(...batch.entries)
      return store.append(batch)
    }
    const next = begin(s, { append, stored: { ...store.stored(), heardOfPbxAt: at(s - 1) } })
    const [, noPhone, out] = await next.engine.agents.list()
    t.strictSame([noPhone, out], was.slice(1), 'answered as they were last told of')
    next.tell(heard(s + 1, members))
    next.pass(20_000)
    await next.engine.agents.list()
    const away = ['agent.changed 8001 unknown', 'pbx.connected', 'pbx.resynced', 'agent.changed 8001 ready']
    t.strictSame(saying(log), away, 'of her phone alone nothing was known for a moment')
    await next.engine.stop()
  }
})
