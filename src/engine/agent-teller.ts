/**
 * When agents are told of though their state is the same: as soon as anything else of what is shown is another. What the API
 * answers of an agent is what was last told; so it is after the daemon was started again.
 */
import type { EpochMs } from '../base/ids.js'
import type { Site } from '../calls/site.js'
import type { AgentView } from '../events/agent.js'
import { agentEvent, type PublicEvent } from '../events/event.js'
import { viewOf } from './agents.js'
import type { Applied } from './apply.js'
import type { PbxState } from './state.js'

const textOf = (view: AgentView) => JSON.stringify({ ...view, revision: 0 })

export function createAgentTeller(site: Site, state: PbxState, now: () => EpochMs) {
  const published = state.shownAgents

  /** Beside what was told of them in the same moment. */
  function news(staff: string, toldNow: AgentView | undefined): PublicEvent[] {
    const agent = state.agents.get(staff)
    if (toldNow) published.set(staff, toldNow)
    if (!agent) published.delete(staff)
    // What is under way is told when it has come about.
    if (!agent || agent.asking) return []
    const view = viewOf(site, state, agent, now())
    const last = published.get(staff)
    if (last && textOf(last) === textOf(view)) return []
    const isNew = agent.revision === 0 && agent.now.state === 'signed-out'
    const next = isNew ? view : { ...view, revision: agent.revision + 1 }
    published.set(staff, next)
    if (isNew) return []
    state.agents.set(staff, { ...agent, revision: next.revision })
    return [agentEvent(now(), next)]
  }

  return {
    /** Those who are not as they were. */
    news: ({ agents, told }: Applied): PublicEvent[] => [...agents].flatMap(staff => news(staff, told.get(staff))),
    /** As they were last told of; undefined if they never were. */
    view: (staff: string): AgentView | undefined => {
      const last = published.get(staff)
      return last && last.revision > 0 ? last : undefined
    },
  }
}
