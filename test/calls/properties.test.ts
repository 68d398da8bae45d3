/** Whatever a PBX says, in whatever order, twice or not at all: the invariants of a call hold. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { legOf, type Call } from '../../src/calls/state.js'
import { viewCall } from '../../src/calls/view.js'
import type { LegFact, TimerFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'

const stories: (LegFact | TimerFact)[][] = [
  [...given.theyTalk(), ...given.end(20, given.ben), given.settles(22)],
  [
    given.anaDials(0),
    ...given.benIsDialled(1),
    given.rings(1),
    given.dialEnds(31, 'NOANSWER'),
    given.isGone(31, given.ben),
    given.isGone(31, given.ana),
  ],
  [
    given.anaDials(0),
    ...given.benIsDialled(1),
    ...given.benIsDialled(1, '1003', given.leg('1.3')),
    given.rings(2, given.leg('1.3')),
    given.hangsUp(3, given.ana),
    given.isGone(3, given.ana),
  ],
]

/** A story with some facts left out, some told again later, and neighbours changed places. */
const distorted = fc.constantFrom(...stories).chain(story =>
  fc
    .tuple(
      fc.subarray(story, { minLength: 1 }),
      fc.array(fc.nat(story.length - 1), { maxLength: 6 }),
      fc.array(fc.nat(60), { maxLength: 8 }),
    )
    .map(([kept, again, swaps]) => {
      const told = [...kept, ...again.map(i => story[i]).filter(f => f !== undefined)]
      for (const swap of swaps) {
        const i = swap % told.length
        const [a, b] = [told[i], told[i + 1]]
        if (a && b) [told[i], told[i + 1]] = [b, a]
      }
      return told
    }),
)

type Assertions = Pick<Test, 'equal' | 'ok'>

function sound(t: Assertions, call: Call) {
  const ids = call.legs.map(l => l.id)
  t.equal(new Set(ids).size, ids.length, 'a leg is in the call once')
  for (const offer of call.offers) t.ok(legOf(call, offer.leg), 'an offer is made to a leg of the call')
  if (call.progress.state !== 'ended') return
  t.ok(
    call.offers.every(o => o.result !== undefined),
    'every offer ends',
  )
  t.ok(
    call.segments.every(s => s.endedAt !== undefined),
    'every segment ends',
  )
  t.ok(
    call.legs.every(l => l.state === 'gone'),
    'every leg is gone',
  )
  const { durationMs = -1, talkedMs = -1 } = viewCall(call)
  t.ok(durationMs >= 0 && talkedMs >= 0, 'no time is negative')
}

t.test('distorted stories', async t => {
  fc.assert(
    fc.property(distorted, facts => {
      const { call, events } = given.tell(facts)
      if (call) sound(t, call)
      for (const event of events) sound(t, event.call)
      const types = events.map(e => e.type)
      t.ok(types.filter(type => type === 'call.answered').length <= 1, 'answered at most once a life')
      const revisions = events.map(e => e.call.revision)
      t.strictSame(
        revisions,
        [...revisions].sort((a, b) => a - b),
        'revisions only grow',
      )
      return true
    }),
    { numRuns: 500 },
  )
})
