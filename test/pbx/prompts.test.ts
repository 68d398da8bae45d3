/** Prompts that are sent, spoken by a program and over a phone, and heard by phones: what they hear is what was put there. */
import t from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { labConfig } from '../../lab/daemon.js'
import { openCustomer, openPhone, type Phone } from '../../lab/phone.js'
import { levelOf, likeness, samplesOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import { systemClock, randomToken } from '../../src/base/system.js'
import type { PromptView } from '../../src/events/prompt.js'
import { ivrCommand } from '../../src/ivr-command.js'
import { makePrompts } from '../../src/prompts-command.js'
import { createPrompts } from '../../src/prompts/folder.js'
import { anExchange, KEY } from '../given/exchange.js'
import { askingFirst, CALLER } from '../given/softphone.js'

const [HZ, VOICE_HZ] = [900, 430]
const exchange = await anExchange(t, {
  ivr: { dir: join(CHECKOUT, 'examples/ivr') },
  routing: {
    calendars: [
      { name: 'office', hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' }] },
    ],
    routes: [{ name: 'welcome', dialled: [askingFirst('77*')], to: { ivr: 'welcome' } }],
  },
}) // prettier-ignore
const { lab, crm } = exchange
const headers = { authorization: `Bearer ${KEY}` }
const url = (path: string) => `${exchange.daemon().address}/v1/prompts${path}`
const put = async (path: string, sound: Buffer, type = 'audio/wav') => {
  const answer = await fetch(url(path), { method: 'PUT', headers: { ...headers, 'content-type': type }, body: new Uint8Array(sound) }) // prettier-ignore
  return { status: answer.status, body: (await answer.json()) as PromptView & { code?: string } }
}
const soundOf = async (path: string) => {
  const answer = await fetch(url(path), { headers })
  return samplesOf(Buffer.from(await answer.arrayBuffer()).subarray(44))
}
const phone = await openPhone(lab, { extension: '1001', toneHz: VOICE_HZ })
const hears = (who: Phone, what: string, sound: readonly number[], withinMs = 15_000) =>
  retry(lab.clock, `${what} to be heard`, withinMs, () =>
    Promise.resolve(likeness(who.heard(1_500), sound) > 0.8 || undefined),
  )
const list = async () => (await crm.get<{ prompts: PromptView[] }>('/v1/prompts')).body.prompts

t.test('a sound is sent, listed, heard on a phone, and deleted', async t => {
  t.match(await put('/hello', toneWav(HZ, 2)), { status: 200, body: { name: 'hello', sound: 'prompts/hello', durationMs: 2_000 } }) // prettier-ignore
  t.match(await list(), [{ name: 'hello' }])
  t.equal((await crm.post<{ call: string }>('/v1/prompts/hello/play', { extension: '1001' })).status, 201)
  await phone.until('ringing')
  await phone.answer()
  await retry(lab.clock, 'the tone', 10_000, () => Promise.resolve(levelOf(phone.heard(200), HZ) > 1_000 || undefined))
  await phone.until('closed')
  t.match(await crm.post('/v1/prompts/other/play', { extension: '1001' }), { status: 404, body: { code: 'PROMPT_NOT_FOUND' } }) // prettier-ignore
  t.match(await crm.post('/v1/prompts/hello/play', { extension: '7' }), { status: 422 })
  t.match(await crm.remove('/v1/prompts/hello?by=8001'), { status: 422, body: { code: 'STAFF_UNKNOWN' } })
  t.match(await crm.remove('/v1/prompts/hello'), { status: 204 })
  t.strictSame(await list(), [])
})

/** The tone as the PBX itself writes it, or as another program does. */
async function inKind(kind: string, hz: number): Promise<Buffer> {
  const wav = toneWav(hz, 2)
  const [from, to] = [join(lab.dir, 'kind.wav'), join(lab.dir, `kind.${kind}`)]
  if (kind === 'au') return auOf(wav.subarray(44))
  if (kind === 'rf64') return rf64Of(wav)
  writeFileSync(from, wav)
  await lab.asterisk.cli(`file convert ${from} ${to}`)
  return readFileSync(to)
}

function auOf(pcm: Buffer): Buffer {
  const header = Buffer.alloc(24)
  header.write('.snd')
  ;[24, pcm.length, 3, 8_000, 1].forEach((value, i) => header.writeUInt32BE(value, 4 + 4 * i))
  return Buffer.concat([header, Buffer.from(pcm).swap16()])
}

function rf64Of(wav: Buffer): Buffer {
  const ds64 = Buffer.alloc(36)
  ds64.write('ds64')
  ds64.writeUInt32LE(28, 4)
  ds64.writeBigUInt64LE(BigInt(wav.length - 44), 16)
  const file = Buffer.concat([wav.subarray(0, 12), ds64, wav.subarray(12)])
  file.write('RF64')
  file.writeUInt32LE(0xffffffff, 4)
  file.writeUInt32LE(0xffffffff, file.indexOf('data') + 4)
  return file
}

t.test('each format of the PBX is sent under one name, and the newest is heard at once', async t => {
  const named = ['ulaw', 'alaw', 'gsm', 'g722', 'sln', 'sln16']
  for (const [i, kind] of [...named, 'WAV', 'au', 'rf64'].entries()) {
    const [hz, before] = [500 + 130 * i, 370 + 130 * i]
    const path = named.includes(kind) ? `/kind?format=${kind}` : '/kind'
    const sound = await inKind(kind, hz)
    t.match(await put('/kind?format=gsm', toneWav(300, 1)), { status: 422, body: { code: 'PROMPT_INVALID' } }, 'WAV is no GSM')
    const sent = await put(path, sound, 'audio/basic')
    t.match(sent, { status: 200, body: { name: 'kind' } }, kind)
    t.ok(Math.abs(sent.body.durationMs - 2_000) < 60, `${kind}: ${sent.body.durationMs} ms`)
    t.equal((await crm.post('/v1/prompts/kind/play', { extension: '1001' })).status, 201)
    await phone.until('ringing')
    await phone.answer()
    const heard = await retry(lab.clock, `the tone by ${kind}`, 10_000, () => {
      const now = phone.heard(200)
      return Promise.resolve(levelOf(now, hz) > 1_000 ? now : undefined)
    })
    t.ok(levelOf(heard, before) < levelOf(heard, hz) / 3, `${kind}: not the one before`)
    await phone.until('closed')
  }
  t.match(await put('/kind?format=wav', toneWav(HZ, 1)), { status: 400 })
  t.match(await crm.remove('/v1/prompts/kind'), { status: 204 })
}) // prettier-ignore

t.test('what is no sound, what is too large, and what is said to be something else', async t => {
  t.match(await put('/bad', Buffer.from('no sound')), { status: 422, body: { code: 'PROMPT_INVALID' } })
  t.match(await put('/bad', Buffer.alloc((10 << 20) + 1)), { status: 413 })
  t.match(await put('/bad', toneWav(HZ, 1), 'text/plain'), { status: 415 })
  t.match(await put('/Bad', toneWav(HZ, 1)), { status: 400 })
  t.strictSame(await list(), [])
})

t.test('spoken by a program, in English and in Mandarin', async t => {
  const speech = (text: string, language?: string) => crm.post<PromptView>('/v1/prompts/said/speech', { text, ...(language && { language }) }) // prettier-ignore
  const length = await speech('Welcome, and please wait.')
  t.match(length, { status: 200, body: { name: 'said' } })
  t.match(await speech('欢迎致电，请稍候。', 'zh'), { status: 200, body: { name: 'said', language: 'zh' } })
  for (const text of ['...', ' ', '\n\t', '—'])
    t.match(await speech(text), { status: 422, body: { code: 'PROMPT_INVALID' } }, JSON.stringify(text))
  const kept = (await crm.get<{ prompts: PromptView[] }>('/v1/prompts')).body.prompts
  t.match(kept.find(({ name, language }) => name === 'said' && language === undefined), { durationMs: length.body.durationMs }, 'the old one') // prettier-ignore
  t.match(await speech('Willkommen', 'de'), { status: 422, body: { code: 'SPEECH_UNAVAILABLE' } })
  const [english, chinese] = [await soundOf('/said/sound'), await soundOf('/said/sound?language=zh')]
  t.ok(english.length > 8_000 && chinese.length > 8_000)
  t.ok(likeness(english, chinese) < 0.6, 'they are not the same')
  for (const [language, sound] of [[undefined, english], ['zh', chinese]] as const) {
    await crm.post('/v1/prompts/said/play', { extension: '1001', ...(language && { language }) })
    await phone.until('ringing')
    await phone.answer()
    await hears(phone, language ?? 'English', sound)
    await phone.until('closed')
  }
}) // prettier-ignore

t.test('recorded over a phone', async t => {
  t.match(await crm.post('/v1/prompts/greeting/record', { extension: '1001', by: '8001' }), {
    status: 422,
    body: { code: 'STAFF_UNKNOWN' },
  })
  await crm.post('/v1/prompts/greeting/record', { extension: '1001' })
  await phone.until('ringing')
  await phone.answer()
  await sleep(lab.clock, 4_000)
  await phone.press('#')
  await phone.until('closed')
  t.match(await list(), [{ name: 'greeting' }, { name: 'said' }, { name: 'said', language: 'zh' }])
  const sound = await soundOf('/greeting/sound')
  t.ok(levelOf(sound.slice(4_000, 12_000), VOICE_HZ) > 400, 'what was said is in it')
})

t.test(
  'the examples speak: the prompts are made, the menu is sound, and callers hear it in both languages',
  async t => {
    const settings = labConfig(lab, { key: KEY }).pbxs[0]?.prompts ?? {}
    const prompts = createPrompts(settings, systemClock, () => randomToken(6))
    t.ok(await makePrompts(join(CHECKOUT, 'examples/prompts.yaml'), prompts, () => undefined))
    const folders = { prompts: settings.dir }
    const said: string[] = []
    t.ok(
      ivrCommand('check', join(CHECKOUT, 'examples/ivr'), folders, line => said.push(line)),
      said.join(''),
    )
    const cust = await openCustomer(lab, CALLER, VOICE_HZ)
    await cust.dial(askingFirst('7700'))
    await hears(cust, 'the welcome', await soundOf('/welcome/sound'))
    await hears(cust, 'the menu', await soundOf('/main/sound'), 20_000)
    await cust.press('8')
    await hears(cust, 'the menu in Mandarin', await soundOf('/main/sound?language=zh'), 20_000)
    await cust.press('3')
    await hears(cust, 'the greeting of voicemail', await soundOf('/voicemail/sound'), 15_000)
    await cust.hangup()
  },
)

t.end()
