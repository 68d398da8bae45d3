/** What shows that something was not told, and what does not: a record says `inferred` only where a part of it is a guess. */
import t from 'tap'
import type { LegId } from '../../src/base/ids.js'
import type { LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { tellAll } from '../given/recording.js'

const { ana, at, ben, dialEnds, enters, hangsUp, isGone, leaves, leg, picksUp, rings } = given
const [one, two] = [leg('1.21'), leg('1.22')]
const fact = (s: number, of: LegId, rest: object) => ({ at: at(s), leg: of, ...rest }) as LegFact
const half = (of: LegId, n: number) =>
  ({ ...given.appears(2, { of, linked: ana, number: '' }), name: `Local/1002@from-queue-00011;${n}` }) as LegFact
const member = { interface: 'Local/1002@from-queue/n', name: 'Ben' }

/** A caller waits, and Ben has picked up behind a Local pair that stays: his phone and the pair's half are in a bridge. */
const pickedUp: LegFact[] = [
  given.appears(0, { of: ana, endpoint: 'trunk', number: '491701234567', dials: '2000' }),
  picksUp(0, ana),
  fact(1, ana, { type: 'queue.joined', queue: 'sales' }),
  half(one, 1),
  half(two, 2),
  fact(2, one, { type: 'local.joined', other: two }),
  fact(2, ana, { type: 'agent.called', queue: 'sales', phone: one, member }),
  fact(2, one, { type: 'dial.begun', by: ana, dialled: '1002', shown: '' }),
  given.appears(2, { of: ben, endpoint: '1002', linked: ana }),
  fact(2, ben, { type: 'dial.begun', by: two, dialled: '1002', shown: '' }),
  rings(2, ben),
  picksUp(5, ben),
  dialEnds(5, 'ANSWER', ben),
  enters(5, ben),
  dialEnds(5, 'ANSWER', one),
  enters(5, two),
]
const pairIsGone = [leaves(6, two), isGone(6, two), leaves(6, ben), isGone(6, ben), isGone(6, one)]

const recorded = (facts: readonly LegFact[]) => {
  const call = tellAll(facts).at(-1)?.call
  if (!call) throw new Error('no call')
  return call
}

t.test('picked up for a queue behind a Local pair, and over before the caller came: told in full', async t => {
  const agentGone = recorded([
    ...pickedUp,
    ...[hangsUp(6, ben), leaves(6, ben), isGone(6, ben), leaves(6, two), isGone(6, two), isGone(6, one)],
    fact(6, ana, { type: 'agent.dumped', queue: 'sales', phone: one, member }),
    ...[hangsUp(8, ana), fact(8, ana, { type: 'queue.abandoned', queue: 'sales' }), isGone(8, ana)],
  ])
  t.match(agentGone, { outcome: 'abandoned', inferred: undefined, offers: [{ result: 'not-accepted' }] })
  const callerGone = recorded([
    ...[...pickedUp, hangsUp(6, ana), fact(6, ana, { type: 'queue.abandoned', queue: 'sales' })],
    ...[...pairIsGone, isGone(6, ana)],
  ])
  t.match(callerGone, { outcome: 'abandoned', inferred: undefined, offers: [{ result: 'caller-gave-up' }] })
})

t.test('the queue has connected them, and nothing was told of who came', async t => {
  const connected = fact(6, ana, { type: 'agent.connected', queue: 'sales', phone: one, member })
  t.match(recorded([...pickedUp, connected, ...pairIsGone, isGone(6, ana)]), { inferred: true })
})

t.test('a pair is taken out before the caller has come to the pair before it: told in full', async t => {
  const [three, four] = [leg('1.23'), leg('1.24')]
  const elsewhere = (fact: LegFact) => ({ ...fact, bridge: 'b2' }) as LegFact
  const sentOn = leg('1.5')
  const forwarded: LegFact[] = [
    given.anaDials(0),
    // A phone that sends the call on (302) hangs up.
    ...[...given.benIsDialled(0, '1002', sentOn), hangsUp(1, sentOn, 'far-side', 23)],
    ...[dialEnds(1, 'CANCEL', sentOn), isGone(1, sentOn, 23)],
    ...[half(one, 1), half(two, 2), fact(1, one, { type: 'local.joined', other: two })],
    fact(1, one, { type: 'dial.begun', by: ana, dialled: '1002', shown: '' }),
    ...[half(three, 1), half(four, 2), fact(2, three, { type: 'local.joined', other: four })],
    fact(2, three, { type: 'dial.begun', by: two, dialled: '1003', shown: '' }),
    given.appears(2, { of: ben, endpoint: '1003', linked: ana }),
    fact(2, ben, { type: 'dial.begun', by: four, dialled: '1003', shown: '' }),
    ...[rings(2, ben), picksUp(5, ben), dialEnds(5, 'ANSWER', ben), dialEnds(5, 'ANSWER', three)],
    ...[enters(5, ben), elsewhere(enters(5, three)), elsewhere(enters(5, two)), enters(5, four)],
    ...[leaves(5, ben), elsewhere(leaves(5, three)), elsewhere(enters(5, ben))],
    ...[isGone(5, three), leaves(5, four), isGone(5, four)],
  ]
  const talks: LegFact[] = [
    ...[dialEnds(5, 'ANSWER', one), elsewhere(leaves(6, two)), elsewhere(enters(6, ana))],
    ...[isGone(6, one), isGone(6, two)],
    ...[hangsUp(9, ana), elsewhere(leaves(9, ana)), elsewhere(leaves(9, ben)), isGone(9, ana), isGone(9, ben)],
  ]
  t.match(recorded([...forwarded, ...talks]), { outcome: 'answered', inferred: undefined, endedBy: 'caller' })
})

t.test('a phone was answered, and nothing was told of who came', async t => {
  const facts = [
    given.anaDials(0),
    ...given.benIsDialled(1),
    rings(1),
    picksUp(5),
    dialEnds(5, 'ANSWER'),
    enters(5, ben),
  ]
  t.match(recorded([...facts, hangsUp(6, ana), leaves(6, ben), isGone(6, ben), isGone(6, ana)]), { inferred: true })
})

t.end()
