/** The wiring of a PBX's history: who writes it, who searches it, and what becomes of it when it is old. No logic. */
import type { Clock } from './base/clock.js'
import { randomToken } from './base/system.js'
import { MOST_PAST } from './calls/pop.js'
import type { Site } from './calls/site.js'
import type { Config } from './config.js'
import type { Activity } from './events/agent.js'
import type { DirectoryChange } from './events/directory.js'
import type { FollowUpKind, FollowUpSearch } from './events/follow-up.js'
import type { HistorySearch } from './events/history.js'
import type { LogEntry, Position } from './events/log.js'
import type { ActivitySearch, AuditSearch, ListeningSearch } from './events/activity.js'
import type { EpochMs } from './base/ids.js'
import { createActivity } from './history/activity.js'
import { createAudit } from './history/audit.js'
import { DAY_MS } from './history/archive.js'
import { createItems } from './history/items.js'
import { createRecords } from './history/records.js'
import { createRetention } from './history/retention.js'
import { createSeal } from './history/seal.js'
import { createTraceStore, type StoredTrace } from './history/traces.js'
import { createSearch } from './history/search.js'
import type { Canonical } from './history/terms.js'
import { followLog } from './history/write.js'
import { before, formsOf, meant } from './numbers/forms.js'
import { keyOf, keyOfCaller } from './numbers/read.js'
import type { Logger } from './logger.js'
import type { Metrics } from './metrics.js'
import type { Page } from './store/event-log.js'
import type { ForeignTold } from './store/foreign.js'
import type { Keys } from './store/keys.js'
import type { RedisClient } from './store/redis.js'

const HOUR_MS = 3_600_000

type Parts = {
  site: Site
  config: Config
  redis: RedisClient
  keys: Keys
  read: (after: Position, count: number) => Promise<Page>
  /** Up to which place somebody may have heard of calls; undefined when the history cannot have that. */
  heard: () => Position | undefined
  clock: Clock
  logger: Logger
  metrics: Metrics
  foreign: ForeignTold
}

/** Whichever way a number is written, one way. */
export const canonicalOf = (site: Site): Canonical =>
  Object.assign((number: string) => keyOf(site, number), {
    forms: (number: string) => formsOf(site, number),
    meant: (number: string) => meant(site, number),
    recorded: (number: string) => keyOf(site, number, 'listed'),
    shown: (number: string) => keyOfCaller(site, { number }),
    before: (number: string) => before(site, number),
    isInside: (number: string) => site.extension.test(number) || site.internal?.test(number) === true,
  })

const endedIn = (entry: LogEntry): Activity[] => {
  const { ended } = (JSON.parse(entry.json) as { data: { ended?: Activity } }).data
  return ended ? [ended] : []
}
const changeIn = (entry: LogEntry) => (JSON.parse(entry.json) as { data: { change: DirectoryChange } }).data.change

export function openHistory({ site, config, redis, keys, read, heard, clock, logger, metrics, foreign }: Parts) {
  const label = { pbx: site.pbx }
  const canonical = canonicalOf(site)
  const records = createRecords(redis, keys, site.pbx, canonical, foreign)
  const seal = createSeal(redis, keys, () => randomToken())
  const search = createSearch({ redis, keys, canonical, seal, foreign })
  const keepMs = config.history.keepDays * DAY_MS
  const items = createItems({ redis, keys, seal, keepMs, now: clock.now })
  const activity = createActivity({ redis, keys, seal, keepMs, now: clock.now })
  const audit = createAudit({ redis, keys, seal, keepMs, now: clock.now })
  const reader = followLog({
    redis,
    keys,
    records,
    items,
    also: [
      { types: new Set(['agent.changed']), write: entries => activity.write(entries.flatMap(endedIn)) },
      { types: new Set(['call.monitored']), write: audit.listened },
      { types: new Set(['directory.changed']), write: entries => audit.write(entries.map(changeIn)) },
    ],
    read,
    clock,
    told: {
      recorded: count => metrics.recorded.inc(label, count),
      failed: error => logger.warn({ err: error }, 'history cannot be written'),
      foreign,
      gap: from => {
        metrics.historyGaps.inc(label)
        logger.error({ from }, 'events were gone from the log before the history read them')
      },
    },
  })
  const retention = createRetention({
    redis,
    keys,
    pbx: site.pbx,
    canonical,
    dir: config.history.archive.dir,
    keepDays: config.history.keepDays,
    clock,
    told: {
      archived: (calls, file) => {
        metrics.archived.inc(label, calls)
        logger.info({ calls, file }, 'calls were archived')
      },
      failed: error => logger.error({ err: error }, 'calls cannot be archived, so they stay in Redis'),
    },
  })
  const traceMs = config.history.trace.keepHours * HOUR_MS
  const traces = createTraceStore({
    redis,
    keys,
    keepMs: Math.max(1, Math.round(traceMs)),
    clock,
    failed: error => logger.warn({ err: error }, 'the facts of calls cannot be kept'),
  })
  /** What a client has heard on its stream, it finds in the history. */
  const caughtUp = () => {
    const position = heard()
    return position ? reader.reached(position) : Promise.resolve()
  }
  return {
    notify: (entries: readonly LogEntry[]) => reader.notify(entries),
    again: (from: Position) => reader.again(from),
    record: (id: string) => caughtUp().then(() => records.record(id)),
    search: (query: HistorySearch) => caughtUp().then(() => search(query)),
    callsWith: async (number: string) => {
      await caughtUp()
      return (await search({ number, outside: true, limit: MOST_PAST + 1 })).calls
    },
    item: (kind: FollowUpKind, id: string) => caughtUp().then(() => items.item(kind, id)),
    items: (query: FollowUpSearch) => caughtUp().then(() => items.items(query)),
    activity: (query: ActivitySearch) => caughtUp().then(() => activity.find(query)),
    activityWithin: (from: EpochMs, to: EpochMs, agent?: string) =>
      caughtUp().then(() => activity.within(from, to, agent)),
    audit: (query: AuditSearch) => caughtUp().then(() => audit.find(query)),
    listening: (query: ListeningSearch) => caughtUp().then(() => audit.listening(query)),
    seal,
    tracing: traceMs > 0,
    traced: (id: string, trace: StoredTrace) => traces.keep(id, trace),
    trace: (id: string) => traces.find(id),
    start: retention.start,
    async stop() {
      await Promise.all([retention.stop(), reader.stop(), traces.stop()])
    },
  }
}
