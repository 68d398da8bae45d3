/** Finds ended calls, newest first, by time, extension and number. A page ends where its cursor says, so none is shown twice. */
import { Refusal } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { Keys } from '../store/keys.js'
import type { ForeignTold } from '../store/foreign.js'
import { asking, type RedisClient } from '../store/redis.js'
import { extensionsOf, numbersOf } from './write.js'

export type Search = {
  /** Of the call's start; `from` included, `until` not. */
  from?: EpochMs
  until?: EpochMs
  extension?: string
  number?: string
  limit: number
  after?: string
}

export type Found = { calls: CallView[]; next?: string }

/** The last call of a page: its start and its id, which order the calls of one millisecond. */
type Place = { start: number; id: string }

const cursorOf = ({ start, id }: Place) => Buffer.from(`${start} ${id}`).toString('base64url')

function placeOf(cursor: string): Place {
  const match = /^(\d{1,15}) (.{1,200})$/u.exec(Buffer.from(cursor, 'base64url').toString('utf8'))
  if (!match || cursorOf({ start: Number(match[1]), id: match[2] ?? '' }) !== cursor)
    throw new Refusal('CURSOR_INVALID')
  return { start: Number(match[1]), id: match[2] ?? '' }
}

const SCAN = 200
/** A search that finds little gives what it has after so many looks, with a cursor to go on. */
const MAX_LOOKS = 25

export function createSearch(redis: RedisClient, keys: Keys, foreign: ForeignTold = () => undefined) {
  async function record(id: string): Promise<CallView | undefined> {
    const json = await asking(redis.hget(keys.records, id))
    return readable(json, id)
  }

  async function search(query: Search): Promise<Found> {
    let place = query.after === undefined ? undefined : placeOf(query.after)
    const calls: CallView[] = []
    for (let look = 0; look < MAX_LOOKS; look++) {
      const places = await placesAfter(query, place)
      const records = await recordsOf(places)
      for (const [i, candidate] of places.entries()) {
        const call = records[i]
        if (call && fits(call, query)) {
          if (calls.length === query.limit) return { calls, next: cursorOf(place ?? candidate) }
          calls.push(call)
        }
        place = candidate
      }
      if (places.length < SCAN) return { calls }
    }
    return place ? { calls, next: cursorOf(place) } : { calls }
  }

  /** From the narrowest index there is. */
  const indexOf = ({ extension, number }: Search) =>
    extension !== undefined ? keys.byExtension(extension) : number !== undefined ? keys.byNumber(number) : keys.byStart

  /** Calls of the same millisecond as the place come again, so those up to it are left out. */
  async function placesAfter(query: Search, place: Place | undefined): Promise<Place[]> {
    const highest = Math.min(place?.start ?? Infinity, query.until === undefined ? Infinity : query.until - 1)
    const max = highest === Infinity ? '+inf' : highest
    const min = query.from ?? '-inf'
    const places: Place[] = []
    for (let offset = 0; places.length < SCAN; offset += SCAN) {
      const flat = await asking(redis.zrevrangebyscore(indexOf(query), max, min, 'WITHSCORES', 'LIMIT', offset, SCAN))
      for (let i = 0; i < flat.length; i += 2) {
        const candidate = { id: flat[i] ?? '', start: Number(flat[i + 1]) }
        if (!place || candidate.start < place.start || candidate.id < place.id) places.push(candidate)
      }
      if (flat.length < SCAN * 2) break
    }
    return places.slice(0, SCAN)
  }

  async function recordsOf(places: Place[]): Promise<(CallView | undefined)[]> {
    if (places.length === 0) return []
    const texts = await asking(redis.hmget(keys.records, ...places.map(p => p.id)))
    return texts.map((json, i) => readable(json, places[i]?.id))
  }

  /** A record that is none is passed over: the others are to be found all the same. */
  function readable(json: string | null, id: string | undefined): CallView | undefined {
    if (json === null) return undefined
    try {
      const call = JSON.parse(json) as CallView | null
      if (call?.id === id && Array.isArray(call?.legs)) return call
    } catch {
      // Told below.
    }
    foreign('history record')
    return undefined
  }

  return { record, search }
}

const fits = (call: CallView, { extension, number }: Search) =>
  (extension === undefined || extensionsOf(call).has(extension)) &&
  (number === undefined || numbersOf(call).has(number))
