/** Chance that a seed decides: the same seed draws the same numbers in the same order (mulberry32). Pure but for its place. */

export type Draw = Readonly<{
  /** A whole number from `least` to `most`, both included. */
  between: (least: number, most: number) => number
  /** One of these, as often as its share of all shares. */
  byShare: <T extends string>(shares: Readonly<Record<T, number>>) => T
}>

export function drawFrom(seed: number): Draw {
  let place = seed >>> 0
  const next = () => {
    place = (place + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(place ^ (place >>> 15), place | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    byShare: <T extends string>(shares: Readonly<Record<T, number>>) => {
      const entries = Object.entries(shares) as [T, number][]
      let left = next() * entries.reduce((sum, [, share]) => sum + share, 0)
      const [last] = entries.at(-1) ?? []
      for (const [name, share] of entries) {
        left -= share
        if (left < 0) return name
      }
      if (last === undefined) throw new Error('nothing to draw from')
      return last
    },
  }
}
