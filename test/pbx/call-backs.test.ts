/** Keys pressed in a queue: a call-back at one's place, on real phones that hear one another; voicemail; and daemons that are killed. */
import t, { type Test } from 'tap'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone, type Phone } from '../../lab/phone.js'
import { levelOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallBackView } from '../../src/events/call-back.js'
import type { CallView } from '../../src/events/call.js'
import type { QueueView } from '../../src/events/queue.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { aDaemonProcess } from '../given/daemon-process.js'
import { CALLER, fromOutside } from '../given/softphone.js'

const HZ = {
  offer: 900,
  sorry: 1_300,
  thanks: 1_700,
  next: 2_100,
  'there-are': 2_500,
  'hold-time': 2_900,
  confirm: 3_300,
} as const
const [AGENT_HZ, WANTED_HZ, FIRST_HZ] = [430, 620, 530]
const WAIT_MS = 20_000

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const prompts = join(lab.dir, 'prompts')
for (const [name, hz] of Object.entries(HZ)) writeFileSync(join(prompts, `${name}.wav`), toneWav(hz, 1))
for (const name of ['waiting', 'minute', 'minutes', 'seconds', 'thank-you'])
  writeFileSync(join(prompts, `${name}.wav`), toneWav(100, 1).subarray(0, 44 + 1_600))
const dir = t.testdir()
const menu = {
  start: 'offer',
  nodes: {
    offer: {
      menu: { play: ['prompts/offer'], keys: { '1': 'ask', '2': 'other', '3': 'box', '*': 'back' }, waitMs: 15_000, retries: 0 },
      otherwise: 'back',
    },
    ask: { callBack: { number: '{caller}' }, next: 'thanks', otherwise: 'sorry' },
    other: { collect: { play: ['prompts/offer'], as: 'number', min: 3, max: 20, waitMs: 5_000 }, next: 'read', otherwise: 'back' },
    read: { say: { digits: '{number}' }, next: 'confirm' },
    confirm: { menu: { play: ['prompts/confirm'], keys: { '1': 'ask-other', '*': 'other' }, waitMs: 10_000, retries: 0 }, otherwise: 'back' },
    'ask-other': { callBack: { number: '{number}' }, next: 'thanks', otherwise: 'sorry' },
    thanks: { play: ['prompts/thanks'], next: 'end' },
    sorry: { play: ['prompts/sorry'], next: 'back' },
    box: { go: { voicemail: '1001' } },
    back: { go: { back: true } },
    end: { hangup: true },
  },
} // prettier-ignore
writeFileSync(join(dir, 'call-back.yaml'), stringify(menu))
const daemon = await aDaemonProcess(lab, 'call-backs', {
  agents: { directory: DIRECTORY },
  ivr: { dir },
  ari: { callersWaitMs: 20_000 },
  dialling: { forbidden: ['0900*'] },
  routing: { queueKeys: [{ queue: 'keys', keys: { '1': 'call-back' } }], callBacks: { attempts: 2, retryMs: 1_500 } },
})
const { crm } = daemon
const first = await openCustomer(lab, CALLER, FIRST_HZ)
const wanted = await openPhone(lab, { extension: '1003', toneHz: WANTED_HZ })
const other = await openPhone(lab, { extension: '1004', toneHz: 790 })
const agents: Phone[] = []

const hears = (phone: Phone, hz: number) =>
  retry(clock, `${phone.extension} to hear ${hz} Hz`, WAIT_MS, () =>
    Promise.resolve(levelOf(phone.heard(200), hz) > 400 || undefined),
  )
const waiting = async () => {
  const { queues } = (await crm.get<{ queues: QueueView[] }>('/v1/queues')).body
  return (queues.find(q => q.name === 'keys')?.waiting ?? []).map(w => w.number)
}
const waits = async (...numbers: string[]) => {
  let now: string[] = []
  const isSo = async () => {
    now = await waiting()
    return JSON.stringify(now) === JSON.stringify(numbers) ? true : undefined
  }
  await retry(clock, 'them to wait', WAIT_MS, isSo).catch((error: unknown) => {
    throw new Error(`${numbers.join()} are to wait, and ${now.join()} do`, { cause: error })
  })
}
const callBacks = async (state = 'open') =>
  (await crm.get<{ callBacks: CallBackView[] }>(`/v1/call-backs?state=${state}`)).body.callBacks
const when = (id: string, state: CallBackView['state'], withinMs = WAIT_MS) =>
  retry(clock, `the call-back to be ${state}`, withinMs, async () => {
    const { body } = await crm.get<CallBackView>(`/v1/call-backs/${id}`)
    return body.state === state ? body : undefined
  })

/** The agent's phone comes now: until then, everybody waits. */
async function anAgent(t: Test) {
  const agent = await openPhone(lab, { extension: '1001', toneHz: AGENT_HZ })
  agents.push(agent)
  t.teardown(() => agent.close())
  return agent
}

