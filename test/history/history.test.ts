/** The history on a real Valkey: it follows the log from where it was, and a search finds what a look at each would. */
import fc from 'fast-check'
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { retry } from '../../lab/wait.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { callEvent, iso } from '../../src/events/event.js'
import type { LogEntry } from '../../src/events/log.js'
import { createSearch, type Search } from '../../src/history/search.js'
import { followLog } from '../../src/history/write.js'
import { createEventLog } from '../../src/store/event-log.js'
import { keysOf } from '../../src/store/keys.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const day = Date.parse('2026-03-01T00:00:00Z')
function aCall(n: number, startMs: number, from = '1001', to = '1002'): CallView {
  return {
    id: `hq:1.${n}`,
    pbx: 'hq',
    revision: 5,
    state: 'ended',
    direction: 'internal',
    from: { number: from, extension: from },
    to: { number: to, extension: to },
    startedAt: iso((day + startMs) as EpochMs),
    legs: [],
    offers: [],
    segments: [],
    queues: [],
    transfers: [],
    agents: [],
  }
}
const recorded = (call: CallView, seq: number): LogEntry => ({
  ...callEvent('call.recorded', day as EpochMs, call),
  position: { ms: systemClock.now(), seq },
})

async function aHistory() {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const log = createEventLog(redis, keys, 3_600_000, systemClock.now)
  await log.open()
  const failures: unknown[] = []
  const gaps: unknown[] = []
  const follow = () =>
    followLog({
      redis,
      keys,
      read: log.read,
      clock: systemClock,
      told: { recorded: () => undefined, failed: e => failures.push(e), gap: g => gaps.push(g) },
    })
  const write = async (calls: CallView[], seq = 1) => {
    const entries = calls.map((call, i) => recorded(call, seq + i))
    await log.append({ entries, calls: new Map() })
    return entries
  }
  const rows = (n: number) =>
    retry(systemClock, `${n} rows`, 5_000, async () => ((await redis.hlen(keys.records)) >= n ? true : undefined))
  return { keys, log, follow, write, rows, failures, gaps, ...createSearch(redis, keys) }
}

t.test('it takes what is recorded, once, from where it was', async t => {
  const { keys, follow, write, rows, record, search } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000)])
  const first = follow()
  await rows(2)
  await first.stop()
  await write([aCall(3, 2_000)], 3)
  t.equal(await redis.hlen(keys.records), 2, 'while it is down, nothing is taken')
  const second = follow()
  await rows(3)
  second.notify(await write([aCall(4, 3_000)], 4))
  await rows(4)
  await second.stop()
  t.strictSame(await record('hq:1.3'), aCall(3, 2_000))
  t.equal(await record('hq:1.9'), undefined)
  t.strictSame(
    (await search({ limit: 10 })).calls.map(c => c.id),
    ['hq:1.4', 'hq:1.3', 'hq:1.2', 'hq:1.1'],
  )
  await redis.del(keys.historyRead)
  const third = follow()
  await retry(systemClock, 'the log to be read again', 5_000, async () =>
    (await redis.get(keys.historyRead))?.endsWith('-4') ? true : undefined,
  )
  await third.stop()
  t.equal(await redis.zcard(keys.byStart), 4, 'reading it all again adds nothing')
})

t.test('whoever has heard of a call finds it, without waiting for time to pass', async t => {
  const { follow, write, record } = await aHistory()
  const reader = follow()
  for (let seq = 1; seq <= 50; seq++) {
    reader.notify(await write([aCall(seq, seq)], seq))
    await reader.reached({ ms: 0 as EpochMs, seq })
    t.ok(await record(`hq:1.${seq}`), String(seq))
  }
  const never = reader.reached({ ms: 0 as EpochMs, seq: 99 })
  await reader.stop()
  await never
})

/** How often the server was given a command since the last time this was asked. */
const counting = (command: string) => {
  let before = 0
  return async () => {
    const found = new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await redis.info('commandstats'))
    const calls = Number(found?.[1] ?? 0)
    const since = calls - before
    before = calls
    return since
  }
}

t.test('what is not for it costs nothing, and records that come together go one way', async t => {
  const { keys, rows } = await aHistory()
  const inMemory: LogEntry[] = []
  const reader = followLog({
    redis,
    keys,
    read: ({ seq }, count) => Promise.resolve({ ok: true, entries: inMemory.slice(seq, seq + count) }),
    clock: systemClock,
    told: { recorded: () => undefined, failed: e => t.fail(String(e)), gap: () => t.fail('gap') },
  })
  await reader.reached({ ms: 0 as EpochMs, seq: 1 })
  const [reads, gets, scripts] = [counting('xrange'), counting('get'), counting('evalsha')]
  const news = (entries: LogEntry[]) => {
    inMemory.push(...entries)
    reader.notify(entries)
  }
  await Promise.all([reads(), gets(), scripts()])
  for (let seq = 1; seq <= 50; seq++) {
    const started = callEvent('call.started', day as EpochMs, aCall(seq, 0))
    news([{ ...started, position: { ms: systemClock.now(), seq } }])
    await reader.reached({ ms: 0 as EpochMs, seq })
  }
  for (let seq = 51; seq <= 70; seq++) {
    news([recorded(aCall(seq, 0), seq)])
    await redis.ping()
  }
  await rows(20)
  t.strictSame([await reads(), await gets()], [0, 0])
  t.ok((await scripts()) < 5, 'twenty records and their place')
  news([recorded(aCall(71, 0), 71)])
  const ended = callEvent('call.ended', day as EpochMs, aCall(72, 0))
  news([{ ...ended, position: { ms: systemClock.now(), seq: 72 } }])
  await reader.stop()
  t.equal(await redis.hlen(keys.records), 21, 'the last one is written when it is stopped')
  t.equal((await redis.get(keys.historyRead))?.endsWith('-72'), true)
  t.equal(await scripts(), 1)
})

