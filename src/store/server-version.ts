/** How old a server of Redis may be: what keeps the log short (XTRIM MINID) came with 6.2. Touches Redis. */
import type { RedisClient } from './redis.js'

const OLDEST = [6, 2] as const
export const OLDEST_REDIS = OLDEST.join('.')

/** It could not do what it is asked to; no later try would be any better. */
export class OldServer extends Error {
  constructor(found: string) {
    super(`Redis ${found} is too old: it takes ${OLDEST_REDIS} or later, or Valkey`)
  }
}

/** `version`: as INFO has it. Valkey tells one of Redis, too. */
export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/** A server that does not say, or to whom this user may not talk of it, is taken as it is. */
export async function refuseOld(redis: RedisClient): Promise<void> {
  const info = await redis.info('server').catch(() => '')
  const [, version] = /^redis_version:(\S+)/m.exec(info) ?? []
  if (version !== undefined && isTooOld(version)) throw new OldServer(version)
}
