/** When agents are told of though their state is the same: as soon as anything else of what is shown is another. */
import type { EpochMs } from '../base/ids.js'
import type { Site } from '../calls/site.js'
import { agentEvent, type PublicEvent } from '../events/event.js'
import { viewOf } from './agents.js'
import type { Applied } from './apply.js'
import type { PbxState } from './state.js'

export function createAgentTeller(site: Site, state: PbxState, now: () => EpochMs) {
  const told = new Map<string, string>()
  return {
    /** Those who are not as they were, beside what was told of them in the same moment. */
    news: ({ agents, told: toldNow }: Applied): PublicEvent[] =>
      [...agents].flatMap(staff => {
        const agent = state.agents.get(staff)
        // What is under way is told when it has come about.
        if (!agent || agent.asking) return []
        const text = JSON.stringify({ ...viewOf(site, state, agent, now()), revision: 0 })
        const isNew = agent.revision === 0 && agent.now.state === 'signed-out'
        const last = toldNow.get(staff) === agent ? text : told.get(staff)
        told.set(staff, text)
        if (text === last || isNew) return []
        const next = { ...agent, revision: agent.revision + 1 }
        state.agents.set(staff, next)
        return agentEvent(now(), viewOf(site, state, next, now()))
      }),
  }
}
