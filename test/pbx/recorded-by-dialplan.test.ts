/** Recordings that the dialplan makes: on the call, live and in the history, and their sound over the API. */
import t from 'tap'
import { rmSync } from 'node:fs'
import { callIn } from '../../lab/sipp.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { act, listen } from '../../lab/stories/stage.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange, KEY, type Stream } from '../given/exchange.js'

/** A member whose Local channel is recorded by the dialplan that dials the phone. */
const RECORDED = `
[agents](+)
exten => recorded,1,MixMonitor(local-\${UNIQUEID}.wav)
 same => n,Dial(PJSIP/1001,15,tTkK)

[from-phones](+)
exten => 2291,1,MixMonitor(no extension)
 same => n,Dial(PJSIP/1001,15)
exten => 2292,1,MixMonitor(one-\${UNIQUEID}.wav)
 same => n,MixMonitor(two-\${UNIQUEID}.wav)
 same => n,MixMonitor(three-\${UNIQUEID}.wav)
 same => n,Dial(PJSIP/1001,15)

[from-trunk](+)
exten => 493012342293,1,Gosub(aladdin-caller,s,1)
 same => n,MixMonitor(in-\${CALLERID(num)}-\${UNIQUEID}.wav)
 same => n,Dial(PJSIP/1001,15)`
const { lab, crm, daemon } = await anExchange(t, { traceHours: 1, more: { 'extensions.conf': RECORDED } })
const [ana, customer] = [
  await openPhone(lab, { extension: '1001', toneHz: 700 }),
  await openCustomer(lab, '491701234567', 1_100),
]
const ami = await listen(lab)
t.teardown(() => ami.close())

t.test('MixMonitor twice on the channel of the caller, paused, and one of them stopped', async t => {
  const stream = await crm.webSocket()
  await customer.dial('493012342106')
  await ana.until('ringing')
  await ana.answer()
  const { subject: id, data } = await stream.next('call.answered')
  const channel = data.call.legs[0]?.channel ?? ''
  const recorded = (what: string, isSo: (found: NonNullable<CallView['recordings']>) => boolean) =>
    retry(lab.clock, what, 10_000, async () => {
      const { recordings } = (await crm.get(`/v1/calls/${id}`)).body
      return recordings && isSo(recordings) ? recordings : undefined
    })
  const both = await recorded('two files', all => all.filter(r => r.file !== undefined).length === 2)
  t.match(both, [
    { by: 'dialplan', state: 'on', leg: data.call.legs[0]?.id, file: /spool\/monitor\/.*\.wav$/ },
    { by: 'dialplan', state: 'on', leg: data.call.legs[0]?.id, file: /spool\/monitor\/2026\/11\/30\/.*\.wav$/ },
  ])
  const soundOf = (n: number, headers: object = {}) =>
    fetch(`${daemon().address}/v1/calls/${id}/recordings/${both[n]?.name ?? ''}`, {
      headers: { authorization: `Bearer ${KEY}`, ...headers },
    })
  t.equal((await soundOf(0)).status, 404, 'not before it is done')
  t.match(await act(ami, 'MixMonitorMute', { Channel: channel, Direction: 'both', State: '1' }), {
    Response: 'Success',
  })
  await recorded('a pause', all => all.every(r => r.state === 'paused'))
  await act(ami, 'MixMonitorMute', { Channel: channel, Direction: 'both', State: '0' })
  await recorded('its end', all => all.every(r => r.state === 'on'))
  t.match(await act(ami, 'StopMixMonitor', { Channel: channel }), { Response: 'Success' })
  t.match(await recorded('a stop', all => all.some(r => r.state === 'done')), [{ state: 'on' }, { state: 'done' }])
  await customer.hangup()
  const { call } = (await stream.next('call.recorded', id)).data
  t.match(call.recordings, [
    { state: 'done', endedAt: /./, file: both[0]?.file },
    { state: 'done', file: both[1]?.file },
  ])
  t.notOk(call.inferred)
  for (const n of [0, 1]) {
    const whole = await soundOf(n)
    t.match([whole.status, whole.headers.get('content-type')], [200, 'audio/wav'])
    const wav = Buffer.from(await whole.arrayBuffer())
    t.match([wav.subarray(0, 4).toString(), wav.length > 44], ['RIFF', true])
    t.equal(whole.headers.get('content-length'), String(wav.length))
    const part = await soundOf(n, { range: 'bytes=0-3' })
    t.match(
      [part.status, part.headers.get('content-range'), await part.text()],
      [206, `bytes 0-3/${wav.length}`, 'RIFF'],
    )
    t.equal((await soundOf(n, { range: `bytes=${wav.length}-` })).status, 416)
  }
  t.match((await crm.get(`/v1/history/${id}`)).body.recordings, call.recordings)
  rmSync(both[0]?.file ?? '')
  const gone = await soundOf(0)
  t.match([gone.status, await gone.json()], [410, { code: 'RECORDING_GONE' }])
  stream.close()
})

