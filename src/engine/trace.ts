/**
 * The facts that each live call is made of, as long as it lives, for whoever wants to know why its record says what it
 * says. In memory and bounded; of a call that was there before the daemon, what came since.
 */
import { callId, type CallId, type LegId } from '../base/ids.js'
import type { Call } from '../calls/state.js'
import type { Fact } from '../pbx/facts.js'

/** `whole`: all of them, from the call's first on. */
export type Trace = { whole: boolean; facts: Fact[] }

/** Of one call. A conference that goes on for hours may have more; its first ones are kept. */
export const MOST_FACTS = 2_000

/** More calls than any PBX has at a time. */
const MOST_TRACED = 20_000

type Kept = { whole: boolean; facts: { order: number; fact: Fact }[] }

export function createTraces(there: Iterable<CallId>) {
  const traces = new Map<string, Kept>([...there].map(id => [id, { whole: false, facts: [] }]))
  let heard = 0

  const inOrder = (kept: readonly Kept[]): Trace => ({
    whole: kept.every(({ whole }) => whole),
    facts: withoutWithheld(
      kept
        .flatMap(({ facts }) => facts)
        .sort((a, b) => a.order - b.order)
        .map(({ fact }) => fact),
    ),
  })

  /** What never came to a record, such as a call that nobody was told of. */
  function dropOldest() {
    const oldest = traces.size > MOST_TRACED ? traces.keys().next().value : undefined
    if (oldest !== undefined) traces.delete(oldest)
  }

  return {
    hear(id: CallId, fact: Fact) {
      heard++
      let kept = traces.get(id)
      if (!kept) {
        traces.set(id, (kept = { whole: true, facts: [] }))
        dropOldest()
      }
      if (kept.facts.length < MOST_FACTS) kept.facts.push({ order: heard, fact })
      else kept.whole = false
    },
    /** Undefined when nothing was heard of it. */
    of(call: Parted): Trace | undefined {
      const kept = partsOf(call).flatMap(id => traces.get(id) ?? [])
      return kept.length > 0 ? inOrder(kept) : undefined
    },
    /** It is no more. */
    drop(call: Parted) {
      for (const id of partsOf(call)) traces.delete(id)
    },
  }
}

/** Stands for a number or a name that must not be shown; the same record can be made of it. */
const HIDDEN = '***'

/** The PBX names the number of a caller before it says that it must not be shown. */
function withoutWithheld(facts: Fact[]): Fact[] {
  const legs = new Set(facts.flatMap(fact => (fact.type === 'caller.changed' && fact.withheld ? [fact.leg] : [])))
  if (legs.size === 0) return facts
  const numbers = new Set(
    facts.flatMap(fact =>
      (fact.type === 'channel.created' || fact.type === 'caller.changed') && legs.has(fact.leg)
        ? [fact.caller.number]
        : [],
    ),
  )
  numbers.delete('')
  const hide = (_: string, value: unknown) => (typeof value === 'string' && numbers.has(value) ? HIDDEN : value)
  return withoutNames(JSON.parse(JSON.stringify(facts), hide) as Fact[], legs)
}

/** Their name is theirs, too, also on other channels of the call. */
function withoutNames(facts: Fact[], legs: ReadonlySet<LegId>): Fact[] {
  const callers = facts.flatMap(fact => ('caller' in fact && 'leg' in fact ? [fact] : []))
  const names = new Set(
    callers.flatMap(({ leg, caller }) => (legs.has(leg) && caller.name !== '' ? [caller.name] : [])),
  )
  return facts.map(fact =>
    'caller' in fact && 'leg' in fact && names.has(fact.caller.name)
      ? { ...fact, caller: { ...fact.caller, name: HIDDEN } }
      : fact,
  )
}

type Parted = Pick<Call, 'id' | 'pbx' | 'mergedFrom'> & { legs: readonly { id: LegId }[] }

/** The calls that it was made of, also those that nobody was told of: each has the name of its first leg. */
const partsOf = ({ id, pbx, legs, mergedFrom = [] }: Parted): string[] => [
  ...new Set([id, ...mergedFrom, ...legs.map(leg => callId(pbx, leg.id))]),
]
