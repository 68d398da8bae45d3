/** What every story must come to: of its recording, and live. */
import { ACCEPTED } from './accepted.js'
import { ATTENDED } from './attended.js'
import type { ProfileName } from '../../lab/profiles.js'
import { FIELD } from './field.js'
import { LOCAL } from './local.js'
import { PLAIN } from './plain.js'
import { QUEUES } from './queues.js'
import type { Expected, Stories } from './stories.js'
import { TAKEN } from './taken.js'
import { OTHERS } from './together.js'
import { TRANSFERS } from './transfers.js'

export const EXPECTED: Stories = {
  ...PLAIN,
  ...QUEUES,
  ...TRANSFERS,
  ...ATTENDED,
  ...TAKEN,
  ...OTHERS,
  ...LOCAL,
  ...ACCEPTED,
}

/** On a PBX of this profile. */
export const expectedOf = (profile: ProfileName, story: string): Expected | undefined =>
  (profile === 'field' ? FIELD[story] : undefined) ?? EXPECTED[story]
