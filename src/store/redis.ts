/** Connections to Redis or Valkey. Nothing is queued while there is none: a command then fails at once. */
import { Redis } from 'ioredis'
import { Refusal } from '../base/errors.js'

export type RedisSettings = { url: string; prefix: string }

export function connectRedis({ url }: RedisSettings, onState: (state: 'ready' | 'down', why?: string) => void): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5_000,
    // A server that hangs is as good as none, and a connection on which it stays silent is made anew.
    commandTimeout: 1_000,
    socketTimeout: 5_000,
    retryStrategy: attempts => Math.min(2_000, 50 * 2 ** Math.min(attempts, 6)),
  })
  redis.on('ready', () => onState('ready'))
  redis.on('close', () => onState('down'))
  redis.on('error', (error: Error) => onState('down', error.message))
  return redis
}

/** Whatever Redis did wrong is STORE_DOWN to whoever asked; the cause goes along for the log. */
export async function asking<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing
  } catch (cause) {
    throw Object.assign(new Refusal('STORE_DOWN'), { cause })
  }
}
