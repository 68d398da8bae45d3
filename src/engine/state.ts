/**
 * What the engine knows of one PBX: its live calls, and which call each leg and each bridge belongs to. The only mutable
 * state there is; the reducers are handed one call at a time.
 */
import type { BridgeId, CallId, EpochMs, LegId } from '../base/ids.js'
import { bridgesOf } from '../calls/bridges.js'
import { isLive, legOf, type Call, type Leg } from '../calls/state.js'
import type { Sent } from '../agents/holds.js'
import type { Agent } from '../agents/state.js'
import { NO_DIRECTORY, type Directory, type Kept } from '../directory/state.js'
import type { AgentView } from '../events/agent.js'
import type { AlarmKind } from '../events/alarm.js'
import type { Kind } from '../events/directory.js'
import type { PublicEvent } from '../events/event.js'
import type { FollowUp } from '../events/follow-up.js'
import type { Queue, StoredQueue } from '../queues/state.js'
import type { PhoneState, LegFact } from '../pbx/facts.js'
import { QueueMap } from '../base/queue-map.js'
import type { StoredLine } from '../lines/reduce.js'
import type { Notes } from '../events/notes.js'
import type { Dials } from '../routing/limits.js'
import type { Alarm } from '../queues/alarms.js'
import type { CallBack } from '../call-backs/reduce.js'
import type { Message } from '../voicemail/message.js'
import type { Recent } from './order.js'

export type PbxState = {
  calls: Map<CallId, Call>
  callOf: Map<LegId, CallId>
  /** The call whose legs are in a bridge; two calls in one bridge are one call. */
  callIn: Map<BridgeId, CallId>
  /** Each call as its newest event has it. */
  published: Map<CallId, Call>
  /** Calls that have changed since it was last looked whether what they show has. */
  unpublished: Set<CallId>
  /** The last calls that were recorded: the history may take a moment to have them. */
  recorded: Map<CallId, Call>
  /** The calls that the last ones merged have become part of: an id answers after that, too. */
  mergedInto: Map<CallId, CallId>
  /** Legs of calls that are recorded, and those calls: should one be told of again, no second call comes of it. */
  past: Map<LegId, CallId>
  /** The last facts of legs, for one that comes late. */
  recent: Recent
  /** What is to be followed up and still open, by its key. */
  followUps: Map<string, FollowUp>
  /** By name. */
  queues: QueueMap<Queue>
  /** Calls whose visits to queues have changed, for the queues to take in: as they were and as they are. */
  visited: Visited[]
  directory: Directory
  /** By staff id. */
  agents: Map<string, Agent>
  /** Each agent as their newest event has them, by staff id. */
  shownAgents: Map<string, AgentView>
  /** Who has signed in, or is about to, by extension. */
  agentAt: Map<string, string>
  /** Of each agent, what the daemon has asked the PBX to do with memberships, and the PBX has not shown yet. */
  sent: Map<string, Map<string, Sent>>
  /** What each phone does, by what a queue calls it. */
  phones: Map<string, PhoneState>
  /** What extensions and agents did today, by the names under which that is stored. */
  lines: Map<string, StoredLine>
  /** The day of which the lines tell; undefined before the engine begins. */
  day?: string
  /** The alarms that are up, by the name of the queue; and how often each was published, also of those that are up no more. */
  alarms: Map<string, readonly Alarm[]>
  alarmRevisions: Map<string, AlarmRevisions>
  /** What calls that are yet to come have from their beginning: see `promise`. */
  promised: Map<CallId, Notes>
  /** What was dialled within the last hour, by the names under which that is stored. */
  dials: Map<string, Dials>
  /** Calls whose legs have changed, for the agents to take in. */
  moved: Visited[]
  version?: string
  /** Since when nothing is heard of the PBX. */
  downSince?: EpochMs
  /** Hangups that would end their call, while the lists of the PBX have not come: others of the call may be in them. */
  untilSeen: LegFact[]
  /** When nothing was heard of the PBX, the last time that it was so. */
  lastGap?: { from: string; until: string }
  /** Messages that callers have left, by their id. */
  messages: Map<string, Message>
  /** Who is to be called back, or was of late, by the id. */
  callBacks: Map<string, CallBack>
  /** The emergency switch, where anybody has used it. */
  emergency?: Emergency
  /** Keys of the store that name a thing in other letters than it has now: to be taken out. */
  stale: string[]
  /** Whether ARI was connected when it was last told of. */
  ariUp?: boolean
}

/** No `now`: the call is over, or never was anybody's. */
export type Visited = { was: Call[]; now?: Call }

