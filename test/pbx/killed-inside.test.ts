/**
 * The daemon is killed at moments that the other stories leave out: while a listed caller hears a message, while somebody is being
 * called back, while a prompt is being spoken, while a message is being deleted, and while an e-mail waits to be sent.
 */
import t, { type Test } from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone, type Phone } from '../../lab/phone.js'
import { freeTcp } from '../../lab/ports.js'
import { levelOf, samplesOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallBackView } from '../../src/events/call-back.js'
import type { CallView } from '../../src/events/call.js'
import type { PromptView } from '../../src/events/prompt.js'
import type { MessageView } from '../../src/events/voicemail.js'
import { elapsedMs } from '../../src/base/system.js'
import { DIRECTORY } from '../given/agents.js'
import { aDaemonProcess } from '../given/daemon-process.js'
import { KEY } from '../given/exchange.js'
import { freeze } from '../given/freeze.js'
import { aMailServer } from '../given/mail-server.js'
import { askingFirst, CALLER, fromOutside } from '../given/softphone.js'

const [LISTED_HZ, OFFER_HZ, THANKS_HZ, NEXT_HZ, VOICE_HZ] = [900, 1_300, 1_700, 2_100, 430]
/** So long nobody is left alone; the rest is what it takes to see it. */
const STRANDED_MS = 4_500
const WAIT_MS = 20_000
/** After five seconds it would end whatever hangs. */
const STOPS_WITHIN_MS = 4_500

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const smtpPort = await freeTcp()
const dir = t.testdir({ 'listed.wav': toneWav(LISTED_HZ, 5) })
for (const [name, hz, s] of [['offer', OFFER_HZ, 1], ['thanks', THANKS_HZ, 1], ['next', NEXT_HZ, 1], ['voicemail', OFFER_HZ, 1]] as const)
  writeFileSync(join(lab.dir, 'prompts', `${name}.wav`), toneWav(hz, s)) // prettier-ignore
const menu = {
  start: 'offer',
  nodes: {
    offer: { menu: { play: ['prompts/offer'], keys: { '1': 'ask' }, waitMs: 15_000, retries: 0 }, otherwise: 'back' },
    ask: { callBack: { number: '{caller}' }, next: 'thanks', otherwise: 'back' },
    thanks: { play: ['prompts/thanks'], next: 'end' },
    back: { go: { back: true } },
    end: { hangup: true },
  },
}
writeFileSync(join(dir, 'call-back.yaml'), stringify(menu))
const rate = { start: 'rate', nodes: { rate: { go: { survey: 'service' } } } }
writeFileSync(join(dir, 'rate.yaml'), stringify(rate))
const rating = { id: 'rating', ask: ['prompts/offer'], answers: { '5': { meaning: 'good' } }, waitMs: 15_000 }
const settings = {
  agents: { directory: DIRECTORY },
  ivr: { dir },
  routing: {
    routes: [
      { name: 'hotline', dialled: [askingFirst('77*')], to: { number: '2000' } },
      { name: 'rate', dialled: [askingFirst('7901')], to: { ivr: 'rate' } },
    ],
    blacklist: { message: [join(dir, 'listed')] },
    queueKeys: [{ queue: 'keys', keys: { '1': 'call-back' } }],
    callBacks: { attempts: 2, retryMs: 1_500 },
  },
  voicemail: { boxes: [{ box: '1001', agent: '8001', email: ['ana@example.org'] }] },
  mail: { host: '127.0.0.1', port: smtpPort, from: 'pbx@example.org', retryMs: 300 },
  surveys: [{ name: 'service', questions: [rating, { ...rating, id: 'again', ask: ['prompts/thanks'] }] }],
}
const daemon = await aDaemonProcess(lab, 'killed-inside', settings)
const { crm } = daemon
const cust = await openCustomer(lab, CALLER, VOICE_HZ)
const [ana, cleo] = await Promise.all(
  ['1001', '1003'].map(extension => openPhone(lab, { extension, toneHz: VOICE_HZ })),
)
if (!ana || !cleo) throw new Error('no phones')

