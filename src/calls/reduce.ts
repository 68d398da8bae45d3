/**
 * One call and one fact about it make the next call and what is told of it. Pure and total: a fact that comes twice,
 * late or out of place changes nothing. Times are the PBX's. The shell decides which call a fact is about.
 */
import { callId, type CallId, type EpochMs, type LegId } from '../base/ids.js'
import { unreachable } from '../base/result.js'
import type { CallEventType } from '../events/event.js'
import { kindOfChannel, endpointOfChannel } from '../pbx/channel-name.js'
import type { LegFact, TimerFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { bridgeEntered, bridgeLeft } from './bridges.js'
import { endedByOf, outcomeOf, resultOfCause, resultOfDial } from './outcome.js'
import { extensionOf, partyOf, type Site } from './site.js'
import { isLive, isParty, legOf, withLeg, withOpenOffer, type Call, type Leg } from './state.js'

/** How long after its end a call waits for what may still come about it. */
export const SETTLE_MS = 2_000

export type CallChange = { type: CallEventType; at: EpochMs; call: Call; leg?: string }
export type Step = {
  /** Undefined when the call is over and recorded. */
  next: Call | undefined
  events: CallChange[]
  /** A timer to be set, counted from now. */
  wake?: { timer: TimerFact['timer']; inMs: number }
}

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function reduceCall(site: Site, was: Call | undefined, fact: LegFact | TimerFact): Step {
  if (fact.type === 'channel.created') return created(site, was, fact)
  if (!was) return { next: undefined, events: [] }
  if (fact.type === 'timer.fired') return settled(was, fact.at)
  if (was.progress.state === 'ended') return stay(was)
  const call = fact.inferred && !was.inferred ? { ...was, inferred: true as const } : was
  switch (fact.type) {
    case 'channel.changed':
      return changed(call, fact)
    case 'dial.begun':
      return dialBegun(site, call, fact)
    case 'dial.ended':
      return stay(dialEnded(call, fact))
    case 'bridge.entered': {
      const next = bridgeEntered(call, fact)
      const answered = next.progress.state === 'talking' && call.progress.state !== 'talking'
      return answered ? tell(next, 'call.answered', fact.at) : stay(next)
    }
    case 'bridge.left':
      return stay(bridgeLeft(call, fact.leg, fact.at))
    case 'hangup.asked':
      return stay(hangupAsked(call, fact))
    case 'hangup.withdrawn':
      return stay(withdrawn(call, fact.leg))
    case 'channel.gone':
      return gone(call, fact)
    default:
      return unreachable(fact)
  }
}

const stay = (next: Call): Step => ({ next, events: [] })

/** Every event is a new revision of the call. */
function tell(call: Call, type: CallEventType, at: EpochMs, leg?: string): Step {
  const next = { ...call, revision: call.revision + 1 }
  return { next, events: [{ type, at, call: next, ...(leg === undefined ? {} : { leg }) }] }
}

/** The first leg makes the call; each later one joins it as somebody called. */
function created(site: Site, was: Call | undefined, fact: Of<'channel.created'>): Step {
  if (was && (was.progress.state === 'ended' || legOf(was, fact.leg))) return stay(was)
  const first = !was?.legs.some(isParty)
  const leg = newLeg(site, fact, first ? 'caller' : 'callee')
  const base =
    was ?? newCall(site, fact.linked === fact.leg ? callId(site.pbx, fact.leg) : callId(site.pbx, fact.linked), fact.at)
  const inferred = fact.inferred ?? base.inferred
  const call: Call = { ...base, legs: [...base.legs, leg], ...(inferred ? { inferred } : {}) }
  if (!isParty(leg)) return stay(call)
  if (!first) return stay({ ...call, direction: directionOf(call) })
  return begun(site, call, leg, fact)
}

/** An own leg rings the phone that is to dial: whom it dials is told next, when its ringing begins. */
function begun(site: Site, call: Call, leg: Leg, fact: Of<'channel.created'>): Step {
  const own = leg.id.startsWith(OWN_LEG)
  const caller = partyOf(site, own ? leg.number : fact.caller.number || leg.number, fact.caller.name)
  const from = leg.extension === undefined ? caller : { ...caller, extension: leg.extension }
  const started: Call = { ...call, from, startedAt: fact.at }
  if (own) return stay({ ...started, causedBy: leg.id.slice(OWN_LEG.length) })
  return start({ ...started, to: partyOf(site, fact.exten) }, fact.at)
}

const start = (call: Call, at: EpochMs) => tell({ ...call, direction: directionOf(call) }, 'call.started', at)

function newLeg(site: Site, fact: Of<'channel.created'>, side: Leg['side']): Leg {
  const endpoint = endpointOfChannel(fact.name)
  const kind = kindOfChannel(fact.name)
  const extension = kind === 'party' ? extensionOf(site, endpoint) : undefined
  return {
    id: fact.leg,
    name: fact.name,
    kind,
    side,
    ...(extension === undefined ? {} : { extension }),
    ...(site.trunks.has(endpoint) ? { trunk: endpoint } : {}),
    number: extension ?? fact.caller.number,
    state: fact.state,
    startedAt: fact.at,
  }
}

function newCall(site: Site, id: CallId, at: EpochMs): Call {
  const nobody = { number: '' }
  return {
    id,
    pbx: site.pbx,
    direction: 'internal',
    from: nobody,
    to: nobody,
    startedAt: at,
    revision: 0,
    legs: [],
    offers: [],
    segments: [],
    progress: { state: 'started' },
  }
}

/** Inbound if it came in by a trunk, outbound if it goes out by one; until a leg shows it, the number dialled decides. */
function directionOf(call: Call): Call['direction'] {
  const parties = call.legs.filter(isParty)
  if (parties.find(l => l.side === 'caller')?.trunk !== undefined) return 'inbound'
  const called = parties.filter(l => l.side === 'callee')
  if (called.length > 0) return called.some(l => l.trunk !== undefined) ? 'outbound' : 'internal'
  return call.to.extension === undefined && call.to.number !== '' ? 'outbound' : 'internal'
}

function changed(call: Call, fact: Of<'channel.changed'>): Step {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg) || leg.state === fact.state) return stay(call)
  if (fact.state === 'up') {
    return stay(withLeg(call, leg.id, l => ({ ...l, state: 'up', answeredAt: l.answeredAt ?? fact.at })))
  }
  if (fact.state === 'down' || leg.state === 'up') return stay(call)
  const rang = withLeg(call, leg.id, l => ({ ...l, state: 'ringing', ringingAt: l.ringingAt ?? fact.at }))
  if (leg.side === 'caller' || !isParty(leg)) return stay(rang)
  const offered = withOpenOffer(rang, leg.id, o => ({ ...o, ringingAt: o.ringingAt ?? fact.at }))
  const progress =
    call.progress.state === 'started' ? ({ state: 'ringing', ringingAt: fact.at } as const) : call.progress
  return tell({ ...offered, progress }, 'call.ringing', fact.at, leg.id)
}

