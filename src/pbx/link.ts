/** The port to a PBX: AMI and ARI implement it, the engine uses it, and neither knows the other. */
import type { ErrorCode } from '../base/errors.js'
import type { Result } from '../base/result.js'
import type { Action } from './actions.js'
import type { ChannelSeen, PbxFact } from './facts.js'

export type LinkState = 'connecting' | 'ready' | 'stopped'

export type LinkStatus = {
  state: LinkState
  /** The PBX's version, once known. */
  version?: string
  /** Why the last connection ended or could not be made. */
  lastError?: string
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
  status: () => LinkStatus
  stop: () => Promise<void>
}
