/** Passes on what has just been written to a PBX's log, to every stream that has caught up with it. */
import type { LogEntry, Position } from '../../events/log.js'

export type Hub = ReturnType<typeof createHub>

export function createHub(start: Position) {
  let last = start
  const listeners = new Set<(entries: readonly LogEntry[]) => void>()
  return {
    /** The newest position there is something to read up to. */
    last: () => last,
    publish(entries: readonly LogEntry[]) {
      last = entries.at(-1)?.position ?? last
      for (const listener of listeners) listener(entries)
    },
    listen(listener: (entries: readonly LogEntry[]) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
