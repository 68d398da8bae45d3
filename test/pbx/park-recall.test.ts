/**
 * Nobody takes up a parked call: the phone that has parked it is rung, also one whose name has a dash, and one of several devices
 * of an extension. By command and by feature code, on both profiles of the lab.
 */
import t from 'tap'
import { openAmi } from '../../lab/ami.js'
import { openCustomer, type Phone } from '../../lab/phone.js'
import { devicesOf } from '../../lab/profiles.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anOffice } from '../given/softphone.js'

/** A feature code parks where the lot has a number of its own. */
const LOT = '[quick](+)\nparkext = 750\n'

type Parks = Readonly<{ way: string; park: (call: string, extension: string) => Promise<unknown> }>

for (const profile of ['field', 'plain'] as const)
  t.test(profile, async t => {
    const { lab, crm, phone, press, when } = await anOffice(t, {
      profile,
      ringForS: 10,
      more: { 'res_parking.conf': LOT },
    })
    const ami = await openAmi(lab.asterisk.ami, lab.clock)
    t.teardown(() => ami.close())

    const legAt = async (call: string, extension: string) => {
      const { legs } = await when(call, `with ${extension}`, c =>
        c.legs.some(l => l.extension === extension && l.state === 'up'),
      )
      return legs.find(l => l.extension === extension && l.state === 'up')?.id ?? ''
    }
    const byCommand = (parker: Phone): Parks => ({
      way: 'by command',
      park: async (call, extension) => {
        t.match(await press(call, 'park', { extension, timeoutMs: 1_000 }), { status: 200, body: { state: 'parked' } })
        await parker.until('closed')
      },
    })
    /** In the lot of the lab in which a call stays for two seconds. */
    const byCode = (parker: Phone): Parks => ({
      way: 'by feature code',
      park: async (call, extension) => {
        const Channel = await legAt(call, extension)
        ami.send({ Action: 'Setvar', Channel, Variable: 'CHANNEL(parkinglot)', Value: 'quick', ActionID: 'lot' })
        await ami.frames.until('the lot', f => f['ActionID'] === 'lot' && f['Response'] === 'Success', 5_000)
        await parker.press('#72')
        await when(call, 'parked', c => c.state === 'parked')
        // The space is being said to it.
        await parker.letGo()
      },
    })

    async function recalled(parker: Phone, { way, park }: Parks) {
      const { extension } = parker
      t.comment(`${extension} parks ${way}`)
      const customer = await openCustomer(lab, lab.profile.customers.customer)
      await parker.clear()
      await customer.dial(lab.profile.fromOutside(extension))
      await parker.until('ringing')
      await parker.answer()
      const call = await retry(lab.clock, 'them to talk', 10_000, async () => {
        const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
        return calls.find(c => c.state === 'talking')?.id
      })
      await park(call, extension)
      await parker.until('ringing')
      await parker.answer()
      // Until the phone is dialled, and until they are together, the caller is alone in the dialplan.
      const talks = await when(call, 'with the parker again', c => {
        const kinds = c.segments.map(s => s.kind).filter(kind => kind === 'talk' || kind === 'park')
        return kinds.length > 2 && c.segments.at(-1)?.endedAt === undefined
      })
      const kinds = talks.segments.map(s => s.kind).filter(kind => kind === 'talk' || kind === 'park')
      t.strictSame(kinds, ['talk', 'park', 'talk'], `${extension}, ${way}`)
      await customer.hangup()
      await when(call, 'over', c => c.state === 'ended')
      await customer.close()
    }

    const ben = await phone({ extension: '1002' })
    await recalled(ben, byCommand(ben))
    await recalled(ben, byCode(ben))
    if (devicesOf(lab.profile, '201').length < 2) return
    const desk = await phone({ extension: '201', device: '201-desk', answers: 'busy' })
    const soft = await phone({ extension: '201', device: '201-soft' })
    await recalled(soft, byCommand(soft))
    t.notOk(
      desk.history().some(({ type }) => type === 'established'),
      'the other device has not been talked with',
    )
    await Promise.all([ben, desk, soft].map(one => one.close()))
  })

t.end()
