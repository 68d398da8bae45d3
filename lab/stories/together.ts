/** Stories of more than two people in a call, and of what is not a person: rooms, listeners, mailboxes, menus. */
import { servedFromQueue } from './blind.js'
import { connect, served } from './plain.js'
import { isServed, waits } from './moves.js'
import { channelOf, fromOutside, heard, talk, type Stage, type Stories, type Story } from './stage.js'
import { sendInto } from './taken.js'

const joined = (story: string, begin: (stage: Stage) => Promise<void>): Story => ({
  story,
  tell: async stage => {
    await begin(stage)
    await sendInto(stage, stage.ben, 'join', channelOf(stage, '1001'))
    await talk(stage)
    await stage.ana.hangup()
    await talk(stage)
    await stage.customer.hangup()
  },
})

const listened = (story: string, begin: (stage: Stage) => Promise<void>): Story => ({
  story,
  tell: async stage => {
    await begin(stage)
    await sendInto(stage, stage.cleo, 'listen', channelOf(stage, '1001'))
    await heard(stage.ami, 'ChanSpyStart')
    await talk(stage)
    await stage.cleo.hangup()
    await heard(stage.ami, 'ChanSpyStop')
    await talk(stage)
    await stage.customer.hangup()
  },
})

const direct = (stage: Stage) => served(stage, stage.ana)

export const TOGETHER: Stories = {
  'conference-added': joined('Ana and a customer talk; Ben is added by command; Ana leaves, then the customer', direct),
  'queue-conference-added': joined('The same with a caller whom Ana has from a queue', servedFromQueue),
  'conference-room': {
    story: 'Ana, Ben and a customer meet in a room and leave it one by one',
    tell: async stage => {
      const { ana, ben, customer } = stage
      for (const [phone, number] of [
        [ana, '3001'],
        [ben, '3001'],
        [customer, fromOutside(stage, '3001')],
      ] as const) {
        await phone.dial(number)
        await phone.until('established')
        await talk(stage)
      }
      await ben.hangup()
      await talk(stage)
      await customer.hangup()
      await talk(stage)
      await ana.hangup()
    },
  },
  'conference-room-alone': {
    story: 'Ana waits in a room, and nobody comes',
    tell: async stage => {
      await stage.ana.dial('3001')
      await stage.ana.until('established')
      await talk(stage)
      await stage.ana.hangup()
    },
  },
  listened: listened('Cleo listens to Ana and a customer for a while', direct),
  'queue-listened': listened('Cleo listens to a call that came from a queue', servedFromQueue),
  'listened-internal': {
    story: 'Cleo listens to Ana and Ben until they hang up',
    tell: async stage => {
      await connect(stage, stage.ana, stage.ben)
      await sendInto(stage, stage.cleo, 'listen', channelOf(stage, '1001'))
      await heard(stage.ami, 'ChanSpyStart')
      await talk(stage)
      await stage.ana.hangup()
      await stage.cleo.until('closed')
    },
  },
}

export const NOBODY: Stories = {
  voicemail: {
    story: 'Ana does not answer, and the customer speaks to her mailbox',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '4101'))
      await stage.customer.until('established')
      await talk(stage, 1_000)
      await stage.customer.hangup()
    },
  },
  'menu-hung-up': {
    story: 'A customer hears the menu and hangs up',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '5001'))
      await stage.customer.until('established')
      await talk(stage, 1_000)
      await stage.customer.hangup()
    },
  },
  'menu-queue': {
    story: 'A customer chooses the queue from the menu, and Ana answers',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '5001'))
      await stage.customer.until('established')
      await talk(stage)
      await stage.customer.press('1')
      await heard(stage.ami, 'QueueCallerJoin')
      await isServed(stage, stage.ana)
      await stage.ana.hangup()
    },
  },
  'menu-phone': {
    story: 'A customer chooses Ana from the menu, and she answers',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '5001'))
      await stage.customer.until('established')
      await talk(stage)
      await stage.customer.press('2')
      await stage.ana.until('ringing')
      await stage.ana.answer()
      await stage.ana.until('established')
      await talk(stage)
      await stage.ana.hangup()
    },
  },
  'menu-wrong-key': {
    story: 'A customer presses a key that the menu does not have',
    tell: async stage => {
      await stage.customer.dial(fromOutside(stage, '5001'))
      await stage.customer.until('established')
      await talk(stage)
      await stage.customer.press('9')
      await stage.customer.until('closed')
    },
  },
  'queue-then-voicemail': {
    story: 'Nobody answers in the queue; the caller is taken out and speaks to a mailbox',
    tell: async stage => {
      await waits(stage, '2017')
      await heard(stage.ami, 'QueueCallerLeave')
      await talk(stage, 1_000)
      await stage.customer.hangup()
    },
  },
}
