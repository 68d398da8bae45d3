/** The state of a link, as AMI and ARI keep it: what it is, since when, and what led to it. Touches nothing but the clock. */
import type { Clock } from '../base/clock.js'
import type { LinkState, LinkStatus, LinkTold, SessionStatus } from './link.js'

type LinkTrack = {
  status: () => LinkStatus
  /** A new state, and why; the reason stays until the link is ready. */
  become: (state: LinkState, why?: string) => void
  version: (version: string | undefined) => void
  opened: (session: string) => void
  ponged: (session: string, pingMs: number) => void
  /** Every session has ended. */
  closed: () => void
}

export function trackLink(clock: Clock, sessions: readonly string[], told: LinkTold = {}): LinkTrack {
  let state: LinkState = 'stopped'
  let since = clock.now()
  let reconnects = -1
  let version: string | undefined
  let lastError: string | undefined
  const none = () => new Map<string, SessionStatus>(sessions.map(name => [name, { open: false }]))
  let open = none()

  const status = (): LinkStatus => ({
    state,
    since,
    reconnects: Math.max(0, reconnects),
    sessions: Object.fromEntries(open),
    ...(version === undefined ? {} : { version }),
    ...(lastError === undefined ? {} : { lastError }),
  })

  return {
    status,
    become(next, why) {
      const error = next === 'ready' ? undefined : (why ?? lastError)
      if (next === state && error === lastError) return
      if (next !== state) since = clock.now()
      if (next === 'ready') reconnects += 1
      state = next
      lastError = error
      told.changed?.(status())
    },
    version: found => (version = found ?? version),
    opened: session => void open.set(session, { open: true }),
    ponged(session, pingMs) {
      if (open.get(session)?.open) open.set(session, { open: true, pingMs })
    },
    closed: () => (open = none()),
  }
}
