/**
 * What the engine knows of one PBX: its live calls, and which call each leg belongs to. The only mutable state there is;
 * the reducers are handed one call at a time.
 */
import type { CallId, EpochMs, LegId } from '../base/ids.js'
import type { Call } from '../calls/state.js'
import type { Recent } from './order.js'

export type PbxState = {
  calls: Map<CallId, Call>
  callOf: Map<LegId, CallId>
  /** The last calls that were recorded: the history may take a moment to have them. */
  recorded: Map<CallId, Call>
  /** Legs of calls that are recorded: should one be told of again, no second call comes of it. */
  past: Set<LegId>
  /** The last facts of legs, for one that comes late. */
  recent: Recent
  version?: string
  /** Since when nothing is heard of the PBX. */
  downSince?: EpochMs
  /** When nothing was heard of the PBX, the last time that it was so. */
  lastGap?: { from: string; until: string }
  /** Whether ARI was connected when it was last told of. */
  ariUp?: boolean
}

export function createState(calls: Iterable<Call>, downSince?: EpochMs): PbxState {
  const state: PbxState = {
    calls: new Map(),
    callOf: new Map(),
    past: new Set(),
    recorded: new Map(),
    recent: [],
    ...(downSince === undefined ? {} : { downSince }),
  }
  for (const call of calls) keep(state, call)
  return state
}

export function keep(state: PbxState, call: Call) {
  state.calls.set(call.id, call)
  for (const leg of call.legs) state.callOf.set(leg.id, call.id)
}

const MOST_RECORDED = 1_000
const MOST_PAST = 10_000

/** `call` as it was recorded. */
export function forget(state: PbxState, call: Call) {
  state.calls.delete(call.id)
  state.recorded.set(call.id, call)
  for (const leg of call.legs) {
    state.callOf.delete(leg.id)
    state.past.add(leg.id)
  }
  dropOldest(state.recorded, MOST_RECORDED)
  dropOldest(state.past, MOST_PAST)
}

/** Maps and sets keep the order in which they were filled. */
function dropOldest(
  kept: { size: number; keys: () => Iterator<unknown>; delete: (key: never) => boolean },
  most: number,
) {
  while (kept.size > most) kept.delete(kept.keys().next().value as never)
}
