/**
 * Whatever a Redis may answer instead of doing what it should: it is tried again until it does, each event is there once,
 * and nothing falls over. BUSY and NOSCRIPT come from a real one; the others from a double, since no server gives them on
 * demand. READONLY, OOM, MISCONF and CLUSTERDOWN of real ones are in redis-faults, redis-failover and cluster.
 */
import t from 'tap'
import { join } from 'node:path'
import { groundOf, startLab } from '../../lab/lab.js'
import { asked } from '../../lab/valkey.js'
import { openServer } from '../../lab/valkey.js'
import { freeTcp } from '../../lab/ports.js'
import { retry } from '../../lab/wait.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { START, type LogEntry, type Position } from '../../src/events/log.js'
import { createEventLog } from '../../src/store/event-log.js'
import { openJournal } from '../../src/store/journal.js'
import { createKeptLog } from '../../src/store/kept-log.js'
import { keysOf } from '../../src/store/keys.js'
import { connectRedis } from '../../src/store/redis.js'
import { aRespProxy } from '../given/resp-proxy.js'

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const HOUR = 3_600_000

/** A log of its own, by way of this address. */
async function aLog(url: string) {
  const redis = connectRedis({ url }, () => undefined)
  await redis.connect()
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const journal = await openJournal({
    dir: join(lab.dir, 'journals'),
    name: keys.log.replace(/\W/g, ''),
    maxBytes: 1 << 20,
  })
  const failures: string[] = []
  const log = createEventLog(redis, keys, HOUR, systemClock.now)
  const kept = createKeptLog({
    log,
    journal,
    clock,
    told: {
      failed: error => failures.push(String(error)),
      state: () => undefined,
      dropped: () => failures.push('dropped'),
      lost: () => failures.push('lost'),
      restored: () => undefined,
      foreign: () => undefined,
    },
  })
  await kept.open()
  let last: Position = START
  const append = () => {
    last = { ms: Math.max(clock.now(), last.ms) as EpochMs, seq: last.seq + 1 }
    const entry: LogEntry = { position: last, type: 'call.started', extensions: [], json: `{"n":${last.seq}}` }
    return kept.append({ entries: [entry], calls: new Map([['hq:1.1', { n: last.seq }]]) })
  }
  const healed = () =>
    retry(clock, `it to heal: ${failures.at(-1)}`, 15_000, () =>
      Promise.resolve(kept.status().state === 'redis' || undefined),
    )
  /** By way of another connection than the one that was troubled. */
  const stored = () =>
    asked(lab.redis.port, async one => ({
      seqs: (await one.xrange(keys.log, '-', '+')).map(([id]) => Number(id.split('-')[1])),
      live: await one.hget(keys.live, 'hq:1.1'),
    }))
  const stop = async () => {
    await kept.stop()
    redis.disconnect()
  }
  return { kept, append, healed, stored, failures, stop }
}

const REPLIES = [
  '-LOADING Redis is loading the dataset in memory\r\n',
  "-READONLY You can't write against a read only replica.\r\n",
  '-CLUSTERDOWN The cluster is down\r\n',
  "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n",
  '-MISCONF Errors writing to the AOF file: No space left on device\r\n',
  "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
  '-NOREPLICAS Not enough good replicas to write.\r\n',
  '-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n',
  '-NOSCRIPT No matching script. Please use EVAL.\r\n',
  '-TRYAGAIN Multiple keys request during rehashing of slot\r\n',
  '-NOPERM this user has no permissions to run the evalsha command\r\n',
  '-ERR\r\n',
  '-\r\n',
  '%!? this is no Redis\r\n',
  '*-5\r\n',
  'HTTP/1.1 400 Bad Request\r\n\r\n',
]

for (const reply of REPLIES)
  t.test(`it says ${JSON.stringify(reply)}`, async t => {
    const proxy = await aRespProxy(t, lab.redis.port)
    const { kept, append, healed, stored, failures, stop } = await aLog(proxy.url)
    t.teardown(stop)
    await append()
    proxy.say(reply)
    for (let n = 0; n < 3; n++) await append()
    t.match(kept.status(), { state: 'journal', waiting: 3 })
    t.ok(proxy.said() > 0)
    proxy.say(undefined)
    await healed()
    await append()
    t.strictSame(await stored(), { seqs: [1, 2, 3, 4, 5], live: '{"n":5}' })
    t.notOk(failures.includes('lost') || failures.includes('dropped'))
  })

t.test('it is busy with a script of somebody else', async t => {
  const { append, healed, stored, stop } = await aLog(lab.redis.url)
  t.teardown(stop)
  await append()
  await asked(lab.redis.port, one => one.config('SET', 'busy-reply-threshold', '50'))
  const endless = asked(lab.redis.port, one => one.eval('while true do end', 0)).catch(String)
  await retry(clock, 'it to be busy', 5_000, () =>
    asked(lab.redis.port, one => one.get('x')).then(
      () => undefined,
      (error: unknown) => /BUSY/.test(String(error)) || undefined,
    ),
  )
  for (let n = 0; n < 3; n++) await append()
  await asked(lab.redis.port, one => one.script('KILL'))
  await endless
  await healed()
  t.strictSame(await stored(), { seqs: [1, 2, 3, 4], live: '{"n":4}' })
})

t.test('it forgets every script, again and again', async t => {
  const { kept, append, stored, stop } = await aLog(lab.redis.url)
  t.teardown(stop)
  for (let n = 0; n < 10; n++) {
    await asked(lab.redis.port, one => one.script('FLUSH'))
    await append()
  }
  t.equal(kept.status().state, 'redis')
  t.match(await stored(), { seqs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] })
})

t.test('it is still reading its file', async t => {
  const port = await freeTcp()
  const options = ['--enable-debug-command', 'yes']
  const server = await openServer(groundOf(lab), { name: 'slow-start', port, options })
  await asked(port, one => one.call('DEBUG', 'POPULATE', 20_000))
  const { append, healed, failures, kept, stop } = await aLog(server.url)
  t.teardown(stop)
  await append()
  await asked(port, one => one.config('SET', 'key-load-delay', '200'))
  // It reads all again, 0.2 ms for each key, and says LOADING meanwhile.
  const loading = asked(port, one => one.call('DEBUG', 'LOADAOF')).catch(() => undefined)
  for (let n = 0; n < 20; n++) await append()
  await loading
  await healed()
  t.equal(kept.status().waiting, 0)
  const seqs = await asked(port, async one => (await one.keys('test-*:log')).length)
  t.equal(seqs, 1)
  t.notOk(failures.includes('lost') || failures.includes('dropped'))
})

t.end()
