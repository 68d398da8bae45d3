/**
 * One fact after the other: which call it is about, the reducer, the next state and what is told of it. Changes the state
 * it is given and touches nothing else; reads no clock.
 */
import { callId, type CallId } from '../base/ids.js'
import { reduceCall, type Step } from '../calls/reduce.js'
import type { Site } from '../calls/site.js'
import type { Call } from '../calls/state.js'
import { viewCall } from '../calls/view.js'
import { callEvent, iso, pbxEvent, type PublicEvent } from '../events/event.js'
import { kindOfChannel } from '../pbx/channel-name.js'
import type { Fact, LegFact, PbxFact, TimerFact } from '../pbx/facts.js'
import { isRepeated, overtaken, remember, retell, stepOf } from './order.js'
import { missedFacts } from './resync.js'
import { forget, keep, type PbxState } from './state.js'

export type Wake = { call: CallId; timer: TimerFact['timer']; inMs: number }
export type Applied = { events: PublicEvent[]; changed: Set<CallId>; wakes: Wake[] }

export const nothingApplied = (): Applied => ({ events: [], changed: new Set(), wakes: [] })

export function applyFact(site: Site, state: PbxState, fact: Fact, into: Applied) {
  switch (fact.type) {
    case 'link.up':
      if (fact.link === 'ari') return applyAri(site, state, fact, into)
      state.version = fact.version
      return
    case 'link.down':
      if (fact.link === 'ari') return applyAri(site, state, fact, into)
      // Only the first is news: a connection that could not be made is down already.
      if (state.downSince !== undefined) return
      state.downSince = fact.at
      into.events.push(pbxEvent('pbx.disconnected', fact.at, { pbx: site.pbx, link: 'ami', reason: fact.reason }))
      return
    case 'pbx.seen':
      return applySeen(site, state, fact, into)
    case 'originate.ended':
      return
    default:
      return applyToCall(site, state, fact, into)
  }
}

function applySeen(site: Site, state: PbxState, seen: Extract<PbxFact, { type: 'pbx.seen' }>, into: Applied) {
  for (const fact of missedFacts(state.calls.values(), seen.channels, seen.at)) applyToCall(site, state, fact, into)
  // What was heard over another connection is not sorted in with what comes over this one.
  state.recent.length = 0
  const { pbx } = site
  const version = state.version === undefined ? {} : { version: state.version }
  into.events.push(pbxEvent('pbx.connected', seen.at, { pbx, link: 'ami', ...version }))
  if (state.downSince === undefined) return
  const gap = { from: iso(state.downSince), until: iso(seen.at) }
  state.lastGap = gap
  into.events.push(pbxEvent('pbx.resynced', seen.at, { pbx, link: 'ami', gap }))
  delete state.downSince
}

/** Calls are not followed over ARI, so nothing is missed while it is away; again, only the first time is news. */
function applyAri(
  { pbx }: Site,
  state: PbxState,
  fact: Extract<PbxFact, { type: 'link.up' | 'link.down' }>,
  into: Applied,
) {
  const up = fact.type === 'link.up'
  if (state.ariUp === up) return
  state.ariUp = up
  const event = up
    ? pbxEvent('pbx.connected', fact.at, { pbx, link: 'ari', version: fact.version })
    : pbxEvent('pbx.disconnected', fact.at, { pbx, link: 'ari', reason: fact.reason })
  into.events.push(event)
}

function applyToCall(site: Site, state: PbxState, fact: LegFact | TimerFact, into: Applied) {
  const { recent, calls } = state
  if (fact.type !== 'timer.fired' && isRepeated(recent, fact)) return
  const id = callOfFact(site, state, fact)
  const was = id === undefined ? undefined : calls.get(id)
  if (fact.type === 'timer.fired') return id && take(state, id, was, reduceCall(site, was, fact), into)
  if (id === undefined) return remember(recent, fact, id, was)
  const again = overtaken(recent, fact, id, was)
  if (again.length > 0) return take(state, id, was, retell(site, recent, fact, was, again, id), into)
  const step = stepOf(site, was, fact)
  remember(recent, fact, id, was, step)
  take(state, id, was, step, into)
}

function take(state: PbxState, id: CallId, was: Call | undefined, { next, events, wake }: Step, into: Applied) {
  if (next === was && events.length === 0) return
  if (next) keep(state, next)
  else if (was) forget(state, events.at(-1)?.call ?? was)
  into.changed.add(id)
  for (const { type, at, call, leg } of events) into.events.push(callEvent(type, at, viewCall(call), leg))
  if (wake) into.wakes.push({ call: id, ...wake })
}

/** A new leg joins the call of the leg it is linked to, if that call lives; a tool of Asterisk's belongs to none. */
function callOfFact(site: Site, state: PbxState, fact: LegFact | TimerFact): CallId | undefined {
  if (fact.type === 'timer.fired') return state.calls.has(fact.call) ? fact.call : undefined
  const known = state.callOf.get(fact.leg)
  if (known !== undefined || fact.type !== 'channel.created') return known
  if (kindOfChannel(fact.name) === 'tool' || state.past.has(fact.leg)) return undefined
  const linked = state.callOf.get(fact.linked)
  const living = linked !== undefined && state.calls.get(linked)?.progress.state !== 'ended' ? linked : undefined
  return living ?? callId(site.pbx, state.callOf.has(fact.linked) ? fact.leg : fact.linked)
}
