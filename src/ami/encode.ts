/**
 * An action -> the text to send. The only place where anything for the PBX is encoded. Pure; the socket lives in
 * connection.ts. AMI ends a line at LF, with or without CR, and a NUL cuts: a control character in a value would start
 * a header or an action of its own, so it is refused, never stripped.
 */
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, unreachable, type Result } from '../base/result.js'
import { ENDPOINT } from '../pbx/dial-string.js'
import { NAMES } from '../pbx/names.js'
import { CODE_ANSWERS, VARIABLES, type Action, type CallAction, type VariableName } from '../pbx/actions.js'

export type Fields = readonly (readonly [header: string, value: string])[]

/** What a snapshot is made of. */
export const LISTS = ['BridgeList', 'QueueStatus', 'ParkedCalls', 'DeviceStateList', 'CoreShowChannels'] as const
/** What the link itself asks; everything else it may send is in pbx/actions.ts. */
const OWN_ACTIONS = ['Login', 'Logoff', 'Events', 'Ping', ...LISTS] as const
/** What the doctor asks, to say what is missing; nothing is changed by it. */
const QUESTIONS = ['CoreSettings', 'ListCommands', 'Getvar'] as const
/** What the daemon does with the members and the callers of queues. */
const QUEUE_ACTIONS = [
  'QueueAdd',
  'QueueRemove',
  'QueuePause',
  'QueuePenalty',
  'QueueChangePriorityCaller',
  'Redirect',
  'QueueReload',
] as const
/** What it does with the legs of calls. */
const CALL_ACTIONS = [
  'BlindTransfer',
  'Atxfer',
  'CancelAtxfer',
  'PlayDTMF',
  'Park',
  'ConfbridgeLock',
  'ConfbridgeUnlock',
] as const
const ACTIONS = [
  ...['Originate', 'Hangup', 'Setvar'],
  ...QUEUE_ACTIONS,
  ...CALL_ACTIONS,
  ...OWN_ACTIONS,
  ...QUESTIONS,
] as const
export type ActionName = (typeof ACTIONS)[number]

/** Asterisk cuts a line at 1,024 bytes, header included. */
const MAX_VALUE_BYTES = 512

const UNSENDABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/u
const HEADER = /^[A-Za-z]{1,40}$/

