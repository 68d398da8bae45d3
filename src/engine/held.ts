/**
 * Callers who are with the daemon are let go by the dialplan by itself when nothing is heard of the daemon for a while: so as long
 * as it is well, the daemon says again and again that it is. Touches the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { LegId } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Verdict } from './confirm.js'

/** So often in the time after which they are let go. */
const TIMES = 3.5

type Parts = {
  clock: Clock
  held: () => LegId[]
  /** Nobody is left alone for longer than this by a daemon that has died. */
  waitMs: number
  send: (action: Action) => Promise<Verdict>
}

export function createHeld({ clock, held, waitMs, send }: Parts) {
  let cancel: (() => void) | undefined
  /** Who has come, also anew from another part of the dialplan, and has the dialplan's own time yet, which is short. */
  const fresh = new Set<LegId>()

  const keep = (legs: readonly LegId[]) => {
    for (const leg of legs) {
      fresh.delete(leg)
      void send({ do: 'keep', leg, forMs: waitMs })
    }
  }

  function again() {
    cancel = undefined
    const legs = held()
    keep(legs)
    if (legs.length > 0) cancel = clock.wake(after(clock, Math.ceil(waitMs / TIMES)), again)
  }

  function note(fact: Fact) {
    if (fact.type === 'caller.handed') fresh.add(fact.caller.leg)
    else if (fact.type === 'caller.back') fresh.delete(fact.leg)
    else if (fact.type === 'callers.seen') {
      fresh.clear()
      for (const { leg } of fact.callers) fresh.add(leg)
    }
  }

  return {
    /** Somebody may have come. */
    see(facts: readonly Fact[]) {
      facts.forEach(note)
      if (!cancel) return again()
      if (fresh.size > 0) keep(held().filter(leg => fresh.has(leg)))
    },
    stop: () => cancel?.(),
  }
}
