/** The log that takes everything, on a real Valkey that fails on demand: nothing lost, nothing twice, whatever happens. */
import fc from 'fast-check'
import t from 'tap'
import { Redis } from 'ioredis'
import { join } from 'node:path'
import { startLab } from '../../lab/lab.js'
import { retry } from '../../lab/wait.js'
import type { Clock } from '../../src/base/clock.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { LogEntry, Position } from '../../src/events/log.js'
import { createEventLog, type EventLog } from '../../src/store/event-log.js'
import { openJournal } from '../../src/store/journal.js'
import { keysOf } from '../../src/store/keys.js'
import { createKeptLog } from '../../src/store/kept-log.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const HOUR = 3_600_000
/** Waits are short: it is not the time that is tested. */
const hasty: Clock = {
  now: systemClock.now,
  wake: (at, run) => systemClock.wake((systemClock.now() + (at - systemClock.now()) / 20) as EpochMs, run),
}

/** `refuse`: does nothing and fails; `unheard`: does it, and fails all the same; `hang`: never answers. */
type Mood = 'well' | 'refuse' | 'unheard' | 'hang'

function aStore() {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  /** `before`: what happens to Redis right before the next of these is done. */
  const world: { mood: Mood; before?: { what: 'append' | 'restore'; run: () => Promise<unknown> } } = { mood: 'well' }
  const hanging: ((go: unknown) => void)[] = []
  const told = { states: [] as string[], dropped: 0, lost: [] as [number, number][], restored: 0, foreign: 0 }
  /** What was told to clients, by number; and the calls as they are. */
  const events = new Map<number, string>()
  const calls = new Map<string, object>()
  let last: Position
  let current: { kept: ReturnType<typeof createKeptLog>; alive: { is: boolean } } | undefined
  let ids = 0

  const failing = (log: EventLog, alive: { is: boolean }): EventLog => {
    const moody =
      <A extends unknown[]>(what: 'append' | 'restore', work: (...args: A) => Promise<unknown>) =>
      async (...args: A) => {
        const { before } = world
        if (before?.what === what) {
          delete world.before
          await before.run()
        }
        if (world.mood === 'refuse' || !alive.is) throw new Error('away')
        if (world.mood === 'hang') await new Promise(never => hanging.push(never))
        await work(...args)
        if (world.mood === 'unheard') throw new Error('unheard')
      }
    return { ...log, append: moody('append', log.append), restore: moody('restore', log.restore) }
  }

  async function start(maxBytes = 1 << 20) {
    const alive = { is: true }
    const journal = await openJournal({ dir: join(lab.dir, 'journals'), name: keys.log.replace(/\W/g, ''), maxBytes })
    const kept = createKeptLog({
      log: failing(createEventLog(redis, keys, HOUR, systemClock.now), alive),
      journal,
      clock: hasty,
      told: {
        failed: () => undefined,
        state: state => told.states.push(state),
        dropped: n => (told.dropped += n),
        lost: (after, before) => told.lost.push([after, before]),
        restored: () => told.restored++,
        foreign: () => told.foreign++,
      },
    })
    const opened = await kept.open()
    last = opened.last
    current = { kept, alive }
    return opened
  }
  const now = () => {
    if (!current) throw new Error('not started')
    return current
  }
  async function append(n = 1) {
    const entries: LogEntry[] = Array.from({ length: n }, () => {
      last = { ms: Math.max(systemClock.now(), last.ms) as EpochMs, seq: last.seq + 1 }
      const json = JSON.stringify({ id: ++ids })
      return { position: last, type: 'call.started', extensions: [], json }
    })
    const id = `hq:1.${ids % 5}`
    const state = ids % 3 === 0 ? undefined : { id, of: ids }
    await now().kept.append({ entries, calls: new Map([[id, state]]) })
    for (const { position, json } of entries) events.set(position.seq, json)
    if (state) calls.set(id, state)
    else calls.delete(id)
  }
  async function crash() {
    const { kept, alive } = now()
    alive.is = false
    await kept.stop()
  }
  const healed = () =>
    retry(systemClock, 'it to heal', 5_000, async () => (now().kept.status().state === 'redis' ? true : undefined), 2)
  const stored = async () =>
    new Map((await redis.xrange(keys.log, '-', '+')).map(([id, f]) => [Number(id.split('-')[1]), f[7] ?? '']))
  const live = async () => new Map(Object.entries(await redis.hgetall(keys.live)))
  const flush = () => redis.del(keys.log, keys.live, keys.meta)
  const goOn = () => hanging.splice(0).forEach(go => go(undefined))
  return {
    keys,
    world,
    flush,
    goOn,
    told,
    events,
    calls,
    start,
    append,
    crash,
    healed,
    stored,
    live,
    kept: () => now().kept,
  }
}
type Store = ReturnType<typeof aStore>

