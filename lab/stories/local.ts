/** Stories of phones behind Local pairs: members of queues that are reached through the dialplan, and what they do with a call. */
import type { Answers } from '../phone.js'
import { isServed, keys, transfersByCommand, waits, withFarEnd } from './moves.js'
import { heard, talk, type Colleague, type Stage, type Stories, type Story } from './stage.js'

const ANA = 'Local/1001@agents/n'
/** Her phone has no keys for transfers there, and the pair has them. */
const KEYLESS = 'Local/keyless-1001@agents/n'
const BEN = 'PJSIP/1002'

/** Ana's phone, behind the pair, is not answered; then Ben answers on his, which is a member itself. */
const then = (story: string, ana: Answers, member = ANA): Story => ({
  story,
  manners: { ana, dora: 'never' },
  members: { desks: [member, BEN] },
  tell: async stage => {
    await waits(stage, '2021')
    await isServed(stage, stage.ben)
    await stage.customer.hangup()
  },
})

/** Ana has the caller through the pair that stays; what she does with him. */
const served = (
  story: string,
  tell: (stage: Stage) => Promise<void>,
  manners: Partial<Record<Colleague, Answers>> = {},
  { member = ANA, ...more }: Pick<Story, 'ringsOut'> & { member?: string } = {},
): Story => ({
  story,
  ...more,
  members: { desk: [member], ringall: [BEN] },
  manners,
  tell: async stage => {
    await waits(stage, '2010')
    await isServed(stage, stage.ana)
    await tell(stage)
  },
})

async function benTakesIt(stage: Stage): Promise<void> {
  await stage.ben.until('ringing')
  await stage.ben.answer()
  await stage.ben.until('established')
  await talk(stage)
  await stage.customer.hangup()
}

async function asksBen(stage: Stage): Promise<void> {
  await stage.ana.press('*21002')
  await stage.ben.until('ringing')
  await stage.ben.answer()
  await stage.ben.until('established')
  await talk(stage)
}

