/**
 * What the engine knows of one PBX: its live calls, and which call each leg belongs to. The only mutable state there is;
 * the reducers are handed one call at a time.
 */
import type { CallId, EpochMs, LegId } from '../base/ids.js'
import type { Call } from '../calls/state.js'

export type PbxState = {
  calls: Map<CallId, Call>
  callOf: Map<LegId, CallId>
  /** Legs of calls that are recorded: should one be told of again, no second call comes of it. */
  past: Set<LegId>
  version?: string
  /** Since when nothing is heard of the PBX. */
  downSince?: EpochMs
}

export function createState(calls: Iterable<Call>, downSince?: EpochMs): PbxState {
  const state: PbxState = {
    calls: new Map(),
    callOf: new Map(),
    past: new Set(),
    ...(downSince === undefined ? {} : { downSince }),
  }
  for (const call of calls) keep(state, call)
  return state
}

export function keep(state: PbxState, call: Call) {
  state.calls.set(call.id, call)
  for (const leg of call.legs) state.callOf.set(leg.id, call.id)
}

const MOST_PAST = 10_000

export function forget(state: PbxState, call: Call) {
  state.calls.delete(call.id)
  for (const leg of call.legs) {
    state.callOf.delete(leg.id)
    state.past.add(leg.id)
  }
  for (const oldest of state.past) {
    if (state.past.size <= MOST_PAST) break
    state.past.delete(oldest)
  }
}
