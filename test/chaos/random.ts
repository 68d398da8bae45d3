/** What troubles draw by chance, as a seed decides. */
import { seeded } from '../../lab/seeded.js'

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
  const next = seeded(seed)
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