async function sameAsTold(t: Tap, { events, calls, stored, live }: Store) {
  t.strictSame([...(await stored())], [...events], 'the log has what was told, in its order')
  t.strictSame(
    [...(await live())].sort(),
    [...calls].map(([id, call]) => [id, JSON.stringify(call)] as [string, string]).sort(),
    'and the snapshot is that of the last event',
  )
}
const sorted = (calls: unknown[]) => calls.map(call => JSON.stringify(call)).sort()
type Tap = Pick<typeof t, 'strictSame'>
const place = (seq: number, ms = 0): Position => ({ ms: ms as EpochMs, seq })

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('append' as const), n: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom<Mood>('well', 'refuse', 'unheard') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('flush' as const, 'crash' as const, 'wait' as const) }) },
)

t.test('whatever fails when: log and snapshot are what was told', async t => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
      const store = aStore()
      const { world, append, crash, start } = store
      await start()
      let flushed = false
      for (const what of steps) {
        if (what.do === 'append') {
          await append(what.n)
        } else if (what.do === 'wait') await new Promise<void>(done => void hasty.wake(systemClock.now(), done))
        else if (what.do === 'flush') {
          // What was there before this daemon began is nowhere else.
          if (store.told.states.includes('started again')) continue
          await store.flush()
          flushed = true
        } else if (what.do === 'crash') {
          // A flush that nobody has noticed yet would be one that nobody can.
          if (flushed) await mend(store)
          flushed = false
          await crash()
          const opened = await start()
          t.strictSame(sorted(opened.calls), sorted([...store.calls.values()]), 'the calls are taken up as they were')
          store.told.states.push('started again')
        } else world.mood = what.do
      }
      await mend(store)
      await sameAsTold(t, store)
      t.strictSame([store.told.lost, store.told.dropped, store.told.foreign], [[], 0, 0])
      await crash()
    }),
    { numRuns: 150 },
  )
})

async function mend({ world, append, healed }: Store) {
  world.mood = 'well'
  await append(1)
  await healed()
}

t.test('while Redis is well, the disk is not touched', async t => {
  const store = aStore()
  await store.start()
  for (let n = 0; n < 20; n++) await store.append(3)
  t.strictSame(store.told.states, [])
  await sameAsTold(t, store)
  await store.crash()
})

t.test('a Redis that hangs holds nobody up, and what it does late is not done twice', async t => {
  const store = aStore()
  await store.start()
  await store.append(2)
  store.world.mood = 'hang'
  const began = systemClock.now()
  for (let n = 0; n < 5; n++) await store.append(2)
  t.ok(systemClock.now() - began < 1_000)
  t.match(store.kept().status(), { state: 'journal', waiting: 10 })
  store.world.mood = 'well'
  store.goOn()
  await store.healed()
  await sameAsTold(t, store)
  await store.crash()
})

t.test('who is a little behind reads on without Redis; who is far behind is told to come again', async t => {
  const store = aStore()
  await store.start()
  await store.append(3)
  await store.crash()
  await store.start()
  store.world.mood = 'refuse'
  await store.append(2)
  const { kept } = store
  const [, second, third] = await redis.xrange(store.keys.log, '-', '+')
  const ms = (row: typeof second) => Number(row?.[0].split('-')[0])
  const page = await kept().read(place(3, ms(third)), 10)
  t.match(page, { ok: true, entries: [{ position: { seq: 4 } }, { position: { seq: 5 } }] })
  t.match(await kept().read(place(2, ms(second)), 10), { ok: true, entries: [{ position: { seq: 3 } }] })
  await t.rejects(kept().read(place(4, systemClock.now() + HOUR), 10), { code: 'STORE_DOWN' })
  t.match(kept().status(), { state: 'journal', waiting: 2 })
  await store.crash()
})

