/** A story as it must be told: of the real PBX, and of its recording in test/facts. */
export type Expected = {
  /** The events, the ringing of single phones left out where several ring. */
  told?: readonly string[]
  /** Who could talk with whom, one after the other, in the first call: the kinds of its segments, holds left out. */
  talks?: readonly string[]
  /** Each call as the history must have it, in the order in which they began; what is not named may be anything. */
  calls: readonly object[]
}
export type Stories = Readonly<Record<string, Expected>>
