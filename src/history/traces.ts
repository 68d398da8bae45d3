/**
 * The facts behind each record, for as long as is wished: compressed, each in a key of its own that ends by itself. Many
 * are written together. They are there to explain, so what cannot be written is counted, and not tried again.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { after, type Clock } from '../base/clock.js'
import type { Keys } from '../store/keys.js'
import { asking, type RedisClient } from '../store/redis.js'

export type StoredTrace = { whole: boolean; facts: { type: string; at: number }[] }

const GATHER_MS = 250
const FAST = { level: 1 }

type Parts = { redis: RedisClient; keys: Keys; keepMs: number; clock: Clock; failed: (error: unknown) => void }

export function createTraceStore({ redis, keys, keepMs, clock, failed }: Parts) {
  let waiting: [id: string, trace: Buffer][] = []
  let writing: Promise<unknown> = Promise.resolve()
  const keyOf = (id: string) => `${keys.history}x:${id}`

  async function write() {
    const pipeline = redis.pipeline()
    for (const [id, trace] of waiting) pipeline.set(keyOf(id), trace, 'PX', keepMs)
    waiting = []
    try {
      const results = await pipeline.exec()
      const error = results?.find(([refused]) => refused)?.[0]
      if (error) failed(error)
    } catch (error) {
      failed(error)
    }
  }

  return {
    keep(id: string, trace: StoredTrace) {
      waiting.push([id, deflateRawSync(JSON.stringify(trace), FAST)])
      if (waiting.length === 1)
        clock.wake(after(clock, GATHER_MS), () => {
          writing = write()
        })
    },
    async find(id: string): Promise<StoredTrace | undefined> {
      const bytes = waiting.find(([kept]) => kept === id)?.[1] ?? (await asking(redis.getBuffer(keyOf(id))))
      return bytes ? (JSON.parse(inflateRawSync(bytes).toString()) as StoredTrace) : undefined
    },
    async stop() {
      await writing
      if (waiting.length > 0) await write()
    },
  }
}