const UNANSWERED: Stories = {
  'local-unanswered': then('The phone behind a member that is a Local pair is not answered in time', 'never'),
  'local-rejected': then('The phone behind a Local pair is rejected', 'decline'),
  'local-busy': then('The phone behind a Local pair is busy', 'busy'),
  'local-optimised-unanswered': then('The same with a pair that would go away', 'never', 'Local/1001@agents'),
  'local-two-unanswered': then('Two phones behind one Local pair are not answered', 'never', 'Local/both@agents/n'),
  'local-not-accepted': {
    story: 'Ana picks up behind a Local pair and does not press 1; the caller gives up',
    manners: { ana: { afterMs: 100 } },
    members: { desk: ['Local/ask-1001@agents/n'] },
    tell: async stage => {
      await waits(stage, '2010')
      await heard(stage.ami, 'AgentRingNoAnswer')
      await stage.customer.hangup()
    },
  },
  'local-follow-me': {
    story: 'Ana is not at her desk, and answers outside: a Local pair behind a Local pair',
    manners: { ana: 'never' },
    members: { desk: ['Local/follow@agents/n'] },
    tell: stage =>
      withFarEnd(stage, {}, async () => {
        await waits(stage, '2010')
        await heard(stage.ami, 'AgentConnect')
        await talk(stage)
        await stage.customer.hangup()
        await talk(stage)
      }),
  },
  'local-accepted': {
    story: 'Ana picks up behind a Local pair and presses 1',
    members: { desk: ['Local/ask-1001@agents/n'] },
    tell: async stage => {
      await waits(stage, '2010')
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ana.until('established')
      await talk(stage)
      await stage.ana.press('1')
      await heard(stage.ami, 'AgentConnect')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
}

const PASSED_ON: Stories = {
  'local-blind-refer': served('Ana transfers a caller whom she has through a Local pair, by her phone', async stage => {
    await stage.ana.transfer('1002')
    await benTakesIt(stage)
  }),
  'local-blind-code': served('The same by feature code', async stage => {
    await stage.ana.press('##1002')
    await benTakesIt(stage)
  }),
  'local-blind-command': served('The same by command', async stage => {
    await transfersByCommand(stage, '1001', '1002')
    await benTakesIt(stage)
  }),
  'local-blind-busy': served(
    'The same to Ben, who is busy',
    async stage => {
      await stage.ana.press('##1002')
      await stage.customer.until('closed')
    },
    { ben: 'busy' },
  ),
  'local-blind-unanswered': served(
    'The same to Ben, who does not answer',
    async stage => {
      await stage.ana.press('##1002')
      await stage.customer.until('closed')
    },
    { ben: 'never' },
    { ringsOut: true },
  ),
  'local-blind-caller-gone': served('The same, and the caller hangs up while it rings at Ben', async stage => {
    await stage.ana.press('##1002')
    await stage.ben.until('ringing')
    await talk(stage)
    await stage.customer.hangup()
  }),
  'local-blind-queue': served('The same into a queue, where Ben answers', async stage => {
    await stage.ana.press('##2001')
    await benTakesIt(stage)
  }),
  'local-attended-code': served('Ana asks Ben, and hands the caller over by feature code', async stage => {
    await asksBen(stage)
    await stage.ana.press('*2')
    await heard(stage.ami, 'AttendedTransfer')
    await talk(stage)
    await stage.customer.hangup()
  }),
  'local-attended-refer': served('Ana asks Ben, and hands the caller over by her phone', async stage => {
    const { ana, ben, ami } = stage
    await ana.hold()
    await heard(ami, 'Hold')
    await ana.dial('1002')
    await ben.until('ringing')
    await ben.answer()
    await ben.until('established')
    await talk(stage)
    await ana.transferToOther('1002')
    await heard(ami, 'AttendedTransfer')
    await talk(stage)
    await stage.customer.hangup()
  }),
  'local-semi-code': served('Ana hands the caller over while it rings at Ben, who answers', async stage => {
    await stage.ana.press('*21002')
    await stage.ben.until('ringing')
    await talk(stage)
    await stage.ana.hangup()
    await talk(stage)
    await stage.ben.answer()
    await stage.ben.until('established')
    await talk(stage)
    await stage.customer.hangup()
  }),
  'local-semi-refer-unanswered': served(
    'Ana hands the caller over by her phone while it rings at Ben, who does not answer',
    async stage => {
      const { ana, ben, ami } = stage
      await ana.hold()
      await heard(ami, 'Hold')
      await ana.dial('1002')
      await ben.until('ringing')
      await ana.transferToOther('1002')
      await stage.customer.until('closed')
    },
    {},
    { ringsOut: true },
  ),
  'local-keyless-blind-code': served(
    'Ana presses ##1002, and the half of the pair that has the keys passes the caller on',
    async stage => {
      await stage.ana.press('##1002')
      await benTakesIt(stage)
    },
    {},
    { member: KEYLESS },
  ),
  'local-keyless-attended-code': served(
    'The same after asking Ben',
    async stage => {
      await asksBen(stage)
      await stage.ana.press('*2')
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.customer.hangup()
    },
    {},
    { member: KEYLESS },
  ),
  'local-keyless-semi-code': served(
    'The same while it rings at Ben, who answers',
    async stage => {
      await stage.ana.press('*21002')
      await stage.ben.until('ringing')
      await talk(stage)
      await stage.ana.press('*2')
      await heard(stage.ami, 'AttendedTransfer')
      await stage.ben.answer()
      await stage.ben.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
    {},
    { member: KEYLESS },
  ),
  'local-three-way': served('Ana asks Ben, and the three talk until she leaves', async stage => {
    await asksBen(stage)
    await keys(stage, '1001', '*3')
    await heard(stage.ami, 'AttendedTransfer')
    await talk(stage)
    await stage.ana.hangup()
    await talk(stage)
    await stage.customer.hangup()
  }),
  'local-parked': served('Ana parks the caller, and Ben takes him from there', async stage => {
    await stage.ana.press('#72')
    const { ParkingSpace = '' } = await heard(stage.ami, 'ParkedCall')
    await stage.ana.letGo()
    await talk(stage)
    await stage.ben.dial(ParkingSpace)
    await stage.ben.until('established')
    await talk(stage)
    await stage.customer.hangup()
  }),
  'local-pickup': {
    story: 'Ana rings behind a Local pair; Cleo takes the call with #32',
    members: { desk: [ANA] },
    tell: async stage => {
      await waits(stage, '2010')
      await stage.ana.until('ringing')
      await talk(stage)
      await stage.cleo.dial('#32')
      await stage.cleo.until('established')
      await heard(stage.ami, 'Pickup')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
}

export const LOCAL: Stories = { ...UNANSWERED, ...PASSED_ON }
