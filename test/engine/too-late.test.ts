/** A phone that a command rings may come too late: it is not kept waiting for nobody, and its channel is in a record. */
import t from 'tap'
import { callId, type BridgeId, type LegId } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import { systemClock, thisTurn } from '../../src/base/system.js'
import type { Action } from '../../src/pbx/actions.js'
import type { Fact, PbxFact } from '../../src/pbx/facts.js'
import type { Link } from '../../src/pbx/link.js'
import * as given from '../given/calls.js'
import { anEngine, seen, up } from '../given/engine.js'
import { aLinkStatus } from '../given/link.js'

const parkedBen: Fact[] = [
  ...given.theyTalk(),
  given.leaves(10, given.ben),
  { type: 'park.begun', at: given.at(10), leg: given.ben, lot: 'default', space: '701', by: 'PJSIP/1001' },
  given.leaves(10, given.ana),
  given.hangsUp(10, given.ana),
  given.isGone(10, given.ana),
]

/** The time of the parked call is over: the phone that has parked it is rung for it. */
const comesBack = (own: LegId): Fact[] => [
  given.appears(11, { of: own, number: '1003', endpoint: '1003' }),
  given.picksUp(11, own),
  { type: 'park.ended', at: given.at(12), leg: given.ben, why: 'timeout' },
  given.appears(12, { of: '1.9' as LegId, linked: given.ben }),
  { type: 'dial.begun', at: given.at(12), leg: '1.9' as LegId, by: given.ben, dialled: '1001', shown: '1002' },
]

/** Every number is there; `acted` is what the PBX tells when it is asked to do something. */
function aReachingLink(acted: (tell: (facts: Fact[]) => void, action: Action) => void) {
  let see: (facts: PbxFact[]) => void = () => undefined
  const tell = (facts: Fact[]) => see(facts as PbxFact[])
  const sent: Action[] = []
  const link: Link = {
    start: listener => (see = listener),
    send(action) {
      sent.push(action)
      acted(tell, action)
      return Promise.resolve(ok(undefined))
    },
    reach: () => Promise.resolve(ok({ exists: true, context: 'from-phones' })),
    status: () => aLinkStatus('ready'),
    stop: () => Promise.resolve(),
  }
  return { link, sent, tell }
}

t.test('the time of the space is over before the phone has come there', async t => {
  const { engine, sent, tell } = anEngine((action, _, tell) => {
    if (action.do === 'originate') tell(comesBack(action.leg))
    return ok(undefined)
  })
  tell([up(0), ...parkedBen])
  t.match(await engine.call(given.id), { state: 'parked' })
  const asked = { do: 'unpark' } as const
  t.strictSame(
    await engine.softphone.fromOutside(given.id, asked, { by: { key: 'crm' }, extension: '1003' }),
    no('CALL_STATE'),
  )
  const [rung] = sent.filter(action => action.do === 'originate')
  t.match(sent.at(-1), { do: 'hangup', leg: rung?.leg }, 'and is let go')
  await engine.stop()
})

t.test('one of two devices has left, and the other is rung; one that was rung and refused is the last', async t => {
  const phones = ['1003-desk', '1003-soft']
  const extensionOf = new Map(phones.map(name => [name, '1003']))
  const idle = { ...seen(0), phones: phones.map(name => ({ device: `PJSIP/${name}`, phone: 'idle' })) } as Fact
  const refuses = (leg: LegId): Fact[] => [
    given.appears(11, { of: leg, number: '1003', endpoint: '1003-desk' }),
    given.hangsUp(12, leg),
    given.isGone(12, leg),
  ]
  for (const isThere of [true, false]) {
    const { engine, sent, tell } = anEngine(
      (action, actionId, tell) => {
        if (action.do !== 'originate') return ok(undefined)
        const before = isThere ? refuses(action.leg) : []
        tell([...before, { type: 'originate.ended', at: given.at(12), actionId, ok: false }])
        return ok(undefined)
      },
      { site: { ...given.site, extensionOf } },
    )
    tell([up(0), idle, ...parkedBen])
    const by = { by: { key: 'crm' }, extension: '1003' }
    const done = await engine.softphone.fromOutside(given.id, { do: 'unpark' }, by)
    t.strictSame(done, no('EXTENSION_UNREACHABLE'))
    const rung = sent.flatMap(action => (action.do === 'originate' ? action.endpoint : []))
    t.strictSame(rung, isThere ? ['PJSIP/1003-desk'] : ['PJSIP/1003-desk', 'PJSIP/1003-soft'])
    await engine.stop()
  }
})

