/**
 * Whatever a PBX says, in whatever order, twice or not at all: nothing breaks, and the invariants of docs/states.md hold
 * after every fact. The facts are those of recorded calls, distorted, and invented ones.
 */
import fc from 'fast-check'
import t from 'tap'
import type { BridgeId, EpochMs, LegId } from '../../src/base/ids.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { publishChanges } from '../../src/engine/publish.js'
import { createState, type PbxState } from '../../src/engine/state.js'
import type { Fact, PbxFact } from '../../src/pbx/facts.js'
import { at, site } from '../given/calls.js'
import { brokenInState, brokenPromises, brokenPublished } from '../given/invariants.js'
import { factsIn, heard, recordings, type Heard } from '../given/recording.js'

/** Tells facts one by one, and in the end that all is over; throws with what is broken first. */
function tellSoundly(facts: readonly Fact[]): Heard[] {
  const state = createState([])
  const events: Heard[] = []
  const newest = new Map<string, string>()
  const tell = (fact: Fact) => {
    const applied = nothingApplied()
    applyFact(site, state, fact, applied)
    publishChanges(state, applied)
    const told = heard(applied.events.filter(e => e.call !== undefined))
    for (const { call } of told) newest.set(call.id, JSON.stringify(call))
    events.push(...told)
    const broken = [...brokenInState(state), ...brokenPublished(state, newest)]
    if (broken.length > 0) throw new Error(`${broken.join('; ')} after ${JSON.stringify(fact)}`)
  }
  for (const fact of facts) tell(fact)
  for (const fact of theEnd(state)) tell(fact)
  if (state.calls.size > 0) throw new Error('I10 a call never ends')
  const broken = brokenPromises(events)
  if (broken.length > 0) throw new Error(broken.join('; '))
  return events
}

/** Every leg hangs up, and time passes. */
function* theEnd(state: PbxState): Generator<Fact> {
  const last = Math.max(...[...state.calls.values()].map(call => call.latestAt), at(0)) as EpochMs
  for (const call of [...state.calls.values()])
    for (const { id, state: s } of call.legs) if (s !== 'gone') yield { type: 'channel.gone', at: last, leg: id }
  for (const call of [...state.calls.keys()]) yield { type: 'timer.fired', at: last, call, timer: 'settled' }
}

