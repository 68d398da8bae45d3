/** A stream from any cursor, while the log grows under it: every event once, in order, whoever is slow. */
import fc from 'fast-check'
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import { cursorOf, positionsOf } from '../../src/api/stream/cursor.js'
import { matcherOf } from '../../src/api/stream/filter.js'
import { beginAt, follow, MAX_BACKLOG_BYTES, type End, type Sink } from '../../src/api/stream/follow.js'
import { createHub } from '../../src/api/stream/hub.js'
import type { LogPage, Pbx } from '../../src/api/ports.js'
import { START, type LogEntry, type Position } from '../../src/events/log.js'

const entry = (seq: number, change: Partial<LogEntry> = {}): LogEntry => ({
  position: { ms: (1000 + seq) as EpochMs, seq },
  type: 'call.started',
  call: `hq:${seq}`,
  extensions: ['1001'],
  json: `{"n":${seq}}`,
  ...change,
})

/** A log in memory whose reads take a moment, as Redis does, and which keeps only what is younger than `oldest`. */
function aLog(name: string) {
  const entries: LogEntry[] = []
  const hub = createHub(START)
  let oldest = 1
  const read = async (after: Position, count: number): Promise<LogPage> => {
    await Promise.resolve()
    const kept = entries.filter(e => e.position.seq >= oldest && e.position.seq > after.seq)
    if (after.seq + 1 < oldest) return { ok: false, why: 'gone' }
    return { ok: true, entries: kept.slice(0, Math.min(count, 3)) }
  }
  const pbx = { read, hub } as unknown as Pbx
  return {
    pbxs: new Map([[name, pbx]]),
    pbx,
    write(n: number) {
      const added = Array.from({ length: n }, (_, i) => entry(entries.length + i + 1))
      entries.push(...added)
      hub.publish(added)
    },
    trim: (to: number) => (oldest = to),
  }
}

function aSink(backlog = () => 0) {
  const texts: string[] = []
  const ends: End[] = []
  const sink: Sink = {
    send: messages => texts.push(...messages.map(m => m.text)),
    backlog,
    drained: () => Promise.resolve(),
    end: why => ends.push(why),
  }
  const numbers = () => texts.map(text => (JSON.parse(text) as { n: number }).n)
  return { sink, texts, ends, numbers }
}
const pbxs = new Set(['hq', 'branch'])
const all = matcherOf({}, pbxs)
const turns = async (n: number) => {
  for (let i = 0; i < n; i++) await Promise.resolve()
}

t.test('whenever it begins and however the log grows', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(20),
      fc.nat(20),
      fc.array(fc.tuple(fc.nat(4), fc.nat(8)), { maxLength: 12 }),
      async (before, from, growth) => {
        const log = aLog('hq')
        log.write(before)
        const start = Math.min(from, before)
        const { sink, numbers, ends } = aSink()
        const begin = await beginAt(log.pbxs, new Map([['hq', { ms: 0 as EpochMs, seq: start }]]))
        follow(log.pbxs, begin, all, sink)
        let total = before
        for (const [more, wait] of growth) {
          log.write(more)
          total += more
          await turns(wait)
        }
        await turns(200)
        t.strictSame(
          numbers(),
          Array.from({ length: total - start }, (_, i) => start + i + 1),
        )
        t.strictSame(ends, [])
      },
    ),
    { numRuns: 200 },
  )
})

t.test('each frame has the cursor from which to go on', async t => {
  const log = aLog('hq')
  log.write(5)
  const first = aSink()
  const { close } = follow(log.pbxs, await beginAt(log.pbxs, new Map([['hq', START]])), all, first.sink)
  await turns(50)
  close()
  const { cursor } = JSON.parse(first.texts[2] ?? '{}') as { cursor: string }
  const second = aSink()
  follow(log.pbxs, await beginAt(log.pbxs, positionsOf(cursor)), all, second.sink)
  await turns(50)
  t.strictSame(second.numbers(), [4, 5])
  t.strictSame(second.texts, first.texts.slice(3), 'the same bytes')
  log.write(1)
  t.equal(first.numbers().length, 5, 'a closed stream hears no more')
})

t.test('what a filter passes over moves the cursor, too', async t => {
  const log = aLog('hq')
  log.write(5)
  const { sink, numbers } = aSink()
  const none = matcherOf({ types: 'pbx.resynced' }, pbxs)
  const { cursor } = follow(log.pbxs, await beginAt(log.pbxs, new Map([['hq', START]])), none, sink)
  const at = () => positionsOf(cursor()).get('hq')?.seq
  t.equal(at(), 0)
  await turns(50)
  t.equal(at(), 5, 'as far as it has read')
  log.write(2)
  t.equal(at(), 7)
  log.trim(7)
  await t.resolves(beginAt(log.pbxs, positionsOf(cursor())), 'so it does not age while nothing matches')
  t.strictSame(numbers(), [])
})

