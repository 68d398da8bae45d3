/**
 * Who is asked before a transfer is no phone but a queue where nobody is free, a menu, a conference room or a mailbox; and who asks
 * does so by command or by the keys of the phone. It is the same transfer at the real PBX.
 */
import t, { type Test } from 'tap'
import { retry } from '../../lab/wait.js'
import type { Phone } from '../../lab/phone.js'
import { DIRECTORY } from '../given/agents.js'
import { anOffice, channelCount } from '../given/softphone.js'

const office = await anOffice(t, { ringForS: 8, consultForS: 8, agents: { directory: DIRECTORY } })
const { lab, crm, cast, talk, transfer, press, when, callNow } = office
const channels = await channelCount(t, lab)
const step = (call: string, id: string | undefined, what: string) => press(call, `transfers/${id ?? ''}/${what}`)
const actions = async (call: string) =>
  (await crm.get(`/v1/calls/${call}?actions=true&extension=1001`)).body.actions ?? []

const nothingLeft = () =>
  retry(lab.clock, 'no channel to be left', 10_000, async () => ((await channels()) === 0 ? true : undefined))
const back = (call: string) =>
  when(call, 'back with the customer', c => c.state === 'talking' && c.transfers.at(-1)?.outcome !== undefined)

/** The number that is asked, and what the customer does when it is handed over. */
/** `outcome`: of the transfer that was carried out. */
const WHERE = {
  'a queue that has no members': { to: '2001', kind: 'queue', outcome: 'queued' },
  'a queue whose members are paused': { to: '2009', kind: 'queue', outcome: 'queued' },
  'a menu': { to: '5001', kind: 'ivr', outcome: 'ivr' },
  'a conference room': { to: '3001', kind: 'ivr', outcome: 'ivr' },
  'a mailbox': { to: '4302', kind: 'voicemail', outcome: 'voicemail' },
}

await t.test('an agent on a break', async t => {
  const ben = await office.phoneAt('1002')
  t.teardown(() => ben.close())
  t.match(await crm.post('/v1/agents/lab:8002/sign-in', { extension: '1002' }), { status: 200 })
  t.match(await crm.post('/v1/agents/lab:8002/not-ready', { reason: '1' }), { status: 200 })
})

for (const [where, { to, kind, outcome }] of Object.entries(WHERE))
  t.test(`${where} is asked, left, and asked again; then the customer is handed over`, async t => {
    const { cust, ana } = await cast(t)
    const call = await talk(cust, '1001', ana)
    const asks = async () => {
      const { status, body } = await transfer(call, `${to}*`)
      t.match({ status, body }, { status: 201, body: { kind: 'attended', state: 'consulting', to: { number: to } } })
      return body.id ?? ''
    }
    const first = await asks()
    t.match(await step(call, first, 'cancel'), { status: 200, body: { state: 'done', outcome: 'cancelled' } })
    await back(call)
    const second = await asks()
    t.match(await press(call, 'flash', { extension: '1001' }), { status: 200 })
    t.match((await back(call)).transfers, [{ outcome: 'cancelled' }, { id: second, outcome: 'cancelled' }])
    const third = await asks()
    for (const what of ['cancel', 'complete', 'conference', 'swap'])
      t.ok((await actions(call)).includes(`transfers/${third}/${what}`), what)
    // A menu and a mailbox end on their own.
    if (kind === 'queue')
      for (const _ of ['there', 'back'])
        t.match(await step(call, third, 'swap'), { status: 200, body: { state: 'consulting' } })
    t.match(await step(call, third, 'complete'), { status: 200, body: { id: third, state: /^(open|done)$/ } })
    await ana.until('closed')
    const there = await when(call, `with ${where}`, c =>
      c.segments.some(s => s.endedAt === undefined && s.kind === kind && c.transfers[2]?.state === 'done'),
    )
    t.match(there.transfers, [{}, {}, { id: third, outcome }])
    await cust.hangup()
    await when(call, 'over', c => c.state === 'ended')
    await nothingLeft()
  })

