/** What the engine tells of queues: as they change, not too often, and with the numbers of before a restart. */
import t from 'tap'
import type { CallId, LegId } from '../../src/base/ids.js'
import type { Batch } from '../../src/engine/writer.js'
import { isStored } from '../../src/engine/stored.js'
import { TELL_EVERY_MS } from '../../src/engine/queue-teller.js'
import type { QueueView } from '../../src/events/queue.js'
import type { LogEntry } from '../../src/events/log.js'
import { START } from '../../src/events/log.js'
import type { Fact, QueueSeen } from '../../src/pbx/facts.js'
import { appears, at, leg } from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore, seen, up } from '../given/engine.js'
import { aMember, givesUp, waits } from '../given/queues.js'

const queue: QueueSeen = { name: 'sales', strategy: 'ringall', members: [aMember('1001')] }
const connected = (s: number, queues = [queue]): Fact[] => [up(s), { ...seen(s), queues } as Fact]
const queuesIn = (log: readonly LogEntry[]) =>
  log
    .filter(entry => entry.type === 'queue.changed')
    .map(({ json }) => (JSON.parse(json) as { id: string; data: { queue: QueueView } }).data.queue)

t.test('a caller waits and gives up: two events, each with the whole queue', async t => {
  const { clock, pass } = aClock(at(0))
  const { engine, log, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  pass(TELL_EVERY_MS)
  tell(waits(1, 1))
  pass(TELL_EVERY_MS)
  tell(givesUp(9, 1))
  await engine.snapshot()
  const told = queuesIn(log)
  t.match(told, [
    { id: 'hq:sales', revision: 1, members: [{ name: '1001', state: 'ready' }] },
    { revision: 2, counts: { waiting: 1 }, waiting: [{ call: 'hq:1.1', number: '+49301231', position: 1 }] },
    { revision: 3, counts: { waiting: 0 }, today: { offered: 1, abandoned: 1 } },
  ])
  t.equal(told.length, 3)
  const { queues, position } = await engine.snapshot()
  t.strictSame(queues, told.slice(-1), 'the snapshot is what was told last')
  t.equal(position.seq, log.at(-1)?.position.seq)
  await engine.stop()
})

t.test('a hundred changes at once are two events', async t => {
  const { clock, pass } = aClock(at(0))
  const { engine, log, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  for (let n = 1; n <= 100; n++) tell(waits(1, n))
  t.equal(queuesIn(log).length, 1)
  pass(TELL_EVERY_MS)
  await engine.snapshot()
  t.strictSame(
    queuesIn(log).map(q => q.counts.waiting),
    [0, 100],
  )
  await engine.stop()
})

t.test('what looks as before is no news; a minute that is no longer of late, is', async t => {
  const { clock, pass } = aClock(at(0))
  const { engine, log, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  pass(1_000)
  tell([...waits(1, 1), ...givesUp(1, 1)])
  pass(1_000)
  tell([{ type: 'member.changed', at: at(2), member: aMember('1001', { calls: 7 }) }])
  pass(20 * 60_000)
  await engine.snapshot()
  t.equal(queuesIn(log).length, 2, 'a counter that nobody sees, and twenty quiet minutes')
  pass(15 * 60_000)
  await engine.snapshot()
  const told = queuesIn(log)
  t.equal(told.length, 3)
  t.match(told.at(-1), { lastHalfHour: { offered: 0 }, today: { offered: 1 } })
  pass(60 * 60_000)
  await engine.snapshot()
  t.match(queuesIn(log).at(-1), { today: { date: '2023-11-15', offered: 0 } }, 'and so is a day that begins')
  await engine.stop()
})

t.test('a daemon that is started again counts on, and knows who waits', async t => {
  const { clock, pass } = aClock(at(0))
  const store = new Map<string, object>()
  const log: LogEntry[] = []
  const append = async ({ entries, calls }: { entries: LogEntry[]; calls: Map<string, object | undefined> }) => {
    log.push(...entries)
    for (const [id, thing] of calls)
      if (thing) store.set(id, JSON.parse(JSON.stringify(thing)) as object)
      else store.delete(id)
  }
  const first = anEngine(undefined, { clock, append })
  first.tell(connected(0))
  first.tell([...waits(1, 1), ...givesUp(2, 1), ...waits(3, 2), ...waits(3, 3)])
  pass(10_000)
  await first.engine.stop()
  for (const [id, thing] of store) t.ok(isStored(thing, id), id)
  const storedThings = () => [...store].flatMap(([id, thing]) => (isStored(thing, id) ? [thing] : []))
  const stored = { last: START, calls: storedThings() }
  const second = anEngine(undefined, { clock, append, stored })
  const { queues } = await second.engine.snapshot()
  t.match(queues, [{ waiting: [{ call: 'hq:1.2' }, { call: 'hq:1.3' }], today: { offered: 3, abandoned: 1 } }])
  t.strictSame(queues, queuesIn(log).slice(-1), 'as it was published')
  t.strictSame(await second.engine.queues(), queues)
  const channels = [2, 3].map(n => ({
    leg: `1.${n}` as LegId,
    linked: `1.${n}` as LegId,
    name: `PJSIP/trunk-0000000${n}`,
    state: 'up' as const,
    caller: { number: '', name: '' },
    exten: '2000',
    queue: { name: 'sales', since: at(3), position: n - 1 },
    since: at(3),
  }))
  second.tell([up(20), { type: 'pbx.seen', at: at(20), channels, queues: [queue] }, ...givesUp(21, 2)])
  pass(10_000)
  t.match((await second.engine.snapshot()).queues, [
    { waiting: [{ call: 'hq:1.3' }], today: { offered: 3, abandoned: 2 }, members: [{ name: '1001' }] },
  ])
  const before = queuesIn(log).length
  await second.engine.stop()
  const third = anEngine(undefined, { clock, append, stored: { ...stored, calls: storedThings() } })
  third.tell([up(40), { type: 'pbx.seen', at: at(40), channels: channels.slice(1), queues: [queue] }])
  pass(10_000)
  await third.engine.stop()
  t.equal(queuesIn(log).length, before, 'and a third time, which nobody notices')
  const revisions = queuesIn(log).map(q => q.revision)
  t.strictSame(
    revisions,
    [...new Set(revisions)].sort((a, b) => a - b),
    'no revision comes twice',
  )
})

t.test('what a call has counted is stored with the call, whether or not the queue is told of yet', async t => {
  const { clock } = aClock(at(0))
  const stored: object[] = []
  const append = async ({ calls }: Batch) => void stored.push(Object.fromEntries(calls))
  const { engine, tell } = anEngine(undefined, { clock, append })
  tell(connected(0))
  tell(waits(1, 1))
  await engine.snapshot()
  t.match(stored.at(-1), { 'hq:1.1': { id: 'hq:1.1' }, 'queue/sales': { queue: { day: { tally: { offered: 1 } } } } })
  await engine.stop()
})

t.test('a consultation that waits becomes part of the call of the customer', async t => {
  const { clock, pass } = aClock(at(0))
  const { engine, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  tell([
    appears(1, { of: leg('1.2'), endpoint: 'trunk', number: '+4930123', dials: '1001' }),
    appears(2, { of: leg('1.3'), endpoint: '1001', dials: '2000' }),
    { type: 'queue.joined', at: at(3), leg: leg('1.3'), queue: 'sales', position: 1 },
  ])
  pass(TELL_EVERY_MS)
  t.match((await engine.snapshot()).queues, [{ waiting: [{ call: 'hq:1.3' }] }])
  tell([{ type: 'transfer.attended', at: at(4), leg: leg('1.2'), consult: leg('1.3'), into: 'app' }])
  pass(TELL_EVERY_MS)
  const { queues, calls } = await engine.snapshot()
  t.equal(calls.length, 1)
  t.match(queues, [{ waiting: [{ call: 'hq:1.2' }], today: { offered: 1 } }])
  await engine.stop()
})

t.test('halves of a Local pair that waited and are gone were nobody', async t => {
  const { clock, pass } = aClock(at(0))
  const { engine, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  const half = { ...appears(1, { of: leg('1.1') }), name: 'Local/2000@x-00000001;2' } as Fact
  tell([half, { type: 'queue.joined', at: at(1), leg: leg('1.1'), queue: 'sales', position: 1 }])
  pass(TELL_EVERY_MS)
  t.match((await engine.snapshot()).queues, [{ counts: { waiting: 1 } }])
  tell([{ type: 'channel.gone', at: at(2), leg: leg('1.1') }])
  pass(TELL_EVERY_MS)
  t.match((await engine.snapshot()).queues, [{ counts: { waiting: 0 } }])
  await engine.stop()
})

t.test('what is stored under the name of a queue and is none, is not taken', async t => {
  const sound = {
    id: 'queue/a',
    queue: {
      name: 'a',
      revision: 1,
      day: { date: '', tally: { offered: 0, outcomes: {}, inTime: 0, waitedMs: 0 } },
      minutes: [],
    },
  }
  t.ok(isStored(sound, 'queue/a'))
  for (const odd of [
    { ...sound, id: 'queue/b' },
    { id: 'queue/a', queue: { ...sound.queue, name: 'b' } },
    { id: 'queue/a', queue: { ...sound.queue, revision: -1 } },
    { id: 'queue/a', queue: null },
    { id: 'queue/a' },
  ])
    t.notOk(isStored(odd, odd.id === 'queue/b' ? 'queue/a' : odd.id), JSON.stringify(odd))
})

t.test('what is stored as the newest event of a queue and is none, is not answered', async t => {
  const { clock, pass } = aClock(at(0))
  const { append, stored, kept } = aStore()
  const first = anEngine(undefined, { clock, append })
  first.tell(connected(0))
  pass(10_000)
  const [was] = await first.engine.queues()
  await first.engine.stop()
  const key = 'published/sales'
  t.strictSame(kept.get(key), { id: key, published: JSON.stringify(was) })
  t.notOk(isStored({ id: key, published: 7 }, key))
  for (const published of ['{', '7', '{"name":"sales"}', JSON.stringify({ ...was, revision: 9 })]) {
    kept.set(key, { id: key, published })
    const next = anEngine(undefined, { clock, stored: stored() })
    t.match((await next.engine.queues())[0], { name: 'sales', revision: 1, members: [] }, published.slice(0, 20))
    next.tell(connected(11))
    t.match((await next.engine.queues())[0], { ...was, revision: 2 })
    await next.engine.stop()
  }
})

/** Ben calls, and the dialplan says that a queue has turned him away. */
const turnedAway = (s: number, n: number, name: string): Fact[] => [
  appears(s, { of: leg(`1.${n}`), endpoint: 'trunk', number: `+4930123${n}`, dials: '2000' }),
  { type: 'queue.explained', at: at(s), leg: leg(`1.${n}`), queue: name, status: 'JOINEMPTY' },
]

t.test('a queue that only the dialplan has named is no queue of the PBX', async t => {
  const { clock, pass } = aClock(at(0))
  const { engine, log, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  tell([...turnedAway(1, 1, 'Vertrieb'), ...turnedAway(1, 2, 'SALES')])
  pass(20 * 3_600_000)
  t.match(await engine.queues(), [{ name: 'sales', today: { offered: 0 } }])
  t.match((await engine.snapshot()).queues, [{ name: 'sales' }])
  t.strictSame([...new Set(queuesIn(log).map(({ name }) => name))], ['sales'])
  t.match(await engine.call('hq:1.1' as CallId), { queues: [{ queue: 'Vertrieb', outcome: 'join-empty' }] })
  tell([...connected(90_000, [queue, { ...queue, name: 'vertrieb', members: [] }])])
  t.match(
    (await engine.queues()).map(({ name }) => name),
    ['sales', 'vertrieb'],
    'the PBX has it now',
  )
  await engine.stop()
})

t.test('somebody waits in a queue that the list of the PBX did not have yet', async t => {
  const { clock } = aClock(at(0))
  const { engine, tell } = anEngine(undefined, { clock })
  tell(connected(0, []))
  t.strictSame(await engine.queues(), [])
  tell(waits(1, 1))
  t.match(await engine.queues(), [{ name: 'sales', counts: { waiting: 1 } }])
  tell(givesUp(2, 1))
  t.match(await engine.queues(), [{ name: 'sales', today: { abandoned: 1 } }])
  await engine.stop()
})

t.test('a queue that the PBX no longer has is published once more, and is back with its numbers', async t => {
  const { clock, pass } = aClock(at(0))
  const { append, stored, kept } = aStore()
  const log: LogEntry[] = []
  const both = (batch: Batch) => (log.push(...batch.entries), append(batch))
  const first = anEngine(undefined, { clock, append: both })
  first.tell(connected(0))
  first.tell([...waits(1, 1), ...givesUp(2, 1)])
  pass(10_000)
  const told = () => queuesIn(log).map(({ members }) => members.length)
  await first.engine.snapshot()
  const before = told().length
  first.tell([{ type: 'queues.seen', at: at(11), queues: [] }])
  pass(10_000)
  t.strictSame(await first.engine.queues(), [])
  t.strictSame(told().slice(before), [0])
  pass(24 * 3_600_000)
  await first.engine.stop()
  t.equal(told().length, before + 1, 'not at midnight, nor each minute')
  t.match(kept.get('queue/sales'), { queue: { unknown: true } })
  const second = anEngine(undefined, { clock, append: both, stored: stored() })
  t.strictSame(await second.engine.queues(), [], 'nor after a restart')
  second.tell(connected(12))
  t.match(await second.engine.queues(), [{ name: 'sales', members: [{}] }])
  await second.engine.stop()
})

t.test('an agent of the caller’s own rings for a workgroup without a queue: none appears', async t => {
  const { clock } = aClock(at(0))
  const { engine, tell } = anEngine(undefined, { clock })
  tell(connected(0))
  const [caller, phone] = [leg('1.1'), leg('1.2')]
  const routing = { does: 'agent', to: '1002', workgroup: 'gold', because: [] } as const
  tell([
    appears(1, { of: caller, endpoint: 'trunk', number: '+49301231', dials: '2000' }),
    { type: 'call.routed', at: at(1), leg: caller, routing: { ...routing, because: [] } },
    appears(2, { of: phone, endpoint: '1002', linked: caller }),
    { type: 'dial.begun', at: at(2), leg: phone, by: caller, dialled: '1002', shown: '' },
    { type: 'hangup.asked', at: at(5), leg: caller, by: 'far-side' },
    { type: 'dial.ended', at: at(5), leg: phone, by: caller, status: 'CANCEL' },
    { type: 'channel.gone', at: at(5), leg: phone },
    { type: 'channel.gone', at: at(5), leg: caller },
  ])
  t.match(await engine.call('hq:1.1' as CallId), {
    offers: [{ result: 'caller-gave-up' }],
    routing: { workgroup: 'gold' },
  })
  t.match((await engine.queues()).map(({ name }) => name), ['sales']) // prettier-ignore
  await engine.stop()
})
