/**
 * What commands that carried an Idempotency-Key were answered with: for a day, so that a repeat is answered alike, also by the
 * next daemon. One text for each key; Redis forgets them by itself.
 */
import type { KeptAnswer } from '../events/answer.js'
import { answerKey } from './keys.js'
import type { RedisClient } from './redis.js'

export const KEEP_ANSWERS_MS = 86_400_000

/** Each rejects when Redis does not take it. `id`: a digest, in hexadecimal. */
export function createAnswers(redis: RedisClient, prefix: string) {
  const keyOf = (id: string) => answerKey(prefix, id)
  async function set(id: string, kept: KeptAnswer): Promise<void> {
    await redis.set(keyOf(id), JSON.stringify(kept), 'PX', KEEP_ANSWERS_MS)
  }
  return {
    /** What is there already; undefined if this is the first. */
    async claim(id: string, mine: KeptAnswer): Promise<KeptAnswer | undefined> {
      const isFirst = await redis.set(keyOf(id), JSON.stringify(mine), 'PX', KEEP_ANSWERS_MS, 'NX')
      if (isFirst !== null) return undefined
      const kept = keptOf(await redis.get(keyOf(id)))
      // It was forgotten just now, or is not ours: then this is the first.
      if (!kept) await set(id, mine)
      return kept
    },
    keep: set,
    async drop(id: string): Promise<void> {
      await redis.del(keyOf(id))
    },
  }
}

function keptOf(text: string | null): KeptAnswer | undefined {
  try {
    const kept = JSON.parse(text ?? 'null') as Partial<KeptAnswer> | null
    const { request, by, answer } = kept ?? {}
    const whole = answer === undefined || (Number.isInteger(answer.status) && typeof answer.body === 'string')
    return typeof request === 'string' && typeof by === 'string' && whole ? (kept as KeptAnswer) : undefined
  } catch {
    return undefined
  }
}
