/** Stories of calls that another phone takes: pickup, forwarding, parking with every end. */
import type { Phone } from '../phone.js'
import { endpointOf } from '../profiles.js'
import { servedFromQueue } from './blind.js'
import { served } from './plain.js'
import { isServed, waits } from './moves.js'
import { act, channelOf, fromOutside, heard, talk, type Stage, type Stories, type Story } from './stage.js'

const ANA = 'PJSIP/1001'

async function rings(stage: Stage): Promise<void> {
  await stage.customer.dial(fromOutside(stage, '1001'))
  await stage.ana.until('ringing')
  await talk(stage)
}

async function ringsFromQueue(stage: Stage): Promise<void> {
  await waits(stage, '2001')
  await stage.ana.until('ringing')
  await talk(stage)
}

/** A phone that a command has rung goes into a context of the lab that knows what to do with a channel. */
export async function sendInto(stage: Stage, phone: Phone, context: string, target: string): Promise<void> {
  const Channel = `PJSIP/${endpointOf(stage.lab.profile, phone.extension)}`
  const dial = { Channel, Context: context, Exten: 's', Priority: '1', Async: 'true' }
  await act(stage.ami, 'Originate', { ...dial, CallerID: 'Aladdin', Variable: `ALADDIN_TARGET=${target}` })
  await phone.until('ringing')
  await phone.answer()
}

async function taken(stage: Stage, by: Phone): Promise<void> {
  await by.until('established')
  await heard(stage.ami, 'Pickup')
  await talk(stage)
  await stage.customer.hangup()
}

const pickup = (story: string, begin: (stage: Stage) => Promise<void>, dial: string, queue = false): Story => ({
  story,
  ...(queue && { members: { ringall: [ANA] } }),
  tell: async stage => {
    await begin(stage)
    await stage.cleo.dial(dial)
    await taken(stage, stage.cleo)
  },
})

export const PICKUP: Stories = {
  'pickup-group': pickup("Ana's phone rings; Cleo takes the call with #32", rings, '#32'),
  'pickup-directed': pickup("Ana's phone rings; Cleo takes the call with *8 and her number", rings, '*81001'),
  'pickup-command': {
    story: "Ana's phone rings; Cleo's is rung by command and takes the call",
    tell: async stage => {
      await rings(stage)
      await sendInto(stage, stage.cleo, 'take', channelOf(stage, '1001'))
      await taken(stage, stage.cleo)
    },
  },
  'queue-pickup-group': pickup(
    'Cleo takes a call that rings for Ana from a queue, with #32',
    ringsFromQueue,
    '#32',
    true,
  ),
  'queue-pickup-directed': pickup(
    'Cleo takes a call that rings for Ana from a queue, with *8 and her number',
    ringsFromQueue,
    '*81001',
    true,
  ),
  'pickup-nothing': {
    story: 'Cleo dials #32, and no phone rings',
    tell: async ({ cleo }) => {
      await cleo.dial('#32')
      await cleo.until('closed')
    },
  },
}

/** Her phone sends the call on until it rings at Cleo's. */
async function cleoAnswersForAna(stage: Stage): Promise<void> {
  await stage.customer.dial(fromOutside(stage, '1001'))
  await stage.cleo.until('ringing')
  await stage.cleo.answer()
  await stage.customer.until('established')
  await talk(stage)
  await stage.customer.hangup()
}

/** Ana's phone has sent the call on, and Cleo's rings for it, when Ben answers. */
const benIsFirst = (call: (stage: Stage) => Promise<void>) => async (stage: Stage) => {
  await call(stage)
  await stage.cleo.until('ringing')
  await stage.ben.until('ringing')
  await stage.ben.answer()
  await stage.customer.until('established')
  await talk(stage)
  await stage.customer.hangup()
}

export const FORWARDED: Stories = {
  forwarded: {
    story: "Ana's phone sends the call on to Cleo, who answers",
    manners: { ana: { forwardTo: '1003' } },
    tell: cleoAnswersForAna,
  },
  'forwarded-unanswered': {
    story: "Ana's phone sends the call on to Cleo, who does not answer",
    ringsOut: true,
    manners: { ana: { forwardTo: '1003' } },
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '1001'))
      await stage.cleo.until('ringing')
      await stage.customer.until('closed')
    },
  },
  'forwarded-twice': {
    story: "Ana's phone sends the call on to Ben's, and his to Cleo's, who answers",
    manners: { ana: { forwardTo: '1002' }, ben: { forwardTo: '1003' } },
    tell: cleoAnswersForAna,
  },
  'queue-forwarded': {
    story: "Ana's phone sends a call of a queue on to Cleo, who answers",
    manners: { ana: { forwardTo: '1003' } },
    members: { ringall: [ANA] },
    tell: async stage => {
      await waits(stage, '2001')
      await isServed(stage, stage.cleo)
      await stage.customer.hangup()
    },
  },
  'forwarded-overtaken': {
    story: "Two phones ring; Ana's sends the call on to Cleo, and Ben answers at his",
    manners: { ana: { forwardTo: '1003' } },
    tell: benIsFirst(stage => stage.customer.dial(fromOutside(stage, '2101'))),
  },
  'forwarded-picked-up': {
    story: "Ana's phone sends the call on to Cleo; Dora takes it with *8 and Cleo's number",
    manners: { ana: { forwardTo: '1003' } },
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '1001'))
      await stage.cleo.until('ringing')
      await talk(stage)
      await stage.dora.dial('*81003')
      await taken(stage, stage.dora)
    },
  },
  'queue-forwarded-overtaken': {
    story: "Two members ring; Ana's phone sends the call on to Cleo, and Ben answers at his",
    manners: { ana: { forwardTo: '1003' } },
    members: { ringall: [ANA, 'PJSIP/1002'] },
    tell: benIsFirst(stage => waits(stage, '2001')),
  },
}

