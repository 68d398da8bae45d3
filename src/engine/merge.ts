/** Calls that a fact makes one: finds them, merges them as the pure code says, and keeps the one. Changes the state given. */
import type { CallId } from '../base/ids.js'
import { firstGoesOn, isAsked, merged, mergedAway, type Joined } from '../calls/merge.js'
import { followed } from '../calls/reduce.js'
import type { LegFact } from '../pbx/facts.js'
import type { Call } from '../calls/state.js'
import { number, type CallChange } from '../calls/told.js'
import type { CallEventType } from '../events/event.js'
import { settle } from './order.js'
import { replace, type PbxState } from './state.js'

/**
 * The one call that the fact is about; undefined when none of its legs is known. `changed` gets the ids of the calls that
 * were merged, the one that is no more included.
 */
export function mergeAll(
  state: PbxState,
  { legs, bridges }: Joined,
  fact: LegFact,
  tell: (changes: CallChange[]) => void,
  changed: Set<CallId>,
): CallId | undefined {
  const ids = legs.map(leg => state.callOf.get(leg))
  // Who is not known to us is in no call, whoever is in the bridge.
  if (ids.some(id => id === undefined)) return state.callOf.get(fact.leg)
  for (const bridge of bridges) ids.push(state.callIn.get(bridge))
  const [first, ...others] = new Set(ids.filter(id => id !== undefined))
  let one = first
  for (const other of others) one = mergeTwo(state, one, other, fact, tell, changed)
  return one
}

function mergeTwo(
  state: PbxState,
  oneId: CallId | undefined,
  otherId: CallId,
  fact: LegFact,
  tell: (changes: CallChange[]) => void,
  changed: Set<CallId>,
): CallId | undefined {
  const one = oneId === undefined ? undefined : state.calls.get(oneId)
  const other = state.calls.get(otherId)
  if (!one || !other || isOver(one) || isOver(other)) return oneId
  const [into, gone] = firstGoesOn(one, other) ? [one, other] : [other, one]
  const asked = isAsked(fact, one, other)
  const survivor = announced(into, merged(into, gone, fact.at, asked), gone)
  replace(state, gone, survivor.next)
  settle(state.recent, [gone.id, into.id])
  changed.add(gone.id).add(into.id)
  tell(survivor.events)
  return into.id
}

const isOver = (call: Call) => call.progress.state === 'ended'

/** Both are told of, each in its own revision; one that nobody had heard of merges in silence. */
function announced(was: Call, both: Call, gone: Call): { next: Call; events: CallChange[] } {
  const next = followed(both, both.latestAt)
  const away = gone.revision > 0 ? number(mergedAway(gone, next), [{ type: 'call.merged' }], next.latestAt).events : []
  const here: CallEventType[] = [
    ...(gone.revision > 0 ? (['call.merged'] as const) : []),
    ...('answeredAt' in next.progress && !('answeredAt' in was.progress) ? (['call.answered'] as const) : []),
  ]
  const numbered = number(
    next,
    here.map(type => ({ type })),
    next.latestAt,
  )
  return { next: numbered.next, events: [...away, ...numbered.events] }
}
