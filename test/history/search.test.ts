/** The search on a real Valkey: whatever is asked for, it finds what a look at each call would, page by page. */
import fc from 'fast-check'
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { iso } from '../../src/events/event.js'
import type { HistorySearch } from '../../src/events/history.js'
import { createRecords } from '../../src/history/records.js'
import { searchable } from '../given/searchable.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const day = Date.parse('2026-03-01T00:00:00Z')
const who = ['1001', '1002', '1003', '030555']
const queues = ['sales', 'support:2', undefined]
const agents = ['Ana', 'Ben\\n', undefined, 'Ana']
const members = ['Ana', undefined, '8001']
const directions = ['inbound', 'outbound', 'internal'] as const
const outcomes = ['answered', 'no-answer', 'abandoned', undefined] as const
const tags = [['vip'], ['vip', 'très chaud'], undefined]
const one = <T>(list: readonly T[], n: number) => list[n % list.length] as T

/** Two of three began in the same second as others, some in the same millisecond. */
function aCall(n: number, second = (n * 7_919) % 500): CallView {
  const [queue, agent, outcome] = [one(queues, n), one(agents, n >> 2), one(outcomes, n >> 1)]
  const member = one(members, n >> 2)
  const [from, to] = [one(who, n), one(who, n * 7 + 1)]
  const tagged = one(tags, n >> 3)
  return {
    id: `hq:1.${n}`,
    pbx: 'hq',
    revision: 5,
    state: 'ended',
    direction: one(directions, n * 3 + (n >> 4)),
    from: { number: from, ...(from.startsWith('1') ? { extension: from } : { e164: '+4930555' }) },
    to: { number: to, ...(to.startsWith('1') ? { extension: to } : { e164: '+4930555' }) },
    startedAt: iso((day + second * 1_000 + (n % 3)) as EpochMs),
    ...(outcome === undefined ? {} : { outcome }),
    ...(tagged === undefined ? {} : { tags: tagged }),
    legs: [],
    offers: [],
    segments: [],
    queues: queue === undefined ? [] : [{ queue, leg: `1.${n}`, joinedAt: iso(day as EpochMs) }],
    transfers: [],
    agents: [{ ...(agent && { agent }), ...(member && { member }), legs: [], talkedMs: 0, heldMs: 0, rangMs: 0 }],
  }
}

const canonical = (number: string) => (number === '030555' ? '+4930555' : number)
const aHistory = () => searchable(redis, canonical)

const plain = (calls: CallView[], asked: Omit<HistorySearch, 'limit'>) => {
  const { from, until, extension, number, agent, member, queue, direction, outcome, tag, order } = asked
  return calls
    .filter(c => from === undefined || Date.parse(c.startedAt) >= from)
    .filter(c => until === undefined || Date.parse(c.startedAt) < until)
    .filter(c => extension === undefined || [c.from.extension, c.to.extension].includes(extension))
    .filter(c => number === undefined || [c.from, c.to].some(p => canonical(p.number) === canonical(number)))
    .filter(c => agent === undefined || c.agents.some(a => a.agent === agent))
    .filter(c => member === undefined || c.agents.some(a => a.member === member))
    .filter(c => queue === undefined || c.queues.some(q => q.queue === queue))
    .filter(c => direction === undefined || c.direction === direction)
    .filter(c => outcome === undefined || c.outcome === outcome)
    .filter(c => tag === undefined || c.tags?.includes(tag))
    .sort((a, b) => (order === 'oldest' ? 1 : -1) * (Date.parse(a.startedAt) - Date.parse(b.startedAt)))
}

t.test(
  'a page of calls of one start cannot be cut: each is found once all the same, and the next start begins another',
  async t => {
    const { write, all, keys } = aHistory()
    const together = Array.from({ length: 300 }, (_, n) => ({ ...aCall(n), startedAt: iso(day as EpochMs) }))
    for (let i = 0; i < together.length; i += 40) await write(together.slice(i, i + 40))
    t.equal(await redis.exists(`${keys.history}d:t`), 0, 'one page')
    const before = { ...aCall(1_000), startedAt: iso((day - 1) as EpochMs) }
    const after = Array.from({ length: 300 }, (_, n) => ({
      ...aCall(2_000 + n),
      startedAt: iso((day + 1 + n) as EpochMs),
    }))
    await write([before])
    for (let i = 0; i < after.length; i += 40) await write(after.slice(i, i + 40))
    t.ok((await redis.zcard(`${keys.history}d:t`)) > 1, 'and now several')
    const ids = [before, ...together, ...after].map(c => c.id)
    for (const order of ['oldest', 'newest'] as const) {
      const found = await all({ order }, 50)
      t.equal(found.length, ids.length, order)
      t.strictSame(new Set(found), new Set(ids), `${order}: each`)
      t.equal(order === 'oldest' ? found[0] : found.at(-1), before.id)
    }
    t.equal((await all({ until: (day + 1) as EpochMs }, 50)).length, 301)
  },
)

