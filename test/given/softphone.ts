/** The softphone bar of a CRM: commands on calls of a real exchange, told as short as a button is pressed. */
import type { Test } from 'tap'
import { openAmi } from '../../lab/ami.js'
import type { Lab } from '../../lab/lab.js'
import { openCustomer, type Phone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { randomToken } from '../../src/base/system.js'
import type { ExtensionView } from '../../src/events/agent.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange, type Answer, type Exchange, type ExchangeOptions } from './exchange.js'

export type Refused = { code?: string }
export type TransferView = CallView['transfers'][number] & Refused

export const CALLER = '491701234567'
const PATIENCE_MS = 10_000

/** As the outside dials an extension of the lab. */
export const fromOutside = (extension: string) => `49301234${extension}`

/** The same, as a call of which the daemon is asked where it goes. */
export const askingFirst = (extension: string) => `49301235${extension}`

/** How many channels the PBX has, by its own count. */
export async function channelCount(t: Pick<Test, 'teardown'>, lab: Lab): Promise<() => Promise<number>> {
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  t.teardown(() => ami.close())
  return async () => {
    const ActionID = `left-${randomToken(6)}`
    ami.send({ Action: 'CoreShowChannels', ActionID })
    const end = await ami.frames.until('the list', f => f['ActionID'] === ActionID && 'ListItems' in f, 10_000)
    return Number(end['ListItems'])
  }
}

export async function anOffice(t: Test, options: ExchangeOptions = {}) {
  const exchange = await anExchange(t, options)
  const { lab, crm } = exchange
  const press = <T = CallView & Refused>(call: string, button: string, body: object = {}): Promise<Answer<T>> =>
    crm.post<T>(`/v1/calls/${call}/${button}`, body)
  const callNow = async (id: string) => (await crm.get(`/v1/calls/${id}`)).body
  const when = (id: string, what: string, fits: (call: CallView) => boolean) =>
    retry(lab.clock, `the call to be ${what}`, PATIENCE_MS, async () => {
      const call = await callNow(id)
      return fits(call) ? call : undefined
    })
  /** A phone that the daemon knows of, too: it hears of it a moment after the PBX has taken it. */
  const phoneAt = async (extension: string) => {
    const opened = await exchange.phone({ extension })
    await retry(lab.clock, `the daemon to know the phone of ${extension}`, PATIENCE_MS, async () => {
      const { phone } = (await crm.get<ExtensionView>(`/v1/extensions/lab:${extension}`)).body
      return phone !== undefined && phone !== 'unavailable' ? true : undefined
    })
    return opened
  }
  return {
    ...exchange,
    phoneAt,
    press,
    transfer: (call: string, to: string, more: object = {}) => press<TransferView>(call, 'transfers', { to, ...more }),
    callNow,
    when,
    transferNow: async (call: string, id = '') => (await callNow(call)).transfers.find(t => t.id === id),
    /** A customer dials in, and the phone answers: they talk. */
    talk: async (customer: Phone, to: string, phone: Phone): Promise<string> => {
      await customer.dial(fromOutside(to))
      await phone.until('ringing')
      await phone.answer()
      const { calls } = await retry(lab.clock, 'them to talk', PATIENCE_MS, async () => {
        const { body } = await crm.get<{ calls: CallView[] }>('/v1/calls')
        return body.calls.some(c => c.state === 'talking') ? body : undefined
      })
      return calls.find(c => c.state === 'talking')?.id ?? ''
    },
    /**
     * Two phones and a customer, for one story. With its end nothing is left, so that the next one begins on an empty exchange.
     */
    cast: async (t: Pick<Test, 'teardown'>) => {
      const [cust, ana, ben] = await Promise.all([openCustomer(lab, CALLER), ...['1001', '1002'].map(phoneAt)])
      if (!ana || !ben) throw new Error('no phones')
      t.teardown(async () => {
        await Promise.all([cust, ana, ben].map(one => one.close()))
        const live = async () => (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
        for (const { id } of await live()) await press(id, 'hangup')
        await retry(lab.clock, 'no call to be left', PATIENCE_MS, async () =>
          (await live()).length === 0 ? true : undefined,
        )
      })
      return { cust, ana, ben }
    },
  }
}
export type Office = Awaited<ReturnType<typeof anOffice>> & Exchange
