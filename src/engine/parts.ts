/** What an engine is made of: the rules of the site, the links and the store, and whom it tells. */
import type { Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import type { AutoAnswer } from '../calls/decide.js'
import type { Site } from '../calls/site.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'
import type { LogEntry, Position } from '../events/log.js'
import type { FollowUp, FollowUpKind } from '../events/follow-up.js'
import type { Directory } from '../directory/state.js'
import type { LegFact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import type { BlacklistRules } from '../routing/blacklist.js'
import type { RouteRules } from '../routing/decide.js'
import type { HourLimits } from '../routing/limits.js'
import type { DialRules } from '../routing/numbers.js'
import type { SealFile } from './dialplan-recordings.js'
import type { MenuSource } from './handed.js'
import type { PopLinks } from './pops.js'
import type { CallBackRules } from '../call-backs/reduce.js'
import type { QueueKeys } from './queue-keys.js'
import type { NumberList } from './number-list.js'
import type { StoredThing } from './state.js'
import type { Surveys } from './surveys.js'
import type { VoicemailRules } from './voicemail.js'
import type { Trace } from './trace.js'
import type { Appender } from './writer.js'

/** What the store had when the engine began. */
export type Stored = { last: Position; calls: StoredThing[]; heardOfPbxAt?: EpochMs }

export type EngineParts = {
  site: Site
  /** How its phone is asked to answer by itself. */
  autoAnswerOf: (extension: string) => AutoAnswer
  /** What may be dialled over the API, and how. */
  dialRules: DialRules
  /** Where calls from outside go. */
  routeRules: RouteRules
  surveys: Surveys
  /** Who of them is turned away, and who has an agent of their own. */
  blacklist: { list: NumberList; rules: BlacklistRules }
  dedicated: NumberList
  areaOf: (e164: string | undefined) => Area
  ivr: MenuSource
  voicemail: VoicemailRules
  /** Which menus keys lead to that are pressed in a queue. */
  queueKeys: QueueKeys
  callBacks: CallBackRules
  /** What the PBX calls a prompt, without an ending; undefined where there is no folder for prompts. */
  promptFile: (name: string) => string | undefined
  callersWaitMs: number
  /** How many numbers outside each may dial in an hour. */
  dialsPerHour: HourLimits
  link: Link
  /** Connected beside `link` for what AMI cannot do; its state is part of readiness. */
  ari?: Link
  stored: Stored
  append: Appender
  /** As a file says it, for a PBX that has none yet. */
  directory?: Directory
  /** What is or was to be followed up, as the history has it. */
  itemOf: (kind: FollowUpKind, id: string) => Promise<FollowUp | undefined>
  /** The last calls with a number, as the history has them, the newest first. */
  callsWith: (number: string) => Promise<readonly CallView[]>
  popLinks: PopLinks
  /** Whoever is listened to hears a tone. */
  tellListened: boolean
  /** An ended call, as the history has it. */
  recordOf: (id: string) => Promise<CallView | undefined>
  sealFile: SealFile
  clock: Clock
  newId: () => string
  commandTimeoutMs: number
  auditEveryMs: number
  /** Whether the facts of each call are kept while it lives, and told with its record. */
  traces: boolean
  told: {
    traced: (call: string, trace: Trace) => void
    written: (entries: LogEntry[]) => void
    writeFailed: (error: unknown) => void
    applied: (facts: number, events: number) => void
    /** What an audit found that the PBX had not told. */
    found: (facts: readonly LegFact[]) => void
  }
}
