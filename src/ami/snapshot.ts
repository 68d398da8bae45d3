/**
 * The lists that Asterisk gives after a (re)connect -> every channel there is, and where each is. Pure. The channels are
 * asked for last, so where two lists differ, theirs is the newer word.
 */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { ChannelSeen, LegFact } from '../pbx/facts.js'
import {
  bridgeOf,
  callerOf,
  CONFERENCE,
  EARLIEST_S,
  extenOf,
  HOLDING,
  LATEST_S,
  legOf,
  positionOf,
  stateOf,
  told,
} from './fields.js'
import type { Frame } from './parse.js'

/** The items of BridgeList, QueueStatus, ParkedCalls and CoreShowChannels. */
export type Lists = {
  bridges: readonly Frame[]
  queues: readonly Frame[]
  parked: readonly Frame[]
  channels: readonly Frame[]
}

type Room = { holding: boolean; name: string }

export function channelsSeen(lists: Lists, now: EpochMs): ChannelSeen[] {
  const rooms = new Map(lists.bridges.map(frame => [bridgeOf(frame), roomOf(frame)]))
  const waiting = byLeg(lists.queues.filter(frame => frame.name === 'QueueEntry'))
  const parked = byLeg(lists.parked, 'ParkeeUniqueid')
  const halves = new Map(lists.channels.map(frame => [told(frame, 'Channel'), legOf(frame)]))
  return lists.channels.flatMap(frame => {
    const channel = channelSeen(frame, now)
    if (!channel) return []
    const { leg, bridge } = channel
    const pair = halves.get(otherHalf(channel.name))
    const place = { ...inQueue(waiting.get(leg), now), ...inSpace(parked.get(leg), now) }
    return { ...channel, ...(pair && { pair }), ...(bridge ? inBridge(bridge, rooms.get(bridge)) : {}), ...place }
  })
}

const byLeg = (frames: readonly Frame[], header = 'Uniqueid') =>
  new Map(frames.map(frame => [legOf(frame, header), frame] as const))

const roomOf = (frame: Frame): Room => ({
  holding: told(frame, 'BridgeTechnology') === HOLDING,
  name: told(frame, 'BridgeCreator') === CONFERENCE ? told(frame, 'BridgeName') : '',
})

const inBridge = (bridge: BridgeId, room: Room | undefined): Pick<ChannelSeen, 'bridge' | 'holding' | 'room'> => ({
  bridge,
  ...(room?.holding && { holding: true }),
  ...(room?.name && { room: room.name }),
})

/** A caller whom an agent has by now is in a bridge; so is a caller who was parked. */
function inQueue(entry: Frame | undefined, now: EpochMs): Pick<ChannelSeen, 'queue'> {
  const name = entry && told(entry, 'Queue')
  if (!entry || !name) return {}
  return { queue: { name, since: secondsAgo(entry.get('Wait'), now), ...positionOf(entry) } }
}

function inSpace(entry: Frame | undefined, now: EpochMs): Pick<ChannelSeen, 'parked'> {
  if (!entry) return {}
  const [lot, space, by] = [told(entry, 'Parkinglot'), told(entry, 'ParkingSpace'), told(entry, 'ParkerDialString')]
  return { parked: { lot, space, ...(by && { by }), since: secondsAgo(entry.get('ParkingDuration'), now) } }
}

function secondsAgo(text: string | undefined, now: EpochMs): EpochMs {
  const seconds = Number(text)
  return (seconds >= 0 && seconds < LATEST_S ? now - seconds * 1000 : now) as EpochMs
}

/** The applications in which Asterisk shows a channel that it dials for another, and while the two talk. */
const DIALLED: ReadonlySet<string> = new Set(['AppDial', 'AppQueue'])

/** Names are unique at one moment: `Local/1001@agents-00000001;1` and `;2` are the halves of a pair. */
const otherHalf = (name: string) =>
  name.endsWith(';1') ? `${name.slice(0, -1)}2` : name.endsWith(';2') ? `${name.slice(0, -1)}1` : ''

/** One item of CoreShowChannels. `Duration` is `hh:mm:ss` since the channel was created. */
function channelSeen(frame: Frame, now: EpochMs): ChannelSeen | undefined {
  const leg = legOf(frame)
  if (!leg) return undefined
  const bridge = bridgeOf(frame, 'BridgeId')
  const application = told(frame, 'Application')
  const [dials = ''] = application === 'Dial' ? told(frame, 'ApplicationData').split(',', 1) : []
  return {
    leg,
    linked: legOf(frame, 'Linkedid') ?? leg,
    name: told(frame, 'Channel'),
    state: stateOf(frame),
    caller: callerOf(frame),
    exten: extenOf(frame),
    ...(bridge && { bridge }),
    ...(DIALLED.has(application) && { outgoing: true as const }),
    ...(dials && { dials }),
    since: sinceOf(leg, frame.get('Duration') ?? '', now),
  }
}

/** A Uniqueid that Asterisk chose begins with the second of its creation, which is exact where Duration is not. */
function sinceOf(leg: LegId, duration: string, now: EpochMs): EpochMs {
  const own = /(?:^|-)(\d{9,11})\.\d+$/.exec(leg)
  const second = Number(own?.[1])
  if (second >= EARLIEST_S && second < LATEST_S) return (second * 1000) as EpochMs
  const [h = 0, m = 0, s = 0] = duration.split(':').map(Number)
  const seconds = h * 3600 + m * 60 + s
  return (seconds >= 0 && seconds < LATEST_S ? now - seconds * 1000 : now) as EpochMs
}

/** What the headers begin with by which events describe channels. */
const DESCRIBES = [
  '',
  'Dest',
  'Parkee',
  'LocalOne',
  'LocalTwo',
  'Transferer',
  'OrigTransferer',
  'SecondTransferer',
  'Spyer',
  'Spyee',
  'Target',
]

/** A channel, out of an event that tells of something else. */
type Introduced = Extract<LegFact, { type: 'channel.created' }>
export function introduced(frame: Frame, { at, atUs }: LegFact, leg: LegId): Introduced | undefined {
  const of = DESCRIBES.find(begins => legOf(frame, `${begins}Uniqueid`) === leg)
  const name = of === undefined ? '' : told(frame, `${of}Channel`)
  if (name === '') return undefined
  return {
    type: 'channel.created',
    at: sinceOf(leg, '', at),
    ...(atUs === undefined ? {} : { atUs }),
    leg,
    linked: legOf(frame, `${of}Linkedid`) ?? leg,
    name,
    state: 'down',
    caller: callerOf(frame, of),
    exten: extenOf(frame, of),
    inferred: true,
  }
}
