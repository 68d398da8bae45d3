/**
 * Redis killed, stopped, full, read-only, flushed and cut off in the middle of calls: the stream goes on, and afterwards
 * log and history have each call once.
 */
import t, { type Test } from 'tap'
import { freeze } from '../given/freeze.js'
import { Redis } from 'ioredis'
import { load } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CallView } from '../../src/events/call.js'
import { keysOf } from '../../src/store/keys.js'
import { anExchange, type Stream } from '../given/exchange.js'

const { lab, crm } = await anExchange(t)
const { clock, redis: server } = lab
const admin = new Redis(server.url, { maxRetriesPerRequest: null })
admin.on('error', () => undefined)
t.teardown(() => admin.disconnect())
const keys = keysOf('aladdin', 'lab')

const CALLS = 20
const LOAD = { calls: CALLS, ratePerSecond: 10, talkMs: 300 }
type Ready = { ready: boolean; status: string; redis: boolean; pbxs: { store: string; lag: number }[] }
const readiness = () => crm.get<Ready>('/readyz')
const isReady = () =>
  retry(clock, 'the store to have healed', 15_000, async () =>
    (await readiness()).body.status === 'ready' ? true : undefined,
  )
const after = (ms: number) => new Promise<void>(resolve => void clock.wake((clock.now() + ms) as never, resolve))
const snapshot = async () => (await crm.get<{ cursor: string; calls: CallView[] }>('/v1/snapshot')).body
const recorded = async (stream: Stream) => {
  for (let i = 0; i < CALLS; i++) await stream.next('call.recorded')
}
async function rows(): Promise<string[]> {
  const ids: string[] = []
  for (let more = ''; ;) {
    const { body } = await crm.get<{ calls: CallView[]; next?: string }>(`/v1/history?limit=200${more}`)
    ids.push(...body.calls.map(c => c.id))
    if (body.next === undefined) return ids
    more = `&after=${body.next}`
  }
}

/** What must be so afterwards: every call once, everywhere, and who reads the log anew reads what the stream told. */
async function nothingLostOrDoubled(t: Test, stream: Stream, cursor: string) {
  const of = (type: string) => stream.all.filter(e => e.type === type).map(e => e.subject)
  for (const type of ['call.started', 'call.answered', 'call.ended', 'call.recorded'])
    t.equal(new Set(of(type)).size, CALLS, type)
  t.equal(new Set(stream.all.map(e => e.id)).size, stream.all.length, 'no event twice')
  const told = of('call.recorded')
  const history = await retry(clock, 'the history to have all', 15_000, async () => {
    const found = await rows()
    return told.every(id => found.includes(id)) ? found : undefined
  })
  t.equal(new Set(history).size, history.length, 'no row twice')
  const anew = await crm.webSocket(`after=${cursor}`)
  await retry(clock, 'the log to be read again', 5_000, async () =>
    anew.texts.length >= stream.texts.length ? true : undefined,
  )
  t.strictSame(anew.texts, stream.texts, 'the log says what the stream told')
  const log = await admin.xrange(keys.log, '-', '+')
  const stored = log.map(([, fields]) => (JSON.parse(fields[7] ?? '{}') as { id: string }).id)
  t.equal(new Set(stored).size, stored.length, 'no event is in the log twice')
  t.ok(
    stream.all.every(e => stored.includes(e.id)),
    'each event is in the log',
  )
  const seqs = log.map(([id]) => Number(id.split('-')[1]))
  t.ok(
    seqs.every((seq, i) => i === 0 || seq === (seqs[i - 1] ?? 0) + 1),
    'no hole',
  )
  t.strictSame((await snapshot()).calls, [], 'no call is left over')
  t.equal(await admin.hlen(keys.live), 0, 'nor in the store')
  t.strictSame(readdirSync(join(lab.dir, 'journal')), [], 'the journal is empty, and gone')
  anew.close()
  stream.close()
}

type Fault = { begin: () => Promise<unknown>; end: () => Promise<unknown>; reads: boolean }

/** The fault begins in the middle of the calls and lasts until all have been told to be recorded. */
function lasting(name: string, { begin, end, reads }: Fault) {
  t.test(name, async t => {
    const { cursor } = await snapshot()
    const stream = await crm.webSocket(`after=${cursor}`)
    const calls = load(lab, LOAD)
    await stream.next('call.answered')
    await begin()
    const asked = clock.now()
    try {
      // Soon means: one Redis command that times out, after the history has noticed, too.
      t.match(await crm.get('/v1/history'), reads ? { status: 200 } : { status: 503, body: { code: 'STORE_DOWN' } })
      t.ok(clock.now() - asked < 2_500, 'an answer, and soon')
      t.match(await calls, { made: CALLS, succeeded: CALLS })
      await recorded(stream)
      t.match(await readiness(), { status: 200, body: { ready: true, status: 'degraded', redis: false } })
      t.match((await readiness()).body.pbxs, [{ store: 'journal' }])
      t.ok(existsSync(join(lab.dir, 'journal', 'aladdin-lab.journal')))
      t.equal((await crm.get('/v1/snapshot')).status, 200)
      const resumed = await crm.webSocket(`after=${cursor}`)
      await retry(clock, 'what was missed', 5_000, async () =>
        resumed.texts.length >= stream.texts.length ? true : undefined,
      )
      t.strictSame(resumed.texts, stream.texts, 'who comes back meanwhile is told, too')
      resumed.close()
    } finally {
      await end()
    }
    await isReady()
    await nothingLostOrDoubled(t, stream, cursor)
  })
}

lasting('Redis is killed', { begin: server.kill, end: server.start, reads: false })

const thaw = async () => void process.kill(server.pid() ?? process.pid, 'SIGCONT')
lasting('Redis hangs', { begin: () => freeze(server.pid()), end: thaw, reads: false })

lasting('Redis is full', {
  begin: () => admin.config('SET', 'maxmemory', '1mb'),
  end: () => admin.config('SET', 'maxmemory', '0'),
  reads: true,
})

lasting('Redis is read-only', {
  begin: () => admin.replicaof('127.0.0.1', 1),
  end: () => admin.replicaof('NO', 'ONE'),
  reads: true,
})

t.test('Redis is flushed', async t => {
  const { cursor } = await snapshot()
  const stream = await crm.webSocket(`after=${cursor}`)
  const before = await rows()
  t.ok(before.length > 0)
  const calls = load(lab, LOAD)
  await stream.next('call.answered')
  await admin.flushall()
  t.match(await calls, { made: CALLS, succeeded: CALLS })
  await recorded(stream)
  await isReady()
  await nothingLostOrDoubled(t, stream, cursor)
  const rest = await rows()
  t.ok(
    before.every(id => rest.includes(id)),
    'what was recorded before, and is still in memory, is recorded again',
  )
})

t.test('each connection is cut every 200 ms', async t => {
  const { cursor } = await snapshot()
  const stream = await crm.webSocket(`after=${cursor}`)
  const cutting = { on: true }
  const cut = async () => {
    for (let n = 0; cutting.on; n++) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await after(200)
    }
  }
  const cuts = cut()
  t.match(await load(lab, LOAD), { made: CALLS, succeeded: CALLS })
  await recorded(stream)
  cutting.on = false
  await cuts
  await isReady()
  await nothingLostOrDoubled(t, stream, cursor)
})

t.end()
