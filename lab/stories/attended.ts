/** Stories of attended transfers: by the phone (REFER with Replaces), by feature code and by command, and every end. */
import type { Fields } from '../ami.js'
import { servedFromQueue } from './blind.js'
import { consultsByCommand, keys, withFarEnd } from './moves.js'
import { served } from './plain.js'
import { act, channelOf, fromOutside, heard, talk, type Stage, type Stories, type Story } from './stage.js'

type Way = 'refer' | 'code' | 'command'
type Step = (stage: Stage, to: string) => Promise<unknown>
type Steps = Readonly<{ by: string; consult: Step; complete: Step; abort: Step; swap: Step }>

const WAYS: Readonly<Record<Way, Steps>> = {
  refer: {
    by: 'by her phone',
    consult: async ({ ana, ami }, to) => {
      await ana.hold()
      await heard(ami, 'Hold')
      await ana.dial(to)
    },
    complete: ({ ana }, to) => ana.transferToOther(to),
    abort: async ({ ana, ami }) => {
      await ana.hangup()
      await ana.until('closed')
      await ana.resume()
      await heard(ami, 'Unhold')
    },
    swap: ({ ana }) => ana.swap(),
  },
  code: {
    by: 'by feature code',
    consult: ({ ana }, to) => ana.press(`*2${to}`),
    complete: ({ ana }) => ana.press('*2'),
    abort: ({ ana }) => ana.press('*1'),
    swap: ({ ana }) => ana.press('*4'),
  },
  command: {
    by: 'by command',
    consult: (stage, to) => consultsByCommand(stage, '1001', to),
    complete: stage => keys(stage, '1001', '*2'),
    abort: stage => act(stage.ami, 'CancelAtxfer', { Channel: channelOf(stage, '1001') }),
    swap: stage => keys(stage, '1001', '*4'),
  },
}

type Scene = Readonly<{
  ways: readonly Way[]
  story: string
  manners?: Story['manners']
  members?: Story['members']
  ringsOut?: true
  tell: (stage: Stage, way: Steps, key: (digits: string) => Promise<void>) => Promise<void>
}>

const ALL = ['refer', 'code', 'command'] as const
const BY_THE_PBX = ['code', 'command'] as const

async function consultBen(stage: Stage, way: Steps): Promise<void> {
  await way.consult(stage, '1002')
  await stage.ben.until('ringing')
  await stage.ben.answer()
  await stage.ben.until('established')
  await talk(stage)
}

