/** What the store had when the engine began -> the state that it begins with. */
import type { Site } from '../calls/site.js'
import { restoreAgents } from './agents.js'
import { restoreAlarms } from './alarm-teller.js'
import { restoreDials } from './dialling.js'
import { restoreDirectory } from './directory.js'
import type { Stored } from './parts.js'
import { restoreLines } from './lines.js'
import { restoreQueues } from './queues.js'
import { createState, type PbxState } from './state.js'

export function restoreState(site: Site, { calls, heardOfPbxAt }: Stored): PbxState {
  const state = createState(calls, heardOfPbxAt)
  restoreDirectory(state, calls)
  restoreQueues(site, state, calls)
  restoreAgents(state, calls)
  restoreLines(state, calls)
  restoreDials(state, calls)
  restoreAlarms(state, calls)
  return state
}
