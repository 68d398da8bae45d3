/** The event log on a real Valkey: together or not at all, never twice, never with a gap, and only by one writer. */
import fc from 'fast-check'
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { CallId, EpochMs } from '../../src/base/ids.js'
import { START, type LogEntry } from '../../src/events/log.js'
import { createEventLog } from '../../src/store/event-log.js'
import { keysOf } from '../../src/store/keys.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const HOUR = 3_600_000
/** Each test has keys of its own. */
const aLog = (keepMs = HOUR, keys = keysOf(`test-${randomToken(4)}`, 'hq')) => ({
  keys,
  log: createEventLog(redis, keys, keepMs, systemClock.now),
})
const entry = (seq: number, ms = systemClock.now()): LogEntry => ({
  position: { ms: (ms + seq) as EpochMs, seq },
  type: 'call.started',
  call: `hq:1.${seq}`,
  extensions: ['1001', '1002'],
  json: `{"n":${seq},"who":"张伟 ☎"}`,
})
const entries = (from: number, to: number, ms?: EpochMs) =>
  Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, ms))
const call = (n: number) => `hq:1.${n}` as CallId
const nothing = new Map<string, object | undefined>()

t.test('what is written is read, as it was', async t => {
  const { log } = aLog()
  t.strictSame(await log.open(), { last: START, calls: [] })
  const written = entries(1, 5)
  await log.append({ entries: written, calls: new Map([[call(1), { a: 1 }]]) })
  t.strictSame(await log.read(START, 100), { ok: true, entries: written })
  t.strictSame(await log.read(written[2]?.position ?? START, 1), { ok: true, entries: [written[3]] })
  t.strictSame(await log.read(written[4]?.position ?? START, 1), { ok: true, entries: [] })
})

t.test('a batch that is sent again changes nothing', async t => {
  const { keys, log } = aLog()
  await log.open()
  await log.append({ entries: entries(1, 3), calls: nothing })
  for (const batch of [entries(1, 3), entries(2, 3), entries(2, 5), entries(4, 5)])
    await log.append({ entries: batch, calls: nothing })
  const page = await log.read(START, 100)
  t.strictSame(page.ok && page.entries.map(e => e.position.seq), [1, 2, 3, 4, 5])
  t.equal(await redis.xlen(keys.log), 5)
})

t.test('a batch that arrives late does not bring back older calls', async t => {
  const { keys, log } = aLog()
  await log.open()
  const late = { entries: entries(1, 1), calls: new Map([[call(1), { state: 'ringing' }]]), after: 0 }
  await log.append(late)
  await log.append({ entries: entries(2, 2), calls: new Map([[call(1), undefined]]), after: 1 })
  await log.append(late)
  t.equal(await redis.hlen(keys.live), 0)
})

t.test('events that come after some that are missing are refused, unless that is meant', async t => {
  const { keys, log } = aLog()
  await log.open()
  await log.append({ entries: entries(1, 2), calls: nothing, after: 0 })
  await t.rejects(log.append({ entries: entries(5, 5), calls: nothing, after: 4 }), /after event 2$/)
  t.equal(await redis.xlen(keys.log), 2)
  await log.append({ entries: entries(5, 6), calls: nothing })
  const page = await log.read(START, 100)
  t.equal(page.ok && page.entries.length, 2, 'a reader gets what is before the hole')
  const end = page.ok ? page.entries.at(-1)?.position : undefined
  t.strictSame(await log.read(end ?? START, 100), { ok: false, why: 'gone' }, 'and is then told of it')
  t.strictSame([await log.has(end ?? START), await log.has({ ms: 7 as EpochMs, seq: 6 })], [true, false])
})

t.test('the snapshot is given back whole, and the log goes on from there', async t => {
  const { keys, log } = aLog()
  await log.open()
  await log.append({ entries: entries(1, 2), calls: new Map([[call(1), { state: 'ringing' }]]) })
  await log.restore(entry(9).position, new Map([[call(2), { state: 'talking' }]]))
  t.strictSame(await redis.hgetall(keys.live), { [call(2)]: '{"state":"talking"}' })
  await t.rejects(log.append({ entries: entries(11, 11), calls: nothing, after: 10 }), /after event 9$/)
  await log.restore(entry(3).position, new Map())
  await log.append({ entries: entries(10, 10), calls: nothing, after: 9 })
  const other = createEventLog(redis, keys, HOUR, systemClock.now)
  await other.open()
  await t.rejects(log.restore(START, new Map()), /FENCED/)
})

