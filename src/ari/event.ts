/** What comes over ARI's WebSocket -> the little of it that is looked at; undefined when it is no event. Pure. */
import type { EpochMs, LegId } from '../base/ids.js'
import { isProhibited } from '../numbers/withheld.js'
import { WAYS, type Handed, type PbxFact, type Way } from '../pbx/facts.js'

/**
 * `channel`: the id of the one that it is about. `handed`: the dialplan says why it is there. `key`: one that was pressed.
 * `name`: of the playback or the recording that it is about.
 */
export type AriEvent = {
  type: string
  application?: string
  channel?: LegId
  handed?: Handed
  key?: string
  name?: string
  /** By the clock of the PBX. */
  at?: EpochMs
}

/** Longer than any that Asterisk makes; a longer text is cut. */
const [LONGEST_TYPE, LONGEST_ID, LONGEST_TEXT] = [100, 150, 500]

export function ariEventOf(message: unknown): AriEvent | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const type = own(message, 'type')
  if (typeof type !== 'string' || type === '' || type.length > LONGEST_TYPE) return undefined
  const application = idIn(message, 'application')
  const channel = own(message, 'channel')
  const id = idIn(channel, 'id')
  const args = type === 'StasisStart' ? own(message, 'args') : undefined
  const handed = Array.isArray(args) ? handedOf(channel, args) : undefined
  const key = textIn(message, 'digit')
  const name = idIn(own(message, 'playback'), 'id') ?? idIn(own(message, 'recording'), 'name')
  const at = Date.parse(textIn(message, 'timestamp') ?? '')
  return {
    type,
    ...(Number.isFinite(at) && at > 0 && { at: at as EpochMs }),
    ...(key !== undefined && /^[0-9A-D*#]$/.test(key) && { key }),
    ...(name !== undefined && { name }),
    ...(application !== undefined && { application }),
    ...(id !== undefined && { channel: id as LegId }),
    ...(handed && { handed }),
  }
}

/** What an event means to the engine, if anything. `arrived`: when it came, for one without a time. */
export function factOfEvent(
  { type, channel, handed, key, name, at: told }: AriEvent,
  arrived: EpochMs,
): PbxFact | undefined {
  const at = told ?? arrived
  switch (type) {
    case 'StasisStart':
      if (handed) return { type: 'caller.handed', at, caller: handed }
      return channel && { type: 'tool.ready', at, tool: channel }
    case 'StasisEnd':
      return channel && { type: 'caller.back', at, leg: channel }
    case 'ChannelDtmfReceived':
      return channel && key !== undefined ? { type: 'key.pressed', at, leg: channel, key } : undefined
    case 'PlaybackFinished':
      return name === undefined ? undefined : { type: 'sound.ended', at, sound: name }
    case 'RecordingFinished':
    case 'RecordingFailed':
      return name === undefined ? undefined : { type: 'voice.recorded', at, name, ok: type === 'RecordingFinished' }
    default:
      return undefined
  }
}

/** Those of all channels whom the dialplan has handed to this application; a list of ARI's `GET /channels`. */
export function handedIn(channels: unknown, app: string): Handed[] {
  if (!Array.isArray(channels)) return []
  return channels.flatMap((channel: unknown) => {
    const dialplan = own(channel, 'dialplan')
    if (textIn(dialplan, 'app_name') !== 'Stasis') return []
    const [name, ...args] = (textIn(dialplan, 'app_data') ?? '').split(',')
    const handed = name === app ? handedOf(channel, args) : undefined
    return handed ? [handed] : []
  })
}

/** Those of a list of things that have a name. */
export const namesIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.flatMap((thing: unknown) => textIn(thing, 'name') ?? []) : []

const LONGEST_GIVEN = 100

/** A channel is the daemon's own where the dialplan says nothing with it. */
function handedOf(channel: unknown, [way, given = '', presentation]: readonly unknown[]): Handed | undefined {
  const leg = idIn(channel, 'id')
  if (leg === undefined || !isWay(way) || typeof given !== 'string' || given.length > LONGEST_GIVEN) return undefined
  const caller = own(channel, 'caller')
  const [number = '', name = ''] = [textIn(caller, 'number'), textIn(caller, 'name')]
  const withheld = way === 'in' && typeof presentation === 'string' && isProhibited(presentation)
  return { leg: leg as LegId, way, given, caller: { number, name }, ...(withheld && { withheld: true as const }) }
}

const isWay = (value: unknown): value is Way => WAYS.some(way => way === value)

function textIn(value: unknown, name: string): string | undefined {
  const text = own(value, name)
  return typeof text === 'string' ? text.slice(0, LONGEST_TEXT) : undefined
}

function idIn(value: unknown, name: string): string | undefined {
  const id = own(value, name)
  return typeof id === 'string' && id.length <= LONGEST_ID ? id : undefined
}

const own = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined

/** The text of one message as JSON; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
