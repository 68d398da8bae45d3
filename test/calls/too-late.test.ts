/** Things that happen at the same moment: a phone is picked up after another has the call, a caller hangs up as the queue connects. */
import t from 'tap'
import type { LegId } from '../../src/base/ids.js'
import { viewCall } from '../../src/calls/view.js'
import type { LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'

const { ana, at, ben, dialEnds, enters, hangsUp, isGone, leg, picksUp, rings, tell } = given
const cleo = leg('1.3')
const fact = (s: number, of: LegId, rest: object) => ({ at: at(s), leg: of, ...rest }) as LegFact

const waits = [
  given.appears(0, { of: ana, endpoint: 'trunk', number: '491701234567', dials: '2000' }),
  picksUp(0, ana),
  fact(1, ana, { type: 'queue.joined', queue: 'sales' }),
]

/** A member behind a Local pair that stays: the halves, the queue's dial of the first, and the phone's own. */
function isRung(phone: LegId, endpoint: string) {
  const [one, two] = [leg(`${phone}1`), leg(`${phone}2`)]
  const half = (of: LegId, n: number) =>
    ({
      ...given.appears(2, { of, linked: ana, number: '' }),
      name: `Local/${endpoint}@from-queue-0001${phone};${n}`,
    }) as LegFact
  const member = { interface: `Local/${endpoint}@from-queue/n`, name: endpoint }
  const facts = [
    half(one, 1),
    half(two, 2),
    fact(2, one, { type: 'local.joined', other: two }),
    fact(2, ana, { type: 'agent.called', queue: 'sales', phone: one, member }),
    fact(2, one, { type: 'dial.begun', by: ana, dialled: endpoint, shown: '' }),
    given.appears(2, { of: phone, endpoint, linked: ana }),
    fact(2, phone, { type: 'dial.begun', by: two, dialled: endpoint, shown: '' }),
    rings(2, phone),
  ]
  return { one, two, facts }
}
const [forBen, forCleo] = [isRung(ben, '1002'), isRung(cleo, '1003')]
const bothRing = [...waits, ...forBen.facts, ...forCleo.facts]
/** Ben's phone is answered, and with it the pair before it; the queue lets go of Cleo's. */
const benHasIt = [
  picksUp(5),
  dialEnds(5, 'ANSWER'),
  dialEnds(5, 'ANSWER', forBen.one),
  dialEnds(5, 'CANCEL', forCleo.one),
]

const viewOf = (facts: readonly LegFact[]) => {
  const { call } = tell(facts)
  if (!call) throw new Error('no call')
  return viewCall(call)
}

t.test(
  'a phone behind a Local pair is picked up when the queue has let go of the pair: another has answered',
  async t => {
    for (const own of [['NOANSWER', 'ANSWER'], ['ANSWER'], ['NOANSWER'], ['CANCEL']] as const) {
      const late = [picksUp(5, cleo), ...own.map(status => dialEnds(5, status, cleo)), isGone(5, cleo)]
      t.match(
        viewOf([...bothRing, ...benHasIt, ...late]).offers,
        [
          { leg: ben, result: 'answered' },
          { leg: cleo, result: 'answered-elsewhere' },
        ],
        own.join(),
      )
    }
    const busy = viewOf([...bothRing, ...benHasIt, hangsUp(5, cleo, 'far-side', 17), dialEnds(5, 'BUSY', cleo)])
    t.match(busy.offers, [{}, { leg: cleo, result: 'answered-elsewhere' }], 'or refused at that moment')
  },
)

t.test('a phone is picked up when its time is over: nobody has answered', async t => {
  const tooLate = [dialEnds(5, 'NOANSWER', forCleo.one), picksUp(5, cleo), dialEnds(5, 'ANSWER', cleo), isGone(5, cleo)]
  t.match(viewOf([...bothRing, ...tooLate]).offers, [{}, { leg: cleo, result: 'not-accepted' }])
})

t.test('a pair that ends because its phone refuses, ends after it', async t => {
  const refuses = [hangsUp(5, cleo, 'far-side', 17), dialEnds(5, 'BUSY', cleo), dialEnds(5, 'NOANSWER', forCleo.one)]
  t.match(viewOf([...bothRing, ...refuses]).offers, [{}, { leg: cleo, result: 'busy' }])
})

t.test('a caller hangs up, and the queue connects the agent a moment later: the caller has given up', async t => {
  const connects = [
    picksUp(5),
    hangsUp(5.001, ana),
    dialEnds(5.001, 'ANSWER'),
    dialEnds(5.002, 'ANSWER', forBen.one),
    fact(5.003, ana, { type: 'queue.left', queue: 'sales' }),
    fact(5.003, ana, {
      type: 'agent.connected',
      queue: 'sales',
      phone: forBen.one,
      member: { interface: '', name: '' },
    }),
    ...[forBen.one, ana].map(of => enters(5.004, of)),
    ...[ana, forBen.one, forBen.two, ben].map(of => isGone(5.006, of)),
  ]
  const call = viewOf([...waits, ...forBen.facts, ...connects])
  t.match(call, {
    outcome: 'abandoned',
    endedBy: 'caller',
    talkedMs: 0,
    answeredAt: undefined,
    queues: [{ outcome: 'abandoned', answeredBy: undefined }],
  })
  const connected = connects.filter(({ type }) => type !== 'queue.left' && type !== 'hangup.asked')
  t.match(
    viewOf([...waits, ...forBen.facts, ...connected]).queues,
    [{ outcome: 'answered' }],
    'who has not hung up is connected',
  )
})

t.test('a caller hangs up after the queue has connected them, and before they come to the agent: the same', async t => {
  const member = { interface: '', name: '' }
  const connects = [
    picksUp(5),
    dialEnds(5, 'ANSWER'),
    fact(5, ana, { type: 'queue.left', queue: 'sales' }),
    fact(5, ana, { type: 'agent.connected', queue: 'sales', phone: ben, member }),
    enters(5, ben),
  ]
  const rung = [
    given.appears(2, { of: ben, endpoint: '1002', linked: ana }),
    fact(2, ben, { type: 'dial.begun', by: ana, dialled: '1002', shown: '' }),
    rings(2),
  ]
  const ends = [isGone(5.006, ana), isGone(5.006, ben)]
  t.match(viewOf([...waits, ...rung, ...connects, hangsUp(5.001, ana), enters(5.003, ana), ...ends]), {
    ...{ outcome: 'abandoned', endedBy: 'caller', answeredAt: undefined },
    queues: [{ outcome: 'abandoned', answeredBy: undefined }],
  })
  const talked = [...connects, enters(5.003, ana), hangsUp(5.004, ana), ...ends]
  t.match(viewOf([...waits, ...rung, ...talked]), { outcome: 'answered', queues: [{ outcome: 'answered' }] })
})

t.test('two are parted by G() of Dial, and the phone is asked for a key: who goes first decides', async t => {
  const apart = [given.anaDials(0), ...given.benIsDialled(1), rings(2), picksUp(3), dialEnds(3, 'ANSWER')]
  const stops: LegFact = { ...hangsUp(5, ben, 'pbx'), stopping: true } as LegFact
  for (const [ends, result] of [
    [[hangsUp(5, ben, 'pbx'), isGone(5, ben)], 'not-accepted'],
    [[hangsUp(5, ben), isGone(5, ben)], 'not-accepted'],
    [[hangsUp(4, ana), hangsUp(5, ben, 'pbx'), isGone(5, ben)], 'caller-gave-up'],
    [[hangsUp(4, ana), hangsUp(5, ben), isGone(5, ben)], 'caller-gave-up'],
    [[hangsUp(4, ben), hangsUp(5, ana), isGone(5, ben)], 'not-accepted'],
    [[hangsUp(4, ana, 'pbx'), hangsUp(5, ben), isGone(5, ben)], 'not-accepted'],
    [[stops, isGone(5, ben)], 'answered'],
    [[enters(4, ben), enters(4, ana), hangsUp(5, ben, 'pbx'), isGone(5, ben)], 'answered'],
  ] as const)
    t.match(viewOf([...apart, ...ends, isGone(9, ana)]).offers, [{ leg: ben, result }], `${ends.length} ${result}`)
})

t.test('a phone that rings behind a pair which was up before has not lost to another: the caller gives up', async t => {
  const rungBehind = (half: LegId, s: number): LegFact[] => [
    given.appears(s, { of: cleo, endpoint: '1003', linked: ana }),
    fact(s, cleo, { type: 'dial.begun', by: half, dialled: '1003', shown: '' }),
    rings(s, cleo),
  ]
  const halves = [isGone(9, forBen.two), isGone(9, forBen.one)]
  const givesUp = [hangsUp(9, ana), isGone(9, ana), dialEnds(9, 'CANCEL', cleo), isGone(9, cleo), ...halves]
  const { one, two } = forBen
  const isServed = [picksUp(5), dialEnds(5, 'ANSWER'), picksUp(5, one), dialEnds(5, 'ANSWER', one)]
  const transfers = fact(6, ben, { type: 'transfer.blind', from: two, to: '1003', done: true })
  const sentOn = viewOf([...waits, ...forBen.facts, ...isServed, transfers, ...rungBehind(two, 7), ...givesUp])
  t.match(sentOn.offers, [
    { leg: ben, result: 'answered' },
    { leg: cleo, result: 'caller-gave-up' },
  ])
  t.match(sentOn.transfers, [{ kind: 'blind', outcome: 'abandoned' }])

  const pair = forBen.facts.slice(0, 5)
  const dialplanAnswers = [picksUp(3, one), dialEnds(3, 'ANSWER', one)]
  const { offers } = viewOf([...waits, ...pair, ...dialplanAnswers, ...rungBehind(two, 3), ...givesUp])
  t.match(offers, [{ leg: cleo, result: 'caller-gave-up' }], 'the dialplan behind the pair has answered')
})
