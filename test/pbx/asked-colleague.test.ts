/**
 * What the colleague who is asked before an attended transfer can do with the asker meanwhile, and what becomes of the customer. The list
 * of actions, the dry run and the command say the same. A phone that was added to the talk asks as any other does.
 */
import t, { type Test } from 'tap'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anOffice, channelCount } from '../given/softphone.js'

const surveys = [
  { name: 'service', questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500 }] },
]
const office = await anOffice(t, { ringForS: 20, surveys })
const { lab, crm, cast, talk, transfer, press, when, callNow, phoneAt } = office
const channels = await channelCount(t, lab)
const step = (call: string, id: string | undefined, what: string) => press(call, `transfers/${id ?? ''}/${what}`)
const actionsAt = async (call: string, extension: string) =>
  (await crm.get(`/v1/calls/${call}?actions=true&extension=${extension}`)).body.actions ?? []

const nothingLeft = () =>
  retry(lab.clock, 'no channel to be left', 10_000, async () => ((await channels()) === 0 ? true : undefined))

/** 1001 talks with the customer and asks 1002, who answers. */
async function consults(t: Test) {
  const { cust, ana, ben } = await cast(t)
  const cleo = await phoneAt('1003')
  t.teardown(() => cleo.close())
  const call = await talk(cust, '1001', ana)
  const asked = await transfer(call, '1002*', { extension: '1001' })
  t.match(asked, { status: 201 })
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
  return { cust, ana, ben, cleo, call, id: asked.body.id }
}

/** 1002, who is asked, sends 1001 on to 1003, whose phone rings. */
async function sendsOn(t: Test) {
  const all = await consults(t)
  const { call, cleo } = all
  t.match(await transfer(call, '1003', { extension: '1002' }), { status: 201, body: { kind: 'blind' } })
  await cleo.until('ringing')
  const settled = () => when(call, 'settled', c => c.transfers.every(one => one.state === 'done'))
  return { ...all, settled }
}

t.test('who is asked cannot move the asker, nor bring in a third party: this is said everywhere', async t => {
  const { cust, call, id } = await consults(t)
  const possible = await actionsAt(call, '1002')
  for (const [what, body] of Object.entries({
    survey: { survey: 'service' },
    park: {},
    add: { to: '1003' },
    transfers: { to: '1003#' },
  })) {
    if (what !== 'transfers') t.notOk(possible.includes(what), what)
    for (const query of ['?dryRun=true', ''])
      t.match(
        await press(call, what + query, { ...body, extension: '1002' }),
        { status: 409, body: { code: /^(CALL|TRANSFER)_STATE$/ } },
        what + query,
      )
  }
  t.match(await step(call, id, 'cancel'), { status: 200, body: { outcome: 'cancelled' } })
  t.match(await callNow(call), { state: 'talking' })
  await cust.hangup()
  await nothingLeft()
})

t.test('who is asked sends the asker on, who takes the customer back: nobody has answered', async t => {
  const { cust, call, id, cleo, settled } = await sendsOn(t)
  t.match(await step(call, id, 'cancel'), { status: 200, body: { outcome: 'cancelled' } })
  await cleo.until('closed')
  const back = await settled()
  t.match(back, {
    state: 'talking',
    transfers: [
      { id, outcome: 'cancelled' },
      { kind: 'blind', outcome: 'abandoned' },
    ],
  })
  t.notOk(back.transfers[1]?.answeredBy)
  await cust.hangup()
  await nothingLeft()
})

t.test('who is asked sends the asker on, who hands over: the customer is answered there', async t => {
  const { cust, call, id, cleo, settled } = await sendsOn(t)
  t.match(await step(call, id, 'complete'), { status: 200, body: { kind: 'semi-attended', state: 'open' } })
  await cleo.answer()
  const there = await settled()
  const { id: answeredBy } = there.legs.find(l => l.extension === '1003') ?? {}
  t.match(there, { state: 'talking', transfers: [{ id, outcome: 'answered', answeredBy }, { outcome: 'answered', answeredBy }] }) // prettier-ignore
  await cust.hangup()
  await nothingLeft()
})

t.test('who is asked asks somebody else, and the asker takes the customer back: both talks go on', async t => {
  const { cust, ben, call, id, cleo } = await consults(t)
  const nested = await transfer(call, '1003*', { extension: '1002' })
  t.match(nested, { status: 201, body: { kind: 'attended' } })
  await cleo.until('ringing')
  await cleo.answer()
  await when(call, 'consulting twice', c => c.transfers.every(one => one.state === 'consulting'))
  t.match(await step(call, id, 'cancel'), { status: 200, body: { outcome: 'cancelled' } })
  const apart = await when(call, 'apart', c => c.transfers.every(one => one.state === 'done'))
  t.match(apart.transfers, [
    { id, outcome: 'cancelled' },
    { id: nested.body.id, outcome: 'abandoned' },
  ])
  t.match(apart, { state: 'talking', legs: [{ state: 'up' }, { state: 'up' }, { state: 'up' }, { state: 'up' }] })
  t.notOk((await actionsAt(call, '1001')).some(action => action.startsWith('transfers/')))
  await cust.hangup()
  await ben.hangup()
  await nothingLeft()
})

t.test(
  'who is asked asks somebody else; by keys the asker swaps, which ends nothing, and takes the customer back',
  async t => {
    const { cust, ana, ben, call, id, cleo } = await consults(t)
    const nested = await transfer(call, '1003*', { extension: '1002' })
    t.match(nested, { status: 201, body: { kind: 'attended' } })
    await cleo.until('ringing')
    await cleo.answer()
    await when(call, 'consulting twice', c => c.transfers.every(one => one.state === 'consulting'))
    const withCustomer = (c: CallView) => {
      const [customer, asker] = c.legs.map(l => l.id)
      return c.segments.some(s => s.kind === 'talk' && !s.endedAt && s.legs.join() === [customer, asker].join())
    }
    await ana.press('*4')
    const swapped = await when(call, 'the customer back', withCustomer)
    t.match(swapped.transfers, [{ state: 'consulting' }, { state: 'consulting' }])
    await ana.press('*4')
    await when(call, 'the customer on hold', c => !withCustomer(c))
    await ana.press('*1')
    const apart = await when(call, 'apart', c => c.transfers.every(one => one.state === 'done'))
    t.match(apart.transfers, [
      { id, outcome: 'cancelled' },
      { id: nested.body.id, outcome: 'abandoned' },
    ])
    t.ok(withCustomer(apart))
    await cust.hangup()
    await ben.hangup()
    await nothingLeft()
  },
)

t.test('a phone that was added, and is alone with the customer now, asks and hands over', async t => {
  const { cust, ana, ben } = await cast(t)
  const cleo = await phoneAt('1003')
  t.teardown(() => cleo.close())
  const call = await talk(cust, '1001', ana)
  t.match(await press(call, 'add', { to: '1003', extension: '1001' }), { status: 200 })
  await cleo.until('ringing')
  await cleo.answer()
  await when(call, 'a talk of three', c => c.segments.some(s => s.endedAt === undefined && s.legs.length === 3))
  t.match(await press(call, 'leave', { extension: '1001' }), { status: 200 })
  t.ok((await actionsAt(call, '1003')).includes('transfers'))
  const asked = await transfer(call, '1002*', { extension: '1003' })
  t.match(asked, { status: 201, body: { kind: 'attended', extension: '1003' } })
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
  t.match(await step(call, asked.body.id, 'complete'), { status: 200, body: { outcome: 'answered' } })
  await cust.hangup()
  await nothingLeft()
})

t.end()
