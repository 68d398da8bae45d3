/**
 * Redis killed, stopped, full, read-only, flushed and cut off in the middle of calls: the stream goes on, and afterwards
 * log and history have each call once.
 */
import t from 'tap'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { load } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import { emptyDisk, fillDisk } from '../given/disk.js'
import { anExchange } from '../given/exchange.js'
import { freeze } from '../given/freeze.js'
import { aStoreStory } from '../given/store-story.js'

const { lab, crm } = await anExchange(t)
const { clock, redis: server } = lab
const admin = new Redis(server.url, { maxRetriesPerRequest: null })
admin.on('error', () => undefined)
t.teardown(() => admin.disconnect())
const story = aStoreStory({ lab, crm }, admin)
const { CALLS, isReady, nothingLostOrDoubled, readiness, recorded, rows } = story
const after = (ms: number) => new Promise<void>(resolve => void clock.wake((clock.now() + ms) as never, resolve))

type Fault = { begin: () => Promise<unknown>; end: () => Promise<unknown>; reads: boolean }

/** The fault begins in the middle of the calls and lasts until all have been told to be recorded. */
function lasting(name: string, { begin, end, reads }: Fault) {
  t.test(name, async t => {
    const { stream, cursor } = await story.begin()
    const calls = story.calls()
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
      const missing = reads ? ['newest-history'] : ['history', 'newest-history', 'older-events']
      t.match((await readiness()).body.pbxs, [{ store: 'journal' }])
      t.strictSame((await readiness()).body.missing, missing)
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
    await nothingLostOrDoubled(t, { stream, cursor })
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

lasting("Redis's disk is full", {
  begin: async () => fillDisk(server.pid()),
  end: async () => emptyDisk(server.pid()),
  reads: true,
})

t.test('Redis is away for half a minute under load', async t => {
  const began = await story.begin()
  const times = 12
  const calls = load(lab, { calls: CALLS * times, ratePerSecond: 8, talkMs: 300 })
  await began.stream.next('call.answered')
  await server.kill()
  t.match(await calls, { made: CALLS * times, succeeded: CALLS * times })
  await recorded(began.stream, times)
  t.match((await readiness()).body.pbxs, [{ store: 'journal' }])
  await server.start()
  await isReady()
  await nothingLostOrDoubled(t, began, times)
})

t.test('the disk of the journal is full, too', async t => {
  const began = await story.begin()
  const calls = story.calls()
  await began.stream.next('call.answered')
  await server.kill()
  await retry(clock, 'the journal', 5_000, async () =>
    (await readiness()).body.pbxs[0]?.store === 'journal' ? true : undefined,
  )
  try {
    fillDisk(process.pid)
    t.match(await calls, { made: CALLS, succeeded: CALLS })
    await recorded(began.stream)
    t.match(await readiness(), {
      status: 200,
      body: {
        status: 'degraded',
        missing: ['history', 'newest-history', 'older-events', 'journal-room', 'durability'],
        pbxs: [{ store: 'memory' }],
      },
    })
    const dropped = /^aladdin_journal_dropped_total\{pbx="lab"\} (\d+)$/m.exec(await crm.text('/metrics'))?.[1]
    t.ok(Number(dropped) > 10, 'and how many are in memory only is counted')
    t.strictSame(readdirSync(join(lab.dir, 'journal')).sort(), ['aladdin-lab.ended.journal', 'aladdin-lab.lock'])
  } finally {
    emptyDisk(process.pid)
  }
  await server.start()
  await isReady()
  await nothingLostOrDoubled(t, began)
})

t.test('Redis is flushed', async t => {
  const { stream, cursor } = await story.begin()
  const before = await rows()
  t.ok(before.length > 0)
  const calls = story.calls()
  await stream.next('call.answered')
  await admin.flushall()
  t.match(await calls, { made: CALLS, succeeded: CALLS })
  await recorded(stream)
  await isReady()
  await nothingLostOrDoubled(t, { stream, cursor })
  const rest = await rows()
  t.ok(
    before.every(id => rest.includes(id)),
    'what was recorded before, and is still in memory, is recorded again',
  )
})

t.test('each connection is cut every 200 ms', async t => {
  const { stream, cursor } = await story.begin()
  const cutting = { on: true }
  const cut = async () => {
    for (let n = 0; cutting.on; n++) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      await after(200)
    }
  }
  const cuts = cut()
  t.match(await story.calls(), { made: CALLS, succeeded: CALLS })
  await recorded(stream)
  cutting.on = false
  await cuts
  await isReady()
  await nothingLostOrDoubled(t, { stream, cursor })
})

t.end()
