/** What the chaos proxy can do to a direction of a connection. All off unless switched on; each at any time. */

export type Direction = 'toServer' | 'toClient'
export const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient']

/** Faults that know no protocol. */
export type ByteFaults = {
  /** Each chunk is held so long, and by chance up to as long again. */
  delayMs: number
  /** Written in pieces of so many bytes, each on its own; 0 leaves chunks whole. */
  sliceBytes: number
  /** What comes within this time is glued together to one write. */
  coalesceMs: number
  /** No more than so much gets through; 0 for no limit. */
  bytesPerSecond: number
  /** Nothing gets through; it is kept, and comes when this is over. */
  stalled: boolean
}

/** Faults that cut AMI frames, and happen to events only: shares from 0 to 1. */
export type FrameFaults = {
  drop: number
  duplicate: number
  /** Events are held until a few are there, and told in another order. */
  reorder: number
}

export type Faults = ByteFaults & FrameFaults

export const CALM: Faults = {
  ...{ delayMs: 0, sliceBytes: 0, coalesceMs: 0, bytesPerSecond: 0, stalled: false },
  ...{ drop: 0, duplicate: 0, reorder: 0 },
}

/** How often each was of effect: chunks, or for the last three, events; resets are connections. */
export type Counts = Record<
  'delayed' | 'sliced' | 'coalesced' | 'limited' | 'stalled' | 'dropped' | 'duplicated' | 'reordered' | 'reset',
  number
>

export const noCounts = (): Counts => ({
  ...{ delayed: 0, sliced: 0, coalesced: 0, limited: 0, stalled: 0 },
  ...{ dropped: 0, duplicated: 0, reordered: 0, reset: 0 },
})
