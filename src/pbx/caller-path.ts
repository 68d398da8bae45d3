/**
 * What a caller goes through with the daemon: where they are sent and why, their way through the menus, and a survey. Facts carry
 * these, so that a trace gives the same call.
 */
import type { EpochMs, LegId } from '../base/ids.js'

export type RouteRule =
  | 'route'
  | 'no-route'
  | 'open'
  | 'closed'
  | 'holiday'
  | 'exception'
  | 'emergency'
  | 'blacklist'
  | 'allowed'
  | 'not-screened'
  | 'area'
  | 'dedicated'
  | 'last-agent'
  | 'fallback'
  | 'daemon-away'

export type Wish = {
  by: 'dedicated' | 'last-agent'
  agent?: string
  workgroup?: string
  /** Why it was not granted. */
  skipped?:
    | 'unknown'
    | 'signed-out'
    | 'not-ready'
    | 'busy'
    | 'wrap-up'
    | 'unreachable'
    | 'other-workgroup'
    | 'no-number'
    | 'unread'
}

/** Where a caller was sent, and why: see RoutingSchema of src/events/routing.ts. */
export type Routed = {
  does: 'number' | 'agent' | 'ivr' | 'voicemail' | 'message' | 'busy' | 'hangup' | 'dialplan' | 'fallback'
  to?: string
  /** Where the call goes when the agent does not answer. */
  then?: string
  /** For which workgroup the phone of the agent rings. */
  workgroup?: string
  /** Who the caller is, as the entry of the dedicated list says. */
  customer?: string
  /** To whom the caller was to go first. */
  wishes?: Wish[]
  because: { rule: RouteRule; name?: string }[]
}

/** One node of a menu that a caller came to, and what came of it. */
export type WalkStep = { ivr: string; node: string; at: EpochMs; key?: string; result?: string; times?: number }
/** A caller's way through the menus; see IvrSchema of src/events/ivr.ts. */
export type Walk = {
  leg: LegId
  /** Where they are: the last one; before it, where they go on when a menu within a menu is over. */
  at: { ivr: string; node: string }[]
  /** How often they have been asked there, and the keys that they have pressed so far. */
  times: number
  keys: string
  language?: string
  variables: Readonly<Record<string, string>>
  steps: WalkStep[]
  endedAt?: EpochMs
  /** `gone`: where a node says; `end`: the menu has hung up; `hung-up`: the caller has; `lost`: the menu did not go on. */
  ended?: 'gone' | 'end' | 'hung-up' | 'lost'
}

/** A survey of one caller: what they were asked, and what they answered; see SurveySchema of src/events/survey.ts. */
export type Surveyed = {
  name: string
  /** Who is asked, and the agent's leg that it is about. */
  leg: LegId
  of?: LegId
  /** No command has asked for it. */
  automatic?: true
  startedAt?: EpochMs
  endedAt?: EpochMs
  /** Those that were asked, in their order; `times`: how often. */
  questions: {
    id: string
    times: number
    key?: string
    meaning?: string
    score?: number
    answeredAt?: EpochMs
  }[]
  /** The name of the recording of what they had to say. */
  comment?: string
  outcome?: 'completed' | 'partly' | 'not-answered' | 'hung-up' | 'not-offered'
}
