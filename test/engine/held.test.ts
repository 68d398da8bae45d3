/** Callers who are with the daemon are kept by it: whoever comes at once, everybody again and again, nobody who has gone. */
import t from 'tap'
import type { EpochMs, LegId } from '../../src/base/ids.js'
import { ok } from '../../src/base/result.js'
import { createHeld } from '../../src/engine/held.js'
import type { Fact, Handed } from '../../src/pbx/facts.js'
import { aClock } from '../given/clock.js'

const WAIT_MS = 20_000
const [ana, ben] = ['1.1', '1.2'] as LegId[] as [LegId, LegId]

function aDesk() {
  const { clock, pass } = aClock(0)
  const here = new Set<LegId>()
  const kept: LegId[] = []
  const held = createHeld({
    clock,
    held: () => [...here],
    waitMs: WAIT_MS,
    send: action => {
      if (action.do === 'keep') kept.push(action.leg)
      return Promise.resolve(ok(undefined))
    },
  })
  const at = 0 as EpochMs
  return {
    pass,
    here,
    kept: () => kept.splice(0),
    see: (...facts: Fact[]) => held.see(facts),
    handed: (leg: LegId): Fact => ({ type: 'caller.handed', at, caller: { leg, way: 'in' } as Handed }),
    back: (leg: LegId): Fact => ({ type: 'caller.back', at, leg }),
    seen: (...legs: LegId[]): Fact => ({
      type: 'callers.seen',
      at,
      callers: legs.map(leg => ({ leg, way: 'in' }) as Handed),
    }),
  }
}

t.test('whoever comes is kept at once, also while others are, and also when what holds them begins later', async t => {
  const { here, see, handed, kept } = aDesk()
  here.add(ana)
  see(handed(ana))
  t.strictSame(kept(), [ana])
  see(handed(ben))
  t.strictSame(kept(), [], 'nobody holds him yet')
  here.add(ben)
  see()
  t.strictSame(kept(), [ben])
  see()
  t.strictSame(kept(), [], 'once')
})

t.test('the same caller, handed anew by another part of the dialplan, is kept anew', async t => {
  const { here, see, handed, back, kept } = aDesk()
  here.add(ana)
  see(handed(ana))
  kept()
  see(back(ana), handed(ana))
  t.strictSame(kept(), [ana])
})

t.test('all are kept again and again, until nobody is there', async t => {
  const { pass, here, see, handed, kept } = aDesk()
  here.add(ana).add(ben)
  see(handed(ana), handed(ben))
  kept()
  pass(WAIT_MS / 3)
  t.strictSame(kept(), [ana, ben])
  here.clear()
  pass(WAIT_MS)
  t.strictSame(kept(), [])
})

t.test('a daemon that comes keeps those whom it finds, and none of before', async t => {
  const { here, see, handed, seen, kept } = aDesk()
  see(handed(ben))
  here.add(ana)
  see(seen(ana))
  t.strictSame(kept(), [ana])
  here.add(ben)
  see()
  t.strictSame(kept(), [])
})

t.end()
