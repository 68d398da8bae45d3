/** Alarms as they are told: at once, also when time alone brings them about, and the same after a restart. */
import t from 'tap'
import type { AlarmView } from '../../src/events/alarm.js'
import { isStored } from '../../src/engine/stored.js'
import type { LogEntry } from '../../src/events/log.js'
import type { Workgroup } from '../../src/events/directory.js'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { ChannelSeen, Fact, QueueSeen } from '../../src/pbx/facts.js'
import { at, leg } from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore, down, seen, up } from '../given/engine.js'
import { aMember, givesUp, waits } from '../given/queues.js'

const sales: Workgroup = {
  ...{ id: 'sales', name: 'Sales', strategy: 'ringall', ringForMs: 15_000, wrapUpMs: 0, serviceLevelMs: 20_000 },
  alarms: { waiting: 2, longestWaitMs: 60_000, readyAgents: 1 },
}
const directory: Directory = { ...NO_DIRECTORY, workgroups: new Map([['sales', sales]]) }
const queue: QueueSeen = { name: 'sales', strategy: 'ringall', members: [aMember('1001')] }
const connected = (s: number): Fact[] => [up(s), { ...seen(s), queues: [queue] } as Fact]
const toldIn = async ({ engine, log }: ReturnType<typeof anEngine>) => {
  await engine.snapshot()
  return log
    .filter(({ type }) => type.startsWith('alarm.'))
    .map(({ type, json }) => {
      const { kind, value } = (JSON.parse(json) as { data: { alarm: AlarmView } }).data.alarm
      return `${type} ${kind} ${value}`
    })
}

t.test('too many wait, then one for too long, then all is well', async t => {
  const { clock, pass } = aClock(at(0))
  const office = anEngine(undefined, { clock, directory })
  const { engine, tell } = office
  tell(connected(0))
  tell([...waits(0, 1), ...waits(0, 2)])
  t.strictSame(await toldIn(office), ['alarm.raised waiting 2'])
  pass(5_000)
  tell(givesUp(5, 2))
  pass(9_999)
  t.strictSame((await toldIn(office)).slice(1), ['alarm.changed waiting 1'], 'not yet')
  t.match(await engine.alarms(), [{ kind: 'waiting', value: 1 }], 'as the newest event has it')
  pass(1)
  t.strictSame((await toldIn(office)).slice(2), ['alarm.cleared waiting 1'])
  pass(45_000)
  t.strictSame((await toldIn(office)).slice(3), ['alarm.raised longestWaitMs 60000'], 'nothing had to happen for it')
  pass(10_000)
  t.strictSame((await toldIn(office)).slice(4), ['alarm.changed longestWaitMs 70000'], 'nor for this')
  t.match(await engine.alarms(), [{ id: 'hq:sales:longestWaitMs', threshold: 60_000, value: 70_000 }])
  pass(1_000)
  tell(givesUp(71, 1))
  pass(10_000)
  t.strictSame((await toldIn(office)).slice(5), ['alarm.changed longestWaitMs 0', 'alarm.cleared longestWaitMs 0'])
  t.strictSame(await engine.alarms(), [])
  await engine.stop()
})

t.test('after a restart it is neither told again nor forgotten; while the PBX is away nothing is', async t => {
  const { clock, pass } = aClock(at(0))
  const { append, stored } = aStore()
  const first = anEngine(undefined, { clock, directory, append })
  first.tell(connected(0))
  first.tell([{ type: 'member.changed', at: at(1), member: aMember('1001', { phone: 'unavailable' }) }])
  pass(500)
  t.match(await first.engine.alarms(), [{ kind: 'readyAgents' }])
  first.tell([down(2)])
  pass(60_000)
  await first.engine.stop()
  const again = anEngine(undefined, { clock, directory, stored: stored() })
  t.match(await again.engine.alarms(), [{ kind: 'readyAgents' }])
  again.tell(connected(70))
  pass(9_000)
  t.strictSame(await toldIn(again), ['alarm.changed readyAgents 1'])
  pass(1_000)
  t.strictSame((await toldIn(again)).slice(1), ['alarm.cleared readyAgents 1'])
  await again.engine.stop()
})