/** An item as the store has it, beside the calls. */
export type StoredItem = { id: string; item: FollowUp }
/** The numbers of a queue, as the store has them beside the calls. */
export type StoredTally = { id: string; queue: StoredQueue }
/** An agent, as kept and as their newest event has them, and an entry of the directory. `changes`: how many there were to the directory. */
export type StoredAgent = { id: string; agent: Agent; shown?: AgentView }
export type StoredEntry = { id: string; kind: Kind; entry: Kept; changes: number }
export type StoredLineThing = { id: string; line: StoredLine }
export type AlarmRevisions = Partial<Record<AlarmKind, number>>
export type StoredAlarms = { id: string; alarms: Alarm[]; revisions?: AlarmRevisions }
/** What the newest event of a queue has, as text. */
export type StoredPublished = { id: string; published: string }
export type StoredDials = { id: string; dials: Dials }
/** What is told, and stored with it in one step; undefined takes one out. */
export type Push = (events: PublicEvent[], things: readonly (readonly [string, StoredThing | undefined])[]) => void
/** The emergency switch, under the name `emergency`. */
export type Emergency = { on: boolean; since: EpochMs; by: string }
export type StoredEmergency = { id: string; emergency: Emergency }
export const EMERGENCY_KEY = 'emergency'
export type StoredMessage = { id: string; message: Message }
export const messageKey = (id: string) => `message/${id}`
export type StoredCallBack = { id: string; callBack: CallBack }
export const callBackKey = (id: string) => `call-back/${id}`
export type StoredThing =
  | StoredCallBack
  | StoredMessage
  | StoredEmergency
  | Call
  | StoredItem
  | StoredTally
  | StoredPublished
  | StoredAgent
  | StoredEntry
  | StoredLineThing
  | StoredAlarms
  | StoredDials
export const isEmergency = (stored: StoredThing): stored is StoredEmergency => 'emergency' in stored
export const isMessage = (stored: StoredThing): stored is StoredMessage => 'message' in stored
export const isCallBack = (stored: StoredThing): stored is StoredCallBack => 'callBack' in stored
export const isDials = (stored: StoredThing): stored is StoredDials => 'dials' in stored
export const isLine = (stored: StoredThing): stored is StoredLineThing => 'line' in stored
export const isAlarms = (stored: StoredThing): stored is StoredAlarms => 'alarms' in stored
/** Everything that is stored beside the calls and their items. */
const isBeside = (stored: StoredThing) =>
  isTally(stored) ||
  isPublished(stored) ||
  isAgent(stored) ||
  isEntry(stored) ||
  isLine(stored) ||
  isAlarms(stored) ||
  isDials(stored) ||
  isEmergency(stored) ||
  isMessage(stored) ||
  isCallBack(stored)
export const isItem = (stored: StoredThing): stored is StoredItem => 'item' in stored
export const isAgent = (stored: StoredThing): stored is StoredAgent => 'agent' in stored
export const isEntry = (stored: StoredThing): stored is StoredEntry => 'entry' in stored
export const isPublished = (stored: StoredThing): stored is StoredPublished => 'published' in stored
export const isTally = (stored: StoredThing): stored is StoredTally => 'queue' in stored

/** Calls and items of the store are read here; what is a queue's, an agent's or the directory's, is read where that is kept. */
export function createState(stored: Iterable<StoredThing>, downSince?: EpochMs): PbxState {
  const state: PbxState = {
    calls: new Map(),
    callOf: new Map(),
    callIn: new Map(),
    published: new Map(),
    unpublished: new Set(),
    past: new Map(),
    recorded: new Map(),
    mergedInto: new Map(),
    recent: [],
    followUps: new Map(),
    queues: new QueueMap(),
    visited: [],
    directory: NO_DIRECTORY,
    agents: new Map(),
    shownAgents: new Map(),
    agentAt: new Map(),
    sent: new Map(),
    phones: new Map(),
    lines: new Map(),
    alarms: new Map(),
    alarmRevisions: new Map(),
    promised: new Map(),
    dials: new Map(),
    moved: [],
    messages: new Map(),
    callBacks: new Map(),
    stale: [],
    untilSeen: [],
    ...(downSince === undefined ? {} : { downSince }),
  }
  for (const call of stored) {
    if (isEmergency(call)) state.emergency = call.emergency
    if (isCallBack(call)) state.callBacks.set(call.callBack.id, call.callBack)
    if (isMessage(call)) state.messages.set(call.message.id, call.message)
    if (isBeside(call)) continue
    if (isItem(call)) {
      state.followUps.set(call.id, call.item)
      continue
    }
    keep(state, call)
    state.published.set(call.id, call)
    for (const id of call.mergedFrom ?? []) state.mergedInto.set(id, call.id)
  }
  return state
}

