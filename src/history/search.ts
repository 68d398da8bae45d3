/**
 * Finds ended calls by any combination of what the history knows of them, newest or oldest first. A page is one way to
 * Redis; it ends where its cursor says, so that none is shown twice and none left out, whatever is recorded meanwhile.
 */
import type { CallView } from '../events/call.js'
import type { HistoryPage, HistorySearch } from '../events/history.js'
import type { Keys } from '../store/keys.js'
import { type ForeignTold } from '../store/foreign.js'
import { asking, type RedisClient } from '../store/redis.js'
import { loadBytesScript } from '../store/script.js'
import { decodeCall } from './codec.js'
import { cursorOf, placeOf, type Place } from './cursor.js'
import type { Seal } from './seal.js'
import { fits, termsAsked, type Canonical } from './terms.js'

const searchScript = loadBytesScript('pages', 'search')

/** Redis looks at so many calls at a time: some milliseconds, in which it does nothing else. */
const LOOKS = 2_000
/** A search that finds little gives what it has after so many times, with a cursor to go on. */
const MOST_TIMES = 25

export type Row = Place & { call: CallView }
export type Rows = { state: 'end' | 'more' | 'looks'; place?: Place; rows: Row[] }

export type Wanted = { terms: string[]; min: number; max: number; oldest: boolean; after?: Place; limit: number }

/** One look: the rows from a place on, and whether there is more. A record that cannot be read is left out. */
export async function lookFor(
  redis: RedisClient,
  keys: Keys,
  wanted: Wanted,
  foreign: ForeignTold = () => undefined,
): Promise<Rows> {
  const { terms, min, max, oldest, after, limit } = wanted
  const bound = (n: number) => (n === Infinity ? '+inf' : n === -Infinity ? '-inf' : n)
  const place = after ? [after.start, after.serial] : ['', '']
  const order = oldest ? 'asc' : 'desc'
  const answer = await searchScript(
    redis,
    [keys.history],
    [order, bound(min), bound(max), ...place, limit, LOOKS, ...terms],
  )
  const [state, start, serial, ...flat] = answer as [Buffer, Buffer, Buffer, ...Buffer[]]
  const rows: Row[] = []
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const call = readRecord(flat[i + 2], foreign)
    if (call) rows.push({ start: Number(flat[i]), serial: String(flat[i + 1]), call })
  }
  const came = start.length > 0 ? { place: { start: Number(start), serial: String(serial) } } : {}
  return { state: String(state) as Rows['state'], ...came, rows }
}

/**
 * The same for calls that have all the terms of any of these. Each is looked through up to a place of its own; what is behind the
 * first of those places is left for the next look.
 */
export async function lookForAny(
  redis: RedisClient,
  keys: Keys,
  { any, ...wanted }: Omit<Wanted, 'terms'> & { any: readonly string[][] },
  foreign?: ForeignTold,
): Promise<Rows> {
  const found = await Promise.all(any.map(terms => lookFor(redis, keys, { ...wanted, terms }, foreign)))
  const [only] = found
  if (only && found.length === 1) return only
  const way = wanted.oldest ? 1 : -1
  const inOrder = (a: Place, b: Place) =>
    way * (a.start - b.start || (a.serial < b.serial ? -1 : a.serial > b.serial ? 1 : 0))
  const [edge] = found.flatMap(({ state, place }) => (state === 'end' || !place ? [] : [place])).sort(inOrder)
  const bySerial = new Map(found.flatMap(({ rows }) => rows).map(row => [row.serial, row]))
  const rows = [...bySerial.values()].filter(row => !edge || inOrder(row, edge) <= 0).sort(inOrder)
  const last = rows.length > wanted.limit ? rows[wanted.limit - 1] : undefined
  const place = last ?? edge
  return {
    state: place ? 'more' : 'end',
    ...(place && { place: { start: place.start, serial: place.serial } }),
    rows: rows.slice(0, wanted.limit),
  }
}

/** A record that is none is passed over: the others are to be found all the same. */
export function readRecord(bytes: unknown, foreign: ForeignTold): CallView | undefined {
  try {
    return Buffer.isBuffer(bytes) && bytes.length > 0 ? decodeCall(bytes) : undefined
  } catch {
    foreign('history record')
    return undefined
  }
}

type Parts = { redis: RedisClient; keys: Keys; canonical: Canonical; seal: Seal; foreign?: ForeignTold }

export function createSearch({ redis, keys, canonical, seal, foreign = () => undefined }: Parts) {
  return async function search(query: HistorySearch): Promise<HistoryPage> {
    const secret = await asking(seal())
    const { limit, after } = query
    const wanted = {
      any: termsAsked(query, canonical),
      min: query.from ?? -Infinity,
      max: query.until === undefined ? Infinity : query.until - 1,
      oldest: query.order === 'oldest',
    }
    let place = after === undefined ? undefined : placeOf(secret, after, query)
    const calls: CallView[] = []
    for (let time = 0; time < MOST_TIMES; time++) {
      const from = place ? { after: place } : {}
      const found = await asking(lookForAny(redis, keys, { ...wanted, ...from, limit: limit - calls.length }, foreign))
      calls.push(...found.rows.map(row => row.call).filter(call => fits(call, query, canonical)))
      place = found.place ?? place
      if (found.state === 'end') return { calls }
      if (calls.length >= limit) break
    }
    return { calls, ...(place && { next: cursorOf(secret, place, query) }) }
  }
}
