/** The lists of who is to be called back, on a real Valkey: pages, states, and the end of what is long done. */
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken } from '../../src/base/system.js'
import { iso } from '../../src/events/event.js'
import type { FollowUp } from '../../src/events/follow-up.js'
import { createItems } from '../../src/history/items.js'
import { createSeal } from '../../src/history/seal.js'
import { keysOf } from '../../src/store/keys.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const day = Date.parse('2026-03-01T00:00:00Z')
const anItem = (n: number, change: Partial<FollowUp> = {}): FollowUp => ({
  ...{ id: `hq:1.${n}`, pbx: 'hq', kind: 'missed', revision: 1, state: 'open', attempts: 1, calls: [`hq:1.${n}`] },
  party: { number: String(n) },
  firstAt: iso(day as EpochMs),
  lastAt: iso((day + Math.floor(n / 3) * 1_000) as EpochMs),
  ...change,
})
const KEEP_MS = 86_400_000
function theLists(now = day) {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const seal = createSeal(redis, keys, () => randomToken())
  return createItems({ redis, keys, seal, keepMs: KEEP_MS, now: () => now })
}

t.test('page by page, the last attempt first, each once', async t => {
  const { write, items } = theLists()
  await write(Array.from({ length: 100 }, (_, n) => anItem(n)))
  await write([anItem(7, { revision: 2, state: 'done' }), anItem(8, { kind: 'unreached' })])
  const found: FollowUp[] = []
  for (let after: string | undefined; ;) {
    const page = await items({ kind: 'missed', state: 'open', limit: 7, ...(after === undefined ? {} : { after }) })
    found.push(...page.items)
    if (page.next === undefined) break
    after = page.next
    await t.rejects(items({ kind: 'missed', state: 'done', limit: 7, after }), { code: 'CURSOR_INVALID' })
    await t.rejects(items({ kind: 'unreached', state: 'open', limit: 7, after }), { code: 'CURSOR_INVALID' })
  }
  t.equal(new Set(found.map(i => i.id)).size, 99)
  t.equal(found.length, 99)
  t.ok(found.every((item, i) => i === 0 || item.lastAt <= (found[i - 1]?.lastAt ?? '')))
  t.match((await items({ kind: 'missed', state: 'done', limit: 5 })).items, [{ id: 'hq:1.7' }])
})

t.test('an older revision changes nothing', async t => {
  const { write, item, items } = theLists()
  await write([anItem(1, { revision: 3, state: 'done' })])
  await write([anItem(1, { revision: 2 })])
  t.match(await item('missed', 'hq:1.1'), { revision: 3, state: 'done' })
  t.strictSame((await items({ kind: 'missed', state: 'open', limit: 5 })).items, [])
})

t.test('what was done long ago goes; what is open stays', async t => {
  const { write, item, items } = theLists(day + KEEP_MS + 10_000)
  await write([anItem(0, { state: 'done' }), anItem(3), anItem(90, { state: 'done' })])
  await write([anItem(99)])
  t.equal(await item('missed', 'hq:1.0'), undefined)
  t.match((await items({ kind: 'missed', state: 'open', limit: 5 })).items, [{ id: 'hq:1.99' }, { id: 'hq:1.3' }])
  t.match((await items({ kind: 'missed', state: 'done', limit: 5 })).items, [{ id: 'hq:1.90' }])
})

t.end()
