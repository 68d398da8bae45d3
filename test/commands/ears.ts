/**
 * What each channel of the PBX hears, from AMI events and the list of channels: a voice, music, ringing, an application that
 * speaks, or nothing. A Local pair leads from one bridge to the other, or to what its far half is busy with. Pure.
 */
import type { Fields } from '../../lab/ami.js'

type Channel = {
  id: string
  name: string
  up: boolean
  /** As the list of channels has it. */
  app: string
  bridge?: string
  music: boolean
  holds: boolean
  /** In a parking space, before any music: Park() speaks its number to who comes there by dialling it. */
  toldSpace: boolean
  /** The other half of a Local pair. */
  pair?: string
  /** Whom it dials, and who has not answered yet. */
  dials: Set<string>
}
export type Ears = ReturnType<typeof createEars>

/** Applications that speak, record, or have somebody hear music. */
const SPEAKING = new Set([
  ...['Playback', 'BackGround', 'Background', 'WaitExten', 'Read', 'Record', 'SayDigits', 'SayAlpha'],
  ...['VoiceMail', 'VoiceMailMain', 'Queue', 'MusicOnHold', 'ChanSpy', 'ConfBridge', 'Park', 'ParkedCall'],
])
const MOST_PAIRS = 6

const isUp = (frame: Fields) => frame['ChannelState'] === '6'
export const isPhone = (name: string) => name.startsWith('PJSIP/')
/** Somebody outside, who has called or was called. */
export const isOutside = (name: string) => /^PJSIP\/(trunk|telco)-/.test(name)

export function createEars() {
  const channels = new Map<string, Channel>()
  const of = (frame: Fields) => channels.get(frame['Uniqueid'] ?? '')

  function created(frame: Fields) {
    const { Uniqueid: id = '', Channel: name = '' } = frame
    if (id !== '')
      channels.set(id, {
        id,
        name,
        up: isUp(frame),
        app: '',
        music: false,
        holds: false,
        toldSpace: false,
        dials: new Set(),
      })
  }
  const join = (one: string, other: string) => {
    const [a, b] = [channels.get(one), channels.get(other)]
    if (a) a.pair = other
    if (b) b.pair = one
  }
  const change = (frame: Fields, to: (channel: Channel) => unknown) => {
    const channel = of(frame)
    if (channel) to(channel)
  }

  const EVENTS: Readonly<Record<string, (frame: Fields) => unknown>> = {
    Newchannel: created,
    Newstate: frame => change(frame, c => (c.up = isUp(frame))),
    Rename: frame => change(frame, c => (c.name = frame['Newname'] ?? c.name)),
    Hangup: frame => {
      channels.delete(frame['Uniqueid'] ?? '')
      for (const { dials } of channels.values()) dials.delete(frame['Uniqueid'] ?? '')
    },
    // A hold is of the bridge in which it was begun: an attended transfer holds with one, and talks in the other.
    BridgeEnter: frame =>
      change(frame, c => {
        const toldSpace = frame['BridgeType'] === 'parking'
        Object.assign(c, { bridge: frame['BridgeUniqueid'] ?? '', holds: false, toldSpace })
      }),
    BridgeLeave: frame =>
      change(frame, c => {
        if (c.bridge === frame['BridgeUniqueid']) delete c.bridge
      }),
    MusicOnHoldStart: frame => change(frame, c => Object.assign(c, { music: true, toldSpace: false })),
    MusicOnHoldStop: frame => change(frame, c => (c.music = false)),
    Hold: frame => change(frame, c => (c.holds = true)),
    Unhold: frame => change(frame, c => (c.holds = false)),
    LocalBridge: ({ LocalOneUniqueid = '', LocalTwoUniqueid = '' }) => join(LocalOneUniqueid, LocalTwoUniqueid),
    DialBegin: frame => change(frame, c => c.dials.add(frame['DestUniqueid'] ?? '')),
    DialEnd: frame => change(frame, c => c.dials.delete(frame['DestUniqueid'] ?? '')),
  }

  const inBridge = (bridge: string) => [...channels.values()].filter(c => c.bridge === bridge)

  /** The phones that are in one talk with a channel, through whatever Local pairs. */
  function company(channel: Channel, pairs = MOST_PAIRS, passed = new Set([channel.id])): Channel[] {
    if (channel.bridge === undefined) return []
    return inBridge(channel.bridge).flatMap(other => {
      if (passed.has(other.id)) return []
      passed.add(other.id)
      if (isPhone(other.name)) return [other]
      const far = other.pair === undefined || pairs === 0 ? undefined : channels.get(other.pair)
      if (!far || passed.has(far.id)) return []
      passed.add(far.id)
      return company(far, pairs - 1, passed)
    })
  }

  /** The far halves of the Local pairs in its bridge: what they hear, it hears. */
  const beyond = (channel: Channel): Channel[] =>
    channel.bridge === undefined
      ? []
      : inBridge(channel.bridge).flatMap(other => {
          const far = other.id === channel.id || other.pair === undefined ? undefined : channels.get(other.pair)
          return far ? [far] : []
        })

  /** Undefined: nothing. */
  function hears(id: string, pairs = MOST_PAIRS): string | undefined {
    const channel = channels.get(id)
    if (!channel) return 'gone'
    if (!channel.up && isPhone(channel.name)) return 'its own ringing'
    if (channel.music) return 'music'
    const tool = [...channels.values()].find(c => c.name.startsWith(`Snoop/${id}-`) && c.music)
    if (tool) return 'music of a hold'
    const others = company(channel)
    if (others.some(other => !other.holds)) return 'a voice'
    // A phone has put it on hold: whether there is music then is the PBX's affair, and no command's.
    if (others.length > 0) return 'a phone that holds'
    // Whether somebody who is alone in a room hears music is the room's affair: it was asked for.
    if (channel.app === 'ConfBridge') return 'a conference room'
    if (channel.app === 'Park' && channel.toldSpace) return 'the number of its parking space'
    if (channel.bridge === undefined) {
      if (channel.dials.size > 0) return 'ringing'
      return SPEAKING.has(channel.app) ? channel.app : undefined
    }
    if (pairs === 0) return undefined
    for (const far of beyond(channel)) {
      const heard = hears(far.id, pairs - 1)
      if (heard !== undefined) return `${heard}, behind ${far.name}`
    }
    return undefined
  }

  return {
    take: (frame: Fields) => EVENTS[frame['Event'] ?? '']?.(frame),
    /** A row of CoreShowChannels. */
    seen: (frame: Fields) => change(frame, c => (c.app = frame['Application'] ?? '')),
    hears: (id: string) => hears(id),
    /** Channels of phones, whoever's. */
    phones: () => [...channels.values()].filter(({ name }) => isPhone(name)),
    /** What it is busy with, for whoever reads a failure. */
    told(id: string): string {
      const c = channels.get(id)
      if (!c) return `${id} is gone`
      const others = c.bridge === undefined ? [] : inBridge(c.bridge).filter(other => other.id !== id)
      const place =
        c.bridge === undefined ? `runs ${c.app || 'nothing'}` : `is in a bridge with ${others.map(o => `${o.name}${o.holds ? ' (holds)' : ''}`).join(', ') || 'nobody'}` // prettier-ignore
      return `${c.name} ${place}`
    },
  }
}