t.test('the journal is full: what comes then is in memory, and is brought over from there', async t => {
  const store = aStore()
  await store.start(3_000)
  await store.append(1)
  store.world.mood = 'refuse'
  for (let n = 0; n < 30; n++) await store.append(1)
  t.equal(store.kept().status().state, 'memory')
  t.ok(store.told.dropped > 5)
  store.world.mood = 'well'
  await store.healed()
  await sameAsTold(t, store)
  t.strictSame(store.told.lost, [])
  t.strictSame(store.told.states, ['journal', 'memory', 'redis'])
  await store.append(1)
  await sameAsTold(t, store)
  await store.crash()
})

t.test('and if the daemon dies then, the hole is told, and no number is given twice', async t => {
  const store = aStore()
  await store.start(3_000)
  await store.append(1)
  store.world.mood = 'refuse'
  for (let n = 0; n < 30; n++) await store.append(1)
  await store.crash()
  const kept = 31 - store.told.dropped
  const { last } = await store.start()
  t.ok(last.seq > 1_000_000)
  store.world.mood = 'well'
  await store.append(2)
  await store.healed()
  t.strictSame(store.told.lost, [[kept, last.seq + 1]])
  t.strictSame(
    [...(await store.stored()).keys()],
    [...Array.from({ length: kept }, (_, i) => i + 1), last.seq + 1, last.seq + 2],
  )
  const first = await store.kept().read(place(0), 100)
  t.equal(first.ok && first.entries.length, kept, 'a reader gets what is before the hole')
  const end = first.ok ? first.entries.at(-1)?.position : undefined
  t.strictSame(await store.kept().read(end ?? place(0), 100), { ok: false, why: 'gone' }, 'and is then told of it')
  await store.crash()
})

t.test('another server, with less in it, gets what it lacks as soon as it is connected', async t => {
  const store = aStore()
  await store.start()
  await store.append(5)
  await store.append(5)
  const rows = await redis.xrange(store.keys.log, '-', '+')
  await redis.del(store.keys.log)
  for (const [id, fields] of rows.slice(0, 6)) await redis.xadd(store.keys.log, id, ...fields)
  await redis.hset(store.keys.meta, 'seq', 6)
  await redis.del(store.keys.live)
  await store.kept().look()
  await store.healed()
  await sameAsTold(t, store)
  t.equal(store.told.restored, 1)
  await store.crash()
})

t.test(
  'Redis loses everything while it is being given back what it had lost: nothing is missing in the end',
  async t => {
    for (const what of ['append', 'restore'] as const)
      for (let nth = 1; nth <= 6; nth++) {
        const store = aStore()
        await store.start()
        await store.append(5)
        await store.flush()
        const before = (left: number): void => {
          store.world.before = { what, run: async () => (left > 1 ? before(left - 1) : await store.flush()) }
        }
        before(nth)
        await store.append(2)
        await store.healed()
        await store.append(1)
        await store.healed()
        await sameAsTold(t, store)
        t.strictSame(store.told.lost, [])
        await store.crash()
      }
  },
)

t.test('a journal of a log that went on without it is set aside', async t => {
  const store = aStore()
  await store.start()
  store.world.mood = 'refuse'
  await store.append(3)
  await store.crash()
  store.world.mood = 'well'
  const other = createEventLog(redis, store.keys, HOUR, systemClock.now)
  await other.open()
  const position = place(1, systemClock.now() + 5)
  await other.append({ entries: [{ position, type: 'call.started', extensions: [], json: '{}' }], calls: new Map() })
  t.match(await store.start(), { last: { seq: 1 } })
  t.equal(store.told.foreign, 1)
  await store.crash()
})

t.end()
