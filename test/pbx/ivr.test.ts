/** Menus on real calls: keys pressed by a phone, prompts that are heard (tones take the place of words), and a daemon that is killed. */
import t, { type Test } from 'tap'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone, type Phone } from '../../lab/phone.js'
import { levelOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import type { NodeTotals } from '../../src/reports/ivr.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { aDaemonProcess } from '../given/daemon-process.js'
import type { Stream } from '../given/exchange.js'
import { askingFirst, CALLER } from '../given/softphone.js'

const HZ = { welcome: 700, main: 900, wrong: 1_300, collect: 1_700, other: 2_100, anew: 2_500 } as const
const VOICE_HZ = 430
const WAIT_MS = 1_500
const LONG_MS = 600_000
const folder = t.testdir({
  ...Object.fromEntries(Object.entries(HZ).map(([name, hz]) => [`${name}.wav`, toneWav(hz, name === 'main' ? 2 : 1)])),
  menus: {},
})
const sound = (name: keyof typeof HZ) => [join(folder, name)]

const asked: string[] = []
const GIGABYTE = 2 ** 30
let sent = 0
const crmServer = createServer((request, response) => {
  asked.push(request.url ?? '')
  if (request.url === '/customers/4711') return void response.end(JSON.stringify({ data: { vip: true, name: 'Mia' } }))
  if (request.url !== '/customers/88888') return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': GIGABYTE })
  const piece = Buffer.alloc(65_536, ' ')
  const more = () => {
    while (response.writable && sent < GIGABYTE) {
      sent += piece.length
      if (!response.write(piece)) return
    }
  }
  response.on('drain', more)
  more()
})
await new Promise<void>(resolve => crmServer.listen(0, '127.0.0.1', resolve))
t.teardown(() => crmServer.close())
const { port } = crmServer.address() as AddressInfo

const main = {
  start: 'welcome',
  nodes: {
    welcome: { play: sound('welcome'), next: 'main' },
    main: {
      menu: { play: sound('main'), keys: { '1': 'sales', '2': 'number', '3': 'open', '4': 'sub', '5': 'box', '6': 'rate' }, waitMs: WAIT_MS, retries: 1, invalid: sound('wrong') },
      otherwise: 'operator',
    },
    sales: { go: { number: '2000' } },
    operator: { go: { number: '1002' } },
    number: { collect: { play: sound('collect'), as: 'customer', min: 3, max: 5, waitMs: WAIT_MS, retries: 0 }, next: 'find', otherwise: 'operator' },
    find: {
      lookup: { url: `http://127.0.0.1:${port}/customers/{customer}`, as: { vip: 'data.vip', name: 'data.name' }, allowPrivate: true },
      next: 'check',
      otherwise: 'operator',
    },
    check: { branch: 'vip', cases: { true: 'agent' }, otherwise: 'sales' },
    agent: { go: { agent: '8001', then: '2000', ringForMs: 3_000 }, otherwise: 'sales' },
    open: { hours: 'never', next: 'sales', otherwise: 'tell' },
    tell: { say: { digits: '12' }, next: 'bye' },
    bye: { hangup: true },
    sub: { ivr: 'other', next: 'main' },
    box: { go: { voicemail: '1001' } },
    rate: { go: { survey: 'service' } },
  },
} // prettier-ignore
const other = { start: 'hello', nodes: { hello: { play: sound('other'), next: 'back' }, back: { return: true } } }
const menus = join(folder, 'menus')
for (const [name, menu] of Object.entries({ main, other })) writeFileSync(join(menus, `${name}.yaml`), stringify(menu))

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const daemon = await aDaemonProcess(lab, 'ivr', {
  agents: { directory: DIRECTORY },
  ivr: { dir: menus },
  surveys: [
    { name: 'service', questions: [{ id: 'rating', ask: sound('collect'), answers: { '5': { meaning: 'good' } } }] },
  ],
  // Long enough for a daemon that is started again on a busy machine.
  ari: { callersWaitMs: 20_000 },
  routing: {
    calendars: [{ name: 'never' }],
    routes: [
      { name: 'hotline', dialled: [askingFirst('77*')], to: { ivr: 'main' } },
      { name: 'own', dialled: [askingFirst('7801')], to: { number: '2000' }, dedicated: { ringForMs: 3_000 } },
    ],
  },
})
const { crm } = daemon
const cust = await openCustomer(lab, CALLER, VOICE_HZ)
const [ana, ben] = [await openPhone(lab, { extension: '1001' }), await openPhone(lab, { extension: '1002' })]

/** What was heard before is not meant: the file that a phone writes does not grow while nothing is played. */
let mark = 0
const hears = (phone: Phone, name: keyof typeof HZ) =>
  retry(clock, `${name} to be heard`, 15_000, () => {
    const { length } = phone.heard(LONG_MS)
    if (length < mark) mark = 0
    const last = phone.heard(200)
    const others = Object.values(HZ).filter(hz => hz !== HZ[name])
    const isThat = levelOf(last, HZ[name]) > 400 && others.every(hz => levelOf(last, hz) < 200)
    if (length === mark || !isThat) return Promise.resolve(undefined)
    mark = length
    return Promise.resolve(true)
  })
const recorded = async (stream: Stream, id: string): Promise<CallView> =>
  (await stream.next('call.recorded', id)).data.call
const steps = ({ ivr }: CallView) => (ivr?.steps ?? []).map(({ node, key, result }) => [node, key, result].filter(Boolean).join(' ')) // prettier-ignore

/** Whatever rang or was heard before is not meant. */
async function dial(to = '7701') {
  await Promise.all([cust, ana, ben].map(phone => phone.clear()))
  mark = cust.heard(LONG_MS).length
  await cust.dial(askingFirst(to))
}

/** They dial in, and the main menu is heard. */
async function inMain(t: Test) {
  const { program } = await daemon.start()
  const stream = await crm.webSocket('types=call.*,ivr.*')
  t.teardown(async () => {
    stream.close()
    await cust.clear()
    await program.stop()
  })
  await dial()
  await hears(cust, 'main')
  const { subject } = await stream.next('call.routed')
  return { stream, subject, program }
}

t.test('a key while the menu speaks leads to the queue; each step is told and kept', async t => {
  const { stream, subject } = await inMain(t)
  await cust.press('1')
  const queued = (await stream.next('call.queued', subject)).data.call
  t.match(queued, { routing: { does: 'ivr', to: 'main' }, queues: [{ queue: 'sales' }] })
  await cust.hangup()
  const call = await recorded(stream, subject)
  t.strictSame(steps(call), ['welcome', 'main 1 key', 'sales gone'])
  t.match(call.ivr, { ended: 'gone', variables: { caller: CALLER, dialled: askingFirst('7701') } })
  t.match(call.segments, [{ kind: 'ivr', name: 'main' }, { kind: 'queue' }])
  t.strictSame((await crm.get(`/v1/calls/${subject}`)).body.ivr, call.ivr, 'and the history has it')
  t.ok(stream.all.filter(e => e.type === 'ivr.stepped').length >= 2)
  t.equal(stream.all.filter(e => e.type === 'ivr.ended').length, 1)
})

t.test('nothing is pressed, and then something that means nothing: the operator', async t => {
  const { stream, subject } = await inMain(t)
  await sleep(clock, 2_000 + WAIT_MS)
  await hears(cust, 'main')
  await cust.press('9')
  await ben.until('ringing')
  await cust.hangup()
  const call = await recorded(stream, subject)
  t.strictSame(steps(call), ['welcome', 'main 9 invalid', 'operator gone'])
  t.equal(call.ivr?.steps[1]?.times, 2)
})

t.test('digits are collected, the CRM is asked, and the agent rings; who is not known goes elsewhere', async t => {
  const { stream, subject } = await inMain(t)
  const { ask } = agentsOf(crm)
  await ask('8001', 'sign-in', { extension: '1001' })
  await cust.press('2')
  await hears(cust, 'collect')
  await cust.press('4711#')
  await ana.until('ringing')
  await ana.answer()
  await stream.next('call.answered', subject)
  await cust.hangup()
  const call = await recorded(stream, subject)
  t.strictSame(steps(call), ['welcome', 'main 2 key', 'number collected', 'find found', 'check', 'agent gone'])
  t.match(call.ivr?.variables, { customer: '4711', vip: 'true', name: 'Mia' })
  await ask('8001', 'sign-out')
  // One is not known; for the other the CRM has a gigabyte to say.
  for (const customer of ['99999', '88888']) {
    await dial()
    await hears(cust, 'main')
    await cust.press('2')
    await hears(cust, 'collect')
    await cust.press(customer)
    await ben.until('ringing')
    await cust.hangup()
    const second = (await stream.next('call.recorded')).data.call
    t.strictSame(steps(second).slice(2), ['number collected', 'find failed', 'operator gone'])
  }
  t.ok(sent < GIGABYTE / 10, `most of it was not asked for: ${sent} bytes were sent`)
  t.strictSame(asked, ['/customers/4711', '/customers/99999', '/customers/88888'])
})

t.test('a menu within a menu; closed: the PBX speaks digits, and hangs up', async t => {
  const { stream, subject } = await inMain(t)
  await cust.press('4')
  await hears(cust, 'other')
  await hears(cust, 'main')
  await cust.press('3')
  await cust.until('closed', 15_000)
  const call = await recorded(stream, subject)
  t.strictSame(steps(call), [
    'welcome',
    'main 4 key',
    'sub',
    'hello',
    'back',
    'main 3 key',
    'open closed',
    'tell',
    'bye',
  ])
  t.match(call.ivr, { ended: 'end' })
  t.ok(levelOf(cust.heard(600_000), HZ.other) > 0)
})

t.test('a menu leads to a box of voicemail, and to a survey', async t => {
  const { stream, subject } = await inMain(t)
  await cust.press('5')
  await retry(clock, 'them to be there', 10_000, async () => {
    const { body } = await crm.get(`/v1/calls/${subject}`)
    return body.segments.some(s => s.kind === 'voicemail' && s.name === '1001') ? true : undefined
  })
  await cust.hangup()
  t.strictSame(steps(await recorded(stream, subject)), ['welcome', 'main 5 key', 'box gone'])
  await dial()
  await hears(cust, 'main')
  await cust.press('6')
  await hears(cust, 'collect')
  await cust.press('5')
  await cust.until('closed')
  const rated = (await stream.next('call.recorded')).data.call
  t.match(rated.survey, { name: 'service', outcome: 'completed', questions: [{ key: '5', meaning: 'good' }] })
  t.match(rated.segments, [{ kind: 'ivr' }, { kind: 'survey', name: 'service' }])
})

t.test('they hang up in the menu: it is told where, and the report has it', async t => {
  const { stream, subject } = await inMain(t)
  await cust.hangup()
  t.match((await recorded(stream, subject)).ivr, { ended: 'hung-up', steps: [{ node: 'welcome' }, { node: 'main' }] })
  const from = new Date(clock.now() - 3_600_000).toISOString()
  // Where Redis was slow for a moment, the history has the last call a moment later.
  const nodes = await retry(clock, 'the report to have all nine', 5_000, async () => {
    const { nodes } = (await crm.get<{ nodes: NodeTotals[] }>(`/v1/reports/ivr?from=${from}&ivr=main`)).body
    return nodes.find(n => n.node === 'welcome')?.visits === 9 ? nodes : undefined
  })
  const at = (name: string) => nodes.find(n => n.node === name)
  t.match(at('main'), { hungUp: 1, keys: { '1': 1, '2': 3, '3': 1, '4': 1, '5': 1, '6': 1, '9': 1 } })
  t.match(at('welcome'), { visits: at('welcome')?.calls })
})

t.test('the daemon is killed while they are in the menu: with the next one they go on there', async t => {
  const { stream, subject, program } = await inMain(t)
  program.kill()
  await program.ended
  stream.close()
  const next = await daemon.start()
  const again = await crm.webSocket('types=call.*,ivr.*')
  await hears(cust, 'main')
  await cust.press('1')
  await again.next('call.queued', subject)
  await cust.hangup()
  const call = await recorded(again, subject)
  t.strictSame(steps(call), ['welcome', 'main 1 key', 'sales gone'])
  again.close()
  await next.program.stop()
})

t.test(
  'it is killed while the agent of their own is rung: the dialplan goes on to the queue, and the wish is known to the next one',
  async t => {
    const { program } = await daemon.start()
    await agentsOf(crm).ask('8001', 'sign-in', { extension: '1001' })
    await crm.post('/v1/dedicated', { match: CALLER, agent: '8001' })
    const before = await crm.webSocket('types=call.*')
    await dial('7801')
    await before.next('call.routed')
    await ana.until('ringing')
    program.kill()
    await program.ended
    before.close()
    const next = await daemon.start()
    const stream = await crm.webSocket('types=call.*')
    const call = await retry(clock, 'them to wait in the queue', 15_000, async () => {
      const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
      return calls.find(c => c.queues.some(q => q.queue === 'sales'))
    })
    await cust.hangup()
    const { routing } = await recorded(stream, call.id)
    t.match(routing, { does: 'agent', to: '1001', then: '2000', wishes: [{ by: 'dedicated', agent: '8001' }] })
    await agentsOf(crm).ask('8001', 'sign-out')
    stream.close()
    await next.program.stop()
  },
)

t.test(
  'read anew: who is in it stays in what there was, the next one hears the new; what is not sound changes nothing',
  async t => {
    const { stream, subject } = await inMain(t)
    const changed = { ...main, nodes: { ...main.nodes, welcome: { play: sound('anew'), next: 'main' } } }
    const broken = { ...main, nodes: { ...main.nodes, lost: { hangup: true }, bye: { play: ['x'], next: 'nowhere' } } }
    writeFileSync(join(menus, 'main.yaml'), stringify(broken))
    const refused = await crm.post<{ code: string; detail: string }>('/v1/ivr/reload')
    t.match(refused, { status: 422, body: { code: 'IVR_INVALID', detail: /main\.bye: there is no node nowhere/ } })
    t.match(await crm.post('/v1/ivr/reload', { by: '8001' }), { status: 403 })
    writeFileSync(join(menus, 'main.yaml'), stringify(changed))
    t.match(await crm.post('/v1/ivr/reload'), { status: 200, body: { menus: ['main', 'other'] } })
    await cust.press('4')
    await hears(cust, 'other')
    await hears(cust, 'main')
    await cust.hangup()
    await recorded(stream, subject)
    await cust.dial(askingFirst('7701'))
    await hears(cust, 'anew')
    await cust.hangup()
    t.match(await crm.text('/v1/ivr/main/diagram'), /flowchart TD[\s\S]*-->\|"1"\|/)
  },
)

t.end()
