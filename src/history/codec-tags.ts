/** How values of a record begin. Part of what is stored: only ever added to. Pure. */

export const TAG = {
  positive: 0,
  negative: 1,
  /** A text that was there before: which. */
  known: 2,
  /** Odd: a word of the list, twice its place and one. Even: a new text, twice how much of its beginning another has. */
  text: 3,
  list: 4,
  /** 0: by the names of its fields; else one more than its kind. */
  object: 5,
  other: 6,
  /** Milliseconds after the time before; twice as much, and one less than that when it is earlier. */
  time: 7,
} as const

/** What follows a value that is tagged `other`; from `timeAgain` on, which of the times that were there before. */
export const OTHER = { false: 0, true: 1, null: 2, double: 3, uniqueid: 4, channel: 5, tail: 6, timeAgain: 7 } as const

/** Asterisk's `1700000000.42`, or `name-1700000000.42`: seconds and a count, neither with zeros in front. */
export const UNIQUEID = /^((?:.*[^0-9])?)([1-9]\d{0,11})\.(0|[1-9]\d{0,11})$/s
/** Asterisk's `PJSIP/1001-0000002a`: what it is, and a count. */
export const CHANNEL = /^(.+)-([0-9a-f]{8})$/s

/** A difference as a number that is not negative, and back. */
export const zigzag = (n: number) => (n < 0 ? -n * 2 - 1 : n * 2)
export const unzigzag = (n: number) => (n % 2 === 1 ? -(n + 1) / 2 : n / 2)
