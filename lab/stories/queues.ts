/** Stories of queues: every way in, every way out, and who is rung. */
import { isServed, waits } from './moves.js'
import { act, channelOf, fromOutside, heard, signsOut, talk, type Stage, type Stories } from './stage.js'

const ANA = 'PJSIP/1001'
const BEN = 'PJSIP/1002'
const CLEO = 'PJSIP/1003'

/** One after another, two calls come in, and whoever is rung answers. */
async function twoCalls(stage: Stage, number: string): Promise<void> {
  for (const [nth, customer] of [stage.customer, stage.other].entries()) {
    await customer.dial(fromOutside(stage, number))
    const connected = () => stage.ami.frames.history.filter(frame => frame['Event'] === 'AgentConnect').length > nth
    await stage.ami.frames.until('the next AgentConnect', connected, 15_000)
    await talk(stage)
    await customer.hangup()
    await customer.until('closed')
    await talk(stage)
  }
}

const everybodyAnswers = { ana: { afterMs: 200 }, ben: { afterMs: 200 }, cleo: { afterMs: 200 } } as const
const strategy = (name: string, number: string, story: string): Stories => ({
  [`queue-${name}`]: {
    story,
    manners: everybodyAnswers,
    members: { [name]: [ANA, BEN, CLEO] },
    tell: stage => twoCalls(stage, number),
  },
})

