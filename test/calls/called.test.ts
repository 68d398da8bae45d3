/** Whom the dialplan really calls: by the dial string, where the PBX names the place in the dialplan or somebody else. */
import t from 'tap'
import { calledNumber } from '../../src/calls/called.js'
import type { LegFact } from '../../src/pbx/facts.js'
import { numberInDialString } from '../../src/pbx/dial-string.js'
import * as given from '../given/calls.js'

const { ana, ben, tell } = given
const mobile = '01701234567'
const dialled = (number: string, dialString: string, endpoint = 'trunk'): LegFact[] => [
  given.appears(1, { of: ben, endpoint, number: '', linked: ana }),
  { type: 'dial.begun', at: given.at(1), leg: ben, by: ana, dialled: number, dialString, shown: '1001' },
]

t.test('the number in a dial string, in every form that drivers have', async t => {
  const forms: [string, string, string | undefined][] = [
    ['13812345678@trunk', 'PJSIP/trunk-0001', '13812345678'],
    ['PJSIP/13812345678@trunk', 'PJSIP/trunk-0001', '13812345678'],
    ['trunk/13812345678', 'SIP/trunk-0001', '13812345678'],
    ['SIP/trunk/13812345678', 'SIP/trunk-0001', '13812345678'],
    ['trunk/sip:+8613812345678@10.0.0.1:5060;transport=tcp', 'PJSIP/trunk-0001', '+8613812345678'],
    ['sip:+8613812345678@10.0.0.1', 'PJSIP/trunk-0001', '+8613812345678'],
    ['trunk/tel:%2B8613812345678', 'PJSIP/trunk-0001', '+8613812345678'],
    ['2001@from-queue/n', 'Local/2001@from-queue-0001;1', '2001'],
    ['Local/2001@from-queue/n', 'Local/2001@from-queue-0001;1', '2001'],
    ['user:secret@10.0.0.1/13812345678@context', 'IAX2/user-0001', '13812345678'],
    ['g1/w13812345678', 'DAHDI/i1/13812345678-1', '13812345678'],
    ['13812345678:secret@10.0.0.1', 'SIP/10.0.0.1-0001', '13812345678'],
    ['12/13812345678', 'PJSIP/12-0001', '13812345678'],
    ['12', 'PJSIP/12-0001', undefined],
    ['trunk', 'PJSIP/trunk-0001', undefined],
    ['alice', 'PJSIP/alice-0001', undefined],
    ['', 'PJSIP/trunk-0001', undefined],
    ['${EXTEN}@trunk', 'PJSIP/trunk-0001', undefined],
    ['\u202e\u0000@trunk', 'PJSIP/trunk-0001', undefined],
    ['/'.repeat(10_000), 'PJSIP/trunk-0001', undefined],
  ]
  for (const [text, channel, number] of forms) t.equal(numberInDialString(text, channel), number, text.slice(0, 80))
})

t.test('a dial in a subroutine, and an extension that is forwarded, have whom they call', async t => {
  for (const [place, string] of [
    ['', `${mobile}@trunk`],
    ['1002', `PJSIP/${mobile}@trunk`],
    ['1001', `trunk/${mobile}`],
  ] as const) {
    const { call } = tell([given.anaDials(0, '1002'), ...dialled(place, string)])
    t.match(call?.legs.at(-1), { number: mobile, trunk: 'trunk' }, string)
    t.match(call?.to, { number: '1002', extension: '1002' }, 'who was dialled stays')
  }
})

t.test('where the call names nobody, or a code, it is to whom is really called', async t => {
  for (const dials of ['', '*01'])
    t.match(tell([given.anaDials(0, dials), ...dialled('', `${mobile}@trunk`)]).call?.to, {
      number: mobile,
      e164: '+491701234567',
    })
  t.match(tell([given.anaDials(0, ''), ...dialled('1002', '1002', '1002')]).call?.to, { extension: '1002' })
})

t.test(
  'what the dialplan puts before a number for the trunk is not part of it; nor is what the phone dialled for a line',
  async t => {
    const leg = tell([given.anaDials(0, mobile), ...dialled(mobile, '')]).call?.legs.at(-1)
    if (!leg) throw new Error('no leg')
    const of = (number: string, dialString: string) =>
      calledNumber(given.site, leg, { ...(dialled(number, dialString)[1] as Extract<LegFact, { type: 'dial.begun' }>) })
    t.equal(of(mobile, `9${mobile}@trunk`), mobile, 'a prefix for the trunk')
    t.equal(of(mobile, `0049${mobile.slice(1)}@trunk`), mobile, 'another form')
    t.equal(of(mobile, `+49${mobile.slice(1)}@trunk`), mobile)
    t.equal(of('1234', '01701231234@trunk'), '01701231234', 'an extension with the last digits of the mobile')
    t.equal(of('01759999999', `${mobile}@trunk`), mobile, 'another number: the string counts')
    t.equal(of('12345678', '017012345678@trunk'), '017012345678', 'a number that only ends alike')
    t.equal(of('23456', '0170123456@trunk'), '0170123456', 'also where neither is valid')
    const berlin = { ...given.site, ownArea: '30', trunkPrefix: '0' }
    const there = (number: string, dialString: string) =>
      calledNumber(berlin, leg, { ...(dialled(number, dialString)[1] as Extract<LegFact, { type: 'dial.begun' }>) })
    t.equal(there('123456', '089123456@trunk'), '089123456', 'a local number is not that of Munich')
    t.equal(there('123456', '0123456@trunk'), '123456', 'the dial prefix')
    t.equal(there('98765', '098765@trunk'), '98765', 'before what is no number, too')
    t.equal(there('123456', '17951#123456@trunk'), '123456', 'a code for the trunk')
    t.equal(of('', ''), mobile, 'nothing new: as it was')
  },
)

