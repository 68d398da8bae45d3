/** Chance that a seed decides: the same seed draws the same numbers in the same order (mulberry32). Pure but for its place. */

export type Random = Readonly<{
  /** In [0, 1). */
  next: () => number
  /** A whole number from `least` to `most`, both included. */
  between: (least: number, most: number) => number
  oneOf: <T>(things: readonly [T, ...T[]]) => T
  /** True in so many cases out of one. */
  happens: (share: number) => boolean
  /** The same things in another order. */
  shuffled: <T>(things: readonly T[]) => T[]
}>

export function createRandom(seed: number): Random {
  let place = seed >>> 0
  const next = () => {
    place = (place + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(place ^ (place >>> 15), place | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    between,
    oneOf: things => things[between(0, things.length - 1)] ?? things[0],
    happens: share => share > 0 && next() < share,
    shuffled(things) {
      const rest = [...things]
      return things.map(() => rest.splice(between(0, rest.length - 1), 1)[0] as (typeof things)[number])
    },
  }
}
