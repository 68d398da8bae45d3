/** Stories of a call, and every state against every fact. */
import t from 'tap'
import { viewCall } from '../../src/calls/view.js'
import type { CallView } from '../../src/events/call.js'
import type { LegFact, TimerFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'

const { ana, ben, tell, anaDials, benIsDialled, rings, theyTalk, end, settles, hangsUp, isGone, dialEnds, isLost } =
  given

function last(facts: readonly (LegFact | TimerFact)[]): CallView {
  const { events } = tell(facts)
  const event = events.at(-1)
  if (!event) throw new Error('nothing was told')
  return viewCall(event.call)
}
const types = (facts: readonly (LegFact | TimerFact)[]) => tell(facts).events.map(e => e.type)

t.test('Ana calls Ben, they talk 15 s, Ben hangs up', async t => {
  const story = [...theyTalk(), ...end(20, ben), settles(22)]
  t.strictSame(types(story), ['call.started', 'call.ringing', 'call.answered', 'call.ended', 'call.recorded'])
  const call = last(story)
  t.match(call, {
    id: 'hq:1.1',
    state: 'ended',
    direction: 'internal',
    from: { number: '1001', extension: '1001' },
    to: { number: '1002', extension: '1002' },
    durationMs: 20_000,
    waitedMs: 5_000,
    talkedMs: 15_000,
    outcome: 'answered',
    endedBy: 'callee',
    causeQ850: 16,
    offers: [{ extension: '1002', result: 'answered' }],
    segments: [
      { kind: 'offer', legs: ['1.1'], durationMs: 4_000 },
      { kind: 'talk', legs: ['1.1', '1.2'], durationMs: 15_000 },
    ],
  })
  t.equal(tell(story).call, undefined, 'a recorded call is kept no longer')
})

t.test('whoever hangs up first has ended the call', async t => {
  t.equal(last([...theyTalk(), ...end(20, ana)]).endedBy, 'caller')
  t.equal(last([...theyTalk(), hangsUp(19, ana, 'command'), ...end(20, ben)]).endedBy, 'command')
  t.equal(last([...theyTalk(), hangsUp(19, ana, 'pbx'), isGone(20, ben), isGone(20, ana)]).endedBy, 'pbx')
})

t.test('a command that the PBX refused has ended nothing', async t => {
  const asked = [...theyTalk(), hangsUp(19, ana, 'command')]
  const withdrawn: LegFact = { type: 'hangup.withdrawn', at: given.at(19), leg: ana }
  t.equal(last([...asked, withdrawn, ...end(20, ben)]).endedBy, 'callee')
  t.strictSame(tell([...theyTalk(), withdrawn]).call, tell(theyTalk()).call)
})

t.test('Ben is busy: his phone refuses, and Ana is told so', async t => {
  const story = [
    anaDials(0),
    ...benIsDialled(1),
    hangsUp(2, ben, 'far-side', 17),
    isGone(2, ben, 17),
    dialEnds(2, 'BUSY'),
    isGone(3, ana, 17),
  ]
  t.match(last(story), { outcome: 'busy', endedBy: 'callee', causeQ850: 17, offers: [{ result: 'busy' }], talkedMs: 0 })
})

t.test('Ben declines: Asterisk calls that unavailable, the cause tells the truth', async t => {
  const story = [
    anaDials(0),
    ...benIsDialled(1),
    rings(1),
    hangsUp(2, ben, 'far-side', 21),
    dialEnds(2, 'CHANUNAVAIL'),
    isGone(2, ben, 21),
    isGone(3, ana, 21),
  ]
  t.match(last(story), { outcome: 'rejected', endedBy: 'callee', causeQ850: 21, offers: [{ result: 'rejected' }] })
})

t.test('nobody answers until the PBX gives up', async t => {
  const story = [
    anaDials(0),
    ...benIsDialled(1),
    rings(1),
    dialEnds(31, 'NOANSWER'),
    isGone(31, ben, 16),
    isGone(31, ana, 19),
  ]
  t.match(last(story), { outcome: 'no-answer', endedBy: 'pbx', offers: [{ result: 'no-answer' }] })
})

t.test('Ana gives up while it rings', async t => {
  const story = [
    anaDials(0),
    ...benIsDialled(1),
    rings(1),
    hangsUp(9, ana, 'far-side', 127),
    dialEnds(9, 'CANCEL'),
    isGone(9, ben, 16),
    isGone(9, ana, 127),
  ]
  t.match(last(story), { outcome: 'cancelled', endedBy: 'caller', offers: [{ result: 'caller-gave-up' }] })
})

t.test('two phones ring, one answers: the other has not missed the call', async t => {
  const cleo = given.leg('1.3')
  const story = [
    anaDials(0, '1900'),
    ...benIsDialled(1),
    ...benIsDialled(1, '1003', cleo),
    rings(2),
    rings(2, cleo),
    given.picksUp(4),
    dialEnds(4, 'ANSWER'),
    dialEnds(4, 'CANCEL', cleo),
    isGone(4, cleo, 26),
    given.enters(4, ben),
    given.enters(4, ana),
    ...end(9, ana),
  ]
  t.strictSame(types(story), ['call.started', 'call.ringing', 'call.ringing', 'call.answered', 'call.ended'])
  t.match(last(story).offers, [
    { extension: '1002', result: 'answered' },
    { extension: '1003', result: 'answered-elsewhere' },
  ])
})

t.test('direction comes from the trunk that a leg stands on', async t => {
  const inbound = given.appears(0, { of: ana, endpoint: 'trunk', number: '030123456', name: 'Kunde', dials: '1002' })
  t.match(last([inbound]), {
    direction: 'inbound',
    from: { number: '030123456', e164: '+4930123456', name: 'Kunde' },
    to: { extension: '1002' },
  })
  t.match(last([anaDials(0, '030123456')]), { direction: 'outbound', to: { e164: '+4930123456' } })
  const toTrunk = [anaDials(0, '1900'), ...benIsDialled(1, 'trunk'), rings(2)]
  t.equal(last(toTrunk).direction, 'outbound')
})

t.test(
  'the daemon dials: the phone that rings first is the caller, and the call begins when its target is known',
  async t => {
    const own = given.leg('aladdin-c0ffee')
    const rung = given.appears(0, { of: own, number: '' })
    t.strictSame(types([rung]), [])
    const named: LegFact = { type: 'dial.begun', at: given.at(0), leg: own, dialled: '1001', shown: '1002' }
    t.match(last([rung, named]), {
      id: 'hq:aladdin-c0ffee',
      causedBy: 'c0ffee',
      from: { extension: '1001' },
      to: { extension: '1002' },
    })
    t.strictSame(types([rung, named, rings(1, own)]), ['call.started'], 'that it rings offers the call to nobody')
  },
)

t.test('halves of a Local pair are nobody, but keep the call alive', async t => {
  const half = { ...given.appears(1, { of: ben, linked: ana }), name: 'Local/1002@x-0001;1' } as LegFact
  const story = [anaDials(0), half, isGone(5, ana)]
  t.strictSame(types(story), ['call.started'])
  t.strictSame(
    last([...story, isGone(6, ben)]).legs.map(l => l.id),
    [ana],
  )
})

t.test('a call that is lost with the link says so', async t => {
  const call = last([...theyTalk(), isLost(60, ana), isLost(60, ben)])
  t.match(call, { outcome: 'answered', endedBy: 'unknown', inferred: true, talkedMs: 55_000 })
  t.match(last([anaDials(0), isLost(60, ana)]), { outcome: 'lost', endedBy: 'unknown', inferred: true })
})

t.test('they leave a bridge into which nobody was heard to come: what is told of the call is not certain', async t => {
  const heard = theyTalk().filter(f => f.type !== 'bridge.entered' && f.type !== 'dial.ended')
  t.match(last([...heard, ...end(20, ana)]), { inferred: true })
  t.equal(last([anaDials(0), ...benIsDialled(1), rings(2), isGone(9, ben), isGone(9, ana)]).inferred, undefined)
})

t.test('a waiting room is no conversation', async t => {
  t.strictSame(types([anaDials(0), ...benIsDialled(1), given.enters(2, ana, true), given.enters(2, ben, true)]), [
    'call.started',
  ])
})

t.test('hearing any fact twice in a row tells nothing new', async t => {
  const story = [...theyTalk(), ...end(20, ben)]
  const twice = story.flatMap(fact => [fact, fact])
  t.strictSame(tell(twice), tell(story))
})

t.test('an ended call never changes', async t => {
  const ended = tell([...theyTalk(), ...end(20, ben)]).call
  for (const fact of [...theyTalk(), ...end(30, ana), rings(31)]) t.equal(tell([fact], ended).call, ended, fact.type)
})

t.test('every state against every fact', async t => {
  const states = {
    none: [],
    started: [anaDials(0), ...benIsDialled(1)],
    ringing: [anaDials(0), ...benIsDialled(1), rings(2)],
    talking: theyTalk(),
    ended: [...theyTalk(), ...end(20, ben)],
  }
  const facts = {
    created: given.appears(30, { of: given.leg('1.9'), endpoint: '1009', linked: ana }),
    ringing: rings(30),
    up: given.picksUp(30),
    dialled: { type: 'dial.begun', at: given.at(30), leg: ben, by: ana, dialled: '1002', shown: '1001' } as LegFact,
    dialEnded: dialEnds(30, 'NOANSWER'),
    entered: given.enters(30, ben),
    left: given.leaves(30, ben),
    asked: hangsUp(30, ana),
    gone: isGone(30, ben),
    unknown: rings(30, given.leg('9.9')),
    settled: settles(30),
  }
  type Cell = [state: string, ...events: string[]]
  const table: Record<keyof typeof states, Record<keyof typeof facts, Cell>> = {
    // A phone that has dialled nothing may have been rung: whose call it is shows later.
    none: row('none', { created: ['started'] }),
    started: row('started', { ringing: ['ringing', 'call.ringing'] }),
    ringing: row('ringing', { dialEnded: ['ringing', 'call.unanswered'] }),
    talking: row('talking', {}),
    ended: row('ended', { settled: ['none', 'call.recorded'] }),
  }
  function row(same: string, changes: Partial<Record<keyof typeof facts, Cell>>): Record<keyof typeof facts, Cell> {
    const cells = Object.keys(facts).map(name => [name, [same]])
    return { ...(Object.fromEntries(cells) as Record<keyof typeof facts, Cell>), ...changes }
  }
  for (const [state, story] of Object.entries(states) as [keyof typeof states, LegFact[]][]) {
    const from = tell(story).call
    for (const [name, fact] of Object.entries(facts) as [keyof typeof facts, LegFact][]) {
      const { call, events } = tell([fact], from)
      t.strictSame(
        [call?.progress.state ?? 'none', ...events.map(e => e.type)],
        table[state][name],
        `${state} x ${name}`,
      )
    }
  }
})

t.test('a line that fails is unavailable, whatever Dial says: nobody has let it ring', async t => {
  for (const causeQ850 of [1, 22, 29, 34, 38, 58]) {
    const refused = [hangsUp(2, ben, 'far-side', causeQ850), dialEnds(2, 'NOANSWER'), isGone(2, ben, causeQ850)]
    const story = [anaDials(0), ...benIsDialled(1), ...refused, isGone(3, ana, causeQ850)]
    t.match(last(story), { outcome: 'unreachable', offers: [{ result: 'unavailable' }] }, String(causeQ850))
  }
})
