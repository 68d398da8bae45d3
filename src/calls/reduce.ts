/**
 * One call and one fact about it make the next call and what is told of it. Pure and total: a fact that comes twice,
 * late or out of place changes nothing. Times are the PBX's. The shell decides which call a fact is about.
 *
 * Each fact changes what is known of the legs (its own file does that); from where the legs are then follows what they
 * do, what came of visits and transfers, and whether the call is over.
 */
import { callId, type CallId, type EpochMs } from '../base/ids.js'
import { unreachable } from '../base/result.js'
import type { LegFact, TimerFact } from '../pbx/facts.js'
import {
  nowhere,
  bridgeEntered,
  bridgeLeft,
  callLocked,
  holdBegun,
  holdEnded,
  legMuted,
  localJoined,
} from './bridges.js'
import { callerChanged } from './caller.js'
import { consultSeen, followAsked, transferAsked, transferCancelled, transferWithdrawn } from './consult.js'
import { born, gone, joined, hangupAsked, hangupWithdrawn, legStaffed, stateChanged } from './legs.js'
import { dialBegun, dialEnded } from './offers.js'
import { causeOf, endedByOf, outcomeOf } from './outcome.js'
import { parked, unparked } from './park.js'
import { routed } from './routing.js'
import { legAwaited, legListens, ringTaken, spyBegun } from './pickup.js'
import { legOffered } from './pop.js'
import * as queue from './queue.js'
import { followRecordings, recordingChanged, recordingNamed } from './recording.js'
import { follow } from './segments.js'
import type { Site } from './site.js'
import { isLive, isParty, legOf, withLeg, type Call } from './state.js'
import { followWalk, ivrChanged } from './ivr.js'
import { followSurvey, surveyChanged, withoutSurvey } from './survey.js'
import { number, tell, type CallChange } from './told.js'
import { attendedTransferred, blindTransferred, settleTransfers } from './transfer.js'

/** How long after its end a call waits for what may still come about it. */
export const SETTLE_MS = 2_000

export type Step = {
  /** Undefined when the call is over and recorded. */
  next: Call | undefined
  events: CallChange[]
  /** A timer to be set, counted from now. */
  wake?: { timer: TimerFact['timer']; inMs: number }
}

/** `id`: that of a call which the fact begins; the leg it is linked to names it unless told. */
export function reduceCall(site: Site, was: Call | undefined, fact: LegFact | TimerFact, id?: CallId): Step {
  if (!was) return fact.type === 'channel.created' ? begin(site, fact, id) : { next: undefined, events: [] }
  if (fact.type === 'timer.fired') return settled(was, fact.at)
  if (was.progress.state === 'ended') return revised(was, fact)
  const at = Math.max(fact.at, was.latestAt) as EpochMs
  const changed = changedBy(site, was, at === fact.at ? fact : { ...fact, at })
  if (changed === was) return { next: was, events: [] }
  const inferred = fact.inferred && !changed.inferred ? { inferred: true as const } : {}
  return move(site, was, { ...changed, ...inferred, latestAt: at }, fact, at)
}

function begin(site: Site, fact: Extract<LegFact, { type: 'channel.created' }>, id?: CallId): Step {
  const call = born(site, id ?? callId(site.pbx, fact.linked), fact)
  return tell(undefined, fact.inferred ? { ...call, inferred: true } : call, fact.at)
}

function move(site: Site, was: Call, changed: Call, fact: LegFact, at: EpochMs): Step {
  const next = followed(changed, at)
  if (next.legs.some(l => isLive(l) && !l.monitor)) return tell(was, next, at)
  // A call of Local halves alone never was anybody's: nobody is told of it.
  if (!next.legs.some(isParty)) return { next: undefined, events: [] }
  const ending = withoutSurvey(site, ended(followed(released(next, at), at), fact, at))
  return { ...tell(was, ending, at), wake: { timer: 'settled', inMs: SETTLE_MS } }
}

/** What follows from where the legs are now. */
export const followed = (call: Call, at: EpochMs): Call =>
  followWalk(
    followSurvey(
      followRecordings(settleTransfers(followAsked(queue.decideVisits(follow(call, at), at), at), at), at),
      at,
    ),
    at,
  )

/** With the last party everything ends: those who listen hear no more. */
const released = (call: Call, at: EpochMs): Call =>
  call.legs.filter(isLive).reduce((c, { id: leg }) => gone(c, { type: 'channel.gone', at, leg }), call)

