/** What is heard: on hold, muted, asked, all together, listened to. Tones are spoken, and measured at the other end. */
import t from 'tap'
import { sleep } from '../../src/base/clock.js'
import { levelOf, samplesOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { KEY } from '../given/exchange.js'
import { anOffice } from '../given/softphone.js'
import { HZ, speakers } from '../given/tones.js'

/** That of the sound `beep`, as measured. */
const BEEP_HZ = 700
const music = t.testdir({ 'music.wav': toneWav(HZ.music, 30) })
const office = await anOffice(t, {
  monitoring: { tellAgent: true },
  more: { 'musiconhold.conf': `[default](+)\ndirectory = ${music}\n` },
})
const { lab, crm, daemon, press, transfer, talk, when } = office
const { cust, ana, ben, cleo, hear } = await speakers(t, lab)
const over = (call: string) => when(call, 'over', c => c.state === 'ended')

t.test('mute is mute; on hold the caller hears music, and the agent nothing', async t => {
  const call = await talk(cust, '1001', ana)
  const both = { cust: ['ana'], ana: ['cust'] }
  t.strictSame(await hear('cust', 'ana'), both, 'they talk')
  await press(call, 'mute')
  t.strictSame(await hear('cust', 'ana'), { cust: [], ana: ['cust'] }, 'muted')
  await press(call, 'unmute')
  t.strictSame(await hear('cust', 'ana'), both, 'heard again')
  await press(call, 'hold')
  t.strictSame(await hear('cust', 'ana'), { cust: ['music'], ana: [] }, 'on hold')
  await press(call, 'retrieve')
  t.strictSame(await hear('cust', 'ana'), both, 'retrieved')
  await press(call, 'mute')
  await press(call, 'hold')
  t.strictSame(await hear('cust', 'ana'), { cust: ['music'], ana: [] }, 'muted and on hold')
  await press(call, 'retrieve')
  t.strictSame(await hear('cust', 'ana'), { cust: [], ana: ['cust'] }, 'still muted')
  await press(call, 'leave')
  await over(call)
})

t.test('whoever is held, and sent on by the phone, talks and is heard', async t => {
  const call = await talk(cust, '1001', ana)
  await press(call, 'hold')
  await ana.transfer('1002')
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'with Ben', c => c.transfers[0]?.outcome === 'answered')
  t.strictSame(await hear('cust', 'ben'), { cust: ['ben'], ben: ['cust'] })
  await cust.hangup()
  await over(call)
})

t.test('while one is asked the caller hears music; then all hear all', async t => {
  const call = await talk(cust, '1001', ana)
  const { body } = await transfer(call, '1002*')
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'consulting', c => c.transfers[0]?.state === 'consulting')
  t.strictSame(await hear('cust', 'ana', 'ben'), { cust: ['music'], ana: ['ben'], ben: ['ana'] }, 'asked')
  await press(call, `transfers/${body.id ?? ''}/swap`, { extension: '1001' })
  t.strictSame(await hear('cust', 'ana', 'ben'), { cust: ['ana'], ana: ['cust'], ben: ['music'] }, 'swapped')
  await press(call, `transfers/${body.id ?? ''}/swap`, { extension: '1001' })
  await press(call, `transfers/${body.id ?? ''}/conference`, { extension: '1001' })
  const all = { cust: ['ana', 'ben'], ana: ['cust', 'ben'], ben: ['cust', 'ana'] }
  t.strictSame(await hear('cust', 'ana', 'ben'), all, 'all three')
  await press(call, 'leave', { extension: '1001' })
  t.strictSame(await hear('cust', 'ben'), { cust: ['ben'], ben: ['cust'] }, 'the others go on')
  await cust.hangup()
  await over(call)
})

t.test('whoever is brought in hears all, and is heard by all', async t => {
  const call = await talk(cust, '1001', ana)
  await press(call, 'add', { to: '1002' })
  await ben.until('ringing')
  await ben.answer()
  await when(call, 'a conference', c => c.segments.at(-1)?.kind === 'conference')
  const all = { cust: ['ana', 'ben'], ana: ['cust', 'ben'], ben: ['cust', 'ana'] }
  t.strictSame(await hear('cust', 'ana', 'ben'), all)
  await cust.hangup()
  await ana.hangup()
  await over(call)
})

