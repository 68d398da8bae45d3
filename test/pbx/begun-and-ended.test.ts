/**
 * What begins by command ends by command, and by right; what a dry run and `actions` say is what happens. Surveys, parking and hold
 * where the phone has the caller on hold, and where the agent is behind a Local channel that stays.
 */
import t from 'tap'
import { readFileSync } from 'node:fs'
import type { Phone } from '../../lab/phone.js'
import { listen } from '../../lab/stories/stage.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { DIRECTORY } from '../given/agents.js'
import { anOffice, fromOutside } from '../given/softphone.js'

const surveys = [
  { name: 'service', questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500 }] },
]
const office = await anOffice(t, { ringForS: 10, agents: { directory: DIRECTORY }, surveys })
const { lab, crm, cast, talk, press, transfer, transferNow, when, callNow } = office
const ana = { extension: '1001' }
const ben = { extension: '1002' }
const LOCAL_THAT_STAYS = '2103'

const could = async (call: string, query: string) =>
  (await crm.get(`/v1/calls/${call}?actions=true&${query}`)).body.actions ?? []
const legAt = (call: CallView, extension: string) =>
  call.legs.find(l => l.extension === extension && l.state !== 'gone')?.id ?? ''

async function ringing(customer: Phone, phone: Phone): Promise<string> {
  await customer.dial(fromOutside('1001'))
  await phone.until('ringing')
  const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
  return calls[0]?.id ?? ''
}

t.test('whoever listens leaves, and the others talk on', async t => {
  const { cust, ana: phone, ben: sam } = await cast(t)
  const call = await talk(cust, '1001', phone)
  t.notOk((await could(call, 'extension=1002')).includes('leave'))
  t.match(await press(call, 'leave', ben), { status: 409, body: { code: 'NOT_IN_CALL' } })
  t.match(await press(call, 'listen', { ...ben, mode: 'barge' }), { status: 200 })
  t.ok((await could(call, 'extension=1002')).includes('leave'))
  t.match(await press(call, 'leave?dryRun=true', ben), { status: 200 })
  t.match(await press(call, 'leave', ben), { status: 200, body: { state: 'talking' } })
  await sam.until('closed')
  t.match(await callNow(call), { state: 'talking' })
  await cust.hangup()
})

t.test('somebody who is rung is put out again before they answer', async t => {
  const { cust, ana: phone, ben: colleague } = await cast(t)
  const call = await talk(cust, '1001', phone)
  await press(call, 'add', { ...ana, to: '1002' })
  await colleague.until('ringing')
  const rung = { ...ana, leg: legAt(await callNow(call), '1002') }
  t.match(await press(call, 'drop?dryRun=true', rung), { status: 200 })
  t.match(await press(call, 'drop', rung), { status: 200, body: { state: 'talking' } })
  await colleague.until('closed')

  for (const button of ['cancel', 'flash'] as const) {
    const { id = '' } = (await transfer(call, '1002#', ana)).body
    await colleague.until('ringing')
    const cancel = `transfers/${id}/cancel`
    t.ok((await could(call, 'extension=1001')).includes(cancel))
    t.match(await press(call, button === 'flash' ? button : cancel, button === 'flash' ? ana : {}), { status: 200 })
    await colleague.until('closed')
    t.match(await transferNow(call, id), { state: 'done', outcome: 'cancelled' }, button)
    t.match(await callNow(call), { state: 'talking' })
  }
  await cust.hangup()
})

t.test('a phone that is rung for a call is let go when the last who was in it leaves', async t => {
  const { cust, ana: phone, ben: colleague } = await cast(t)
  const busy = await office.phone({ extension: '1003', answers: 'never' })
  t.teardown(() => busy.close())
  const isOver = async (call: string) => {
    const over = await when(call, 'over', c => c.state === 'ended')
    t.match(over, { endedBy: 'caller', offers: [{}, { result: 'caller-gave-up' }] })
  }
  for (const [button, body] of [
    ['add', { ...ana, to: '1002' }],
    ['transfers', { ...ana, to: '1002#' }],
  ] as const) {
    const call = await talk(cust, '1001', phone)
    t.match(await press(call, button, body), { status: button === 'add' ? 200 : 201 })
    await colleague.until('ringing')
    await cust.hangup()
    await colleague.until('closed')
    await isOver(call)
  }
  for (const button of ['take-over', 'pickup']) {
    const call = button === 'pickup' ? await ringing(cust, phone) : await talk(cust, '1001', phone)
    const asked = press(call, button, { extension: '1003' })
    await busy.until('ringing')
    await cust.hangup()
    t.match(await asked, { status: 409, body: { code: 'CALL_ENDED' } }, button)
    await busy.until('closed')
    await isOver(call)
  }
})