const hears = (phone: Phone, hz: number) =>
  retry(clock, `${phone.extension} to hear ${hz} Hz`, WAIT_MS, () =>
    Promise.resolve(levelOf(phone.heard(200), hz) > 400 || undefined),
  )
const soundOf = async (path: string) => {
  const answer = await fetch(`${daemon.address}${path}`, { headers: { authorization: `Bearer ${KEY}` } })
  return samplesOf(Buffer.from(await answer.arrayBuffer()).subarray(44))
}
const messages = async () => (await crm.get<{ messages: MessageView[] }>('/v1/voicemail')).body.messages
const recordings = async () =>
  (
    await fetch(`${lab.asterisk.ari.url}/ari/recordings/stored`, {
      headers: { authorization: `Basic ${Buffer.from(`aladdin:${lab.asterisk.ari.password}`).toString('base64')}` },
    })
  ).text()

/** The same with more patience: callers wait for it long enough, also on a busy machine. */
const patient = await aDaemonProcess(lab, 'killed-survey', { ...settings, ari: { callersWaitMs: 20_000 } })

/** The next daemon, which runs to the end of the test. */
async function next(t: Test) {
  const { program } = await daemon.start()
  t.teardown(() => program.stop())
  return program
}
async function kill(program: { kill: () => void; ended: Promise<unknown> }) {
  program.kill()
  await program.ended
}
async function speak(forMs: number) {
  await cust.clear()
  await cust.dial(fromOutside('4301'))
  await hears(cust, OFFER_HZ)
  // The greeting takes a second, and then the tone comes.
  await sleep(clock, 1_500 + forMs)
  await cust.hangup()
}

