/**
 * What happens to the calls of a mixed load in their middle. Listens to AMI for the moment at which a planned call has
 * come so far, and then sends what was planned for it. Touches the sessions that it is handed.
 */
import { sleep, type Clock } from '../../src/base/clock.js'
import type { AmiSession, Fields } from '../ami.js'
import { act } from '../stories/stage.js'
import type { Plan, PlannedCall, Twist } from './plan.js'

type Given = Readonly<{ events: AmiSession; actions: AmiSession; clock: Clock; plan: Plan }>
export type Directed = Readonly<{
  /** Resolves when nothing that was begun is still going on. */
  settled: () => Promise<void>
  done: () => { twists: Partial<Record<Twist, number>>; refused: number }
  stop: () => void
}>

/** A planned call on the PBX: the caller's channel, and whom it talks with or rings at. */
type Meeting = Readonly<{ call: PlannedCall; caller: string; partner: string }>
type Send = (action: string, fields: Fields) => Promise<void>

/** Long enough for most phones of the mix to answer. */
const WORD_MS = 900
const PARKED_MS = 1_500

export function directTwists({ events, actions, clock, plan }: Given): Directed {
  const planned = new Map(plan.calls.map(call => [call.from, call]))
  const callers = new Map<string, { call: PlannedCall; channel: string }>()
  const bridges = new Map<string, Map<string, string>>()
  const twists: Partial<Record<Twist, number>> = {}
  const going = new Set<Promise<void>>()
  let [refused, stopped] = [0, false]

  const send: Send = async (action, fields) => {
    if ((await act(actions, action, fields))['Response'] !== 'Success') refused += 1
  }
  const begin = (meeting: Meeting) => {
    callers.delete(uniqueidOf(meeting.caller))
    twists[meeting.call.twist] = (twists[meeting.call.twist] ?? 0) + 1
    const twist = sleep(clock, meeting.call.twistAfterMs)
      .then(() => (stopped ? undefined : TWIST[meeting.call.twist](send, meeting, clock)))
      .catch(() => void (refused += 1))
      .finally(() => going.delete(twist))
    going.add(twist)
  }
  const channelNames = new Map<string, string>()
  const uniqueidOf = (channel: string) => channelNames.get(channel) ?? ''

  const see: Readonly<Record<string, (frame: Fields) => unknown>> = {
    Newchannel: ({ Channel = '', Uniqueid = '', CallerIDNum = '' }) => {
      const call = planned.get(CallerIDNum)
      channelNames.set(Channel, Uniqueid)
      if (call && call.twist !== 'none' && /^PJSIP\/(trunk|caller)-/.test(Channel) && !callers.has(Uniqueid)) {
        planned.delete(CallerIDNum)
        callers.set(Uniqueid, { call, channel: Channel })
      }
    },
    DialBegin: ({ Uniqueid = '', DestChannel = '' }) => {
      const known = callers.get(Uniqueid)
      if (known?.call.twist === 'picked-up' && /^PJSIP\/18/.test(DestChannel))
        begin({ call: known.call, caller: known.channel, partner: DestChannel })
    },
    BridgeEnter: ({ BridgeUniqueid = '', Uniqueid = '', Channel = '' }) => {
      const inside = bridges.get(BridgeUniqueid) ?? new Map<string, string>()
      bridges.set(BridgeUniqueid, inside.set(Uniqueid, Channel))
      const caller = [...inside.keys()]
        .map(id => callers.get(id))
        .find(known => known && known.call.twist !== 'picked-up')
      const partner = [...inside.values()].find(channel => channel !== caller?.channel)
      if (caller && partner?.startsWith('PJSIP/')) begin({ call: caller.call, caller: caller.channel, partner })
    },
    BridgeLeave: ({ BridgeUniqueid = '', Uniqueid = '' }) => bridges.get(BridgeUniqueid)?.delete(Uniqueid),
    BridgeDestroy: ({ BridgeUniqueid = '' }) => bridges.delete(BridgeUniqueid),
    Hangup: ({ Channel = '', Uniqueid = '' }) => {
      callers.delete(Uniqueid)
      channelNames.delete(Channel)
    },
  }
  events.frames.onEach(frame => see[frame['Event'] ?? '']?.(frame))

  return {
    settled: async () => {
      await Promise.all(going)
    },
    done: () => ({ twists, refused }),
    stop: () => (stopped = true),
  }
}

/** Whose phone does it: the agent's, which of two is the one that is not the trunk's. */
const agentOf = ({ caller, partner }: Meeting) => (partner.startsWith('PJSIP/trunk-') ? caller : partner)

const goes = (Channel: string, Exten: string) => ({ Channel, Context: 'from-phones', Exten })

async function keys(send: Send, Channel: string, digits: string): Promise<void> {
  for (const Digit of digits) await send('PlayDTMF', { Channel, Digit, Receive: 'true' })
}

const blind = (send: Send, meeting: Meeting) => send('BlindTransfer', goes(agentOf(meeting), meeting.call.third))

async function consult(send: Send, meeting: Meeting, clock: Clock): Promise<string> {
  const agent = agentOf(meeting)
  await send('Atxfer', goes(agent, meeting.call.third))
  await sleep(clock, WORD_MS)
  return agent
}

/** Rings the third's phone and sends it into a context of the lab. */
const rung = (send: Send, { call }: Meeting, context: string, target: string) =>
  send('Originate', {
    ...{ Channel: `PJSIP/${call.third}`, Context: context, Exten: 's', Priority: '1', Async: 'true', Timeout: '3000' },
    ...{ CallerID: 'Aladdin', Variable: `ALADDIN_TARGET=${target}` },
  })

const TWIST: Readonly<Record<Twist, (send: Send, meeting: Meeting, clock: Clock) => Promise<void>>> = {
  none: () => Promise.resolve(),
  'blind-to-phone': blind,
  'blind-to-queue': blind,
  'blind-to-outside': blind,
  'attended-completed': async (send, meeting, clock) => keys(send, await consult(send, meeting, clock), '*2'),
  'attended-three-way': async (send, meeting, clock) => keys(send, await consult(send, meeting, clock), '*3'),
  'attended-aborted': async (send, meeting, clock) =>
    send('CancelAtxfer', { Channel: await consult(send, meeting, clock) }),
  'conference-added': (send, meeting) => rung(send, meeting, 'join', agentOf(meeting)),
  'picked-up': (send, meeting) => rung(send, meeting, 'take', meeting.partner),
  parked: (send, meeting) =>
    send('Park', {
      Channel: agentOf(meeting) === meeting.partner ? meeting.caller : meeting.partner,
      TimeoutChannel: agentOf(meeting),
      Timeout: String(PARKED_MS),
    }),
}