t.test('a call is hung up by those who are in it, and by right', async t => {
  const { cust, ana: phone } = await cast(t)
  await crm.post('/v1/agents/lab:8001/sign-in', ana)
  t.teardown(() => crm.post('/v1/agents/lab:8001/sign-out', { force: true }))
  const call = await talk(cust, '1001', phone)
  t.notOk((await could(call, 'by=8002')).includes('hangup'))
  for (const button of ['hangup', 'hangup?dryRun=true'])
    t.match(await press(call, button, { by: '8002' }), { status: 403, body: { code: 'RIGHT_MISSING' } })
  t.match(await press(call, 'hangup', { by: '8999' }), { status: 422, body: { code: 'STAFF_UNKNOWN' } })
  t.match(await callNow(call), { state: 'talking' })
  for (const by of ['8001', '8100']) {
    t.ok((await could(call, `by=${by}`)).includes('hangup'))
    t.match(await press(call, 'hangup?dryRun=true', { by }), { status: 200 })
  }
  t.match(await press(call, 'hangup', { by: '8001' }), { status: 200, body: { state: 'ended' } })
  t.match(await press(call, 'hangup', { by: '8001' }), { status: 409, body: { code: 'CALL_ENDED' } })
})

t.test('a caller for whom a queue rings is hung up: no phone has missed a call, as the PBX has it', async t => {
  const { cust, ana: phone, ben: colleague } = await cast(t)
  await cust.dial(fromOutside('2000'))
  await phone.until('ringing')
  const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
  const call = calls[0]?.id ?? ''
  t.match(await press(call, 'hangup'), {
    status: 200,
    body: { endedBy: 'command', queues: [{ outcome: 'abandoned' }] },
  })
  await phone.until('closed')
  const over = await when(call, 'over', c => c.state === 'ended')
  t.strictSame([...new Set(over.offers.map(o => o.result))], ['caller-gave-up'])
  const leg = over.queues[0]?.leg ?? ''
  const rows = readFileSync(lab.asterisk.files.queueLog, 'utf8').split('\n')
  t.notOk(rows.some(row => row.includes(leg) && row.includes('RINGNOANSWER')))
  await colleague.clear()
})

t.test('a phone that is not there cannot dial, and a dry run says so', async t => {
  for (const query of ['', '?dryRun=true'])
    t.match(await crm.post(`/v1/calls${query}`, { from: '1019', to: '1001' }), {
      status: 409,
      body: { code: 'EXTENSION_UNREACHABLE' },
    })
})

for (const [where, to] of [
  ['directly', '1001'],
  ['behind a Local channel that stays', LOCAL_THAT_STAYS],
] as const)
  t.test(`called ${where}: survey and parking, while they talk and on hold`, async t => {
    const { cust, ana: phone } = await cast(t)
    const holds = async (call: string, how: string) => {
      if (how === 'by phone') await phone.hold()
      if (how === 'by command') t.match(await press(call, 'hold', ana), { status: 200 })
      if (how !== 'not') await when(call, 'held', c => c.state === 'held')
    }
    for (const how of ['not', 'by phone', 'by command']) {
      const call = await talk(cust, to, phone)
      await holds(call, how)
      t.ok((await could(call, 'extension=1001')).includes('survey'), `held: ${how}`)
      t.match(await press(call, 'survey', ana), { status: 200, body: { survey: { name: 'service', extension: '1001' } } }) // prettier-ignore
      await phone.until('closed')
      const over = await when(call, 'over', c => c.state === 'ended')
      t.match(over.survey, { outcome: 'not-answered', questions: [{ times: 2 }] }, `held: ${how}`)
      t.equal(over.legs.find(l => l.extension === '1001')?.reason, 'transferred')
      await cust.until('closed')
    }
    for (const how of ['not', 'by phone', 'by command']) {
      const call = await talk(cust, to, phone)
      await holds(call, how)
      t.match(await press(call, 'park', { ...ana, timeoutMs: 60_000 }), { status: 200, body: { state: 'parked' } })
      await phone.until('closed')
      await cust.hangup()
      await when(call, 'over', c => c.state === 'ended')
    }
  })

t.test('hold behind a Local channel that stays: the music goes on until they talk again', async t => {
  const { cust, ana: phone, ben: sam } = await cast(t)
  const ami = await listen(lab)
  t.teardown(() => ami.close())
  const music = (what: string) =>
    ami.frames.history.filter(f => f['Event'] === `MusicOnHold${what}` && f['Channel']?.startsWith('Snoop/')).length
  const call = await talk(cust, LOCAL_THAT_STAYS, phone)
  t.match(await press(call, 'hold', ana), { status: 200, body: { state: 'held' } })
  await press(call, 'listen', ben)
  await press(call, 'leave', ben)
  await sam.until('closed')
  t.equal(music('Start'), 1)
  t.equal(music('Stop'), 0, 'others come and go meanwhile')
  t.match(await callNow(call), { state: 'held' })
  t.match(await press(call, 'retrieve', ana), { status: 200, body: { state: 'talking' } })
  await retry(lab.clock, 'the music to stop', 5_000, () => Promise.resolve(music('Stop') === 1 || undefined))
  await cust.hangup()
})

t.end()