t.test('a caller on the blacklist hears a message: they wait in the fallback queue before four seconds have passed', async t => {
  const program = await next(t)
  await crm.post('/v1/blacklist', { match: CALLER, action: 'message' })
  await cust.dial(askingFirst('7701'))
  await hears(cust, LISTED_HZ)
  await kill(program)
  await retry(clock, 'them to wait', STRANDED_MS, async () =>
    /^ +1\. \S+ \(wait: /m.test(await lab.asterisk.cli('queue show sales')) ? true : undefined,
  )
  await next(t)
  await crm.remove(`/v1/blacklist/${encodeURIComponent(`+${CALLER}`)}`)
  await cust.hangup()
  const call = await retry(clock, 'the call to be told of', WAIT_MS, async () =>
    (await crm.get<{ calls: CallView[] }>('/v1/history?limit=1')).body.calls.at(0),
  )
  t.match(call, { outcome: 'abandoned', queues: [{ queue: 'sales' }], routing: { does: 'message' } })
}) // prettier-ignore

t.test('a customer is being called back: they talk, and the next daemon knows', async t => {
  const program = await next(t)
  await ana.clear()
  await ana.close()
  await cleo.dial('2020')
  await hears(cleo, NEXT_HZ).catch(() => undefined)
  await cleo.press('1')
  await hears(cleo, OFFER_HZ)
  await cleo.press('1')
  await hears(cleo, THANKS_HZ)
  await cleo.until('closed')
  const [open] = (await crm.get<{ callBacks: CallBackView[] }>('/v1/call-backs?state=open')).body.callBacks
  const agent = await openPhone(lab, { extension: '1001', toneHz: 620 })
  t.teardown(() => agent.close())
  await agent.until('ringing', WAIT_MS)
  await agent.answer()
  await cleo.until('ringing')
  await kill(program)
  await cleo.answer()
  await hears(cleo, 620)
  await hears(agent, VOICE_HZ)
  await next(t)
  const done = await retry(clock, 'it to be done', WAIT_MS, async () => {
    const { body } = await crm.get<CallBackView>(`/v1/call-backs/${open?.id ?? ''}`)
    return body.state === 'done' ? body : undefined
  })
  t.match(done.attempts, [{ outcome: 'talked' }])
  await cleo.hangup()
})

t.test('a prompt is being spoken over a phone: it is kept, and the next daemon has it', async t => {
  const program = await next(t)
  await cleo.clear()
  await crm.post('/v1/prompts/greeting/record', { extension: '1003' })
  await cleo.until('ringing')
  await cleo.answer()
  await sleep(clock, 2_500)
  await kill(program)
  await sleep(clock, 1_500)
  await cleo.press('#')
  await cleo.until('closed')
  await next(t)
  const { prompts } = (await crm.get<{ prompts: PromptView[] }>('/v1/prompts')).body
  t.match(prompts.find(({ name }) => name === 'greeting'), { sound: 'prompts/greeting' }) // prettier-ignore
  const sound = await soundOf('/v1/prompts/greeting/sound')
  t.ok(sound.length > 20_000, `all of it: ${sound.length} samples`)
  t.ok(levelOf(sound.slice(4_000, 12_000), VOICE_HZ) > 400, 'what was said is in it')
})

t.test('a message is being deleted, and the PBX, too, is killed before it has: it is gone all the same', async t => {
  const program = await next(t)
  await speak(2_000)
  const [message] = await retry(clock, 'the message', WAIT_MS, async () => {
    const all = await messages()
    return all.length === 1 ? all : undefined
  })
  t.not(await recordings(), '[]')
  const pid = lab.asterisk.pid()
  if (pid === undefined) throw new Error('Asterisk does not run')
  await freeze(pid)
  const removing = crm.remove(`/v1/voicemail/${message?.id ?? ''}`).catch(() => undefined)
  await retry(clock, 'it to be out of the list', WAIT_MS, async () =>
    (await messages()).length === 0 ? true : undefined,
  )
  await kill(program)
  await removing
  await lab.asterisk.kill()
  await lab.asterisk.start()
  t.not(await recordings(), '[]', 'it is there yet')
  await next(t)
  t.strictSame(await messages(), [])
  await retry(clock, 'the recording to be gone', WAIT_MS, async () =>
    (await recordings()) === '[]' ? true : undefined,
  )
  t.strictSame(await messages(), [], 'and nobody has found it anew')
})

t.test('an e-mail waits for its server: the next daemon sends it, once', async t => {
  const program = await next(t)
  await speak(2_000)
  await retry(clock, 'the message', WAIT_MS, async () => (await messages())[0])
  await sleep(clock, 500)
  await kill(program)
  const mails = await aMailServer(t, smtpPort)
  await next(t)
  await retry(clock, 'it to be sent', 60_000, async () => ((await messages())[0]?.mail === 'sent' ? true : undefined))
  t.equal(mails.length, 1)
  await crm.remove(`/v1/voicemail/${(await messages())[0]?.id ?? ''}`)
})

t.test('a caller has answered one question: the next daemon asks the other, and has both answers', async t => {
  const { program } = await patient.start()
  await cust.clear()
  await cust.dial(askingFirst('7901'))
  await hears(cust, OFFER_HZ)
  await cust.press('5')
  await hears(cust, THANKS_HZ)
  await kill(program)
  const second = await patient.start()
  t.teardown(() => second.program.stop())
  const stream = await patient.crm.webSocket('types=call.recorded')
  // Longer than the question takes: it is the second time that is answered.
  await sleep(clock, 1_500)
  await cust.press('5')
  await cust.until('closed')
  const { survey } = (await stream.next('call.recorded')).data.call
  t.match(survey, {
    outcome: 'completed',
    questions: [
      { id: 'rating', key: '5', times: 1 },
      { id: 'again', key: '5' },
    ],
  })
  stream.close()
})

t.test(
  'Redis is killed, and then the daemon is asked to end: it does not wait for e-mails that it cannot store',
  async t => {
    const program = await next(t)
    await lab.redis.kill()
    t.teardown(() => lab.redis.start())
    const began = elapsedMs()
    process.kill(program.pid, 'SIGTERM')
    await program.ended
    const took = elapsedMs() - began
    t.ok(took < STOPS_WITHIN_MS, `it took ${Math.round(took)} ms`)
  },
)

t.end()
