/** Every command on calls that are over, that nobody knows, and that have become part of another; and with values that nobody should send. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import { CALL_COMMANDS, OUTSIDE_COMMANDS, TRANSFER_COMMANDS } from '../../src/events/command.js'
import { anOffice } from '../given/softphone.js'

const surveys = [
  { name: 'service', questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500 }] },
]
const office = await anOffice(t, { ringForS: 10, surveys })
const { lab, crm, cast, talk, press, when, callNow } = office

const BODIES: Readonly<Record<string, object>> = {
  digits: { digits: '1' },
  add: { to: '1003' },
  drop: { leg: 'none' },
  transfer: { to: '1003' },
}
const at = { extension: '1001' }
const ALL: readonly (readonly [string, object])[] = [
  ['hangup', {}],
  ...Object.keys(CALL_COMMANDS).map(
    name => [name === 'transfer' ? 'transfers' : name, { ...BODIES[name], ...at }] as const,
  ),
  ...Object.keys(OUTSIDE_COMMANDS).map(name => [name, at] as const),
  ...Object.keys(TRANSFER_COMMANDS).map(name => [`transfers/none/${name}`, {}] as const),
]

t.test('on a call that is over, and on calls that nobody knows', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  await press(call, 'leave')
  await when(call, 'over', c => c.state === 'ended')
  for (const [button, body] of ALL)
    for (const query of ['', '?dryRun=true']) {
      t.match(await press(call, `${button}${query}`, body), { status: 409, body: { code: 'CALL_ENDED' } }, button)
      for (const id of ['lab:1.1', 'elsewhere:1.1', 'nothing', encodeURIComponent('lab:${SHELL(id)}\r\nAction: Hangup')])
        t.match(await press(id, `${button}${query}`, body), { status: 404, body: { code: 'CALL_NOT_FOUND' } }, `${button} of ${id}`) // prettier-ignore
    }
})

t.test('a call that has become part of another is that one', async t => {
  const { cust, ana, ben } = await cast(t)
  const call = await talk(cust, '1001', ana)
  await ana.dial('1002')
  await ben.until('ringing')
  await ben.answer()
  const consult = await retry(lab.clock, 'the two to talk', 10_000, async () => {
    const { calls } = (await crm.get<{ calls: { id: string; state: string }[] }>('/v1/calls')).body
    return calls.find(c => c.id !== call && c.state === 'talking')?.id
  })
  await ana.transferToOther('1002')
  await when(consult, 'part of the other', c => c.mergedInto !== undefined || c.id !== consult)
  const there = await when(call, 'talking', c => c.state === 'talking')
  t.ok(there.legs.some(l => l.extension === '1002' && l.state === 'up'))
  const bens = { extension: '1002' }
  t.match(await press(consult, 'hold', bens), { status: 200 })
  t.match(await callNow(call), { state: 'held' })
  t.match(await press(consult, 'retrieve?dryRun=true', bens), { status: 200 })
  t.match(await press(call, 'retrieve', bens), { status: 200, body: { id: call, state: 'talking' } })
  t.match(await press(consult, 'hangup'), { status: 200 })
  t.match(await callNow(call), { state: 'ended' })
  t.match(await press(consult, 'hold', bens), { status: 409, body: { code: 'CALL_ENDED' } })
})

const HOSTILE = [
  '',
  ' ',
  '1002\r\nAction: Hangup',
  '1002\u0000',
  '${SHELL(id)}',
  '1002,,,S(1)',
  '1002&PJSIP/1003',
  'Local/1003@from-phones',
  'PJSIP/1003',
  'x'.repeat(10_000),
  '9'.repeat(40),
  '٠١٢',
  '-1',
  '🙂',
]

t.test('hostile targets, names and legs are refused, and the talk goes on', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const refused = async (button: string, body: object) => {
    const { status, body: answer } = await press(call, button, body)
    t.ok(
      status >= 400 && status < 500,
      `${button} ${JSON.stringify(body).slice(0, 80)}: ${status} ${answer.code ?? ''}`,
    )
  }
  for (const value of HOSTILE) {
    for (const kind of [{}, { kind: 'attended' }, { kind: 'three-way' }])
      await refused('transfers', { ...at, to: value, ...kind })
    await refused('transfers', { ...at, to: `${value}*` })
    await refused('add', { ...at, to: value })
    await refused('add', { ...at, agent: value })
    await refused('drop', { ...at, leg: value })
    await refused('mute', { ...at, leg: value })
    await refused('digits', { ...at, digits: value.replace(/^9+$/, 'x') })
    await refused('survey', { ...at, survey: value })
    await refused('hold', { extension: value })
    await refused('listen', { extension: value })
    await refused('listen', { extension: '1002', agent: value })
    await refused('pickup', { extension: '1002', leg: value })
    await refused('hangup', { by: value })
    await refused(`transfers/${encodeURIComponent(value)}/cancel`, {})
  }
  t.match(await callNow(call), { state: 'talking', transfers: [] })
  await cust.hangup()
  await when(call, 'over', c => c.state === 'ended')
})

t.end()
