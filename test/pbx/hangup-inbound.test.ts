/** Callers who hang up at every step there is, all at once, and callers who press everything: nothing is left of them, and it is told where. */
import t from 'tap'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openCustomer, type Phone } from '../../lab/phone.js'
import { levelOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import { anOffice, askingFirst, channelCount, fromOutside } from '../given/softphone.js'

const HZ = { welcome: 700, main: 900, collect: 1_300, ask: 1_700 } as const
const WAIT_MS = 20_000
const sounds = t.testdir({
  ...Object.fromEntries(Object.entries(HZ).map(([name, hz]) => [`${name}.wav`, toneWav(hz, 2)])),
  menus: {},
})
const sound = (name: keyof typeof HZ) => [join(sounds, name)]

let asked = 0
const silent = createServer(() => (asked += 1))
await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
t.teardown(() => {
  silent.closeAllConnections()
  silent.close()
})
const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
const main = {
  start: 'welcome',
  nodes: {
    welcome: { play: sound('welcome'), next: 'main' },
    main: { menu: { play: sound('main'), keys: { '1': 'number', '2': 'find', '3': 'box', '4': 'rate', '5': 'sales' }, waitMs: 15_000, retries: 0 }, otherwise: 'sales' },
    number: { collect: { play: sound('collect'), as: 'customer', min: 3, max: 5, waitMs: 15_000 }, next: 'find', otherwise: 'sales' },
    find: { lookup: { url, as: { vip: 'vip' }, allowPrivate: true, timeoutMs: 10_000 }, next: 'sales', otherwise: 'sales' },
    box: { go: { voicemail: '1001' } },
    rate: { go: { survey: 'service' } },
    sales: { go: { number: '2000' } },
  },
} // prettier-ignore
writeFileSync(join(sounds, 'menus', 'main.yaml'), stringify(main))

const { lab, crm } = await anOffice(t, {
  ivr: { dir: join(sounds, 'menus') },
  surveys: [
    { name: 'service', questions: [{ id: 'rating', ask: sound('ask'), answers: { '5': { meaning: 'good' } } }] },
  ],
  routing: {
    calendars: [{ name: 'never' }],
    routes: [
      { name: 'shut', dialled: [askingFirst('7801')], to: { message: sound('ask') } },
      { name: 'box', dialled: [askingFirst('7802')], to: { voicemail: '1001' } },
      { name: 'hotline', dialled: [askingFirst('77*')], to: { ivr: 'main' } },
    ],
  },
})
const { clock } = lab
const channels = await channelCount(t, lab)

const hears = (phone: Phone, name: keyof typeof HZ) =>
  retry(clock, `${phone.extension} to hear ${name}`, WAIT_MS, () =>
    Promise.resolve(levelOf(phone.heard(200), HZ[name]) > 400 || undefined),
  )
const inMain = async (phone: Phone, key?: string) => {
  await phone.dial(askingFirst('7701'))
  await hears(phone, 'main')
  if (key !== undefined) await phone.press(key)
}
const nothingIsLeft = async () => {
  await retry(clock, 'no channel to be left', WAIT_MS, async () => ((await channels()) === 0 ? true : undefined))
  await retry(clock, 'no call to be left', WAIT_MS, async () =>
    (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls.length === 0 ? true : undefined,
  )
}

/** What a caller does until they hang up, and what their call then shows. */
const STEPS: [what: string, until: (phone: Phone) => Promise<unknown>, shows: object][] = [
  ['before anything is answered', phone => phone.dial(askingFirst('7701')), {}],
  [
    'in the first words',
    async phone => {
      await phone.dial(askingFirst('7701'))
      await hears(phone, 'welcome')
    },
    { ivr: { ended: 'hung-up', steps: [{ node: 'welcome' }] } },
  ],
  ['in the menu', phone => inMain(phone), { ivr: { ended: 'hung-up', steps: [{}, { node: 'main' }] } }],
  [
    'while digits are collected',
    async phone => {
      await inMain(phone, '1')
      await hears(phone, 'collect')
      await phone.press('47')
    },
    { ivr: { ended: 'hung-up', steps: [{}, { key: '1' }, { node: 'number' }] } },
  ],
  [
    'while the CRM is asked',
    async phone => {
      await inMain(phone, '2')
      await retry(clock, 'it to be asked', WAIT_MS, () => Promise.resolve(asked > 0 || undefined))
    },
    { ivr: { ended: 'hung-up', steps: [{}, {}, { node: 'find' }] } },
  ],
  ['right after the key', phone => inMain(phone, '5'), { ivr: { steps: [{}, { node: 'main' }] } }],
  [
    'in the survey',
    async phone => {
      await inMain(phone, '4')
      await hears(phone, 'ask')
    },
    { survey: { outcome: 'hung-up' } },
  ],
  [
    'in a message',
    async phone => {
      await phone.dial(askingFirst('7801'))
      await hears(phone, 'ask')
    },
    { routing: { does: 'message' } },
  ],
  [
    'in the greeting of a box',
    async phone => {
      await phone.dial(askingFirst('7802'))
      await phone.until('established')
    },
    { routing: { does: 'voicemail' } },
  ],
  [
    'at once, while the queue takes them',
    async phone => {
      await phone.dial(fromOutside('2020'))
    },
    {},
  ],
]

t.test('they hang up at each step', async t => {
  await Promise.all(
    STEPS.map(async ([what, until, shows], i) => {
      const number = `49170555000${i}`
      const phone = await openCustomer(lab, number, 430)
      t.teardown(() => phone.close())
      await until(phone)
      await phone.hangup()
      const call = await retry(clock, `the call that ended ${what}`, WAIT_MS, async () =>
        (await crm.get<{ calls: CallView[] }>(`/v1/history?number=${number}`)).body.calls.at(0),
      )
      t.match(call, { state: 'ended', from: { number }, ...shows }, what)
    }),
  )
  await nothingIsLeft()
})

t.test('everything there is on a phone, in a menu: the first key that means something is the one', async t => {
  const phone = await openCustomer(lab, '491705550100', 430)
  const stream = await crm.webSocket('types=call.queued')
  t.teardown(async () => {
    stream.close()
    await phone.close()
  })
  await inMain(phone)
  await phone.press('5123456789*#0')
  const { data, subject } = await stream.next('call.queued')
  t.match(data.call.queues, [{ queue: 'sales' }])
  t.match(data.call.ivr?.steps, [{ node: 'welcome' }, { node: 'main', key: '5' }, { node: 'sales' }])
  await sleep(clock, 1_000)
  t.match((await crm.get(`/v1/calls/${subject}`)).body, { state: 'queued' }, 'and the other keys lead nowhere')
  await phone.hangup()
  await nothingIsLeft()
})

t.end()
