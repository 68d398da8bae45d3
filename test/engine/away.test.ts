/** What happens while nothing is heard of the PBX: answers, rings in vain, holds and parking, as its lists show them afterwards. */
import t from 'tap'
import type { BridgeId, LegId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import type { ChannelSeen, Fact, LegFact, MemberSeen, PhoneState, QueueSeen } from '../../src/pbx/facts.js'
import {
  ana,
  anaDials,
  appears,
  at,
  ben,
  benIsDialled,
  channel,
  dialEnds,
  end,
  enters,
  hangsUp,
  isGone,
  leg,
  picksUp,
  rings,
  theyTalk,
} from '../given/calls.js'
import { down, up } from '../given/engine.js'
import { lastOfEach, tellAll } from '../given/recording.js'

const cleo = leg('1.3')

/** Two who talk are in `b1`. */
const talking = (id: LegId, endpoint: string, more: Partial<ChannelSeen> = {}) =>
  channel(id, endpoint, { bridge: 'b1' as BridgeId, ...more })

const phone = (device: string, state: PhoneState) => ({ device: `PJSIP/${device}`, phone: state })
type Also = { queues?: QueueSeen[]; phones?: { device: string; phone: PhoneState }[] }
/** Nothing is heard from second 10 to second 30; then these channels are there. */
const away = (channels: ChannelSeen[], also: Also = {}): Fact[] => [
  down(10),
  up(30),
  { type: 'pbx.seen', at: at(30), channels, ...also },
]

/** The last of the one call, and what was told of it. */
function told(facts: readonly Fact[]): { call: CallView; types: string[] } {
  const events = tellAll(facts).filter(e => e.type.startsWith('call.'))
  const [call, ...others] = lastOfEach(events)
  if (!call || others.length > 0) throw new Error(`${others.length + 1} calls`)
  return { call, types: events.map(e => e.type) }
}

const rung = (): LegFact[] => [anaDials(0), ...benIsDialled(1), rings(2)]
const ended = (s: number): LegFact[] => end(s, ana)

t.test('a phone that rang has been answered: until then it rang, and nobody was on hold', async t => {
  const facts = [...rung(), ...away([talking(ana, '1001'), talking(ben, '1002', { outgoing: true })])]
  t.match(told(facts).call, { state: 'talking', inferred: true })
  const { call, types } = told([...facts, ...ended(50)])
  t.match(call, {
    outcome: 'answered',
    endedBy: 'caller',
    talkedMs: 20_000,
    heldMs: 0,
    offers: [{ leg: ben, result: 'answered', endedAt: new Date(at(30)).toISOString() }],
    agents: [{ extension: '1001' }, { extension: '1002', rangMs: 28_000, talkedMs: 20_000 }],
  })
  t.strictSame(types, ['call.started', 'call.ringing', 'call.answered', 'call.ended'])
})

t.test('a bridge says when it was made: in the gap, then; before it, or in the future, nothing', async t => {
  for (const [madeAt, answeredAt] of [
    [at(14), at(14)],
    [at(9), at(30)],
    [at(31), at(30)],
    [undefined, at(30)],
  ] as const) {
    const made = madeAt === undefined ? {} : { bridgeMadeAt: madeAt }
    const both = [talking(ana, '1001', made), talking(ben, '1002', { outgoing: true, ...made })]
    const { call } = told([...rung(), ...away(both), ...ended(50)])
    const rang = answeredAt - at(2)
    t.match(call, {
      ...{ answeredAt: new Date(answeredAt).toISOString(), inferred: true, talkedMs: at(50) - answeredAt },
      agents: [{ extension: '1001' }, { extension: '1002', rangMs: rang, talkedMs: at(50) - answeredAt }],
    })
  }
  const waits: LegFact[] = [
    anaDials(0, '2000'),
    picksUp(0, ana),
    { type: 'queue.joined', at: at(1), leg: ana, queue: 'sales' },
  ]
  const made = { bridgeMadeAt: at(14) }
  const seen = [talking(ana, 'trunk', made), talking(ben, '1002', { outgoing: true, ...made })]
  const { call } = told([...waits, ...benIsDialled(1), rings(2), ...away(seen), ...ended(50)])
  t.match(call.queues, [{ queue: 'sales', outcome: 'answered', waitedMs: 13_000 }])
})

t.test('two phones rang, and one has been answered', async t => {
  const both = [
    ...rung(),
    appears(1, { of: cleo, endpoint: '1003', linked: ana }),
    { type: 'dial.begun', at: at(1), leg: cleo, by: ana, dialled: '1003', shown: '' } as LegFact,
    rings(2, cleo),
  ]
  const { call } = told([...both, ...away([talking(ana, '1001'), talking(cleo, '1003')])])
  t.match(call.offers, [
    { leg: ben, result: 'answered-elsewhere' },
    { leg: cleo, result: 'answered' },
  ])
})

t.test('a phone has rung in vain, and the caller it rang for is still there', async t => {
  const { call } = told([...rung(), ...away([channel(ana, '1001')]), isGone(50, ana)])
  t.match(call, { offers: [{ leg: ben, result: 'no-answer' }], legs: [{}, { reason: 'lost' }] })
})

t.test('the caller is gone with the phone that rang: who gave up is unknown', async t => {
  const { call } = told([...rung(), ...away([])])
  t.match(call, { outcome: 'lost', endedBy: 'unknown', inferred: true, offers: [{ result: 'lost' }] })
  const had = told([...rung(), hangsUp(9, ana), ...away([])])
  t.match(had.call.offers, [{ result: 'caller-gave-up' }], 'unless they had hung up before')
})

t.test('a phone that was not known to be rung rings, and is answered', async t => {
  const rang = [
    anaDials(0),
    ...away([
      channel(ana, '1001', { state: 'down' }),
      channel(ben, '1002', { state: 'ringing', outgoing: true, since: at(20) }),
    ]),
  ]
  t.match(told(rang).call, { state: 'ringing', offers: [{ leg: ben, extension: '1002' }] })
  const answered = [
    anaDials(0),
    ...away([talking(ana, '1001'), talking(ben, '1002', { outgoing: true, since: at(20) })]),
  ]
  t.match(told(answered).call, { offers: [{ leg: ben, result: 'answered' }], legs: [{}, { side: 'callee' }] })
  const dialledItself = [...theyTalk(), ...away([talking(ana, '1001'), talking(ben, '1002'), talking(cleo, '1003')])]
  t.equal(told(dialledItself).call.offers.length, 1, 'a phone that came by dialling was offered nothing')
})

const member = (name: string, of: string): MemberSeen => ({
  queue: 'sales',
  interface: of,
  name,
  kind: 'static',
  phone: 'in-use',
  penalty: 0,
  paused: false,
  calls: 0,
})
const sales: QueueSeen = {
  name: 'sales',
  strategy: 'ringall',
  members: [member('Ben', 'PJSIP/1002'), member('Cleo', 'Local/1003@agents/n')],
}
const inQueue = (): LegFact[] => [
  appears(0, { of: ana, endpoint: 'trunk', number: '491701234567', dials: '2000' }),
  { type: 'channel.changed', at: at(1), leg: ana, state: 'up' },
  { type: 'queue.joined', at: at(2), leg: ana, queue: 'sales', position: 1 },
]

t.test('a caller in a queue has been answered by a member who was rung meanwhile', async t => {
  const seen = [talking(ana, 'trunk'), talking(ben, '1002', { outgoing: true, since: at(20) })]
  const { call } = told([...inQueue(), ...away(seen, { queues: [sales] })])
  t.match(call, {
    state: 'talking',
    inferred: true,
    queues: [{ queue: 'sales', outcome: 'answered', answeredBy: ben, waitedMs: 28_000 }],
    offers: [{ leg: ben, queue: 'sales', extension: '1002', result: 'answered' }],
  })
})

t.test('a member is rung behind a Local pair', async t => {
  const [one, two] = [leg('1.4'), leg('1.5')]
  const half = (id: LegId, end: string, pair: LegId) =>
    channel(id, '', { name: `Local/1003@agents-00000001;${end}`, pair, since: at(20), state: 'down' })
  const seen = [
    channel(ana, 'trunk', { queue: { name: 'sales', since: at(2), position: 1 } }),
    { ...half(one, '1', two), outgoing: true as const },
    half(two, '2', one),
    channel(cleo, '1003', { state: 'ringing', outgoing: true, since: at(20) }),
  ]
  const { call } = told([...inQueue(), ...away(seen, { queues: [sales] })])
  t.match(call, { offers: [{ leg: cleo, queue: 'sales', extension: '1003' }], queues: [{ queue: 'sales' }] })
})

/** A channel of `Local/…`, and what it dials. */
const halves = (extension: string, [one, two]: readonly [LegId, LegId], dials = `PJSIP/${extension}`) => {
  const half = (id: LegId, n: number, pair: LegId, more: Partial<ChannelSeen>) =>
    channel(id, '', { name: `Local/${extension}@agents-00000001;${n}`, pair, since: at(20), state: 'down', ...more })
  return [half(one, 1, two, { outgoing: true }), half(two, 2, one, { dials })]
}

t.test('a phone behind a Local pair that stays, first rung meanwhile, rings out: as the queue says', async t => {
  const pair = [leg('1.4'), leg('1.5')] as const
  const phone = leg('1.6')
  const seen = [
    channel(phone, '1003', { state: 'ringing', outgoing: true, since: at(20) }),
    ...halves('1003', pair).reverse(),
    channel(ana, 'trunk', { queue: { name: 'sales', since: at(2), position: 1 } }),
  ]
  const end = (of: LegId, status: 'NOANSWER' | 'CANCEL'): LegFact => ({
    type: 'dial.ended',
    at: at(40),
    leg: of,
    status,
  })
  const ringsOut = [end(pair[0], 'NOANSWER'), end(pair[0], 'CANCEL'), end(phone, 'CANCEL'), isGone(41, phone)]
  const { call } = told([...inQueue(), ...away(seen, { queues: [sales] }), ...ringsOut])
  t.match(call.offers, [
    { leg: phone, queue: 'sales', member: 'Cleo', via: pair[0], extension: '1003', result: 'no-answer' },
  ])
  const other = [...halves('1003', pair, 'PJSIP/1004'), seen[0], seen[3]] as ChannelSeen[]
  const { call: unknown } = told([...inQueue(), ...away(other, { queues: [sales] }), ...ringsOut])
  t.match(unknown.offers, [{ leg: phone, via: undefined }], 'not one that dials somebody else')
})

t.test('a phone behind a Local pair that stays, rung and answered meanwhile', async t => {
  const pair = [leg('1.4'), leg('1.5')] as const
  const phone = leg('1.6')
  const [one, two] = halves('1003', pair) as [ChannelSeen, ChannelSeen]
  const seen = [
    talking(ana, 'trunk'),
    { ...one, state: 'up' as const, bridge: 'b1' as BridgeId },
    { ...two, state: 'up' as const, bridge: 'b2' as BridgeId },
    channel(phone, '1003', { outgoing: true, since: at(20), bridge: 'b2' as BridgeId }),
  ]
  const { call } = told([...inQueue(), ...away(seen, { queues: [sales] })])
  t.match(call, {
    state: 'talking',
    offers: [{ leg: phone, queue: 'sales', member: 'Cleo', via: pair[0], result: 'answered' }],
    queues: [{ queue: 'sales', outcome: 'answered', answeredBy: phone, member: 'Cleo' }],
  })
})

t.test('a member behind a Local pair has sent the caller on: who rings then is not rung by the queue', async t => {
  const pair = [leg('1.4'), leg('1.5')] as const
  const [phone, other] = [leg('1.6'), leg('1.7')]
  const [one, two] = halves('1003', pair, 'PJSIP/1002') as [ChannelSeen, ChannelSeen]
  const served = [
    talking(ana, 'trunk'),
    { ...one, state: 'up' as const, bridge: 'b1' as BridgeId },
    { ...two, state: 'up' as const, bridge: 'b2' as BridgeId, dials: 'PJSIP/1003' },
    channel(phone, '1003', { outgoing: true, since: at(20), bridge: 'b2' as BridgeId }),
  ]
  const sentOn = [
    ...served.slice(0, 2),
    { ...two, state: 'up' as const },
    channel(other, '1002', { state: 'ringing', outgoing: true, since: at(35) }),
  ]
  const later: Fact[] = [down(31), up(40), { type: 'pbx.seen', at: at(40), channels: sentOn }]
  const { call } = told([...inQueue(), ...away(served, { queues: [sales] }), ...later])
  t.match(call.offers, [
    { leg: phone, queue: 'sales', member: 'Cleo', result: 'answered' },
    { leg: other, queue: undefined, member: undefined, via: undefined, extension: '1002' },
  ])
})

t.test('who dialled a phone meanwhile, of several: the youngest of the same call that was there before', async t => {
  const mobile = leg('1.9')
  const dials = 'PJSIP/1002&PJSIP/13800000001@trunk'
  const seen = (more: Partial<ChannelSeen>) => [
    channel(ana, '1001', { state: 'down', dials: 'PJSIP/1002' }),
    channel(leg('1.7'), '1003', { dials, state: 'ringing', outgoing: true }),
    channel(leg('9.1'), '1004', { linked: leg('9.1'), dials }),
    channel(mobile, 'trunk', { state: 'ringing', outgoing: true, caller: { number: '', name: '' }, ...more }),
  ]
  const facts = [anaDials(0), ...away(seen({}))]
  const all = lastOfEach(tellAll(facts).filter(e => e.type.startsWith('call.')))
  const offers = all.find(call => call.legs.some(l => l.id === mobile))?.offers
  t.match(
    offers?.find(o => o.leg === mobile),
    { number: '13800000001' },
    'and the number that was dialled',
  )
})

/** Ben's phone is up, and asked for a key; his `Dial()` has joined them with nobody. */
const asked = (more: Partial<ChannelSeen> = {}) => [
  channel(ana, '1001', { state: 'down', dials: 'PJSIP/1002' }),
  channel(ben, '1002', more),
]
const refuses = (s: number): LegFact[] => [
  { type: 'dial.ended', at: at(s), leg: ben, by: ana, status: 'CONTINUE' },
  isGone(s, ben),
  isGone(s + 1, ana),
]
const accepts = (s: number): LegFact[] => [dialEnds(s, 'ANSWER'), picksUp(s, ana), enters(s, ben), enters(s, ana)]

t.test('a gap ends while a key is to be pressed: what is pressed counts', async t => {
  for (const before of [rung(), [anaDials(0)]]) {
    const prompted = [...before, ...away(asked())]
    t.match(told([...prompted, ...refuses(40)]).call, { talkedMs: 0, offers: [{ leg: ben, result: 'not-accepted' }] })
    const { call, types } = told([...prompted, ...accepts(40), ...ended(50)])
    t.match(call, { outcome: 'answered', talkedMs: 10_000, offers: [{ leg: ben, result: 'answered' }] })
    t.notOk(types.includes('call.held'))
  }
})

t.test('a gap begins while a key is to be pressed: who talks afterwards has answered', async t => {
  const prompted = [...rung(), picksUp(5)]
  const both = [talking(ana, '1001', { dials: 'PJSIP/1002' }), talking(ben, '1002', { outgoing: true })]
  const { call, types } = told([...prompted, ...away(both), ...ended(50)])
  t.match(call, {
    outcome: 'answered',
    talkedMs: 20_000,
    heldMs: 0,
    offers: [{ leg: ben, result: 'answered' }],
    agents: [{ extension: '1001' }, { extension: '1002', rangMs: 3_000 }],
  })
  t.strictSame(types, ['call.started', 'call.ringing', 'call.answered', 'call.ended'])
  t.match(
    told([...prompted, ...away(asked()), ...refuses(40)]).call.offers,
    [{ result: 'not-accepted' }],
    'still asked',
  )
  t.match(told([...prompted, ...away([channel(ana, '1001')]), isGone(50, ana)]).call.offers, [
    { result: 'not-accepted' },
  ])
})

t.test('what ends when the link is up again, and before the lists have come, was not told in full', async t => {
  const nobody: Fact = { type: 'pbx.seen', at: at(33), channels: [] }
  t.match(told([...theyTalk(), down(10), up(30), ...end(31, ana), nobody]).call, {
    outcome: 'answered',
    inferred: true,
  })
  const alone = [anaDials(31), picksUp(31, ana), enters(31, ana), hangsUp(32, ana), isGone(32, ana)]
  t.match(told([down(10), up(30), ...alone, nobody]).call, { inferred: true })
})

t.test('one has put the other on hold, and has taken them back', async t => {
  const both = [talking(ana, '1001'), talking(ben, '1002')]
  const held = away(both, { phones: [phone('1001', 'on-hold'), phone('1002', 'in-use')] })
  t.match(told([...theyTalk(), ...held]).call, { state: 'held', segments: [{}, { kind: 'talk' }, { kind: 'hold' }] })
  const back = away(both, { phones: [phone('1001', 'in-use'), phone('1002', 'in-use')] })
  const before: LegFact = { type: 'hold.begun', at: at(8), leg: ben }
  t.match(told([...theyTalk(), before, ...back]).call, { state: 'talking' })
  const byCommand: LegFact = { type: 'hold.begun', at: at(8), leg: ben, to: ana }
  t.match(told([...theyTalk(), byCommand, ...back]).call, { state: 'held' }, 'a command holds without the phones')
  const another = channel(leg('9.1'), '1001', { linked: leg('9.1'), bridge: 'b9' as BridgeId })
  const more = away([...both, another], { phones: [phone('1001', 'on-hold'), phone('1002', 'in-use')] })
  t.match(
    lastOfEach(tellAll([...theyTalk(), ...more]).filter(e => e.type.startsWith('call.')))[0],
    { state: 'talking' },
    'a phone with two calls says nothing of one',
  )
})

t.test(
  'one was on hold, was parked and is fetched, and the phone that parked them is not gone yet: a talk',
  async t => {
    const before: LegFact = { type: 'hold.begun', at: at(8), leg: ben }
    const fetched = channel(cleo, '1003', { linked: cleo, since: at(20), bridge: 'b2' as BridgeId })
    const seen = [channel(ana, '1001', { bridge: 'b2' as BridgeId }), talking(ben, '1002'), fetched]
    const all = lastOfEach(tellAll([...theyTalk(), before, ...away(seen)]).filter(e => e.type.startsWith('call.')))
    const [call] = all.filter(({ mergedInto }) => mergedInto === undefined)
    t.match(call?.segments.map(({ kind }) => kind).slice(1), ['talk', 'hold', 'talk'])
    t.match(call?.segments.at(-1), { legs: [ana, cleo] })
  },
)

t.test('one has been parked by the other, since when the PBX says', async t => {
  const parked = { lot: 'default', space: '701', by: 'PJSIP/1002', since: at(20) }
  const facts = [...theyTalk(), ...away([channel(ana, '1001', { parked })])]
  t.match(told(facts).call.state, 'parked')
  t.ok(told(facts).types.includes('call.parked'))
  t.match(told([...facts, isGone(50, ana)]).call, {
    segments: [{}, { kind: 'talk', endedAt: new Date(at(20)).toISOString() }, { kind: 'park', name: '701' }],
    legs: [{}, { reason: 'parked' }],
  })
  const elsewhere = { ...parked, space: '702', since: at(25) }
  const first: LegFact = { type: 'park.begun', at: at(8), leg: ana, lot: 'default', space: '701', by: '' }
  const again = told([...theyTalk(), first, isGone(9, ben), ...away([channel(ana, '1001', { parked: elsewhere })])])
  t.match(
    again.call.segments.filter(({ kind }) => kind === 'park'),
    [
      { kind: 'park', name: '701', endedAt: new Date(at(25)).toISOString() },
      { kind: 'park', name: '702' },
    ],
  )
})

t.test('one has been transferred: the talk with the other begins when it is seen', async t => {
  const seen = [talking(ana, '1001'), talking(cleo, '1003', { outgoing: true, since: at(20) })]
  const { call } = told([...theyTalk(), ...away(seen), hangsUp(50, ana), isGone(50, cleo), isGone(50, ana)])
  t.match(call, {
    outcome: 'answered',
    inferred: true,
    agents: [{ extension: '1001' }, { extension: '1002', talkedMs: 25_000 }, { extension: '1003', talkedMs: 20_000 }],
  })
})