export const ANSWERED: Stories = {
  'queue-answered': {
    story: 'Two phones ring for a caller in a queue; Ana answers; the caller hangs up',
    tell: async stage => {
      await waits(stage, '2000')
      await stage.ben.until('ringing')
      await isServed(stage, stage.ana)
      await stage.customer.hangup()
    },
  },
  'queue-answered-agent-ends': {
    story: 'Ana answers and hangs up first',
    tell: async stage => {
      await waits(stage, '2000')
      await isServed(stage, stage.ana)
      await stage.ana.hangup()
    },
  },
  'queue-local': {
    story: 'The member is a Local channel that is optimised away',
    members: { desk: ['Local/1001@agents'] },
    tell: async stage => {
      await waits(stage, '2010')
      await isServed(stage, stage.ana)
      await stage.customer.hangup()
    },
  },
  'queue-local-kept': {
    story: 'The member is a Local channel that stays',
    members: { desk: ['Local/1001@agents/n'] },
    tell: async stage => {
      await waits(stage, '2010')
      await isServed(stage, stage.ana)
      await stage.customer.hangup()
    },
  },
  'queue-local-abandoned': {
    story: 'A phone behind a Local channel rings, and the caller gives up',
    members: { desk: ['Local/1001@agents/n'] },
    tell: async stage => {
      await waits(stage, '2010')
      await stage.ana.until('ringing')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'queue-two-devices': {
    story: "Ana's two phones ring behind one Local channel; she answers on the second",
    members: { desk: ['Local/both@agents/n'] },
    tell: async stage => {
      await waits(stage, '2010')
      await stage.ana.until('ringing')
      await isServed(stage, stage.dora)
      await stage.dora.hangup()
    },
  },
  'queue-two-wait': {
    story: 'Two callers wait for Ana; she serves one, then the other',
    members: { ringall: [ANA] },
    tell: async stage => {
      const { ana, customer, other, ami } = stage
      await waits(stage, '2001')
      await ana.until('ringing')
      await other.dial(fromOutside(stage, '2001'))
      await heard(ami, 'QueueCallerJoin', { Position: '2' })
      await ana.answer()
      await heard(ami, 'AgentConnect')
      await talk(stage)
      await customer.hangup()
      await ana.until('closed')
      await ana.until('ringing')
      await ana.answer()
      await ana.until('established')
      await talk(stage)
      await ana.hangup()
    },
  },
  'queue-ring-no-answer': {
    story: 'Ana does not answer in time, then Ben does',
    manners: { ana: 'never' },
    members: { linear: [ANA, BEN] },
    tell: async stage => {
      await waits(stage, '2007')
      await isServed(stage, stage.ben)
      await stage.customer.hangup()
    },
  },
  'queue-rejected': {
    story: 'Ana rejects, then Ben answers',
    manners: { ana: 'decline' },
    members: { linear: [ANA, BEN] },
    tell: async stage => {
      await waits(stage, '2007')
      await isServed(stage, stage.ben)
      await stage.customer.hangup()
    },
  },
  'queue-busy': {
    story: "Ana's phone says that it is busy, then Ben answers",
    manners: { ana: 'busy' },
    members: { linear: [ANA, BEN] },
    tell: async stage => {
      await waits(stage, '2007')
      await isServed(stage, stage.ben)
      await stage.customer.hangup()
    },
  },
  'queue-member-in-call': {
    story: 'Ana is in another call, so only Ben is rung',
    members: { linear: [ANA, BEN] },
    tell: async stage => {
      await stage.ana.dial('1003')
      await stage.cleo.until('ringing')
      await stage.cleo.answer()
      await stage.ana.until('established')
      await waits(stage, '2007')
      await isServed(stage, stage.ben)
      await stage.customer.hangup()
      await stage.ben.until('closed')
      await stage.ana.hangup()
    },
  },
  'queue-unreachable-member': {
    story: 'The first member has no phone that is registered, so Ben answers',
    members: { linear: ['PJSIP/1009', BEN] },
    tell: async stage => {
      await waits(stage, '2007')
      await isServed(stage, stage.ben)
      await stage.customer.hangup()
    },
  },
  'queue-continued': {
    story: 'Ana hangs up, and the caller goes on to a question',
    tell: async stage => {
      await waits(stage, '2016')
      await isServed(stage, stage.ana)
      await stage.ana.hangup()
      await stage.customer.until('closed')
    },
  },
  'queue-continued-caller-ends': {
    story: 'The caller hangs up first and hears no question',
    tell: async stage => {
      await waits(stage, '2016')
      await isServed(stage, stage.ana)
      await stage.customer.hangup()
    },
  },
  'queue-both-hang-up': {
    story: 'Ana and the caller hang up at the same moment',
    tell: async stage => {
      await waits(stage, '2000')
      await isServed(stage, stage.ana)
      await Promise.all([stage.ana.hangup(), stage.customer.hangup()])
    },
  },
  'queue-held': {
    story: 'Ana holds the caller, takes him back, holds him again; he hangs up on hold',
    tell: async stage => {
      const { ana, customer } = stage
      await waits(stage, '2000')
      await isServed(stage, ana)
      await ana.hold()
      await talk(stage)
      await ana.resume()
      await heard(stage.ami, 'Unhold')
      await talk(stage)
      await ana.hold()
      await talk(stage)
      await customer.hangup()
    },
  },
}

export const STRATEGIES: Stories = {
  ...strategy('ringall', '2001', 'Two calls, three members, all of them ring'),
  ...strategy('leastrecent', '2002', 'Two calls, three members, whoever has waited longest rings'),
  ...strategy('fewestcalls', '2003', 'Two calls, three members, whoever had the fewest rings'),
  ...strategy('random', '2004', 'Two calls, three members, one of them rings'),
  ...strategy('rrmemory', '2005', 'Two calls, three members in turn'),
  ...strategy('rrordered', '2006', 'Two calls, three members in turn, in their order'),
  ...strategy('linear', '2007', 'Two calls, three members, the first rings'),
  ...strategy('wrandom', '2008', 'Two calls, three members, one of them rings, by penalty'),
}

export const NOT_ANSWERED: Stories = {
  'queue-abandoned': {
    story: 'The caller gives up while phones ring',
    tell: async stage => {
      await waits(stage, '2000')
      await stage.ana.until('ringing')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'queue-abandoned-nobody-there': {
    story: 'The caller waits in a queue without members and gives up',
    tell: async stage => {
      await waits(stage, '2001')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'queue-timeout': {
    story: 'After two seconds the caller is taken out of the queue',
    tell: async stage => {
      await waits(stage, '2011')
      await stage.customer.until('closed')
    },
  },
  'queue-limited': {
    story: 'The absolute timeout of the channel ends the call of a caller for whom two phones ring',
    tell: async stage => {
      await waits(stage, '2223')
      await stage.customer.until('closed')
    },
  },
  'queue-key': {
    story: 'The caller presses 1 and leaves the queue by that',
    members: { key: [ANA] },
    tell: async stage => {
      await waits(stage, '2012')
      await stage.ana.until('ringing')
      await talk(stage)
      await stage.customer.press('1')
      await stage.customer.until('closed')
    },
  },
  'queue-full': {
    story: 'One caller waits, so the next does not get in',
    tell: async stage => {
      await waits(stage, '2013')
      await stage.other.dial(fromOutside(stage, '2013'))
      await stage.other.until('closed')
      await stage.customer.hangup()
    },
  },
  'queue-join-empty': {
    story: 'Nobody is signed in, so the caller does not get in',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '2014'))
      await stage.customer.until('closed')
    },
  },
  'queue-leave-empty': {
    story: 'The last member signs out while the caller waits',
    members: { goes: ['PJSIP/1003'] },
    tell: async stage => {
      await waits(stage, '2015')
      await stage.cleo.until('ringing')
      await signsOut(stage, 'goes', CLEO)
      await stage.cleo.reject()
      await stage.customer.until('closed')
    },
  },
  'queue-withdrawn': {
    story: 'A command takes the caller out of the queue',
    tell: async stage => {
      await waits(stage, '2001')
      await talk(stage)
      await act(stage.ami, 'QueueWithdrawCaller', { Queue: 'ringall', Caller: channelOf(stage, 'trunk') })
      await stage.customer.until('closed')
    },
  },
  'queue-all-reject': {
    story: 'Both phones reject, again and again, until the caller gives up',
    manners: { ana: 'decline', ben: 'decline' },
    tell: async stage => {
      await waits(stage, '2000')
      await heard(stage.ami, 'AgentRingNoAnswer', { MemberName: 'Ana' })
      await heard(stage.ami, 'AgentRingNoAnswer', { MemberName: 'Ben' })
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'queue-ring-no-answer-gave-up': {
    story: 'Ana does not answer in time, and the caller gives up while Ben rings',
    manners: { ana: 'never' },
    members: { linear: [ANA, BEN] },
    tell: async stage => {
      await waits(stage, '2007')
      await stage.ben.until('ringing')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
}
