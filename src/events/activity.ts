/** What can be asked of the activity log and of the audit trails: one shape for the API that asks and for what answers. */
import { Type, type Static } from 'typebox'
import type { EpochMs } from '../base/ids.js'
import type { Activity, AgentState } from './agent.js'
import { closed, Time } from './call-parts.js'
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

/** One step of a supervisor who listens by command; a session is all of one leg. */
export const ListeningSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon, and a number that grows' }),
    pbx: Type.String(),
    at: Time('When'),
    by: Type.String({ description: 'Who has asked for it: `key:` and the name of an API key, or `staff:` and an id' }),
    call: Type.String(),
    leg: Type.String({ description: 'That of the phone that listens' }),
    extension: Type.Optional(Type.String({ description: 'The phone that listens' })),
    heard: Type.Optional(Type.String({ description: 'The extension that is listened to' })),
    what: Type.Enum(['listen', 'whisper', 'barge', 'end'], { description: 'How from then on, or that it is over' }),
  },
  { ...closed, $id: 'Listening', title: 'Listening' },
)
export type Listening = Static<typeof ListeningSchema>
export type ListeningSearch = {
  call?: string
  by?: string
  extension?: string
  heard?: string
  limit: number
  after?: string
}
export type ListeningPage = { items: Listening[]; next?: string }