t.test('a redirect leads to the number, whichever way the phone or the PBX writes it', async t => {
  for (const forward of [
    `Local/${mobile}@from-phones`,
    `PJSIP/${mobile}@trunk`,
    `SIP/trunk/${mobile}`,
    `sip:${mobile}@10.0.0.1`,
  ]) {
    const ended: LegFact = {
      type: 'dial.ended',
      at: given.at(3),
      leg: ben,
      by: ana,
      status: 'CANCEL',
      forwardedTo: forward,
    }
    const { call } = tell([given.anaDials(0), ...given.benIsDialled(1), given.rings(2), ended])
    t.match(call?.transfers.at(-1), { kind: 'forward', to: { number: mobile } }, forward)
  }
})

t.test('phones that redirect one after the other: each redirect ends as the last of them does', async t => {
  const [cleo, dora] = [given.leg('1.3'), given.leg('1.4')]
  const redirects = (s: number, of: typeof ben, forwardedTo: string): LegFact[] => [
    { type: 'dial.ended', at: given.at(s), leg: of, by: ana, status: 'CANCEL', forwardedTo },
    given.isGone(s, of, 23),
  ]
  const chain = (last: string) => [
    given.anaDials(0),
    ...given.benIsDialled(1),
    ...given.benIsDialled(1, '1003', cleo),
    ...redirects(1, ben, 'Local/1003@from-phones'),
    ...given.benIsDialled(1, last, dora),
    ...redirects(1, cleo, `Local/${last}@from-phones`),
    given.rings(2, dora),
  ]
  const outcomes = (last: string, ...facts: LegFact[]) => tell([...chain(last), ...facts]).call?.transfers
  const answers = [
    given.picksUp(5, dora),
    given.dialEnds(5, 'ANSWER', dora),
    given.picksUp(5, ana),
    ...[dora, ana].map(one => given.enters(5, one)),
  ]
  for (const last of ['1004', '1002']) {
    const rung = outcomes(last)
    t.match(rung?.[0], { to: { number: '1003' } })
    t.same(rung?.map(({ outcome }) => outcome), [undefined, undefined], 'the last one still rings') // prettier-ignore
    const both = { kind: 'forward', outcome: 'answered', answeredBy: dora }
    t.match(outcomes(last, ...answers), [both, both], last)
    const isBusy = [given.hangsUp(3, dora, 'far-side', 17), given.dialEnds(3, 'BUSY', dora)]
    t.match(outcomes(last, ...isBusy), [{ outcome: 'busy' }, { outcome: 'busy' }], last)
  }
})

t.test('the phone that a redirect leads to still rings when the PBX is gone: the redirect is lost', async t => {
  const cleo = given.leg('1.3')
  const { call } = tell([
    given.anaDials(0),
    ...given.benIsDialled(1),
    { type: 'dial.ended', at: given.at(2), leg: ben, by: ana, status: 'CANCEL', forwardedTo: 'Local/1003@from-phones' },
    given.isGone(2, ben, 23),
    ...given.benIsDialled(2, '1003', cleo),
    given.rings(3, cleo),
    ...[cleo, ana].map((leg): LegFact => ({ type: 'channel.gone', at: given.at(9), leg, lost: true, inferred: true })),
  ])
  t.match(call?.offers, [{ result: 'forwarded' }, { result: 'lost' }])
  t.match(call?.transfers, [{ kind: 'forward', outcome: 'lost' }])
})

t.test('a redirect to where no phone rings has failed, unless the caller hangs up', async t => {
  const redirected: LegFact[] = [
    given.anaDials(0),
    ...given.benIsDialled(1),
    { type: 'dial.ended', at: given.at(2), leg: ben, by: ana, status: 'CANCEL', forwardedTo: 'Local/2001@from-phones' },
    given.isGone(2, ben, 23),
  ]
  const ends = (by: 'far-side' | 'pbx') =>
    tell([...redirected, given.hangsUp(9, ana, by), given.isGone(9, ana)]).call?.transfers
  t.match(ends('far-side'), [{ kind: 'forward', outcome: 'abandoned' }])
  t.match(ends('pbx'), [{ kind: 'forward', outcome: 'failed' }])
})
