/**
 * What it takes to find out where a number is at home: beside the same country and type by libphonenumber itself; and what the library
 * takes in memory. The numbers are made up: half of them Chinese mobiles, half German.
 */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { createAreas, readLibrary } from '../src/areas/library.js'
import { elapsedMs } from '../src/base/system.js'
import { median, type Bench, type Measured, type Wanted } from './report.js'

const ROUNDS = 5
const NUMBERS = 100_000

const numbers = Array.from({ length: NUMBERS }, (_, i) =>
  i % 2 === 0 ? `+861${3 + (i % 7)}${String(100_000_000 + ((i * 7_919) % 899_999_999))}` : `+4930${1_000_000 + i * 7}`,
)

function microsecondsEach(ask: (number: string) => unknown): number {
  const began = elapsedMs()
  for (const number of numbers) ask(number)
  return ((elapsedMs() - began) * 1_000) / NUMBERS
}

function run({ rounds = ROUNDS }: Wanted): Promise<Measured> {
  const before = process.memoryUsage()
  const began = elapsedMs()
  const areaOf = createAreas(readLibrary(), 'en', [])
  const loadedMs = elapsedMs() - began
  areaOf('+493012345678')
  const after = process.memoryUsage()
  const megabytes = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6
  const took = { own: [] as number[], library: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    took.own.push(microsecondsEach(areaOf))
    took.library.push(microsecondsEach(number => parsePhoneNumberFromString(number)?.getType()))
  }
  return Promise.resolve({
    name: 'areas',
    rounds,
    values: {
      'a look-up, µs': took.own,
      'loading, ms': [loadedMs],
      'memory at most, MB': [megabytes],
    },
    baselines: { 'libphonenumber: parsing and type alone, µs': took.library },
    ratios: { 'look-up / libphonenumber': median(took.own.map((us, i) => us / (took.library[i] ?? NaN))) },
    counts: { 'look-ups a round': NUMBERS },
  })
}

export const areasBench: Bench = { about: 'a look-up of where a number is at home, beside libphonenumber', run }
