/** What can be done with a caller who waits. Pure: the command and what is known, what is sent to the PBX or a refusal. */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { Action } from '../pbx/actions.js'
import type { Waiting } from './state.js'

export type CallerCommand =
  /** To this phone, whoever else waits. `free`: its agent is in no call. */
  | { do: 'take'; extension: string | undefined; free: boolean }
  /** `number`: of the other workgroup, as it is dialled. */
  | { do: 'move'; number: string | undefined }
  | { do: 'send-away'; causeQ850: number }
  | { do: 'prefer'; priority: number }

/** `channel`: the name of the caller's, by which alone the queue knows them. */
export function decideCaller(
  command: CallerCommand,
  queue: string,
  waiting: Waiting | undefined,
  channel: string | undefined,
): Result<Action, ErrorCode> {
  if (!waiting || channel === undefined) return no('CALLER_NOT_FOUND')
  const withdraw = (info: string): Result<Action, ErrorCode> => ok({ do: 'queue-withdraw', queue, channel, info })
  switch (command.do) {
    case 'take':
      if (command.extension === undefined) return no('NOT_SIGNED_IN')
      return command.free ? withdraw(`take:${command.extension}`) : no('AGENT_BUSY')
    case 'move':
      return command.number === undefined ? no('WORKGROUP_UNKNOWN') : withdraw(`move:${command.number}`)
    case 'send-away':
      return withdraw(`away:${command.causeQ850}`)
    case 'prefer':
      return ok({ do: 'queue-priority', queue, channel, priority: command.priority })
  }
}