t.test('a supervisor hears both, is heard by nobody, by the agent alone, by all', async t => {
  const call = await talk(cust, '1001', ana)
  const mode = (name: string) => press(call, 'listen', { extension: '1003', mode: name })
  await mode('listen')
  t.strictSame(await hear('cust', 'ana', 'cleo'), { cust: ['ana'], ana: ['cust'], cleo: ['cust', 'ana'] }, 'listens')
  await mode('whisper')
  t.strictSame(await hear('cust', 'ana'), { cust: ['ana'], ana: ['cust', 'cleo'] }, 'whispers')
  await mode('barge')
  t.strictSame(await hear('cust', 'ana'), { cust: ['ana', 'cleo'], ana: ['cust', 'cleo'] }, 'barges in')
  await mode('listen')
  t.strictSame(await hear('cust', 'ana'), { cust: ['ana'], ana: ['cust'] }, 'listens again')
  await press(call, 'take-over', { extension: '1003' })
  t.strictSame(await hear('cust', 'cleo'), { cust: ['cleo'], cleo: ['cust'] }, 'has taken over')
  await cleo.hangup()
  await over(call)
})

t.test('whoever is listened to hears a tone, and the customer does not', async t => {
  const call = await talk(cust, '1001', ana)
  await hear()
  await press(call, 'listen', { extension: '1003' })
  const tone = await retry(lab.clock, 'the tone', 5_000, () => {
    const level = levelOf(ana.heard(1_200), BEEP_HZ)
    return Promise.resolve(level > 400 ? level : undefined)
  })
  t.ok(tone > 400)
  t.ok(levelOf(cust.heard(1_200), BEEP_HZ) < 100, 'the customer does not hear it')
  await press(call, 'leave', { extension: '1001' })
  await over(call)
})

t.test('what is recorded has both voices, and not what was said meanwhile', async t => {
  const stream = await crm.webSocket()
  const call = await talk(cust, '1001', ana)
  await hear()
  t.match(await press(call, 'record/stop'), { status: 409, body: { code: 'CALL_STATE' } })
  t.match(await press(call, 'record'), { status: 200, body: { recordings: [{ state: 'on' }] } })
  t.match(await press(call, 'record'), { status: 409, body: { code: 'CALL_STATE' } })
  await sleep(lab.clock, 1_200)
  t.match(await press(call, 'record/pause'), { status: 200, body: { recordings: [{ state: 'paused' }] } })
  await sleep(lab.clock, 1_500)
  await press(call, 'mute')
  t.match(await press(call, 'record/resume'), { status: 200, body: { recordings: [{ state: 'on' }] } })
  await sleep(lab.clock, 1_200)
  const { body } = await press(call, 'record/stop')
  t.match(body.recordings, [{ state: 'done', endedAt: /./, leg: body.legs[1]?.id }])
  t.equal((await stream.next('call.recording', call)).data.leg, body.legs[1]?.id)
  const url = `${daemon().address}/v1/calls/${call}/recordings/${body.recordings?.[0]?.name ?? ''}`
  const get = (headers: object = {}) => fetch(url, { headers: { authorization: `Bearer ${KEY}`, ...headers } })
  const whole = await get()
  t.match([whole.status, whole.headers.get('content-type')], [200, 'audio/wav'])
  const wav = Buffer.from(await whole.arrayBuffer())
  const samples = samplesOf(wav.subarray(44))
  const length = samples.length / 8_000
  t.ok(length > 2 && length < 3.4, `${length} s, without the pause`)
  const has = (from: number, hz: number) => levelOf(samples.slice(from, from + 4_000), hz) > 400
  t.match([has(1_600, HZ.cust), has(1_600, HZ.ana)], [true, true], 'both')
  const end = samples.length - 5_000
  t.match([has(end, HZ.cust), has(end, HZ.ana)], [true, false], 'the one who was muted, no more')
  const part = await get({ range: 'bytes=0-3' })
  t.match([part.status, part.headers.get('content-range'), await part.text()], [206, `bytes 0-3/${wav.length}`, 'RIFF'])
  t.equal((await get({ range: `bytes=${wav.length}-` })).status, 416)
  t.match(await crm.get(`/v1/calls/${call}/recordings/other`), { status: 404, body: { code: 'RECORDING_NOT_FOUND' } })
  t.match(await press(call, 'record'), { status: 200, body: { recordings: [{ state: 'done' }, { state: 'on' }] } })
  await press(call, 'leave')
  t.match(await over(call), { recordings: [{ state: 'done' }, { state: 'done', endedAt: /./ }] })
  const recorded = (await stream.next('call.recorded', call)).data.call
  t.match((await crm.get(`/v1/history/${call}`)).body, { recordings: recorded.recordings })
  stream.close()
})

t.end()