async function running(t: Test) {
  const { program } = await daemon.start()
  const stream = await crm.webSocket('types=call-back.*,call.*,voicemail.left')
  t.teardown(async () => {
    stream.close()
    await Promise.all([first, wanted, other].map(phone => phone.clear()))
    for (const { id } of await callBacks()) await crm.post(`/v1/call-backs/${id}/cancel`)
    await program.stop()
  })
  return { program, stream }
}

/** They wait, press the key, and are in its menu. */
async function inMenu(phone = wanted) {
  await phone.clear()
  await phone.dial('2020')
  await phone.until('established')
  await hears(phone, HZ.next).catch(() => undefined)
  await phone.press('1')
  await hears(phone, HZ.offer)
}

async function asked(key = '1') {
  await inMenu()
  await wanted.press(key)
  await hears(wanted, HZ.thanks)
  await wanted.until('closed')
  const [open] = await callBacks()
  return open as CallBackView
}

t.test('place and time are announced; whoever is to be called back keeps their place, and both talk at their turn', async t => {
  const { stream } = await running(t)
  await first.clear()
  await first.dial(fromOutside('2020'))
  await hears(first, HZ.next)
  await wanted.dial('2020')
  await wanted.until('established')
  await hears(wanted, HZ['there-are'])
  // While "there are … callers" is said, app_queue hears a key and forgets which; afterwards it does not.
  await hears(wanted, HZ['hold-time'])
  await wanted.press('1')
  await hears(wanted, HZ.offer)
  await wanted.press('1')
  await hears(wanted, HZ.thanks)
  await wanted.until('closed')
  const [open] = await callBacks()
  t.match(open, { state: 'waiting', position: 2, queue: 'keys', party: { extension: '1003' }, attempts: [{}] })
  await other.dial('2020')
  await waits(CALLER, '1003', '1004')
  const agent = await anAgent(t)
  await agent.until('ringing')
  await agent.answer()
  await hears(first, AGENT_HZ)
  await first.hangup()
  await agent.until('closed')
  await agent.until('ringing')
  await agent.answer()
  await wanted.until('ringing')
  t.match(await when(open?.id ?? '', 'calling'), { state: 'calling' })
  t.match(await crm.post(`/v1/call-backs/${open?.id ?? ''}/cancel`), { status: 409 })
  await wanted.answer()
  await hears(wanted, AGENT_HZ)
  await hears(agent, WANTED_HZ)
  const done = await when(open?.id ?? '', 'done')
  t.match(done.attempts, [{ outcome: 'talked' }])
  t.strictSame(await waiting(), ['1004'], 'who came later waits still')
  await wanted.hangup()
  const made = await retry(clock, 'the call to be recorded', WAIT_MS, async () => {
    const { status, body } = await crm.get(`/v1/history/${done.attempts[0]?.call ?? ''}`)
    return status === 200 ? body : undefined
  })
  t.match(made, { data: { callBackOf: open?.call }, queues: [{ queue: 'keys', outcome: 'answered' }], outcome: 'answered' })
  t.match((await crm.get(`/v1/history/${open?.call ?? ''}`)).body.data, { callBack: open?.id, callBackState: 'done', callBackCall: done.attempts[0]?.call }) // prettier-ignore
  t.strictSame(stream.all.filter(e => e.type.startsWith('call-back.')).map(e => e.type), ['call-back.opened', 'call-back.changed', 'call-back.changed', 'call-back.closed']) // prettier-ignore
}) // prettier-ignore

t.test('who does not answer is tried again, as often as the configuration says', async t => {
  await running(t)
  const { id } = await asked()
  wanted.meet('busy')
  const agent = await anAgent(t)
  for (const _ of [1, 2]) {
    await agent.until('ringing', WAIT_MS)
    await agent.answer()
    await agent.until('closed')
  }
  wanted.meet('manual')
  t.match(await when(id, 'failed'), { attempts: [{ outcome: 'no-answer' }, { outcome: 'no-answer' }] })
  t.match(await callBacks(), [])
})

t.test('cancelled: nobody waits there any more', async t => {
  await running(t)
  const { id } = await asked()
  await waits('1003')
  t.match(await crm.post(`/v1/call-backs/${id}/cancel`), {
    status: 200,
    body: { state: 'cancelled', doneBy: 'key:lab' },
  })
  await waits()
  t.match(await crm.post(`/v1/call-backs/${id}/cancel`), { status: 409 })
  t.match(await crm.post('/v1/call-backs/lab:none/cancel'), { status: 404 })
})

/** As for any caller who waits. */
async function about(what: string, body: object) {
  const { queues } = (await crm.get<{ queues: QueueView[] }>('/v1/queues')).body
  const call = queues.find(q => q.name === 'keys')?.waiting[0]?.call
  return crm.post(`/v1/queues/lab:keys/waiting/${call}/${what}`, body)
}

