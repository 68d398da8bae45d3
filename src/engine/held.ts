/**
 * Callers who are with the daemon are let go by the dialplan by itself when nothing is heard of the daemon for a while: so as long
 * as it is well, the daemon says again and again that it is. Touches the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { LegId } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
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

  function keep() {
    cancel = undefined
    const legs = held()
    for (const leg of legs) void send({ do: 'keep', leg, forMs: waitMs })
    if (legs.length > 0) cancel = clock.wake(after(clock, Math.ceil(waitMs / TIMES)), keep)
  }

  return {
    /** Somebody may have come. */
    look() {
      if (!cancel && held().length > 0) keep()
    },
    stop: () => cancel?.(),
  }
}
