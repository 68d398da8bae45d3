/** Every story that a real PBX is made to tell, by the part of the model that it is for. */
import { PLAIN } from './plain.js'
import { ANSWERED, NOT_ANSWERED, STRATEGIES } from './queues.js'
import type { Stories } from './stage.js'

export const GROUPS = {
  plain: PLAIN,
  'queue-answered': ANSWERED,
  'queue-strategies': STRATEGIES,
  'queue-not-answered': NOT_ANSWERED,
} as const satisfies Readonly<Record<string, Stories>>

export const STORIES: Stories = Object.assign({}, ...Object.values(GROUPS)) as Stories