/** `was`: the call as it was kept before, if it was. */
export function keep(state: PbxState, call: Call, was?: Call) {
  const joined = call.queues !== was?.queues && (call.queues.length > 0 || was !== undefined)
  if (joined || isBrought(call, was)) visited(state, was ? [was] : [], call)
  place(state, call, was)
}

/** Routing has brought it to an agent of a workgroup, and that may count for the workgroup by now. */
const isBrought = (call: Call, was: Call | undefined) =>
  call.routing?.workgroup !== undefined &&
  (call.offers !== was?.offers || call.segments !== was.segments || call.routing !== was.routing)

function visited(state: PbxState, was: Call[], now: Call | undefined) {
  state.visited.push(now ? { was, now } : { was })
}

function moved(state: PbxState, was: Call[], now: Call | undefined) {
  state.moved.push(now ? { was, now } : { was })
}

function place(state: PbxState, call: Call, was?: Call) {
  state.calls.set(call.id, call)
  state.unpublished.add(call.id)
  // Whether somebody else is in it decides what a phone is said to do.
  if (state.agentAt.size > 0 && call !== was) moved(state, was ? [was] : [], call)
  if (call.legs === was?.legs) return
  if (call.legs.length !== was?.legs.length) for (const leg of call.legs) state.callOf.set(leg.id, call.id)
  const now = bridgesOf(call)
  if (was) for (const bridge of bridgesOf(was)) if (!now.includes(bridge)) state.callIn.delete(bridge)
  for (const bridge of now) state.callIn.set(bridge, call.id)
}

/** The call of an id, which may have become part of another: live or of late. */
export function callBy(state: PbxState, id: CallId): Call | undefined {
  const now = state.mergedInto.get(id) ?? id
  return state.calls.get(now) ?? state.recorded.get(now)
}

/** A leg of a live call, if it is there. */
export function liveLeg(state: PbxState, id: LegId): Leg | undefined {
  const at = state.callOf.get(id)
  const leg = legOf((at && state.calls.get(at)) ?? { legs: [] }, id)
  return leg && isLive(leg) ? leg : undefined
}

export const MOST_RECORDED = 1_000
export const MOST_PAST = 10_000

/** The call is over; `recorded`: as it went into the history, if it did. */
export function forget(state: PbxState, call: Call, recorded: Call | undefined) {
  state.calls.delete(call.id)
  state.published.delete(call.id)
  if (state.agentAt.size > 0) moved(state, [call], undefined)
  if (call.queues.length > 0) visited(state, [call], undefined)
  if (recorded) state.recorded.set(call.id, recorded)
  for (const bridge of bridgesOf(call)) state.callIn.delete(bridge)
  for (const leg of call.legs) {
    state.callOf.delete(leg.id)
    pass(state, leg.id, call.id)
  }
  dropOldest(state.recorded, MOST_RECORDED)
}

/** Nothing that is told of this leg begins a call any more. */
export function pass(state: PbxState, leg: LegId, call: CallId) {
  state.past.set(leg, call)
  dropOldest(state.past, MOST_PAST)
}

/** All that is heard of `gone` is about `into` from now on. */
export function replace(state: PbxState, gone: Call, into: Call) {
  const was = [gone, state.calls.get(into.id)].filter(call => call !== undefined)
  state.calls.delete(gone.id)
  state.published.delete(gone.id)
  if (was.some(({ queues }) => queues.length > 0)) visited(state, was, into)
  place(state, into)
  if (state.agentAt.size > 0) moved(state, was, into)
  for (const id of into.mergedFrom ?? []) state.mergedInto.set(id, into.id)
  dropOldest(state.mergedInto, MOST_PAST)
}

/** Something more became known of a call that is recorded. */
export function revise(state: PbxState, was: Call, next: Call) {
  state.recorded.set(was.id, next)
  if (was.queues !== next.queues) visited(state, [was], next)
}

/** Maps keep the order in which they were filled. */
function dropOldest(
  kept: { size: number; keys: () => Iterator<unknown>; delete: (key: never) => boolean },
  most: number,
) {
  while (kept.size > most) kept.delete(kept.keys().next().value as never)
}

/** As many commands as can be under way, and no more: of some the call never comes. */
export const MOST_PROMISED = 1_000

/** The call of this id begins with these notes. */
export function promise(state: PbxState, id: CallId, notes: Notes) {
  if (Object.keys(notes).length === 0) return
  state.promised.set(id, notes)
  for (const oldest of state.promised.keys()) {
    if (state.promised.size <= MOST_PROMISED) return
    state.promised.delete(oldest)
  }
}