/** How Ana parks the customer; `lot` and time are for the command only. */
export const PARKS = {
  refer: { by: 'by her phone', park: (stage: Stage) => stage.ana.transfer('700') },
  code: { by: 'by feature code', park: (stage: Stage) => stage.ana.press('#72') },
  command: { by: 'by command', park: (stage: Stage) => parkByCommand(stage, 45_000) },
} as const

const parkByCommand = (stage: Stage, timeoutMs: number) =>
  act(stage.ami, 'Park', {
    Channel: channelOf(stage, 'trunk'),
    TimeoutChannel: channelOf(stage, '1001'),
    AnnounceChannel: channelOf(stage, '1001'),
    Timeout: String(timeoutMs),
  })

/** Takes up the call that was parked last. */
export async function takesUp(stage: Stage, phone: Phone): Promise<void> {
  await heard(stage.ami, 'ParkedCall')
  const { ParkingSpace = '' } = stage.ami.frames.history.findLast(frame => frame['Event'] === 'ParkedCall') ?? {}
  await talk(stage)
  await phone.dial(ParkingSpace)
  await phone.until('established')
  await talk(stage)
}

export async function retrieves(stage: Stage): Promise<void> {
  await takesUp(stage, stage.ben)
  await stage.customer.hangup()
}

/** The space is said to whoever parks, so the phone that parked by command may still be there. */
export const letGo = (phone: Phone) => phone.letGo()

export const PARKED: Stories = {
  ...Object.fromEntries(
    Object.entries(PARKS).map(([way, { by, park }]) => [
      `parked-${way}-retrieved`,
      {
        story: `Ana parks the customer ${by}, and Ben takes him from there`,
        tell: async stage => {
          await served(stage, stage.ana)
          await park(stage)
          await heard(stage.ami, 'ParkedCall')
          await letGo(stage.ana)
          await retrieves(stage)
        },
      } satisfies Story,
    ]),
  ),
  'parked-gave-up': {
    story: 'The customer hangs up while he is parked',
    tell: async stage => {
      await served(stage, stage.ana)
      await parkByCommand(stage, 45_000)
      await heard(stage.ami, 'ParkedCall')
      await letGo(stage.ana)
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'parked-came-back': {
    story: 'Nobody takes the customer, so after two seconds it rings at Ana again, and she answers',
    tell: async stage => {
      await served(stage, stage.ana)
      await parkByCommand(stage, 2_000)
      await heard(stage.ami, 'ParkedCall')
      await letGo(stage.ana)
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ana.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'parked-came-back-unanswered': {
    story: 'Nobody takes the customer, it rings at Ana again, she does not answer, and he is hung up on',
    tell: async stage => {
      await served(stage, stage.ana)
      await parkByCommand(stage, 2_000)
      await heard(stage.ami, 'ParkedCall')
      await letGo(stage.ana)
      await stage.ana.until('ringing')
      await stage.customer.until('closed', 20_000)
    },
  },
  'parked-swap': {
    story: 'Ana has herself parked and puts the customer into her place; Ben takes him from there',
    tell: async stage => {
      await served(stage, stage.ana)
      await stage.ana.hold()
      await heard(stage.ami, 'Hold')
      await stage.ana.dial('700')
      await heard(stage.ami, 'ParkedCall')
      await talk(stage)
      await stage.ana.transferToOther('700')
      await heard(stage.ami, 'ParkedCallSwap')
      await retrieves(stage)
    },
  },
  'queue-parked': {
    story: 'Ana parks a caller whom she has from a queue, and Ben takes him from there',
    tell: async stage => {
      await servedFromQueue(stage)
      await parkByCommand(stage, 45_000)
      await heard(stage.ami, 'ParkedCall')
      await letGo(stage.ana)
      await retrieves(stage)
    },
  },
}
