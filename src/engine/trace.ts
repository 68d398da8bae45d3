/**
 * The facts that each live call is made of, as long as it lives, for whoever wants to know why its record says what it
 * says. In memory and bounded; of a call that was there before the daemon, what came since.
 */
import type { CallId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { Fact } from '../pbx/facts.js'

/** `whole`: all of them, from the call's first on. */
export type Trace = { whole: boolean; facts: Fact[] }

/** Of one call. A conference that goes on for hours may have more; its first ones are kept. */
export const MOST_FACTS = 2_000

type Kept = { whole: boolean; facts: { order: number; fact: Fact }[] }

export function createTraces(there: Iterable<CallId>) {
  const traces = new Map<string, Kept>([...there].map(id => [id, { whole: false, facts: [] }]))
  let heard = 0

  const inOrder = (kept: readonly Kept[]): Trace => ({
    whole: kept.every(({ whole }) => whole),
    facts: kept
      .flatMap(({ facts }) => facts)
      .sort((a, b) => a.order - b.order)
      .map(({ fact }) => fact),
  })
  const of = ({ id, mergedFrom = [] }: Pick<CallView, 'id' | 'mergedFrom'>) =>
    [id, ...mergedFrom].flatMap(each => traces.get(each) ?? [])

  return {
    hear(id: CallId, fact: Fact) {
      heard++
      let kept = traces.get(id)
      if (!kept) traces.set(id, (kept = { whole: true, facts: [] }))
      if (kept.facts.length < MOST_FACTS) kept.facts.push({ order: heard, fact })
      else kept.whole = false
    },
    /** Undefined when nothing was heard of it. */
    of(call: Pick<CallView, 'id' | 'mergedFrom'>): Trace | undefined {
      const kept = of(call)
      return kept.length > 0 ? inOrder(kept) : undefined
    },
    /** Those of calls that are no more. */
    drop(isThere: (id: string) => boolean, ids: Iterable<string>) {
      for (const id of ids) if (!isThere(id)) traces.delete(id)
    },
  }
}
