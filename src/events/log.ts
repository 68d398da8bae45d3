/** An event in its PBX's log, and where it stands there. Positions grow, and `seq` grows by exactly one. */
import type { EpochMs } from '../base/ids.js'
import type { PublicEvent } from './event.js'

/** `ms`: when it was given its place, which may be a little after it happened. */
export type Position = { ms: EpochMs; seq: number }
export type LogEntry = PublicEvent & { position: Position }

export const START: Position = { ms: 0 as EpochMs, seq: 0 }

/** `1700000000000-7`, which is also its id in the Redis stream. */
export const positionText = ({ ms, seq }: Position) => `${ms}-${seq}`

export function positionOf(text: string): Position | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text)
  return match ? { ms: Number(match[1]) as EpochMs, seq: Number(match[2]) } : undefined
}
