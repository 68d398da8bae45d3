/** Calls over trunks: the channel says that a party is outside, and the dial prefix is no part of its number. */
import t from 'tap'
import { reduceCall } from '../../src/calls/reduce.js'
import type { Site } from '../../src/calls/site.js'
import type { Call } from '../../src/calls/state.js'
import { viewCall } from '../../src/calls/view.js'
import type { LegFact } from '../../src/pbx/facts.js'
import { OWN_LEG } from '../../src/pbx/names.js'
import * as given from '../given/calls.js'

const { ana, appears, at, ben, rings } = given
const shanghai: Site = { ...given.site, country: 'CN', ownArea: '021', trunkPrefix: '9', internal: /^[2-9]\d{1,3}$/ }

function callOf(site: Site, facts: readonly LegFact[]) {
  const call = facts.reduce<Call | undefined>((was, fact) => reduceCall(site, was, fact).next, undefined)
  if (!call) throw new Error('no call')
  return viewCall(call)
}
const over = (dialled: string): LegFact[] => [
  appears(1, { of: ben, endpoint: 'trunk', linked: ana, number: '' }),
  { type: 'dial.begun', at: at(1), leg: ben, by: ana, dialled, shown: '1001' },
  rings(2),
]
const dials = (given: string, sent = given) => callOf(shanghai, [appears(0, { of: ana, dials: given }), ...over(sent)])

t.test('a caller over a trunk is no extension', async t => {
  for (const number of ['1003', '95588']) {
    const came = appears(0, { of: ana, endpoint: 'trunk', number, dials: '02162345678' })
    const { from, legs, direction } = callOf({ ...shanghai, extension: /^\d{4,5}$/ }, [came])
    t.strictSame(from, { number })
    t.equal(direction, 'inbound')
    t.strictSame([legs[0]?.number, legs[0]?.extension], [number, undefined])
  }
})

t.test('a caller who shows no number is nobody, in the leg, too', async t => {
  for (const number of ['anonymous', 'Unknown', '0000']) {
    const { from, legs } = callOf(shanghai, [appears(0, { of: ana, endpoint: 'trunk', number, name: 'Anonymous' })])
    t.strictSame(from, { number: '' })
    t.equal(legs[0]?.number, '')
  }
})

t.test('a number that is dialled with the prefix is recorded without it', async t => {
  const table: [dialled: string, sent: string, number: string, e164?: string][] = [
    ['9013812345678', '9013812345678', '013812345678', '+8613812345678'],
    ['9013812345678', '013812345678', '013812345678', '+8613812345678'],
    ['013812345678', '013812345678', '013812345678', '+8613812345678'],
    ['962345678', '62345678', '62345678', '+862162345678'],
    ['62345678', '62345678', '62345678', '+862162345678'],
    ['995588', '995588', '95588'],
    ['995588', '95588', '95588'],
    ['9110', '110', '110'],
    ['90044207946', '90044207946', '0044207946'],
  ]
  for (const [dialled, sent, number, e164] of table) {
    const { to, legs, offers, direction } = dials(dialled, sent)
    t.strictSame(to, { number, ...(e164 && { e164 }) }, `${dialled} as ${sent}`)
    t.strictSame([legs[1]?.number, offers[0]?.number, direction], [number, number, 'outbound'], `${dialled} as ${sent}`)
  }
})

t.test('an extension that goes out by a trunk is one only where another number is dialled for it', async t => {
  t.match(dials('1003', '013812345678').to, { extension: '1003' }, 'it is forwarded')
  t.match(dials('1003', '013812345678').offers, [{ number: '013812345678' }])
  t.strictSame(dials('1003', '1003').to, { number: '1003' }, 'it is a number outside')
})

t.test('before a trunk is chosen, the prefix is removed only from what is then a number', async t => {
  const to = (dialled: string) => callOf(shanghai, [appears(0, { of: ana, dials: dialled })])
  t.match(to('9013812345678'), { direction: 'outbound', to: { number: '013812345678' } })
  t.match(to('9001'), { direction: 'internal', to: { number: '9001' } }, 'a queue')
})

t.test('a number that must not be shown is in no part of the call', async t => {
  const came = appears(0, { of: ana, endpoint: 'trunk', number: '+491701234567', name: 'Max', dials: '1002' })
  const hides: LegFact = { type: 'caller.changed', at: at(1), leg: ana, caller: { number: '+491701234567', name: 'Max' }, withheld: true } // prettier-ignore
  for (const facts of [[hides], [{ ...hides, withheld: undefined }, hides], [given.picksUp(0, ana), hides]]) {
    const call = callOf(given.site, [came, ...(facts as LegFact[])])
    t.strictSame([call.from, call.legs[0]?.number], [{ number: '' }, ''])
    t.notMatch(JSON.stringify(call), '1701234567')
  }
  const inside = callOf(given.site, [given.anaDials(0), { ...hides, caller: { number: '1001', name: 'Ana' } }])
  t.match(inside.from, { number: '1001', extension: '1001' }, 'inside, everybody knows who calls')
})