t.test('the call is hung up by command while a queue is asked: nobody stays behind', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  t.match(await transfer(call, '2001*'), { status: 201 })
  t.match(await press(call, 'hangup'), { status: 200, body: { state: 'ended', endedBy: 'command' } })
  await Promise.all([cust.until('closed'), ana.until('closed')])
  await nothingLeft()
})

for (const parked of [true, false])
  t.test(
    `a queue is in the talk${parked ? ', and who called is parked from there' : ''}: hanging up ends all of it`,
    async t => {
      const { ana, ben } = await cast(t)
      t.match(await crm.post('/v1/calls', { from: '1001', to: '1002' }), { status: 201 })
      await ben.until('ringing')
      await ben.answer()
      const { id: call } = await retry(lab.clock, 'the two to talk', 10_000, async () => {
        const { calls } = (await crm.get<{ calls: { id: string; state: string }[] }>('/v1/calls')).body
        return calls.find(c => c.state === 'talking')
      })
      const { body } = await transfer(call, '2001*', { extension: '1001' })
      t.match(await step(call, body.id, 'conference'), { status: 200 })
      if (parked) t.match(await press(call, 'park', { extension: '1002', timeoutMs: 60_000 }), { status: 200 })
      t.match(await press(call, 'hangup'), { status: 200, body: { state: 'ended', endedBy: 'command' } })
      await Promise.all([ana.until('closed'), ben.until('closed')])
      await nothingLeft()
    },
  )

t.test('the customer hangs up while a menu is asked, and the agent then', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const { body } = await transfer(call, '5001*')
  await cust.hangup()
  await when(call, 'abandoned', c => c.transfers[0]?.outcome === 'abandoned')
  t.match(await step(call, body.id, 'cancel'), { status: 409, body: { code: 'TRANSFER_STATE' } })
  t.match(await press(call, 'hangup'), { status: 200 })
  await nothingLeft()
})

/** Pressed on the phone, and then told of as a transfer that a command has asked for. */
async function asksByPhone(call: string, ana: Phone, ben: Phone) {
  await ana.press('*21002')
  await ben.until('ringing')
  const rings = await when(call, 'ringing', c => c.transfers.at(-1)?.state === 'ringing')
  const transfer = rings.transfers.at(-1)
  t.match(transfer, { kind: 'attended', extension: '1001', to: { extension: '1002' }, id: /./, askedAt: /./ })
  t.match(await refusedMeanwhile(call), { status: 409, body: { code: 'TRANSFER_STATE' } })
  return transfer?.id ?? ''
}
const refusedMeanwhile = (call: string) => transfer(call, '1003', { extension: '1001' })

/** The customer talks with 1001, who talks with 1002 by then. */
async function consultsByPhone(t: Test) {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const id = await asksByPhone(call, ana, ben)
  await ben.answer()
  await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
  return { cust, ana, ben, call, id }
}

for (const [what, how] of Object.entries({
  'flash takes the customer back': ({ call }) => press(call, 'flash', { extension: '1001' }),
  'cancel takes the customer back': ({ call, id }) => step(call, id, 'cancel'),
  'the key takes the customer back': ({ ana }) => ana.press('*1'),
} satisfies Record<string, (on: Awaited<ReturnType<typeof consultsByPhone>>) => Promise<unknown>>))
  t.test(`by the keys of the phone; ${what}`, async t => {
    const on = await consultsByPhone(t)
    await how(on)
    t.match((await back(on.call)).transfers, [{ id: on.id, state: 'done', outcome: 'cancelled' }])
    await on.ben.until('closed')
    await on.cust.hangup()
    await nothingLeft()
  })

