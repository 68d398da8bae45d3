/** A history of its own on a real server, to be written and searched: a page at a time, or all pages of a search. */
import type { Redis } from 'ioredis'
import { randomToken } from '../../src/base/system.js'
import type { HistorySearch } from '../../src/events/history.js'
import { createRecords } from '../../src/history/records.js'
import { createSeal } from '../../src/history/seal.js'
import { createSearch } from '../../src/history/search.js'
import { keysOf } from '../../src/store/keys.js'

export function searchable(redis: Redis, canonical = (number: string) => number) {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const search = createSearch({ redis, keys, canonical, seal: createSeal(redis, keys, () => randomToken()) })
  async function all(query: Omit<HistorySearch, 'limit'>, limit = 200) {
    const found: string[] = []
    for (let after: string | undefined; ;) {
      const page = await search({ ...query, limit, ...(after === undefined ? {} : { after }) })
      if (page.calls.length > limit) throw new Error('more than was asked for')
      found.push(...page.calls.map(c => c.id))
      if (page.next === undefined) return found
      after = page.next
    }
  }
  return { keys, search, all, ...createRecords(redis, keys, 'hq', canonical) }
}
