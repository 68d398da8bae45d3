/** Notes on a call: live, just ended, or known to the history only; told, stored, kept through a merge, never lost to another. */
import t from 'tap'
import type { CallId } from '../../src/base/ids.js'
import { no } from '../../src/base/result.js'
import type { Fact, LegFact } from '../../src/pbx/facts.js'
import type { CallView } from '../../src/events/call.js'
import type { LogEntry } from '../../src/events/log.js'
import { merged } from '../../src/calls/merge.js'
import { decideNotes } from '../../src/calls/notes.js'
import { createState, forget } from '../../src/engine/state.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import * as given from '../given/calls.js'
import { anEngine } from '../given/engine.js'

const told = (entry: LogEntry | undefined) =>
  (JSON.parse(entry?.json ?? '{}') as { data?: { call?: CallView } }).data?.call
const talking = [given.anaDials(0), ...given.benIsDialled(1), given.rings(1), given.picksUp(2)]

t.test('a live call carries what is noted on it to its end, and each change is told once', async t => {
  const { engine, log, tell, types } = anEngine()
  tell(talking)
  const noted = await engine.note(given.id, { note: 'wants a refund', tags: ['vip', 'vip'], data: { order: '7' } })
  t.match(noted, { ok: true, value: { id: given.id, note: 'wants a refund', tags: ['vip'], data: { order: '7' } } })
  t.equal(types().at(-1), 'call.updated')
  await engine.note(given.id, { data: { order: null, basket: '3' } })
  tell([given.isGone(9, given.ben), given.isGone(9, given.ana)])
  const end = log.find(e => e.type === 'call.ended')
  t.match(told(end), { note: 'wants a refund', tags: ['vip'], data: { basket: '3' } })
  t.notOk('order' in (told(end)?.data ?? {}), 'what was taken off is gone')
  await engine.note(given.id, { note: null, tags: [] })
  t.equal(types().at(-1), 'call.updated', 'it is not in the history yet')
  t.notOk('note' in (told(log.at(-1)) ?? {}))
  t.notOk('tags' in (told(log.at(-1)) ?? {}))
  const revisions = log.map(e => told(e)?.revision)
  t.strictSame(
    revisions,
    revisions.map((_, i) => i + 1),
    'each event is the next revision',
  )
})

t.test('what is heard late tells the call again, and not without its notes', async t => {
  const state = createState([])
  const into = nothingApplied()
  const heard = (atUs: number, fact: LegFact): LegFact => ({ ...fact, atUs })
  const facts = [
    heard(100, given.anaDials(0)),
    ...given.benIsDialled(1).map(fact => heard(200, fact)),
    heard(400, given.picksUp(5)),
  ]
  for (const fact of facts) applyFact(given.site, state, fact, into)
  const noted: Fact = { type: 'call.noted', at: given.at(6), call: given.id, notes: { note: 'kept', tags: ['a'] } }
  applyFact(given.site, state, noted, into)
  const late = nothingApplied()
  applyFact(given.site, state, heard(300, given.rings(2)), late)
  t.match(state.calls.get(given.id), { notes: { note: 'kept', tags: ['a'] } })
  t.match(state.calls.get(given.id)?.offers, [{ ringingAt: given.at(2) }], 'it was told again')
  applyFact(given.site, state, { ...noted, notes: {} }, into)
  applyFact(given.site, state, heard(350, given.dialEnds(5, 'ANSWER')), late)
  t.equal(state.calls.get(given.id)?.notes, undefined, 'nor with notes that were taken off')
})

t.test('a call that is recorded is revised', async t => {
  const state = createState([])
  const into = nothingApplied()
  for (const fact of [...talking, given.isGone(9, given.ben), given.isGone(9, given.ana)])
    applyFact(given.site, state, fact, into)
  const call = state.calls.get(given.id)
  if (!call) throw new Error('no call')
  forget(state, call, call)
  const noted = nothingApplied()
  applyFact(given.site, state, { type: 'call.noted', at: given.at(20), call: given.id, notes: { note: 'late' } }, noted)
  t.match(noted.events, [{ type: 'call.revised' }])
  t.equal(noted.changed.size, 0, 'it does not come back to life')
  t.match(state.recorded.get(given.id), { notes: { note: 'late' }, revision: call.revision + 1 })
  t.equal(state.calls.size, 0)
})

t.test(
  'a call that only the history has: one change after the other, each on what the last one made of it',
  async t => {
    const old = {
      id: 'hq:1.9',
      pbx: 'hq',
      revision: 7,
      state: 'ended',
      tags: ['a'],
      legs: [],
      from: {},
      to: {},
    } as unknown
    const { engine, log } = anEngine(undefined, {
      // The history is slow to take what the log has: it goes on saying what it said.
      recordOf: id => Promise.resolve(id === 'hq:1.9' ? (old as CallView) : undefined),
    })
    const all = ['1', '2', '3', '4'].map(n => engine.note('hq:1.9' as CallId, { data: { [n]: 'x' } }))
    t.match((await Promise.all(all)).at(-1), {
      ok: true,
      value: { revision: 11, data: { 1: 'x', 2: 'x', 3: 'x', 4: 'x' } },
    })
    t.strictSame(
      log.map(e => [e.type, told(e)?.revision]),
      [8, 9, 10, 11].map(n => ['call.revised', n]),
    )
    t.match(await engine.call('hq:1.9' as CallId), { revision: 11, tags: ['a'] })
    t.strictSame(await engine.note('hq:1.8' as CallId, { note: 'x' }), no('CALL_NOT_FOUND'))
  },
)

t.test('fields have an end', async t => {
  const many = (n: number, at = 0) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i + at}`, 'x']))
  t.match(decideNotes({ data: many(30) }, { data: many(20, 30) }), { ok: true })
  t.strictSame(decideNotes({ data: many(30) }, { data: many(21, 30) }), no('NOTES_FULL'))
  t.match(decideNotes({ data: many(50) }, { data: { f0: null, more: 'x' } }), { ok: true }, 'one goes, one comes')
})

t.test('two calls that become one keep what was noted on both', async t => {
  const state = createState([])
  const into = nothingApplied()
  for (const fact of talking) applyFact(given.site, state, fact, into)
  const call = state.calls.get(given.id)
  if (!call) throw new Error('no call')
  const one = { ...call, notes: { note: 'first', tags: ['a'], data: { order: '1', x: '1' } } }
  const two = { ...call, id: 'hq:1.5' as CallId, notes: { note: 'second', tags: ['b'], data: { order: '2', y: '2' } } }
  t.strictSame(merged(one, two, given.at(5), false).notes, {
    note: 'first\nsecond',
    tags: ['a', 'b'],
    data: { order: '1', x: '1', y: '2' },
  })
})

t.end()
