/** The history on a real Valkey: it follows the log from where it was, and a search finds what a look at each would. */
import t, { type Test } from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { retry } from '../../lab/wait.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { callEvent, iso } from '../../src/events/event.js'
import type { LogEntry } from '../../src/events/log.js'
import { createRecords } from '../../src/history/records.js'
import { createSeal } from '../../src/history/seal.js'
import { createSearch } from '../../src/history/search.js'
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
  const canonical = (number: string) => number
  const records = createRecords(redis, keys, 'hq', canonical)
  const search = createSearch({ redis, keys, canonical, seal: createSeal(redis, keys, () => randomToken()) })
  const follow = () =>
    followLog({
      redis,
      keys,
      records,
      items: { write: () => Promise.resolve() },
      read: log.read,
      clock: systemClock,
      told: {
        recorded: () => undefined,
        failed: e => failures.push(e),
        gap: g => gaps.push(g),
        foreign: what => failures.push(what),
      },
    })
  const write = async (calls: CallView[], seq = 1) => {
    const entries = calls.map((call, i) => recorded(call, seq + i))
    await log.append({ entries, calls: new Map() })
    return entries
  }
  const ids = async () => (await search({ limit: 200 })).calls.map(c => c.id)
  const rows = (n: number) =>
    retry(systemClock, `${n} rows`, 5_000, async () => ((await ids()).length >= n ? true : undefined))
  /** As a server does that is flushed, or was an older copy. */
  const lose = async (...more: string[]) => {
    await redis.del(...(await redis.keys(`${keys.history.replace(/[{}]/g, '?')}*`)), ...more)
  }
  return { keys, log, follow, write, rows, ids, lose, failures, gaps, search, records, record: records.record }
}

t.test('it takes what is recorded, once, from where it was', async t => {
  const { keys, follow, write, rows, record, ids } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000)])
  const first = follow()
  await rows(2)
  await first.stop()
  await write([aCall(3, 2_000)], 3)
  t.equal((await ids()).length, 2, 'while it is down, nothing is taken')
  const second = follow()
  await rows(3)
  second.notify(await write([aCall(4, 3_000)], 4))
  await rows(4)
  await second.stop()
  t.strictSame(await record('hq:1.3'), aCall(3, 2_000))
  t.equal(await record('hq:1.9'), undefined)
  t.strictSame(await ids(), ['hq:1.4', 'hq:1.3', 'hq:1.2', 'hq:1.1'])
  await redis.del(keys.historyRead)
  const third = follow()
  await retry(systemClock, 'the log to be read again', 5_000, async () =>
    (await redis.get(keys.historyRead))?.endsWith('-4') ? true : undefined,
  )
  await third.stop()
  t.equal((await ids()).length, 4, 'reading it all again adds nothing')
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

const nothingWrong = (t: Test) => ({
  recorded: () => undefined,
  failed: (error: unknown) => void t.fail(String(error)),
  gap: () => void t.fail('gap'),
  foreign: () => void t.fail('foreign'),
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
  const { keys, rows, ids, records } = await aHistory()
  const inMemory: LogEntry[] = []
  const reader = followLog({
    redis,
    keys,
    records,
    items: { write: () => Promise.resolve() },
    read: ({ seq }, count) => Promise.resolve({ ok: true, entries: inMemory.slice(seq, seq + count) }),
    clock: systemClock,
    told: nothingWrong(t),
  })
  await reader.reached({ ms: 0 as EpochMs, seq: 1 })
  const [reads, gets, places] = [counting('xrange'), counting('get'), counting('set')]
  const news = (entries: LogEntry[]) => {
    inMemory.push(...entries)
    reader.notify(entries)
  }
  await Promise.all([reads(), gets(), places()])
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
  t.ok((await places()) < 5, 'twenty records and their place')
  news([recorded(aCall(71, 0), 71)])
  const ended = callEvent('call.ended', day as EpochMs, aCall(72, 0))
  news([{ ...ended, position: { ms: systemClock.now(), seq: 72 } }])
  await reader.stop()
  t.equal((await ids()).length, 21, 'the last one is written when it is stopped')
  t.equal((await redis.get(keys.historyRead))?.endsWith('-72'), true)
  t.equal(await places(), 1)
})

