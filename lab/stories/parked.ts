/** Stories of calls that are handed over to a parking space after asking for one, parked again, or parked behind a Local pair. */
import type { Phone } from '../phone.js'
import { consultsByCommand, isServed, keys, waits } from './moves.js'
import { served } from './plain.js'
import { heard, talk, type Stage, type Stories, type Story } from './stage.js'
import { letGo, PARKS, retrieves, sendInto, takesUp } from './taken.js'

const PATIENCE_MS = 10_000

const timesHeard = ({ ami }: Stage, event: string) =>
  ami.frames.history.filter(frame => frame['Event'] === event).length

/** The next event of this name, where the story has had some already. */
async function next(stage: Stage, event: string, doing: () => Promise<unknown>): Promise<void> {
  const before = timesHeard(stage, event)
  await doing()
  await stage.ami.frames.until(event, () => timesHeard(stage, event) > before, PATIENCE_MS)
}

type Way = Readonly<{
  by: string
  consult: (stage: Stage, phone: Phone, lot: string) => Promise<unknown>
  complete: (stage: Stage, phone: Phone) => Promise<unknown>
}>

const CODE: Way = {
  by: 'by feature code',
  consult: (_, phone, lot) => phone.press(`*2${lot}`),
  complete: (_, phone) => phone.press('*2'),
}

const COMMAND: Way = {
  by: 'by command',
  consult: (stage, { extension }, lot) => consultsByCommand(stage, extension, lot),
  complete: (stage, { extension }) => keys(stage, extension, '*2'),
}

const BY_HANGING_UP: Way = { ...CODE, by: 'by feature code, and by hanging up', complete: (_, phone) => phone.hangup() }

/** The lot says the space to whoever asks; then the other is handed over to it. */
async function parksAfterAsking(stage: Stage, phone: Phone, way: Way, lot = '700'): Promise<void> {
  await next(stage, 'ParkedCall', () => way.consult(stage, phone, lot))
  await talk(stage)
  await next(stage, 'AttendedTransfer', () => way.complete(stage, phone))
  await letGo(phone)
}

const retrieved = (way: Way): Story => ({
  story: `Ana asks for a parking space ${way.by}, hands the customer over to it, and Ben takes him from there`,
  tell: async stage => {
    await served(stage, stage.ana)
    await parksAfterAsking(stage, stage.ana, way)
    await retrieves(stage)
  },
})

/** `park` by Ana, who has the customer from a queue behind a Local pair that stays. */
const behindLocal = (by: string, park: (stage: Stage) => Promise<unknown>): Story => ({
  story: `Ana has a caller from a queue behind a Local pair that stays, parks him ${by}, and Ben takes him from there`,
  members: { ringall: ['Local/1001@agents/n'] },
  tell: async stage => {
    await waits(stage, '2001')
    await isServed(stage, stage.ana)
    await next(stage, 'ParkedCall', () => park(stage))
    await letGo(stage.ana)
    await retrieves(stage)
  },
})

export const PARKED_AFTER_ASKING: Stories = {
  'parked-attended-code': retrieved(CODE),
  'parked-attended-command': retrieved(COMMAND),
  'parked-attended-hung-up': retrieved(BY_HANGING_UP),
  'parked-attended-again': {
    story: 'Ana parks the customer after asking, Ben takes him from there and does the same, and Cleo takes him',
    tell: async stage => {
      await served(stage, stage.ana)
      await parksAfterAsking(stage, stage.ana, CODE)
      await takesUp(stage, stage.ben)
      await parksAfterAsking(stage, stage.ben, COMMAND)
      await takesUp(stage, stage.cleo)
      await stage.customer.hangup()
    },
  },
  'parked-attended-came-back': {
    story:
      'Ana parks the customer after asking, nobody takes him, and after two seconds it rings at Ana again, who answers',
    tell: async stage => {
      await served(stage, stage.ana)
      await parksAfterAsking(stage, stage.ana, CODE, '7500')
      await heard(stage.ami, 'ParkedCallTimeOut')
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ana.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'parked-attended-gave-up': {
    story: 'Ana parks the customer after asking, and he hangs up while he is parked',
    tell: async stage => {
      await served(stage, stage.ana)
      await parksAfterAsking(stage, stage.ana, CODE)
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'parked-again': {
    story:
      'Ana parks the customer by feature code, Ben takes him from there and parks him by his phone, and Cleo takes him',
    tell: async stage => {
      await served(stage, stage.ana)
      await next(stage, 'ParkedCall', () => PARKS.code.park(stage))
      await letGo(stage.ana)
      await takesUp(stage, stage.ben)
      await next(stage, 'ParkedCall', () => stage.ben.transfer('700'))
      await letGo(stage.ben)
      await takesUp(stage, stage.cleo)
      await stage.customer.hangup()
    },
  },
  'parked-attended-fetched-by-command': {
    story: 'Ana parks the customer after asking; Ben is rung by command and takes him from there',
    tell: async stage => {
      await served(stage, stage.ana)
      await parksAfterAsking(stage, stage.ana, COMMAND)
      const { ParkingSpace = '' } = await heard(stage.ami, 'ParkedCall')
      await sendInto(stage, stage.ben, 'aladdin-unpark', ParkingSpace)
      await stage.ben.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'queue-local-parked-refer': behindLocal('by her phone', PARKS.refer.park),
  'queue-local-parked-code': behindLocal('by feature code', PARKS.code.park),
  'queue-local-parked-attended': behindLocal('after asking', stage => parksAfterAsking(stage, stage.ana, CODE)),
}