function dialBegun(site: Site, call: Call, fact: Of<'dial.begun'>): Step {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg)) return stay(call)
  // An Originate dials a leg, too, without anybody who dials: the phone that is to dial is not offered a call.
  if (leg.side === 'caller') {
    const own = call.revision === 0 && leg.id.startsWith(OWN_LEG)
    return own ? start({ ...call, to: partyOf(site, fact.shown) }, call.startedAt) : stay(call)
  }
  if (call.offers.some(o => o.leg === leg.id)) return stay(call)
  const number = leg.extension ?? (fact.dialled || leg.number)
  const numbered = withLeg(call, leg.id, l => ({ ...l, number }))
  if (!isParty(leg)) return stay(numbered)
  const to = call.to.number === '' ? partyOf(site, number) : call.to
  return stay({ ...numbered, to, offers: [...call.offers, { leg: leg.id, startedAt: fact.at }] })
}

function dialEnded(call: Call, fact: Of<'dial.ended'>): Call {
  const leg = legOf(call, fact.leg)
  const result = resultOfDial(fact.status, leg, answeredBy(call) !== undefined)
  return withOpenOffer(call, fact.leg, o => ({ ...o, endedAt: fact.at, result }))
}

const answeredBy = (call: Call) => call.offers.find(o => o.result === 'answered')

