/** The records of one PBX in Redis: written many at a time with the place in the log, and found by their id. */
import type { CallView } from '../events/call.js'
import { positionText, type Position } from '../events/log.js'
import type { ForeignTold } from '../store/foreign.js'
import type { Keys } from '../store/keys.js'
import { asking, type RedisClient } from '../store/redis.js'
import { loadBytesScript, loadScript } from '../store/script.js'
import { encodeCall } from './codec.js'
import { readRecord } from './search.js'
import { termsBefore, termsOf, type Canonical } from './terms.js'

const recordScript = loadScript('pages', 'record')
const findScript = loadBytesScript('pages', 'find')

/** So many small hashes lead from ids to records. It is part of what is stored: never changed. */
const SHARDS = 16_384

const AT_A_TIME = 50

/** FNV-1a; in which hash an id is. */
export function shardOf(id: string): number {
  let hash = 2_166_136_261
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16_777_619)
  return (hash >>> 0) % SHARDS
}

/** As it stands in the store: without the PBX, which the key has. */
export const storedId = ({ id, pbx }: Pick<CallView, 'id' | 'pbx'>) => idIn(pbx, id)
export const idIn = (pbx: string, id: string) => (id.startsWith(`${pbx}:`) ? id.slice(pbx.length + 1) : `:${id}`)

export const termsText = (call: CallView, canonical: Canonical) => termsOf(call, canonical).join('\n')
/** Of a record that is taken out: also what it was found by when numbers were read in another way. */
export const oldTermsText = (call: CallView, canonical: Canonical) =>
  [...new Set([...termsOf(call, canonical), ...termsBefore(call, canonical)])].join('\n')

export type Records = ReturnType<typeof createRecords>

export function createRecords(
  redis: RedisClient,
  keys: Keys,
  pbx: string,
  canonical: Canonical,
  foreign: ForeignTold = () => undefined,
) {
  async function find(id: string): Promise<CallView | undefined> {
    const own = idIn(pbx, id)
    const bytes = await findScript(redis, [keys.history], [shardOf(own), own])
    return readRecord(bytes, foreign)
  }

  const argsOf = (call: CallView, old: CallView | undefined) => {
    const id = storedId(call)
    const before = old ? [old.revision, Date.parse(old.startedAt), oldTermsText(old, canonical)] : ['', '', '']
    return [id, shardOf(id), encodeCall(call), Date.parse(call.startedAt), termsText(call, canonical), ...before]
  }

  /** Resolves when these are written, and with them the place. */
  async function writeSome(calls: readonly CallView[], place: Position | undefined) {
    const old = new Map<string, CallView>()
    for (;;) {
      const args = calls.flatMap(call => argsOf(call, old.get(call.id)))
      const at = place ? positionText(place) : ''
      const stale = await recordScript(redis, [keys.historyRead, keys.history], [at, calls.length, ...args])
      if (!Array.isArray(stale) || stale.length === 0) return
      for (const call of calls.filter(({ id }) => stale.includes(idIn(pbx, id)))) {
        const found = await find(call.id)
        if (found) old.set(call.id, found)
      }
    }
  }

  /**
   * A call that is there in a later revision stays; one in an older is replaced, and is no longer found by what it no
   * longer is. `place` moves when all is written. Rejects when the store does not take it.
   */
  async function write(calls: readonly CallView[], place?: Position) {
    if (calls.length <= AT_A_TIME) return writeSome(calls, place)
    // Redis takes the first while the next are made; others get in between.
    const starts = Array.from({ length: Math.ceil(calls.length / AT_A_TIME) }, (_, i) => i * AT_A_TIME)
    await Promise.all(starts.map(at => writeSome(calls.slice(at, at + AT_A_TIME), undefined)))
    if (place) await writeSome([], place)
  }

  /** The record of a call; where it has become part of another, of that. */
  async function record(id: string): Promise<CallView | undefined> {
    const found = await asking(find(id))
    return found?.mergedInto === undefined ? found : ((await asking(find(found.mergedInto))) ?? found)
  }

  return { write, record }
}