t.test('by the keys of the phone; commands go to and fro, and hand over', async t => {
  const { cust, ana, call, id } = await consultsByPhone(t)
  for (const what of ['cancel', 'complete', 'conference', 'swap'])
    t.ok((await actions(call)).includes(`transfers/${id}/${what}`), what)
  for (const _ of ['there', 'back'])
    t.match(await step(call, id, 'swap'), { status: 200, body: { state: 'consulting' } })
  t.match(await step(call, id, 'complete'), { status: 200, body: { id, kind: 'attended', outcome: 'answered' } })
  await ana.until('closed')
  t.match(await callNow(call), { state: 'talking', transfers: [{ id, outcome: 'answered' }] })
  await cust.hangup()
  await nothingLeft()
})

t.test('a queue by the keys of the phone, and taken back by command', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  await ana.press('*22001')
  const asked = await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
  t.match(asked.transfers, [{ kind: 'attended', to: { number: '2001' } }])
  t.match(await step(call, asked.transfers[0]?.id, 'cancel'), { status: 200, body: { outcome: 'cancelled' } })
  await back(call)
  await cust.hangup()
  await nothingLeft()
})

/** Whoever transfers: at which number they answer the customer, and what happens before. */
const BEHIND: Record<string, { to: string; takesOver?: true }> = {
  'behind a Local pair that stays': { to: '2103' },
  'behind one that goes away': { to: '2102' },
  'behind one that has the keys, which the phone has not': { to: '2105' },
  'in the place of a colleague': { to: '1001', takesOver: true },
  'in the place of a colleague behind a Local pair': { to: '2103', takesOver: true },
  'in the place of a colleague behind one that has the keys': { to: '2105', takesOver: true },
}

for (const [where, { to, takesOver }] of Object.entries(BEHIND))
  t.test(`${where}: what a phone can do with one who rings, and with one who has answered`, async t => {
    const { cust, ana, ben } = await cast(t)
    const cleo = await office.phoneAt('1003')
    t.teardown(() => cleo.close())
    const extension = takesOver ? '1003' : '1001'
    const talks = async () => {
      const call = await talk(cust, to, ana)
      if (takesOver) t.match(await press(call, 'take-over', { extension }), { status: 200, body: { state: 'talking' } })
      return call
    }
    const asks = async (call: string) => {
      const { status, body } = await transfer(call, '1002*', { extension })
      t.match({ status, body }, { status: 201, body: { kind: 'attended', state: 'ringing', extension } })
      await ben.until('ringing')
      return body.id ?? ''
    }
    const over = async (call: string) => {
      await cust.hangup()
      await when(call, 'over', c => c.state === 'ended')
      await nothingLeft()
    }

    const call = await talks()
    for (const how of ['cancel', 'flash']) {
      const id = await asks(call)
      const answer = how === 'flash' ? await press(call, how, { extension }) : await step(call, id, how)
      t.match(answer, { status: 200 }, how)
      t.match((await back(call)).transfers.at(-1), { id, state: 'done', outcome: 'cancelled' }, how)
      await ben.until('closed')
    }
    const id = await asks(call)
    await ben.answer()
    await when(call, 'consulting', c => c.transfers.at(-1)?.state === 'consulting')
    for (const _ of ['there', 'back'])
      t.match(await step(call, id, 'swap'), { status: 200, body: { state: 'consulting' } })
    t.match(await step(call, id, 'complete'), { status: 200, body: { id, kind: 'attended', outcome: 'answered' } })
    t.match(await callNow(call), { state: 'talking', transfers: [{}, {}, { id, outcome: 'answered' }] })
    await over(call)

    const second = await talks()
    const rings = await asks(second)
    t.match(await step(second, rings, 'complete'), { status: 200, body: { id: rings, kind: 'semi-attended', state: 'open' } }) // prettier-ignore
    await ben.answer()
    const answered = await when(second, 'answered', c => c.transfers[0]?.state === 'done')
    t.match(answered, { state: 'talking', transfers: [{ id: rings, extension, outcome: 'answered' }] })
    t.equal(answered.legs.find(l => l.extension === extension)?.reason, 'transferred')
    await over(second)
  })

t.end()
