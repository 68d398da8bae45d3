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
  const twists: Partial<Record<Twist, number>> = {}
  const going = new Set<Promise<void>>()
  let [refused, stopped] = [0, false]
  const send: Send = async (action, fields) => {
    if ((await act(actions, action, fields))['Response'] !== 'Success') refused += 1
  }
  onMeetings(events, plan, meeting => {
    const { twist: kind, twistAfterMs } = meeting.call
    twists[kind] = (twists[kind] ?? 0) + 1
    const twist = sleep(clock, twistAfterMs)
      .then(() => (stopped ? undefined : TWIST[kind](send, meeting, clock)))
      .catch(() => void (refused += 1))
      .finally(() => going.delete(twist))
    going.add(twist)
  })
  return {
    settled: async () => {
      await Promise.all(going)
    },
    done: () => ({ twists, refused }),
    stop: () => (stopped = true),
  }
}

/** Calls `met` once for each call that has something planned: when a phone rings for it, or when two people talk. */
function onMeetings(events: AmiSession, plan: Plan, met: (meeting: Meeting) => void): void {
  const planned = new Map(plan.calls.filter(({ twist }) => twist !== 'none').map(call => [call.from, call]))
  const callers = new Map<string, { call: PlannedCall; caller: string }>()
  const bridges = new Map<string, Map<string, string>>()
  const meet = (id: string, partner: string) => {
    const known = callers.get(id)
    callers.delete(id)
    if (known) met({ ...known, partner })
  }
  const waitsFor = (id: string, what: 'ringing' | 'talk') => {
    const twist = callers.get(id)?.call.twist
    return twist !== undefined && (twist === 'picked-up') === (what === 'ringing')
  }
  const see: Readonly<Record<string, (frame: Fields) => unknown>> = {
    Newchannel: ({ Channel = '', Uniqueid = '', CallerIDNum = '' }) => {
      const call = planned.get(CallerIDNum)
      if (!call || !/^PJSIP\/(trunk|caller)-/.test(Channel)) return
      planned.delete(CallerIDNum)
      callers.set(Uniqueid, { call, caller: Channel })
    },
    DialBegin: ({ Uniqueid = '', DestChannel = '' }) => {
      if (waitsFor(Uniqueid, 'ringing') && DestChannel.startsWith('PJSIP/18')) meet(Uniqueid, DestChannel)
    },
    BridgeEnter: ({ BridgeUniqueid = '', Uniqueid = '', Channel = '' }) => {
      const inside = bridges.get(BridgeUniqueid) ?? new Map<string, string>()
      bridges.set(BridgeUniqueid, inside.set(Uniqueid, Channel))
      const caller = [...inside.keys()].find(id => waitsFor(id, 'talk'))
      const partner = [...inside].find(([id]) => id !== caller)?.[1]
      if (caller !== undefined && partner?.startsWith('PJSIP/')) meet(caller, partner)
    },
    BridgeLeave: ({ BridgeUniqueid = '', Uniqueid = '' }) => bridges.get(BridgeUniqueid)?.delete(Uniqueid),
    BridgeDestroy: ({ BridgeUniqueid = '' }) => bridges.delete(BridgeUniqueid),
    Hangup: ({ Uniqueid = '' }) => callers.delete(Uniqueid),
  }
  events.frames.onEach(frame => see[frame['Event'] ?? '']?.(frame))
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
