/** What can be asked about callers who wait: decided, sent, and answered when the PBX has shown it. */
import { phoneOf } from '../agents/state.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { legOf } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import type { Link } from '../pbx/link.js'
import { decideCaller, type CallerCommand } from '../queues/decide.js'
import type { Asker } from './agent-commands.js'
import type { Judge, Verdict } from './confirm.js'
import type { PbxState } from './state.js'

export type CallerAsked =
  | { do: 'take'; staff: string }
  | { do: 'move'; workgroup: string }
  | { do: 'send-away'; causeQ850: number }
  | { do: 'prefer'; priority: number }

type Parts = {
  state: PbxState
  link: Pick<Link, 'queues' | 'reach'>
  may: (by: Asker, right: 'callers', staff?: string) => ErrorCode | undefined
  command: (
    action: Result<Action, ErrorCode>,
    judgeOf: (actionId: string) => Judge,
    taken?: () => void,
  ) => Promise<Verdict>
}

export function createCallerCommands({ state, link, may, command }: Parts) {
  const find = (name: string, id: CallId) => {
    const call = state.mergedInto.get(id) ?? id
    const waiting = state.queues.get(name)?.waiting.find(w => w.call === call)
    const leg = waiting && legOf(state.calls.get(call) ?? { legs: [] }, waiting.leg)
    return { waiting, leg }
  }

  function commandOf(asked: CallerAsked): CallerCommand {
    if (asked.do === 'take') {
      const agent = state.agents.get(asked.staff)
      return { do: 'take', extension: agent && phoneOf(agent)?.extension, free: agent?.legs.length === 0 }
    }
    if (asked.do === 'move') return { do: 'move', number: state.directory.workgroups.get(asked.workgroup)?.number }
    return asked
  }

  /** What the PBX cannot dial, no caller is sent to: they would be hung up on. */
  async function missingAt(asked: CallerCommand): Promise<ErrorCode | undefined> {
    const to = asked.do === 'take' ? asked.extension : asked.do === 'move' ? asked.number : undefined
    const reached = to === undefined ? undefined : await link.reach?.(to)
    if (!reached) return undefined
    if (!reached.ok) return reached.error
    return reached.value.exists ? undefined : 'NUMBER_UNKNOWN'
  }

  /**
   * That a caller is out of the queue says nothing of why. `aladdin-queue` says that it was the command, and carries it out; without
   * it, what became of them is only concluded.
   */
  function leftAs(id: CallId, leg: LegId | undefined): Verdict | undefined {
    const call = state.calls.get(state.mergedInto.get(id) ?? id)
    const visit = call?.queues.findLast(v => (v.party ?? v.leg) === leg)
    if (visit?.outcome === undefined || visit.guessed) return undefined
    return visit.outcome === 'withdrawn' ? ok(undefined) : no('CALLER_NOT_FOUND')
  }

  return async function ask(name: string, id: CallId, asked: CallerAsked, by: Asker): Promise<Verdict> {
    const forbidden = may(by, 'callers', asked.do === 'take' ? asked.staff : undefined)
    if (forbidden) return no(forbidden)
    if (!state.queues.has(name)) return no('QUEUE_NOT_FOUND')
    const missing = await missingAt(commandOf(asked))
    const { waiting, leg } = find(name, id)
    const decided = decideCaller(commandOf(asked), name, waiting, leg?.name)
    const action = decided.ok && missing ? no(missing) : decided
    if (by.dryRun) return action.ok ? ok(undefined) : action
    if (asked.do !== 'prefer') return command(action, () => () => leftAs(id, waiting?.leg))
    // No event tells of a priority: the queue is read again, at once. Asterisk 16 takes it and leaves everybody where they are.
    const isSo = (): Verdict | undefined => {
      const now = find(name, id).waiting
      if (!now) return no('CALLER_NOT_FOUND')
      if (now.priority !== asked.priority) return undefined
      const all = state.queues.get(name)?.waiting ?? []
      const ahead = all.slice(0, all.indexOf(now))
      return ahead.every(w => (w.priority ?? 0) >= asked.priority) ? ok(undefined) : no('COMMAND_REFUSED')
    }
    return command(
      action,
      () => isSo,
      () => void link.queues?.(),
    )
  }
}
