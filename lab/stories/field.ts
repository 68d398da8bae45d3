/** Stories of what only a PBX in the field does: its queue members, ring groups, follow-me, prompts and prefixes. */
import { openCustomer, openPhone, type Phone } from '../phone.js'
import { keys, waits, withFarEnd } from './moves.js'
import { fromOutside, heard, talk, type Stage, type Stories } from './stage.js'

const answeredOn = (stage: Stage, trunk: string) =>
  stage.ami.frames.until(
    `${trunk} to answer`,
    frame =>
      frame['Event'] === 'Newstate' &&
      frame['ChannelStateDesc'] === 'Up' &&
      (frame['Channel'] ?? '').startsWith(`PJSIP/${trunk}-`),
    10_000,
  )

/** The mobile that rings after Ana's phone is picked up, and a key is pressed there. */
const followedTo = (stage: Stage, key: string, tell: () => Promise<void>) =>
  withFarEnd(stage, {}, async () => {
    await stage.customer.dial(fromOutside(stage, '2601'))
    await answeredOn(stage, 'telco')
    await talk(stage)
    await keys(stage, 'telco', key)
    await tell()
  })

const inQueue =
  (number: string, agent: 'ana' | 'cleo', tell: (stage: Stage, agent: Phone) => Promise<void>) =>
  async (stage: Stage) => {
    await waits(stage, number)
    await stage[agent].until('ringing')
    await stage[agent].answer()
    await tell(stage, stage[agent])
  }

const untilHangup = async (stage: Stage): Promise<void> => {
  await heard(stage.ami, 'AgentConnect')
  await talk(stage)
  await stage.customer.hangup()
}

/** Before the two are put through. */
const callerLeaves = async (stage: Stage, agent: Phone): Promise<void> => {
  await agent.until('established')
  await talk(stage)
  await stage.customer.hangup()
}

/** Two devices of one extension, which are there for one story. */
async function withDesk(stage: Stage, tell: (desk: Phone, soft: Phone) => Promise<void>): Promise<void> {
  const open = (device: string) => openPhone(stage.lab, { extension: '201', device })
  const [desk, soft] = await Promise.all([open('201-desk'), open('201-soft')])
  try {
    await tell(desk, soft)
  } finally {
    await Promise.all([desk.close(), soft.close()])
  }
}

/** A phone that is asked for a key, at this number; what becomes of it. */
function confirmedBy(name: string, number: string, how: string): Stories {
  const picksUp = async (stage: Stage) => {
    await stage.customer.dial(fromOutside(stage, number))
    await stage.ben.until('ringing')
    await stage.ben.answer()
    await stage.ben.until('established')
    await talk(stage)
  }
  return {
    [`${name}-confirmed`]: {
      story: `Ben picks up, presses 1, and talks to the caller: ${how}`,
      tell: async stage => {
        await picksUp(stage)
        await keys(stage, '1002', '1')
        await stage.customer.until('established')
        await talk(stage)
        await stage.customer.hangup()
      },
    },
    [`${name}-not-confirmed`]: {
      story: `Ben picks up and presses nothing, so the call does not come to him: ${how}`,
      tell: async stage => {
        await picksUp(stage)
        await stage.customer.until('closed')
      },
    },
    [`${name}-confirm-caller-gone`]: {
      story: `Ben picks up, and the caller hangs up before he has pressed 1: ${how}`,
      tell: async stage => {
        await picksUp(stage)
        await stage.customer.hangup()
      },
    },
    [`${name}-confirm-hung-up`]: {
      story: `Ben picks up and hangs up: ${how}`,
      tell: async stage => {
        await picksUp(stage)
        await stage.ben.hangup()
        await stage.customer.until('closed')
      },
    },
  }
}

/** Quotes, brackets, what the dialplan and AMI mean by characters, and a mark that turns the writing round. */
export const HOSTILE_NAME = "Robert'); DROP ${SHELL(id)} $[1+1] ^&|@,;%0d%0aAction: Originate \u202e=\\u0000"

