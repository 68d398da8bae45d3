/** Names and numbers that the dialplan sets on a caller's channel: on the call until somebody answers, and never for the far side. */
import t from 'tap'
import type { LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { brokenInvariants } from '../given/invariants.js'

const { ana, ben, tell } = given
const set = (s: number, number: string, name = '', of = ana): LegFact => ({
  type: 'caller.changed',
  at: given.at(s),
  leg: of,
  caller: { number, name },
})
const customer = given.appears(0, { of: ana, endpoint: 'trunk', number: '01701234567', dials: '49301234' })
const outward = (s: number): LegFact[] => [
  given.appears(s, { of: ben, endpoint: 'trunk', number: '', linked: ana }),
  { type: 'dial.begun', at: given.at(s), leg: ben, by: ana, dialled: '01755555555', shown: '49301234' },
]
const customerTalks = [given.picksUp(5), given.picksUp(5, ana), given.enters(5, ben), given.enters(5, ana)]
const identified = (story: LegFact[]) => tell(story).events.filter(e => e.type === 'call.identified').length

t.test('a name and a number that the dialplan sets are on the call, and an event says so', async t => {
  const { call, events } = tell([customer, set(1, '01701234567', 'Mrs Smith'), set(2, '01709876543', 'Mr Jones')])
  t.match(call?.from, { number: '01709876543', e164: '+491709876543', name: 'Mr Jones' })
  t.strictSame(
    events.map(e => [e.type, e.call.from.name]),
    [
      ['call.started', undefined],
      ['call.identified', 'Mrs Smith'],
      ['call.identified', 'Mr Jones'],
    ],
  )
  t.strictSame(call && brokenInvariants(call), [])
})

t.test('a name that the dialplan takes away is gone; the same once more is no event', async t => {
  const named = given.appears(0, { of: ana, endpoint: 'trunk', number: '01701234567', name: 'SPAM', dials: '49301234' })
  t.equal(tell([named, set(1, '01701234567')]).call?.from.name, undefined)
  t.equal(identified([customer, set(1, '01701234567', 'A'), set(2, '01701234567', 'A')]), 1)
})

t.test('while phones ring, a name may still change; another number is for whom is tried next', async t => {
  const rung = [customer, ...given.benIsDialled(1), given.rings(2)]
  t.equal(tell([...rung, set(3, '01701234567', 'Sales: Smith')]).call?.from.name, 'Sales: Smith')
  t.match(tell([...rung, set(3, '49301234', 'Company')]).call?.from, { number: '01701234567', name: undefined })
  const waits: LegFact[] = [{ type: 'queue.joined', at: given.at(1), leg: ana, queue: 'sales' }]
  t.equal(tell([customer, ...waits, set(3, '49301234')]).call?.from.number, '01701234567')
})

t.test('what is set after the answer is for the far side of a transfer', async t => {
  const talks = [customer, ...given.benIsDialled(1), given.rings(2), ...customerTalks]
  t.match(tell([...talks, set(6, '01701234567', 'Company')]).call?.from, { number: '01701234567', name: undefined })
})

t.test(
  'a call that is forwarded outside at once has its caller, not the number that the far side is shown',
  async t => {
    const { call } = tell([customer, set(1, '49301234', 'Company'), ...outward(2)])
    t.match(call?.from, { number: '01701234567', e164: '+491701234567', name: undefined })
  },
)

t.test('a caller inside keeps the extension, whatever an outbound route shows; a name for it counts', async t => {
  const dials = given.anaDials(0, '01755555555')
  t.match(tell([dials, set(1, '49301234', 'Company'), ...outward(2)]).call?.from, { number: '1001', name: undefined })
  t.match(tell([dials, set(1, '1001', 'Ana')]).call?.from, { number: '1001', extension: '1001', name: 'Ana' })
  t.equal(identified([dials, set(1, '1001', 'Ana'), set(2, '1001')]), 1, 'an empty name takes nothing away')
  const shown = given.appears(0, { of: ana, endpoint: '1001', number: '49301234', dials: '01755555555' })
  t.match(tell([shown]).call?.from, { number: '1001', extension: '1001' }, 'also where the snapshot has only that')
})

t.test('what is set on the channel of somebody called, or on one of our own, says nothing of the caller', async t => {
  t.match(tell([customer, ...given.benIsDialled(1), set(2, '666', 'X', ben)]).call?.from, { number: '01701234567' })
  const own = given.leg('aladdin-1')
  const story = [given.appears(0, { of: own, dials: '1002' }), set(1, '1001', 'Aladdin', own)]
  t.equal(tell(story).call?.from.name, undefined)
})

t.test('a hostile name or number is kept as text', async t => {
  for (const odd of ['\u202e123\u0000', '${CHANNEL(name)}', 'x'.repeat(500)])
    t.match(tell([customer, set(1, odd, odd)]).call?.from, { number: odd })
})
