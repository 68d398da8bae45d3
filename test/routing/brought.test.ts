/** Calls that routing brings to a caller's own agent, or to the last one, are the workgroup's: they are found by its queue. */
import t from 'tap'
import { viewCall } from '../../src/calls/view.js'
import type { CallView } from '../../src/events/call.js'
import type { Routing } from '../../src/events/routing.js'
import { queuesOf, termsAsked, termsOf } from '../../src/history/terms.js'
import { followUp } from '../../src/missed/reduce.js'
import type { LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'

const { at, site } = given
const canonical = (number: string) => number
const [caller, ben] = [given.leg('1.1'), given.leg('1.2')]
const brought = (routing: Routing, ...more: LegFact[]): CallView => {
  const { call } = given.tell([
    given.appears(0, { of: caller, endpoint: 'trunk', number: '+4930123456', dials: '2000' }),
    { type: 'call.routed', at: at(0), leg: caller, routing },
    given.appears(1, { of: ben, endpoint: '1002', linked: caller }),
    { type: 'dial.begun', at: at(1), leg: ben, by: caller, dialled: '1002', shown: '' },
    given.rings(1, ben),
    ...more,
  ])
  if (!call) throw new Error('no call')
  return viewCall(call)
}
const AGENT: Routing = { does: 'agent', to: '1002', workgroup: 'gold', because: [] }
const gaveUp: LegFact[] = [
  given.hangsUp(4, caller),
  { type: 'dial.ended', at: at(4), leg: ben, by: caller, status: 'CANCEL' },
  given.isGone(4, ben),
  given.isGone(4, caller),
]

t.test('found by the queue of the workgroup, and not by others', async t => {
  const call = brought(AGENT)
  const found = (queue: string) =>
    termsAsked({ queue, limit: 1 }, canonical).some(terms => terms.every(one => termsOf(call, canonical).includes(one)))
  t.ok(found('gold'))
  t.notOk(found('sales'))
  t.strictSame([...queuesOf({ ...call, queues: [{ queue: 'gold', leg: '1.1', joinedAt: call.startedAt }] })], ['gold'])
})

t.test('routing that brings it to no agent of a workgroup, a menu included, brings it to no queue', async t => {
  const { workgroup: _, ...alone } = AGENT
  for (const routing of [alone, { ...AGENT, does: 'number' } as const, { ...alone, does: 'ivr', to: 'main' } as const])
    t.equal(queuesOf(brought(routing)).size, 0, routing.does)
})

t.test('not answered, it is to be called back by the workgroup', async t => {
  const [change] = followUp(site, new Map(), brought(AGENT, ...gaveUp))
  t.match(change, { type: 'missed.opened', item: { queue: 'gold' } })
})

t.test('a survey about it counts for the workgroup', async t => {
  const survey = { name: 's', leg: caller, of: ben, questions: [] }
  const call = brought(AGENT, { type: 'survey.changed', at: at(3), leg: caller, survey: survey })
  t.match(call.survey, { extension: '1002', queue: 'gold' })
})

t.end()
