/**
 * Who is with whom, and who waits for whom: through bridges, and through Local pairs, which make two bridges one room and
 * lead from who dials to who is dialled. Pure.
 */
import type { BridgeId, LegId } from '../base/ids.js'
import { OWN_LEG } from '../pbx/names.js'
import { isLive, isParty, legOf, type Call, type Leg, type Place } from './state.js'

/** The parties of each room: a bridge, or bridges that a Local pair joins. */
export function roomsOf(call: Call): Leg[][] {
  if (!call.legs.some(l => l.bridge !== undefined)) return []
  const joined = call.legs.some(l => l.pair !== undefined) ? joinedBridges(call) : undefined
  const rooms = new Map<BridgeId, Leg[]>()
  for (const leg of call.legs) {
    if (leg.bridge === undefined || leg.hungUpFirst || !isParty(leg) || !isLive(leg)) continue
    const room = joined?.get(leg.bridge) ?? leg.bridge
    const parties = rooms.get(room)
    if (parties) parties.push(leg)
    else rooms.set(room, [leg])
  }
  return [...rooms.values()]
}

/** Whether another party is in the room of a leg, too. The two come into a bridge one after the other. */
export const isWithSomebody = (call: Call, leg: Leg): boolean =>
  roomsOf(call).some(room => room.length > 1 && room.some(l => l.id === leg.id))

/** For each bridge at the end of a Local pair, the one bridge that stands for all that are joined with it. */
function joinedBridges(call: Call): Map<BridgeId, BridgeId> {
  const standsFor = new Map<BridgeId, BridgeId>()
  const of = (bridge: BridgeId) => standsFor.get(bridge) ?? bridge
  for (const half of call.legs) {
    const far = half.pair === undefined || half.bridge === undefined ? undefined : legOf(call, half.pair)
    if (half.bridge === undefined || far?.bridge === undefined) continue
    const [one, two] = [of(half.bridge), of(far.bridge)]
    for (const [bridge, room] of standsFor) if (room === one) standsFor.set(bridge, two)
    standsFor.set(half.bridge, two)
    standsFor.set(far.bridge, two)
  }
  return standsFor
}

/** No chain of Local pairs is longer. */
const FAR = 8

/** The parties that wait for a leg to answer: whoever dials it, here or at the far side of a Local pair. */
export function waitersFor(call: Call, leg: Leg, within = FAR): LegId[] {
  const by = leg.by === undefined ? undefined : legOf(call, leg.by)
  if (!by || within === 0) return []
  if (isParty(by)) return [by.id]
  const far = by.pair === undefined ? undefined : legOf(call, by.pair)
  if (!far) return []
  if (far.bridge === undefined) return waitersFor(call, far, within - 1)
  return partiesAt(call, far).map(l => l.id)
}

/** The halves of Local pairs through which a leg was dialled, the nearest first. */
export function halvesBefore(call: Call, leg: Pick<Leg, 'by'>, within = FAR): Leg[] {
  const by = leg.by === undefined ? undefined : legOf(call, leg.by)
  if (by?.kind !== 'local' || within === 0) return []
  const far = by.pair === undefined ? undefined : legOf(call, by.pair)
  return far ? [far, ...halvesBefore(call, far, within - 1)] : []
}

/** The far halves of the Local pairs that lead on from where a leg is, the nearest first. */
function* halvesBeyond(call: Call, leg: Leg): Generator<Leg> {
  const passed = new Set<LegId>([leg.id])
  const ends = [leg]
  for (const end of ends) {
    if (end.bridge === undefined) continue
    for (const half of call.legs) {
      if (half.pair === undefined || half.bridge !== end.bridge || !isLive(half) || passed.has(half.id)) continue
      const far = legOf(call, half.pair)
      passed.add(half.id).add(half.pair)
      if (!far) continue
      ends.push(far)
      yield far
    }
  }
}

/** Where a leg is, and the far ends of the Local pairs that lead on from there, the nearest first. */
export const endsOf = (call: Call, leg: Leg): Leg[] => [leg, ...halvesBeyond(call, leg)]

/** The parties that half of a Local pair is in a bridge with, and those at the far ends of other pairs there. */
const partiesAt = (call: Call, half: Leg): Leg[] =>
  endsOf(call, half).flatMap(({ bridge }) =>
    bridge === undefined ? [] : call.legs.filter(l => l.bridge === bridge && isParty(l) && isLive(l)),
  )

/** Where a leg is that is with nobody, on its own or through the Local pairs that it is in a bridge with. */
export function placeOf(call: Call, leg: Leg): Place | undefined {
  if (leg.place || leg.bridge === undefined) return leg.place
  for (const { place } of halvesBeyond(call, leg)) if (place) return place
  return undefined
}

/** The conference that a leg is in, on its own or through the Local pairs that it is in a bridge with. */
export function conferenceOf(call: Call, leg: Leg): string | undefined {
  if (leg.room !== undefined || leg.bridge === undefined) return leg.room
  for (const { room } of halvesBeyond(call, leg)) if (room !== undefined) return room
  return undefined
}

/** The party for which a leg stands: itself, or who is at the far end of its Local pair, or of the pairs behind it. */
export function partyFor(call: Call, leg: Leg): Leg | undefined {
  if (isParty(leg)) return leg
  const far = leg.pair === undefined ? undefined : legOf(call, leg.pair)
  return far && partiesAt(call, far)[0]
}

/** The newest phone that was dialled behind half of a Local pair; a party is itself. */
export function phoneBehind(call: Call, id: LegId): Leg | undefined {
  const leg = legOf(call, id)
  if (!leg || isParty(leg)) return leg
  return call.legs.findLast(l => isParty(l) && isLive(l) && halvesBefore(call, l).some(half => half.id === id))
}

/** Rung by a command for somebody who was in the call. */
const isRungByUs = (leg: Leg) => leg.side === 'callee' && leg.id.startsWith(OWN_LEG) && leg.answeredAt === undefined

/** It was rung by a command, and all who were in the call have left. */
export const isLeftAlone = (call: Call, leg: Leg): boolean =>
  isRungByUs(leg) && call.legs.every(l => !isParty(l) || !isLive(l) || isRungByUs(l))
