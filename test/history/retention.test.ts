/** Old calls go from Redis to the archive: each is in one or the other at any moment, whatever breaks off or happens meanwhile. */
import t from 'tap'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Redis } from 'ioredis'
import { CHECKOUT } from '../../lab/config-files.js'
import { startLab } from '../../lab/lab.js'
import { madeCalls } from '../../lab/made-calls.js'
import type { Clock } from '../../src/base/clock.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken } from '../../src/base/system.js'
import type { CallView } from '../../src/events/call.js'
import { readArchive } from '../../src/history/archive.js'
import { createRecords } from '../../src/history/records.js'
import { createRetention } from '../../src/history/retention.js'
import { createSeal } from '../../src/history/seal.js'
import { createSearch } from '../../src/history/search.js'
import { keysOf } from '../../src/store/keys.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const canonical = (number: string) => number
/** 600 calls over five days and some hours; the last three days are kept. */
const calls = [...madeCalls(7, 600, 780_000)]
const days = [...new Set(calls.map(c => c.startedAt.slice(0, 10)))]
const now = Date.parse(`${days.at(-1) ?? ''}T12:00:00Z`) as EpochMs
const noon: Clock = { now: () => now, wake: () => () => undefined }
const KEEP_DAYS = 3
const isOld = (call: CallView) => Date.parse(call.startedAt) < Math.floor(now / 86_400_000 - KEEP_DAYS) * 86_400_000
const [old, young] = [calls.filter(isOld), calls.filter(c => !isOld(c))]
const ids = (list: CallView[]) => list.map(c => c.id).sort()

async function aHistory(server: Redis = redis) {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const records = createRecords(redis, keys, 'hq', canonical)
  for (let i = 0; i < calls.length; i += 50) await records.write(calls.slice(i, i + 50))
  const search = createSearch({ redis, keys, canonical, seal: createSeal(redis, keys, () => randomToken()) })
  async function all() {
    const found: CallView[] = []
    for (let after: string | undefined; ;) {
      const page = await search({ limit: 60, order: 'oldest', ...(after === undefined ? {} : { after }) })
      found.push(...page.calls)
      if (page.next === undefined) return found
      after = page.next
    }
  }
  const dir = join(lab.dir, `archive-${randomToken(4)}`)
  const failures: unknown[] = []
  const retention = () =>
    createRetention({
      ...{ redis: server, keys, pbx: 'hq', canonical, dir, keepDays: KEEP_DAYS, clock: noon },
      told: { archived: () => undefined, failed: error => failures.push(error) },
    })
  const archived = async () => {
    const found: CallView[] = []
    for (const file of existsSync(dir) ? readdirSync(dir).sort() : [])
      for await (const call of readArchive(join(dir, file))) found.push(call)
    return found
  }
  return { ...records, keys, all, search, dir, retention, archived, failures }
}

t.ok(old.length > 150 && young.length > 150, `${old.length} are old, ${young.length} are not`)

t.test('what is too old is in the archive, a file a day, and nowhere else', async t => {
  const { all, retention, archived, dir, keys, record, failures } = await aHistory()
  await retention().start()
  t.strictSame(failures, [])
  t.strictSame(ids(await all()), ids(young))
  t.strictSame(ids(await archived()), ids(old))
  t.strictSame(
    readdirSync(dir).sort(),
    days.filter(d => old.some(c => c.startedAt.startsWith(d))).map(d => `hq-${d}.ndjson.gz`),
  )
  const [first] = await archived()
  t.strictSame(first, JSON.parse(JSON.stringify(old.find(c => c.id === first?.id))), 'as it was')
  t.equal(await record(first?.id ?? ''), undefined)
  t.equal(await redis.exists(`${keys.history}r:0`), 0, 'a list of which nothing is left is gone')
  const left = await redis.keys(`${keys.history.replace(/[{}]/g, '?')}i:*`)
  const counts = (await redis.pipeline(left.map(key => ['zcard', key])).exec()) ?? []
  const members = counts.reduce((sum, [, count]) => sum + Number(count), 0)
  t.ok(members > young.length * 4, 'what stays is still found by all it was found by')
})

