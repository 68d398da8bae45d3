/** Every story that a real PBX is made to tell, by the part of the model that it is for. */
import { ACCEPTED } from './accepted.js'
import { ATTENDED } from './attended.js'
import { BLIND } from './blind.js'
import { FIELD } from './field.js'
import { LOCAL } from './local.js'
import { PLAIN } from './plain.js'
import { PARKED_AFTER_ASKING } from './parked.js'
import { ANSWERED, NOT_ANSWERED, STRATEGIES } from './queues.js'
import type { Stories } from './stage.js'
import { FORWARDED, PARKED, PICKUP } from './taken.js'
import { NOBODY, TOGETHER } from './together.js'

export const GROUPS = {
  plain: PLAIN,
  'queue-answered': ANSWERED,
  'queue-strategies': STRATEGIES,
  'queue-not-answered': NOT_ANSWERED,
  'blind-transfers': BLIND,
  'attended-transfers': ATTENDED,
  pickup: PICKUP,
  forwarded: FORWARDED,
  parked: PARKED,
  'parked-after-asking': PARKED_AFTER_ASKING,
  together: TOGETHER,
  nobody: NOBODY,
  local: LOCAL,
  accepted: ACCEPTED,
} as const satisfies Readonly<Record<string, Stories>>

export const STORIES: Stories = Object.assign({}, ...Object.values(GROUPS)) as Stories

/** What only a PBX with the field's habits can play; not recorded. */
export const ALL_GROUPS = { ...GROUPS, field: FIELD } as const satisfies Readonly<Record<string, Stories>>