t.test('the call is over before the phone has a channel: that is a call of its own', async t => {
  const own: LegId[] = []
  const rung = (leg: LegId): Fact[] => [
    given.appears(11, { of: leg, number: '1003', endpoint: '1003' }),
    { type: 'dial.begun', at: given.at(11), leg, dialled: '1003', shown: '1001' },
  ]
  const { engine, log, tell } = anEngine((action, _, tell) => {
    if (action.do === 'originate') {
      own.push(action.leg)
      tell([...given.end(11, given.ana), ...rung(action.leg)])
    }
    return ok(undefined)
  })
  tell([up(0), ...given.theyTalk()])
  const asked = { do: 'listen', mode: 'listen' } as const
  t.strictSame(
    await engine.softphone.fromOutside(given.id, asked, { by: { key: 'crm' }, extension: '1003' }),
    no('CALL_ENDED'),
  )
  const [leg = ''] = own
  const late = callId(given.site.pbx, leg as LegId)
  t.match(await engine.call(late), { legs: [{ id: leg }] })
  tell([...rung(leg as LegId), given.isGone(12, leg as LegId)])
  t.match(await engine.call(late), { state: 'ended', legs: [{ id: leg, state: 'gone' }] }, 'and ends as one')
  t.equal(log.filter(({ type }) => type === 'call.ended').length, 2)
  await engine.stop()
})

for (const [to, action] of [
  ['1003', 'transfer'],
  ['1003*', 'consult'],
] as const)
  t.test(`the call is over before the PBX carries out ${action}: nothing was transferred`, async t => {
    const { link, sent, tell } = aReachingLink(tell => tell(given.end(11, given.ben)))
    const { engine } = anEngine(undefined, { link })
    tell([up(0), ...given.theyTalk()])
    const asked = { do: 'transfer', to, ringBack: false } as const
    const done = await engine.softphone.onCall(given.id, asked, { by: { key: 'crm' }, extension: '1001' })
    t.notOk(done.ok)
    t.match(done, { error: /^CALL_(STATE|ENDED)$/ })
    t.match(sent.at(-1), { do: action })
    await engine.stop()
  })

/** Ben asks somebody before a transfer, and has swapped back to Ana. */
function swappedBack(): Fact[] {
  const [near, far, consult] = ['1.3' as LegId, '1.4' as LegId, 'b2' as BridgeId]
  const half = (of: LegId, end: string): Fact => ({
    ...(given.appears(7, { of, linked: given.ana, dials: '1003' }) as Extract<Fact, { type: 'channel.created' }>),
    name: `Local/1003@from-phones-00000001;${end}`,
  })
  const enters = (leg: LegId): Fact => ({
    type: 'bridge.entered',
    at: given.at(7),
    leg,
    bridge: consult,
    holding: false,
  })
  return [
    ...given.theyTalk(),
    { type: 'transfer.asked', at: given.at(6), leg: given.ben, id: 't1', kind: 'attended', to: '1003' },
    { type: 'hold.begun', at: given.at(6), leg: given.ben },
    half(near, '1'),
    half(far, '2'),
    { type: 'local.joined', at: given.at(7), leg: near, other: far },
    enters(near),
    given.leaves(7, given.ben),
    enters(given.ben),
    given.picksUp(8, near),
    { type: 'bridge.left', at: given.at(9), leg: given.ben, bridge: consult },
    given.enters(9, given.ben),
    { type: 'hold.ended', at: given.at(9), leg: given.ben },
  ]
}