/** Getvar reads whatever the PBX has, the secrets in its files included: these it may read, and nothing else. */
const READABLE = [
  new RegExp(`^(${NAMES.outgoingContextGlobal}|${NAMES.fallbackGlobal})$`),
  /^DIALPLAN_EXISTS\([\w.-]{1,80}(,\+?[0-9*#]{1,32},1)?\)$/,
  /^AST_CONFIG\(manager\.conf,general,timestampevents,-1\)$/,
  /^AST_CONFIG\(manager\.conf,[\w.@-]{1,80},(read|writetimeout),-1\)$/,
  /^FEATURE(MAP)?\([a-z]{1,40}\)$/,
  /^DEVICE_STATE\(PJSIP\/[\w.+-]{1,80}\)$/,
]
/** Of a channel, these and nothing else. */
const OF_CHANNEL = ['MIXMONITOR_FILENAME', 'CALLERID(num-pres)'] as const
const ofChannel =
  (variable: (typeof OF_CHANNEL)[number]) =>
  (leg: LegId): Fields => [
    ['Channel', leg],
    ['Variable', variable],
  ]
export const fileOfMix = ofChannel('MIXMONITOR_FILENAME')
export const presentationOf = ofChannel('CALLERID(num-pres)')
function readable(fields: Fields): boolean {
  const [[first, channel] = [], [second, variable] = [], ...others] = fields
  if (first === 'Channel') {
    const named = second === 'Variable' && OF_CHANNEL.some(name => name === variable) && others.length === 0
    return named && channel !== undefined && LEG.test(channel)
  }
  return fields.every(([header, value]) => header === 'Variable' && READABLE.some(pattern => pattern.test(value)))
}

/** CR LF after each line and an empty line at the end; the ActionID comes right after the name, before any value from outside. */
export function encodeFields(name: ActionName, actionId: string, fields: Fields): Result<string, ErrorCode> {
  const all: Fields = [['Action', name], ['ActionID', actionId], ...fields]
  const bad = !ACTIONS.includes(name) || all.some(([header, value]) => !HEADER.test(header) || !sendable(value))
  return bad || (name === 'Getvar' && !readable(fields))
    ? no('BAD_REQUEST')
    : ok(`${all.map(([header, value]) => `${header}: ${value}`).join('\r\n')}\r\n\r\n`)
}

const sendable = (value: string) => !UNSENDABLE.test(value) && Buffer.byteLength(value) <= MAX_VALUE_BYTES

export function fieldsOf(action: Action): Result<{ name: ActionName; fields: Fields }, ErrorCode> {
  switch (action.do) {
    case 'originate':
      return originate(action)
    case 'hangup':
      return ok({
        name: 'Hangup',
        fields: [
          // Asterisk looks a channel up by its Uniqueid, too: a name could have passed on to another channel.
          ['Channel', action.leg],
          ['Cause', String(action.causeQ850)],
        ],
      })
    case 'queue-add':
    case 'queue-remove':
    case 'queue-pause':
    case 'queue-penalty':
      return ofMember(action)
    case 'queue-reload':
      return ok({
        name: 'QueueReload',
        fields: [
          ['Members', 'no'],
          ['Rules', 'no'],
          ['Parameters', 'yes'],
        ],
      })
    case 'queue-priority':
      return preferred(action)
    case 'queue-withdraw':
      return withdrawn(action)
    case 'answer-code':
      return CODE_ANSWERS.includes(action.answer) ? variableOf(action.leg, 'answer', action.answer) : no('BAD_REQUEST')
    case 'tell-extension':
      return EXTENSION.test(action.extension)
        ? variableOf(action.leg, 'extension', action.extension)
        : no('BAD_REQUEST')
    case 'light':
      return lit(action)
    case 'transfer':
    case 'consult':
    case 'cancel-consult':
    case 'press':
    case 'play-key':
    case 'silence':
    case 'keep':
    case 'park':
    case 'lock-room':
      return ofCall(action)
    // ARI's.
    case 'attach':
    case 'play-music':
    case 'play-tone':
    case 'detach':
    case 'record':
    case 'recording':
    case 'drop-recording':
    case 'copy-recording':
    case 'go-on':
    case 'set-priority':
    case 'set-target':
    case 'let-go':
    case 'answer':
    case 'say':
    case 'hush':
    case 'record-voice':
      return no('BAD_REQUEST')
    default:
      return unreachable(action)
  }
}

type Encoded = Result<{ name: ActionName; fields: Fields }, ErrorCode>
type Of<D extends Action['do']> = Extract<Action, { do: D }>

const QUEUE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}$/
/** Of a member or a reason: nothing that could end a field of queue_log, or be read as more than a word. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/

/** As the PBX itself has named them: queues of any name, members that lead through the dialplan (`Local/2001@from-queue/n`). */
const NAMED = /^[^|]{1,128}$/
const MEMBER = /^[A-Za-z0-9]+\/[^\s,|&]{1,120}$/
/** Where a member is added: the queue dials it. */
const DIALLED = /^[A-Za-z0-9]+\/[A-Za-z0-9_.+-]+(@[A-Za-z0-9_.-]+(\/n)?)?$/
const STATE = /^(hint:|Custom:|[A-Za-z0-9]+\/)[A-Za-z0-9_.+-]+(@[A-Za-z0-9_.-]+)?$/

function ofMember(action: Of<'queue-add' | 'queue-remove' | 'queue-pause' | 'queue-penalty'>): Encoded {
  const { interface: at, queue } = action
  const penalty = 'penalty' in action ? action.penalty : 0
  const reason = 'reason' in action ? action.reason : ''
  const sound =
    MEMBER.test(at) &&
    (queue === undefined || NAMED.test(queue)) &&
    (reason === '' || WORD.test(reason)) &&
    Number.isInteger(penalty) &&
    penalty >= 0
  if (!sound || (action.do === 'queue-add' && !isAddable(action))) return no('BAD_REQUEST')
  const place = [...(queue === undefined ? [] : [['Queue', queue] as const]), ['Interface', at] as const]
  const why = reason === '' ? [] : [['Reason', reason] as const]
  switch (action.do) {
    case 'queue-add':
      return ok({
        name: 'QueueAdd',
        fields: [
          ...place,
          ['MemberName', action.name],
          ...(action.stateInterface === undefined ? [] : [['StateInterface', action.stateInterface] as const]),
          ['Penalty', String(penalty)],
          ['Paused', String(action.paused)],
          ...(action.paused ? why : []),
        ],
      })
    case 'queue-remove':
      return ok({ name: 'QueueRemove', fields: place })
    case 'queue-pause':
      return ok({ name: 'QueuePause', fields: [...place, ['Paused', String(action.paused)], ...why] })
    case 'queue-penalty':
      return ok({ name: 'QueuePenalty', fields: [...place, ['Penalty', String(penalty)]] })
  }
}

const isAddable = ({ queue, interface: at, name, stateInterface }: Of<'queue-add'>) =>
  QUEUE.test(queue) &&
  DIALLED.test(at) &&
  WORD.test(name) &&
  (stateInterface === undefined || STATE.test(stateInterface))

const CHANNEL = /^[A-Za-z0-9]+\/[A-Za-z0-9_.+@;:/-]{1,120}$/
/** Whoever is led out of a queue goes to one of these, and to a number that the context takes. */
const WITHDRAWN: readonly string[] = [NAMES.withdrawnContext, NAMES.sentAwayContext]
const DIGITS = /^[0-9*#]{1,32}$/

/**
 * QueueWithdrawCaller leaves it to the dialplan behind `Queue()` where they go on, and waits while phones ring. Asterisk looks a
 * channel up by its Uniqueid, too: a name could have passed on to another channel.
 */
const withdrawn = ({ leg, context, exten }: Of<'queue-withdraw'>): Encoded =>
  LEG.test(leg) && WITHDRAWN.includes(context) && DIGITS.test(exten)
    ? ok({
        name: 'Redirect',
        fields: [
          ['Channel', leg],
          ['Context', context],
          ['Exten', exten],
          ['Priority', '1'],
        ],
      })
    : no('BAD_REQUEST')

function preferred(action: Of<'queue-priority'>): Encoded {
  const { queue, channel } = action
  if (!QUEUE.test(queue) || !CHANNEL.test(channel)) return no('BAD_REQUEST')
  const place = [['Queue', queue] as const, ['Caller', channel] as const]
  const { priority } = action
  if (!Number.isInteger(priority) || priority < 0 || priority > 1_000) return no('BAD_REQUEST')
  return ok({
    name: 'QueueChangePriorityCaller',
    fields: [...place, ['Priority', String(priority)], ['Immediate', 'yes']],
  })
}

/** No phone is rung: the dialplan sets it, on a pair of channels of its own. */
function lit({ leg, box, fresh, heard }: Of<'light'>): Encoded {
  const counts = [fresh, heard].every(count => Number.isSafeInteger(count) && count >= 0)
  if (!LEG.test(leg) || !/^[0-9]{1,32}$/.test(box) || !counts) return no('BAD_REQUEST')
  return ok({
    name: 'Originate',
    fields: [
      ['Channel', `Local/${box}*${fresh}*${heard}@${NAMES.lightContext}`],
      ['Context', NAMES.lightContext],
      ['Exten', 's'],
      ['Priority', '1'],
      ['Timeout', '5000'],
      ['ChannelId', leg],
      ['OtherChannelId', `${leg}.2`],
      ['Async', 'true'],
    ],
  })
}

/** Asterisk looks a channel up by its Uniqueid, too: a name could have passed on to another channel. */
function ofCall(action: CallAction): Encoded {
  const { leg } = action
  if (!LEG.test(leg)) return no('BAD_REQUEST')
  const channel = ['Channel', leg] as const
  const variable = (name: string, value: string): Encoded =>
    ok({ name: 'Setvar', fields: [channel, ['Variable', name], ['Value', value]] })
  switch (action.do) {
    case 'transfer':
    case 'consult': {
      const { context, exten } = action
      const toSurvey = context === NAMES.surveyContext && exten === 's'
      if (!CONTEXT.test(context) || !(EXTEN.test(exten) || toSurvey)) return no('BAD_REQUEST')
      const to = [channel, ['Context', context] as const, ['Exten', exten] as const]
      return ok({ name: action.do === 'transfer' ? 'BlindTransfer' : 'Atxfer', fields: to })
    }
    case 'cancel-consult':
      return ok({ name: 'CancelAtxfer', fields: [channel] })
    case 'press':
    case 'play-key':
      if (!/^[0-9*#A-D]$/.test(action.key)) return no('BAD_REQUEST')
      return ok({
        name: 'PlayDTMF',
        fields: [channel, ['Digit', action.key], ['Receive', String(action.do === 'press')]],
      })
    case 'silence':
      return variable('VOLUME(RX)', action.on ? '-32768' : '0')
    case 'keep':
      return Number.isInteger(action.forMs) && action.forMs > 0
        ? variable('TIMEOUT(absolute)', String(action.forMs / 1_000))
        : no('BAD_REQUEST')
    case 'lock-room':
      return ROOM.test(action.room)
        ? ok({ name: action.on ? 'ConfbridgeLock' : 'ConfbridgeUnlock', fields: [['Conference', action.room]] })
        : no('BAD_REQUEST')
    case 'park':
      return ENDPOINT.test(action.back) && Number.isInteger(action.timeoutMs)
        ? ok({
            name: 'Park',
            fields: [channel, ['TimeoutChannel', `${action.back}${NO_CHANNEL}`], ['Timeout', String(action.timeoutMs)]],
          })
        : no('BAD_REQUEST')
  }
}

/**
 * Asterisk takes TimeoutChannel for the name of a channel and calls what stands before its last dash; without one, `PJSIP/SIP-1002`
 * would become `PJSIP/SIP`. Of the parker's own channel it would hang up when it has said the space to it: this is nobody's.
 */
const NO_CHANNEL = '-ffffffff'
/** The name of a channel, or the number of a parking space. */
const TARGET = /^([0-9]{1,8}|[A-Za-z0-9]+\/[A-Za-z0-9_.+@;:-]{1,120})$/
const PROMPT = /^(?!.*\.\.)\/[A-Za-z0-9_./-]{1,250}$/
const CONTEXT = /^[A-Za-z0-9_-]{1,80}$/
const ROOM = /^[A-Za-z0-9_-]{1,80}$/
const EXTEN = /^\+?[0-9*#]{1,32}$/
const LEG = /^[A-Za-z0-9_.-]{1,64}$/
const EXTENSION = /^[A-Za-z0-9*#_-]{1,32}$/

/** For the part of the dialplan that the leg is in and that waits for it. */
const variableOf = (leg: string, which: 'answer' | 'extension', value: string): Encoded =>
  LEG.test(leg)
    ? ok({
        name: 'Setvar',
        fields: [
          ['Channel', leg],
          ['Variable', NAMES[`${which}Variable`]],
          ['Value', value],
        ],
      })
    : no('BAD_REQUEST')

function originate(
  action: Extract<Action, { do: 'originate' }>,
): Result<{ name: ActionName; fields: Fields }, ErrorCode> {
  const { endpoint, context, exten, leg, callerId, ringForMs, variables } = action
  const sound =
    ENDPOINT.test(endpoint) &&
    CONTEXT.test(context) &&
    (exten === 's' || EXTEN.test(exten)) &&
    EXTEN.test(callerId) &&
    LEG.test(leg) &&
    (variables.ALADDIN_QUEUE === undefined || QUEUE.test(variables.ALADDIN_QUEUE)) &&
    (variables.ALADDIN_POSITION === undefined || /^[0-9]{1,5}$/.test(variables.ALADDIN_POSITION)) &&
    (variables.ALADDIN_PROMPT === undefined || PROMPT.test(variables.ALADDIN_PROMPT)) &&
    (variables.ALADDIN_TARGET === undefined || TARGET.test(variables.ALADDIN_TARGET))
  const names = Object.keys(variables)
  if (!sound || !names.every((name): name is VariableName => VARIABLES.some(v => v === name))) return no('BAD_REQUEST')
  return ok({
    name: 'Originate',
    fields: [
      ['Channel', endpoint],
      ['Context', context],
      ['Exten', exten],
      ['Priority', '1'],
      ['CallerID', `<${callerId}>`],
      ['Timeout', String(ringForMs)],
      ['ChannelId', leg],
      // Of a pair of Local channels, the other half.
      ...(endpoint.startsWith('Local/') ? [['OtherChannelId', `${leg}.2`] as const] : []),
      // Without it, the whole session would stand still for as long as the phone rings.
      ['Async', 'true'],
      ...Object.entries(variables).map(([name, value]) => ['Variable', `${name}=${value}`] as const),
    ],
  })
}
