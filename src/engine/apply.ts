/**
 * One fact after the other: which call it is about, the reducer, the next state and what is told of it. Changes the state
 * it is given and touches nothing else; reads no clock.
 */
import { callId, type CallId, type EpochMs, type LegId } from '../base/ids.js'
import { bridgesOf } from '../calls/bridges.js'
import { joinedBy, type Joined } from '../calls/merge.js'
import { noteCall } from '../calls/notes.js'
import { popAt } from '../calls/pop.js'
import { reduceCall, revised, type Step } from '../calls/reduce.js'
import type { Site } from '../calls/site.js'
import { isLive as isLiveLeg, legOf, type Call } from '../calls/state.js'
import { recalledBy } from '../calls/transfer.js'
import type { AgentView } from '../events/agent.js'
import type { Notes } from '../events/notes.js'
import type { CallChange } from '../calls/told.js'
import { viewCall } from '../calls/view.js'
import { closedByCommand, closeOldest, followUp, type FollowUpChange } from '../missed/reduce.js'
import type { FollowUpKind } from '../events/follow-up.js'
import { callEvent, followUpEvent, iso, pbxEvent, type PublicEvent } from '../events/event.js'
import { kindOfChannel } from '../pbx/channel-name.js'
import type { Fact, LegFact, NotedFact, PbxFact, TimerFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { heardForAgents } from './agents.js'
import { withAgent } from './staffing.js'
import { countCall } from './lines.js'
import { mergeAll } from './merge.js'
import { publishChanges } from './publish.js'
import { isRepeated, overtaken, remember, retell, stepOf, type Recent } from './order.js'
import { missedFacts } from './resync.js'
import { heardOfMember, seenQueues, takeVisits, withQueueNamed } from './queues.js'
import { forget, keep, pass, revise, type PbxState } from './state.js'

export type Wake = { call: CallId; timer: TimerFact['timer']; inMs: number }
/** Which call a fact was about. */
export type About = { call: CallId; fact: Fact }
export type Applied = {
  events: PublicEvent[]
  changed: Set<CallId>
  items: Set<string>
  /** Queues that are not as they were, by name; of those in `tallied` the numbers are to be stored. */
  queues: Set<string>
  tallied: Set<string>
  /** Staff ids of agents who are not as they were; those that were told of meanwhile, as they were then. */
  agents: Set<string>
  told: Map<string, AgentView>
  /** Extensions of which something may be shown that is another; with `phonesSeen`, all. */
  extensions: Set<string>
  phonesSeen?: true
  /** Keys of entries of the directory. */
  entries: Set<string>
  /** Names under which lines are stored that are not as they were. */
  lines: Set<string>
  /** Names under which it is stored what was dialled within the last hour. */
  dials: Set<string>
  wakes: Wake[]
  about: About[]
  recorded: Call[]
}

export const nothingApplied = (): Applied => ({
  events: [],
  changed: new Set(),
  items: new Set(),
  queues: new Set(),
  tallied: new Set(),
  agents: new Set(),
  told: new Map(),
  extensions: new Set(),
  entries: new Set(),
  lines: new Set(),
  dials: new Set(),
  wakes: [],
  about: [],
  recorded: [],
})

export function applyFact(site: Site, state: PbxState, told: Fact, into: Applied) {
  const fact = withQueueNamed(state, told)
  applyOne(site, state, fact, into)
  takeVisits(site, state, into)
  heardForAgents(site, state, fact, into)
}

function applyOne(site: Site, state: PbxState, fact: Fact, into: Applied) {
  switch (fact.type) {
    case 'link.up':
      if (fact.link === 'ari') return applyAri(site, state, fact, into)
      state.version = fact.version
      return
    case 'link.down':
      if (fact.link === 'ari') return applyAri(site, state, fact, into)
      endUnseen(site, state, into)
      // Only the first is news: a connection that could not be made is down already.
      if (state.downSince !== undefined) return
      state.downSince = fact.at
      into.events.push(pbxEvent('pbx.disconnected', fact.at, { pbx: site.pbx, link: 'ami', reason: fact.reason }))
      return
    case 'pbx.seen':
      return applySeen(site, state, fact, into)
    case 'originate.ended':
      return
    case 'member.changed':
    case 'member.removed':
      return heardOfMember(site, state, fact, into)
    case 'queues.seen':
      return seenQueues(site, state, fact.queues, fact.at, into)
    // Of no call and no queue: see `heardForAgents`.
    case 'phone.changed':
    case 'code.dialled':
    case 'message.left':
    case 'tool.ready':
    case 'caller.handed':
    case 'callers.seen':
    case 'caller.back':
    case 'key.pressed':
    case 'sound.ended':
    case 'voice.recorded':
    case 'mix.changed':
      return
    case 'call.noted':
      return applyNoted(site, state, fact, into)
    default:
      if (waitsForLists(state, fact)) return void state.untilSeen.push(fact)
      return applyToCall(site, state, fact, into)
  }
}

function applySeen(site: Site, state: PbxState, seen: Extract<PbxFact, { type: 'pbx.seen' }>, into: Applied) {
  const { downSince } = state
  const isHeard = ({ leg }: LegFact) => state.untilSeen.some(gone => gone.leg === leg)
  const missed = missedFacts(state.calls.values(), seen.channels, seen.at, { ...seen, downSince })
  const isFirst = (fact: LegFact) =>
    fact.type === 'channel.created' && (state.callOf.has(fact.linked) || state.calls.has(callId(site.pbx, fact.linked)))
  const others = missed.filter(fact => !isFirst(fact) && (fact.type !== 'channel.gone' || !isHeard(fact)))
  // A call lives on in those of it that are there.
  for (const fact of missed.filter(isFirst)) applyToCall(site, state, fact, into)
  // A hangup that was heard before the lists is not sorted in before what they have.
  state.recent.length = 0
  endUnseen(site, state, into)
  for (const fact of others) applyToCall(site, state, fact, into)
  publishChanges(state, into)
  if (seen.queues) seenQueues(site, state, seen.queues, seen.at, into)
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

/** The lists have come, or will not: whoever has hung up meanwhile is gone. */
function endUnseen(site: Site, state: PbxState, into: Applied) {
  for (const fact of state.untilSeen.splice(0)) applyToCall(site, state, fact, into)
}

/** The last that is known of its call has hung up before the lists have come. */
function waitsForLists({ downSince, untilSeen, calls, callOf }: PbxState, fact: Fact): fact is LegFact {
  if (fact.type !== 'channel.gone' || downSince === undefined) return false
  const call = calls.get(callOf.get(fact.leg) ?? ('' as CallId))
  const others = call?.legs.filter(leg => isLiveLeg(leg) && leg.id !== fact.leg) ?? []
  return call !== undefined && others.every(({ id }) => untilSeen.some(({ leg }) => leg === id))
}

function applyToCall(site: Site, state: PbxState, given: LegFact | TimerFact, into: Applied) {
  const { recent } = state
  const fact = withAgent(site, state, inGap(state, given))
  const ordered = fact.type === 'timer.fired' ? undefined : fact
  if (ordered && isRepeated(recent, ordered)) return
  const id = callOfFact(site, state, fact, into)
  const was = id === undefined ? undefined : state.calls.get(id)
  if (ordered && id === undefined) remember(recent, ordered, undefined, undefined)
  // A list that was made before this hangup does not bring the leg back.
  if (id === undefined && fact.type === 'channel.gone') return pass(state, fact.leg, callId(site.pbx, fact.leg))
  if (id === undefined) return
  into.about.push({ call: id, fact })
  if (fact.type === 'leg.awaited' && !state.callOf.has(fact.awaited) && !state.past.has(fact.awaited))
    state.callOf.set(fact.awaited, id)
  if (!was && fact.type !== 'channel.created') return applyToPast(site, state, id, fact, into)
  if (!ordered) return take(site, state, id, was, reduceCall(site, was, fact, id), into)
  const again = overtaken(recent, ordered, id, was)
  if (again.length > 0) return tellAgain(site, state, ordered, id, was, again, into)
  const step = stepOf(site, was, ordered, id)
  remember(recent, ordered, id, was, step)
  take(site, state, id, was, step, into)
}

/** The link is up again, and the lists have not come yet: of what ends meanwhile, not all was told. */
const inGap = (state: PbxState, fact: LegFact | TimerFact): LegFact | TimerFact =>
  fact.type === 'channel.gone' && state.downSince !== undefined ? { ...fact, inferred: true } : fact

/** A fact that comes late is put where it belongs. What its call is then found to share a bridge with becomes one with it. */
function tellAgain(
  site: Site,
  state: PbxState,
  fact: LegFact,
  id: CallId,
  was: Call | undefined,
  again: Recent,
  into: Applied,
) {
  const step = retell(site, state.recent, fact, was, again, id)
  const strangers = step.next ? strangersIn(state, step.next) : []
  take(site, state, id, was, step, into)
  if (strangers.length === 0) return
  const joined = { legs: [fact.leg, ...strangers], bridges: [] }
  mergeAll(state, joined, fact, changes => told(site, state, into, changes), into.changed)
}

/** Legs of other calls in the bridges of this one. */
function strangersIn(state: PbxState, call: Call): LegId[] {
  return bridgesOf(call).flatMap(bridge => {
    const other = state.callIn.get(bridge)
    const legs = other === undefined || other === call.id ? [] : (state.calls.get(other)?.legs ?? [])
    return legs.filter(leg => leg.bridge === bridge).map(leg => leg.id)
  })
}

function take(site: Site, state: PbxState, id: CallId, was: Call | undefined, step: Step, into: Applied) {
  const { next, events, wake } = withNotes(step, was ? was.notes : state.promised.get(id))
  if (!was && next) state.promised.delete(id)
  if (next === was && events.length === 0) return
  if (next) keep(state, next, was)
  else if (was) forget(state, was, events.at(-1)?.call)
  into.changed.add(id)
  told(site, state, into, events)
  if (wake) into.wakes.push({ call: id, ...wake })
}

/** Facts say nothing of notes: told again, a call would be as it was before they were written. */
function withNotes(step: Step, notes: Notes | undefined): Step {
  const { next, events } = step
  if ((!next || next.notes === notes) && events.every(({ call }) => call.notes === notes)) return step
  const noted = ({ notes: _, ...call }: Call): Call => (notes ? { ...call, notes } : call)
  return {
    ...step,
    next: next && noted(next),
    events: events.map(event => ({ ...event, call: noted(event.call) })),
  }
}

function told(site: Site, state: PbxState, into: Applied, events: CallChange[]) {
  for (const { type, at, call, leg } of events) {
    const view = viewCall(call)
    if (state.calls.has(call.id)) state.published.set(call.id, call)
    const pop = type === 'call.offered' && leg !== undefined ? popAt(view.pop, leg) : undefined
    into.events.push(callEvent(type, at, view, leg, pop))
    if (type !== 'call.recorded') continue
    into.recorded.push(call)
    countCall(site, state, view, into)
    applyFollowUps(state, followUp(site, state.followUps, view), at, into)
    applyFollowUps(state, closeOldest(state.followUps, at), at, into)
  }
}

function applyFollowUps(state: PbxState, changes: FollowUpChange[], at: EpochMs, into: Applied) {
  for (const { type, key, item } of changes) {
    // The oldest is the one that was longest without an attempt.
    state.followUps.delete(key)
    if (item.state === 'open') state.followUps.set(key, item)
    into.items.add(key)
    into.events.push(followUpEvent(type, at, item))
  }
}

function applyNoted(site: Site, state: PbxState, fact: NotedFact, into: Applied) {
  const live = state.calls.get(fact.call)
  const was = live ?? state.recorded.get(fact.call)
  if (!was) return
  into.about.push({ call: was.id, fact })
  const { next, events } = noteCall(was, fact, live === undefined)
  if (live) {
    keep(state, next, was)
    into.changed.add(next.id)
  } else state.recorded.set(next.id, next)
  told(site, state, into, events)
}

/** Undefined when no such item is open. */
export function closeItem(state: PbxState, kind: FollowUpKind, id: string, at: EpochMs, into: Applied) {
  const [key, was] = [...state.followUps].find(([, item]) => item.kind === kind && item.id === id) ?? []
  if (key === undefined || !was) return undefined
  const change = closedByCommand(key, was, at)
  applyFollowUps(state, [change], at, into)
  return change.item
}

/** What is learnt of a call that is recorded already. */
function applyToPast(site: Site, state: PbxState, id: CallId, fact: LegFact | TimerFact, into: Applied) {
  const was = state.recorded.get(id)
  if (!was || fact.type === 'timer.fired') return
  const { next, events } = revised(was, fact)
  if (next) revise(state, was, next)
  told(site, state, into, events)
}

/** Which call a fact is about; calls that it makes one, are one by then. */
function callOfFact(site: Site, state: PbxState, fact: LegFact | TimerFact, into: Applied): CallId | undefined {
  if (fact.type === 'timer.fired') return state.calls.has(fact.call) ? fact.call : undefined
  const joined = joinedBy(fact) ?? recall(state, fact)
  if (joined) return mergeAll(state, joined, fact, changes => told(site, state, into, changes), into.changed)
  const known = livingOf(state, state.callOf.get(fact.leg))
  if (fact.type !== 'channel.created') return known ?? state.past.get(fact.leg)
  return known !== undefined && !isTooLate(state, known, fact.leg) ? known : callOfNew(site, state, fact)
}

/**
 * A phone that nobody dials is rung for a call that its other leg has transferred. It may ring before the end of the ringing that it follows
 * is told: each fact about it may be the first that shows whose it is.
 */
function recall(state: PbxState, fact: LegFact): Joined | undefined {
  if (fact.type === 'channel.created' || fact.leg.startsWith(OWN_LEG)) return undefined
  if (fact.type === 'dial.begun' && fact.by !== undefined) return undefined
  const id = state.callOf.get(fact.leg)
  const own = id === undefined ? undefined : state.calls.get(id)
  const leg = own?.revision === 0 ? legOf(own, fact.leg) : undefined
  if (!leg) return undefined
  for (const call of state.calls.values()) {
    const by = recalledBy(call, leg)?.by
    if (by !== undefined && call.id !== id) return { legs: [fact.leg, by], bridges: [] }
  }
  return undefined
}

/**
 * A new leg joins the call of the leg it is linked to, if that call lives; a tool of Asterisk's belongs to none. No call
 * begins under an id that another has had.
 */
function callOfNew(site: Site, state: PbxState, { leg, linked, name }: Extract<LegFact, { type: 'channel.created' }>) {
  if (kindOfChannel(name) === 'tool' || state.past.has(leg)) return undefined
  const named = [linked, leg].map(id => callId(site.pbx, id))
  const there = [state.callOf.get(linked), ...named.map(id => state.mergedInto.get(id) ?? id)]
  const living = there.find(id => id !== undefined && isLive(state.calls.get(id)))
  return living ?? named.find(id => !state.calls.has(id) && !state.recorded.has(id) && !state.mergedInto.has(id))
}

/** A phone that a command rings, and whose call is over by the time it has a channel: that is a call of its own. */
function isTooLate(state: PbxState, id: CallId, leg: LegId): boolean {
  const call = state.calls.get(id)
  return call !== undefined && !isLive(call) && legOf(call, leg) === undefined
}

/** The call that it has become part of, where it has. */
const livingOf = (state: PbxState, id: CallId | undefined) =>
  id === undefined || state.calls.has(id) ? id : state.mergedInto.get(id)

const isLive = (call: Call | undefined) => call !== undefined && call.progress.state !== 'ended'
