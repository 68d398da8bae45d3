/**
 * What the blacklist costs a call: a look-up with a million entries beside the same one with a thousand, and beside a bare GET; and
 * what an entry takes in Redis. Numbers, beginnings and patterns are made up from a seed; half of the callers are on the list.
 */
import { Redis } from 'ioredis'
import { seeded } from '../lab/seeded.js'
import { startLab } from '../lab/lab.js'
import { elapsedMs } from '../src/base/system.js'
import { shapeOfId } from '../src/routing/number-match.js'
import { keysOf } from '../src/store/keys.js'
import { createNumberList, type ListEntry, type NumberList } from '../src/store/number-list.js'
import { median, quantile, type Bench, type Measured, type Wanted } from './report.js'

const ROUNDS = 5
const [FEW, MANY] = [1_000, 1_000_000]
const LOOKUPS = 5_000
const SEED = 20_261_129
const AT_A_TIME = 500
const SUFFIXES = ['', '@dialled:4930123420', '@workgroup:sales']

const numberOf = (n: number) => `+49${String(1_000_000_000 + n * 7_919).padStart(10, '0')}`
/** Of a hundred entries, one is a pattern and four are beginnings. */
function entryOf(n: number): ListEntry {
  const number = numberOf(n)
  const match = n % 100 === 7 ? `${number.slice(0, -2)}XX` : n % 25 === 3 ? `${number.slice(0, -2)}*` : number
  const entry = { match, scope: 'all', action: 'busy', reason: 'robocalls', addedBy: 'key:crm', addedAt: '2026-11-29T00:00:00.000Z' } // prettier-ignore
  return { id: match, text: JSON.stringify(entry) }
}

async function fill(list: NumberList, entries: number, say: Wanted['say']) {
  for (let from = 0; from < entries; from += AT_A_TIME) {
    await list.put(Array.from({ length: Math.min(AT_A_TIME, entries - from) }, (_, i) => entryOf(from + i)))
    if (from % 200_000 === 0) say(`${from} entries`)
  }
}

const memory = async (redis: Redis) => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])

async function timed(ask: (number: string) => Promise<unknown>, random: () => number): Promise<number[]> {
  const took: number[] = []
  for (let n = 0; n < LOOKUPS; n += 1) {
    const number = numberOf(Math.floor(random() * MANY * 2))
    const began = elapsedMs()
    await ask(number)
    took.push(elapsedMs() - began)
  }
  return took
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const lab = await startLab()
  const redis = new Redis(lab.redis.url)
  const aList = (name: string) => createNumberList({ redis, keys: keysOf('bench', 'hq'), name, shapeOf: shapeOfId })
  try {
    const [few, many] = [aList('few'), aList('many')]
    await fill(few, FEW, say)
    const before = await memory(redis)
    const began = elapsedMs()
    await fill(many, MANY, say)
    const seconds = (elapsedMs() - began) / 1_000
    const bytes = ((await memory(redis)) - before) / MANY
    const random = seeded(SEED)
    const took = { get: [] as number[][], few: [] as number[][], many: [] as number[][] }
    await redis.set('bench:get', 'x')
    for (let round = 0; round < rounds; round += 1) {
      took.get.push(await timed(() => redis.get('bench:get'), random))
      took.few.push(await timed(number => few.find([number], SUFFIXES), random))
      took.many.push(await timed(number => many.find([number], SUFFIXES), random))
    }
    const at = (all: number[][], q: number) => all.map(one => quantile(one, q))
    const ratio = (q: number) => median(at(took.many, q).map((ms, i) => ms / (at(took.few, q)[i] ?? NaN)))
    return {
      name: 'blacklist',
      rounds,
      values: {
        '1,000,000 entries, p50, ms': at(took.many, 0.5),
        '1,000,000 entries, p99, ms': at(took.many, 0.99),
        'entries put in, a second': [MANY / seconds],
        'Redis, bytes an entry': [bytes],
      },
      baselines: {
        '1,000 entries, p50, ms': at(took.few, 0.5),
        '1,000 entries, p99, ms': at(took.few, 0.99),
        'a bare GET, p50, ms': at(took.get, 0.5),
        'a bare GET, p99, ms': at(took.get, 0.99),
      },
      ratios: { 'p50, a million / a thousand': ratio(0.5), 'p99, a million / a thousand': ratio(0.99) },
      counts: { 'look-ups a round, each way': LOOKUPS },
    }
  } finally {
    redis.disconnect()
    await lab.stop()
  }
}

export const blacklistBench: Bench = { about: 'a look-up with a million entries beside one with a thousand', run }
