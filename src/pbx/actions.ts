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
  /** `name`: what queue_log calls the member. */
  | {
      do: 'queue-add'
      queue: string
      interface: string
      name: string
      penalty: number
      paused: boolean
      /** Why it is paused; empty where it is not. */
      reason: string
    }
  | { do: 'queue-remove'; queue: string; interface: string }
  /** In all its queues. */
  | { do: 'queue-pause'; interface: string; paused: boolean; reason: string }
  | { do: 'queue-penalty'; queue: string; interface: string; penalty: number }
  /** Reads what is configured of them; members stay. */
  | { do: 'queue-reload' }
  /** `channel`: the name of the one who waits, since app_queue knows no other. The higher one is the sooner answered. */
  | { do: 'queue-priority'; queue: string; channel: string; priority: number }
  /** The dialplan goes on with them; `info` tells it where: see aladdin-queue. */
  | { do: 'queue-withdraw'; queue: string; channel: string; info: string }
  /** The dialplan, which has told of a feature code, waits to hear what came of it. */
  | { do: 'answer-code'; leg: LegId; answer: CodeAnswer }

/** The channel variables and functions an Originate may set. */
export const VARIABLES = [
  'ALADDIN_FROM',
  'ALADDIN_CALLER_ID',
  'PJSIP_HEADER(add,Alert-Info)',
  'PJSIP_HEADER(add,Call-Info)',
] as const
export type VariableName = (typeof VARIABLES)[number]

/** What a phone hears when it has dialled a feature code. */
export const CODE_ANSWERS = ['signed-in', 'signed-out', 'ready', 'not-ready', 'refused'] as const
export type CodeAnswer = (typeof CODE_ANSWERS)[number]