t.test('any combination, any order, page by page', async t => {
  const { write, all, keys } = aHistory()
  const calls = Array.from({ length: 1_600 }, (_, n) => aCall(n))
  for (let i = 0; i < calls.length; i += 100) await write(calls.slice(i, i + 100))
  t.ok((await redis.zcard(`${keys.history}d:t`)) > 10, 'there are pages to go through')
  const [page] = await redis.zrange(`${keys.history}d:t`, '3', '3')
  const packed = await redis.object('ENCODING', `${keys.history}i:t/${String(page)}`)
  t.equal(packed, 'listpack', 'and each is small')
  const time = fc.integer({ min: -1, max: 501 }).map(s => (day + s * 1_000) as EpochMs)
  const query = fc.record(
    {
      from: time,
      until: time,
      extension: fc.constantFrom(...who),
      number: fc.constantFrom(...who, '+4930555', '4711'),
      agent: fc.constantFrom('Ana', 'Ben\\n', 'ana'),
      member: fc.constantFrom('Ana', '8001'),
      queue: fc.constantFrom('sales', 'support:2'),
      direction: fc.constantFrom(...directions),
      outcome: fc.constantFrom('answered' as const, 'no-answer' as const, 'abandoned' as const, 'busy' as const),
      tag: fc.constantFrom('vip', 'très chaud'),
      order: fc.constantFrom('newest' as const, 'oldest' as const),
    },
    { requiredKeys: [] },
  )
  const startOf = new Map(calls.map(c => [c.id, c.startedAt]))
  await fc.assert(
    fc.asyncProperty(query, fc.integer({ min: 1, max: 200 }), async (asked, limit) => {
      const found = await all(asked, limit)
      const expected = plain(calls, asked)
      t.strictSame(
        found.map(id => startOf.get(id)),
        expected.map(c => c.startedAt),
      )
      t.strictSame([...found].sort(), expected.map(c => c.id).sort())
    }),
    { numRuns: 60 },
  )
})

t.test('pages neither repeat nor skip a call while others are recorded, before and after their place', async t => {
  const { write, search } = aHistory()
  const first = Array.from({ length: 400 }, (_, n) => aCall(n, n))
  await write(first)
  for (const order of ['newest', 'oldest'] as const) {
    const found: string[] = []
    let after: string | undefined
    for (let turn = 0; ; turn++) {
      const page = await search({ order, limit: 17, ...(after === undefined ? {} : { after }) })
      found.push(...page.calls.map(c => c.id))
      if (page.next === undefined) break
      after = page.next
      const base = (order === 'newest' ? 10_000 : 50_000) + turn * 40
      await write(Array.from({ length: 40 }, (_, i) => aCall(base + i, (i * 997 + turn) % 400)))
    }
    t.equal(new Set(found).size, found.length, `${order}: none twice`)
    t.ok(
      first.every(c => found.includes(c.id)),
      `${order}: none of those that were there is left out`,
    )
  }
})

t.test('calls of the very same millisecond', async t => {
  const { write, all } = aHistory()
  const same = Array.from({ length: 500 }, (_, n) => ({ ...aCall(n), startedAt: iso(day as EpochMs) }))
  await write(same)
  await write([aCall(600, 1), aCall(601, -1)])
  for (const order of ['newest', 'oldest'] as const)
    t.strictSame([...(await all({ order }, 33))].sort(), [...same.map(c => c.id), 'hq:1.600', 'hq:1.601'].sort())
})

t.test('a page that cannot be cut, since its calls began together, between pages that were', async t => {
  const { write, all, keys } = aHistory()
  const together = Array.from({ length: 400 }, (_, n) => aCall(1_000 + n * 3, 250))
  const calls = [...Array.from({ length: 600 }, (_, n) => aCall(n, n < 300 ? n % 250 : 251 + (n % 250))), ...together]
  // Neither before nor after the others: while it grows, those around it are recorded.
  const mixed = calls.map((_, n) => one(calls, n * 7))
  for (let i = 0; i < mixed.length; i += 50) await write(mixed.slice(i, i + 50))
  t.equal(new Set(mixed).size, calls.length)

  const start = Date.parse(together[0]?.startedAt ?? '')
  const bases = await redis.zrange(`${keys.history}d:t`, '0', '-1')
  const holding = await Promise.all(
    bases.map(base => redis.zcount(`${keys.history}i:t/${base}`, start - Number(base), start - Number(base))),
  )
  t.strictSame([bases.length > 4, holding.filter(n => n > 0)], [true, [together.length]], 'all in one of the pages')

  for (const order of ['newest', 'oldest'] as const) {
    for (const asked of [
      {},
      { from: start, until: start + 1 },
      { from: start },
      { until: start + 1 },
      { queue: 'sales' },
    ]) {
      const query = { ...asked, order } as Omit<HistorySearch, 'limit'>
      const found = await all(query, 33)
      const wanted = plain(calls, query)
      t.strictSame([...found].sort(), wanted.map(c => c.id).sort(), `${JSON.stringify(query)}: each once`)
      const startOf = new Map(calls.map(c => [c.id, c.startedAt]))
      t.strictSame(found.map(id => startOf.get(id)), wanted.map(c => c.startedAt), `${JSON.stringify(query)}: in order`) // prettier-ignore
    }
  }
})

