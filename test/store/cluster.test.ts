/**
 * All that is kept in Redis, on a real Cluster: log, live calls, history, search and scripts, while slots move from node
 * to node, and when a node dies.
 */
import t, { type Test } from 'tap'
import { join } from 'node:path'
import { groundOf, startLab } from '../../lab/lab.js'
import { asked } from '../../lab/valkey.js'
import { openCluster } from '../../lab/valkey-cluster.js'
import { retry } from '../../lab/wait.js'
import type { CallId, EpochMs } from '../../src/base/ids.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { CallView } from '../../src/events/call.js'
import { callEvent, iso } from '../../src/events/event.js'
import { START, type LogEntry, type Position } from '../../src/events/log.js'
import { createEventLog } from '../../src/store/event-log.js'
import { openJournal } from '../../src/store/journal.js'
import { createKeptLog } from '../../src/store/kept-log.js'
import { keysOf } from '../../src/store/keys.js'
import { connectRedis } from '../../src/store/redis.js'
import { aHistory } from '../given/history.js'

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const cluster = await openCluster(groundOf(lab))
const redis = connectRedis({ cluster: { nodes: cluster.places.slice(0, 2), tls: false } }, () => undefined)
await redis.connect()
t.teardown(() => redis.disconnect())

const HOUR = 3_600_000
const aCall = (pbx: string, n: number): CallView => ({
  id: `${pbx}:1.${n}`,
  pbx,
  revision: 5,
  state: 'ended',
  direction: 'internal',
  from: { number: '1001', extension: '1001' },
  to: { number: `+49{30}${n}`, extension: '1002' },
  startedAt: iso((1_770_000_000_000 + n * 1000) as EpochMs),
  legs: [],
  offers: [],
  segments: [],
  queues: [],
  transfers: [],
  agents: [],
})

/** Everything of one PBX, as the daemon has it. */
async function everythingOf(t: Pick<Test, 'teardown'>, pbx: string) {
  const keys = keysOf(`test-${randomToken(4)}`, pbx)
  const failures: string[] = []
  const lost: number[] = []
  const journal = await openJournal({
    dir: join(lab.dir, 'journals'),
    name: keys.log.replace(/\W/g, ''),
    maxBytes: 1 << 20,
  })
  const kept = createKeptLog({
    log: createEventLog(redis, keys, HOUR, systemClock.now),
    journal,
    clock,
    told: {
      failed: error => failures.push(String(error)),
      state: () => undefined,
      dropped: n => lost.push(n),
      lost: n => lost.push(n),
      restored: from => history.again(from),
      foreign: () => undefined,
    },
  })
  await kept.open()
  const history = aHistory({
    redis,
    keys,
    pbx,
    read: kept.read,
    clock,
    told: {
      recorded: () => undefined,
      failed: error => failures.push(String(error)),
      gap: ({ seq }) => lost.push(seq),
      foreign: what => failures.push(what),
    },
  })
  t.teardown(async () => {
    await history.stop()
    await kept.stop()
  })
  let last: Position = START
  let told = 0
  const write = async (count: number) => {
    const entries: LogEntry[] = Array.from({ length: count }, () => {
      last = { ms: Math.max(clock.now(), last.ms) as EpochMs, seq: last.seq + 1 }
      return { ...callEvent('call.recorded', clock.now(), aCall(pbx, ++told)), position: last }
    })
    await kept.append({ entries, calls: new Map([[`${pbx}:1.${told}` as CallId, { n: told }]]) })
    history.notify(entries)
  }
  // As the engine does: one batch after the other.
  let writing: Promise<void> = Promise.resolve()
  const append = (count = 1) => (writing = writing.then(() => write(count)))
  /** What must be so: each event once in the log, each call in the history, and both indexes find it. */
  const whole = async (t: Test) => {
    await retry(clock, 'it to heal', 15_000, () => Promise.resolve(kept.status().state === 'redis' || undefined))
    const page = await createEventLog(redis, keys, HOUR, systemClock.now).read(START, 10_000)
    t.strictSame(
      page.ok && page.entries.map(e => e.position.seq),
      Array.from({ length: told }, (_, i) => i + 1),
    )
    const { search, record } = history
    await retry(clock, 'the history to have all', 10_000, async () =>
      (await search({ limit: 200 })).calls.length === Math.min(told, 200) ? true : undefined,
    )
    t.equal((await search({ limit: 200, extension: '1002' })).calls.length, Math.min(told, 200))
    t.match((await search({ limit: 2, number: `+49{30}${told}` })).calls, [{ id: `${pbx}:1.${told}` }])
    t.match(await record(`${pbx}:1.1`), { pbx })
    t.equal(await redis.hget(keys.live, `${pbx}:1.${told}`), JSON.stringify({ n: told }))
    t.strictSame(lost, [])
  }
  return { keys, append, whole, failures, kept }
}