t.test('its revision goes on when it is raised again, also after a restart', async t => {
  const { clock, pass } = aClock(at(0))
  const { append, stored, kept } = aStore()
  const log: LogEntry[] = []
  const both: typeof append = batch => (log.push(...batch.entries), append(batch))
  const unavailable: Fact = { type: 'member.changed', at: at(1), member: aMember('1001', { phone: 'unavailable' }) }
  for (let s = 0; s < 200; s += 100) {
    const { engine, tell } = anEngine(undefined, { clock, directory, append: both, stored: stored() })
    tell(connected(s))
    pass(15_000)
    tell([unavailable])
    t.match(await engine.alarms(), [{ kind: 'readyAgents', revision: s === 0 ? 1 : 4 }])
    tell(connected(s))
    pass(15_000)
    t.strictSame(await engine.alarms(), [])
    await engine.stop()
  }
  const told = log.filter(({ type }) => type.startsWith('alarm.')).map(({ json }) => JSON.parse(json) as { id: string; data: { alarm: AlarmView } }) // prettier-ignore
  t.strictSame(told.map(({ id, data }) => [id, data.alarm.revision]), [1, 2, 3, 4, 5, 6].map(n => [`hq:sales:readyAgents/alarm/${n}`, n])) // prettier-ignore
  for (const [id, thing] of kept) t.ok(isStored(thing, id), id)
})

t.test('a queue that the PBX no longer has is not alarming', async t => {
  const { clock, pass } = aClock(at(0))
  const office = anEngine(undefined, { clock, directory })
  const { engine, tell } = office
  tell(connected(0))
  tell([{ type: 'member.changed', at: at(1), member: aMember('1001', { phone: 'unavailable' }) }])
  pass(500)
  t.match(await engine.alarms(), [{ kind: 'readyAgents' }])
  tell([down(2)])
  pass(5_000)
  tell([up(6), { ...seen(6), queues: [] } as Fact])
  t.strictSame(await toldIn(office), ['alarm.raised readyAgents 0', 'alarm.cleared readyAgents 0'])
  t.strictSame(await engine.alarms(), [])
  await engine.stop()
})

/** The first who waits, as a list of the PBX's channels has them. */
const aCaller: ChannelSeen[] = [
  {
    ...{ leg: leg('1.1'), linked: leg('1.1'), name: 'PJSIP/trunk-1.1', state: 'up', exten: '2000', since: at(0) },
    caller: { number: '+49301231', name: '' },
    queue: { name: 'sales', since: at(0), position: 1 },
  },
]

t.test('what was not watched does not count as well', async t => {
  const { clock, pass } = aClock(at(0))
  const office = anEngine(undefined, { clock, directory })
  const { engine, tell } = office
  tell(connected(0))
  tell([...waits(0, 1), ...waits(0, 2)])
  pass(500)
  tell(givesUp(1, 2))
  pass(5_000)
  tell([down(6)])
  pass(60_000)
  const before = ['alarm.raised waiting 2', 'alarm.changed waiting 1']
  t.strictSame(await toldIn(office), before, 'nothing is cleared, nothing raised meanwhile')
  tell([up(66), { ...seen(66, aCaller), queues: [queue] } as Fact])
  pass(9_000)
  t.strictSame((await toldIn(office)).slice(2), ['alarm.raised longestWaitMs 65500'], 'it was overdue')
  pass(1_000)
  const grown = 'alarm.changed longestWaitMs 75500'
  t.strictSame((await toldIn(office)).slice(3), [grown, 'alarm.cleared waiting 1'], 'ten seconds that were seen')
  await engine.stop()
})

t.end()
