/**
 * A fact may show that one before it was never told: AMI pairs what it says of a leg (docs/decisions/0009-lost-events.md).
 * What comes of such a call is then partly a guess, and its record says so. Pure.
 */
import type { LegId } from '../base/ids.js'
import { isSameQueue } from '../base/queue-map.js'
import { resultOfCause } from '../calls/outcome.js'
import { isLive, isParty, legOf, type Call, type Leg } from '../calls/state.js'
import { isRecall } from '../calls/transfer.js'
import type { LegFact } from '../pbx/facts.js'

/**
 * Only what is certain counts: a call that was told in full is never taken for one with a hole. That no person has hung up is none:
 * the PBX ends a talk itself when its time is over (docs/decisions/0028-offers-and-ends.md).
 */
export function showsHole(call: Call, fact: LegFact): boolean {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg) || !isParty(leg)) return false
  switch (fact.type) {
    case 'bridge.entered':
      return leg.bridge !== undefined && leg.bridge !== fact.bridge
    case 'bridge.left':
      return leg.bridge === fact.bridge ? hasMissedAll(call, leg) : fact.holding !== true && !isElsewhere(leg)
    case 'channel.gone':
      return (
        leg.bridge !== undefined ||
        isGuessed(call, leg, fact.causeQ850) ||
        isUnasked(call, leg) ||
        (leg.ringingAt !== undefined && isUndialled(call, leg))
      )
    case 'dial.ended':
      return isUndialled(call, leg)
    default:
      return false
  }
}

/** It rang for somebody, and that it was dialled was not told. */
const isUndialled = ({ offers }: Call, leg: Leg) => leg.side === 'callee' && !offers.some(o => o.leg === leg.id)

/** Its ringing has not ended, and no cause tells how it did. */
function isGuessed(call: Call, leg: Leg, causeQ850 = leg.causeQ850): boolean {
  const rings = call.offers.some(o => o.leg === leg.id && o.result === undefined)
  return rings && !isRecall(call, leg) && resultOfCause(causeQ850) === undefined
}

/**
 * Somebody has answered and it was led to them, but nobody is known to have come: of those, nothing at all was told. Unless the
 * one who had answered had hung up before, or is still to be connected.
 */
const hasMissedAll = (call: Call, leg: Leg) =>
  leg.room === undefined &&
  !call.legs.some(l => l.hungUpFirst) &&
  (call.progress.state === 'started' || call.progress.state === 'ringing') &&
  call.offers.some(o => o.result === 'answered') &&
  !isToBeConnected(call, leg.id) &&
  !isMoved(call, leg)

/** It changes bridges: the PBX optimizes away a Local pair, half of which is still in the bridge, before the caller has entered one. */
function isMoved({ legs }: Call, leg: Leg): boolean {
  const half = legs.find(l => l.id === leg.by)
  return (
    half?.kind === 'local' && half.bridge === leg.bridge && !legs.some(l => isLive(l) && l.hangupAsked !== undefined)
  )
}

/** Picked up for a queue behind a Local pair, a phone is with the pair alone until the queue connects the caller. */
function isToBeConnected({ offers, queues }: Call, leg: LegId): boolean {
  const { queue, via } = offers.findLast(o => o.leg === leg) ?? {}
  if (queue === undefined || via === undefined) return false
  return queues.findLast(visit => isSameQueue(visit.queue, queue))?.outcome !== 'answered'
}

/** Queues, parking and transfers take a leg out of its bridge before that is told. */
const isElsewhere = ({ place, reason }: Leg) => place !== undefined || reason !== undefined

/** The last of those who talked is gone, and no hangup was told, not even one by the PBX; who was transferred may come to the end of the dialplan. */
function isUnasked({ progress, legs, transfers, hangups }: Call, last: Leg): boolean {
  if (progress.state !== 'talking' || transfers.length > 0 || legs.some(l => l !== last && isLive(l))) return false
  return hangups.length === 0
}
