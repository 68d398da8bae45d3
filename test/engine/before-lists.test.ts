/** The link is up again, and the lists of the PBX have not come: who hangs up then, and who of the same call is still there. */
import t from 'tap'
import type { BridgeId, LegId } from '../../src/base/ids.js'
import type { ChannelSeen, Fact } from '../../src/pbx/facts.js'
import { callId } from '../../src/base/ids.js'
import { ana, anaDials, appears, at, ben, benIsDialled, end, isGone, leg, rings, site } from '../given/calls.js'
import { down, up } from '../given/engine.js'
import { lastOfEach, tellAll } from '../given/recording.js'

const CAUSE = 16
const target = leg('1.4')
const recalled = leg('9.1')

const talks = (id: LegId, endpoint: string, linked = ana): ChannelSeen => ({
  leg: id,
  linked,
  name: `PJSIP/${endpoint}-00000001`,
  state: 'up',
  caller: { number: endpoint, name: '' },
  exten: '',
  since: at(1),
  bridge: 'b1' as BridgeId,
})
const seen = (channels: ChannelSeen[]): Fact => ({ type: 'pbx.seen', at: at(30), channels })
const iso = (s: number) => new Date(at(s)).toISOString()
const callsOf = (facts: readonly Fact[]) => lastOfEach(tellAll(facts).filter(e => e.type.startsWith('call.')))

/** Who was asked in a gap hangs up: of the call that this leg is linked to nothing else has been told. */
const targetGoes: Fact[] = [
  down(10),
  up(20),
  { ...appears(21, { of: target, endpoint: '1004', linked: ana }), inferred: true },
  isGone(22, target, CAUSE),
]

t.test('the last that is known of a call hangs up: the call goes on with those in the lists', t => {
  const there = seen([talks(ana, 'trunk'), talks(recalled, '1001', recalled)])
  const [call] = callsOf([...targetGoes, there, ...end(40, ana), isGone(40, recalled)])
  t.match(call, { id: callId(site.pbx, ana), talkedMs: 10_000, endedAt: iso(40), inferred: true })
  const legs = call?.legs.map(({ id, endedAt, causeQ850 }) => [id, endedAt, causeQ850])
  t.strictSame(new Set(legs), new Set([[target, iso(22), CAUSE], [ana, iso(40), 16], [recalled, iso(40), 16]])) // prettier-ignore
  t.end()
})

t.test('what is heard of another call meanwhile changes nothing of that', t => {
  const stamped = (fact: Fact): Fact => ({ ...fact, atUs: fact.at * 1_000 }) as Fact
  const dialsOn = appears(22.05, { of: leg('9.9'), endpoint: '1005', dials: '3001' })
  const told = [...targetGoes, dialsOn].map(stamped)
  const { bridge: _, ...elsewhere } = talks(leg('9.9'), '1005', leg('9.9'))
  const there = seen([talks(ana, 'trunk'), talks(recalled, '1001'), elsewhere])
  const call = callsOf([...told, there, ...end(40, ana), isGone(40, recalled)]).find(
    c => c.id === callId(site.pbx, ana),
  )
  t.match(call, { talkedMs: 10_000, endedAt: iso(40) })
  t.strictSame(new Set(call?.legs.map(({ id }) => id)), new Set([target, ana, recalled]))
  t.end()
})

t.test('nothing else of it is in the lists: it ended when that was told, and as it was told', t => {
  const [call] = callsOf([...targetGoes, seen([])])
  t.match(call, { state: 'ended', endedAt: iso(22), causeQ850: CAUSE })
  t.end()
})

t.test('both of a call that was known hang up, one after the other: it ended with the second', t => {
  const [call] = callsOf([anaDials(0), ...benIsDialled(1), rings(2), down(10), up(20), ...end(21, ana), seen([])])
  t.match(call, { state: 'ended', endedAt: iso(21), legs: [{ id: ana }, { id: ben }] })
  t.end()
})

t.test('the link is lost again before the lists come: it has ended', t => {
  const [call] = callsOf([...targetGoes, down(23)])
  t.match(call, { state: 'ended', endedAt: iso(22) })
  t.end()
})

t.test(
  'a phone is heard to ring that was dialled in the gap: it is offered the call, as one that only the lists show',
  t => {
    const dials: ChannelSeen = { ...talks(ana, '1001'), dials: 'PJSIP/1002,20' }
    const { bridge: _, ...caller } = dials
    const ringing: ChannelSeen = {
      ...{ leg: ben, linked: ana, name: 'PJSIP/1002-00000001', state: 'ringing', outgoing: true },
      ...{ caller: { number: '1002', name: '' }, exten: '', since: at(15) },
    }
    const heard = { ...appears(15, { of: ben, endpoint: '1002', linked: ana }), inferred: true } as Fact
    const lists = seen([caller, ringing])
    for (const [what, meanwhile] of Object.entries({ heard: [heard, rings(21)], 'only in the lists': [] })) {
      const told = tellAll([anaDials(0, '1002'), down(10), up(20), ...meanwhile, lists])
      const [call] = lastOfEach(told.filter(e => e.type.startsWith('call.')))
      t.match(call?.offers, [{ leg: ben, extension: '1002' }], what)
      t.ok(call?.offers[0]?.ringingAt, what)
      t.equal(told.filter(e => e.type === 'call.ringing').length, 1, what)
    }
    t.end()
  },
)
