/** Chance that a seed decides: the same numbers in [0, 1), in the same order, for the same seed (mulberry32). Pure but for its place. */
export function seeded(seed: number): () => number {
  let place = seed >>> 0
  return () => {
    place = (place + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(place ^ (place >>> 15), place | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
