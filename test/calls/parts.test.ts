/** What no recording shows by itself: members with a name behind Local pairs, listeners who stay, late explanations. */
import t from 'tap'
import { viewCall } from '../../src/calls/view.js'
import type { Fact, LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { brokenInvariants } from '../given/invariants.js'
import { factsIn, lastOfEach, tellAll } from '../given/recording.js'

const { ana, ben, tell } = given
const one = given.leg('1.5')
const two = given.leg('1.6')
const fact = (s: number, leg: typeof ana, rest: object) => ({ at: given.at(s), leg, ...rest }) as LegFact
const half = (s: number, of: typeof ana, n: number): LegFact =>
  ({ ...given.appears(s, { of, linked: ana, number: '' }), name: `Local/1002@agents-0001;${n}` }) as LegFact
const waits = [given.anaDials(0, '2000'), given.picksUp(0, ana), fact(1, ana, { type: 'queue.joined', queue: 'sales' })]
const called = fact(2, ana, {
  type: 'agent.called',
  queue: 'sales',
  phone: one,
  member: { interface: 'Local/1002@agents', name: 'Ben' },
})
const dialled = [
  half(2, one, 1),
  half(2, two, 2),
  fact(2, one, { type: 'local.joined', other: two }),
  given.appears(2, { of: ben, endpoint: '1002', linked: ana }),
  fact(2, ben, { type: 'dial.begun', by: two, dialled: '1002', shown: '' }),
]

t.test('a phone behind a Local pair rings for the member of the pair, whichever is told first', async t => {
  for (const story of [
    [...waits, ...dialled, called],
    [...waits, ...dialled.slice(0, 3), called, ...dialled.slice(3)],
  ]) {
    const { call } = tell(story)
    if (!call) throw new Error('no call')
    t.match(viewCall(call).offers, [{ queue: 'sales', member: 'Ben', extension: '1002' }])
  }
})

t.test('between the queue and the talk nothing is offered, though another phone still rings for a moment', async t => {
  const cleo = given.leg('1.3')
  const connected = [
    ...given.benIsDialled(2),
    ...given.benIsDialled(2, '1003', cleo),
    ...[given.rings(2), given.rings(2, cleo), given.picksUp(4)],
    fact(4, ana, { type: 'queue.left', queue: 'sales' }),
  ]
  const kinds = (bridgedAt: number) => {
    const together = [given.enters(bridgedAt, ana), given.enters(bridgedAt, ben)]
    const { call } = tell([...waits, ...connected, ...together])
    return (
      call &&
      viewCall(call)
        .segments.map(({ kind }) => kind)
        .slice(-3)
    )
  }
  t.strictSame(kinds(4.001), ['ivr', 'queue', 'talk'])
  t.strictSame(kinds(5), ['queue', 'offer', 'talk'], 'what lasts is shown')
})

t.test('I10 with the last party the call is over, whoever still listens', async t => {
  const cleo = given.leg('1.3')
  const listens = [
    given.appears(6, { of: cleo, endpoint: '1003', linked: ana }),
    given.picksUp(6, cleo),
    fact(6, cleo, { type: 'spy.begun', target: ana }),
  ]
  const { call, events } = tell([...given.theyTalk(), ...listens, ...given.end(20, ana)])
  if (!call) throw new Error('no call')
  t.equal(events.at(-1)?.type, 'call.ended')
  t.strictSame(brokenInvariants(call), [])
  const { agents, legs, talkedMs } = viewCall(call)
  t.strictSame(
    agents.map(a => a.extension),
    ['1001', '1002'],
    'a listener has no part in it',
  )
  t.match(legs[2], { role: 'monitor', extension: '1003' })
  t.equal(talkedMs, 15_000)
})

t.test('I17 how a caller left a queue is learnt after the end: a revision, not a silent change', async t => {
  const left = [fact(9, ana, { type: 'queue.left', queue: 'sales' }), given.isGone(9, ana)]
  const { call } = tell([...waits, ...left])
  if (!call) throw new Error('no call')
  t.match(viewCall(call), { inferred: true, queues: [{ outcome: 'exit-key' }] }, 'a guess, and marked as one')
  const { call: same, events: none } = tell([given.rings(10, ana)], call)
  t.equal(same, call)
  t.strictSame(none, [])
  const explained = fact(10, ana, { type: 'queue.explained', queue: 'sales', status: 'LEAVEEMPTY' })
  const { call: revised, events } = tell([explained, explained], call)
  t.match(events, [{ type: 'call.revised' }])
  t.equal(events.length, 1)
  t.match(revised && viewCall(revised), { queues: [{ outcome: 'leave-empty' }], revision: call.revision + 1 })
})

t.test('a caller goes from one queue to the next: nobody has said how, so it is inferred', async t => {
  const { call } = tell([
    ...waits,
    fact(9, ana, { type: 'queue.abandoned', queue: 'sales' }),
    fact(9, ana, { type: 'queue.left', queue: 'sales' }),
    fact(10, ana, { type: 'queue.joined', queue: 'desk' }),
  ])
  if (!call) throw new Error('no call')
  t.match(viewCall(call), {
    inferred: true,
    queues: [{ queue: 'sales', outcome: 'timeout', waitedMs: 8_000 }, { queue: 'desk' }],
  })
})

t.test(
  'a caller comes into the same queue again: each earlier visit is over by then, whatever comes of the last',
  async t => {
    const isOut = (s: number) =>
      (['queue.abandoned', 'queue.left'] as const).map(type => fact(s, ana, { type, queue: 'sales' }))
    const isInAgain = (s: number) => fact(s, ana, { type: 'queue.joined', queue: 'sales' })
    const thrice = [...waits, ...isOut(3), isInAgain(3), ...isOut(5), isInAgain(6)]
    const visitsAfter = (more: readonly LegFact[]) => {
      const { call } = tell([...thrice, ...more])
      return call && viewCall(call)
    }
    const earlier = [
      { outcome: 'timeout', waitedMs: 2_000 },
      { outcome: 'timeout', waitedMs: 2_000 },
    ]
    t.match(visitsAfter([]), { inferred: true, queues: [...earlier, { outcome: undefined }] })
    const connected = fact(8, ana, {
      type: 'agent.connected',
      queue: 'sales',
      phone: ben,
      member: { interface: 'PJSIP/1002', name: 'Ben' },
    })
    const answered = [...given.benIsDialled(7), given.rings(7), given.picksUp(8), connected]
    const talk = [given.enters(8, ana), given.enters(8, ben)]
    t.match(visitsAfter([...answered, ...talk]), { queues: [...earlier, { outcome: 'answered', extension: '1002' }] })
    const first = visitsAfter([...answered, ...talk])?.queues[0]
    t.equal(first?.answeredBy, undefined)
    const givesUp = [given.hangsUp(8, ana), ...isOut(8), given.isGone(8, ana)]
    t.match(visitsAfter(givesUp), { outcome: 'abandoned', queues: [...earlier, { outcome: 'abandoned' }] })
  },
)

t.test(
  'a member whose dialplan answers before a phone does: who goes first decides, and the member is named',
  async t => {
    const connected = [
      ...[...dialled.slice(0, 3), called, given.picksUp(2, one), given.picksUp(2, two)],
      fact(2, ana, { type: 'queue.left', queue: 'sales' }),
      fact(2, ana, {
        type: 'agent.connected',
        queue: 'sales',
        phone: one,
        member: { interface: 'Local/1002@agents', name: 'Ben' },
      }),
      ...[given.enters(2, one), given.enters(2, ana)],
    ]
    const ends = (s: number) => [ana, one, two, ben].map(of => given.isGone(s, of))
    const viewOf = (more: readonly LegFact[]) => {
      const { call } = tell([...waits, ...connected, ...more])
      return call && viewCall(call)
    }
    const visit = { outcome: 'answered', member: 'Ben', answeredBy: undefined, extension: undefined }
    const cancelled = { outcome: 'cancelled', endedBy: 'caller', answeredAt: undefined, queues: [visit] }
    t.match(viewOf([given.hangsUp(3, ana), ...ends(3)]), cancelled, 'in the prompt')
    const ringing = [...dialled.slice(3), given.rings(4)]
    t.match(viewOf([...ringing, given.hangsUp(5, ana), ...ends(5)]), cancelled, 'while the phone rings')
    const ringsOut = [given.dialEnds(7, 'NOANSWER'), given.hangsUp(7, two, 'pbx'), given.hangsUp(7, ana, 'pbx')]
    t.match(viewOf([...ringing, ...ringsOut, ...ends(7)]), { outcome: 'no-answer', endedBy: 'pbx', queues: [visit] })
  },
)

t.test('TIMEOUT(absolute) ends a call in a queue: nobody gave up, and the time of the queue was not over', async t => {
  const isOut = (s: number) =>
    (['queue.abandoned', 'queue.left'] as const).map(type => fact(s, ana, { type, queue: 'sales' }))
  const viaLocal = (status: 'CANCEL' | 'NOANSWER') => [
    ...[...dialled, called, given.rings(3)],
    ...[given.dialEnds(8, status, one), ...isOut(8), given.dialEnds(8, 'CANCEL')],
  ]
  const asked = fact(2, ana, { ...called, phone: ben, member: { interface: 'PJSIP/1002', name: 'Ben' } })
  const direct = (status: 'CANCEL' | 'NOANSWER') => [
    ...[...given.benIsDialled(2), asked, given.rings(3)],
    ...[given.dialEnds(8, status), given.dialEnds(8, 'CANCEL'), ...isOut(8)],
  ]
  const ends = [given.hangsUp(8, ana, 'pbx'), ...[ben, one, two, ana].map(of => given.isGone(8, of))]
  const viewOf = (facts: readonly LegFact[]) => {
    const { call } = tell([...waits, ...facts])
    return call && viewCall(call)
  }
  for (const rung of [viaLocal, direct]) {
    const cut = { outcome: 'abandoned', endedBy: 'pbx', inferred: undefined, queues: [{ outcome: 'abandoned' }] }
    t.match(viewOf([...rung('CANCEL'), ...ends]), cut)
    const timedOut = { outcome: 'no-answer', endedBy: 'pbx', inferred: true, queues: [{ outcome: 'timeout' }] }
    t.match(viewOf([...rung('NOANSWER'), ...ends]), timedOut, 'the time of the queue was over')
    const goesOn = fact(9, ana, { type: 'queue.joined', queue: 'desk' })
    const led = { inferred: true, queues: [{ outcome: 'left' }, { queue: 'desk' }] }
    t.match(viewOf([...rung('CANCEL'), goesOn]), led, 'the dialplan leads the caller on')
  }
})

t.test('a caller behind a Local pair is parked again, by whoever has fetched the other end of the pair', async t => {
  const cleo = given.leg('1.3')
  const inOther = (s: number, leg: typeof ana, bridge: string) =>
    fact(s, leg, { type: 'bridge.entered', bridge, holding: false })
  const isOut = (s: number, leg: typeof ana, bridge: string) => fact(s, leg, { type: 'bridge.left', bridge })
  const talk = [
    ...[...dialled, called, given.rings(3), given.picksUp(4), given.dialEnds(4, 'ANSWER')],
    ...[inOther(4, ben, 'b2'), inOther(4, two, 'b2'), fact(4, ana, { type: 'queue.left', queue: 'sales' })],
    ...[given.enters(4, one), given.enters(4, ana)],
  ]
  const parkedOnce = [isOut(6, two, 'b2'), fact(6, two, { type: 'park.begun', space: '701', by: 'PJSIP/1002' })]
  const fetched = [
    ...[isOut(7, ben, 'b2'), given.isGone(7, ben)],
    ...[given.appears(8, { of: cleo, endpoint: '1003', linked: ana, dials: '701' }), given.picksUp(8, cleo)],
    ...[fact(8, two, { type: 'park.ended' }), inOther(8, two, 'b3'), inOther(8, cleo, 'b3')],
  ]
  const again = [
    given.leaves(9, ana),
    fact(9, ana, { type: 'park.begun', space: '701', by: 'Local/1002@agents' }),
    ...[isOut(12, cleo, 'b3'), given.isGone(12, cleo)],
  ]
  const { call } = tell([...waits, ...talk, ...parkedOnce, ...fetched, ...again])
  if (!call) throw new Error('no call')
  const { legs, segments } = viewCall(call)
  t.match(
    legs.map(l => l.reason),
    [undefined, 'parked', 'parked'],
  )
  t.strictSame(
    segments.slice(-4).map(s => [s.kind, s.legs]),
    [
      ['talk', [ana, ben]],
      ['park', [ana]],
      ['talk', [ana, cleo]],
      ['park', [ana]],
    ],
  )
})

t.test(
  'whom a Local pair leads to is sent into the same queue again: the phones are behind the pair rung for that',
  async t => {
    const [three, four, again] = [given.leg('1.7'), given.leg('1.8'), given.leg('1.9')]
    const sentOn = [
      ...[...dialled, called, given.rings(3), given.picksUp(4), given.picksUp(4, one), given.picksUp(4, two)],
      ...[given.dialEnds(4, 'ANSWER'), given.dialEnds(4, 'ANSWER', one)],
      fact(4, ana, { type: 'queue.left', queue: 'sales' }),
      fact(4, ana, { type: 'agent.connected', queue: 'sales', phone: one, member: { interface: '', name: 'Ben' } }),
      ...[given.enters(4, one), given.enters(4, ana)],
      fact(6, two, { type: 'queue.joined', queue: 'sales' }),
      ...[half(6, three, 1), half(6, four, 2), fact(6, three, { type: 'local.joined', other: four })],
      fact(6, three, { type: 'dial.begun', by: two, dialled: '', shown: '' }),
      given.appears(6, { of: again, endpoint: '1002', linked: ana }),
      fact(6, again, { type: 'dial.begun', by: four, dialled: '1002', shown: '' }),
    ]
    const { call } = tell([...waits, fact(2, one, { type: 'dial.begun', by: ana, dialled: '', shown: '' }), ...sentOn])
    t.strictSame(call && viewCall(call).offers.map(o => [o.queue, o.via]), [
      ['sales', one],
      ['sales', three],
    ])
  },
)

t.test(
  'a call that is sent on: the next phone is told to be rung before the ringing of the first is told to be over',
  async t => {
    for (const story of ['forwarded', '16/forwarded']) {
      const facts = factsIn(story)
      const { leg } = facts.find(f => f.type === 'dial.ended' && f.forwardedTo !== undefined) as LegFact
      const isOfIt = (f: Fact) => (f.type === 'dial.ended' || f.type === 'channel.gone') && f.leg === leg
      const rung = facts.findLast(f => f.type === 'dial.begun') as LegFact
      const late = facts.filter(isOfIt).map(f => ({ ...f, at: rung.at + 1 }))
      const told = facts.filter(f => !isOfIt(f)).flatMap(f => (f === rung ? [f, ...late] : [f]))
      const [call] = lastOfEach(tellAll(told.map(f => ({ ...f, atUs: undefined }) as unknown as Fact)))
      t.match(call, { outcome: 'answered', transfers: [{ kind: 'forward', outcome: 'answered' }] }, story)
    }
  },
)

t.test('the space may be told before the phone that asks for it has come into its bridge', async t => {
  for (const story of ['parked-attended-command', '16/parked-attended-command', 'queue-local-parked-attended']) {
    const facts = factsIn(story).map(f => ({ ...f, atUs: undefined }) as unknown as Fact)
    const parked = facts.find(f => f.type === 'park.begun')
    if (!parked) throw new Error('it was parked')
    const others = facts.filter(f => f !== parked)
    const entered = facts.findLastIndex((f, i) => f.type === 'bridge.entered' && i < facts.indexOf(parked))
    for (const before of [entered, entered - 1, entered - 2]) {
      const [call] = lastOfEach(tellAll(others.toSpliced(before, 0, parked)))
      const parks = call?.segments.filter(({ kind }) => kind === 'park')
      t.match(
        parks,
        [
          { legs: [/./], name: '701' },
          { legs: [/./], name: '701' },
        ],
        `${story} ${before}`,
      )
      t.match(call?.legs.find(({ extension }) => extension === '1001')?.reason, 'transferred')
      t.match(call?.transfers, [{ outcome: 'parked', to: { number: '700' } }])
    }
  }
})

t.test('who asks for a parking space, and has handed nobody over, has parked nobody', async t => {
  for (const story of ['parked-attended-code', '16/parked-attended-code']) {
    const facts = factsIn(story)
    const parked = facts.findIndex(f => f.type === 'park.begun')
    const customer = facts.find(f => f.type === 'channel.created') as LegFact
    const ana = facts.find(f => f.type === 'dial.begun') as LegFact
    const at = (facts[parked]?.at ?? 0) + 1_000
    const end = (leg: LegFact['leg']): LegFact[] => [
      { type: 'hangup.asked', at: at as LegFact['at'], leg, by: 'far-side' },
      { type: 'channel.gone', at: at as LegFact['at'], leg, causeQ850: 16 },
    ]
    const [call] = lastOfEach(tellAll([...facts.slice(0, parked + 1), ...end(ana.leg), ...end(customer.leg)]))
    t.match(call, { legs: [{}, { extension: '1001', reason: 'hung-up' }], transfers: [] }, story)
  }
})
