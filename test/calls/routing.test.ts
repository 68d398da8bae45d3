/** Where a caller was sent: told as it happens, or when the call is over already; turned away is engaged. */
import t from 'tap'
import { viewCall } from '../../src/calls/view.js'
import type { LegFact, Routed } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'

const calls = given.appears(0, { of: given.ana, endpoint: 'trunk', number: '030123456', dials: '4930123' })
const routed = (s: number, routing: Routed, leg = given.ana): LegFact => ({
  ...{ type: 'call.routed', at: given.at(s), leg },
  routing,
})
const busy: Routed = { does: 'busy', because: [{ rule: 'route', name: 'shut' }] }
const end = [given.hangsUp(1, given.ana, 'command'), given.isGone(1, given.ana, 17)]
const told = (...facts: LegFact[]) => {
  const { call, events } = given.tell(facts)
  if (!call) throw new Error('no call')
  return { view: viewCall(call), types: events.map(e => e.type) }
}

t.test('engaged, whether it was told before the end or after it', async t => {
  const before = told(calls, routed(0, busy), ...end)
  t.match(before.view, { routing: busy, outcome: 'busy', endedBy: 'command' })
  t.strictSame(before.types, ['call.started', 'call.routed', 'call.ended'])
  const after = told(calls, ...end, routed(1, busy))
  t.match(after.view, { routing: busy, outcome: 'busy', endedBy: 'command' })
  t.strictSame(after.types, ['call.started', 'call.ended', 'call.revised'])
  t.strictSame(told(calls, ...end, routed(1, busy), routed(2, { ...busy, does: 'dialplan' })).view.routing, busy)
})

t.test('another decision says nothing of the outcome, nor does one about another leg', async t => {
  t.match(told(calls, ...end, routed(1, { does: 'dialplan', because: [] })).view, { outcome: 'cancelled' })
  t.equal(told(calls, routed(0, busy, given.leg('9.9')), ...end).view.routing, undefined)
})