const SCENES: Readonly<Record<string, Scene>> = {
  completed: {
    ways: ALL,
    story: 'to Ben, after a word with him',
    tell: async (stage, way) => {
      await consultBen(stage, way)
      await way.complete(stage, '1002')
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  aborted: {
    ways: ALL,
    story: 'to Ben, but after a word with him takes the customer back',
    tell: async (stage, way) => {
      await consultBen(stage, way)
      await way.abort(stage, '1002')
      await stage.ben.until('closed')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'aborted-ringing': {
    ways: ALL,
    story: 'to Ben, but takes the customer back while it rings',
    tell: async (stage, way) => {
      await way.consult(stage, '1002')
      await stage.ben.until('ringing')
      await talk(stage)
      await way.abort(stage, '1002')
      await stage.ben.until('closed')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  swapped: {
    ways: ALL,
    story: 'to Ben, after going from one to the other and back',
    tell: async (stage, way) => {
      await consultBen(stage, way)
      await way.swap(stage, '1002')
      await talk(stage, 800)
      await way.swap(stage, '1002')
      await talk(stage, 800)
      await way.complete(stage, '1002')
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'three-way': {
    ways: BY_THE_PBX,
    story: 'to Ben, and all three talk until she leaves',
    tell: async (stage, way, key) => {
      await consultBen(stage, way)
      await key('*3')
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.ana.hangup()
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  semi: {
    ways: ALL,
    story: 'to Ben while it rings there, and he answers',
    tell: async (stage, way) => {
      await way.consult(stage, '1002')
      await stage.ben.until('ringing')
      await talk(stage)
      await letGo(stage, way, '1002')
      await talk(stage)
      await stage.ben.answer()
      await stage.ben.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'semi-unanswered': {
    ways: ['refer', 'code'],
    story: 'to Ben while it rings there; he does not answer',
    ringsOut: true,
    tell: async (stage, way) => {
      await consultRingsOut(stage, way)
      await way.consult(stage, '1002')
      await stage.ben.until('ringing')
      await letGo(stage, way, '1002')
      await stage.ben.until('closed')
      if (way === WAYS.code) {
        await stage.ana.until('ringing')
        await stage.ana.answer()
        await stage.ana.until('established')
        await talk(stage)
        await stage.customer.hangup()
      }
      await stage.customer.until('closed')
    },
  },
  'recall-unanswered': {
    ways: ['code'],
    story: 'to Ben while it rings there; neither he answers, nor she when her phone rings again',
    tell: async (stage, way) => {
      await way.consult(stage, '1002')
      await stage.ben.until('ringing')
      await letGo(stage, way, '1002')
      await stage.ana.until('ringing')
      await stage.customer.until('closed', 30_000)
    },
  },
  queue: {
    ways: ALL,
    story: 'into a queue while it rings there, and Ben answers',
    members: { ringall: ['PJSIP/1002'] },
    tell: async (stage, way) => {
      await way.consult(stage, '2001')
      await stage.ben.until('ringing')
      await way.complete(stage, '2001')
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.ben.answer()
      await stage.ben.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'queue-answered': {
    ways: ALL,
    story: 'to Ben, whom she reaches through a queue',
    members: { ringall: ['PJSIP/1002'] },
    tell: async (stage, way) => {
      await way.consult(stage, '2001')
      await stage.ben.until('ringing')
      await stage.ben.answer()
      await heard(stage.ami, 'AgentConnect', { Queue: 'ringall' })
      await talk(stage)
      await way.complete(stage, '2001')
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  busy: {
    ways: ALL,
    story: 'to Ben, who is busy, so she goes back to the customer',
    manners: { ben: 'busy' },
    tell: async (stage, way) => {
      await way.consult(stage, '1002')
      await stage.ben.until('closed')
      await goBack(stage, way)
      await talk(stage, 1_000)
      await stage.customer.hangup()
    },
  },
  unanswered: {
    ways: ALL,
    story: 'to Ben, who does not answer, so she goes back to the customer',
    ringsOut: true,
    tell: async (stage, way) => {
      await consultRingsOut(stage, way)
      await way.consult(stage, '1002')
      await stage.ben.until('ringing')
      await stage.ben.until('closed')
      await goBack(stage, way)
      await talk(stage, 1_000)
      await stage.customer.hangup()
    },
  },
  nowhere: {
    ways: ALL,
    story: 'to a number that does not exist, so she goes back to the customer',
    tell: async (stage, way) => {
      await way.consult(stage, '1999')
      await talk(stage, 1_000)
      await goBack(stage, way)
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  outside: {
    ways: ALL,
    story: 'to a number outside',
    tell: async (stage, way) => {
      await withFarEnd(stage, {}, async () => {
        await way.consult(stage, '0170555')
        await stage.ami.frames.until('an answer outside', answeredOutside, 10_000)
        await talk(stage)
        await way.complete(stage, '0170555')
        await heard(stage.ami, 'AttendedTransfer')
        await talk(stage)
        await stage.customer.hangup()
        await talk(stage)
      })
    },
  },
  'customer-gone': {
    ways: ALL,
    story: 'to Ben, but the customer hangs up while they talk about him',
    tell: async (stage, way) => {
      await consultBen(stage, way)
      await stage.customer.hangup()
      await talk(stage)
      await stage.ben.hangup()
    },
  },
  'transferer-gone': {
    ways: BY_THE_PBX,
    story: 'to Ben by hanging up after a word with him',
    tell: async (stage, way) => {
      await consultBen(stage, way)
      await stage.ana.hangup()
      await heard(stage.ami, 'AttendedTransfer')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'target-gone': {
    ways: ALL,
    story: 'to Ben, who hangs up after a word with her',
    tell: async (stage, way) => {
      await consultBen(stage, way)
      await stage.ben.hangup()
      await goBack(stage, way)
      await talk(stage, 1_000)
      await stage.customer.hangup()
    },
  },
}

/** Where the PBX makes the consultation, it counts the seconds itself; the phone that it rings again has as long to answer. */
async function consultRingsOut(stage: Stage, way: Steps): Promise<void> {
  if (way === WAYS.refer) return
  const Channel = channelOf(stage, '1001')
  await act(stage.ami, 'Setvar', { Channel, Variable: 'FEATURE(atxfernoanswertimeout)', Value: '6' })
}

const answeredOutside = (frame: Fields) =>
  frame['Event'] === 'DialEnd' &&
  frame['DialStatus'] === 'ANSWER' &&
  (frame['DestChannel'] ?? '').startsWith('PJSIP/trunk-')

/** A transfer before the other has answered: the phone says so, or the transferer hangs up. */
const letGo = (stage: Stage, way: Steps, to: string) =>
  way === WAYS.refer ? way.complete(stage, to) : stage.ana.hangup()

/** Where the phone does the transfer, it has to take the customer back; the PBX does so by itself. */
async function goBack(stage: Stage, way: Steps): Promise<void> {
  if (way !== WAYS.refer) return
  await stage.ana.until('closed')
  await stage.ana.resume()
  await heard(stage.ami, 'Unhold')
}

const staged = (name: string, way: Way, scene: Scene, begin: (stage: Stage) => Promise<void>): [string, Story] => [
  name,
  {
    story: `Ana transfers a customer ${WAYS[way].by}, ${scene.story}`,
    ...(scene.manners && { manners: scene.manners }),
    ...(scene.members && { members: scene.members }),
    ...(scene.ringsOut && { ringsOut: scene.ringsOut }),
    tell: async stage => {
      await begin(stage)
      const key = (digits: string) => (way === 'code' ? stage.ana.press(digits) : keys(stage, '1001', digits))
      await scene.tell(stage, WAYS[way], key)
    },
  },
]

/** Scenes in which it matters that a queue has the call. */
const FROM_A_QUEUE = ['completed', 'aborted', 'three-way', 'semi', 'queue', 'customer-gone'] as const

export const ATTENDED: Stories = Object.fromEntries([
  ...Object.entries(SCENES).flatMap(([name, scene]) =>
    scene.ways.map(way => staged(`attended-${way}-${name}`, way, scene, stage => served(stage, stage.ana))),
  ),
  ...FROM_A_QUEUE.flatMap(name => {
    const scene = SCENES[name]
    return (scene?.ways ?? []).flatMap(way =>
      scene ? [staged(`queue-attended-${way}-${name}`, way, scene, servedFromQueue)] : [],
    )
  }),
  [
    'attended-refer-two-customers',
    {
      story: 'Two customers talk with Ana one after another; her phone joins them',
      tell: async stage => {
        await served(stage, stage.ana)
        await stage.other.dial(fromOutside(stage, '1001'))
        await stage.ana.until('ringing')
        // Her phone holds the first by itself.
        await stage.ana.answer()
        await stage.other.until('established')
        await talk(stage)
        await stage.ana.transferToOther('1001')
        await heard(stage.ami, 'AttendedTransfer')
        await talk(stage)
        await stage.customer.hangup()
      },
    } satisfies Story,
  ] as const,
])
