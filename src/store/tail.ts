/**
 * The newest events of one log, in memory: who is but a little behind reads them here, also while Redis is away, and a
 * Redis that has lost some gets them back. Bounded by number and by size; pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { LogEntry, Position } from '../events/log.js'

export type Bounds = { entries: number; chars: number }

export const TAIL: Bounds = { entries: 10_000, chars: 8 << 20 }

export type Tail = ReturnType<typeof createTail>

/** `base`: the place before the first entry that will come. */
export function createTail(base: Position, most: Bounds = TAIL) {
  let before = base
  let entries: LogEntry[] = []
  /** What is before this index has gone; it is cut off when it is half of all. */
  let first = 0
  let chars = 0

  function drop() {
    while (entries.length - first > most.entries || (chars > most.chars && entries.length - first > 1)) {
      const gone = entries[first++]
      if (!gone) return
      chars -= gone.json.length
      before = gone.position
    }
    if (first > 100 && first * 2 > entries.length) {
      entries = entries.slice(first)
      first = 0
    }
  }

  /** Where the entry after this number is; beyond the end when there is none yet, undefined when it has gone. */
  const indexAfter = (seq: number) => (seq < before.seq ? undefined : first + seq - before.seq)

  return {
    /** How many are here. */
    size: () => entries.length - first,
    /** After numbers that were left out, it begins anew. */
    push(added: readonly LogEntry[]) {
      const next = added[0]?.position.seq
      if (next !== undefined && next !== before.seq + entries.length - first + 1) {
        before = { ms: NaN as EpochMs, seq: next - 1 }
        entries = []
        first = chars = 0
      }
      for (const entry of added) {
        entries.push(entry)
        chars += entry.json.length
      }
      drop()
    },
    /** What came after this very place; undefined when that is not known here. */
    after(position: Position, count: number): LogEntry[] | undefined {
      const index = indexAfter(position.seq)
      if (index === undefined || index > entries.length) return undefined
      const at = index === first ? before : entries[index - 1]?.position
      return at?.ms === position.ms ? entries.slice(index, index + count) : undefined
    },
    /** The entries after one number up to another, or as many of them as are still here. */
    between(seq: number, until: number, count: number): LogEntry[] {
      const index = indexAfter(seq) ?? first
      const end = Math.max(index, first + until - before.seq)
      return entries.slice(index, Math.min(index + count, end))
    },
  }
}
