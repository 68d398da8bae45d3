/** AMI events -> facts. Pure. An event that is not listed here, or lacks what makes it mean something, is no fact. */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { CallerId, ChannelSeen, DialStatus, HangupAsked, LegFact, LegState, PbxFact } from '../pbx/facts.js'
import type { Frame } from './parse.js'

/** `arrived`: when the bytes came, for a PBX that sends no Timestamp. */
export function factOf(frame: Frame, arrived: EpochMs): PbxFact | undefined {
  const toFact = FACTS.get(frame.name)
  if (!toFact) return undefined
  const atUs = stampOf(frame)
  const fact = toFact(frame, atUs === undefined ? arrived : msOf(atUs))
  if (atUs !== undefined && fact && isOfLeg(fact)) fact.atUs = atUs
  return fact
}

/** Whether it is of a kind that facts are made of. */
export const isListed = (name: string) => FACTS.has(name)

/** The years 2000 to 2100: a PBX without a battery begins in 1970, and its time is of no use until it has been set. */
const [EARLIEST_S, LATEST_S] = [946_684_800, 4_102_444_800]

/** `Timestamp: 1700000000.123456` (with `timestampevents=yes`), in microseconds. */
function stampOf(frame: Frame): number | undefined {
  const seconds = Number(frame.get('Timestamp'))
  return seconds >= EARLIEST_S && seconds < LATEST_S ? Math.round(seconds * 1e6) : undefined
}
const msOf = (atUs: number) => Math.floor(atUs / 1_000) as EpochMs

export function timeOf(frame: Frame, arrived: EpochMs): EpochMs {
  const atUs = stampOf(frame)
  return atUs === undefined ? arrived : msOf(atUs)
}

const NOT_OF_LEGS: ReadonlySet<string> = new Set(['originate.ended', 'pbx.seen', 'link.up', 'link.down'])
export const isOfLeg = (fact: PbxFact): fact is LegFact => !NOT_OF_LEGS.has(fact.type)

/** Longer than any id that Asterisk makes (150), and than any number or name that a person would read. */
const [LONGEST_ID, LONGEST_TEXT] = [150, 500]

/** Asterisk writes `<unknown>` where it has no number or name. */
const told = (frame: Frame, header: string) => {
  const value = frame.get(header) ?? ''
  return value === '<unknown>' ? '' : value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value
}
const idOf = (frame: Frame, header: string) => {
  const id = frame.get(header)
  return id === undefined || id === '' || id.length > LONGEST_ID ? undefined : id
}

/** Asterisk writes names as C would: `O\\'Brien`. A line break or a tab in one becomes a blank. */
const ESCAPED = /\\(.)/gs
const readName = (text: string) =>
  text.includes('\\') ? text.replace(ESCAPED, (_, one: string) => (/[abfnrtv]/.test(one) ? ' ' : one)) : text

const callerOf = (frame: Frame): CallerId => ({
  number: told(frame, 'CallerIDNum'),
  name: readName(told(frame, 'CallerIDName')),
})
const legOf = (frame: Frame, header = 'Uniqueid') => idOf(frame, header) as LegId | undefined
const bridgeOf = (frame: Frame, header = 'BridgeUniqueid') => idOf(frame, header) as BridgeId | undefined

const CAUSE_UNKNOWN = 0
function causeOf(frame: Frame): { causeQ850?: number } {
  const cause = Number(frame.get('Cause') ?? '')
  return Number.isInteger(cause) && cause > CAUSE_UNKNOWN && cause < 128 ? { causeQ850: cause } : {}
}

/** ChannelState: 4 is "the far end rings for me", 5 "I am ringing", 6 "up". */
function stateOf(frame: Frame): LegState {
  const state = frame.get('ChannelState')
  return state === '6' ? 'up' : state === '5' ? 'ringing' : 'down'
}

const DIAL_STATUSES: ReadonlySet<string> = new Set<DialStatus>([
  'ANSWER',
  'BUSY',
  'NOANSWER',
  'CANCEL',
  'CONGESTION',
  'CHANUNAVAIL',
  'DONTCALL',
  'TORTURE',
  'INVALIDARGS',
  'ABORT',
])
const isDialStatus = (text: string): text is DialStatus => DIAL_STATUSES.has(text)

/** SoftHangupRequest's Cause is a set of flags, not Q.850: 32 means that somebody asked for it explicitly. */
const EXPLICIT = 32
const softAsked = (frame: Frame): HangupAsked => ((Number(frame.get('Cause')) & EXPLICIT) !== 0 ? 'command' : 'pbx')

const HOLDING = 'holding_bridge'

