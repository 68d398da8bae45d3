/** What cursors are sealed with: the same for every daemon that has this history, also after a restart. In Redis. */
import type { Redis } from 'ioredis'
import type { Keys } from '../store/keys.js'

export type Seal = () => Promise<string>

export function createSeal(redis: Redis, keys: Keys, newId: () => string): Seal {
  let known: string | undefined
  return async () => {
    if (known !== undefined) return known
    await redis.hsetnx(`${keys.history}m`, 'secret', newId())
    return (known = (await redis.hget(`${keys.history}m`, 'secret')) ?? newId())
  }
}
