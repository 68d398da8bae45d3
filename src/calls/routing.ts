/** Where the caller of a call was sent when they came in, and what it is for its outcome that they were turned away. Pure. */
import type { Routing } from '../events/routing.js'
import type { LegFact } from '../pbx/facts.js'
import { legOf, type Call } from './state.js'

export function routed(call: Call, { leg, routing }: Extract<LegFact, { type: 'call.routed' }>): Call {
  if (!legOf(call, leg)) return call
  const { progress } = call
  const next = { ...call, routing }
  // It was over before it was known why.
  if (progress.state !== 'ended' || !isTurnedAway(next)) return next
  return { ...next, progress: { ...progress, outcome: outcomeOfRefusal(next) } }
}

export const outcomeOfRefusal = ({ routing }: Call) => (routing?.does === 'hangup' ? 'rejected' : 'busy')

/** The caller has heard the engaged tone or nothing at all, and nobody was called. */
export const isTurnedAway = ({ routing, offers, queues, progress }: Call) =>
  (routing?.does === 'busy' || routing?.does === 'hangup') &&
  offers.length === 0 &&
  queues.length === 0 &&
  !('answeredAt' in progress)

/** With what came of the wish that was granted. */
export function viewRouting(call: Call): Routing | undefined {
  const { routing, offers } = call
  if (routing?.does !== 'agent' || !routing.wishes) return routing
  const offer = offers.find(o => o.queue === undefined && legOf(call, o.leg)?.extension === routing.to)
  if (offer?.result === undefined) return routing
  const { result } = offer
  return { ...routing, wishes: routing.wishes.map(wish => (wish.skipped === undefined ? { ...wish, result } : wish)) }
}