t.test('two PBXs in one stream: the cursor goes on in both', async t => {
  const [hq, branch] = [aLog('hq'), aLog('branch')]
  const pbxs = new Map([...hq.pbxs, ...branch.pbxs])
  const { sink, texts } = aSink()
  follow(pbxs, await beginAt(pbxs, undefined), all, sink)
  await turns(10)
  hq.write(1)
  branch.write(2)
  const { cursor } = JSON.parse(texts[1] ?? '{}') as { cursor: string }
  t.strictSame(
    [...positionsOf(cursor)].map(([name, { seq }]) => [name, seq]),
    [
      ['hq', 1],
      ['branch', 1],
    ],
  )
  const again = aSink()
  follow(pbxs, await beginAt(pbxs, positionsOf(cursor)), all, again.sink)
  await turns(50)
  t.strictSame(again.numbers(), [2])
})

t.test('without a cursor, what happens from now on', async t => {
  const log = aLog('hq')
  log.write(3)
  const { sink, numbers } = aSink()
  follow(log.pbxs, await beginAt(log.pbxs, undefined), all, sink)
  log.write(2)
  await turns(50)
  t.strictSame(numbers(), [4, 5])
})

t.test('a cursor whose future is no longer kept is refused; so is one that never was', async t => {
  const log = aLog('hq')
  log.write(10)
  log.trim(6)
  await t.rejects(beginAt(log.pbxs, new Map([['hq', { ms: 0 as EpochMs, seq: 3 }]])), { code: 'CURSOR_GONE' })
  await t.resolves(beginAt(log.pbxs, new Map([['hq', { ms: 0 as EpochMs, seq: 5 }]])))
  await t.rejects(beginAt(log.pbxs, new Map([['other', START]])), { code: 'CURSOR_INVALID' })
})

t.test('a log that is trimmed under a reader, and a client that does not keep up', async t => {
  const log = aLog('hq')
  log.write(10)
  const { sink, ends } = aSink()
  const begin = await beginAt(log.pbxs, new Map([['hq', START]]))
  log.trim(9)
  follow(log.pbxs, begin, all, sink)
  await turns(50)
  t.strictSame(ends, ['gone'])
  const slow = aSink(() => MAX_BACKLOG_BYTES + 1)
  follow(log.pbxs, await beginAt(log.pbxs, undefined), all, slow.sink)
  log.write(3)
  log.write(3)
  t.strictSame(slow.ends, ['slow'])
  t.equal(slow.texts.length, 3, 'nothing more after that')
})

t.test('what is read before it is published comes once', async t => {
  const log = aLog('hq')
  log.write(2)
  const { sink, numbers } = aSink()
  const begin = await beginAt(log.pbxs, new Map([['hq', START]]))
  const { hub } = log.pbx
  const publish = hub.publish.bind(hub)
  let late = () => {}
  hub.publish = entries => (late = () => publish(entries))
  log.write(1)
  follow(log.pbxs, begin, all, sink)
  await turns(50)
  t.strictSame(numbers(), [1, 2, 3])
  late()
  t.strictSame(numbers(), [1, 2, 3])
})

t.test('a cursor of a log that has been emptied is gone, not wrong', async t => {
  const log = aLog('hq')
  log.write(5)
  log.pbx.read = () => Promise.resolve({ ok: false, why: 'unknown' })
  await t.rejects(beginAt(log.pbxs, new Map([['hq', { ms: 0 as EpochMs, seq: 3 }]])), { code: 'CURSOR_GONE' })
  await t.rejects(beginAt(log.pbxs, new Map([['hq', { ms: 0 as EpochMs, seq: 9 }]])), { code: 'CURSOR_INVALID' })
})

t.test('filters', async t => {
  const call = entry(1)
  const pbx = entry(2, { type: 'pbx.connected', extensions: [] })
  delete (pbx as { call?: string }).call
  const matches = (filter: Parameters<typeof matcherOf>[0]) =>
    [call, pbx].map(entry => matcherOf(filter, pbxs)(entry, 'hq'))
  t.strictSame(matches({}), [true, true])
  t.strictSame(matches({ types: 'call.*' }), [true, false])
  t.strictSame(matches({ types: 'call.ended, pbx.connected' }), [false, true])
  t.strictSame(matches({ extension: '1001,1002' }), [true, false])
  t.strictSame(matches({ extension: '100' }), [false, false])
  t.strictSame(matches({ extension: 'hq:1001' }), [true, false], 'by the id of an extension')
  t.strictSame(matches({ extension: '1009, hq:1001' }), [true, false])
  t.strictSame(matches({ extension: 'branch:1001' }), [false, false], 'of another PBX')
  t.throws(() => matcherOf({ extension: 'nope:1001' }, pbxs), { code: 'PBX_NOT_FOUND' })
  t.strictSame(matches({ call: 'hq:1' }), [true, false])
  t.strictSame(matches({ call: 'hq:1', extension: '1002' }), [false, false])
  t.throws(() => matcherOf({ types: 'call.exploded' }, pbxs), { code: 'BAD_REQUEST' })
})

t.test('a cursor is what was handed out, to the letter', async t => {
  const cursor = cursorOf(new Map([['hq', { ms: 17 as EpochMs, seq: 3 }]]))
  t.strictSame(cursorOf(positionsOf(cursor)), cursor)
  for (const forged of ['', 'x', `${cursor}.`, `${cursor}=`, `${cursor}.${cursor}`, cursor.slice(1), '.'.repeat(5000)])
    t.throws(() => positionsOf(forged), { code: 'CURSOR_INVALID' }, forged.slice(0, 20))
})