/** A story with some facts left out, some told again later, some of another story among them, and neighbours swapped. */
const distorted = (story: PbxFact[], other: PbxFact[]) =>
  fc
    .tuple(
      fc.subarray(story, { minLength: 1 }),
      fc.array(fc.constantFrom(...story), { maxLength: 6 }),
      fc.array(fc.constantFrom(...other), { maxLength: 6 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
    )
    .map(([kept, again, foreign, swaps]) => {
      const told = [...kept, ...again]
      for (const [i, fact] of foreign.entries()) told.splice((i * 7) % told.length, 0, fact)
      for (const swap of swaps) {
        const i = swap % told.length
        const [a, b] = [told[i], told[i + 1]]
        if (a && b) [told[i], told[i + 1]] = [b, a]
      }
      return told
    })

const names = recordings()
const stories = names.map(factsIn).filter(facts => facts.length > 0)

/** As it was told once, by the place of the story. */
const once = new Map<number, Heard[]>()

t.test('I1 to I19 hold in every recorded story as it was', async t => {
  for (const [i, facts] of stories.entries()) t.doesNotThrow(() => void once.set(i, tellSoundly(facts)), names[i] ?? '')
})

t.test('I1 to I19 hold in recorded stories with facts dropped, repeated, reordered and mixed up', async () => {
  const any = fc.tuple(fc.constantFrom(...stories), fc.constantFrom(...stories))
  fc.assert(
    fc.property(
      any.chain(([story, other]) => distorted(story, other)),
      facts => void tellSoundly(facts),
    ),
    { numRuns: 300 },
  )
})

t.test('hearing every fact twice in a row tells the same', async t => {
  for (const [i, facts] of stories.entries()) {
    const twice = facts.flatMap(fact => [fact, fact])
    t.strictSame(tellSoundly(twice), once.get(i), names[i] ?? '')
  }
})

const leg = fc.constantFrom('1.1', '1.2', '1.3', '1.4', '1.5', '1.6') as fc.Arbitrary<LegId>
const bridge = fc.constantFrom('b1', 'b2', 'b3') as fc.Arbitrary<BridgeId>
const queue = fc.constantFrom('sales', 'desk')
const number = fc.constantFrom('1001', '1002', '030123456', '', '\u0000\r\n', '💣')
const seconds = fc.integer({ min: 0, max: 20 }).map(at)
const channel = fc.constantFrom(
  'PJSIP/1001-1',
  'PJSIP/trunk-2',
  'Local/1002@x-3;1',
  'Local/1002@x-3;2',
  'odd',
  'Snoop/1-1',
)
const member = fc.record({ interface: number, name: number })
const one = <T>(value: T) => fc.constant(value)
const kinds: Record<string, Record<string, fc.Arbitrary<unknown>>> = {
  'channel.created': {
    linked: leg,
    name: channel,
    state: fc.constantFrom('down', 'ringing', 'up'),
    caller: fc.record({ number, name: number }),
    exten: number,
    agent: fc.constantFrom(undefined, '8001'),
  },
  'channel.changed': { state: fc.constantFrom('down', 'ringing', 'up') },
  'dial.begun': { by: leg, dialled: number, shown: number },
  'dial.ended': { status: fc.constantFrom('ANSWER', 'BUSY', 'NOANSWER', 'CANCEL', 'CHANUNAVAIL') },
  'bridge.entered': { bridge, holding: fc.boolean() },
  'bridge.left': { bridge },
  'hangup.asked': { by: fc.constantFrom('far-side', 'pbx', 'command') },
  'hangup.withdrawn': {},
  'channel.gone': { causeQ850: fc.constantFrom(16, 17, 21, 26, 127) },
  'hold.begun': { to: leg },
  'hold.ended': {},
  'queue.joined': { queue, position: fc.integer({ min: 1, max: 9 }) },
  'queue.left': { queue },
  'queue.abandoned': { queue },
  'queue.explained': { queue, status: fc.constantFrom('TIMEOUT', 'FULL', 'EXITWITHKEY', 'CONTINUE') },
  'agent.called': { queue, phone: leg, member },
  'agent.connected': { queue, phone: leg, member },
  'agent.unanswered': { queue, phone: leg, member },
  'agent.dumped': { queue, phone: leg, member },
  'transfer.blind': { to: number, done: fc.boolean(), from: leg },
  'transfer.attended': {
    consult: leg,
    into: fc.constantFrom('bridge', 'app', 'threeway', 'nothing'),
    from: leg,
    target: leg,
  },
  'ring.taken': { target: leg },
  'local.joined': { other: leg },
  'park.begun': { lot: number, space: number, by: one('PJSIP/1001') },
  'park.ended': { why: fc.constantFrom('taken-up', 'timeout', 'gave-up') },
  'spy.begun': { target: leg },
  'transfer.asked': {
    id: fc.constantFrom('t1', 't2'),
    kind: fc.constantFrom('blind', 'attended', 'three-way'),
    to: number,
  },
  'transfer.withdrawn': { id: fc.constantFrom('t1', 't2') },
  'transfer.cancelled': { id: fc.constantFrom('t1', 't2') },
  'leg.awaited': { awaited: leg, monitor: fc.constantFrom(undefined, { by: 'key:k' }) },
  'recording.changed': { name: fc.constantFrom('r1', 'r2'), state: fc.constantFrom('on', 'paused', 'done') },
  'leg.muted': { muted: fc.boolean() },
  'leg.offered': {},
  'leg.staffed': { agent: fc.constantFrom('8001', '8002') },
  'call.locked': { locked: fc.boolean() },
  'call.routed': {
    routing: fc.constantFrom({ does: 'dialplan', because: [] }, { does: 'fallback', to: '2000', because: [] }),
  },
  'survey.changed': {
    survey: fc.constantFrom(
      undefined,
      { name: 's', leg: '1.1', questions: [] },
      { name: 's', leg: '1.1', of: '1.2', startedAt: at(1), questions: [{ id: 'q', times: 1 }] },
      {
        name: 's',
        leg: '1.2',
        startedAt: at(1),
        endedAt: at(2),
        questions: [{ id: 'q', times: 1, key: '1' }],
        outcome: 'completed',
      },
    ),
  },
  'ivr.changed': {
    walk: fc.constantFrom(
      {
        leg: '1.1',
        at: [{ ivr: 'main', node: 'a' }],
        times: 1,
        keys: '',
        variables: {},
        steps: [{ ivr: 'main', node: 'a', at: at(1) }],
      },
      { leg: '1.2', at: [{ ivr: 'main', node: 'b' }], times: 1, keys: '1', variables: { x: '1' }, steps: [] },
      { leg: '1.1', at: [], times: 1, keys: '', variables: {}, steps: [], endedAt: at(2), ended: 'gone' },
    ),
  },
  'leg.listens': { mode: fc.constantFrom('listen', 'whisper', 'barge') },
  'stage.begun': { stage: fc.constantFrom('ivr', 'voicemail', 'survey', 'fax'), name: number },
}
const invented = fc.oneof(
  { weight: 3, arbitrary: ofKind('channel.created') },
  { weight: 3, arbitrary: ofKind('bridge.entered') },
  ...Object.keys(kinds).map(kind => ofKind(kind)),
)

function ofKind(type: string): fc.Arbitrary<Fact> {
  return fc.record({ type: one(type), at: seconds, leg, ...kinds[type] }) as unknown as fc.Arbitrary<Fact>
}

t.test('I1 to I19 hold in invented streams of facts', async () => {
  fc.assert(
    fc.property(
      fc.array(ofKind('channel.created'), { minLength: 3, maxLength: 6 }),
      fc.array(invented, { maxLength: 60, size: 'max' }),
      (channels, facts) => void tellSoundly([...channels, ...facts]),
    ),
    { numRuns: 1_000 },
  )
})