t.test('PBXs in the slots of different nodes: all of one PBX is in one, and all works', async t => {
  const names = ['hq', 'berlin', 'shanghai', 'lima', 'oslo', 'accra']
  const holders = new Set<string>()
  for (const name of names) {
    const { keys, append, whole, failures } = await everythingOf(t, name)
    for (let n = 0; n < 5; n++) await append(2)
    await whole(t)
    t.strictSame(failures, [], 'nothing had to be tried twice')
    const { list, ...plain } = keys
    const slots = [...Object.values(plain), list('blacklist').entries]
    const found = new Set(await Promise.all(slots.map(key => cluster.holder(key))))
    t.equal(found.size, 1, `${name} is in one place`)
    for (const { id } of found) holders.add(id)
  }
  t.ok(holders.size > 1, 'and not all are in the same')
})

t.test('a server that has lost everything of one PBX gets it back', async t => {
  const { keys, append, whole, kept } = await everythingOf(t, 'hq')
  await append(3)
  await whole(t)
  const node = await cluster.holder(keys.log)
  const all = await asked(node.valkey.port, one => one.keys(`${keys.meta.slice(0, -5)}*`))
  t.ok(all.length > 5)
  await redis.del(...all)
  await kept.look()
  await append(2)
  await whole(t)
})

t.test('its slot is moved to another node while it is written', async t => {
  const { keys, append, whole, failures } = await everythingOf(t, 'hq')
  await append(5)
  const [from, to] = await twoPrimaries(keys.log)
  const slot = await asked(from.valkey.port, one => one.cluster('KEYSLOT', keys.log))
  const writing = { on: true }
  const written = (async () => {
    while (writing.on) {
      await append(1)
      await new Promise<void>(resolve => void clock.wake((clock.now() + 10) as EpochMs, resolve))
    }
  })()
  const say = (node: typeof from, ...words: (string | number)[]) =>
    asked(node.valkey.port, one => one.call('CLUSTER', 'SETSLOT', slot, ...words))
  await say(to, 'IMPORTING', from.id)
  await say(from, 'MIGRATING', to.id)
  await asked(from.valkey.port, async one => {
    for (let moved: string[] = ['']; moved.length > 0;) {
      moved = (await one.call('CLUSTER', 'GETKEYSINSLOT', slot, 3)) as string[]
      if (moved.length > 0) await one.call('MIGRATE', '127.0.0.1', to.valkey.port, '', 0, 5_000, 'KEYS', ...moved)
    }
  })
  // All has gone, and whoever asks the old place is told to ask the new one, for now.
  await append(3)
  for (const node of cluster.nodes.slice(0, 3)) await say(node, 'NODE', to.id)
  writing.on = false
  await written
  await append(3)
  t.equal((await cluster.holder(keys.log)).id, to.id)
  await whole(t)
  t.notOk(
    failures.some(failure => failure.includes('FENCED')),
    failures.join(),
  )
})

t.test('its node dies, and the replica takes over', async t => {
  const { keys, append, whole, kept } = await everythingOf(t, 'shanghai')
  await append(5)
  const node = await cluster.holder(keys.log)
  // What a replica acknowledges is there when it takes over; what it has not yet is given back.
  await node.valkey.kill()
  for (let n = 0; n < 5; n++) await append(2)
  t.equal(kept.status().state, 'journal', 'until the other has taken over')
  await retry(clock, 'it to heal', 20_000, () => Promise.resolve(kept.status().state === 'redis' || undefined))
  t.not((await cluster.holder(keys.log)).id, node.id)
  await whole(t)
  await node.valkey.start()
  await cluster.well()
  await append(2)
  await whole(t)
})

async function twoPrimaries(key: string) {
  const from = await cluster.holder(key)
  const to = cluster.nodes.slice(0, 3).find(node => node !== from)
  if (!to) throw new Error('one primary only')
  return [from, to] as const
}

t.end()