t.test('MixMonitor with a name that has no extension: the PBX writes it as raw sound', async t => {
  const stream = await crm.webSocket()
  const cleo = await openPhone(lab, { extension: '1003', toneHz: 900 })
  await cleo.dial('2291')
  await ana.until('ringing')
  await ana.answer()
  const { subject: id } = await stream.next('call.answered')
  await cleo.hangup()
  const { call } = (await stream.next('call.recorded', id)).data
  t.match(call.recordings, [{ by: 'dialplan', state: 'done', file: /\/no extension$/ }])
  const sound = `${daemon().address}/v1/calls/${id}/recordings/${call.recordings?.[0]?.name ?? ''}`
  const heard = await retry(lab.clock, 'the file to be written', 10_000, async () => {
    const got = await fetch(sound, { headers: { authorization: `Bearer ${KEY}` } })
    return got.status === 410 ? undefined : got
  })
  t.equal(heard.status, 200)
  stream.close()
  await cleo.close()
  await ana.clear()
})

t.test('three MixMonitors that begin on one channel in one moment: none has the file of another', async t => {
  const stream = await crm.webSocket()
  const cleo = await openPhone(lab, { extension: '1003', toneHz: 900 })
  await cleo.dial('2292')
  await ana.until('ringing')
  await ana.answer()
  const { subject: id } = await stream.next('call.answered')
  const all = await retry(lab.clock, 'the file of the newest', 10_000, async () => {
    const { recordings = [] } = (await crm.get(`/v1/calls/${id}`)).body
    return recordings.at(-1)?.file === undefined ? undefined : recordings
  })
  t.match(all, [{ by: 'dialplan', state: 'on' }, { by: 'dialplan', state: 'on' }, { file: /three-/ }])
  await cleo.hangup()
  const { call } = (await stream.next('call.recorded', id)).data
  const files = (call.recordings ?? []).map(({ file = 'none' }) => /(none|one|two|three)[^/]*$/.exec(file)?.[1])
  t.match(files, [/^(one|none)$/, /^(two|none)$/, 'three'])
  t.match(call.recordings, [{ state: 'done' }, { state: 'done' }, { state: 'done' }])
  stream.close()
  await cleo.close()
  await ana.clear()
})

t.test(
  'the number of a caller who withholds it is in no name of a file that is told, and the sound is found by it',
  async t => {
    const stream = await crm.webSocket()
    const caller = { from: '13955550001', to: '493012342293', isWithheld: true }
    const call = await callIn(lab, caller)
    await ana.until('ringing')
    await ana.answer()
    const { subject: id } = await stream.next('call.answered')
    const { recordings } = await retry(lab.clock, 'the file', 10_000, async () => {
      const now = (await crm.get(`/v1/calls/${id}`)).body
      return now.recordings?.[0]?.file === undefined ? undefined : now
    })
    t.match(recordings, [{ by: 'dialplan', file: /\/in-~[\w-]+~-.*\.wav$/ }])
    await ana.hangup()
    await call.done
    const ended = await stream.next('call.recorded', id)
    t.match(ended.data.call, { recordings: [{ state: 'done', file: recordings?.[0]?.file }] })
    // A channel is announced with its number before the dialplan runs.
    const told = stream.all.filter(({ type }) => type !== 'call.started')
    t.notMatch(JSON.stringify(told), '13955550001')
    for (const of of ['history', 'calls'])
      t.notMatch(JSON.stringify((await crm.get(`/v1/${of}/${id}`)).body), '13955550001', of)
    t.notMatch(JSON.stringify((await crm.get(`/v1/calls/${id}/trace`)).body), '13955550001')
    const sound = `${daemon().address}/v1/calls/${id}/recordings/${recordings?.[0]?.name ?? ''}`
    const heard = await retry(lab.clock, 'the file to be written', 10_000, async () => {
      const got = await fetch(sound, { headers: { authorization: `Bearer ${KEY}` } })
      return got.status === 410 ? undefined : got
    })
    t.match([heard.status, (await heard.text()).slice(0, 4)], [200, 'RIFF'])
    stream.close()
    await ana.clear()
  },
)

t.test('MixMonitor on half of a Local channel: the party that it leads to, or nobody', async t => {
  const member = { Queue: 'ringall', Interface: 'Local/recorded@agents/n' }
  await act(ami, 'QueueAdd', member)
  const recorded = async (rings: (stream: Stream) => Promise<unknown>) => {
    const stream = await crm.webSocket()
    await customer.dial('493012342001')
    const { subject: id } = await stream.next('call.recording')
    await ana.until('ringing')
    t.equal((await crm.get(`/v1/calls/${id}`)).body.recordings?.[0]?.leg, undefined, 'nobody is there yet')
    await rings(stream)
    await customer.hangup()
    const { call } = (await stream.next('call.recorded', id)).data
    const told = stream.all.filter(({ type }) => type === 'call.recording')
    stream.close()
    await ana.until('closed')
    return { call, told }
  }
  const talked = await recorded(async stream => {
    await ana.answer()
    await stream.next('call.answered')
  })
  const caller = talked.call.legs[0]?.id
  t.match(talked.call.recordings, [{ by: 'dialplan', state: 'done', leg: caller, file: /local-.*\.wav$/ }])
  t.ok(
    talked.told.some(({ data }) => data.leg === caller),
    'it is told who is recorded',
  )
  const gaveUp = await recorded(() => Promise.resolve())
  t.match(gaveUp.call.recordings, [{ by: 'dialplan', state: 'done' }])
  t.equal(gaveUp.call.recordings?.[0]?.leg, undefined)
  await act(ami, 'QueueRemove', member)
})

t.end()
