/**
 * The history with a million calls in it: what a call takes (P12), how long a page takes beside a PING (P11), and how many
 * records are written in a second beside a bare pipeline of the same keys (P10). The calls are made up from a seed.
 */
import { Redis } from 'ioredis'
import { madeCalls } from '../lab/made-calls.js'
import { seeded } from '../lab/seeded.js'
import { startLab } from '../lab/lab.js'
import type { EpochMs } from '../src/base/ids.js'
import { elapsedMs, randomToken, systemClock } from '../src/base/system.js'
import type { CallView } from '../src/events/call.js'
import { callEvent } from '../src/events/event.js'
import type { HistorySearch } from '../src/events/history.js'
import { START, type LogEntry } from '../src/events/log.js'
import { encodeCall } from '../src/history/codec.js'
import { createRecords, shardOf, storedId } from '../src/history/records.js'
import { createSeal } from '../src/history/seal.js'
import { createSearch } from '../src/history/search.js'
import { termsOf } from '../src/history/terms.js'
import { followLog } from '../src/history/write.js'
import { keysOf, type Keys } from '../src/store/keys.js'
import { quantile, median, ratioOf, type Bench, type Measured, type Wanted } from './report.js'

const ROUNDS = 5
const CALLS = 1_000_000
const SEED = 20_260_301
const LOAD_AT_A_TIME = 100
const WRITTEN_A_ROUND = 10_000
/** As the bare pipeline of the list of goals. */
const PIPELINED = 25
const PAGES_A_ROUND = 300

type World = { redis: Redis; keys: Keys; loaded: CallView[] }
type Search = (query: HistorySearch) => Promise<{ calls: CallView[] }>
const canonical = (number: string) => number

/** Keeps one call of each thousand, to ask for what is there. */
async function load({ redis, keys, loaded }: World, calls: number, say: Wanted['say']) {
  const { write } = createRecords(redis, keys, 'hq', canonical)
  let batch: CallView[] = []
  let written = Promise.resolve()
  const begun = elapsedMs()
  let n = 0
  for (const call of madeCalls(SEED, calls)) {
    batch.push(call)
    if (n++ % 1_000 === 0) loaded.push(call)
    if (batch.length < LOAD_AT_A_TIME && n < calls) continue
    const full = batch
    batch = []
    await written
    written = write(full)
    if (n % 100_000 === 0) say(`${n} calls, ${Math.round((elapsedMs() - begun) / 1_000)} s`)
  }
  await written
}

const memory = async (redis: Redis) => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])

/** From events in the log to records, indexes and the place: all that the daemon does for it. */
async function recordsPerSecond({ redis, keys }: World, calls: readonly CallView[]) {
  const entries = calls.map((call, i): LogEntry => ({
    ...callEvent('call.recorded', systemClock.now(), call),
    position: { ms: START.ms, seq: i + 1 },
  }))
  await redis.del(keys.historyRead)
  const begun = elapsedMs()
  const reader = followLog({
    redis,
    keys,
    records: createRecords(redis, keys, 'hq', canonical),
    items: { write: () => Promise.resolve() },
    read: ({ seq }, count) => Promise.resolve({ ok: true, entries: entries.slice(seq, seq + count) }),
    clock: systemClock,
    told: { recorded: () => undefined, failed: fail, gap: fail, foreign: fail },
  })
  await reader.reached({ ms: 0 as EpochMs, seq: calls.length })
  const took = elapsedMs() - begun
  await reader.stop()
  return (calls.length / took) * 1_000
}

function fail(why: unknown): never {
  throw new Error(`the history was not written: ${String(why)}`)
}

/** The same records under the same ids and terms, made beforehand: nothing but ioredis and the server is measured. */
async function pipelinePerSecond({ redis }: World, calls: readonly CallView[], prefix: string) {
  const made = calls.map(call => ({
    id: storedId(call),
    shard: shardOf(call.id),
    record: encodeCall(call),
    start: Date.parse(call.startedAt),
    terms: termsOf(call, canonical),
  }))
  const begun = elapsedMs()
  for (let at = 0; at < made.length; at += PIPELINED) {
    const pipeline = redis.pipeline()
    for (const [i, { id, shard, record, start, terms }] of made.slice(at, at + PIPELINED).entries()) {
      pipeline.rpush(`${prefix}r:${Math.floor((at + i) / 128)}`, record)
      pipeline.hset(`${prefix}k:${shard}`, id, at + i)
      for (const term of terms) pipeline.zadd(`${prefix}i:${term}`, start, at + i)
    }
    await pipeline.exec()
  }
  return (made.length / (elapsedMs() - begun)) * 1_000
}

type Asking = (call: CallView) => Omit<HistorySearch, 'limit'>
const start = (call: CallView) => Date.parse(call.startedAt) as EpochMs
const WEEK_MS = 7 * 86_400_000

