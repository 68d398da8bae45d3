/**
 * Records what an AMI session of the daemon's own user is sent while a story happens: one file a story, every byte as
 * it came. Run by hand when Asterisk or dialplan/ changes: `node build/lab/record.js [story…]` writes test/facts/.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '../src/base/clock.js'
import { openAmi, type AmiSession, type Fields } from './ami.js'
import { CHECKOUT } from './config-files.js'
import { startLab, type Lab } from './lab.js'
import { openPhone, type Phone, type PhoneOptions } from './phone.js'
import { answerTrunk, callIn } from './sipp.js'

type Stage = Readonly<{ lab: Lab; ami: AmiSession; ana: Phone; ben: Phone }>
/** A story is over when every channel that it made has hung up; one that makes none, with the event `until`. */
type Story = Readonly<{ ben?: PhoneOptions['answers']; tell: (stage: Stage) => Promise<void>; until?: string }>

const TALK_MS = 400
const CUSTOMER = '491701234567'
const ANAS_NUMBER = '493012341001'

/** Click to dial as the daemon does it: first the own phone, which answers by itself, then the number. */
const originate = (extension: string, to: string) =>
  [
    ['Action', 'Originate'],
    ['ActionID', 'dial-1'],
    ['Channel', `PJSIP/${extension}`],
    ['ChannelId', 'aladdin-abc'],
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

async function connect(from: Phone, to: Phone, number: string): Promise<void> {
  await from.dial(number)
  await to.until('ringing')
  await to.answer()
  await from.until('established')
}

const STORIES: Readonly<Record<string, Story>> = {
  'internal-answered': {
    tell: async ({ lab, ana, ben }) => {
      await connect(ana, ben, '1002')
      await sleep(lab.clock, TALK_MS)
      await ana.hangup()
    },
  },
  'internal-answered-callee-ends': {
    tell: async ({ lab, ana, ben }) => {
      await connect(ana, ben, '1002')
      await sleep(lab.clock, TALK_MS)
      await ben.hangup()
    },
  },
  'internal-busy': { ben: 'busy', tell: ({ ana }) => ana.dial('1002') },
  'internal-declined': { ben: 'decline', tell: ({ ana }) => ana.dial('1002') },
  'internal-cancelled': {
    tell: async ({ ana, ben }) => {
      await ana.dial('1002')
      await ben.until('ringing')
      await ana.hangup()
    },
  },
  'internal-no-answer': { tell: ({ ana }) => ana.dial('1002') },
  'internal-unreachable': { tell: ({ ana }) => ana.dial('1005') },
  'inbound-answered': {
    tell: async ({ lab, ana }) => {
      await callIn(lab, { from: CUSTOMER, to: ANAS_NUMBER, talkMs: TALK_MS })
      await ana.until('ringing')
      await ana.answer()
      await ana.until('closed')
    },
  },
  'inbound-abandoned': {
    tell: async ({ lab, ana }) => {
      await callIn(lab, { from: CUSTOMER, to: ANAS_NUMBER, giveUpAfterMs: TALK_MS })
      await ana.until('closed')
    },
  },
  'outbound-answered': {
    tell: async ({ lab, ana }) => {
      const far = await answerTrunk(lab, {})
      await ana.dial('0170555')
      await ana.until('established')
      await sleep(lab.clock, TALK_MS)
      await ana.hangup()
      await sleep(lab.clock, TALK_MS)
      await far.kill()
    },
  },
  'outbound-busy': {
    tell: async ({ lab, ana }) => {
      const far = await answerTrunk(lab, { refusal: '486 Busy Here' })
      await ana.dial('0170555')
      await ana.until('closed')
      await far.kill()
    },
  },
  'dial-answered': {
    ben: { afterMs: 200 },
    tell: async ({ lab, ami, ana, ben }) => {
      ami.send(originate('1001', '1002'))
      await ben.until('established')
      await sleep(lab.clock, TALK_MS)
      await ana.hangup()
    },
  },
  'dial-busy': { ben: 'busy', tell: ({ ami }) => Promise.resolve(ami.send(originate('1001', '1002'))) },
  'dial-unreachable': {
    tell: ({ ami }) => Promise.resolve(ami.send(originate('1005', '1002'))),
    until: 'OriginateResponse',
  },
  'hangup-by-api': {
    tell: async ({ lab, ami, ana, ben }) => {
      await connect(ana, ben, '1002')
      await sleep(lab.clock, TALK_MS)
      const channel = ami.frames.history.find(frame => frame['Event'] === 'Newchannel')?.['Channel'] ?? ''
      ami.send({ Action: 'Hangup', ActionID: 'hangup-1', Channel: channel, Cause: '16' })
    },
  },
}

const uniqueids = (frames: readonly Fields[], event: string) =>
  frames.filter(frame => frame['Event'] === event).map(frame => frame['Uniqueid'] ?? '')

const SETTLE_MS = 300
const LONGEST_MS = 40_000

async function allHungUp(ami: AmiSession): Promise<void> {
  const over = () => {
    const hungUp = new Set(uniqueids(ami.frames.history, 'Hangup'))
    const made = uniqueids(ami.frames.history, 'Newchannel')
    return made.length > 0 && made.every(id => hungUp.has(id))
  }
  await ami.frames.until('all hung up', frame => frame['Event'] === 'Hangup' && over(), LONGEST_MS)
}

async function record(lab: Lab, name: string, story: Story): Promise<void> {
  const [ana, ben] = await Promise.all([
    openPhone(lab, { extension: '1001' }),
    openPhone(lab, { extension: '1002', answers: story.ben ?? 'manual' }),
  ])
  await sleep(lab.clock, SETTLE_MS)
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  await ami.frames.until('FullyBooted', frame => frame['Event'] === 'FullyBooted', LONGEST_MS)
  await story.tell({ lab, ami, ana, ben })
  await (story.until === undefined
    ? allHungUp(ami)
    : ami.frames.until(story.until, f => f['Event'] === story.until, LONGEST_MS))
  await sleep(lab.clock, SETTLE_MS)
  ami.close()
  const folder = join(CHECKOUT, 'test/facts')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.ami`), ami.raw())
  await Promise.all([ana.close(), ben.close()])
}

const wanted = process.argv.slice(2)
const lab = await startLab({ say: line => console.error(line) })
try {
  for (const [name, story] of Object.entries(STORIES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    await record(lab, name, story)
    console.error(`recorded ${name}`)
  }
} finally {
  await lab.stop()
}
