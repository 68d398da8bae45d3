/** The log: JSON lines on standard error, constant messages with fields. Numbers of callers and secrets never get in. */
import { destination, pino, type Logger } from 'pino'

export type { Logger }

export const createLogger = (level: string): Logger =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['*.secret', '*.password', '*.authorization', 'headers'],
    },
    destination({ dest: 2, sync: true }),
  )