function changedBy(site: Site, call: Call, fact: LegFact): Call {
  switch (fact.type) {
    case 'channel.created':
      return joined(site, call, fact)
    case 'channel.changed':
      return stateChanged(call, fact)
    case 'caller.changed':
      return callerChanged(site, call, fact)
    case 'dial.begun':
      return dialBegun(site, call, fact)
    case 'dial.ended':
      return dialEnded(site, call, fact)
    case 'bridge.entered':
      return consultSeen(site, call, bridgeEntered(call, fact), fact)
    case 'bridge.left':
      return bridgeLeft(call, fact)
    case 'hangup.asked':
      return hangupAsked(call, fact)
    case 'hangup.withdrawn':
      return hangupWithdrawn(call, fact)
    case 'channel.gone':
      return gone(call, fact)
    case 'hold.begun':
      return holdBegun(call, fact)
    case 'hold.ended':
      return holdEnded(call, fact)
    case 'queue.joined':
      return queue.queueJoined(call, fact)
    case 'queue.left':
      return queue.queueLeft(call, fact)
    case 'queue.abandoned':
      return queue.queueAbandoned(call, fact)
    case 'queue.explained':
      return queue.queueExplained(call, fact)
    case 'agent.called':
      return queue.agentCalled(call, fact)
    case 'agent.connected':
      return queue.agentConnected(call, fact)
    case 'agent.unanswered':
      return queue.agentUnanswered(call, fact)
    // The hangup of the phone says it, too.
    case 'agent.dumped':
      return call
    case 'transfer.blind':
      return blindTransferred(site, call, fact)
    case 'transfer.attended':
      return attendedTransferred(site, call, fact)
    case 'ring.taken':
      return ringTaken(call, fact)
    case 'local.joined':
      return localJoined(call, fact)
    case 'park.begun':
      return parked(call, fact)
    case 'park.ended':
      return unparked(call, fact)
    case 'spy.begun':
      return spyBegun(call, fact)
    case 'stage.begun':
      return withLeg(call, fact.leg, l =>
        isLive(l) ? { ...nowhere(l), place: { kind: fact.stage, name: fact.name } } : l,
      )
    case 'transfer.asked':
      return transferAsked(site, call, fact)
    case 'transfer.withdrawn':
      return transferWithdrawn(call, fact)
    case 'transfer.cancelled':
      return transferCancelled(call, fact)
    case 'recording.changed':
      return recordingChanged(call, fact)
    case 'leg.awaited':
      return legAwaited(call, fact)
    case 'leg.listens':
      return legListens(call, fact)
    case 'leg.muted':
      return legMuted(call, fact)
    case 'call.locked':
      return callLocked(call, fact)
    case 'call.routed':
      return routed(call, fact)
    case 'survey.changed':
      return surveyChanged(call, fact)
    case 'ivr.changed':
      return ivrChanged(call, fact)
    case 'leg.staffed':
      return legStaffed(call, fact)
    case 'leg.offered':
      return legOffered(call, fact)
    default:
      return unreachable(fact)
  }
}

function ended(call: Call, fact: LegFact, at: EpochMs): Call {
  const lost = fact.type === 'channel.gone' && fact.lost === true
  const outcome = outcomeOf(call, lost)
  const cause = causeOf(call, fact.type === 'channel.gone' ? legOf(call, fact.leg) : undefined)
  const { state: _, ...times } = call.progress
  // What a PBX was killed with, it has ended itself.
  const restarted = fact.type === 'channel.gone' && fact.restarted === true
  const endedBy = restarted ? 'pbx' : endedByOf(call, outcome)
  const ending = { endedAt: at, outcome, endedBy }
  return {
    ...call,
    progress: { ...times, state: 'ended', ...ending, ...(cause === undefined ? {} : { causeQ850: cause }) },
  }
}

function settled(call: Call, at: EpochMs): Step {
  if (call.progress.state !== 'ended') return { next: call, events: [] }
  return { ...number(call, [{ type: 'call.recorded' }], at), next: undefined }
}

/** What is still learnt of an ended call is a revision of it: how a caller left a queue, where that was a guess; why it was refused. */
export function revised(call: Call, fact: LegFact): Step {
  const next =
    fact.type === 'queue.explained'
      ? queue.queueExplained(call, fact)
      : fact.type === 'call.routed' && !call.routing
        ? routed(call, fact)
        : fact.type === 'recording.changed'
          ? recordingNamed(call, fact)
          : call
  return next === call ? { next, events: [] } : number(next, [{ type: 'call.revised' }], fact.at)
}
