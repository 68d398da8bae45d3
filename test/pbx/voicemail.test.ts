/** Voicemail on real calls: what is said after the tone is heard in the message; lights, e-mails, and daemons that are killed. */
import t, { type Test } from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { freeTcp } from '../../lab/ports.js'
import { levelOf, samplesOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { MessageView } from '../../src/events/voicemail.js'
import { DIRECTORY } from '../given/agents.js'
import { aDaemonProcess } from '../given/daemon-process.js'
import { KEY } from '../given/exchange.js'
import { aMailServer } from '../given/mail-server.js'
import { askingFirst, CALLER, fromOutside } from '../given/softphone.js'

const [VOICE_HZ, GREETING_HZ] = [430, 900]
const ADDRESS = 'ana@example.org'
const smtpPort = await freeTcp()

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const daemon = await aDaemonProcess(lab, 'voicemail', {
  agents: { directory: DIRECTORY },
  routing: { calendars: [{ name: 'never' }], routes: [{ name: 'shut', dialled: [askingFirst('78*')], to: { voicemail: '1002' } }] },
  voicemail: { boxes: [{ box: '1001', agent: '8001', email: [ADDRESS] }, { box: '1002', workgroup: 'team-a' }] },
  mail: { host: '127.0.0.1', port: smtpPort, from: 'pbx@example.org', retryMs: 300 },
}) // prettier-ignore
const { crm } = daemon
writeFileSync(join(lab.dir, 'prompts/voicemail.wav'), toneWav(GREETING_HZ, 2))
const cust = await openCustomer(lab, CALLER, VOICE_HZ)
const ana = await openPhone(lab, { extension: '1001' })

type Stream = Awaited<ReturnType<typeof crm.webSocket>>
const messageOf = async (stream: Stream, type: Parameters<Stream['next']>[0] = 'voicemail.left') =>
  ((await stream.next(type)).data as unknown as { message: MessageView }).message
const lights = () => ana.received().filter(text => text.startsWith('NOTIFY ') && text.includes('Messages-Waiting'))
const lit = (counts: string) =>
  retry(clock, `the light to be ${counts}`, 10_000, () =>
    Promise.resolve(lights().at(-1)?.includes(`Voice-Message: ${counts} `) || undefined),
  )
const soundOf = async (id: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${daemon.address}/v1/voicemail/${id}/sound`, {
    headers: { authorization: `Bearer ${KEY}`, ...headers },
  })
  return { status: answer.status, sound: Buffer.from(await answer.arrayBuffer()) }
}
const toneIn = (wav: Buffer, hz: number) => levelOf(samplesOf(wav.subarray(44)).slice(4_000, 12_000), hz)
const list = async (more = '') =>
  (await crm.get<{ messages: MessageView[]; next?: string }>(`/v1/voicemail?${more}`)).body

/** They dial, hear the greeting, and speak after it for so long. */
async function speak(to: string, forMs = 2_500) {
  await cust.clear()
  await cust.dial(to)
  await cust.until('established')
  await retry(clock, 'the greeting', 10_000, () =>
    Promise.resolve(levelOf(cust.heard(200), GREETING_HZ) > 400 || undefined),
  )
  // It lasts for two seconds, and then the tone comes.
  await sleep(clock, 2_500 + forMs)
}

async function running(t: Test) {
  const { program } = await daemon.start()
  const stream = await crm.webSocket('types=voicemail.*,call.*')
  t.teardown(async () => {
    stream.close()
    await cust.clear()
    await program.stop()
  })
  return { program, stream }
}

t.test('a message is left, heard, marked and deleted; the light follows', async t => {
  const { stream } = await running(t)
  await speak(fromOutside('4301'))
  await cust.hangup()
  const message = await messageOf(stream)
  t.match(message, { box: '1001', agent: '8001', state: 'new', from: { e164: `+${CALLER}` }, revision: 1 })
  t.ok(message.durationMs > 1_500 && message.durationMs < 6_000, String(message.durationMs))
  await lit('1/0')
  const call = (await stream.next('call.recorded')).data.call
  t.match(call, { id: message.call, outcome: 'voicemail', segments: [{ kind: 'voicemail', name: '1001' }] })
  const { sound } = await soundOf(message.id)
  t.ok(toneIn(sound, VOICE_HZ) > 400, 'what they have said is in it')
  t.ok(toneIn(sound, GREETING_HZ) < 100, 'and the greeting is not')
  const part = await soundOf(message.id, { range: 'bytes=44-143' })
  t.strictSame([part.status, part.sound], [206, sound.subarray(44, 144)])
  t.match(await list('box=1001&state=new'), { messages: [{ id: message.id }] })
  t.match(await crm.patch(`/v1/voicemail/${message.id}`, { state: 'heard', by: '8001' }), { status: 200, body: { state: 'heard', heardBy: 'staff:8001' } }) // prettier-ignore
  await lit('0/1')
  t.match(await crm.remove(`/v1/voicemail/${message.id}`), { status: 204 })
  await lit('0/0')
  await retry(clock, 'the recording to be gone', 5_000, async () =>
    (await fetch(`${lab.asterisk.ari.url}/ari/recordings/stored`, { headers: { authorization: basic() } }).then(a => a.text())) === '[]' ? true : undefined,
  ) // prettier-ignore
  t.match(await soundOf(message.id), { status: 404 })
  t.match(await list(), { messages: [] })
  t.strictSame(new Set(stream.all.filter(e => e.type.startsWith('call.')).map(e => e.subject)), new Set([call.id]), 'lights are no calls') // prettier-ignore
})

t.test('a route leads there; the box of a workgroup; a message that is forwarded is one of its own', async t => {
  const { stream } = await running(t)
  await speak(askingFirst('7801'))
  await cust.press('#')
  await cust.until('closed')
  const message = await messageOf(stream)
  t.match(message, { box: '1002', workgroup: 'team-a' })
  const call = (await stream.next('call.recorded')).data.call
  t.match(call, { routing: { does: 'voicemail', to: '1002', because: [{ rule: 'route', name: 'shut' }] } })
  t.match(await crm.post(`/v1/voicemail/${message.id}/forward`, { box: '1002' }), { status: 409 })
  const forward = () => crm.post<MessageView>(`/v1/voicemail/${message.id}/forward`, { box: '1003' })
  const { status, body: copy } = await forward()
  t.match({ status, copy }, { status: 201, copy: { box: '1003', forwarded: { from: '1002', by: 'key:lab' } } })
  t.equal((await forward()).body.id, copy.id, 'once more, it is the same')
  await crm.remove(`/v1/voicemail/${message.id}`)
  t.ok(toneIn((await soundOf(copy.id)).sound, VOICE_HZ) > 400, 'it does not need the first')
  t.match(await crm.get(`/v1/voicemail/${copy.id}?by=8001`), { status: 403 })
  t.match(await crm.get('/v1/voicemail/boxes'), { body: { boxes: [{ box: '1001', new: 0 }, { box: '1002' }, { box: '1003', new: 1, heard: 0 }] } }) // prettier-ignore
  await crm.remove(`/v1/voicemail/${copy.id}`)
})

t.test('who hangs up in the greeting, or says nothing, has left none', async t => {
  const { stream } = await running(t)
  await cust.clear()
  await cust.dial(fromOutside('4301'))
  await cust.until('established')
  await sleep(clock, 1_000)
  await cust.hangup()
  await stream.next('call.recorded')
  await speak(fromOutside('4301'), 0)
  await cust.hangup()
  await stream.next('call.recorded')
  t.match(await list(), { messages: [] })
  t.strictSame(stream.all.filter(e => e.type.startsWith('voicemail.')), []) // prettier-ignore
})

t.test('whoever calls: without a number, with one that is far too long, and with one that means something in a dialplan', async t => {
  const { stream } = await running(t)
  for (const [shown, number] of [['anonymous', ''], ['4'.repeat(60), '4'.repeat(33)], ['49;x=$(id),1-2', '49']] as const) {
    const caller = await openCustomer(lab, shown, VOICE_HZ)
    await caller.dial(fromOutside('4303'))
    await caller.until('established')
    // What such a phone hears is in no file: its name would be too long.
    await sleep(clock, 7_000)
    await caller.close()
    const message = await messageOf(stream)
    t.match(message, { box: '1003', state: 'new' })
    t.equal(message.from.number, number)
    await crm.remove(`/v1/voicemail/${message.id}`)
  }
}) // prettier-ignore

t.test('the mail server is away, and back: the message comes by e-mail, once', async t => {
  const { stream } = await running(t)
  await speak(fromOutside('4301'))
  await cust.hangup()
  const message = await messageOf(stream)
  t.match(message, { mail: 'wanted' })
  await sleep(clock, 500)
  const mails = await aMailServer(t, smtpPort)
  t.match(await messageOf(stream, 'voicemail.changed'), { id: message.id, mail: 'sent' })
  t.match(mails, [{ to: [ADDRESS], text: /Subject: Voicemail for 1001 from \+491701234567/ }])
  const [, attached = ''] = /filename=[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)\r\n--/.exec(mails[0]?.text ?? '') ?? []
  t.ok(Buffer.from(attached, 'base64').equals((await soundOf(message.id)).sound), 'with what they have said')
  await crm.remove(`/v1/voicemail/${message.id}`)
  await stream.next('voicemail.deleted')
})

t.test(
  'the daemon is killed while they speak, and another message is left without it: the next one has both',
  async t => {
    const { program } = await daemon.start()
    await speak(fromOutside('4301'), 500)
    program.kill()
    await program.ended
    await sleep(clock, 2_000)
    await cust.hangup()
    await speak(fromOutside('4302'))
    await cust.hangup()
    await running(t)
    const both = await retry(clock, 'both messages', 10_000, async () => {
      const { messages } = await list()
      return messages.length === 2 ? messages : undefined
    })
    t.strictSame(both.map(({ box }) => box), ['1002', '1001']) // prettier-ignore
    for (const { id } of both) t.ok(toneIn((await soundOf(id)).sound, VOICE_HZ) > 400)
    const { messages, next } = await list('limit=1')
    t.match(messages, [{ box: '1002' }])
    t.match((await list(`limit=1&after=${next ?? ''}`)).messages, [{ box: '1001' }])
    await lit('1/0')
    for (const { id } of both) t.match(await crm.remove(`/v1/voicemail/${id}`), { status: 204 })
  },
)

t.test('a caller who is still speaking when the daemon comes, is not cut', async t => {
  await speak(fromOutside('4301'), 0)
  const { stream } = await running(t)
  await sleep(clock, 1_500)
  await cust.hangup()
  const { durationMs, id } = await messageOf(stream)
  t.ok(durationMs > 2_000, `all of it: ${durationMs}`)
  t.equal((await list()).messages.length, 1)
  await crm.remove(`/v1/voicemail/${id}`)
})

t.end()

const basic = () => `Basic ${Buffer.from(`aladdin:${lab.asterisk.ari.password}`).toString('base64')}`
