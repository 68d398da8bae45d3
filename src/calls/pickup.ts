/** A pickup: somebody takes the call that rings on another phone; and listening, which makes nobody a party. Pure. */
import type { LegFact } from '../pbx/facts.js'
import { popTaken } from './pop.js'
import { changedOne, isLive, isParty, legOf, withLeg, type Call, type Offer } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

/** The picker's leg stands where the one that rang stood; its own offer is answered at once. */
export function ringTaken(call: Call, { at, leg, target }: Of<'ring.taken'>): Call {
  const rang = legOf(call, target)
  const picker = legOf(call, leg)
  if (!rang || !picker || leg === target || rang.reason === 'picked-up') return call
  const offers = changedOne(
    call.offers,
    o => o.leg === target && (o.result === undefined || o.result === 'answered-elsewhere'),
    (o): Offer => ({ ...o, endedAt: o.endedAt ?? at, result: 'picked-up' }),
  )
  const queue = rang.queue === undefined ? {} : { queue: rang.queue }
  const taken: Offer = { leg, ...queue, startedAt: at, endedAt: at, result: 'answered' }
  const own = call.offers.some(o => o.leg === leg)
  const offered = popTaken({ ...call, offers: own ? offers : [...offers, taken] }, rang, picker)
  const stands = withLeg(offered, leg, l => ({
    ...l,
    ...queue,
    ...(rang.workgroup === undefined ? {} : { workgroup: rang.workgroup }),
    side: rang.side,
    ...(rang.by === undefined ? {} : { by: rang.by }),
  }))
  return withLeg(stands, target, l => (isLive(l) ? { ...l, reason: 'picked-up' } : l))
}

/** A leg that a command makes will listen: it is no party from its beginning on. */
export const legAwaited = (call: Call, { awaited, monitor }: Of<'leg.awaited'>): Call =>
  monitor ? { ...call, monitors: [...(call.monitors ?? []), { leg: awaited, by: monitor.by }] } : call

export const legListens = (call: Call, { leg, mode }: Of<'leg.listens'>): Call =>
  withLeg(call, leg, l => (l.monitor && isLive(l) && l.mode !== mode ? { ...l, mode } : l))

/** Whom it listens to is a party of the same call by then. */
export function spyBegun(call: Call, { leg, target }: Of<'spy.begun'>): Call {
  const heard = legOf(call, target)
  if (!heard || leg === target || !isParty(heard) || !isLive(heard)) return call
  const spy = legOf(call, leg)
  if (!spy || !isLive(spy) || spy.hears === target) return call
  // That its phone rang was no offer of the call.
  return withLeg({ ...call, offers: call.offers.filter(o => o.leg !== leg) }, leg, l => ({
    ...l,
    monitor: true,
    hears: target,
  }))
}