t.test('what the log no longer has is told, and it goes on', async t => {
  const { keys, follow, write, rows, gaps } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000), aCall(3, 2_000)])
  await redis.xtrim(keys.log, 'MAXLEN', 1)
  const reader = follow()
  await rows(1)
  await reader.stop()
  t.equal(gaps.length, 1)
  t.strictSame(await redis.hkeys(keys.records), ['hq:1.3'])
})

t.test('records that Redis has lost are made again', async t => {
  const { keys, follow, write, rows } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000), aCall(3, 2_000)])
  const reader = follow()
  await rows(3)
  await redis.del(keys.records, keys.byStart)
  const [, second] = await redis.xrange(keys.log, '-', '+')
  const [ms, seq] = (second?.[0] ?? '').split('-').map(Number)
  reader.again({ ms: ms as EpochMs, seq: (seq ?? 0) - 1 })
  await rows(2)
  t.strictSame((await redis.hkeys(keys.records)).sort(), ['hq:1.2', 'hq:1.3'])
  await redis.del(keys.records, keys.byStart, keys.historyRead)
  reader.again({ ms: ms as EpochMs, seq: (seq ?? 0) - 1 })
  await rows(3)
  await reader.stop()
})

t.test('a history goes on after a hole, and not over and over', async t => {
  const { keys, write, follow, rows, gaps } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000)])
  await write([aCall(3, 2_000), aCall(4, 3_000)], 9)
  const reader = follow()
  await rows(4)
  await reader.stop()
  t.match(gaps, [{ seq: 2 }])
  t.equal(gaps.length, 1)
  t.equal((await redis.get(keys.historyRead))?.endsWith('-10'), true)
})

t.test('a store that refuses is asked again', async t => {
  const { keys, follow, write, rows, failures } = await aHistory()
  await redis.set(keys.byStart, 'foreign')
  await write([aCall(1, 0)])
  const reader = follow()
  await retry(systemClock, 'a failure', 5_000, async () => (failures.length > 0 ? true : undefined))
  t.equal(await redis.get(keys.historyRead), null, 'its place does not move before the record is there')
  await redis.del(keys.byStart)
  await rows(1)
  await retry(systemClock, 'its place', 5_000, async () => ((await redis.get(keys.historyRead)) ? true : undefined))
  await reader.stop()
  t.equal(await redis.zcard(keys.byStart), 1)
})

t.test('a search finds what a look at each call would, page by page', async t => {
  const { follow, write, rows, search } = await aHistory()
  const who = ['1001', '1002', '1003', '030555']
  const calls = Array.from({ length: 300 }, (_, n) => aCall(n, (n % 40) * 1_000, who[n % 4], who[(n * 7 + 1) % 4]))
  await write(calls)
  const reader = follow()
  await rows(calls.length)
  await reader.stop()
  const plain = ({ from, until, extension, number }: Search) =>
    calls
      .filter(
        c =>
          (from === undefined || Date.parse(c.startedAt) >= from) &&
          (until === undefined || Date.parse(c.startedAt) < until),
      )
      .filter(c => extension === undefined || c.from.extension === extension || c.to.extension === extension)
      .filter(c => number === undefined || c.from.number === number || c.to.number === number)
      .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || (a.id < b.id ? 1 : -1))
      .map(c => c.id)
  const time = fc.integer({ min: -1, max: 41 }).map(s => (day + s * 1_000) as EpochMs)
  const query = fc.record(
    { from: time, until: time, extension: fc.constantFrom(...who), number: fc.constantFrom(...who) },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(query, fc.integer({ min: 1, max: 60 }), async (wanted, limit) => {
      const found: string[] = []
      for (let after: string | undefined; ;) {
        const page = await search({ ...wanted, limit, ...(after === undefined ? {} : { after }) })
        t.ok(page.calls.length <= limit)
        found.push(...page.calls.map(c => c.id))
        if (page.next === undefined) break
        after = page.next
      }
      t.strictSame(found, plain({ ...wanted, limit }))
    }),
    { numRuns: 60 },
  )
  for (const after of ['x', Buffer.from('1').toString('base64url'), Buffer.from('1 ab').toString('base64')]) {
    await t.rejects(search({ limit: 5, after }), { code: 'CURSOR_INVALID' }, after)
  }
})

t.end()