/** Ben is asked for a key behind the Local channel of a member, by parting the two. */
const MEMBER_APART = { ringall: ['Local/2604@from-internal/n'] } as const

async function pickedUpApart(stage: Stage): Promise<void> {
  await waits(stage, '2001')
  await stage.ben.until('ringing')
  await stage.ben.answer()
  await stage.ben.until('established')
  await talk(stage)
}

const QUEUE_APART: Stories = {
  'field-apart-member-confirmed': {
    story: 'A member behind a Local channel presses 1, and the dialplan joins the two that it has parted',
    members: MEMBER_APART,
    tell: async stage => {
      await pickedUpApart(stage)
      await keys(stage, '1002', '1')
      await stage.ami.frames.until(
        'Ben to be joined',
        frame => frame['Event'] === 'BridgeEnter' && (frame['Channel'] ?? '').startsWith('PJSIP/SIP-1002-'),
        10_000,
      )
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'field-apart-member-not-confirmed': {
    story: 'A member behind a Local channel presses nothing; the queue goes on, and the caller gives up',
    members: MEMBER_APART,
    tell: async stage => {
      await pickedUpApart(stage)
      await heard(stage.ami, 'AgentRingNoAnswer')
      await stage.customer.hangup()
    },
  },
  'field-apart-member-released': {
    story: 'A member behind a Local channel presses nothing, and the caller gives up while the queue still rings him',
    members: MEMBER_APART,
    tell: async stage => {
      await pickedUpApart(stage)
      await stage.ben.until('closed')
      await stage.customer.hangup()
    },
  },
  'field-apart-member-caller-gone': {
    story: 'The caller hangs up before the member behind a Local channel has pressed 1',
    members: MEMBER_APART,
    tell: async stage => {
      await pickedUpApart(stage)
      await stage.customer.hangup()
    },
  },
}

export const FIELD: Stories = {
  ...QUEUE_APART,
  'field-hostile-name': {
    story: 'A caller with a hostile name comes into a queue whose dialplan puts something before it, and Ana answers',
    tell: async stage => {
      const caller = await openCustomer(stage.lab, '13812345678', undefined, 'trunk', HOSTILE_NAME)
      try {
        await caller.dial(fromOutside(stage, '2401'))
        await stage.ana.until('ringing')
        await stage.ana.answer()
        await heard(stage.ami, 'AgentConnect')
        await talk(stage)
        await caller.hangup()
        await stage.ana.until('closed')
      } finally {
        await caller.close()
      }
    },
  },
  'field-static-member': {
    story: 'A member that stands in queues.conf, with a name that is no staff id, answers',
    tell: inQueue('2400', 'ana', untilHangup),
  },
  'field-member-named-as-staff': {
    story: 'A member answers whose name is the staff id of somebody who is not at this phone',
    tell: inQueue('2400', 'cleo', untilHangup),
  },
  'field-letter-case': {
    story:
      'The dialplan writes the queue in other letters than queues.conf, and puts something before the name of the caller',
    tell: inQueue('2401', 'ana', untilHangup),
  },
  'field-announced': {
    story: 'Ana hears an announcement before the caller is put through',
    tell: inQueue('2403', 'ana', untilHangup),
  },
  'field-announced-caller-gone': {
    story: 'The caller hangs up while Ana hears the announcement',
    tell: inQueue('2403', 'ana', callerLeaves),
  },
  'field-announced-agent-gone': {
    story: 'Ana hangs up while she hears the announcement, and the caller gives up when her phone rings again',
    tell: inQueue('2403', 'ana', async (stage, ana) => {
      await ana.until('established')
      await talk(stage)
      await ana.hangup()
      await heard(stage.ami, 'AgentDump')
      await ana.until('ringing')
      await stage.customer.hangup()
    }),
  },
  'field-delayed': {
    story: 'The queue puts the caller through two seconds after Ana has picked up',
    tell: inQueue('2402', 'ana', untilHangup),
  },
  'field-delayed-caller-gone': {
    story: 'The caller hangs up in the two seconds before he is put through',
    tell: inQueue('2402', 'ana', callerLeaves),
  },
  'field-two-devices': {
    story: 'Both devices of an extension ring, and the second answers',
    tell: stage =>
      withDesk(stage, async (desk, soft) => {
        await stage.ben.dial('201')
        await desk.until('ringing')
        await soft.until('ringing')
        await soft.answer()
        await stage.ben.until('established')
        await talk(stage)
        await stage.ben.hangup()
        await soft.until('closed')
      }),
  },
  'field-two-devices-of-a-member': {
    story: 'Both devices of a member of a queue ring, and the first answers',
    tell: stage =>
      withDesk(stage, async (desk, soft) => {
        await waits(stage, '2400')
        await soft.until('ringing')
        await desk.until('ringing')
        await desk.answer()
        await untilHangup(stage)
        await desk.until('closed')
      }),
  },
  'field-prefix-dialled': {
    story: 'Ana dials a mobile with the 9 before it, and somebody answers',
    tell: stage =>
      withFarEnd(stage, {}, async () => {
        await stage.ana.dial('913812345678')
        await stage.ana.until('established')
        await talk(stage)
        await stage.ana.hangup()
      }),
  },
  'field-prefixed-caller': {
    story: 'A caller comes over the line that puts a 9 before the number',
    tell: async stage => {
      const caller = await openCustomer(stage.lab, '913700000001', undefined, 'telco')
      try {
        await caller.dial(fromOutside(stage, '1001'))
        await stage.ana.until('ringing')
        await stage.ana.answer()
        await caller.until('established')
        await talk(stage)
        await caller.hangup()
        await stage.ana.until('closed')
      } finally {
        await caller.close()
      }
    },
  },
  'field-group-answered-inside': {
    story: 'A phone and a mobile ring together, and the phone answers',
    tell: stage =>
      withFarEnd(stage, { ringMs: 20_000 }, async () => {
        await stage.customer.dial(fromOutside(stage, '2600'))
        await stage.ben.until('ringing')
        await talk(stage)
        await stage.ben.answer()
        await stage.customer.until('established')
        await talk(stage)
        await stage.customer.hangup()
      }),
  },
  'field-group-answered-outside': {
    story: 'A phone and a mobile ring together, and the mobile answers',
    tell: stage =>
      withFarEnd(stage, { ringMs: 600 }, async () => {
        await stage.customer.dial(fromOutside(stage, '2600'))
        await stage.ben.until('ringing')
        await stage.customer.until('established')
        await talk(stage)
        await stage.customer.hangup()
        await stage.ben.until('closed')
      }),
  },
  'field-follow-me-accepted': {
    story: "Ana's phone rings out, then her mobile, where 1 is pressed",
    tell: stage =>
      followedTo(stage, '1', async () => {
        await stage.customer.until('established')
        await talk(stage)
        await stage.customer.hangup()
      }),
  },
  'field-follow-me-declined': {
    story: "Ana's phone rings out, then her mobile, where another key is pressed",
    tell: stage =>
      followedTo(stage, '2', async () => {
        await stage.customer.until('closed')
      }),
  },
  ...confirmedBy('field', '2602', 'a subroutine asks'),
  ...confirmedBy('field-macro', '2603', 'a macro asks'),
  ...confirmedBy('field-apart', '2604', 'the dialplan parts the two, asks, and joins them'),
  'field-forwarded-outside': {
    story: "Ana's phone sends the call on to her mobile, which answers",
    manners: { ana: { forwardTo: '913900000002' } },
    tell: stage =>
      withFarEnd(stage, {}, async () => {
        await stage.customer.dial(fromOutside(stage, '1001'))
        await stage.customer.until('established')
        await talk(stage)
        await stage.customer.hangup()
      }),
  },
}
