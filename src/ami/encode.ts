/**
 * An action -> the text to send. The only place where anything for the PBX is encoded. Pure; the socket lives in
 * connection.ts. AMI ends a line at LF, with or without CR, and a NUL cuts: a control character in a value would start
 * a header or an action of its own, so it is refused, never stripped.
 */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, unreachable, type Result } from '../base/result.js'
import { NAMES } from '../pbx/names.js'
import { VARIABLES, type Action, type VariableName } from '../pbx/actions.js'

export type Fields = readonly (readonly [header: string, value: string])[]

/** What a snapshot is made of. */
export const LISTS = ['BridgeList', 'QueueStatus', 'ParkedCalls', 'CoreShowChannels'] as const
/** What the link itself asks; everything else it may send is in pbx/actions.ts. */
const OWN_ACTIONS = ['Login', 'Logoff', 'Events', 'Ping', ...LISTS] as const
/** What the doctor asks, to say what is missing; nothing is changed by it. */
const QUESTIONS = ['CoreSettings', 'ListCommands', 'Getvar'] as const
const ACTIONS = ['Originate', 'Hangup', ...OWN_ACTIONS, ...QUESTIONS] as const
export type ActionName = (typeof ACTIONS)[number]

/** Asterisk cuts a line at 1,024 bytes, header included. */
const MAX_VALUE_BYTES = 512

const UNSENDABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/u
const HEADER = /^[A-Za-z]{1,40}$/

/** Getvar reads whatever the PBX has, the secrets in its files included: these it may read, and nothing else. */
const READABLE = [
  new RegExp(`^${NAMES.outgoingContextGlobal}$`),
  /^DIALPLAN_EXISTS\([\w.-]{1,80}\)$/,
  /^AST_CONFIG\(manager\.conf,general,timestampevents,-1\)$/,
  /^AST_CONFIG\(manager\.conf,[\w.@-]{1,80},(read|writetimeout),-1\)$/,
  /^FEATURE(MAP)?\([a-z]{1,40}\)$/,
]
const readable = (fields: Fields) =>
  fields.every(([header, value]) => header === 'Variable' && READABLE.some(pattern => pattern.test(value)))

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
    default:
      return unreachable(action)
  }
}

const ENDPOINT = /^[A-Za-z0-9]+\/[A-Za-z0-9_.+-]+(@[A-Za-z0-9_.-]+)?$/
const CONTEXT = /^[A-Za-z0-9_-]{1,80}$/
const EXTEN = /^\+?[0-9*#]{1,32}$/
const LEG = /^[A-Za-z0-9_.-]{1,64}$/

function originate(
  action: Extract<Action, { do: 'originate' }>,
): Result<{ name: ActionName; fields: Fields }, ErrorCode> {
  const { endpoint, context, exten, leg, callerId, ringForMs, variables } = action
  const sound =
    ENDPOINT.test(endpoint) && CONTEXT.test(context) && EXTEN.test(exten) && EXTEN.test(callerId) && LEG.test(leg)
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
      // Without it, the whole session would stand still for as long as the phone rings.
      ['Async', 'true'],
      ...Object.entries(variables).map(([name, value]) => ['Variable', `${name}=${value}`] as const),
    ],
  })
}
