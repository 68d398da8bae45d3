/** Who has changed what in the directory, as the events of the log tell it: kept in Redis, as long as the history is. */
import type { AuditPage, AuditSearch } from '../events/activity.js'
import type { DirectoryChange } from '../events/directory.js'
import type { Keys } from '../store/keys.js'
import { asking, type RedisClient } from '../store/redis.js'
import { cursorOf, placeOf } from './cursor.js'
import type { Seal } from './seal.js'

type Parts = { redis: RedisClient; keys: Keys; seal: Seal; keepMs: number; now: () => number }
export type Audit = ReturnType<typeof createAudit>

/** How many are looked at in one go. */
const PAGE = 500

/** `hq:17` is the seventeenth. */
const numberOf = ({ id }: DirectoryChange) => Number(id.slice(id.lastIndexOf(':') + 1))

export function createAudit({ redis, keys, seal, keepMs, now }: Parts) {
  const [list, byTime] = [`${keys.history}u:list`, `${keys.history}u:time`]

  async function write(changes: readonly DirectoryChange[]) {
    if (changes.length === 0) return
    const pipeline = redis.pipeline()
    for (const change of changes) {
      const text = JSON.stringify(change)
      pipeline.zadd(list, numberOf(change), text).zadd(byTime, Date.parse(change.at), text)
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
  async function find(query: AuditSearch): Promise<AuditPage> {
    const { kind, entry, by, limit, after } = query
    const secret = await asking(seal())
    let below = after === undefined ? '+inf' : `(${placeOf(secret, after, query).start}`
    const found: DirectoryChange[] = []
    while (found.length <= limit) {
      const texts = await asking(redis.zrevrangebyscore(list, below, '-inf', 'LIMIT', 0, PAGE))
      const changes = texts.map(text => JSON.parse(text) as DirectoryChange)
      found.push(
        ...changes.filter(
          c =>
            (kind === undefined || c.kind === kind) &&
            (entry === undefined || c.entry === entry) &&
            (by === undefined || c.by === by),
        ),
      )
      const last = changes.at(-1)
      if (!last || texts.length < PAGE) break
      below = `(${numberOf(last)}`
    }
    const changes = found.slice(0, limit)
    const last = changes.at(-1)
    const more = last && found.length > limit
    return { changes, ...(more && { next: cursorOf(secret, { start: numberOf(last), serial: '-' }, query) }) }
  }

  return { write, find }
}