/** Each index by itself, and three combinations; what is asked for is taken from a call that is there. */
const QUESTIONS: Readonly<Record<string, Asking>> = {
  time: call => ({ until: start(call) }),
  'time, oldest first': call => ({ from: start(call), order: 'oldest' }),
  agent: call => ({ agent: call.agents[0]?.agent ?? 'Anna 1' }),
  extension: call => ({ extension: call.agents[0]?.extension ?? '1001' }),
  number: call => ({ number: call.from.e164 ?? call.to.number }),
  queue: call => ({ queue: call.queues[0]?.queue ?? 'sales' }),
  direction: call => ({ direction: call.direction, until: start(call) }),
  outcome: call => ({ outcome: call.outcome ?? 'answered', until: start(call) }),
  tag: call => ({ tag: call.tags?.[0] ?? 'vip' }),
  'agent in a week': call => ({
    agent: call.agents[0]?.agent ?? 'Anna 1',
    from: (start(call) - WEEK_MS) as EpochMs,
    until: start(call),
  }),
  'queue and outcome': call => ({ queue: call.queues[0]?.queue ?? 'sales', outcome: 'abandoned', until: start(call) }),
  'extension, direction and tag': call => ({
    extension: call.agents[0]?.extension ?? '1001',
    direction: 'inbound',
    tag: 'complaint',
  }),
}

/** p99 in ms of a page of 50 and of a PING, one after the other. */
async function pages({ redis, loaded }: World, search: Search, asking: Asking, random: () => number) {
  const [ours, pings]: [number[], number[]] = [[], []]
  for (let n = 0; n < PAGES_A_ROUND; n++) {
    const query = asking(loaded[Math.floor(random() * loaded.length)] as CallView)
    let begun = elapsedMs()
    await search({ ...query, limit: 50 })
    ours.push(elapsedMs() - begun)
    begun = elapsedMs()
    await redis.ping()
    pings.push(elapsedMs() - begun)
  }
  return [quantile(ours, 0.99), quantile(pings, 0.99)] as const
}

async function history({ rounds = ROUNDS, seconds, say }: Wanted): Promise<Measured> {
  // A trial is given ten thousand calls for each second.
  const calls = seconds === undefined ? CALLS : seconds * 10_000
  const lab = await startLab()
  const redis = new Redis(lab.redis.socket)
  try {
    const world: World = { redis, keys: keysOf('aladdin', 'hq'), loaded: [] }
    const before = await memory(redis)
    await load(world, calls, say)
    const bytes = ((await memory(redis)) - before) / calls
    say(`${Math.round(bytes)} bytes a call`)
    const search = createSearch({
      redis,
      keys: world.keys,
      canonical,
      seal: createSeal(redis, world.keys, () => randomToken()),
    })
    const random = seeded(SEED)
    const took: Record<string, number[]> = {}
    const ping: Record<string, number[]> = {}
    const [ours, bare]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      for (const [name, asking] of Object.entries(QUESTIONS)) {
        const [page, pong] = await pages(world, search, asking, random)
        ;(took[name] ??= []).push(page)
        ;(ping[name] ??= []).push(pong)
      }
      // As they come: each is newer than those that are there.
      const before = calls + round * WRITTEN_A_ROUND
      const written = [...madeCalls(SEED + 1 + round, WRITTEN_A_ROUND, undefined, before)].map((call, n) => ({
        ...call,
        id: `hq:${round}.${n}`,
      }))
      ours.push(await recordsPerSecond(world, written))
      bare.push(await pipelinePerSecond(world, written, `bare${round}:{hq}:`))
      say(`round ${round + 1}: ${Math.round(ours.at(-1) ?? 0)} records/s, bare ${Math.round(bare.at(-1) ?? 0)}`)
    }
    const each = Object.keys(QUESTIONS).map(name => [name, ratioOf(took[name] ?? [], ping[name] ?? [])] as const)
    return {
      name: 'history',
      rounds,
      values: {
        'Redis, bytes a call': [bytes],
        'records/s': ours,
        ...named(took, name => `p99 of a page by ${name}, ms`),
      },
      baselines: {
        'records/s of a bare pipeline': bare,
        'p99 of PING, ms': Object.values(ping).flat(),
      },
      ratios: {
        P10: ratioOf(ours, bare),
        P11: Math.max(...each.map(([, ratio]) => ratio)),
        ...Object.fromEntries(each.map(([name, ratio]) => [`P11 by ${name}`, ratio])),
        P12: bytes,
      },
      counts: { 'calls in the history': calls, 'median of rounds, records/s': Math.round(median(ours)) },
    }
  } finally {
    redis.disconnect()
    await lab.stop()
  }
}

const named = (figures: Record<string, number[]>, name: (key: string) => string) =>
  Object.fromEntries(Object.entries(figures).map(([key, numbers]) => [name(key), numbers]))

export const historyBench: Bench = {
  about: 'The history with 1,000,000 calls: size, pages, writing (P10, P11, P12)',
  run: history,
}
