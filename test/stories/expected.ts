/** What every story must come to: of its recording, and live. */
import { PLAIN } from './plain.js'
import { QUEUES } from './queues.js'
import type { Stories } from './stories.js'
import { TRANSFERS } from './transfers.js'

export const EXPECTED: Stories = { ...PLAIN, ...QUEUES, ...TRANSFERS }
