/** What every story must come to: of its recording, and live. */
import { ATTENDED } from './attended.js'
import { PLAIN } from './plain.js'
import { QUEUES } from './queues.js'
import type { Stories } from './stories.js'
import { TAKEN } from './taken.js'
import { OTHERS } from './together.js'
import { TRANSFERS } from './transfers.js'

export const EXPECTED: Stories = { ...PLAIN, ...QUEUES, ...TRANSFERS, ...ATTENDED, ...TAKEN, ...OTHERS }
