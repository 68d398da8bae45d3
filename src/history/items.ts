/** What is or was to be followed up, as the events of the log tell it: kept in Redis by its id, and listed by its state. */
import type { FollowUp, FollowUpKind, FollowUpPage, FollowUpSearch } from '../events/follow-up.js'
import type { Keys } from '../store/keys.js'
import { asking, type RedisClient } from '../store/redis.js'
import { loadScript } from '../store/script.js'
import { cursorOf, placeOf, type Place } from './cursor.js'
import type { Seal } from './seal.js'

const itemScript = loadScript('item')

/** `keepMs`: how long an item that is done stays after its last attempt. */
type Parts = { redis: RedisClient; keys: Keys; seal: Seal; keepMs: number; now: () => number }

export type Items = ReturnType<typeof createItems>

export function createItems({ redis, keys, seal, keepMs, now }: Parts) {
  const list = (kind: FollowUpKind) => `${keys.history}f:${kind}`
  const read = (text: string | null) =>
    text === null ? undefined : (JSON.parse(text.slice(text.indexOf(' ') + 1)) as FollowUp)

  /** An item that is there in a later revision stays. */
  async function write(items: readonly FollowUp[]) {
    if (items.length === 0) return
    const args = items.flatMap(item => {
      const { id, kind, revision, state, lastAt } = item
      return [id, kind, revision, state, Date.parse(lastAt), JSON.stringify(item)]
    })
    await itemScript(redis, [keys.history], [now() - keepMs, ...args])
  }

  const item = async (kind: FollowUpKind, id: string) => read(await asking(redis.hget(list(kind), id)))

  async function items(query: FollowUpSearch): Promise<FollowUpPage> {
    const { kind, state, limit, after } = query
    const secret = await asking(seal())
    const place = after === undefined ? undefined : placeOf(secret, after, query)
    const places = await placesAfter(`${list(kind)}:${state}`, place, limit + 1)
    const page = places.slice(0, limit)
    const texts = page.length > 0 ? await asking(redis.hmget(list(kind), ...page.map(p => p.serial))) : []
    const found = texts.map(read).filter(i => i !== undefined)
    const last = page.at(-1)
    return { items: found, ...(last && places.length > limit && { next: cursorOf(secret, last, query) }) }
  }

  /** Those of the same millisecond as the place come again, so those up to it are left out. */
  async function placesAfter(key: string, place: Place | undefined, count: number): Promise<Place[]> {
    const places: Place[] = []
    for (let offset = 0; places.length < count; offset += count) {
      const max = place?.start ?? '+inf'
      const flat = await asking(redis.zrevrangebyscore(key, max, '-inf', 'WITHSCORES', 'LIMIT', offset, count))
      for (let i = 0; i < flat.length; i += 2) {
        const found = { serial: flat[i] ?? '', start: Number(flat[i + 1]) }
        if (!place || found.start < place.start || found.serial < place.serial) places.push(found)
      }
      if (flat.length < count * 2) break
    }
    return places.slice(0, count)
  }

  return { write, item, items }
}
