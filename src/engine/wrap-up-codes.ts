/**
 * Wrap-up codes: an agent says what became of a call, by a command about the call or with what ends their wrap-up. The code is
 * noted on the call, wherever that is, and a wrap-up that has waited for it goes on. Touches the clock.
 */
import { stateOf, type Agent } from '../agents/state.js'
import type { AgentFact } from '../agents/reduce.js'
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { isWrapUpCode } from '../directory/state.js'
import type { Right } from '../events/directory.js'
import type { CallView } from '../events/call.js'
import { iso } from '../events/event.js'
import { workgroupBrought } from '../events/routing.js'
import type { Asker } from './agent-commands.js'
import type { createNotes } from './notes.js'
import { callBy, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  clock: Clock
  notes: () => Pick<ReturnType<typeof createNotes>, 'find' | 'wrapUp'>
  tell: (staff: string, fact: AgentFact) => void
  may: (by: Asker, right: Right, staff?: string) => ErrorCode | undefined
}

export type CodeAsked = { code: string; agent?: string }

/** Those who have talked in it. */
const agentsIn = ({ legs }: CallView): string[] => [
  ...new Set(legs.flatMap(l => (l.agent !== undefined && l.answeredAt !== undefined && !l.role ? [l.agent] : []))),
]

/** For which workgroup they had it. */
const queueOf = ({ offers, routing }: CallView, staff: string) =>
  offers.findLast(o => o.agent === staff && o.result === 'answered')?.queue ?? workgroupBrought(routing)

export function createWrapUpCodes({ state, clock, notes, tell, may }: Parts) {
  const isCode = (queue: string | undefined, code: string) => isWrapUpCode(state.directory, queue, code)
  const nowOf = (id: string) => callBy(state, id as CallId)?.id ?? id

  async function give(id: string, agent: string, queue: string | undefined, code: string) {
    const at = clock.now()
    const given = { agent, code, ...(queue !== undefined && { queue }), at: iso(at) }
    const noted = await notes().wrapUp(id as CallId, given)
    const waits = state.agents.get(agent)?.wrapUp?.call
    const isIt = waits !== undefined && nowOf(waits) === nowOf(id)
    if (noted.ok) tell(agent, { type: 'wrap-up.coded', at: clock.now(), call: isIt ? waits : nowOf(id) })
    return noted
  }

  return {
    ofCall: async (id: CallId, { code, agent }: CodeAsked, by: Asker): Promise<Result<CallView, ErrorCode>> => {
      const call = await notes().find(id)
      if (!call) return no('CALL_NOT_FOUND')
      const talked = agentsIn(call)
      const own = by.staff !== undefined && talked.includes(by.staff) ? by.staff : undefined
      const staff = agent ?? own ?? (talked.length === 1 ? talked[0] : undefined)
      if (staff === undefined) return no(talked.length === 0 ? 'NOT_IN_CALL' : 'WHO_UNCLEAR')
      const forbidden = may(by, 'supervise', staff)
      if (forbidden) return no(forbidden)
      if (!talked.includes(staff)) return no('NOT_IN_CALL')
      const queue = queueOf(call, staff)
      if (!isCode(queue, code)) return no('WRAP_UP_CODE_UNKNOWN')
      return by.dryRun ? ok(call) : give(call.id, staff, queue, code)
    },
    /** With what ends the wrap-up of this agent. */
    ofWrapUp: async (agent: Agent, code: string, by: Asker): Promise<ErrorCode | undefined> => {
      const { wrapUp, staff } = agent
      if (!wrapUp || wrapUp.over || stateOf(agent).state !== 'wrap-up') return 'NOT_IN_WRAP_UP'
      if (!isCode(wrapUp.queue, code)) return 'WRAP_UP_CODE_UNKNOWN'
      if (by.dryRun) return undefined
      const given = await give(wrapUp.call, staff, wrapUp.queue, code)
      return given.ok ? undefined : given.error
    },
  }
}
