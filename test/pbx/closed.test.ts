/** Outside office hours: the menu of the examples says so with its own prompt, and leads to a mailbox. */
import t from 'tap'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { openCustomer } from '../../lab/phone.js'
import { levelOf, toneWav } from '../../lab/sound.js'
import { retry } from '../../lab/wait.js'
import { anExchange, KEY } from '../given/exchange.js'
import { askingFirst, CALLER } from '../given/softphone.js'

/** Tones take the place of words. */
const HZ = { welcome: 700, closed: 900, voicemail: 1_300 } as const
const exchange = await anExchange(t, {
  ivr: { dir: join(CHECKOUT, 'examples/ivr') },
  routing: {
    calendars: [{ name: 'office' }],
    routes: [{ name: 'welcome', dialled: [askingFirst('77*')], to: { ivr: 'welcome' } }],
  },
})
const { lab, crm } = exchange

t.test('the prompt `closed` is heard, and then the greeting of the mailbox', async t => {
  for (const [name, hz] of Object.entries(HZ)) {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'audio/wav' }
    const body = new Uint8Array(toneWav(hz, 2))
    const answer = await fetch(`${exchange.daemon().address}/v1/prompts/${name}`, { method: 'PUT', headers, body })
    t.equal(answer.status, 200)
  }
  const stream = await crm.webSocket('types=call.*')
  const customer = await openCustomer(lab, CALLER, 430)
  t.teardown(() => customer.close())
  await customer.dial(askingFirst('7700'))
  for (const [name, hz] of Object.entries(HZ))
    await retry(lab.clock, `${name} to be heard`, 20_000, () => {
      const last = customer.heard(200)
      const others = Object.values(HZ).filter(other => other !== hz)
      return Promise.resolve(
        (levelOf(last, hz) > 400 && others.every(other => levelOf(last, other) < 200)) || undefined,
      )
    })
  await customer.hangup()
  const { call } = (await stream.next('call.recorded')).data
  t.strictSame(
    call.ivr?.steps.map(({ node, result }) => [node, result].filter(Boolean).join(' ')),
    ['welcome', 'open closed', 'closed', 'message gone'],
  )
  stream.close()
})

t.end()
