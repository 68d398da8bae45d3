/** Agents of a small call centre, as a CRM asks for them. */
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import type { AgentView } from '../../src/events/agent.js'
import type { Answer, Crm } from './exchange.js'

export const DIRECTORY = join(CHECKOUT, 'test/given/directory.yaml')

export const agentsOf = (crm: Crm) => ({
  agent: async (staff: string) => (await crm.get<AgentView>(`/v1/agents/lab:${staff}`)).body,
  ask: <T = AgentView & { code?: string; detail?: string }>(
    staff: string,
    what: string,
    body: object = {},
  ): Promise<Answer<T>> => crm.post<T>(`/v1/agents/lab:${staff}/${what}`, body),
})

/** `ready`, `not-ready 1`, `talking`. */
export const stateOf = ({ state, reason }: AgentView) => (reason === undefined ? state : `${state} ${reason}`)
