/** What was recorded, told again: the same calls come of it, byte for byte; what is no recording is an error. */
import t from 'tap'
import { retry } from '../lab/wait.js'
import type { Clock } from '../src/base/clock.js'
import type { CallId, EpochMs } from '../src/base/ids.js'
import { systemClock } from '../src/base/system.js'
import { viewCall } from '../src/calls/view.js'
import { createTraces, MOST_FACTS, type Trace } from '../src/engine/trace.js'
import type { CallView } from '../src/events/call.js'
import { encodeCall } from '../src/history/codec.js'
import { factsOf, replay } from '../src/replay.js'
import * as given from './given/calls.js'
import { anEngine } from './given/engine.js'
import { factsIn, recordings } from './given/recording.js'

/** Waits are short: it is not the time that is tested. */
const hasty: Clock = {
  now: systemClock.now,
  wake: (at, run) => systemClock.wake((systemClock.now() + (at - systemClock.now()) / 20) as EpochMs, run),
}

/** What an engine made of these facts as they came, and which it says it made each call of. */
async function lived(facts: ReturnType<typeof factsIn>) {
  const traces = new Map<string, Trace>()
  const told = { traced: (id: string, trace: Trace) => void traces.set(id, trace) }
  const { engine, log, tell, types } = anEngine(undefined, {
    clock: hasty,
    told: {
      written: () => undefined,
      writeFailed: () => undefined,
      applied: () => undefined,
      found: () => undefined,
      ...told,
    },
  })
  tell(facts)
  const ended = types().filter(type => type === 'call.ended').length
  await retry(systemClock, 'the records', 20_000, async () =>
    types().filter(type => type === 'call.recorded').length >= ended ? true : undefined,
  )
  await engine.stop()
  const calls = log
    .filter(e => e.type === 'call.recorded')
    .map(e => (JSON.parse(e.json) as { data: { call: CallView } }).data.call)
  return { calls, traces }
}

/** How often a call was published meanwhile depends on how the facts came together, and so does its revision. */
const bytesOf = (call: CallView) => encodeCall({ ...call, revision: 1 }).toString('hex')
const bytesById = (calls: Iterable<CallView>) => new Map([...calls].map(call => [call.id, bytesOf(call)]))

t.test('every recording', async t => {
  const stories = recordings()
  t.ok(stories.length > 10)
  for (const story of stories.filter((_, n) => n % 4 === 0)) {
    const facts = factsIn(story)
    const { calls, traces } = await lived(facts)
    const again = bytesById(replay(given.site, facts))
    t.strictSame(again, bytesById(calls), `${story}: the same bytes`)
    for (const call of calls) {
      const trace = traces.get(call.id)
      t.ok(trace?.whole)
      const file = Buffer.from(JSON.stringify({ call: call.id, ...trace }))
      const [alone, ...others] = replay(given.site, factsOf(file))
      t.equal(others.length, 0)
      t.equal(alone && bytesOf(alone), again.get(call.id), `${story}: and so of its own facts alone`)
    }
  }
})

t.test('what a command or a CRM did is in the trace, too', async t => {
  const traces: Trace[] = []
  const { engine, log, tell } = anEngine(undefined, {
    clock: hasty,
    told: {
      ...{ written: () => undefined, writeFailed: () => undefined, applied: () => undefined, found: () => undefined },
      traced: (_, trace) => void traces.push(trace),
    },
  })
  tell([given.anaDials(0), ...given.benIsDialled(1), given.rings(1), given.picksUp(2)])
  await engine.note(given.id, { tags: ['vip'] })
  t.match(engine.trace(given.id), { whole: true, facts: { length: 6 } })
  tell([given.isGone(9, given.ben), given.isGone(9, given.ana)])
  await retry(systemClock, 'the record', 20_000, async () => (traces.length > 0 ? true : undefined))
  t.equal(engine.trace(given.id), undefined)
  const facts = factsOf(Buffer.from(JSON.stringify(traces[0])))
  t.match([...replay(given.site, facts)], [{ tags: ['vip'] }])
  const late = { type: 'call.noted' as const, at: given.at(20), call: given.id, notes: { note: 'late' } }
  const [recorded, revised] = replay(given.site, [...facts, late])
  t.match([recorded, revised], [{ tags: ['vip'] }, { note: 'late' }], 'what came after the record is a revision of it')
  t.equal(log.filter(e => e.type === 'call.recorded').length, 1)
  await engine.stop()
})

t.test('of a call that was there before the daemon, the trace says that it is not whole', async t => {
  const first = anEngine()
  first.tell([given.anaDials(0), ...given.benIsDialled(1)])
  const stored = await first.engine.snapshot()
  t.equal(stored.calls.length, 1)
  const { call } = given.tell([given.anaDials(0), ...given.benIsDialled(1)])
  const second = anEngine(undefined, { stored: { last: stored.position, calls: call ? [call] : [] } })
  second.tell([given.rings(2)])
  t.match(second.engine.trace(given.id), { whole: false, facts: [{ type: 'channel.changed' }] })
  t.ok(call && viewCall(call))
})

t.test(
  'the facts of a call that has become part of another are those of that, in the order in which they came',
  async t => {
    const call = (id: string, more: object = {}) => ({ id: id as CallId, pbx: given.site.pbx, legs: [], ...more })
    const [a, b] = [call('hq:1.1'), call('hq:1.2')]
    const traces = createTraces([])
    const facts = [given.rings(1), given.picksUp(2), given.rings(3), given.picksUp(4)]
    for (const [n, fact] of facts.entries()) traces.hear(n % 2 === 0 ? a.id : b.id, fact)
    t.strictSame(traces.of(call('hq:1.1', { mergedFrom: [b.id] })), { whole: true, facts })
    t.strictSame(traces.of(call('hq:1.1', { legs: [{ id: '1.2' }] })), { whole: true, facts }, 'nobody was told of it')
    traces.drop(b)
    t.equal(traces.of(b), undefined)
    for (let n = 0; n < MOST_FACTS; n++) traces.hear(a.id, given.rings(5))
    t.match(traces.of(a), { whole: false, facts: { length: MOST_FACTS } }, 'and there is an end to it')
  },
)

t.test('a file that is no recording', async t => {
  for (const text of [
    '',
    'hello',
    '{}',
    '{"facts":7}',
    '{"facts":[7]}',
    '{"facts":[{"type":"x"}]}',
    '{',
    '\0\u0001',
    '[]',
  ])
    t.throws(() => factsOf(Buffer.from(text)), JSON.stringify(text))
  const odd = ['channel.gone', 'bridge.left', 'dial.ended', 'hangup.asked'].map(type => ({ type, at: 5, leg: '9.9' }))
  t.strictSame([...replay(given.site, factsOf(Buffer.from(JSON.stringify({ facts: odd }))))], [], 'facts about nothing')
})

t.end()
