/**
 * What a benchmark gives, and how it is shown. A figure means nothing without its baseline of the same run, so what counts
 * are ratios. Pure.
 */

/** Values and baselines by name, one number for each round; ratios by their number in the list of goals. */
export type Measured = Readonly<{
  name: string
  rounds: number
  values: Readonly<Record<string, readonly number[]>>
  baselines: Readonly<Record<string, readonly number[]>>
  ratios: Readonly<Record<string, number>>
  /** What must be so for the figures to mean anything, and was: counts of what was done. */
  counts?: Readonly<Record<string, number>>
}>

/** `rounds` and `seconds` are for trying things: the figures of the documentation are made without them. */
export type Wanted = Readonly<{ rounds?: number; seconds?: number; say: (line: string) => void }>

export type Bench = Readonly<{ about: string; run: (wanted: Wanted) => Promise<Measured> }>

type Goal = Readonly<{ what: string; goal: number; wish: number; unit?: string; atLeast?: true }>

/** Below `goal` is the aim, below `wish` is what we really want; with `atLeast`, above. */
export const GOALS: Readonly<Record<string, Goal>> = {
  P1: { what: 'Asterisk CPU a call, with the daemon / without', goal: 1.25, wish: 1.15 },
  P3: { what: 'daemon CPU a call / Asterisk CPU a call', goal: 0.3, wish: 0.18 },
  P4: { what: 'daemon CPU / CPU of a client that only drains the socket', goal: 2, wish: 1.4 },
  P5: { what: 'events/s of the whole path / events/s that Asterisk can emit', goal: 2, wish: 4, atLeast: true },
  P6: { what: 'MB/s of the parser / MB/s of framing alone', goal: 0.35, wish: 0.6, atLeast: true },
  P7: { what: 'p99 from the AMI socket to the WebSocket / p99 of a bare relay', goal: 1.5, wish: 1.2 },
  P7ms: { what: 'p50 beyond that of the bare relay, ms', goal: 0.3, wish: 0.15, unit: 'ms' },
  P9: { what: 'a command / a handler that only does the same at the PBX', goal: 1.6, wish: 1.2 },
  P10: { what: 'records/s / a bare pipeline of the same keys', goal: 0.6, wish: 0.9, atLeast: true },
  P11: { what: 'p99 of a page of 50 with a million calls / p99 of PING', goal: 10, wish: 5 },
  P12: { what: 'bytes in Redis of a call with all its indexes', goal: 600, wish: 450, unit: 'bytes' },
  P13: { what: 'memory of an active call, KB', goal: 6, wish: 3, unit: 'KB' },
  P14: { what: 'from exec to ready / loading the libraries alone', goal: 3, wish: 1.8 },
  P15: { what: 'from reconnect to a whole view / reading the lists alone, 4,000 channels', goal: 4, wish: 2 },
  P16: { what: "what the daemon's decision adds to a call's set-up, p99, ms", goal: 20, wish: 10, unit: 'ms' },
}

export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN]
  return low + (high - low) * (at - Math.floor(at))
}

export const median = (numbers: readonly number[]) => quantile(numbers, 0.5)

/** Each round's value over the same round's baseline; the median of these. */
export const ratioOf = (values: readonly number[], baselines: readonly number[]) =>
  median(values.map((value, round) => value / (baselines[round] ?? NaN)))

const short = (n: number) => (Math.abs(n) >= 100 ? n.toFixed(0) : n.toPrecision(3))
const row = (name: string, numbers: readonly number[]) =>
  `  ${name}: ${short(median(numbers))} (${short(Math.min(...numbers))} to ${short(Math.max(...numbers))})`

export function asText({ name, rounds, values, baselines, ratios, counts = {} }: Measured): string {
  const verdict = ([key, ratio]: [string, number]) => {
    const { what, goal, wish, atLeast } = GOALS[key.split(' ')[0] ?? ''] ?? { what: '', goal: NaN, wish: NaN }
    const met = (limit: number) => (atLeast ? ratio >= limit : ratio <= limit)
    const said = Number.isNaN(goal)
      ? ''
      : met(wish)
        ? `, better than ${wish}`
        : met(goal)
          ? `, within ${goal}`
          : `, MISSES ${goal}`
    return `  ${key}: ${short(ratio)}${said}${what === '' ? '' : `  (${what})`}`
  }
  return [
    `${name}, ${rounds} rounds, median (least to most)`,
    ...Object.entries(values).map(([key, numbers]) => row(key, numbers)),
    'baselines of the same run',
    ...Object.entries(baselines).map(([key, numbers]) => row(key, numbers)),
    'ratios',
    ...Object.entries(ratios).map(verdict),
    ...Object.entries(counts).map(([key, count]) => `  ${key}: ${count}`),
  ].join('\n')
}
