/**
 * The connection to ARI is cut while somebody is asked, or hears a message: nobody waits for what was lost on the way. Or the daemon
 * goes for good, and the caller is let go.
 */
import t from 'tap'
import { join } from 'node:path'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { levelOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import { aDaemon, KEY } from '../given/exchange.js'
import { askingFirst, CALLER, fromOutside } from '../given/softphone.js'
import { aTcpRelay } from '../given/tcp-relay.js'

const [ASK_HZ, SHUT_HZ, AUDIBLE] = [900, 1_300, 400]
const sounds = t.testdir({ 'ask.wav': toneWav(ASK_HZ, 1), 'shut.wav': toneWav(SHUT_HZ, 2) })
const lab = await startLab()
t.teardown(() => lab.stop())
const { host, port } = { host: '127.0.0.1', port: Number(new URL(lab.asterisk.ari.url).port) }
const relay = await aTcpRelay(t, { host, port })
const questions = [
  { id: 'rating', ask: [join(sounds, 'ask')], answers: { 1: { meaning: 'good' } }, waitMs: 6_000, retries: 0 },
]
const shut = { message: [join(sounds, 'shut')] }
const config = labConfig(lab, {
  key: KEY,
  ari: { url: `http://127.0.0.1:${relay.port}` },
  surveys: [{ name: 'service', questions, after: [{ queue: 'sales' }] }],
  routing: { routes: [{ name: 'shut', dialled: [askingFirst('7801')], to: shut }] },
})
const { crm, daemon, restart } = await aDaemon(t, lab, config)
const ana = await openPhone(lab, { extension: '1001' })
const cust = await openCustomer(lab, CALLER, 430)
const hears = (hz: number) =>
  retry(lab.clock, `${hz} Hz`, 10_000, () => Promise.resolve(levelOf(cust.heard(200), hz) > AUDIBLE || undefined))
const LONG_MS = 600_000
const soFar = () => cust.heard(LONG_MS).length
/** More than there was: while nothing is played, nothing comes. */
const hearsMore = (hz: number, than: number) =>
  retry(lab.clock, `${hz} Hz once more`, 10_000, () =>
    Promise.resolve((soFar() > than + 3_200 && levelOf(cust.heard(200), hz) > AUDIBLE) || undefined),
  )

/** A talk by the queue, which the agent ends. */
async function isAsked(): Promise<string> {
  await cust.dial(fromOutside('2019'))
  await ana.until('ringing')
  await ana.answer()
  const id = await retry(lab.clock, 'them to talk', 10_000, async () => {
    const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
    return calls.find(c => c.state === 'talking')?.id
  })
  await ana.hangup()
  return id
}

t.test('somebody is asked: the question is asked once more, and the answer is heard', async t => {
  const stream = await crm.webSocket('types=survey.*,call.recorded')
  await isAsked()
  await hears(ASK_HZ)
  await sleep(lab.clock, 1_500)
  const before = soFar()
  relay.cut()
  await hearsMore(ASK_HZ, before)
  // Its own time begins anew, and nothing is left of that before.
  await sleep(lab.clock, 4_500)
  await cust.press('1')
  const { survey } = (await stream.next('call.recorded')).data.call
  t.match(survey, { outcome: 'completed', questions: [{ times: 1, key: '1' }] })
  t.equal(stream.all.filter(e => e.type === 'survey.started').length, 1)
  stream.close()
})

t.test('somebody hears a message, whose end is lost: they are let go all the same', async t => {
  const stream = await crm.webSocket('types=call.routed,call.recorded')
  await cust.dial(askingFirst('7801'))
  await hears(SHUT_HZ)
  relay.cut()
  await cust.until('closed', 10_000)
  const { call } = (await stream.next('call.recorded')).data
  t.match(call, { routing: { does: 'message' }, segments: [{ kind: 'ivr', name: 'shut' }] })
  t.equal(stream.all.filter(e => e.type === 'call.routed').length, 1, 'told once')
  stream.close()
})

t.test('the daemon goes, and does not come back: the caller is let go within four seconds', async t => {
  const call = await isAsked()
  await hears(ASK_HZ)
  await daemon().stop()
  const began = lab.clock.now()
  await cust.until('closed')
  t.ok(lab.clock.now() - began < 4_000)
  await restart()
  // What happened meanwhile is learnt from the PBX, a moment after it is connected.
  const { survey } = await retry(lab.clock, 'the call to be over', 10_000, async () => {
    const { body } = await crm.get(`/v1/calls/${call}`)
    return body.state === 'ended' ? body : undefined
  })
  t.match(survey, { outcome: 'not-answered', questions: [{ id: 'rating' }] })
})

t.end()
