/** What a mix draws by chance, as a seed decides. */
import { seeded } from '../seeded.js'

export type Draw = Readonly<{
  /** A whole number from `least` to `most`, both included. */
  between: (least: number, most: number) => number
  /** One of these, as often as its share of all shares. */
  byShare: <T extends string>(shares: Readonly<Record<T, number>>) => T
}>

export function drawFrom(seed: number): Draw {
  const next = seeded(seed)
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