t.test('what is new is recorded a few at a time, what is past a page at a time', async t => {
  const { keys, records, ids } = await aHistory()
  const entries = Array.from({ length: 520 }, (_, i) => recorded(aCall(i + 1, i), i + 1))
  const written: [calls: number, place: number | undefined][] = []
  const reader = followLog({
    redis,
    keys,
    records: {
      write: (calls, place) => {
        written.push([calls.length, place?.seq])
        return records.write(calls, place)
      },
    },
    items: { write: () => Promise.resolve() },
    read: ({ seq }, count) => Promise.resolve({ ok: true, entries: entries.slice(seq, seq + count) }),
    clock: systemClock,
    told: nothingWrong(t),
  })
  await reader.reached({ ms: 0 as EpochMs, seq: 520 })
  await reader.stop()
  t.strictSame(written, [
    [500, 500],
    [8, undefined],
    [8, undefined],
    [4, 520],
  ])
  t.equal((await ids()).length, 200, 'all that a page holds')
})

t.test('what the log no longer has is told, and it goes on', async t => {
  const { keys, follow, write, rows, ids, gaps } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000), aCall(3, 2_000)])
  await redis.xtrim(keys.log, 'MAXLEN', 1)
  const reader = follow()
  await rows(1)
  await reader.stop()
  t.equal(gaps.length, 1)
  t.strictSame(await ids(), ['hq:1.3'])
})

t.test('records that Redis has lost are made again', async t => {
  const { keys, follow, write, rows, ids, lose } = await aHistory()
  await write([aCall(1, 0), aCall(2, 1_000), aCall(3, 2_000)])
  const reader = follow()
  await rows(3)
  await lose()
  const [, second] = await redis.xrange(keys.log, '-', '+')
  const [ms, seq] = (second?.[0] ?? '').split('-').map(Number)
  reader.again({ ms: ms as EpochMs, seq: (seq ?? 0) - 1 })
  await rows(2)
  t.strictSame(await ids(), ['hq:1.3', 'hq:1.2'])
  await lose(keys.historyRead)
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
  const { keys, follow, write, rows, ids, failures } = await aHistory()
  await redis.set(`${keys.history}i:t`, 'foreign')
  await write([aCall(1, 0)])
  const reader = follow()
  await retry(systemClock, 'a failure', 5_000, async () => (failures.length > 0 ? true : undefined))
  t.equal(await redis.get(keys.historyRead), null, 'its place does not move before the record is there')
  await redis.del(`${keys.history}i:t`)
  await rows(1)
  await retry(systemClock, 'its place', 5_000, async () => ((await redis.get(keys.historyRead)) ? true : undefined))
  await reader.stop()
  t.equal((await ids()).length, 1)
  t.equal(await redis.llen(`${keys.history}r:0`), 1, 'what was written before it failed is not written twice')
})

t.test('a call that is revised is found by what it is now, and never goes back', async t => {
  const { log, follow, write, rows, search, record, records } = await aHistory()
  const was = { ...aCall(1, 1_000), outcome: 'no-answer' as const, tags: ['hot'] }
  const startedAt = iso((day + 500) as EpochMs)
  const now = { ...was, revision: 7, outcome: 'answered' as const, tags: ['cold'], startedAt }
  await write([was, aCall(2, 700)])
  const reader = follow()
  await rows(2)
  const position = { ms: systemClock.now(), seq: 3 }
  const revised = { ...callEvent('call.revised', day as EpochMs, now), position }
  await log.append({ entries: [revised], calls: new Map() })
  reader.notify([revised])
  await reader.reached(position)
  t.strictSame(await record('hq:1.1'), now)
  const found = async (query: object) => (await search({ limit: 10, ...query })).calls.map(c => c.id)
  t.strictSame(await found({ tag: 'hot' }), [])
  t.strictSame(await found({ outcome: 'no-answer' }), [])
  t.strictSame(await found({ tag: 'cold', outcome: 'answered' }), ['hq:1.1'])
  t.strictSame(await found({}), ['hq:1.2', 'hq:1.1'], 'in its place by its new start')
  await records.write([was])
  t.strictSame(await record('hq:1.1'), now, 'an older revision that comes late changes nothing')
  await reader.stop()
})

t.end()
