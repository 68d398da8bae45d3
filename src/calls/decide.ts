/** May this be done, and by what action? Pure: command and view in, action or refusal out. */
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { Action, VariableName } from '../pbx/actions.js'
import { NAMES } from '../pbx/names.js'
import { isLive, isParty, type Call } from './state.js'

/** Digits, `*` and `#`, with or without a leading plus: nothing that a dialplan could read as more than a number. */
const DIALLABLE = /^\+?[0-9*#]{1,32}$/

/** How a phone is asked to answer by itself: by one SIP header, by the other, by both, or not at all, since it cannot. */
export const AUTO_ANSWERS = ['both', 'alert-info', 'call-info', 'none'] as const
export type AutoAnswer = (typeof AUTO_ANSWERS)[number]

export const autoAnswer = (how: AutoAnswer): Partial<Record<VariableName, string>> => ({
  ...(how === 'both' || how === 'alert-info'
    ? { 'PJSIP_HEADER(add,Alert-Info)': '<http://localhost>;info=alert-autoanswer;delay=0' }
    : {}),
  ...(how === 'both' || how === 'call-info' ? { 'PJSIP_HEADER(add,Call-Info)': '<sip:localhost>;answer-after=0' } : {}),
})

export type DialCommand = {
  from: string
  to: string
  /** Chosen before anything is sent, so that a fast PBX is not missed. */
  leg: LegId
  ringForMs: number
  autoAnswer: AutoAnswer
  /** What a number outside is shown, if the dialplan does as it is told. */
  callerId?: string
}

/** `endpoint`: where the extension's phone is, such as `PJSIP/1001`; undefined when there is no such extension. */
export function decideDial(command: DialCommand, endpoint: string | undefined): Result<Action, ErrorCode> {
  const { from, to, leg, ringForMs, callerId } = command
  if (!DIALLABLE.test(to)) return no('NUMBER_NOT_ALLOWED')
  if (endpoint === undefined) return no('EXTENSION_UNKNOWN')
  return ok({
    do: 'originate',
    leg,
    endpoint,
    context: NAMES.dialContext,
    exten: to,
    callerId: to,
    ringForMs,
    variables: {
      ALADDIN_FROM: from,
      ...(callerId === undefined ? {} : { ALADDIN_CALLER_ID: callerId }),
      ...autoAnswer(command.autoAnswer),
    },
  })
}

/** Hanging up the party that called ends the rest: a called phone alone may be replaced by the next in the dialplan. */
export function decideHangup(call: Call | undefined): Result<Action, ErrorCode> {
  if (!call) return no('CALL_NOT_FOUND')
  const live = call.legs.filter(l => isParty(l) && isLive(l))
  const leg = live.find(l => l.side === 'caller') ?? live[0]
  if (call.progress.state === 'ended' || !leg) return no('CALL_ENDED')
  return ok({ do: 'hangup', leg: leg.id, causeQ850: 16 })
}
