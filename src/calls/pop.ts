/** What is told of a call from outside when it rings at a phone: who it is, how they came, what was before. Pure. */
import type { LegId } from '../base/ids.js'
import type { Party } from '../events/call-parts.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'
import type { CallPop, PastCall, Pop } from '../events/pop.js'
import type { LegFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { lastTalker } from './last-talker.js'
import { placeOf, type Site } from './site.js'
import { isLive, isParty, legOf, withLeg, type Call, type Leg } from './state.js'

/** How many calls before are told of. */
export const MOST_PAST = 5

/** Who is outside; calls inside pop up nowhere. */
export function customerOf({ direction, from, to }: Call): Party | undefined {
  const customer = direction === 'outbound' ? to : from
  return customer.extension === undefined ? customer : undefined
}

/** Phones that ring with somebody from outside, of whom it has not been told. */
export const unoffered = (call: Call): Called[] =>
  customerOf(call) === undefined ? [] : call.legs.filter(isCalled).filter(l => isRinging(l) && isFirstRing(call, l))

/** Those, and phones that are about to ring. */
export const toOffer = (call: Call): Called[] =>
  customerOf(call) === undefined ? [] : call.legs.filter(isCalled).filter(l => !l.offered && isFirstRing(call, l))

type Called = Leg & { extension: string }
const isCalled = (leg: Leg): leg is Called =>
  isParty(leg) && isLive(leg) && leg.side === 'callee' && leg.state !== 'up' && leg.extension !== undefined
const isRinging = (leg: Leg) => leg.ringingAt !== undefined && !leg.offered

/** Not rung by the daemon while the phone rings for this call already: it is to answer, and has been offered the call. */
export const isFirstRing = (call: Call, { id, extension, startedAt }: Leg) =>
  !id.startsWith(OWN_LEG) ||
  !call.legs.some(
    l =>
      l.id !== id &&
      l.extension === extension &&
      l.ringingAt !== undefined &&
      l.ringingAt <= startedAt &&
      (l.endedAt ?? startedAt) >= startedAt,
  )

/** One that has been answered by then, or rings no more, is not told of; what the history says may come after that. */
export function legOffered(call: Call, { leg: id, pop }: Extract<LegFact, { type: 'leg.offered' }>): Call {
  const leg = legOf(call, id)
  if (leg?.offered) return pop === undefined ? call : withHistory(call, pop as Pop)
  if (!leg || !isCalled(leg) || !isRinging(leg)) return call
  const told = withLeg(call, id, l => ({ ...l, offered: true }))
  // The trace of a call may be of a daemon that did not say it here.
  return pop === undefined ? told : { ...told, pop: withPhone(call.pop, id, pop as Pop) }
}

function withPhone(was: CallPop | undefined, leg: LegId, pop: Pop): CallPop {
  const { customer, ivr, lastAgent, history, ...phone } = pop
  return {
    ...{ customer, ivr },
    ...(lastAgent && { lastAgent }),
    ...(history && { history }),
    phones: [...(was?.phones ?? []), { leg, ...phone }],
  }
}

function withHistory(call: Call, { lastAgent, history }: Pop): Call {
  if (!call.pop || call.pop.history || !history) return call
  return { ...call, pop: { ...call.pop, ...(lastAgent && { lastAgent }), history } }
}

/** The leg with which the same phone takes the call is offered it as the one that rang. */
export function popTaken(call: Call, rang: Leg, taker: Leg): Call {
  const phone = call.pop?.phones.find(({ leg }) => leg === rang.id)
  if (!call.pop || !phone || rang.extension !== taker.extension) return call
  if (call.pop.phones.some(({ leg }) => leg === taker.id)) return call
  return { ...call, pop: { ...call.pop, phones: [...call.pop.phones, { ...phone, leg: taker.id }] } }
}

/** Of two calls that become one. */
export const bothPops = (into: CallPop | undefined, other: CallPop | undefined): CallPop | undefined =>
  into && other ? { ...into, phones: [...into.phones, ...other.phones] } : (into ?? other)

/** While the call lives, with the phones that are there. */
export function viewPop({ pop, legs, progress, mergedInto }: Call): CallPop | undefined {
  if (!pop || progress.state === 'ended' || mergedInto !== undefined) return undefined
  return { ...pop, phones: pop.phones.filter(({ leg }) => legs.some(l => l.id === leg && isLive(l))) }
}

/** What the event says of a phone. */
export function popAt(pop: CallPop | undefined, leg: LegId): Pop | undefined {
  const phone = pop?.phones.find(p => p.leg === leg)
  if (!pop || !phone) return undefined
  const [{ phones: _, ...ofCall }, { leg: __, ...ofPhone }] = [pop, phone]
  return { ...ofCall, ...ofPhone }
}

type Known = {
  customer: Party
  home: Area
  /** The calls with them that the history has, the newest first; undefined where that is not known. */
  past: readonly CallView[] | undefined
}

export function popOf(site: Site, call: Call, leg: Called, known: Known): Omit<Pop, 'links'> {
  const { customer, home } = known
  const { agent, queue } = leg
  const id = call.routing?.customer
  const visits = call.queues.filter(v => v.outcome === undefined)
  const visit = visits.findLast(v => v.queue === queue) ?? visits.at(-1)
  const way = call.direction === 'inbound' && !site.prefixedCallers ? 'shown' : 'listed'
  const { area } = placeOf(site, customer.e164 ?? customer.number, way)
  const history = known.past?.filter(({ id }) => id !== call.id).slice(0, MOST_PAST).map(briefly) // prettier-ignore
  const lastAgent = history?.find(({ agent, extension }) => (agent ?? extension) !== undefined)
  return {
    customer: {
      ...customer,
      ...(id !== undefined && { id }),
      ...(area !== undefined && { area }),
      ...(Object.keys(home).length > 0 && { home }),
    },
    extension: leg.extension,
    ...(agent !== undefined && { agent }),
    ivr: call.segments.flatMap(({ kind, name }) => (kind === 'ivr' && name !== undefined ? [name] : [])),
    ...(visit && { queue: visit.queue }),
    waitedMs: Math.max(0, (leg.ringingAt ?? call.latestAt) - (visit?.joinedAt ?? call.startedAt)),
    ...(lastAgent && { lastAgent }),
    ...(history && { history }),
  }
}

function briefly(call: CallView): PastCall {
  const { id, startedAt, direction, outcome, talkedMs } = call
  const last = lastTalker(call)
  return {
    ...{ id, startedAt, direction },
    ...(outcome !== undefined && { outcome }),
    ...(last?.agent !== undefined && { agent: last.agent }),
    ...(last?.extension !== undefined && { extension: last.extension }),
    ...(talkedMs !== undefined && { talkedMs }),
  }
}
