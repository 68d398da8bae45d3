/** The port to a PBX: AMI and ARI implement it, the engine uses it, and neither knows the other. */
import type { ErrorCode } from '../base/errors.js'
import type { EpochMs, LegId } from '../base/ids.js'
import type { Result } from '../base/result.js'
import type { Action } from './actions.js'
import type { ChannelSeen, PbxFact } from './facts.js'

/**
 * `refused`: the PBX answers and says no, to the login; somebody has to mend that, so it is tried again ever more rarely.
 * `replaced`: another client has registered the same Stasis application, and has what was ours; it is not fought.
 */
export type LinkState = 'connecting' | 'ready' | 'refused' | 'replaced' | 'stopped'

export type SessionStatus = {
  /** Logged in, and not ended. */
  open: boolean
  /** How long the last answer to a ping took. */
  pingMs?: number
}

export type LinkStatus = {
  state: LinkState
  /** Since when it is in this state. */
  since: EpochMs
  /** How often it was ready again after it had been ready before. */
  reconnects: number
  /** By name: AMI has `events` and `actions`, ARI has `events`. */
  sessions: Readonly<Record<string, SessionStatus>>
  /** The PBX's version, once known. */
  version?: string
  /** Why the last connection ended or could not be made; goes when it is ready again. */
  lastError?: string
}

/**
 * Why something that came was not taken. `no-header`: its first line has no colon; `unasked`: a response to nothing that
 * we wait for, perhaps too late; `incomplete`: an event that lacks what makes it mean something; `too-large`: a frame or a
 * list without an end; `banner`: it is not a PBX that speaks there; `unreadable`: no JSON, or an event without a type.
 */
export type RefusalReason = 'no-header' | 'unasked' | 'incomplete' | 'too-large' | 'banner' | 'unreadable'

/** What a link tells beside facts, to be counted and logged. */
export type LinkTold = {
  /** The state has changed, or the reason why it is not ready. */
  changed?: (status: LinkStatus) => void
  refused?: (reason: RefusalReason) => void
  /** How old the first event of those that came together was, by the clock of the PBX. */
  heard?: (ageMs: number) => void
}

export type Link = {
  /** Connects, and again for ever. Facts that arrive together are handed over together. */
  start: (see: (facts: PbxFact[]) => void) => void
  /**
   * Sends one action; ok means that the PBX took it, not that it happened. Refuses with PBX_DOWN when there is no
   * connection, BAD_REQUEST when a field holds what must never be sent, COMMAND_REFUSED when the PBX says no, and
   * PBX_SILENT when it says nothing in time.
   */
  send: (action: Action, actionId: string) => Promise<Result<void, ErrorCode>>
  /** Every channel that the PBX has now; a link that cannot say has no such question. */
  channels?: () => Promise<Result<ChannelSeen[], ErrorCode>>
  /** Of these callers, whose number must not be shown; a link that cannot say has no such question. */
  withheld?: (callers: readonly ChannelSeen[]) => Promise<ReadonlySet<LegId>>
  /**
   * Where the site's phones dial, and whether `number` can be dialled there; a link that cannot say has no such question.
   * `context` is empty where the site has not named it.
   */
  reach?: (number: string) => Promise<Result<{ context: string; exists: boolean }, ErrorCode>>
  /** Whether the dialplan has a context of ours; a link that cannot say has no such question. */
  hasContext?: (context: string) => Promise<Result<boolean, ErrorCode>>
  /** The file in which the dialplan records a channel (MIXMONITOR_FILENAME), the newest where it does so twice. */
  mixFile?: (leg: LegId) => Promise<Result<string, ErrorCode>>
  /** The sound of a recording that is over (WAV); RECORDING_NOT_FOUND. */
  recording?: (name: string) => Promise<Result<Buffer, ErrorCode>>
  /** The names of all recordings that the PBX has; a link that cannot say has no such question. */
  recordings?: () => Promise<Result<string[], ErrorCode>>
  /** Reads every queue again, and tells of them as `queues.seen`: of a new one, the PBX tells nothing. */
  queues?: () => Promise<void>
  status: () => LinkStatus
  stop: () => Promise<void>
}