t.test('taken by command: the number is dialled when the agent has answered', async t => {
  await running(t)
  const { id } = await asked()
  await waits('1003')
  t.match(await agentsOf(crm).ask('8004', 'sign-in', { extension: '1004', ready: false }), { status: 200 })
  t.match(await about('take', { agent: '8004' }), { status: 200 })
  await other.until('ringing')
  await other.answer()
  await wanted.until('ringing')
  await when(id, 'calling')
  await wanted.answer()
  await hears(wanted, 790)
  await hears(other, WANTED_HZ)
  t.match(await when(id, 'done'), { attempts: [{ outcome: 'talked' }] })
  await wanted.hangup()
  await other.until('closed')
})

t.test('taken by command, and the agent does not answer: it is tried again', async t => {
  await running(t)
  const { id } = await asked()
  await waits('1003')
  t.match(await about('take', { agent: '8004' }), { status: 200 })
  await other.until('ringing')
  await other.hangup()
  await waits('1003')
  t.match(await when(id, 'waiting'), { attempts: [{ outcome: 'no-agent' }, {}] })
})

t.test('moved by command: they are to be called back from there; sent away: nobody calls back', async t => {
  await running(t)
  const { id } = await asked()
  await waits('1003')
  t.match(await about('move?dryRun=true', { workgroup: 'team-a' }), { status: 200 })
  t.match(await about('move', { workgroup: 'team-a' }), { status: 200 })
  const { body } = await crm.get<QueueView>('/v1/queues/lab:team-a')
  t.match(body.waiting, [{ number: '1003' }], 'proved when it is answered')
  await waits()
  t.match(await when(id, 'waiting'), { queue: 'team-a', attempts: [{ outcome: 'no-agent' }, {}] })
  const call = body.waiting[0]?.call
  t.match(await crm.post(`/v1/queues/lab:team-a/waiting/${call}/send-away`, {}), { status: 200 })
  t.match(await when(id, 'cancelled'), { doneBy: 'key:lab' })
  await retry(clock, 'nobody to wait', WAIT_MS, async () =>
    (await crm.get<QueueView>('/v1/queues/lab:team-a')).body.waiting.length === 0 ? true : undefined,
  )
})

t.test('the daemon is killed when it is promised: it happens all the same, and the next one knows', async t => {
  const { program } = await daemon.start()
  const { id } = await asked()
  program.kill()
  await program.ended
  const agent = await anAgent(t)
  await agent.until('ringing', WAIT_MS)
  await agent.answer()
  await wanted.until('ringing')
  await wanted.answer()
  await hears(wanted, AGENT_HZ)
  await running(t)
  t.match(await when(id, 'done'), { attempts: [{ outcome: 'talked' }] })
})

t.test('back to the queue, at their place; and a number that may not be dialled', async t => {
  await running(t)
  await inMenu()
  await first.dial(fromOutside('2020'))
  await waits(CALLER)
  await wanted.press('*')
  await waits('1003', CALLER)
  await wanted.press('1')
  await hears(wanted, HZ.offer)
  await wanted.press('2')
  await hears(wanted, HZ.offer)
  // It is read to them, and they may say that it is another one.
  await wanted.press('123#')
  await hears(wanted, HZ.confirm)
  await wanted.press('*')
  await hears(wanted, HZ.offer)
  await wanted.press('0900123456#')
  await hears(wanted, HZ.confirm)
  await wanted.press('1')
  await hears(wanted, HZ.sorry)
  await waits('1003', CALLER)
  t.strictSame(await callBacks(), [])
})

t.test(
  'the daemon is killed while they are in the menu: with the next one they go on there; without one, they wait at their place',
  async t => {
    const { program } = await daemon.start()
    await inMenu()
    program.kill()
    await program.ended
    const next = await daemon.start()
    await hears(wanted, HZ.offer)
    await first.dial(fromOutside('2020'))
    await waits(CALLER)
    next.program.kill()
    await next.program.ended
    // So long the dialplan waits for a daemon here.
    await hears(wanted, HZ.next).catch(() => undefined)
    await running(t)
    await waits('1003', CALLER)
  },
)

t.test('voicemail by key', async t => {
  const { stream } = await running(t)
  await inMenu()
  await wanted.press('3')
  const box = await retry(clock, 'them to be there', WAIT_MS, async () => {
    const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
    return calls.flatMap(c => c.segments).find(s => s.kind === 'voicemail')
  })
  t.match(box, { name: '1001' })
  await sleep(clock, 9_000)
  await wanted.hangup()
  t.match((await stream.next('voicemail.left')).data, { message: { box: '1001', from: { extension: '1003' } } })
})

t.end()
