/**
 * What is under our names in a real Valkey and is not ours: of another kind, no JSON, no call, no number. It is set aside,
 * told, and in nobody's way; and a newer layout is not touched at all.
 */
import t, { type Test } from 'tap'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { retry } from '../../lab/wait.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { isStoredCall } from '../../src/calls/stored.js'
import { viewCall } from '../../src/calls/view.js'
import { callEvent } from '../../src/events/event.js'
import { START, type LogEntry, type Position } from '../../src/events/log.js'
import { createEventLog } from '../../src/store/event-log.js'
import { openJournal } from '../../src/store/journal.js'
import { createKeptLog } from '../../src/store/kept-log.js'
import { keysOf, type Keys } from '../../src/store/keys.js'
import { end, tell, theyTalk } from '../given/calls.js'
import { aHistory } from '../given/history.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})
const { clock } = lab
const HOUR = 3_600_000
const live = tell(theyTalk()).call
const over = tell([...theyTalk(), ...end(9, '1.1' as never)]).call
if (!live || !over) throw new Error('no call came of the story')
const record = (n: number) => ({ ...viewCall(over), id: `hq:1.${n}` })

/** Log and history of a PBX, as a daemon has them. `told`: what was said to be foreign. */
async function aDaemon(t: Test, keys: Keys = keysOf(`test-${randomToken(4)}`, 'hq')) {
  const told: string[] = []
  const foreign = (what: string) => told.push(what.replace(/^test-[^:]*:/, ''))
  const log = createEventLog(redis, keys, HOUR, systemClock.now, { isCall: isStoredCall, foreign })
  const journal = await openJournal({
    dir: join(lab.dir, 'journals'),
    name: keys.log.replace(/\W/g, ''),
    maxBytes: 1 << 20,
  })
  const kept = createKeptLog({
    log,
    journal,
    clock,
    told: {
      failed: () => undefined,
      state: () => undefined,
      dropped: () => told.push('dropped'),
      lost: () => told.push('lost'),
      restored: from => history?.again(from),
      foreign: () => told.push('journal'),
    },
  })
  const opened = await kept.open().catch(async (error: unknown) => {
    await journal.close()
    throw error
  })
  const history: ReturnType<typeof aHistory> | undefined = aHistory({
    redis,
    keys,
    pbx: 'hq',
    read: kept.read,
    clock,
    told: { recorded: () => undefined, failed: () => undefined, gap: () => told.push('gap'), foreign },
  })
  let stopped = false
  const stop = async () => {
    if (stopped) return
    stopped = true
    await history.stop()
    await kept.stop()
  }
  t.teardown(stop)
  let last: Position = opened.last
  const append = async () => {
    last = { ms: Math.max(clock.now(), last.ms) as EpochMs, seq: last.seq + 1 }
    const entry: LogEntry = { ...callEvent('call.recorded', clock.now(), record(last.seq)), position: last }
    await kept.append({ entries: [entry], calls: new Map([[live?.id ?? '', live]]) })
    history.notify([entry])
  }
  const { search, record: find } = history
  const healed = () =>
    retry(clock, 'it to heal', 10_000, () => Promise.resolve(kept.status().state === 'redis' || undefined))
  const has = (...numbers: number[]) =>
    retry(clock, `the history to have ${numbers.join()}`, 10_000, async () => {
      // What is to be set aside yet cannot be searched.
      const found = await search({ limit: 200 }).catch((error: unknown) => {
        t.match(error, { code: 'STORE_DOWN' })
      })
      const ids = found?.calls.map(call => call.id) ?? []
      return numbers.every(n => ids.includes(`hq:1.${n}`)) || undefined
    })
  const numbers = async () => {
    const page = await log.read(START, 100)
    return page.ok ? page.entries.map(entry => entry.position.seq) : [page.why]
  }
  return { keys, told, opened, append, kept, log, stop, has, healed, numbers, search, find }
}

t.test('live calls that are none are set aside, and the others are taken up', async t => {
  const first = await aDaemon(t)
  await first.append()
  await first.stop()
  const { keys } = first
  const bad = {
    'hq:9.1': '{',
    'hq:9.2': 'null',
    'hq:9.3': '{"id":"hq:9.3"}',
    'hq:9.4': JSON.stringify(live),
    'hq:9.5': '',
  }
  await redis.hset(keys.live, bad)
  const { opened, told } = await aDaemon(t, keys)
  t.strictSame(opened.calls, [JSON.parse(JSON.stringify(live))])
  t.strictSame(
    told,
    Object.keys(bad).map(() => 'live call'),
  )
  const aside = Object.fromEntries(Object.entries(bad).map(([id, text]) => [`live ${id}`, text]))
  t.strictSame({ ...(await redis.hgetall(keys.foreign)) }, aside, 'nothing of it is lost')
  t.strictSame(await redis.hkeys(keys.live), [live.id])
})

