/** Parking: who waits in which space. What ends it is told by where the call goes on. Pure. */
import type { LegId } from '../base/ids.js'
import type { LegFact } from '../pbx/facts.js'
import { nowhere } from './bridges.js'
import { partyFor } from './paths.js'
import { isLive, isParty, legOf, withLeg, type Call, type Leg } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function parked(call: Call, { leg, space, by }: Of<'park.begun'>): Call {
  const waits = withLeg(call, leg, l => {
    if (!isLive(l) || l.place?.kind === 'park') return l
    return { ...nowhere(l), place: { kind: 'park', name: space } }
  })
  if (waits === call || by === '' || asksForSpace(call, leg, by)) return waits
  const parker = waits.legs.findLast(l => l.id !== leg && isLive(l) && isPhone(l, by)) ?? behindPair(waits, leg, by)
  return parker ? withLeg(waits, parker.id, l => ({ ...l, reason: l.reason ?? 'parked' })) : waits
}

/** Who is parked talks through a Local pair, whichever phone is at its other end by now: the PBX names the half. */
const behindPair = (call: Call, parked: LegId, by: string): Leg | undefined =>
  call.legs
    .filter(l => l.kind === 'local' && isLive(l) && isNamed(l, by))
    .flatMap(half => partyFor(call, half) ?? [])
    .findLast(party => party.id !== parked)

/** `PJSIP/1001-0000002a` is a leg of the phone `PJSIP/1001`. */
const isPhone = (leg: Leg, dialString: string) => isParty(leg) && isNamed(leg, dialString)
const isNamed = ({ name }: Leg, dialString: string) => name.startsWith(`${dialString}-`)

/**
 * Before an attended transfer into it: the phone itself is at the space, and hands somebody over afterwards, or does not. The half of
 * a Local pair that leads there may be parked before the phone has come to the other half.
 */
function asksForSpace(call: Call, parked: LegId, by: string): boolean {
  const leg = legOf(call, parked)
  const there = leg && partyFor(call, leg)
  return there === undefined ? leg?.kind === 'local' : isPhone(there, by)
}

export const unparked = (call: Call, { leg }: Of<'park.ended'>): Call =>
  withLeg(call, leg, l => {
    if (l.place?.kind !== 'park') return l
    const { place: _, ...rest } = l
    return rest
  })
