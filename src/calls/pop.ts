/** What is told of a call from outside when it rings at a phone: who it is, how they came, what was before. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { Party } from '../events/call-parts.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'
import type { PastCall, Pop } from '../events/pop.js'
import type { LegFact } from '../pbx/facts.js'
import { lastTalker } from './last-talker.js'
import { placeOf, type Site } from './site.js'
import { isLive, isParty, withLeg, type Call, type Leg } from './state.js'

/** How many calls before are told of. */
export const MOST_PAST = 5

export const legOffered = (call: Call, { leg }: Extract<LegFact, { type: 'leg.offered' }>): Call =>
  withLeg(call, leg, l => (isLive(l) && !l.offered ? { ...l, offered: true } : l))

/** Who is outside; calls inside pop up nowhere. */
export function customerOf({ direction, from, to }: Call): Party | undefined {
  const customer = direction === 'outbound' ? to : from
  return customer.extension === undefined ? customer : undefined
}

/** Phones that ring with somebody from outside, of whom it has not been told. */
export const unoffered = (call: Call): (Leg & { extension: string })[] =>
  customerOf(call) === undefined ? [] : call.legs.filter(rings).filter(l => !l.offered)

const rings = (leg: Leg): leg is Leg & { extension: string } =>
  isParty(leg) && isLive(leg) && leg.side === 'callee' && leg.ringingAt !== undefined && leg.extension !== undefined

type Known = {
  at: EpochMs
  customer: Party
  agent: string | undefined
  home: Area
  /** The calls with them that the history has, the newest first; undefined where that is not known. */
  past: readonly CallView[] | undefined
}

export function popOf(site: Site, call: Call, leg: Leg & { extension: string }, known: Known): Omit<Pop, 'links'> {
  const { customer, agent, at, home } = known
  const id = call.routing?.customer
  const visit = call.queues.findLast(v => v.outcome === undefined)
  const { area } = placeOf(site, customer.e164 ?? customer.number)
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
    waitedMs: Math.max(0, at - (visit?.joinedAt ?? call.startedAt)),
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