t.test('an epoch and a place that are no numbers', async t => {
  const first = await aDaemon(t)
  await first.append()
  await first.append()
  await first.has(1, 2)
  await first.stop()
  await redis.hset(first.keys.meta, { epoch: 'one', seq: 'two', heardAt: 'never' })
  await redis.set(first.keys.historyRead, 'somewhere')
  const second = await aDaemon(t, first.keys)
  t.match(second.opened, { last: { seq: 2 } }, 'the log itself says where it ends')
  await second.append()
  await second.has(1, 2, 3)
  t.strictSame(await second.numbers(), [1, 2, 3])
  t.strictSame([...second.told].sort(), ['history place', 'meta epoch', 'meta seq'])
  await t.rejects(first.log.append({ entries: [], calls: new Map() }), /FENCED/, 'who wrote before is still refused')
})

t.test('keys of another kind, before it starts', async t => {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const all = [keys.log, keys.live, keys.meta, ...historyKeys(keys)]
  for (const key of all) await redis.set(key, 'mine')
  await redis.hset(keys.historyRead, 'a', 'b')
  const { append, has, numbers, told } = await aDaemon(t, keys)
  await append()
  await has(1)
  t.strictSame(await numbers(), [1])
  t.strictSame([...told].sort(), [...all, keys.historyRead].map(key => key.replace(/^test-[^:]*:/, '')).sort())
  const moved = (await redis.keys(`${keys.meta.slice(0, -5)}*:foreign:*`)).map(key => key.replace(/:foreign:\d+$/, ''))
  t.strictSame(moved.sort(), [...all, keys.historyRead].sort(), 'they are beside it')
})

/** Where the history keeps the first records, and finds them by their start and by their id. */
const historyKeys = ({ history }: Keys) => [`${history}r:0`, `${history}i:t`, `${history}m`]

const KINDS: Record<string, (keys: Keys) => string> = {
  log: keys => keys.log,
  live: keys => keys.live,
  meta: keys => keys.meta,
  records: keys => historyKeys(keys)[0] ?? '',
  index: keys => historyKeys(keys)[1] ?? '',
}

for (const [name, keyOf] of Object.entries(KINDS))
  t.test(`${name} becomes something else while it is written`, async t => {
    const { keys, append, has, healed, numbers, told } = await aDaemon(t)
    await append()
    await has(1)
    await redis.del(keyOf(keys))
    await redis.set(keyOf(keys), 'mine')
    await append()
    await healed()
    await append()
    await has(2, 3)
    t.strictSame(await numbers(), [1, 2, 3])
    t.strictSame(await redis.hkeys(keys.live), [live.id])
    t.notOk(told.includes('lost') || told.includes('dropped'), told.join())
    t.ok(
      told.some(what => what === keyOf(keys).replace(/^test-[^:]*:/, '')),
      told.join(),
    )
  })

t.test('entries of somebody else in the log are passed over, also one from the future', async t => {
  const { keys, append, has, healed, numbers, told } = await aDaemon(t)
  await append()
  await redis.xadd(keys.log, '*', 'hello', 'world')
  await redis.xadd(keys.log, '*', 'type', 'call.recorded', 'call', 'hq:1.9', 'ext', '', 'json', 'no json')
  await append()
  await has(1, 2)
  t.strictSame(await numbers(), [1, 2])
  await redis.xadd(keys.log, `${clock.now() + HOUR}-1`, 'hello', 'future')
  await append()
  await healed()
  await append()
  await has(3, 4)
  t.strictSame(await numbers(), [1, 2, 3, 4])
  t.ok(told.filter(what => what === 'log entry').length >= 3)
  t.ok(Object.values(await redis.hgetall(keys.foreign)).includes('["hello","future"]'), 'and is kept')
})

t.test('records that are none are passed over', async t => {
  const { keys, append, has, search, find, told } = await aDaemon(t)
  for (let n = 0; n < 3; n++) await append()
  await has(1, 2, 3)
  await redis.lset(`${keys.history}r:0`, 0, '{')
  await redis.lset(`${keys.history}r:0`, 1, Buffer.from([1, 255, 255, 255, 255]))
  t.strictSame(
    (await search({ limit: 9 })).calls.map(call => call.id),
    ['hq:1.3'],
  )
  t.equal(await find('hq:1.1'), undefined)
  t.ok(told.every(what => what === 'history record') && told.length === 3, told.join())
})

t.test('what a newer version has written is not touched; an older one is taken up', async t => {
  const first = await aDaemon(t)
  await first.append()
  await first.stop()
  t.equal(await redis.hget(first.keys.meta, 'schema'), '1')
  await redis.hset(first.keys.meta, 'schema', 2)
  const before = await redis.hgetall(first.keys.meta)
  await t.rejects(aDaemon(t, first.keys), /Redis holds the layout 2, and this version knows none after 1/)
  t.strictSame(await redis.hgetall(first.keys.meta), before)
  await redis.hdel(first.keys.meta, 'schema')
  t.match((await aDaemon(t, first.keys)).opened, { last: { seq: 1 } })
  t.equal(await redis.hget(first.keys.meta, 'schema'), '1')
})

t.end()
