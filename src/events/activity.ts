/** What can be asked of the activity log and of the audit trail: one shape for the API that asks and for what answers. */
import type { EpochMs } from '../base/ids.js'
import type { Activity, AgentState } from './agent.js'
import type { DirectoryChange, Kind } from './directory.js'

/** Of what overlaps with the time; `from` included, `until` not. */
export type ActivitySearch = {
  agent?: string
  state?: AgentState
  from: EpochMs
  /** Now, if left out. */
  until?: EpochMs
  order?: 'newest' | 'oldest'
  limit: number
  after?: string
}
export type ActivityPage = { items: Activity[]; next?: string }

export type AuditSearch = { kind?: Kind; entry?: string; by?: string; limit: number; after?: string }
export type AuditPage = { changes: DirectoryChange[]; next?: string }
