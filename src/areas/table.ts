/**
 * What is known of numbers by their beginnings, where the longest one that fits counts: laid out as ranges that do not overlap, so
 * that a look-up is one search. Pure.
 */

/** Numbers have 15 digits at most; beginnings are filled up to that. */
const DIGITS = 15
/** Nothing is known of a range. */
export const NOTHING = 0xffff_ffff

/** `starts`: where each range begins; `values`: what is known of it, up to where the next one begins. */
export type Table = { starts: Float64Array; values: Uint32Array }

const startOf = (prefix: string) => Number(prefix.padEnd(DIGITS, '0'))
const endOf = (prefix: string) => startOf(prefix) + 10 ** (DIGITS - prefix.length)

/** `prefixes`: digits of the whole number, the country code first; the later of two alike counts. */
export function tableOf(prefixes: Iterable<readonly [prefix: string, value: number]>): Table {
  const sorted = [...new Map(prefixes)].sort(([a], [b]) => startOf(a) - startOf(b) || a.length - b.length)
  const [starts, values]: [number[], number[]] = [[], []]
  const open: { end: number; value: number }[] = []
  const now = () => open.at(-1)?.value ?? NOTHING
  const mark = (start: number) => {
    if (starts.at(-1) === start) values[values.length - 1] = now()
    else if (values.at(-1) !== now()) {
      starts.push(start)
      values.push(now())
    }
  }
  const closeUntil = (start: number) => {
    for (let last = open.at(-1); last && last.end <= start; last = open.at(-1)) {
      open.pop()
      mark(last.end)
    }
  }
  for (const [prefix, value] of sorted) {
    closeUntil(startOf(prefix))
    open.push({ end: endOf(prefix), value })
    mark(startOf(prefix))
  }
  closeUntil(Infinity)
  return { starts: Float64Array.from(starts), values: Uint32Array.from(values) }
}

/** `digits`: all of a number, the country code first -> where it is in every table. */
export const placeIn = (digits: string) => Number(digits) * (TENS[DIGITS - digits.length] ?? NaN)
const TENS = Array.from({ length: DIGITS }, (_, i) => 10 ** i)

/** `at`: see placeIn. */
export function find({ starts, values }: Table, at: number): number | undefined {
  let [low, high] = [0, starts.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle] ?? Infinity) <= at) low = middle + 1
    else high = middle
  }
  const value = values[low - 1]
  return value === NOTHING ? undefined : value
}