t.test('the command shows what is in an archive', async t => {
  const { retention, dir } = await aHistory()
  await retention().start()
  const files = readdirSync(dir).map(f => join(dir, f))
  const main = join(CHECKOUT, 'build/src/main.js')
  const read = spawnSync(process.execPath, [main, 'archive', 'read', ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  t.equal(read.status, 0, read.stderr)
  const shown = read.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as CallView)
  t.strictSame(ids(shown), ids(old))
  const plain = gunzipSync(readFileSync(files[0] ?? '')).toString()
  t.equal((JSON.parse(plain.slice(0, plain.indexOf('\n'))) as CallView).pbx, 'hq', 'any gunzip reads it, too')
  truncateSync(files[0] ?? '', 300)
  const cut = spawnSync(process.execPath, [main, 'archive', 'read', files[0] ?? ''], { encoding: 'utf8' })
  t.equal(cut.status, 1, 'one that was cut short is an error')
  t.equal(spawnSync(process.execPath, [main, 'archive', 'read', '/nowhere'], { encoding: 'utf8' }).status, 1)
})

t.test('it breaks off after the file is written: the next time adds nothing twice', async t => {
  // A server that does not forget: Valkey will not break off there by itself.
  const broken = new Proxy(redis, {
    get: (target, key) =>
      key === 'call' ? () => Promise.reject(new Error('away')) : (Reflect.get(target, key, target) as unknown),
  })
  const history = await aHistory(broken)
  await history.retention().start()
  t.match(history.failures, [{ message: 'away' }])
  t.strictSame(ids(await history.all()), ids(calls), 'all are there')
  t.ok((await history.archived()).length > 0)
  const [file] = readdirSync(history.dir)
  const size = gunzipSync(readFileSync(join(history.dir, file ?? ''))).length
  writeFileSync(join(history.dir, `${file ?? ''}.part`), 'half a file that a crash has left')
  const again = createRetention({
    ...{ redis, keys: history.keys, pbx: 'hq', canonical, dir: history.dir, keepDays: KEEP_DAYS, clock: noon },
    told: { archived: () => undefined, failed: error => t.fail(String(error)) },
  })
  await again.start()
  t.equal(gunzipSync(readFileSync(join(history.dir, file ?? ''))).length, size, 'the file has not grown')
  t.strictSame(ids(await history.archived()), ids(old))
  t.strictSame(ids(await history.all()), ids(young))
})

t.test('a call that is revised between the file and its end stays, and is archived as it is then', async t => {
  const { write, all, retention, archived, keys, dir } = await aHistory()
  const [call] = old
  if (!call) throw new Error('no call')
  const revised = { ...call, revision: call.revision + 1, tags: ['late'] }
  const noted = { is: false }
  // Just before the first is forgotten, somebody notes something on it.
  const between = new Proxy(redis, {
    get: (target, key) =>
      key === 'call'
        ? async (...args: [string, string[]]) => {
            if (!noted.is) {
              noted.is = true
              await write([revised])
            }
            return target.call(...args)
          }
        : (Reflect.get(target, key, target) as unknown),
  })
  const parts = { keys, pbx: 'hq', canonical, dir, keepDays: KEEP_DAYS, clock: noon }
  const told = { archived: () => undefined, failed: (error: unknown) => t.fail(String(error)) }
  await createRetention({ ...parts, redis: between, told }).start()
  t.ok(noted.is)
  await retention().start()
  t.strictSame(ids(await all()), ids(young))
  const found = (await archived()).filter(c => c.id === call.id)
  t.match(found, [{ revision: revised.revision, tags: ['late'] }])
  t.equal(found.length, 1, 'once, in its last revision')
})

t.test('where nothing can be archived, nothing is deleted', async t => {
  const { all, retention, dir, failures } = await aHistory()
  writeFileSync(dir, 'a file where the folder should be')
  await retention().start()
  t.equal(failures.length, 1)
  t.strictSame(ids(await all()), ids(calls))
  const other = await aHistory()
  mkdirSync(other.dir)
  writeFileSync(join(other.dir, `hq-${days[0] ?? ''}.ndjson.gz`), 'no archive')
  chmodSync(other.dir, 0o755)
  await other.retention().start()
  t.equal(other.failures.length, 1, 'a file that is spoilt is not written over')
  t.strictSame(ids(await other.all()), ids(calls))
})

t.test('whoever searches meanwhile finds each young call once, and no page is wrong', async t => {
  const { all, retention } = await aHistory()
  const going = { on: true }
  const done = retention()
    .start()
    .then(() => (going.on = false))
  let looks = 0
  do {
    const found = await all()
    t.equal(new Set(found.map(c => c.id)).size, found.length, 'none twice')
    t.strictSame(ids(found.filter(c => !isOld(c))), ids(young))
    looks++
  } while (going.on)
  await done
  t.ok(looks > 1, `${looks} times`)
})

t.end()
