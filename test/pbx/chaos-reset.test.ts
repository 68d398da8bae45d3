/** Connections that end at once, again and again, in the middle of calls: the link is back within a second, and nothing is wrong. */
import t from 'tap'
import { mixedLoad } from '../../lab/mixed-load.js'
import { sleep } from '../../src/base/clock.js'
import type { EpochMs, PbxId } from '../../src/base/ids.js'
import { compareCalls, USUAL } from '../../src/reconcile/compare.js'
import { compareDispositions } from '../../src/reconcile/dispositions.js'
import { aChaosExchange, booksOf, settledRecords, unnumbered } from '../given/chaos.js'

const { lab, ami, redis, plain, tried } = await aChaosExchange(t)
const LOAD = { seconds: 6, ratePerSecond: 6, talkMs: 2_500 }
const RESETS = 3
const pbx = 'lab' as PbxId
let made = 0

/** A machine that does other things too may take longer than a second; a link that waits takes five. */
const BACK_WITHIN_MS = 2_000

t.test('AMI is reset every two seconds', async t => {
  const stream = await tried.webSocket()
  const calls = mixedLoad(lab, LOAD)
  for (let i = 0; i < RESETS; i++) {
    await sleep(lab.clock, 2_000)
    t.ok(ami.reset() > 0)
    await stream.next('pbx.resynced')
  }
  made += (await calls).made
  const straight = await settledRecords(lab, plain, made)
  const gaps = stream.all
    .filter(e => e.type === 'pbx.resynced')
    .map(e => e.data.gap as { from: string; until: string })
    .map(({ from, until }) => ({ from: Date.parse(from) as EpochMs, until: Date.parse(until) as EpochMs }))
  t.equal(gaps.length, RESETS, 'each gap is told')
  for (const { from, until } of gaps) t.ok(until - from < BACK_WITHIN_MS, `back after ${until - from} ms`)
  const short = straight.filter(call =>
    gaps.some(g => Date.parse(call.startedAt) >= g.from && Date.parse(call.endedAt ?? '') <= g.until),
  )
  const through = await settledRecords(lab, tried, made - short.length)
  const { theirs, cdr } = booksOf(lab)
  const found = [
    ...compareCalls({ pbx, ours: through, theirs, gaps, ...USUAL }),
    ...compareDispositions(pbx, through, cdr),
  ]
  t.strictSame(found.filter(d => d.reason === undefined), []) // prettier-ignore
  const untouched = through.filter(call => !call.inferred)
  t.strictSame(unnumbered(untouched), unnumbered(straight.filter(call => untouched.some(u => u.id === call.id)))) // prettier-ignore
  t.ok(untouched.length > 0 && untouched.length < through.length, 'some calls were in a gap, and some were not')
  t.equal(new Set(stream.all.map(e => e.id)).size, stream.all.length, 'no event twice')
  stream.close()
})

t.test('Redis is reset every half second', async t => {
  const before = (await settledRecords(lab, tried, 1)).length
  const stream = await tried.webSocket()
  const [calls, resetting] = [mixedLoad(lab, LOAD), { on: true }]
  const resets = (async () => {
    for (; resetting.on; await sleep(lab.clock, 500)) redis.reset()
  })()
  const { made: more } = await calls
  resetting.on = false
  await resets
  const straight = await settledRecords(lab, plain, made + more)
  const through = await settledRecords(lab, tried, before + more)
  t.ok(redis.counts.reset > RESETS)
  t.strictSame(unnumbered(through.slice(-more)), unnumbered(straight.slice(-more)))
  t.equal(new Set(stream.all.map(e => e.id)).size, stream.all.length, 'no event twice')
  t.equal(stream.all.filter(e => e.type === 'call.recorded').length, more)
  stream.close()
})

t.end()
