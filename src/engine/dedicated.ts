/** Agents of a caller's own: whose they are, and how they are now. Touches the clock; history and Redis are behind its arguments. */
import { phoneOf, type Agent } from '../agents/state.js'
import { after, inTime } from '../base/clock.js'
import { lastTalker } from '../calls/last-talker.js'
import type { EpochMs } from '../base/ids.js'
import { idIn } from '../directory/state.js'
import type { CallView } from '../events/call.js'
import { DedicatedAskedSchema, DedicatedKeptSchema, type DedicatedAsked } from '../events/dedicated.js'
import { dedicate, type AgentNow, type Known } from '../routing/dedicated.js'
import type { Decision } from '../routing/decide.js'
import { createCsv } from '../routing/listed-csv.js'
import { ANONYMOUS, numbersOf } from '../routing/number-match.js'
import { createListed, type ListedParts } from './listed.js'
import type { NumberList } from './number-list.js'

type Own = {
  list: NumberList
  /** The last calls with a number, as the history has them, the newest first. */
  callsWith: (number: string) => Promise<readonly CallView[]>
  endpointOf: (extension: string) => string | undefined
}

/** The dialplan waits for two seconds in all. */
const READ_WITHIN_MS = 500
/** Until it is told that the phone of an agent rings, no other caller is sent there. */
const TAKEN_FOR_MS = 3_000

export type Dedicated = ReturnType<typeof createDedicated>

export function createDedicated(parts: ListedParts, { list, callsWith, endpointOf }: Own) {
  const { state, clock, site } = parts
  const taken = new Map<string, { until: EpochMs; revision: number }>()
  const listed = createListed<DedicatedAsked>(parts, {
    list,
    schema: DedicatedKeptSchema,
    csv: createCsv(DedicatedAskedSchema),
    right: 'dedicate',
    flawOf,
  })

  const numberOf = (workgroup: string) => state.directory.workgroups.get(workgroup)?.number

  function flawOf({ agent, workgroup, fallback }: DedicatedAsked): string | undefined {
    if ((agent === undefined) === (workgroup === undefined)) return 'agent: either that or workgroup'
    if (agent !== undefined && !state.directory.staff.has(agent)) return 'agent: is not in the directory'
    for (const [name, id] of Object.entries({ workgroup, fallback }))
      if (id !== undefined && numberOf(id) === undefined) return `${name}: is not in the directory, or has no number`
    return undefined
  }

  const isTaken = ({ staff, revision }: Agent) => {
    const last = taken.get(staff)
    return last !== undefined && last.revision === revision && last.until > clock.now()
  }

  function agentNow(id: string): AgentNow | undefined {
    if (!state.directory.staff.has(id)) return undefined
    const workgroups = (state.directory.staff.get(id)?.workgroups ?? []).map(w =>
      idIn(state.directory, 'workgroups', w.workgroup),
    )
    const agent = state.agents.get(id)
    if (!agent) return { state: 'signed-out', workgroups }
    const at = phoneOf(agent)
    const endpoint = at && endpointOf(at.extension)
    const reachable = agent.phone !== 'unavailable' && agent.phone !== 'invalid'
    return {
      state: isTaken(agent) ? 'ringing' : agent.now.state,
      workgroups,
      ...(at && endpoint !== undefined && { phone: { extension: at.extension, endpoint, reachable } }),
    }
  }

  /** Who talked with a number last: the agent who had the caller at the end of the last call, or last before a phone without one. */
  async function lastAgent(number: string, since: number): Promise<Known['last']> {
    const reading = callsWith(number).catch(() => undefined)
    const calls = (await inTime(clock, READ_WITHIN_MS, reading)) ? await reading : undefined
    if (!calls) return 'unread'
    for (const call of calls) {
      if (Date.parse(call.endedAt ?? call.startedAt) < since) return undefined
      const agent = lastTalker(call, share => share.agent !== undefined)?.agent
      if (agent !== undefined) return { agent }
    }
    return undefined
  }

  return {
    ...listed,
    agentNow,
    /** What becomes of where a call would go. `shown`: the number of the caller; `counts`: it is a call, and no question. */
    async dedicate(
      shown: string,
      dialled: string,
      decision: Decision,
      at: EpochMs,
      counts: boolean,
    ): Promise<Decision> {
      const { dedicated: rules, to } = decision
      const [number = ANONYMOUS] = numbersOf(shown, site)
      if (!rules || number === ANONYMOUS) return decision
      const { lastAgentWithinMs } = rules
      const [fitting, last] = await Promise.all([
        listed.fitting(shown, dialled, to, at),
        lastAgentWithinMs === undefined ? undefined : lastAgent(number, at - lastAgentWithinMs),
      ])
      const entry = fitting?.[0]
      const workgroups = [...state.directory.workgroups.values()].filter(w => w.number === to).map(w => w.id)
      const asked = dedicate(decision, rules, { entry, last, agent: agentNow, numberOf, workgroups })
      // Under the name that its queue has in the PBX, as everything else of the queue.
      const named = asked.workgroup === undefined ? {} : { workgroup: state.queues.nameOf(asked.workgroup) }
      const made = { ...asked, ...named }
      if (!counts) return made
      if (entry) listed.hit(entry, at)
      const rung = made.does === 'agent' ? made.wishes?.at(-1)?.agent : undefined
      const { revision = 0 } = state.agents.get(rung ?? '') ?? {}
      if (rung !== undefined) taken.set(rung, { until: after(clock, TAKEN_FOR_MS), revision })
      return made
    },
  }
}
