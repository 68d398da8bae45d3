/** Bridges and Local pairs: who comes into a room with whom, and who leaves it; who has put the others on hold. Pure. */
import type { BridgeId, LegId } from '../base/ids.js'
import type { LegFact } from '../pbx/facts.js'
import { partyFor } from './paths.js'
import { isLive, isParty, legOf, withLeg, type Call, type Leg } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

/** Whom it replaces is out at once: the leave that is told afterwards is that of somebody who has gone already. */
export function bridgeEntered(call: Call, { leg, bridge, holding, replaces, room }: Of<'bridge.entered'>): Call {
  const entering = legOf(call, leg)
  if (!entering || !isLive(entering) || holding || entering.bridge === bridge) return call
  const without = replaces === undefined ? call : replaced(call, leg, replaces)
  const late = entering.hangupAsked === 'far-side' ? { hungUpFirst: true as const } : {}
  return withLeg(without, leg, l => ({ ...nowhere(l), bridge, ...late, ...(room === undefined ? {} : { room }) }))
}

/**
 * One party in the place of another: that one has handed it over, and so has whatever other leg of the same phone it was
 * with before. Halves of Local pairs are replaced when Asterisk takes the pair away.
 */
function replaced(call: Call, by: LegId, id: LegId): Call {
  const leg = legOf(call, id)
  if (!leg || !isParty(leg)) return withLeg(call, id, apart)
  const half = legOf(call, by)
  const comes = (half && partyFor(call, half)?.id) ?? by
  const before = call.segments.findLast(s => s.legs.includes(comes) && s.legs.length > 1)
  const handsOver = (l: Leg) =>
    l.id === id || (before?.legs.includes(l.id) && l.extension !== undefined && l.extension === leg.extension)
  const legs = call.legs.map(l => (l.id !== by && l.id !== comes && isLive(l) && handsOver(l) ? transferred(l) : l))
  return withLeg({ ...call, legs }, id, apart)
}

/** Its part in the call is over. */
export const transferred = (leg: Leg): Leg => (leg.reason === undefined ? { ...leg, reason: 'transferred' } : leg)

/**
 * A leave of another bridge than the one it is in is old news: it has moved. A party that leaves a bridge in a call that nobody
 * is known to have answered, must have come into it: that was not told, so the call is not certain any more.
 */
export function bridgeLeft(call: Call, { leg, bridge, holding }: Of<'bridge.left'>): Call {
  const leaving = legOf(call, leg)
  const untold = leaving?.kind === 'party' && isLive(leaving) && leaving.bridge === undefined && !holding
  const { state } = call.progress
  if (untold && (state === 'started' || state === 'ringing') && !call.inferred) return { ...call, inferred: true }
  return withLeg(call, leg, l => (l.bridge === bridge ? apart(l) : l))
}

/** The leg in no bridge. Those whom it has put on hold stay so, until it comes back or goes elsewhere. */
export function apart(leg: Leg): Leg {
  if (leg.bridge === undefined) return leg
  const { bridge: _, room: __, ...rest } = leg
  return rest
}

/** The leg in no bridge and in no other place, and holding nobody. */
export function nowhere(leg: Leg): Leg {
  const { place: _, holding: __, holds: ___, ...rest } = apart(leg)
  return rest
}

export const bridgesOf = (call: Call): BridgeId[] => call.legs.flatMap(l => l.bridge ?? [])

/** Each half of a Local pair knows the other. */
export function localJoined(call: Call, { leg, other }: Of<'local.joined'>): Call {
  const pair = (id: LegId, far: LegId) => (c: Call) =>
    withLeg(c, id, l => (l.kind === 'local' && l.pair === undefined ? { ...l, pair: far } : l))
  if (leg === other || !legOf(call, leg) || !legOf(call, other)) return call
  return pair(other, leg)(pair(leg, other)(call))
}

export const holdBegun = (call: Call, { leg, to }: Of<'hold.begun'>): Call =>
  withLeg(call, leg, l => {
    if (!isLive(l) || l.bridge === undefined || l.holding) return l
    return { ...l, holding: true, ...(to === undefined ? {} : { holds: to }) }
  })

export const holdEnded = (call: Call, { leg }: Of<'hold.ended'>): Call =>
  withLeg(call, leg, l => {
    if (!l.holding) return l
    const { holding: _, holds: __, ...rest } = l
    return rest
  })

export const legMuted = (call: Call, { leg, muted }: Of<'leg.muted'>): Call =>
  withLeg(call, leg, l => {
    if (!isLive(l) || (l.muted === true) === muted) return l
    const { muted: _, ...rest } = l
    return muted ? { ...rest, muted } : rest
  })

export function callLocked(call: Call, { locked }: Of<'call.locked'>): Call {
  if ((call.locked === true) === locked) return call
  const { locked: _, ...rest } = call
  return locked ? { ...rest, locked } : rest
}
