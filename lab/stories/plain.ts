/** Stories of two people and no queue: every end that such a call can have. */
import type { Phone } from '../phone.js'
import { endpointOf } from '../profiles.js'
import { answerTrunk, callIn } from '../sipp.js'
import { channelOf, fromOutside, heard, talk, TALK_MS, type Stage, type Stories } from './stage.js'

/**
 * Click to dial as the daemon does it: first the own phone, which answers by itself, then the number. Each story names its
 * leg by itself, as the PBX wants no name twice.
 */
const originate = ({ lab }: Stage, story: string, extension: string, to: string) =>
  [
    ['Action', 'Originate'],
    ['ActionID', 'dial-1'],
    ['Channel', `PJSIP/${endpointOf(lab.profile, extension)}`],
    ['ChannelId', `aladdin-${story}`],
    ['Context', 'aladdin-dial'],
    ['Exten', to],
    ['Priority', '1'],
    ['CallerID', to],
    ['Timeout', '30000'],
    ['Async', 'true'],
    ['Variable', `ALADDIN_FROM=${extension}`],
    ['Variable', 'PJSIP_HEADER(add,Alert-Info)=<http://localhost>;info=alert-autoanswer;delay=0'],
    ['Variable', 'PJSIP_HEADER(add,Call-Info)=<sip:localhost>;answer-after=0'],
  ] as const

/** The lab's phone of Asterisk 16 does not know the request to answer at once. */
const ANSWERS_SOON = { afterMs: 300 } as const

/** Dials, is answered, and both talk. */
export async function connect(stage: Stage, from: Phone, to: Phone): Promise<void> {
  await from.dial(to.extension)
  await to.until('ringing')
  await to.answer()
  await from.until('established')
  await talk(stage)
}

/** A customer calls Ana or Ben, and they talk. */
export async function served(stage: Stage, agent: Phone, customer = stage.customer): Promise<void> {
  await customer.dial(fromOutside(stage, agent.extension))
  await agent.until('ringing')
  await agent.answer()
  await customer.until('established')
  await talk(stage)
}

export const PLAIN: Stories = {
  'internal-answered': {
    story: 'Ana calls Ben, they talk, Ana hangs up',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      await stage.ana.hangup()
    },
  },
  'internal-answered-callee-ends': {
    story: 'Ana calls Ben, they talk, Ben hangs up',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      await stage.ben.hangup()
    },
  },
  'internal-both-hang-up': {
    story: 'Ana and Ben hang up at the same moment',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      await Promise.all([stage.ana.hangup(), stage.ben.hangup()])
    },
  },
  'internal-busy': { story: 'Ben is busy', manners: { ben: 'busy' }, tell: ({ ana }) => ana.dial('1002') },
  'internal-declined': { story: 'Ben declines', manners: { ben: 'decline' }, tell: ({ ana }) => ana.dial('1002') },
  'internal-cancelled': {
    story: 'Ana gives up while it rings',
    tell: async ({ ana, ben }) => {
      await ana.dial('1002')
      await ben.until('ringing')
      await ana.hangup()
    },
  },
  'internal-no-answer': { story: 'Ben does not answer', ringsOut: true, tell: ({ ana }) => ana.dial('1002') },
  'internal-unreachable': { story: 'The phone is not registered', tell: ({ ana }) => ana.dial('1005') },
  'internal-held': {
    story: 'Ana holds Ben and takes him back',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      await stage.ana.hold()
      await talk(stage)
      await stage.ana.resume()
      await heard(stage.ami, 'Unhold')
      await talk(stage)
      await stage.ana.hangup()
    },
  },
  'internal-held-to-the-end': {
    story: 'Ana holds Ben, who hangs up',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      await stage.ana.hold()
      await talk(stage)
      await stage.ben.hangup()
    },
  },
  'internal-two-ring': {
    story: 'Two phones ring, Ben answers, Ana has not missed it',
    tell: async stage => {
      await stage.cleo.dial('2101')
      await stage.ana.until('ringing')
      await stage.ben.until('ringing')
      await stage.ben.answer()
      await stage.cleo.until('established')
      await talk(stage)
      await stage.cleo.hangup()
    },
  },
  'internal-local': {
    story: 'Ana is dialled through a Local channel that is optimised away',
    tell: async stage => {
      await stage.ben.dial('2102')
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ben.until('established')
      await talk(stage)
      await stage.ben.hangup()
    },
  },
  'internal-local-kept': {
    story: 'Ana is dialled through a Local channel that stays',
    tell: async stage => {
      await stage.ben.dial('2103')
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ben.until('established')
      await talk(stage)
      await stage.ben.hangup()
    },
  },
  'internal-continued': {
    story: 'Ana hangs up, and the caller goes on in the dialplan',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '2104'))
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.customer.until('established')
      await talk(stage)
      await stage.ana.hangup()
      await stage.customer.until('closed')
    },
  },
  'inbound-answered': {
    story: 'A customer calls Ana, they talk, he hangs up',
    tell: async stage => {
      await served(stage, stage.ana)
      await stage.customer.hangup()
    },
  },
  'inbound-abandoned': {
    story: 'A customer calls Ana and gives up',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '1001'))
      await stage.ana.until('ringing')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'inbound-withheld': {
    story: 'A customer whose number must not be shown calls Ana and gives up',
    tell: async stage => {
      const to = fromOutside(stage, '1001')
      const call = { from: stage.customer.extension, isWithheld: true, to, giveUpAfterMs: TALK_MS }
      await (
        await callIn(stage.lab, call)
      ).done
    },
  },
  'outbound-answered': {
    story: 'Ana calls a number outside, they talk, she hangs up',
    tell: async stage => {
      const far = await answerTrunk(stage.lab, {})
      await stage.ana.dial('0170555')
      await stage.ana.until('established')
      await talk(stage)
      await stage.ana.hangup()
      await heard(stage.ami, 'DialEnd')
      await talk(stage)
      await far.kill()
    },
  },
  'outbound-busy': {
    story: 'The number outside is busy',
    tell: async ({ lab, ana }) => {
      const far = await answerTrunk(lab, { refusal: '486 Busy Here' })
      await ana.dial('0170555')
      await ana.until('closed')
      await far.kill()
    },
  },
  'dial-answered': {
    story: 'Click to dial: Ana is rung and answers by herself, then Ben answers',
    manners: { ana: ANSWERS_SOON, ben: { afterMs: 200 } },
    tell: async stage => {
      stage.ami.send(originate(stage, 'dial-answered', '1001', '1002'))
      await stage.ben.until('established')
      await talk(stage)
      await stage.ana.hangup()
    },
  },
  'dial-busy': {
    story: 'Click to dial: Ben is busy',
    manners: { ana: ANSWERS_SOON, ben: 'busy' },
    tell: stage => Promise.resolve(stage.ami.send(originate(stage, 'dial-busy', '1001', '1002'))),
  },
  'dial-unreachable': {
    story: 'Click to dial: the own phone is not registered',
    tell: stage => Promise.resolve(stage.ami.send(originate(stage, 'dial-unreachable', '1005', '1002'))),
    until: 'OriginateResponse',
  },
  'hangup-by-api': {
    story: 'Ana and Ben talk; a command ends it',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      const Channel = channelOf(stage, '1001')
      stage.ami.send({ Action: 'Hangup', ActionID: 'hangup-1', Channel, Cause: '16' })
    },
  },
}
