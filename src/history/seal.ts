/** What cursors are sealed with: the same for every daemon that has this history, also after a restart. In Redis. */
import type { Keys } from '../store/keys.js'
import type { RedisClient } from '../store/redis.js'

export type Seal = () => Promise<string>

export function createSeal(redis: RedisClient, keys: Keys, newId: () => string): Seal {
  let known: string | undefined
  return async () => {
    if (known !== undefined) return known
    await redis.hsetnx(`${keys.history}m`, 'secret', newId())
    return (known = (await redis.hget(`${keys.history}m`, 'secret')) ?? newId())
  }
}
