/**
 * Everything the daemon may ask of a PBX; a closed list, and the only guard there is: several of Asterisk's actions
 * work for a user without any write right. An application is never named (`originate` would then be near root):
 * calls go to a context of ours.
 */
import type { LegId } from '../base/ids.js'

export type Action =
  /** Rings `endpoint` (`PJSIP/1001`); when it answers, it goes to `exten` in `context`. */
  | {
      do: 'originate'
      /** Chosen by us, so that the leg is known before it exists. */
      leg: LegId
      endpoint: string
      context: string
      exten: string
      callerId: string
      ringForMs: number
      variables: Partial<Record<VariableName, string>>
    }
  | { do: 'hangup'; leg: LegId; causeQ850: number }

/** The channel variables and functions an Originate may set. */
export const VARIABLES = ['ALADDIN_FROM', 'PJSIP_HEADER(add,Alert-Info)', 'PJSIP_HEADER(add,Call-Info)'] as const
export type VariableName = (typeof VARIABLES)[number]