/** The first who hangs up ends the call; a called phone that refuses to ring ends only its offer. */
function hangupAsked(call: Call, fact: Of<'hangup.asked'>): Call {
  const leg = legOf(call, fact.leg)
  if (!leg || leg.hangupAsked !== undefined) return call
  const cause = fact.by === 'far-side' && fact.causeQ850 ? { causeQ850: fact.causeQ850 } : {}
  const next = withLeg(call, leg.id, l => ({ ...l, hangupAsked: fact.by, ...cause }))
  const refuses = leg.side === 'callee' && leg.state !== 'up' && fact.by === 'far-side'
  if (call.hangup || refuses || !isParty(leg)) return next
  return { ...next, hangup: { leg: leg.id, asked: fact.by } }
}

function withdrawn(call: Call, leg: LegId): Call {
  if (legOf(call, leg)?.hangupAsked !== 'command') return call
  const { hangup, ...rest } = withLeg(call, leg, ({ hangupAsked: _, ...l }) => l)
  return hangup && hangup.leg !== leg ? { ...rest, hangup } : rest
}

function gone(call: Call, fact: Of<'channel.gone'>): Step {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg)) return stay(call)
  const causeQ850 = fact.causeQ850 ?? leg.causeQ850
  const left = bridgeLeft(call, leg.id, fact.at)
  const last: Leg = { ...leg, state: 'gone', endedAt: fact.at, ...(causeQ850 === undefined ? {} : { causeQ850 }) }
  delete last.bridge
  const closed = withOpenOffer(
    withLeg(left, leg.id, () => last),
    leg.id,
    o => ({
      ...o,
      endedAt: fact.at,
      result: resultOfCause(causeQ850) ?? (answeredBy(call) ? 'answered-elsewhere' : 'caller-gave-up'),
    }),
  )
  if (closed.legs.some(isLive)) return stay(closed)
  return ended(closed, last, fact)
}

function ended(call: Call, last: Leg, fact: Of<'channel.gone'>): Step {
  // A call of Local halves alone never was anybody's: nobody was told of it.
  if (call.revision === 0) return { next: undefined, events: [] }
  const outcome = outcomeOf(call, last, fact.lost === true)
  const { state: _, ...times } = call.progress
  const cause = causeOf(call, last)
  const next: Call = {
    ...call,
    progress: {
      ...times,
      state: 'ended',
      endedAt: fact.at,
      outcome,
      endedBy: endedByOf(call, outcome),
      ...(cause === undefined ? {} : { causeQ850: cause }),
    },
  }
  return { ...tell(next, 'call.ended', fact.at), wake: { timer: 'settled', inMs: SETTLE_MS } }
}

/** The called party's cause tells why nobody answered; after that, the cause of whoever hung up. */
function causeOf(call: Call, last: Leg): number | undefined {
  const tried = call.offers.at(-1)
  const leg = call.progress.state === 'talking' ? call.hangup?.leg : (call.hangup?.leg ?? tried?.leg)
  return (leg && legOf(call, leg)?.causeQ850) ?? last.causeQ850
}

function settled(call: Call, at: EpochMs): Step {
  if (call.progress.state !== 'ended') return stay(call)
  return { ...tell(call, 'call.recorded', at), next: undefined }
}