t.test('a cursor that was changed, made up, or given out for another search', async t => {
  const { write, search } = aHistory()
  await write(Array.from({ length: 20 }, (_, n) => aCall(n)))
  const { next } = await search({ limit: 5, queue: 'sales' })
  const cursor = next ?? ''
  t.equal(
    (await search({ limit: 3, queue: 'sales', after: cursor })).calls.length,
    2,
    'as it was given out, it is taken',
  )
  const flipped = Array.from(cursor, (c, i) => cursor.slice(0, i) + (c === 'A' ? 'B' : 'A') + cursor.slice(i + 1))
  const made = [
    'x',
    '',
    'A'.repeat(60),
    `${cursor}=`,
    ` ${cursor}`,
    cursor.slice(1),
    cursor + cursor,
    cursor.slice(0, 12),
  ]
  for (const after of [...flipped, ...made])
    await t.rejects(search({ limit: 5, queue: 'sales', after }), { code: 'CURSOR_INVALID' }, after)
  for (const other of [
    { queue: 'support:2' },
    {},
    { queue: 'sales', order: 'oldest' as const },
    { queue: 'sales', tag: 'vip' },
  ])
    await t.rejects(search({ limit: 5, ...other, after: cursor }), { code: 'CURSOR_INVALID' })
})

t.test(
  'somebody outside with the number of a colleague is found apart, also behind many calls of the colleague',
  async t => {
    const known = Object.assign((number: string) => number, { isInside: (number: string) => number === '1003' })
    const { write, all, search, keys } = searchable(redis, known)
    const aTalk = (n: number, more: Partial<CallView>): CallView => ({
      ...aCall(n, n),
      legs: [],
      transfers: [],
      ...more,
    })
    const [ana, colleague] = [
      { number: '1001', extension: '1001' },
      { number: '1003', extension: '1003' },
    ]
    const own = Array.from({ length: 300 }, (_, n) =>
      aTalk(100 + n, { direction: 'internal', from: n % 2 ? colleague : ana, to: n % 2 ? ana : colleague }),
    )
    const trunkLeg = { id: '9.1', channel: 'PJSIP/trunk-1', side: 'callee', state: 'gone', trunk: 'trunk', number: '1003', startedAt: iso(day as EpochMs) } as const // prettier-ignore
    const outside = [
      aTalk(1, { direction: 'inbound', from: { number: '1003' }, to: ana }),
      aTalk(2, { direction: 'outbound', from: ana, to: { number: '1003' }, legs: [trunkLeg] }),
      aTalk(3, { direction: 'inbound', from: { number: '1001' }, to: colleague, legs: [trunkLeg] }),
    ]
    // A ring group of that number, one member of which is outside; and a caller who was sent to the colleague.
    const others = [
      aTalk(4, { direction: 'outbound', from: ana, to: { number: '1003' }, legs: [{ ...trunkLeg, number: '030555' }] }),
      aTalk(5, { direction: 'inbound', from: { number: '030555' }, to: colleague }),
    ]
    const before = aTalk(6, { direction: 'inbound', from: { number: '1003' }, to: ana })
    const records = createRecords(redis, keys, 'hq', (number: string) => number)
    await records.write([before])
    for (let i = 0; i < own.length; i += 100) await write(own.slice(i, i + 100))
    await write([...outside, ...others])
    const ids = (calls: readonly CallView[]) => calls.map(c => c.id).sort()
    t.strictSame(ids((await search({ number: '1003', outside: true, limit: 5 })).calls), ids(outside))
    t.strictSame(
      (await all({ number: '1003' })).sort(),
      ids([...own, ...outside, ...others, before]),
      'by number: both',
    )
    t.strictSame(
      (await all({ extension: '1003' })).sort(),
      ids([...own, outside[2] as CallView, others[1] as CallView]),
    )
    await write([{ ...before, revision: 6 }])
    t.strictSame(ids((await search({ number: '1003', outside: true, limit: 5 })).calls), ids([...outside, before]))
    const merged = { ...outside[0], revision: 6, mergedInto: 'hq:1.2' } as CallView
    await write([merged])
    t.strictSame((await all({ number: '1003', outside: true })).sort(), ids([...outside.slice(1), before]), 'taken out')
  },
)

t.test('a record that somebody has spoilt is left out, and the rest is found', async t => {
  const { write, all, keys } = aHistory()
  await write([aCall(1, 1), aCall(2, 2), aCall(3, 3)])
  await redis.lset(`${keys.history}r:0`, 1, Buffer.from([1, 5, 255, 255]))
  t.strictSame(await all({}), ['hq:1.3', 'hq:1.1'])
})

t.end()
