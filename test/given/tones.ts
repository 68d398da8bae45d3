/** Who hears whom: each speaks a tone of their own, and what each hears is measured. */
import type { Test } from 'tap'
import type { Lab } from '../../lab/lab.js'
import { openCustomer, openPhone, type Phone } from '../../lab/phone.js'
import { levelOf } from '../../lab/sound.js'
import { sleep } from '../../src/base/clock.js'
import { CALLER } from './softphone.js'

/** No whole multiples of one another, and within what a telephone carries. */
export const HZ = { cust: 430, ana: 770, ben: 1_190, cleo: 1_730, music: 2_310 } as const
export type Speaker = Exclude<keyof typeof HZ, 'music'>
const NUMBERS = { ana: '1001', ben: '1002', cleo: '1003' } as const

/** Sound on its way, and in the buffers of a phone. */
const ON_THE_WAY_MS = 700
const MEASURED_MS = 400
/** Of 8,000, with which each is spoken. */
const AUDIBLE = 400

export async function speakers(t: Pick<Test, 'teardown'>, lab: Lab) {
  const inside = Object.entries(NUMBERS) as [keyof typeof NUMBERS, string][]
  const phones = await Promise.all([
    openCustomer(lab, CALLER, HZ.cust),
    ...inside.map(([name, extension]) => openPhone(lab, { extension, toneHz: HZ[name] })),
  ])
  const [cust, ana, ben, cleo] = phones as [Phone, Phone, Phone, Phone]
  t.teardown(() => Promise.all(phones.map(phone => phone.close())))
  const all: Record<Speaker, Phone> = { cust, ana, ben, cleo }
  const heardBy = (name: Speaker) => {
    const samples = all[name].heard(MEASURED_MS)
    return (Object.keys(HZ) as (keyof typeof HZ)[]).filter(other => levelOf(samples, HZ[other]) > AUDIBLE)
  }
  return {
    ...all,
    /** What each of them hears now: the voices, or music, or nothing. */
    hear: async (...names: Speaker[]) => {
      await sleep(lab.clock, ON_THE_WAY_MS)
      return Object.fromEntries(names.map(name => [name, heardBy(name)]))
    },
  }
}
