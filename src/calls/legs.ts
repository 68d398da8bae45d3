/** The legs of a call: how each is born, rings, is answered and is gone, and who asked for its end. Pure. */
import type { CallId, EpochMs, LegId, PbxId } from '../base/ids.js'
import { endpointOfChannel, kindOfChannel } from '../pbx/channel-name.js'
import type { LegFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import type { LegReason, Party } from '../events/call-parts.js'
import { nowhere } from './bridges.js'
import { offerOfGone } from './offers.js'
import { callerOf, extensionOf, isOutside, partyOf, type Site } from './site.js'
import { isLive, isParty, legOf, withLeg, withOpenOffer, type Call, type Leg } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

/** The first leg makes the call. */
export const born = (site: Site, id: CallId, fact: Of<'channel.created'>): Call =>
  joined(site, newCall(site.pbx, id, fact.at), fact)

/** The first party has begun it; each later one joins it as somebody called. */
export function joined(site: Site, call: Call, fact: Of<'channel.created'>): Call {
  if (legOf(call, fact.leg)) return call
  const first = !call.legs.some(isParty)
  const made = newLeg(site, fact, first ? 'caller' : 'callee')
  const asked = call.monitors?.find(m => m.leg === fact.leg)
  const leg: Leg = asked ? { ...made, monitor: true, mode: 'listen', askedBy: asked.by } : made
  const next: Call = { ...call, legs: [...call.legs, leg] }
  if (!isParty(leg)) return next
  return first ? begun(site, next, leg, fact) : { ...next, direction: directionOf(site, next) }
}

/** An own leg rings the phone that is to dial: whom it dials is told next, when its ringing begins. */
function begun(site: Site, call: Call, leg: Leg, fact: Of<'channel.created'>): Call {
  const own = leg.id.startsWith(OWN_LEG)
  const from = callerIs(site, leg, leg.trunk === undefined ? leg.number : fact.caller.number, fact.caller.name)
  const started: Call = { ...call, from }
  if (own) return { ...started, causedBy: leg.id.slice(OWN_LEG.length) }
  const dialled: Call = {
    ...started,
    to: partyOf(site, fact.exten, '', leg.trunk === undefined ? 'dialled' : 'listed'),
  }
  return { ...dialled, direction: directionOf(site, dialled) }
}

/** Where the caller's channel leads says who it is; the number that it shows does not. */
function callerIs(site: Site, { trunk, extension }: Leg, number: string, name: string): Party {
  if (trunk !== undefined) return callerOf(site, number, name)
  const caller = partyOf(site, number, name)
  return extension === undefined ? caller : { ...caller, extension }
}

function newLeg(site: Site, fact: Of<'channel.created'>, side: Leg['side']): Leg {
  const endpoint = endpointOfChannel(fact.name)
  const kind = kindOfChannel(fact.name)
  const extension = kind === 'party' ? extensionOf(site, endpoint) : undefined
  return {
    id: fact.leg,
    name: fact.name,
    kind,
    side,
    ...(extension === undefined ? {} : { extension, ...staffed(fact.agent) }),
    ...(site.trunks.has(endpoint) ? { trunk: endpoint } : {}),
    number:
      extension ??
      (side === 'caller' && kind === 'party' && site.trunks.has(endpoint)
        ? callerOf(site, fact.caller.number).number
        : fact.caller.number),
    ...((side === 'caller' || kind === 'local') && fact.exten !== '' ? { dialled: fact.exten } : {}),
    state: fact.state,
    startedAt: fact.at,
  }
}

const staffed = (agent: string | undefined) => (agent === undefined ? {} : { agent })

/** The agent who was there first keeps it. */
export const legStaffed = (call: Call, { leg, agent }: Of<'leg.staffed'>): Call =>
  withLeg(call, leg, l => (isLive(l) && l.extension !== undefined && l.agent === undefined ? { ...l, agent } : l))

function newCall(pbx: PbxId, id: CallId, at: EpochMs): Call {
  const nobody = { number: '' }
  return {
    id,
    pbx,
    direction: 'internal',
    from: nobody,
    to: nobody,
    startedAt: at,
    latestAt: at,
    revision: 0,
    legs: [],
    offers: [],
    segments: [],
    queues: [],
    transfers: [],
    progress: { state: 'started' },
    hangups: [],
  }
}

/**
 * Inbound if it came in by a trunk, outbound if it goes out by one; until a leg shows it, the number dialled decides: one
 * that nobody outside can have is the PBX's own.
 */
export function directionOf(site: Site, call: Call): Call['direction'] {
  const parties = call.legs.filter(isParty)
  if (parties.find(l => l.side === 'caller')?.trunk !== undefined) return 'inbound'
  const called = parties.filter(l => l.side === 'callee')
  if (called.length > 0) return called.some(l => l.trunk !== undefined) ? 'outbound' : 'internal'
  return isOutside(site, call.to) ? 'outbound' : 'internal'
}

export function stateChanged(call: Call, { at, leg: id, state }: Of<'channel.changed'>): Call {
  const leg = legOf(call, id)
  if (!leg || !isLive(leg) || leg.state === state || state === 'down') return call
  if (state === 'up') return withLeg(call, id, l => ({ ...l, state, answeredAt: l.answeredAt ?? at }))
  if (leg.state === 'up') return call
  const rang = withLeg(call, id, l => ({ ...l, state, ringingAt: l.ringingAt ?? at }))
  if (leg.side === 'caller' || !isParty(leg)) return rang
  const offered = withOpenOffer(rang, id, o => ({ ...o, ringingAt: o.ringingAt ?? at }))
  return call.progress.state === 'started' ? { ...offered, progress: { state: 'ringing', ringingAt: at } } : offered
}

export function hangupAsked(call: Call, { leg: id, by, causeQ850, stopping }: Of<'hangup.asked'>): Call {
  const leg = legOf(call, id)
  if (!leg || !isLive(leg) || leg.hangupAsked !== undefined) return call
  const cause = by !== 'pbx' && causeQ850 ? { causeQ850 } : {}
  const next = withLeg(call, id, l => ({ ...l, hangupAsked: by, ...cause, ...(stopping && { stopping }) }))
  return isParty(leg) ? { ...next, hangups: [...call.hangups, { leg: id, asked: by }] } : next
}

/** The command that had been told of was not taken. */
export function hangupWithdrawn(call: Call, { leg: id }: Of<'hangup.withdrawn'>): Call {
  if (legOf(call, id)?.hangupAsked !== 'command') return call
  const next = withLeg(call, id, ({ hangupAsked: _, ...leg }) => leg)
  return { ...next, hangups: next.hangups.filter(h => h.leg !== id) }
}

export function gone(call: Call, fact: Of<'channel.gone'>): Call {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg)) return call
  const causeQ850 = fact.causeQ850 ?? leg.causeQ850
  const closed = offerOfGone(call, leg, fact)
  return withLeg(closed, leg.id, ({ muted: _, ...l }) => {
    const reason = l.reason ?? reasonOf(closed, l, fact.lost === true)
    return { ...nowhere(l), state: 'gone', endedAt: fact.at, reason, ...(causeQ850 === undefined ? {} : { causeQ850 }) }
  })
}

function reasonOf(call: Call, leg: Leg, lost: boolean): LegReason {
  if (lost) return 'lost'
  const offer = call.offers.findLast(o => o.leg === leg.id)
  if (offer?.result !== undefined && offer.result !== 'answered') return offer.result
  if (leg.hangupAsked === 'far-side') return 'hung-up'
  if (leg.hangupAsked === 'command') return 'command'
  return wasLeft(call, leg.id) ? 'left-alone' : 'pbx'
}

/** Somebody else of its last talk had asked for an end before. */
function wasLeft(call: Call, leg: LegId): boolean {
  const last = call.segments.findLast(s => s.legs.includes(leg) && s.legs.length > 1)
  return last !== undefined && call.hangups.some(h => h.leg !== leg && h.asked !== 'pbx' && last.legs.includes(h.leg))
}
