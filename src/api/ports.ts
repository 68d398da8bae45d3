/** What the API is handed for each PBX; the shapes are those of the engine, the event log and the history. */
import type { EpochMs } from '../base/ids.js'
import type {
  ActivityPage,
  ActivitySearch,
  AuditPage,
  AuditSearch,
  ListeningPage,
  ListeningSearch,
} from '../events/activity.js'
import type { Activity } from '../events/agent.js'
import type { CallView } from '../events/call.js'
import type { FollowUp, FollowUpKind, FollowUpPage, FollowUpSearch } from '../events/follow-up.js'
import type { HistoryPage, HistorySearch } from '../events/history.js'
import type { LogEntry, Position } from '../events/log.js'
import type { Engine } from '../engine/engine.js'
import type { Prompts } from '../prompts/folder.js'
import type { RecordingFiles } from '../recordings/folder.js'
import type { Hub } from './stream/hub.js'

export type LogPage = { ok: true; entries: LogEntry[] } | { ok: false; why: 'gone' | 'unknown' }

export type StoreStatus = {
  /** Where events go now: anything but Redis is a fault that heals by itself. */
  state: 'redis' | 'journal' | 'memory'
  /** Events that Redis does not have yet. */
  waiting: number
  /** What is in Redis can be read. */
  readable: boolean
  /** How much of the journal's room is taken: 1 is all. */
  journalFilled: number
}

export type Pbx = {
  engine: Pick<
    Engine,
    | 'pbx'
    | 'dial'
    | 'routing'
    | 'blacklist'
    | 'dedicated'
    | 'area'
    | 'menus'
    | 'voicemail'
    | 'callBacks'
    | 'ringForPrompt'
    | 'mayChangePrompts'
    | 'explain'
    | 'hangup'
    | 'softphone'
    | 'recording'
    | 'note'
    | 'followedUp'
    | 'trace'
    | 'snapshot'
    | 'call'
    | 'status'
    | 'agents'
    | 'directory'
    | 'caller'
    | 'queues'
    | 'reloadQueues'
    | 'extensions'
    | 'alarms'
  >
  read: (after: Position, count: number) => Promise<LogPage>
  hub: Hub
  prompts: Prompts
  recordings: RecordingFiles
  /** Where its day begins and ends. */
  timeZone: string
  store: () => StoreStatus
  history: {
    record: (id: string) => Promise<CallView | undefined>
    search: (query: HistorySearch) => Promise<HistoryPage>
    trace: (id: string) => Promise<{ whole: boolean; facts: { type: string; at: number }[] } | undefined>
    item: (kind: FollowUpKind, id: string) => Promise<FollowUp | undefined>
    items: (query: FollowUpSearch) => Promise<FollowUpPage>
    activity: (query: ActivitySearch) => Promise<ActivityPage>
    activityWithin: (from: EpochMs, to: EpochMs, agent?: string) => Promise<Activity[]>
    audit: (query: AuditSearch) => Promise<AuditPage>
    listening: (query: ListeningSearch) => Promise<ListeningPage>
  }
}

/** By name, in the order of the configuration; the first is meant where none is named. */
export type Pbxs = ReadonlyMap<string, Pbx>
