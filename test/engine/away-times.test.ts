/** How long somebody talked, rang and waited, where a gap hides when that ended: until the earliest that the PBX's lists show. */
import t from 'tap'
import type { BridgeId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import type { ChannelSeen, Fact, LegFact } from '../../src/pbx/facts.js'
import { ana, anaDials, appears, at, ben, benIsDialled, channel, end, enters, isGone, leg, picksUp, rings, theyTalk } from '../given/calls.js' // prettier-ignore
import { down, up } from '../given/engine.js'
import { lastOfEach, tellAll } from '../given/recording.js'

const cleo = leg('1.3')
const iso = (s: number) => new Date(at(s)).toISOString()
const together = { bridge: 'b2' as BridgeId, bridgeMadeAt: at(14) }
/** Nothing is heard from second 10 to second 30. */
const away = (channels: ChannelSeen[], also: { bootedAt?: ReturnType<typeof at> } = {}): Fact[] => [
  down(10),
  up(30),
  { type: 'pbx.seen', at: at(30), channels, ...also },
]
function only(facts: readonly Fact[]): CallView {
  const [call, ...others] = lastOfEach(tellAll(facts).filter(e => e.type.startsWith('call.')))
  if (!call || others.length > 0) throw new Error(`${others.length + 1} calls`)
  return call
}

t.test('one of two phones of a queue was answered in the gap: all of it ended then', async t => {
  const both: LegFact[] = [
    anaDials(0, '2000'),
    picksUp(0, ana),
    { type: 'queue.joined', at: at(1), leg: ana, queue: 'sales' },
    ...benIsDialled(1),
    rings(2),
    appears(1, { of: cleo, endpoint: '1003', linked: ana }),
    { type: 'dial.begun', at: at(1), leg: cleo, by: ana, dialled: '1003', shown: '' },
    rings(2, cleo),
  ]
  const seen = [channel(ana, 'trunk', together), channel(ben, '1002', { outgoing: true, ...together })]
  const call = only([...both, ...away(seen), ...end(50, ana)])
  t.match(call, { talkedMs: 36_000, queues: [{ outcome: 'answered', waitedMs: 13_000, leftAt: iso(14) }] })
  t.match(
    call.offers.map(({ leg: of, endedAt }) => [of, endedAt]),
    [
      [ben, iso(14)],
      [cleo, iso(14)],
    ],
  )
})

t.test(
  'a talk was sent on in the gap: it lasted until the next phone was rung, and that was answered later',
  async t => {
    const seen = [
      channel(ana, '1001', { dials: 'PJSIP/1003', ...together }),
      channel(cleo, '1003', { outgoing: true, since: at(12), ...together }),
    ]
    const call = only([...theyTalk(), ...away(seen), ...end(50, ana), isGone(50, cleo)])
    const talks = call.segments.filter(({ kind }) => kind === 'talk')
    t.match(talks, [{ endedAt: iso(12) }, { startedAt: iso(14), endedAt: iso(50) }])
    t.match(call.offers.at(-1), { leg: cleo, startedAt: iso(12), endedAt: iso(14), result: 'answered' })
  },
)

t.test('a PBX that was killed has nobody who talks: the call ended when it was last heard of', async t => {
  const killed = only([...theyTalk(), ...away([], { bootedAt: at(25) })])
  t.match(killed, { endedBy: 'pbx', endedAt: iso(10), talkedMs: 5_000 })
  const link = only([...theyTalk(), ...away([])])
  t.match(link, { endedBy: 'unknown', endedAt: iso(30) }, 'one that was not may have gone on for as long as that')
})

t.test('in a conference that goes on, whoever is gone is gone since it was noticed', async t => {
  const three: LegFact[] = [...theyTalk(), appears(6, { of: cleo, endpoint: '1003', linked: ana }), picksUp(6, cleo), enters(7, cleo)] // prettier-ignore
  const inRoom = { bridge: 'b1' as BridgeId }
  const call = only([...three, ...away([channel(ana, '1001', inRoom), channel(cleo, '1003', inRoom)]), ...end(50, ana), isGone(50, cleo)]) // prettier-ignore
  t.match(
    call.legs.find(({ id }) => id === ben),
    { endedAt: iso(30) },
  )
})
