/**
 * Callers who are with the daemon are let go by the dialplan by itself when nothing is heard of the daemon for a while: so as long
 * as it is well, the daemon says again and again that it is. Touches the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { LegId } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
import type { Verdict } from './confirm.js'

/** Nobody is left alone for longer than this by a daemon that has died. */
export const LET_GO_AFTER_MS = 3_500
const EVERY_MS = 1_000

type Parts = {
  clock: Clock
  held: () => LegId[]
  /** Over ARI. */
  send: (action: Action) => Promise<Verdict>
}

export function createHeld({ clock, held, send }: Parts) {
  let cancel: (() => void) | undefined

  function keep() {
    cancel = undefined
    const legs = held()
    for (const leg of legs) void send({ do: 'keep', leg, forMs: LET_GO_AFTER_MS })
    if (legs.length > 0) cancel = clock.wake(after(clock, EVERY_MS), keep)
  }

  return {
    /** Somebody may have come. */
    look() {
      if (!cancel && held().length > 0) keep()
    },
    stop: () => cancel?.(),
  }
}
