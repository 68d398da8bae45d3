/**
 * Somebody hangs up in the middle of each command: it is refused or carried out, the call ends, whoever is left is not left
 * alone with silence, and nothing stays on the PBX.
 */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { brokenPromises } from '../given/invariants.js'
import { anOffice, channelCount, fromOutside } from '../given/softphone.js'

const surveys = [
  { name: 'service', questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500 }] },
]
const office = await anOffice(t, { ringForS: 3, surveys })
const { lab, crm, cast, press, talk, when } = office
const channels = await channelCount(t, lab)

const from = { extension: '1001' }
const WHILE_TALKING: readonly [string, object][] = [
  ['leave', from],
  ['digits', { ...from, digits: '123' }],
  ['mute', from],
  ['hold', from],
  ['flash', from],
  ['record', from],
  ['park', from],
  ['lock', from],
  ['add', { ...from, to: '1002' }],
  ['survey', from],
  ['transfers', { ...from, to: '1002' }],
  ['transfers', { ...from, to: '1002*' }],
  ['transfers', { ...from, to: '1002#' }],
  ['listen', { extension: '1002' }],
  ['take-over', { extension: '1002' }],
  ['hangup', {}],
]
const WHILE_RINGING: readonly [string, object][] = [
  ['answer', from],
  ['reject', from],
  ['pickup', { extension: '1002' }],
]

/** Done, or refused with a reason. */
const isSound = ({ status, body }: { status: number; body: { code?: string } }) =>
  status < 300 || (status === 409 && body.code !== undefined)

for (const who of ['the customer', 'the agent'] as const)
  t.test(`${who} hangs up meanwhile`, async t => {
    const { cust, ana, ben } = await cast(t)
    const stream = await crm.webSocket()
    const gone = who === 'the customer' ? cust : ana
    const clean = async (call: string, what: string) => {
      // Whoever is left with somebody else goes on; a call of nobody but them is over by itself.
      await Promise.all([cust, ana, ben].map(phone => phone.clear().catch(() => undefined)))
      t.match(await when(call, `over after ${what}`, c => c.state === 'ended'), { state: 'ended' })
      await retry(lab.clock, `nothing to be left after ${what}`, 10_000, async () => ((await channels()) === 0 ? true : undefined)) // prettier-ignore
      for (const { id } of (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls)
        await when(id, 'over', c => c.state === 'ended')
    }
    for (const [button, body] of WHILE_TALKING) {
      const what = `${button} ${JSON.stringify(body)}`
      const call = await talk(cust, '1001', ana)
      const [answer] = await Promise.all([press(call, button, body), gone.hangup().catch(() => undefined)])
      t.ok(isSound(answer), `${what}: ${answer.status} ${answer.body.code ?? ''}`)
      await clean(call, what)
    }
    if (who === 'the customer')
      for (const [button, body] of WHILE_RINGING) {
        await cust.dial(fromOutside('1001'))
        await ana.until('ringing')
        const [ringing] = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
        const call = ringing?.id ?? ''
        const [answer] = await Promise.all([press(call, button, body), cust.hangup().catch(() => undefined)])
        t.ok(isSound(answer), `${button}: ${answer.status} ${answer.body.code ?? ''}`)
        await clean(call, button)
      }
    const ours = new Set(stream.all.filter(e => e.type === 'call.started').map(e => e.subject))
    const told = stream.all.filter(e => ours.has(e.subject)).map(e => ({ type: e.type, call: e.data.call }))
    t.strictSame(brokenPromises(told), [])
    stream.close()
  })

t.test('a conference room was brought into the talk, and somebody else is asked: hangup ends that, too', async t => {
  const { cust, ana } = await cast(t)
  const call = await talk(cust, '1001', ana)
  const asked = await press<{ id: string }>(call, 'transfers', { ...from, to: '3001*' })
  t.equal(asked.status, 201)
  t.equal((await press(call, `transfers/${asked.body.id}/conference`)).status, 200)
  // At once: the PBX takes no keys for a moment.
  t.equal((await press(call, 'transfers', { ...from, to: '7500*' })).status, 201)
  t.equal((await press(call, 'hangup')).status, 200)
  await retry(lab.clock, 'nothing to be left', 10_000, async () => ((await channels()) === 0 ? true : undefined))
})

t.end()
