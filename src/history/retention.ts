/**
 * Takes calls out of the history that are older than they are to be kept: a whole day at a time, into its archive first,
 * and only what is there for certain out of Redis. Whatever breaks off in between is done again, and adds nothing twice.
 */
import { after, type Clock } from '../base/clock.js'
import type { CallView } from '../events/call.js'
import type { Keys } from '../store/keys.js'
import { loadScript } from '../store/script.js'
import { addToArchive, archiveOf, DAY_MS } from './archive.js'
import { idIn, shardOf, storedId, oldTermsText } from './records.js'
import { lookFor, type Row } from './search.js'
import { ALL, type Canonical } from './terms.js'
import type { RedisClient } from '../store/redis.js'

const forgetScript = loadScript('pages', 'forget')

const EVERY_MS = 3_600_000
const AT_A_TIME = 200

type Parts = {
  redis: RedisClient
  keys: Keys
  pbx: string
  canonical: Canonical
  dir: string
  keepDays: number
  clock: Clock
  told: { archived: (calls: number, file: string) => void; failed: (error: unknown) => void }
}

export function createRetention({ redis, keys, pbx, canonical, dir, keepDays, clock, told }: Parts) {
  let stopping = false
  let cancel = () => {}
  let running: Promise<void> = Promise.resolve()
  const isStopping = () => stopping

  async function* rows(from: number, until: number): AsyncGenerator<Row> {
    const wanted = { terms: [ALL], min: from, max: until - 1, oldest: true, limit: AT_A_TIME }
    for (let place: Row | undefined; ;) {
      const found = await lookFor(redis, keys, { ...wanted, ...(place ? { after: place } : {}) })
      yield* found.rows
      place = found.rows.at(-1)
      if (found.state === 'end' || !place || isStopping()) return
    }
  }

  /** One day, the oldest there is; false when none is old enough. */
  async function archiveDay(until: number): Promise<boolean> {
    const first = await rows(-Infinity, until).next()
    if (first.done) return false
    const from = Math.floor(first.value.start / DAY_MS) * DAY_MS
    const file = archiveOf(dir, pbx, from)
    const archived = new Map<string, number>()
    await addToArchive(file, noting(rows(from, from + DAY_MS), archived))
    if (isStopping()) return false
    const gone = await forgetAll(from, archived)
    told.archived(gone, file)
    return gone > 0
  }

  async function forgetAll(from: number, archived: ReadonlyMap<string, number>): Promise<number> {
    let gone = 0
    let batch: CallView[] = []
    const flush = async () => {
      if (batch.length > 0) gone += Number(await forgetScript(redis, [keys.history], batch.flatMap(argsOf)))
      batch = []
    }
    for await (const { call } of rows(from, from + DAY_MS)) {
      if (archived.get(call.id) === call.revision) batch.push(call)
      if (batch.length >= AT_A_TIME) await flush()
    }
    await flush()
    return gone
  }

  const argsOf = (call: CallView) => [
    ...[
      storedId(call),
      shardOf(storedId(call)),
      call.revision,
      Date.parse(call.startedAt),
      oldTermsText(call, canonical),
    ],
    // What became part of it goes with it.
    ...(call.mergedFrom ?? []).flatMap(id => [idIn(pbx, id), shardOf(idIn(pbx, id)), '', 0, '']),
  ]

  async function run() {
    try {
      const until = Math.floor(clock.now() / DAY_MS - keepDays) * DAY_MS
      while (!isStopping() && (await archiveDay(until)));
    } catch (error) {
      told.failed(error)
    }
    if (!isStopping()) cancel = clock.wake(after(clock, EVERY_MS), () => void begin())
  }

  function begin() {
    running = run()
    return running
  }

  return {
    /** Resolves when what is too old now has gone; goes on by itself. */
    start: begin,
    async stop() {
      stopping = true
      cancel()
      await running
    },
  }
}

async function* noting(rows: AsyncIterable<Row>, archived: Map<string, number>) {
  for await (const { call } of rows) {
    archived.set(call.id, call.revision)
    yield call
  }
}
