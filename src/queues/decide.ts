/** What can be done with a caller who waits. Pure: the command and what is known, what is sent to the PBX or a refusal. */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { LegId } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
import type { PhoneState } from '../pbx/facts.js'
import { NAMES } from '../pbx/names.js'
import type { Waiting } from './state.js'

export type CallerCommand =
  /** To this phone, whoever else waits. `free`: its agent is in no call. `phone`: as the PBX has it. */
  | { do: 'take'; extension: string | undefined; free: boolean; phone?: PhoneState | undefined }
  /** `number`: of the other workgroup, as it is dialled. */
  | { do: 'move'; number: string | undefined }
  | { do: 'send-away'; causeQ850: number }
  | { do: 'prefer'; priority: number }

/** The channel that is in the queue: the caller's, or half of a Local pair in front of them. app_queue knows it by its name alone. */
export type Caller = { leg: LegId; channel: string }

export function decideCaller(
  command: CallerCommand,
  queue: string,
  waiting: Waiting | undefined,
  caller: Caller | undefined,
): Result<Action, ErrorCode> {
  if (!waiting || !caller) return no('CALLER_NOT_FOUND')
  const withdraw = (exten: string): Result<Action, ErrorCode> =>
    ok({ do: 'queue-withdraw', leg: caller.leg, context: withdrawnTo(command), exten })
  switch (command.do) {
    case 'take':
      if (command.extension === undefined) return no('NOT_SIGNED_IN')
      // From there, the caller does not come back.
      if (command.phone === 'unavailable' || command.phone === 'invalid') return no('EXTENSION_UNREACHABLE')
      return command.free && command.phone !== 'busy' ? withdraw(command.extension) : no('AGENT_BUSY')
    case 'move':
      return command.number === undefined ? no('WORKGROUP_UNKNOWN') : withdraw(command.number)
    case 'send-away':
      return withdraw(String(command.causeQ850))
    case 'prefer':
      return ok({ do: 'queue-priority', queue, channel: caller.channel, priority: command.priority })
  }
}

/** The context that carries the command out. */
export const withdrawnTo = ({ do: what }: Pick<CallerCommand, 'do'>) =>
  what === 'send-away' ? NAMES.sentAwayContext : NAMES.withdrawnContext
