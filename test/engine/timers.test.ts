/** Timers of calls: all of a moment go off, each once, and what else happens gets in between. */
import t from 'tap'
import type { CallId, EpochMs } from '../../src/base/ids.js'
import { createTimers, GRID_MS } from '../../src/engine/timers.js'
import * as given from '../given/calls.js'

/** A clock that stands still until the next thing that is due. */
function aClock() {
  let now = given.at(0)
  const due: { at: EpochMs; run: () => void }[] = []
  const wake = (at: EpochMs, run: () => void) => {
    const entry = { at, run }
    due.push(entry)
    return () => void due.splice(due.indexOf(entry), 1)
  }
  const next = () => {
    const [first] = due.sort((a, b) => a.at - b.at)
    if (!first) return false
    due.splice(due.indexOf(first), 1)
    now = Math.max(now, first.at) as EpochMs
    first.run()
    return true
  }
  return { clock: { now: () => now, wake }, next }
}

const MANY = Array.from({ length: 100 }, (_, i) => `lab:${i}` as CallId)

function theTimersOfMany() {
  const { clock, next } = aClock()
  const turns: CallId[][] = []
  const timers = createTimers(clock, facts => turns.push(facts.map(({ call }) => call)))
  for (const call of MANY) timers.set({ call, timer: 'settled', inMs: 2_000 })
  return { clock, next, turns, timers }
}

t.test('a hundred calls that ended together are told of one after the other, each once', async t => {
  const { clock, next, turns } = theTimersOfMany()
  const from = clock.now()
  while (next());
  t.strictSame(turns.flat(), MANY)
  t.ok(turns.length > 10 && turns.every(turn => turn.length > 0), 'whoever is heard of meanwhile waits for a few')
  t.ok(clock.now() - from >= 2_000 && clock.now() - from <= 2_000 + GRID_MS, 'none too early, none too late')
})

t.test('a timer that is set meanwhile goes off as well', async t => {
  const { next, turns, timers } = theTimersOfMany()
  next()
  timers.set({ call: 'lab:late' as CallId, timer: 'settled', inMs: 0 })
  while (next());
  t.strictSame(turns.flat().sort(), [...MANY, 'lab:late'].sort())
})

t.test('after a stop nothing goes off, not even the rest of those that are due', async t => {
  const { next, turns, timers } = theTimersOfMany()
  next()
  timers.cancel()
  t.equal(next(), false)
  t.equal(turns.length, 1)
})
