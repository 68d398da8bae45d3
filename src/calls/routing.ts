/** Where the caller of a call was sent when they came in, and what it is for its outcome that they were turned away. Pure. */
import type { Routing } from '../events/routing.js'
import type { LegFact } from '../pbx/facts.js'
import { legOf, type Call, type Leg } from './state.js'

export function routed(call: Call, { leg, routing }: Extract<LegFact, { type: 'call.routed' }>): Call {
  if (!legOf(call, leg)) return call
  const { progress } = call
  const next = forWorkgroup({ ...call, routing })
  // It was over before it was known why.
  if (progress.state !== 'ended' || !isTurnedAway(next)) return next
  return { ...next, progress: { ...progress, outcome: outcomeOfRefusal(next) } }
}

/** The phone that rings for an agent of the caller's own rings for the workgroup whose call it is. */
export function forWorkgroup(call: Call): Call {
  const { routing, legs } = call
  const workgroup = routing?.does === 'agent' ? routing.workgroup : undefined
  if (workgroup === undefined || call.queues.length > 0 || call.transfers.length > 0) return call
  const isTheirs = (l: Leg) =>
    l.side === 'callee' && l.extension === routing?.to && l.queue === undefined && l.workgroup === undefined
  if (!legs.some(isTheirs)) return call
  return { ...call, legs: legs.map(l => (isTheirs(l) ? { ...l, workgroup } : l)) }
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