type ToFact = (frame: Frame, at: EpochMs) => PbxFact | undefined
const ofLeg =
  (make: (leg: LegId, frame: Frame, at: EpochMs) => PbxFact | undefined, header = 'Uniqueid'): ToFact =>
  (frame, at) => {
    const leg = legOf(frame, header)
    return leg && make(leg, frame, at)
  }

const FACTS = new Map<string, ToFact>(
  Object.entries<ToFact>({
    Newchannel: ofLeg((leg, frame, at) => ({
      type: 'channel.created',
      at,
      leg,
      linked: legOf(frame, 'Linkedid') ?? leg,
      name: told(frame, 'Channel'),
      state: stateOf(frame),
      caller: callerOf(frame),
      exten: extenOf(frame),
    })),
    Newstate: ofLeg((leg, frame, at) => ({ type: 'channel.changed', at, leg, state: stateOf(frame) })),
    DialBegin: ofLeg((leg, frame, at) => {
      const by = legOf(frame)
      const dialled = told(frame, 'DestCallerIDNum') || told(frame, 'DialString')
      return { type: 'dial.begun', at, leg, ...(by && { by }), dialled, shown: told(frame, 'DestConnectedLineNum') }
    }, 'DestUniqueid'),
    DialEnd: ofLeg((leg, frame, at) => {
      const by = legOf(frame)
      const status = frame.get('DialStatus') ?? ''
      const forwardedTo = told(frame, 'Forward')
      if (!isDialStatus(status)) return undefined
      return { type: 'dial.ended', at, leg, ...(by && { by }), status, ...(forwardedTo && { forwardedTo }) }
    }, 'DestUniqueid'),
    BridgeEnter: ofLeg((leg, frame, at) => {
      const bridge = bridgeOf(frame)
      const replaces = legOf(frame, 'SwapUniqueid')
      const holding = frame.get('BridgeTechnology') === HOLDING
      return bridge && { type: 'bridge.entered', at, leg, bridge, holding, ...(replaces && { replaces }) }
    }),
    BridgeLeave: ofLeg((leg, frame, at) => {
      const bridge = bridgeOf(frame)
      const holding = frame.get('BridgeTechnology') === HOLDING
      return bridge && { type: 'bridge.left', at, leg, bridge, ...(holding && { holding }) }
    }),
    HangupRequest: ofLeg((leg, frame, at) => ({ type: 'hangup.asked', at, leg, by: 'far-side', ...causeOf(frame) })),
    SoftHangupRequest: ofLeg((leg, frame, at) => ({ type: 'hangup.asked', at, leg, by: softAsked(frame) })),
    Hangup: ofLeg((leg, frame, at) => ({ type: 'channel.gone', at, leg, ...causeOf(frame) })),
    OriginateResponse: (frame, at) => {
      const id = legOf(frame)
      const leg = id === '<null>' ? undefined : id
      const actionId = told(frame, 'ActionID')
      return { type: 'originate.ended', at, actionId, ok: frame.get('Response') === 'Success', ...(leg && { leg }) }
    },
  }),
)

/** `s` is a place in the dialplan, not a number that anybody dialled. */
function extenOf(frame: Frame, header = 'Exten') {
  const exten = told(frame, header)
  return exten === 's' || exten === 'h' || exten === 'i' || exten === 't' ? '' : exten
}

/** A channel, out of an event that tells of something else; `of` begins the headers that describe it. */
export function introduced(frame: Frame, { at, atUs }: LegFact, leg: LegId, of: '' | 'Dest'): LegFact | undefined {
  const name = frame.get(`${of}Channel`)
  if (!name) return undefined
  return {
    type: 'channel.created',
    at: sinceOf(leg, '', at),
    ...(atUs === undefined ? {} : { atUs }),
    leg,
    linked: legOf(frame, `${of}Linkedid`) ?? leg,
    name,
    state: 'down',
    caller: { number: told(frame, `${of}CallerIDNum`), name: told(frame, `${of}CallerIDName`) },
    exten: extenOf(frame, `${of}Exten`),
    inferred: true,
  }
}

/** One item of CoreShowChannels. `Duration` is `hh:mm:ss` since the channel was created. */
export function channelSeen(frame: Frame, now: EpochMs): ChannelSeen | undefined {
  const leg = legOf(frame)
  if (!leg) return undefined
  const bridge = bridgeOf(frame, 'BridgeId')
  return {
    leg,
    linked: legOf(frame, 'Linkedid') ?? leg,
    name: told(frame, 'Channel'),
    state: stateOf(frame),
    caller: callerOf(frame),
    exten: extenOf(frame),
    ...(bridge && { bridge }),
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
