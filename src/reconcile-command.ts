/**
 * `aladdin reconcile`: the history of an interval beside the files in which Asterisk keeps its own. Touches Redis, which it
 * reads, and those files; changes nothing, and may run beside a daemon.
 */
import type { EpochMs } from './base/ids.js'
import { randomToken } from './base/system.js'
import type { Config, PbxConfig } from './config.js'
import { siteOf } from './daemon.js'
import { canonicalOf } from './daemon-history.js'
import type { CallView } from './events/call.js'
import type { PbxData } from './events/event.js'
import { createSearch } from './history/search.js'
import { reconcile, type Books, type Reconciled } from './reconcile/all.js'
import { readCdr } from './reconcile/cdr.js'
import { readCel } from './reconcile/cel.js'
import { USUAL, type Gap } from './reconcile/compare.js'
import { readFilesOf, type Interval, type Kept } from './reconcile/files.js'
import { within } from './reconcile/interval.js'
import { readQueueLog } from './reconcile/queue-log.js'
import { asLine } from './reconcile/text.js'
import { entryOf } from './store/event-log.js'
import { keysOf, type Keys } from './store/keys.js'
import { redisForReader, type RedisClient } from './store/redis.js'
import { causesOf } from './store/why-not.js'

/** One, or several, where the PBX's are rotated. Empty: left out. */
type Files = string | readonly string[]
export type RecordFiles = { cel: Files; cdr: Files; queueLog: Files; utcOffsetMinutes: number }
export type Asked = Interval & { pbx: PbxConfig; files: RecordFiles }
export type Answered = Reconciled & {
  straddling: number
  /** Lines of the files that could not be read. */
  badLines: number
  unexplained: number
}

/** So long before an interval a call may have begun of which something still happens in it. */
const LONGEST_MS = 24 * 3_600_000
/** CDR and queue log cut times to the second. */
const SECOND_MS = 1_000
const PAGE = 200

/** Rejects when a file or Redis cannot be read. */
export async function reconcileFiles(config: Config, asked: Asked): Promise<Answered> {
  const { pbx, from, until } = asked
  const site = siteOf(pbx)
  const redis = redisForReader(config.redis)
  const causeOf = causesOf(redis)
  try {
    await redis.connect().catch((error: unknown) => {
      throw causeOf(error)
    })
    const keys = keysOf(config.redis.prefix, pbx.name)
    // Its cursors are nobody else's: nothing is left in Redis for them.
    const secret = randomToken()
    const search = createSearch({ redis, keys, canonical: canonicalOf(site), seal: () => Promise.resolve(secret) })
    const [ours, gaps, { books, badLines }] = await Promise.all([
      allOf(search, { from: (from - LONGEST_MS) as EpochMs, until }),
      gapsOf(redis, keys, asked),
      booksOf(asked),
    ])
    const compared = within(site.pbx, asked, ours, books)
    const found = reconcile({ pbx: site.pbx, gaps, ...USUAL }, compared.ours, compared.books)
    const unexplained = found.differences.filter(d => d.reason === undefined).length
    return { ...found, straddling: compared.straddling, badLines, unexplained }
  } finally {
    redis.disconnect()
  }
}

async function allOf(search: ReturnType<typeof createSearch>, interval: Interval): Promise<CallView[]> {
  const calls: CallView[] = []
  for (let after: string | undefined; ;) {
    const page = await search({ ...interval, order: 'oldest', limit: PAGE, ...(after === undefined ? {} : { after }) })
    calls.push(...page.calls)
    if (page.next === undefined) return calls
    after = page.next
  }
}

async function booksOf({ files, from, until }: Asked): Promise<{ books: Books; badLines: number }> {
  const zone = { utcOffsetMinutes: files.utcOffsetMinutes }
  const earlier = { from: (from - SECOND_MS) as EpochMs, until }
  const optional = <T>(named: Files, read: (files: string[]) => Promise<Kept<T>>) => {
    const all = [named].flat().filter(file => file !== '')
    return all.length === 0 ? undefined : read(all)
  }
  const [cel, cdr, queueLog] = await Promise.all([
    readFilesOf(
      [files.cel].flat(),
      text => readCel(text, zone),
      row => row.at,
      { from, until },
    ),
    optional(files.cdr, all =>
      readFilesOf(
        all,
        text => readCdr(text, zone),
        row => row.startedAt,
        earlier,
      ),
    ),
    optional(files.queueLog, all => readFilesOf(all, readQueueLog, row => row.at, earlier)),
  ])
  return {
    books: { cel: cel.rows, ...(cdr && { cdr: cdr.rows }), ...(queueLog && { queueLog: queueLog.rows }) },
    badLines: cel.bad + (cdr?.bad ?? 0) + (queueLog?.bad ?? 0),
  }
}

/** As the log has them, which is kept for some days; a gap that it no longer has explains nothing. */
async function gapsOf(redis: RedisClient, keys: Keys, { from, until }: Interval): Promise<Gap[]> {
  const gaps: Gap[] = []
  for (let next = String(from); ;) {
    const rows = await redis.xrange(keys.log, next, String(until + LONGEST_MS), 'COUNT', 1_000)
    for (const entry of rows.map(entryOf)) {
      if (entry?.type !== 'pbx.resynced') continue
      const { gap } = (JSON.parse(entry.json) as { data: PbxData }).data
      if (gap) gaps.push({ from: Date.parse(gap.from) as EpochMs, until: Date.parse(gap.until) as EpochMs })
    }
    const last = rows.at(-1)
    if (!last || rows.length < 1_000) return gaps
    next = `(${last[0]}`
  }
}

export function asText({ calls, channels, queues, differences, straddling, badLines, unexplained }: Answered): string {
  return `${[
    ...differences.map(asLine),
    ...queueLines(queues),
    `${calls} calls with ${channels} channels compared; ${straddling} reach over an end of the interval and were left out; ${badLines} lines could not be read`,
    `${differences.length} differences, of which nothing explains ${unexplained}`,
  ].join('\n')}\n`
}

function queueLines({ theirs, ours }: Answered['queues']): string[] {
  if (!theirs) return ['queues are not compared: the queue log was left out']
  const names = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].sort()
  return names.map(name => `queue ${name}: the PBX ${said(theirs[name])}; we ${said(ours[name])}`)
}

export const said = (counts: Readonly<Record<string, number | undefined>> = {}) =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, n = 0]) => `${n} ${what}`)
    .join(', ') || 'none'