const zero: Site = { ...given.site, ownArea: '30', trunkPrefix: '0' }
/** A trunk is sent a number by the dialplan at `place`. */
const sends = (place: string, sent: string): LegFact[] => [
  appears(1, { of: ben, endpoint: 'trunk', linked: ana, number: '' }),
  { type: 'dial.begun', at: at(1), leg: ben, by: ana, dialled: place, dialString: `${sent}@trunk`, shown: '1001' },
  rings(2),
]
const MUNICH = { number: '089123456', e164: '+4989123456' }
const BERLIN = { number: '89123456', e164: '+493089123456' }

t.test('whether the dial prefix was put there is seen in what was dialled and what was sent', async t => {
  const table: [dialled: string, place: string, sent: string, to: object, why: string][] = [
    ['0089123456', '0089123456', '089123456', MUNICH, 'removed'],
    ['0089123456', 's', '089123456', MUNICH, 'removed in a subroutine'],
    ['0089123456', '0089123456', '0089123456', MUNICH, 'the gateway wants it'],
    ['089123456', '089123456', '0089123456', MUNICH, 'put there by the dialplan'],
    ['089123456', '089123456', '89123456', BERLIN, 'removed from a local number'],
    ['089123456', '089123456', '089123456', BERLIN, 'the gateway wants it before a local number'],
    ['004989123456', 's', '089123456', MUNICH, 'written in another form'],
    ['0112', '0112', '112', { number: '112' }, 'help'],
  ]
  for (const [dialled, place, sent, to, why] of table) {
    const special: Site = { ...zero, isSpecial: digits => digits === '112' }
    const call = callOf(special, [appears(0, { of: ana, dials: dialled }), ...sends(place, sent)])
    t.strictSame(call.to, to, `${dialled} as ${sent}: ${why}`)
    t.strictSame([call.legs[1]?.number, call.offers[0]?.number], [call.to.number, call.to.number], why)
  }
})

t.test('click to dial knows what it has dialled', async t => {
  const own = given.leg(`${OWN_LEG}x`)
  const dials = (raw: string, place: string, sent: string) => [
    appears(0, { of: own, endpoint: '1001' }),
    { type: 'dial.begun', at: at(0), leg: own, dialled: '1001', shown: raw } as LegFact,
    given.picksUp(1, own),
    appears(1, { of: ben, endpoint: 'trunk', linked: own, number: '' }),
    {
      type: 'dial.begun',
      at: at(1),
      leg: ben,
      by: own,
      dialled: place,
      dialString: `${sent}@trunk`,
      shown: '1001',
    } as LegFact,
  ]
  for (const [raw, place, sent, to] of [
    ['0089123456', '0089123456', '089123456', MUNICH],
    ['0089123456', 's', '089123456', MUNICH],
    ['0089123456', 's', '0089123456', MUNICH],
    ['089123456', 's', '89123456', BERLIN],
  ] as const)
    t.match(
      callOf(zero, dials(raw, place, sent)),
      { direction: 'outbound', to, offers: [{ number: to.number }] },
      `${raw} as ${sent}`,
    )
})

t.test('nor is it guessed behind a Local pair, or for a caller who is forwarded', async t => {
  const forwarded = callOf(zero, [appears(0, { of: ana, dials: '1002' }), ...sends('0089123456', '089123456')])
  t.match(forwarded, { to: { extension: '1002' }, offers: [{ number: '089123456' }] })
  const literal = callOf(zero, [appears(0, { of: ana, dials: '1002' }), ...sends('s', '089123456')])
  t.match(literal.offers, [{ number: '089123456' }], 'a whole number in the dialplan is that')
})

t.test('a caller keeps what looks like the dial prefix, unless the trunk puts it there', async t => {
  const cn: Site = { ...shanghai, isSpecial: digits => digits === '110' }
  const from = (site: Site, number: string) =>
    callOf(site, [appears(0, { of: ana, endpoint: 'trunk', number, dials: '1001' })]).from
  t.strictSame(from(cn, '9110'), { number: '9110' })
  t.strictSame(from(cn, '9013812345678'), { number: '9013812345678' })
  const prefixed: Site = { ...cn, prefixedCallers: true }
  t.strictSame(from(prefixed, '9110'), { number: '110' })
  t.strictSame(from(prefixed, '9013812345678'), { number: '013812345678', e164: '+8613812345678' })
})

t.test('what a caller over a trunk has dialled has no prefix of ours', async t => {
  const cn: Site = { ...shanghai, internalIsDefault: true, isSpecial: digits => digits === '114' }
  const came = (dials: string) => callOf(cn, [appears(0, { of: ana, endpoint: 'trunk', number: '13812345678', dials })])
  t.strictSame(came('9114').to, { number: '9114' }, 'the last digits of a number of the company')
  t.match(came('1003').to, { extension: '1003' })
  t.match(callOf(cn, [appears(0, { of: ana, dials: '9114' })]).to, { number: '114' }, 'a phone has dialled it')
})

t.test('a transfer is to the number without the prefix', async t => {
  const talk: LegFact[] = [appears(0, { of: ana, dials: '1002' }), ...given.benIsDialled(1), given.picksUp(2), given.enters(2, ben), given.enters(2, ana)] // prettier-ignore
  const sent = { type: 'transfer.blind', at: at(3), leg: ben, from: ana, to: '9013812345678', done: true } as LegFact
  t.match(callOf(shanghai, [...talk, sent]).transfers, [{ to: { number: '013812345678', e164: '+8613812345678' } }])
})
