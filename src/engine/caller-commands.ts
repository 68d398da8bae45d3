/** What can be asked about callers who wait: decided, sent, and answered when the PBX has shown it. */
import { isSameQueue } from '../base/queue-map.js'
import { phoneOf } from '../agents/state.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { legOf, type Call } from '../calls/state.js'
import type { CallBackView } from '../events/call-back.js'
import type { Action } from '../pbx/actions.js'
import type { Link } from '../pbx/link.js'
import { decideCaller, withdrawnTo, type Caller, type CallerCommand } from '../queues/decide.js'
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
  callBacks: {
    waitingBy: (call: CallId) => Pick<CallBackView, 'id'> | undefined
    cancel: (id: string, by: Asker) => Promise<Result<unknown, ErrorCode>>
    move: (id: string, queue: string, send: (action: Action, call: CallId) => Promise<Verdict>) => Promise<Verdict>
  }
  link: Pick<Link, 'queues' | 'reach' | 'hasContext' | 'status'>
  may: (by: Asker, right: 'callers', staff?: string) => ErrorCode | undefined
  command: (
    action: Result<Action, ErrorCode>,
    judgeOf: (actionId: string) => Judge,
    taken?: () => void,
  ) => Promise<Verdict>
}

export function createCallerCommands({ state, callBacks, link, may, command }: Parts) {
  const find = (name: string, id: CallId) => {
    const call = state.mergedInto.get(id) ?? id
    const waiting = state.queues.get(name)?.waiting.find(w => w.call === call)
    const of = waiting && state.calls.get(call)
    return { waiting, caller: of && callerIn(of, name, waiting.leg) }
  }

  function commandOf(asked: CallerAsked): CallerCommand {
    if (asked.do === 'take') {
      const agent = state.agents.get(asked.staff)
      const extension = agent && phoneOf(agent)?.extension
      return { do: 'take', extension, free: agent?.legs.length === 0, phone: agent?.phone }
    }
    if (asked.do === 'move') return { do: 'move', number: state.directory.workgroups.get(asked.workgroup)?.number }
    return asked
  }

  /** What the PBX cannot do or dial is not tried: the caller would be hung up on. */
  async function missingAt(asked: CallerCommand): Promise<ErrorCode | undefined> {
    if (asked.do === 'prefer') return major(link.status().version) <= MOVES_NOBODY ? 'PBX_TOO_OLD' : undefined
    const has = await link.hasContext?.(withdrawnTo(asked))
    if (has?.ok === false) return has.error
    if (has?.value === false) return 'DIALPLAN_OUTDATED'
    const to = asked.do === 'take' ? asked.extension : asked.do === 'move' ? asked.number : undefined
    const reached = to === undefined ? undefined : await link.reach?.(to)
    if (!reached) return undefined
    if (!reached.ok) return reached.error
    return reached.value.exists ? undefined : 'NUMBER_UNKNOWN'
  }

  /** That a caller is out of the queue says nothing of why. Our context, which carries the command out, says that it was the command. */
  function leftAs(id: CallId, leg: LegId | undefined): Verdict | undefined {
    const call = state.calls.get(state.mergedInto.get(id) ?? id)
    const visit = call?.queues.findLast(v => (v.party ?? v.leg) === leg)
    if (visit?.outcome === undefined || visit.guessed) return undefined
    return visit.outcome === 'withdrawn' ? ok(undefined) : no('CALLER_NOT_FOUND')
  }

  /** Nobody is on the line who could be sent: another pair of channels waits in the other queue. */
  function moveCallBack(id: string, workgroup: string): Promise<Verdict> {
    const queue = state.directory.workgroups.get(workgroup)?.id
    if (queue === undefined || !state.queues.has(queue)) return Promise.resolve(no('WORKGROUP_UNKNOWN'))
    return callBacks.move(id, queue, (action, call) =>
      command(ok(action), () => () => (find(queue, call).waiting ? ok(undefined) : undefined)),
    )
  }

  async function ask(name: string, id: CallId, asked: CallerAsked, by: Asker): Promise<Verdict> {
    const forbidden = may(by, 'callers', asked.do === 'take' ? asked.staff : undefined)
    if (forbidden) return no(forbidden)
    if (!state.queues.has(name)) return no('QUEUE_NOT_FOUND')
    const missing = await missingAt(commandOf(asked))
    const { waiting, caller } = find(name, id)
    const decided = decideCaller(commandOf(asked), name, waiting, caller)
    const action = decided.ok && missing ? no(missing) : decided
    if (by.dryRun) return action.ok ? ok(undefined) : action
    const back = action.ok ? callBacks.waitingBy(state.mergedInto.get(id) ?? id) : undefined
    if (back && asked.do === 'send-away') {
      const done = await callBacks.cancel(back.id, by)
      return done.ok ? ok(undefined) : done
    }
    if (back && asked.do === 'move') return moveCallBack(back.id, asked.workgroup)
    if (asked.do !== 'prefer') return command(action, () => () => leftAs(id, waiting?.leg))
    // No event tells of a priority: the queue is read again, at once.
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

  /** One at a time: who waits goes one way only. */
  const busy = new Set<CallId>()
  return async (name: string, id: CallId, asked: CallerAsked, by: Asker): Promise<Verdict> => {
    const call = state.mergedInto.get(id) ?? id
    if (by.dryRun) return ask(name, id, asked, by)
    if (busy.has(call)) return no('CALL_BUSY')
    busy.add(call)
    try {
      return await ask(name, id, asked, by)
    } finally {
      busy.delete(call)
    }
  }
}

/** The last version that takes a priority for a caller who waits, and leaves everybody where they are. */
const MOVES_NOBODY = 16
const major = (version = '') => Number.parseInt(version, 10)

/** Whom a member has answered is in the queue for a while (`memberdelay`, an announcement): the two belong together. */
function callerIn(call: Call, queue: string, party: LegId): Caller | undefined {
  const visit = call.queues.findLast(v => (v.party ?? v.leg) === party && isSameQueue(v.queue, queue))
  const leg = visit && legOf(call, visit.leg)
  const isAnswered = call.legs.some(l => l.by === leg?.id && l.queue === visit?.queue && l.state === 'up')
  return leg && !isAnswered ? { leg: leg.id, channel: leg.name } : undefined
}
