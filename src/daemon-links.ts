/** The wiring of what the links of a PBX tell of themselves: to the log, and to the metrics. No logic. */
import type { Clock } from './base/clock.js'
import type { Logger } from './logger.js'
import type { Metrics } from './metrics.js'
import type { LinkStatus, LinkTold, RefusalReason } from './pbx/link.js'

const LOG_EVERY_MS = 60_000

type LinkName = 'ami' | 'ari'

/** A change of state is logged each time, a frame that is refused once a minute for each reason, with how many there were. */
export function linkTold(link: LinkName, label: { pbx: string }, clock: Clock, logger: Logger, metrics: Metrics) {
  const refusals = new Map<RefusalReason, { frames: number; loggedAt: number }>()
  return {
    changed({ state, lastError, version, reconnects }) {
      if (state === 'ready' && reconnects > 0) metrics.linkReconnects.inc({ ...label, link })
      const level = state === 'ready' || state === 'stopped' ? 'info' : state === 'connecting' ? 'warn' : 'error'
      logger[level]({ link, state, why: lastError, version }, 'link')
    },
    refused(reason) {
      metrics.framesRefused.inc({ ...label, link, reason })
      const seen = refusals.get(reason) ?? { frames: 0, loggedAt: -Infinity }
      refusals.set(reason, seen)
      seen.frames += 1
      if (clock.now() - seen.loggedAt < LOG_EVERY_MS) return
      logger.warn({ link, reason, frames: seen.frames }, 'the PBX sent what was not taken')
      Object.assign(seen, { frames: 0, loggedAt: clock.now() })
    },
    heard: ageMs => metrics.eventAge.observe(label, Math.max(0, ageMs) / 1000),
  } satisfies LinkTold
}

export function linkGauges(link: LinkName, label: { pbx: string }, status: LinkStatus, metrics: Metrics) {
  const named = { ...label, link }
  metrics.linkReady.set(named, status.state === 'ready' ? 1 : 0)
  for (const [session, { pingMs }] of Object.entries(status.sessions))
    if (pingMs !== undefined) metrics.linkPing.set({ ...named, session }, pingMs / 1000)
}
