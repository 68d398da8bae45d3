/** AMI events -> facts. Pure. An event that is not listed here, or lacks what makes it mean something, is no fact. */
import type { EpochMs } from '../base/ids.js'
import type { DialStatus, HangupAsked, LegFact, PbxFact } from '../pbx/facts.js'
import {
  bridgeOf,
  callerOf,
  causeOf,
  CONFERENCE,
  extenOf,
  HOLDING,
  isWithheld,
  legOf,
  msOf,
  numberOf,
  ofLeg,
  runsDialplan,
  stampOf,
  stateOf,
  told,
} from './fields.js'
import type { ToFact } from './fields.js'
import { isOurs, QUEUE_EVENTS } from './normalise-queues.js'
import { TRANSFER_EVENTS } from './normalise-transfers.js'
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

const NOT_OF_LEGS: ReadonlySet<string> = new Set([
  'originate.ended',
  'pbx.seen',
  'link.up',
  'link.down',
  'member.changed',
  'member.removed',
  'queues.seen',
  'phone.changed',
  'code.dialled',
  'message.left',
  'tool.ready',
  'caller.handed',
  'callers.seen',
  'caller.back',
  'key.pressed',
  'sound.ended',
  'voice.recorded',
  'mix.changed',
])
export const isOfLeg = (fact: PbxFact): fact is LegFact => !NOT_OF_LEGS.has(fact.type)

/** Whether it is of a kind that facts are made of; of user events, only those of our own dialplan are. */
export const isListed = (frame: Frame) =>
  FACTS.has(frame.name) && !OFTEN_NOTHING.has(frame.name) && (frame.name !== 'UserEvent' || isOurs(frame))
/** Whole, and often no fact: of devices that are no phones, and of channels that are dialled. */
const OFTEN_NOTHING: ReadonlySet<string> = new Set(['DeviceStateChange', 'NewCallerid'])

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
  'CONTINUE',
  'GOTO',
])
const isDialStatus = (text: string): text is DialStatus => DIAL_STATUSES.has(text)

/** A subroutine of the dialplan writes it as it likes: `continue`, `GOTO:phones^1003^1`. */
function dialStatusOf(frame: Frame): DialStatus | undefined {
  const [status = ''] = told(frame, 'DialStatus').toUpperCase().split(':', 1)
  return isDialStatus(status) ? status : undefined
}

/** SoftHangupRequest's Cause is a set of flags, not Q.850: 32 means that somebody asked for it explicitly. */
const EXPLICIT = 32
const softAsked = (frame: Frame): HangupAsked => ((Number(frame.get('Cause')) & EXPLICIT) !== 0 ? 'command' : 'pbx')
/** The PBX is being stopped, and hangs up every channel. */
const SHUTDOWN = 4
const isStopping = (frame: Frame) => (Number(frame.get('Cause')) & SHUTDOWN) !== 0

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
    NewCallerid: ofLeg((leg, frame, at) =>
      runsDialplan(frame)
        ? { type: 'caller.changed', at, leg, caller: callerOf(frame), ...(isWithheld(frame) && { withheld: true }) }
        : undefined,
    ),
    DialBegin: ofLeg((leg, frame, at) => {
      const by = legOf(frame)
      const dialString = told(frame, 'DialString')
      return {
        type: 'dial.begun',
        at,
        leg,
        ...(by && { by }),
        dialled: numberOf(frame, 'DestCallerIDNum'),
        ...(dialString && { dialString }),
        shown: told(frame, 'DestConnectedLineNum'),
      }
    }, 'DestUniqueid'),
    DialEnd: ofLeg((leg, frame, at) => {
      const by = legOf(frame)
      const status = dialStatusOf(frame)
      const forwardedTo = told(frame, 'Forward')
      return status && { type: 'dial.ended', at, leg, ...(by && { by }), status, ...(forwardedTo && { forwardedTo }) }
    }, 'DestUniqueid'),
    BridgeEnter: ofLeg((leg, frame, at) => {
      const bridge = bridgeOf(frame)
      const replaces = legOf(frame, 'SwapUniqueid')
      const holding = frame.get('BridgeTechnology') === HOLDING
      const room = frame.get('BridgeCreator') === CONFERENCE ? told(frame, 'BridgeName') : ''
      return (
        bridge && {
          type: 'bridge.entered',
          at,
          leg,
          bridge,
          holding,
          ...(replaces && { replaces }),
          ...(room && { room }),
        }
      )
    }),
    BridgeLeave: ofLeg((leg, frame, at) => {
      const bridge = bridgeOf(frame)
      const holding = frame.get('BridgeTechnology') === HOLDING
      return bridge && { type: 'bridge.left', at, leg, bridge, ...(holding && { holding }) }
    }),
    HangupRequest: ofLeg((leg, frame, at) => ({ type: 'hangup.asked', at, leg, by: 'far-side', ...causeOf(frame) })),
    SoftHangupRequest: ofLeg((leg, frame, at) => ({
      ...{ type: 'hangup.asked', at, leg, by: softAsked(frame) },
      ...(isStopping(frame) && { stopping: true }),
    })),
    Hangup: ofLeg((leg, frame, at) => ({ type: 'channel.gone', at, leg, ...causeOf(frame) })),
    OriginateResponse: (frame, at) => {
      const id = legOf(frame)
      const leg = id === '<null>' ? undefined : id
      const actionId = told(frame, 'ActionID')
      return { type: 'originate.ended', at, actionId, ok: frame.get('Response') === 'Success', ...(leg && { leg }) }
    },
    MixMonitorStart: ofLeg((leg, _, at) => ({ type: 'mix.changed', at, leg, state: 'on' })),
    MixMonitorStop: ofLeg((leg, _, at) => ({ type: 'mix.changed', at, leg, state: 'done' })),
    MixMonitorMute: ofLeg((leg, frame, at) => {
      // One direction that is silent leaves the other on the recording.
      if (frame.get('Direction') !== 'both') return undefined
      return { type: 'mix.changed', at, leg, state: frame.get('State') === '1' ? 'paused' : 'resumed' }
    }),
    ...QUEUE_EVENTS,
    ...TRANSFER_EVENTS,
  }),
)
