/** A history over a real server, as a daemon has it: who writes it, who finds in it. */
import type { Clock } from '../../src/base/clock.js'
import { randomToken } from '../../src/base/system.js'
import { createRecords } from '../../src/history/records.js'
import { createSeal } from '../../src/history/seal.js'
import { createSearch } from '../../src/history/search.js'
import { followLog } from '../../src/history/write.js'
import type { Page } from '../../src/store/event-log.js'
import type { Position } from '../../src/events/log.js'
import type { Keys } from '../../src/store/keys.js'
import type { RedisClient } from '../../src/store/redis.js'

type Parts = {
  redis: RedisClient
  keys: Keys
  pbx: string
  read: (after: Position, count: number) => Promise<Page>
  clock: Clock
  told: Parameters<typeof followLog>[0]['told']
}

export function aHistory({ redis, keys, pbx, read, clock, told }: Parts) {
  const canonical = (number: string) => number
  const records = createRecords(redis, keys, pbx, canonical, told.foreign)
  const seal = createSeal(redis, keys, () => randomToken())
  const items = { write: () => Promise.resolve() }
  const search = createSearch({ redis, keys, canonical, seal, foreign: told.foreign })
  return { ...followLog({ redis, keys, records, items, read, clock, told }), search, record: records.record }
}
