/** A colleague's phone rings before a transfer, and meanwhile somebody hangs up, by command or by themselves; at the real PBX. */
import t, { type Test } from 'tap'
import { retry } from '../../lab/wait.js'
import { anOffice, channelCount } from '../given/softphone.js'

const office = await anOffice(t, { ringForS: 8, consultForS: 8 })
const { lab, crm, cast, talk, transfer, press, when } = office
const channels = await channelCount(t, lab)
const extension = '1001'
const actions = async (call: string): Promise<string[]> =>
  (await crm.get(`/v1/calls/${call}?actions=true&extension=${extension}`)).body.actions ?? []
const nothingLeft = () =>
  retry(lab.clock, 'no channel to be left', 10_000, async () => ((await channels()) === 0 ? true : undefined))
const over = (call: string) => when(call, 'over', c => c.state === 'ended')

async function asked(t: Test) {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const { body } = await transfer(call, '1002*', { extension })
  await ben.until('ringing')
  return { cust, ana, ben, call, id: body.id ?? '' }
}

/** Asterisk ended itself in one of three or four, where the asker was hung up beside the others. */
for (let time = 1; time <= 6; time += 1)
  t.test(`the call is ended by command (${time})`, async t => {
    const { call, id } = await asked(t)
    t.match(await press(call, 'hangup'), { status: 200, body: { state: 'ended' } })
    await nothingLeft()
    const body = await over(call)
    t.match(body.transfers, { length: 1 })
    t.match(body.transfers[0], { id, kind: 'attended', outcome: 'abandoned', to: { number: '1002' } })
    t.match(
      body.legs.filter(l => l.extension === extension),
      [{ reason: 'command' }],
    )
  })

t.test('a menu is asked, and the call is ended by command', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  t.match(await transfer(call, '5001*', { extension }), { status: 201 })
  t.match(await press(call, 'hangup'), { status: 200, body: { state: 'ended' } })
  const { transfers } = await over(call)
  t.match(transfers, { length: 1 })
  t.match(transfers[0], { kind: 'attended', outcome: 'abandoned', to: { number: '5001' } })
})

t.test('the customer gives up', async t => {
  const { cust, call, id } = await asked(t)
  await cust.hangup()
  const { transfers } = await over(call)
  t.match(transfers, { length: 1 })
  t.match(transfers[0], { id, kind: 'attended', outcome: 'abandoned', to: { number: '1002' } })
})

for (const how of ['leave', 'complete'] as const)
  t.test(`${how}: the asker has no part in the call any more, and the colleague answers`, async t => {
    const { ben, call, id } = await asked(t)
    const button = how === 'leave' ? 'leave' : `transfers/${id}/complete`
    t.match(await press(call, button, how === 'leave' ? { extension } : {}), { status: 200 })
    t.notOk((await actions(call)).includes('leave'))
    for (const command of ['leave', 'leave?dryRun=true', 'hold'])
      t.match(await press(call, command, { extension }), { status: 409, body: { code: 'NOT_IN_CALL' } }, command)
    await ben.answer()
    const now = await when(call, 'answered', c => c.transfers[0]?.outcome !== undefined)
    t.match(now.transfers, [{ id, kind: 'semi-attended', outcome: 'answered' }])
    t.match(await press(call, 'hangup'), { status: 200 })
  })

t.test('the call is ended after complete, before the colleague answers', async t => {
  const { call, id } = await asked(t)
  t.match(await press(call, `transfers/${id}/complete`), { status: 200 })
  t.match(await press(call, 'hangup'), { status: 200, body: { state: 'ended' } })
  await nothingLeft()
  t.match((await over(call)).transfers, { length: 1 })
})

t.test('a closed queue is asked: no phone rings, and nobody has taken anything back', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  await transfer(call, '2014*', { extension })
  const now = await when(call, 'back', c => c.state === 'talking' && c.transfers[0]?.outcome !== undefined)
  t.match(now.transfers, [{ kind: 'attended', outcome: 'failed' }])
})
