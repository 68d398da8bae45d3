/** Bridges and Local pairs: who comes into a room with whom, and who leaves it; who has put the others on hold. Pure. */
import type { BridgeId, LegId } from '../base/ids.js'
import type { BridgesMerged, LegFact } from '../pbx/facts.js'
import { isLive, legOf, withLeg, type Call, type Leg } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

/** Whom it replaces is out at once: the leave that is told afterwards is that of somebody who has gone already. */
export function bridgeEntered(call: Call, { leg, bridge, holding, replaces, room }: Of<'bridge.entered'>): Call {
  const entering = legOf(call, leg)
  if (!entering || !isLive(entering) || holding || entering.bridge === bridge) return call
  const without = replaces === undefined ? call : withLeg(call, replaces, l => (l.bridge === bridge ? apart(l) : l))
  return withLeg(without, leg, l => ({ ...nowhere(l), bridge, ...(room === undefined ? {} : { room }) }))
}

/** A leave of another bridge than the one it is in is old news: it has moved. */
export const bridgeLeft = (call: Call, { leg, bridge }: Of<'bridge.left'>): Call =>
  withLeg(call, leg, l => (l.bridge === bridge ? apart(l) : l))

/** The leg in no bridge; what goes with a bridge (a hold, a conference) ends with it. */
export function apart(leg: Leg): Leg {
  if (leg.bridge === undefined) return leg
  const { bridge: _, holding: __, room: ___, ...rest } = leg
  return rest
}

/** The leg in no bridge and in no other place. */
export function nowhere(leg: Leg): Leg {
  const { place: _, ...rest } = apart(leg)
  return rest
}

/** All legs of the one bridge are in the other from now on. */
export function bridgesMerged(call: Call, { from, into }: Pick<BridgesMerged, 'from' | 'into'>): Call {
  if (from === into || !call.legs.some(l => l.bridge === from)) return call
  return { ...call, legs: call.legs.map(l => (l.bridge === from ? { ...l, bridge: into } : l)) }
}

export const bridgesOf = (call: Call): BridgeId[] => call.legs.flatMap(l => l.bridge ?? [])

/** Each half of a Local pair knows the other. */
export function localJoined(call: Call, { leg, other }: Of<'local.joined'>): Call {
  const pair = (id: LegId, far: LegId) => (c: Call) =>
    withLeg(c, id, l => (l.kind === 'local' && l.pair === undefined ? { ...l, pair: far } : l))
  if (leg === other || !legOf(call, leg) || !legOf(call, other)) return call
  return pair(other, leg)(pair(leg, other)(call))
}

export const holdBegun = (call: Call, { leg }: Of<'hold.begun'>): Call =>
  withLeg(call, leg, l => (isLive(l) && l.bridge !== undefined && !l.holding ? { ...l, holding: true } : l))

export const holdEnded = (call: Call, { leg }: Of<'hold.ended'>): Call =>
  withLeg(call, leg, l => {
    if (!l.holding) return l
    const { holding: _, ...rest } = l
    return rest
  })
