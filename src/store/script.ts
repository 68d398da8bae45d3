/** A Lua script by its digest; sent whole only when the server does not know it (yet, or any more). */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisClient } from './redis.js'

export function loadScript(name: string) {
  const lua = readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')
  const digest = createHash('sha1').update(lua).digest('hex')
  return async (redis: RedisClient, keys: string[], args: (string | number)[]): Promise<unknown> => {
    // As a list: a batch may have more arguments than a function takes.
    try {
      return await redis.call('evalsha', [digest, keys.length, ...keys, ...args])
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return redis.call('eval', [lua, keys.length, ...keys, ...args])
    }
  }
}
