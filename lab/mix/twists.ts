/**
 * What happens to the calls of a mixed load in their middle. Listens to AMI for the moment at which a planned call has
 * come so far, and then sends what was planned for it. Touches the sessions that it is handed.
 */
import { sleep, type Clock } from '../../src/base/clock.js'
import type { AmiSession, Fields } from '../ami.js'
import { act } from '../stories/stage.js'
import type { Plan, PlannedCall, Twist } from './plan.js'

type Given = Readonly<{
  events: AmiSession
  actions: AmiSession
  clock: Clock
  plan: Plan
  /** Where a call goes on that is transferred. */
  context: string
}>
export type Directed = Readonly<{
  /** Resolves when nothing that was begun is still going on. */
  settled: () => Promise<void>
  done: () => { twists: Partial<Record<Twist, number>>; refused: number }
  stop: () => void
}>

/** A planned call on the PBX: the caller's channel, and whom it talks with or rings at. */
type Meeting = Readonly<{ call: PlannedCall; caller: string; partner: string; context: string }>
type Send = (action: string, fields: Fields) => Promise<void>

/** Long enough for most phones of the mix to answer. */
const WORD_MS = 900
const PARKED_MS = 1_500
/** Local pairs behind one another. */
const MOST_PAIRS = 4

export function directTwists({ events, actions, clock, plan, context }: Given): Directed {
  const twists: Partial<Record<Twist, number>> = {}
  const going = new Set<Promise<void>>()
  let [refused, stopped] = [0, false]
  const send: Send = async (action, fields) => {
    if ((await act(actions, action, fields))['Response'] !== 'Success') refused += 1
  }
  onMeetings(events, plan, met => {
    const meeting = { ...met, context }
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
function onMeetings(events: AmiSession, plan: Plan, met: (meeting: Omit<Meeting, 'context'>) => void): void {
  const planned = new Map(plan.calls.filter(({ twist }) => twist !== 'none').map(call => [call.from, call]))
  const callers = new Map<string, { call: PlannedCall; caller: string }>()
  const rooms = followRooms()
  /** For which caller a Local pair was dialled, by its name. */
  const dialledFor = new Map<string, string>()
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
    DialBegin: ({ Uniqueid = '', Channel = '', DestChannel = '' }) => {
      const caller = dialledFor.get(pairOf(Channel)) ?? Uniqueid
      if (isLocal(DestChannel)) dialledFor.set(pairOf(DestChannel), caller)
      if (waitsFor(caller, 'ringing') && DestChannel.startsWith('PJSIP/18')) meet(caller, DestChannel)
    },
    BridgeEnter: ({ BridgeUniqueid = '', Channel = '' }) => {
      rooms.enter(Channel, BridgeUniqueid)
      for (const [id, { caller }] of callers) {
        const partner = waitsFor(id, 'talk') && rooms.partnerOf(caller)
        if (partner) meet(id, partner)
      }
    },
    BridgeLeave: ({ Channel = '' }) => rooms.leave(Channel),
    Hangup: ({ Uniqueid = '', Channel = '' }) => {
      callers.delete(Uniqueid)
      rooms.leave(Channel)
      if (Channel.endsWith(';2')) dialledFor.delete(pairOf(Channel))
    },
  }
  events.frames.onEach(frame => see[frame['Event'] ?? '']?.(frame))
}

const isLocal = (channel: string) => channel.startsWith('Local/')
/** The name that the two halves of a Local pair have in common. */
const pairOf = (channel: string) => (isLocal(channel) ? channel.slice(0, -2) : channel)
const otherHalf = (channel: string) => `${pairOf(channel)};${channel.endsWith(';1') ? '2' : '1'}`

/** Which channels are in which bridge, and who can talk with whom, also through Local pairs that stay. */
function followRooms() {
  const bridgeOf = new Map<string, string>()
  const others = (channel: string) => {
    const bridge = bridgeOf.get(channel)
    return bridge === undefined ? [] : [...bridgeOf].filter(([c, b]) => b === bridge && c !== channel).map(([c]) => c)
  }
  const partnerOf = (channel: string, pairs = 0): string | undefined => {
    for (const other of others(channel)) {
      const found = !isLocal(other) ? other : pairs < MOST_PAIRS ? partnerOf(otherHalf(other), pairs + 1) : undefined
      if (found?.startsWith('PJSIP/')) return found
    }
    return undefined
  }
  return {
    enter: (channel: string, bridge: string) => void bridgeOf.set(channel, bridge),
    leave: (channel: string) => void bridgeOf.delete(channel),
    partnerOf,
  }
}

/** Whose phone does it: the agent's, which of two is the one that is not the trunk's. */
const agentOf = ({ caller, partner }: Meeting) => (/^PJSIP\/(trunk|telco)-/.test(partner) ? caller : partner)

const goes = (Channel: string, { call, context }: Meeting) => ({ Channel, Context: context, Exten: call.third })

async function keys(send: Send, Channel: string, digits: string): Promise<void> {
  for (const Digit of digits) await send('PlayDTMF', { Channel, Digit, Receive: 'true' })
}

const blind = (send: Send, meeting: Meeting) => send('BlindTransfer', goes(agentOf(meeting), meeting))

async function consult(send: Send, meeting: Meeting, clock: Clock): Promise<string> {
  const agent = agentOf(meeting)
  await send('Atxfer', goes(agent, meeting))
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
