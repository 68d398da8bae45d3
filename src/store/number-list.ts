/**
 * Lists of numbers, beginnings of numbers and patterns in Redis, looked up in one go: what it takes depends on the length of the
 * number alone, not on how long the list is. What an entry says is a text that means nothing here.
 */
import { Refusal } from '../base/errors.js'
import type { Keys } from './keys.js'
import { asking, type RedisClient } from './redis.js'
import { loadScript } from './script.js'

/** `until`: ms since 1970, from then on it may be swept away. */
export type ListEntry = { id: string; text: string; until?: number }
export type ListHit = { text: string; hits: number; hitAt?: number }

/** Each is tried at each look-up. */
export const MOST_SHAPES = 64
const BATCH = 500
const STAGED_FOR_S = 3_600

const find = loadScript('list-find')
const putAll = loadScript('list-put')
const removeAll = loadScript('list-remove')

/** `shapeOf`: what the pattern of an id looks like, if it is one: `+ddXX*`. */
type Parts = { redis: RedisClient; keys: Keys; name: string; shapeOf: (id: string) => string | undefined }

/** Each rejects with STORE_DOWN when Redis does not do it. `name`: what its keys begin with. */
export function createNumberList({ redis, keys: allKeys, name, shapeOf }: Parts) {
  const keys = allKeys.list(name)
  const all = [keys.entries, keys.ids, keys.expiring, keys.shapes]

  /** How many are new, and the places of those that were refused: one shape too many. */
  async function put(entries: readonly ListEntry[]): Promise<{ added: number; refused: number[] }> {
    if (entries.length === 0) return { added: 0, refused: [] }
    const args = [MOST_SHAPES, ...entries.flatMap(({ id, text, until }) => [id, text, until ?? 0, shapeOf(id) ?? ''])]
    const [added = 0, ...refused] = (await asking(putAll(redis, all, args))) as number[]
    return { added, refused }
  }

  async function remove(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0
    const args = ids.flatMap(id => [id, shapeOf(id) ?? ''])
    return (await asking(removeAll(redis, [...all, keys.hits, keys.hitAt], args))) as number
  }

  async function read(ids: readonly string[]): Promise<(ListHit | undefined)[]> {
    if (ids.length === 0) return []
    const [texts, hits, hitAt] = await asking(
      Promise.all([keys.entries, keys.hits, keys.hitAt].map(key => redis.hmget(key, ...ids))),
    )
    return ids.map((_, i) => {
      const text = texts?.[i]
      const at = hitAt?.[i]
      return text == null ? undefined : { text, hits: Number(hits?.[i] ?? 0), ...(at != null && { hitAt: Number(at) }) }
    })
  }

  /** Those whose time is over, the oldest first. */
  async function sweep(now: number): Promise<void> {
    for (;;) {
      const old = await asking(redis.zrangebyscore(keys.expiring, '-inf', now, 'LIMIT', 0, BATCH))
      await remove(old)
      if (old.length < BATCH) return
    }
  }

  /** Puts in what was taken: once that is said, nothing of it is lost, whatever happens to the daemon. */
  async function putTaken(): Promise<number> {
    let added = 0
    for (;;) {
      const texts = await asking(redis.lrange(keys.taken, 0, BATCH - 1))
      if (texts.length === 0) return added
      added += (await put(texts.map(text => JSON.parse(text) as ListEntry))).added
      await asking(redis.ltrim(keys.taken, texts.length, -1))
    }
  }

  return {
    mostShapes: MOST_SHAPES,
    shapes: async () => new Set(await asking(redis.hkeys(keys.shapes))),
    put,
    remove,
    read,
    sweep,
    putTaken,
    /** What there is for a number in one of its forms, followed by nothing or by one of `suffixes`. */
    find: async (numbers: readonly string[], suffixes: readonly string[]): Promise<string[]> =>
      (await asking(find(redis, [keys.entries, keys.shapes], [numbers.length, ...numbers, ...suffixes]))) as string[],
    /** The ids in their order, those that begin so. */
    async ids(begin: string, after: string | undefined, limit: number): Promise<string[]> {
      const from = after === undefined || after < begin ? `[${begin}` : `(${after}`
      return asking(redis.zrangebylex(keys.ids, from, begin === '' ? '+' : `[${begin}\xff`, 'LIMIT', 0, limit))
    },
    async hit(id: string, at: number): Promise<void> {
      await asking(redis.pipeline().hincrby(keys.hits, id, 1).hset(keys.hitAt, id, at).exec())
    },
    /** Entries that are kept aside until they are all there: then they are taken, or none of them is. */
    staging(id: string) {
      const key = keys.staged(id)
      return {
        async add(entries: readonly ListEntry[]): Promise<void> {
          if (entries.length === 0) return
          const texts = entries.map(entry => JSON.stringify(entry))
          await asking(redis.multi().rpush(key, ...texts).expire(key, STAGED_FOR_S).exec()) // prettier-ignore
        },
        async drop(): Promise<void> {
          await asking(redis.del(key))
        },
        async take(): Promise<void> {
          const done = await asking(redis.multi().persist(key).renamenx(key, keys.taken).exec())
          if (done?.[1]?.[1] !== 1)
            throw new Refusal('STORE_DOWN', 'what was put aside is gone, or another file is being put in')
        },
      }
    },
  }
}
export type NumberList = ReturnType<typeof createNumberList>
