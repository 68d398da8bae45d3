/** Stories of blind transfers: by the phone (REFER), by feature code and by command, to everything that can be dialled. */
import { served } from './plain.js'
import { transfersByCommand, waits, withFarEnd } from './moves.js'
import { heard, talk, type Colleague, type Stage, type Stories, type Story } from './stage.js'
import type { Answers } from '../phone.js'

type Way = 'refer' | 'code' | 'command'
const WAYS: Readonly<Record<Way, { by: string; transfer: (stage: Stage, to: string) => Promise<unknown> }>> = {
  refer: { by: 'by her phone', transfer: ({ ana }, to) => ana.transfer(to) },
  code: { by: 'by feature code', transfer: ({ ana }, to) => ana.press(`##${to}`) },
  command: {
    by: 'by command',
    transfer: (stage, to) => transfersByCommand(stage, '1001', to),
  },
}

type Target = Readonly<{
  to: string
  story: string
  manners?: Partial<Record<Colleague, Answers>>
  members?: Story['members']
  ringsOut?: true
  /** What follows the transfer, until somebody hangs up. */
  then: (stage: Stage) => Promise<void>
}>

async function benTakesIt(stage: Stage): Promise<void> {
  await stage.ben.until('ringing')
  await stage.ben.answer()
  await stage.ben.until('established')
  await talk(stage)
  await stage.customer.hangup()
}

const TARGETS: Readonly<Record<string, Target>> = {
  phone: { to: '1002', story: 'to Ben, who answers', then: benTakesIt },
  queue: {
    to: '2001',
    story: 'into a queue, where Ben answers',
    members: { ringall: ['PJSIP/1002'] },
    then: benTakesIt,
  },
  outside: {
    to: '0170555',
    story: 'to a number outside, where somebody answers and hangs up',
    then: async stage => {
      await stage.customer.until('closed')
    },
  },
  nowhere: {
    to: '1999',
    story: 'to a number that does not exist',
    then: async stage => {
      await talk(stage)
      await stage.customer.clear()
    },
  },
  busy: {
    to: '1002',
    story: 'to Ben, who is busy, and the customer is hung up on',
    manners: { ben: 'busy' },
    then: async stage => {
      await stage.customer.until('closed')
    },
  },
  unanswered: {
    to: '1002',
    story: 'to Ben, who does not answer, and the customer is hung up on',
    ringsOut: true,
    then: async stage => {
      await stage.customer.until('closed')
    },
  },
  abandoned: {
    to: '1002',
    story: 'to Ben, and the customer gives up while it rings there',
    then: async stage => {
      await stage.ben.until('ringing')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'ring-back': {
    to: '4202',
    story: 'to Ben, who is busy, so it rings at Ana again, and she answers',
    manners: { ben: 'busy' },
    then: async stage => {
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ana.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
}

const far = (stage: Stage, target: Target, tell: () => Promise<void>) =>
  target.to.startsWith('0') ? withFarEnd(stage, { talkMs: 600 }, tell) : tell()

const blind = (name: string, way: Way, target: Target, begin: (stage: Stage) => Promise<void>): [string, Story] => [
  name,
  {
    story: `Ana transfers a customer ${WAYS[way].by}, ${target.story}`,
    ...(target.manners && { manners: target.manners }),
    ...(target.members && { members: target.members }),
    ...(target.ringsOut && { ringsOut: target.ringsOut }),
    tell: stage =>
      far(stage, target, async () => {
        await begin(stage)
        await WAYS[way].transfer(stage, target.to)
        await target.then(stage)
      }),
  },
]

const direct = (stage: Stage) => served(stage, stage.ana)

export async function servedFromQueue(stage: Stage): Promise<void> {
  await waits(stage, '2000')
  await stage.ana.until('ringing')
  await stage.ana.answer()
  await heard(stage.ami, 'AgentConnect')
  await stage.ben.until('closed')
  await talk(stage)
}

export const BLIND: Stories = Object.fromEntries([
  ...(['refer', 'code', 'command'] as const).flatMap(way =>
    Object.entries(TARGETS).map(([name, target]) => blind(`blind-${way}-${name}`, way, target, direct)),
  ),
  ...(['refer', 'code', 'command'] as const).flatMap(way =>
    (['phone', 'queue'] as const).flatMap(name => {
      const target = TARGETS[name]
      return target ? [blind(`queue-blind-${way}-${name}`, way, target, servedFromQueue)] : []
    }),
  ),
])
