/**
 * What is under our names in Redis and is not ours: edited by hand, written by something else, or spoilt. It is never
 * thrown away and never in the way: it is moved aside, and whoever runs the daemon is told. Touches Redis.
 */
import type { Keys } from './keys.js'
import type { RedisClient } from './redis.js'
import { loadScript } from './script.js'

/** Tells that something was set aside; `what` is a key or the name of a field, never a value. */
export type ForeignTold = (what: string) => void

/** The layout of what is kept in Redis: grows when an older daemon could not read it. */
export const SCHEMA_VERSION = 1

/** What is stored was written by a daemon that is newer than this one. */
export class NewerSchema extends Error {
  constructor(found: string) {
    super(`Redis holds the layout ${found}, and this version knows none after ${SCHEMA_VERSION}: run the newer version`)
  }
}

export function refuseNewer(schema: string | undefined) {
  if (schema !== undefined && Number(schema) > SCHEMA_VERSION) throw new NewerSchema(schema)
}

type Kind = 'hash' | 'stream' | 'zset' | 'string'

export const isWrongType = (error: unknown) => error instanceof Error && error.message.includes('WRONGTYPE')

/** Whatever has one of these names and is of another kind gets another name, beside it. */
export async function setKeysAside(
  redis: RedisClient,
  kinds: ReadonlyMap<string, Kind>,
  at: number,
  told: ForeignTold,
) {
  for (const [key, kind] of kinds) {
    const found = await redis.type(key)
    if (found === 'none' || found === kind) continue
    await redis.rename(key, `${key}:foreign:${at}`)
    told(key)
  }
}

const asideScript = loadScript('aside')

/** The same for the history's own keys, whose names its scripts make: a letter says of what kind each is. */
export async function setHistoryAside(redis: RedisClient, keys: Keys, at: number, told: ForeignTold) {
  const moved = await asideScript(redis, [keys.history], [at])
  if (Array.isArray(moved)) for (const key of moved) told(String(key))
}

export const isCount = (text: string | undefined) => text !== undefined && /^\d{1,15}$/.test(text)
