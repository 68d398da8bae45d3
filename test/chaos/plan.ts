/** What will go wrong, and when: drawn from a seed before anything begins, so that the same seed makes the same trouble. Pure. */
import type { Faults } from './faults.js'
import type { Random } from './random.js'

export type Side = 'ami' | 'redis'
export type Trouble =
  | { kind: 'fault'; name: string; side: Side; faults: Partial<Faults> }
  /** Connections are reset again and again for as long as it lasts. */
  | { kind: 'reset'; name: string; side: Side; everyMs: number }
  /** Redis is killed, and started again when it is over. */
  | { kind: 'kill'; name: string }
type Lasting = Trouble & { lastsMs: number }
/** It begins after a calm, and so long. */
export type Step = Lasting & { calmMs: number }

type Draw = (random: Random) => Lasting

const lasting = (random: Random, least: number, most: number) => random.between(least, most)
const fault =
  (name: string, side: Side, draw: (random: Random) => Partial<Faults>, least = 1_000, most = 5_000): Draw =>
  random => ({ kind: 'fault', name, side, faults: draw(random), lastsMs: lasting(random, least, most) })
const reset =
  (side: Side): Draw =>
  random => ({
    kind: 'reset',
    name: `${side}-reset`,
    side,
    everyMs: random.between(500, 3_000),
    lastsMs: random.between(1_000, 6_000),
  })

const bytes = (side: Side): Draw[] => [
  fault(`${side}-delay`, side, r => ({ delayMs: r.between(20, 300) })),
  fault(`${side}-slice`, side, () => ({ sliceBytes: 1 })),
  fault(`${side}-coalesce`, side, r => ({ coalesceMs: r.between(20, 300) })),
  fault(`${side}-limit`, side, r => ({ bytesPerSecond: r.between(40_000, 120_000) })),
  fault(`${side}-stall`, side, () => ({ stalled: true }), 500, 6_000),
  reset(side),
]

/** Every kind comes before any comes again, in an order of its own. */
const KINDS: readonly Draw[] = [
  ...bytes('ami'),
  ...bytes('redis'),
  fault('ami-drop', 'ami', r => ({ drop: r.between(5, 30) / 1_000 }), 3_000, 8_000),
  fault('ami-duplicate', 'ami', r => ({ duplicate: r.between(5, 60) / 100 })),
  fault('ami-reorder', 'ami', r => ({ reorder: r.between(10, 100) / 100 })),
  random => ({ kind: 'kill', name: 'redis-kill', lastsMs: lasting(random, 500, 4_000) }),
]

export function planOf(random: Random, ms: number): Step[] {
  const steps: Step[] = []
  for (let at = 0; at < ms;) {
    for (const draw of random.shuffled(KINDS)) {
      const step = { calmMs: random.between(200, 2_000), ...draw(random) }
      at += step.calmMs + step.lastsMs
      if (at <= ms) steps.push(step)
    }
  }
  return steps
}
