/** The wiring of where a PBX's events are kept: its journal, and who is told when it is of use. No logic. */
import type { Config } from './config.js'
import type { Logger } from './logger.js'
import type { Metrics } from './metrics.js'
import { Fenced } from './store/event-log.js'
import type { ForeignTold } from './store/foreign.js'
import { openJournal, type Journal } from './store/journal.js'
import type { KeptLogTold } from './store/kept-log.js'

const MEGABYTE = 1 << 20

export async function openJournalOf(pbx: string, { events, redis }: Config, logger: Logger): Promise<Journal> {
  const { dir, maxMb } = events.journal
  const journal = await openJournal({ dir, name: `${redis.prefix}-${pbx}`, maxBytes: maxMb * MEGABYTE })
  if (journal.cut > 0) logger.warn({ bytes: journal.cut }, 'the journal ended in a line that was not whole')
  return journal
}

/** A fault is logged when it begins, changes and ends, and counted each time. */
export function storeTold(
  label: { pbx: string },
  logger: Logger,
  metrics: Metrics,
  fenced: () => void,
): Omit<KeptLogTold, 'restored'> {
  let fault = ''
  return {
    failed(error) {
      metrics.storeErrors.inc(label)
      if (error instanceof Fenced) fenced()
      if (String(error) === fault) return
      fault = String(error)
      logger.warn({ err: error }, 'Redis or the journal does not take events')
    },
    state(state) {
      if (state === 'redis') fault = ''
      logger[state === 'redis' ? 'info' : state === 'journal' ? 'warn' : 'error']({ state }, 'where events go')
    },
    dropped: events => metrics.journalDropped.inc(label, events),
    lost(after, before) {
      metrics.logLost.inc(label, before - after - 1)
      logger.error({ after, before }, 'events are lost to the log: its readers are told that they are gone')
    },
    foreign: () => logger.error('a journal that does not belong to this log was set aside'),
  }
}

/** Counted each time, and logged by where it was, never by what it held. */
export const foreignTold =
  (label: { pbx: string }, logger: Logger, metrics: Metrics): ForeignTold =>
  what => {
    metrics.foreign.inc(label)
    logger.error({ what }, 'something in Redis under our names is not ours')
  }