t.test('whom a swap would leave hangs up at that moment: nobody has swapped', async t => {
  const { link, tell } = aReachingLink((tell, action) => {
    if (action.do !== 'press' || action.key !== '4') return
    tell([given.hangsUp(11, given.ana), given.leaves(11, given.ana), given.isGone(11, given.ana)])
  })
  const { engine } = anEngine(undefined, { link })
  tell([up(0), ...swappedBack()])
  t.match(await engine.call(given.id), { transfers: [{ id: 't1', state: 'consulting' }] })
  const asked = { do: 'swap', transfer: 't1' } as const
  t.strictSame(await engine.softphone.onTransfer(given.id, asked, { by: { key: 'crm' } }), no('TRANSFER_STATE'))
  await engine.stop()
})

/** Ben hangs up: the PBX hands Ana over. */
const handsOver: Fact = {
  type: 'transfer.attended',
  at: given.at(11),
  leg: given.ben,
  consult: given.ben,
  from: given.ana,
  target: '1.3' as LegId,
  into: 'bridge',
}
const anaLeaves: Fact[] = [given.hangsUp(11, given.ana), given.leaves(11, given.ana), given.isGone(11, given.ana)]

for (const [what, meanwhile, facts] of [
  ['conference', 'the asker hangs up', [handsOver]],
  ['cancel', 'the asker hangs up', [handsOver]],
  ['cancel', 'whom it is about hangs up', anaLeaves],
] as const)
  t.test(`${what}, and ${meanwhile} at that moment: that is not what was asked`, async t => {
    const { link, tell } = aReachingLink((tell, action) => {
      const isLast = action.do === 'cancel-consult' || (action.do === 'press' && action.key !== '*')
      if (isLast) tell([...facts])
    })
    const { engine } = anEngine(undefined, { link })
    tell([up(0), ...swappedBack()])
    const asked = { do: what, transfer: 't1' } as const
    t.strictSame(await engine.softphone.onTransfer(given.id, asked, { by: { key: 'crm' } }), no('TRANSFER_STATE'))
    await engine.stop()
  })

t.test(
  'a hangup while somebody is asked: whom the transfer is about is gone before the others are hung up',
  async t => {
    const gone: LegId[] = []
    const order: { leg: LegId; after: LegId[] }[] = []
    const { link, tell } = aReachingLink((tell, action) => {
      if (action.do !== 'hangup') return
      const { leg } = action
      order.push({ leg, after: [...gone] })
      thisTurn(() => {
        gone.push(leg)
        tell([given.leaves(11, leg), given.isGone(11, leg)])
      })
    })
    const { engine } = anEngine(undefined, { link })
    tell([up(0), ...swappedBack()])
    const hungUp = engine.hangup(given.id)
    tell([given.isGone(12, '1.4' as LegId), given.isGone(12, '1.3' as LegId)])
    t.strictSame(await hungUp, ok(undefined))
    t.strictSame(order[0], { leg: given.ana, after: [] })
    t.ok(order.slice(1).every(({ after }) => after.includes(given.ana)))
    t.ok(order.length > 1)
    await engine.stop()
  },
)

t.test('who has made a talk of three of a transfer is played a sound, and hears no keys meanwhile', async t => {
  const begun = systemClock.now()
  const now = (fact: Fact): Fact => ('at' in fact ? ({ ...fact, at: fact.at - given.at(9) + begun } as Fact) : fact)
  let askedAfterMs = 0
  const { link, tell } = aReachingLink((_, action) => {
    if (action.do === 'consult') askedAfterMs = systemClock.now() - begun
  })
  const { engine } = anEngine(undefined, { link })
  const three: Fact[] = [
    { type: 'bridge.left', at: given.at(9), leg: '1.3' as LegId, bridge: 'b2' as BridgeId },
    given.enters(9, '1.3' as LegId),
    { ...handsOver, at: given.at(9), into: 'threeway' },
  ]
  tell([up(0), ...[...swappedBack(), ...three].map(now)])
  t.match(await engine.call(given.id), { transfers: [{ kind: 'three-way', state: 'done' }] })
  const asked = { do: 'transfer', to: '1004*', ringBack: false } as const
  await engine.softphone.onCall(given.id, asked, { by: { key: 'crm' }, extension: '1002' })
  t.ok(askedAfterMs >= 1_000, `${askedAfterMs} ms`)
  await engine.stop()
})

t.end()