t.test('events and snapshot stand together', async t => {
  const { keys, log } = aLog()
  await log.open()
  await log.append({
    entries: entries(1, 1),
    calls: new Map([
      [call(1), { state: 'ringing' }],
      [call(2), { state: 'talking' }],
    ]),
  })
  await log.append({ entries: entries(2, 2), calls: new Map([[call(1), undefined]]) })
  const again = createEventLog(redis, keys, HOUR, systemClock.now)
  const opened = await again.open()
  t.match(opened, { last: { seq: 2 }, calls: [{ state: 'talking' }] })
  t.ok((opened.heardOfPbxAt ?? 0) > 0)
  await redis.set(`${keys.log}x`, 'foreign')
  await redis.del(keys.live)
  await redis.set(keys.live, 'not a hash')
  await t.rejects(
    again.append({ entries: entries(3, 3), calls: new Map([[call(1), { state: 'ringing' }]]) }),
    /WRONGTYPE/,
  )
})

t.test('who wrote before is refused from the moment another writes', async t => {
  const { keys, log } = aLog()
  await log.open()
  await log.append({ entries: entries(1, 1), calls: nothing })
  const other = createEventLog(redis, keys, HOUR, systemClock.now)
  t.match(await other.open(), { last: { seq: 1 } })
  await t.rejects(log.append({ entries: entries(2, 2), calls: nothing }), /FENCED/)
  await other.append({ entries: entries(2, 2), calls: nothing })
  t.equal(await redis.xlen(keys.log), 2)
})

t.test('a reader is told of a gap, and of a place that never was', async t => {
  const { keys, log } = aLog()
  await log.open()
  await log.append({ entries: entries(1, 9), calls: nothing })
  const third = entry(3)
  await redis.xtrim(keys.log, 'MAXLEN', 4)
  t.strictSame(await log.read(third.position, 10), { ok: false, why: 'gone' })
  t.strictSame(await log.read({ ...entry(99, (systemClock.now() + HOUR) as EpochMs).position }, 10), {
    ok: false,
    why: 'unknown',
  })
  await redis.del(keys.log)
  t.strictSame(await log.read(third.position, 10), { ok: false, why: 'gone' })
})

t.test('old events go when new ones come', async t => {
  const { keys, log } = aLog(1_000)
  await log.open()
  const old = (systemClock.now() - 10_000) as EpochMs
  await log.append({ entries: entries(1, 400, old), calls: nothing })
  await log.append({ entries: entries(401, 402), calls: nothing })
  t.ok((await redis.xlen(keys.log)) < 250, 'most of what is too old is gone; Redis drops whole nodes of it')
})

t.test('a script that the server has forgotten is sent again', async t => {
  const { log } = aLog()
  await log.open()
  await log.append({ entries: entries(1, 1), calls: nothing })
  await redis.script('FLUSH')
  await log.append({ entries: entries(2, 2), calls: nothing })
  t.match(await log.read(START, 10), { ok: true, entries: [{ position: { seq: 1 } }, { position: { seq: 2 } }] })
})

t.test('readers beside a writer see each event once, in order', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 7 }),
      async (batches, page) => {
        const { log } = aLog()
        await log.open()
        const total = batches.reduce((sum, n) => sum + n, 0)
        const write = async () => {
          let next = 1
          for (const n of batches) {
            await log.append({ entries: entries(next, next + n - 1), calls: nothing })
            next += n
          }
        }
        const read = async () => {
          const seen: number[] = []
          let at = START
          while (seen.length < total) {
            const found = await log.read(at, page)
            if (!found.ok) return [found.why]
            seen.push(...found.entries.map(e => e.position.seq))
            at = found.entries.at(-1)?.position ?? at
          }
          return seen
        }
        const [, first, second] = await Promise.all([write(), read(), read()])
        const all = Array.from({ length: total }, (_, i) => i + 1)
        t.strictSame([first, second], [all, all])
      },
    ),
    { numRuns: 40 },
  )
})

t.end()
