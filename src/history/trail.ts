/** Things in the order of their numbers, told once and never changed: kept in Redis, as long as the history is. */
import type { Keys } from '../store/keys.js'
import { asking, type RedisClient } from '../store/redis.js'
import { cursorOf, placeOf } from './cursor.js'
import type { Seal } from './seal.js'

export type TrailParts = { redis: RedisClient; keys: Keys; seal: Seal; keepMs: number; now: () => number }
/** `id`: `hq:17` is the seventeenth. */
type Item = { id: string; at: string }
type Query = { limit: number; after?: string }

/** How many are looked at in one go. */
const PAGE = 500

const numberOf = ({ id }: Item) => Number(id.slice(id.lastIndexOf(':') + 1))

/** `name`: what its keys begin with. */
export function createTrail<T extends Item>({ redis, keys, seal, keepMs, now }: TrailParts, name: string) {
  const [list, byTime] = [`${keys.history}${name}:list`, `${keys.history}${name}:time`]

  async function write(items: readonly T[]) {
    if (items.length === 0) return
    const pipeline = redis.pipeline()
    for (const item of items) {
      const text = JSON.stringify(item)
      pipeline.zadd(list, numberOf(item), text).zadd(byTime, Date.parse(item.at), text)
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
    const old = await redis.zrangebyscore(byTime, '-inf', `(${now() - keepMs}`)
    if (old.length > 0)
      await redis
        .pipeline()
        .zrem(list, ...old)
        .zrem(byTime, ...old)
        .exec()
  }

  /** The newest first. */
  async function find(query: Query, fits: (item: T) => boolean): Promise<{ items: T[]; next?: string }> {
    const { limit, after } = query
    const secret = await asking(seal())
    let below = after === undefined ? '+inf' : `(${placeOf(secret, after, query).start}`
    const found: T[] = []
    while (found.length <= limit) {
      const texts = await asking(redis.zrevrangebyscore(list, below, '-inf', 'LIMIT', 0, PAGE))
      const read = texts.map(text => JSON.parse(text) as T)
      found.push(...read.filter(fits))
      const last = read.at(-1)
      if (!last || texts.length < PAGE) break
      below = `(${numberOf(last)}`
    }
    const items = found.slice(0, limit)
    const last = items.at(-1)
    const more = last && found.length > limit
    return { items, ...(more && { next: cursorOf(secret, { start: numberOf(last), serial: '-' }, query) }) }
  }

  return { write, find }
}
