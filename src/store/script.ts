/** A Lua script by its digest; sent whole only when the server does not know it (yet, or any more). */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisClient } from './redis.js'

export type Script = (redis: RedisClient, keys: string[], args: (string | number | Buffer)[]) => Promise<unknown>

const textOf = (name: string) => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

/** Several files are one script, in their order. Arguments go as a list: a batch may have more than a function takes. */
export function loadScript(...names: [string, ...string[]]): Script {
  const lua = names.map(textOf).join('\n')
  const digest = createHash('sha1').update(lua).digest('hex')
  return (redis, keys, args) =>
    known(
      () => redis.call('evalsha', [digest, keys.length, ...keys, ...args]),
      () => redis.call('eval', [lua, keys.length, ...keys, ...args]),
    )
}

/** The same, for a script whose answer holds bytes that are no text. */
export function loadBytesScript(...names: [string, ...string[]]): Script {
  const lua = names.map(textOf).join('\n')
  const digest = createHash('sha1').update(lua).digest('hex')
  return (redis, keys, args) =>
    known(
      () => redis.callBuffer('evalsha', [digest, keys.length, ...keys, ...args]),
      () => redis.callBuffer('eval', [lua, keys.length, ...keys, ...args]),
    )
}

async function known(byDigest: () => Promise<unknown>, whole: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byDigest()
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return whole()
  }
}
