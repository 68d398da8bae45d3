/**
 * `npm run chaos -- [--seed S] [--minutes M] [--rate CALLS_PER_SECOND] [--profile plain|field] [--json]`. The exit code is 1 when there is a difference
 * that nothing explains, 2 for a wrong command line. See docs/chaos.md.
 */
import { parseArgs } from 'node:util'
import { random } from '../../src/base/system.js'
import { asLine } from '../../src/reconcile/text.js'
import type { ProfileName } from '../../lab/profiles.js'
import { runChaos, type ChaosResult } from './run.js'

const USAGE =
  'usage: npm run chaos -- [--seed NUMBER] [--minutes NUMBER] [--rate CALLS_PER_SECOND] [--profile plain|field] [--json]\n'
const MOST_SEED = 2 ** 32 - 1

type Wanted = { seed: number; minutes: number; rate: number; profile: ProfileName; json: boolean }

function wantedBy(args: string[]): Wanted | undefined {
  const text = { type: 'string' as const }
  try {
    const { values } = parseArgs({
      args,
      options: { seed: text, minutes: text, rate: text, profile: text, json: { type: 'boolean' } },
    })
    const seed = Number(values.seed ?? Math.floor(random() * MOST_SEED))
    const [minutes, rate] = [Number(values.minutes ?? 3), Number(values.rate ?? 6)]
    const sound =
      Number.isInteger(seed) &&
      seed >= 0 &&
      seed <= MOST_SEED &&
      minutes > 0 &&
      minutes <= 1_440 &&
      rate > 0 &&
      rate <= 100
    const { profile = 'plain' } = values
    if (!sound || (profile !== 'plain' && profile !== 'field')) return undefined
    return { seed, minutes, rate, profile, json: values.json === true }
  } catch {
    return undefined
  }
}

function summary({
  seed,
  minutes,
  calls,
  recorded,
  inferred,
  gaps,
  faults,
  differences,
  unexplained,
}: ChaosResult): string {
  const made = Object.entries(faults).map(([name, times]) => `  ${name}: ${times}`)
  return `${[
    `seed ${seed}, ${minutes} minutes: ${calls} calls, ${recorded} recorded, ${inferred} of them inferred in part, ${gaps} gaps`,
    'what was done:',
    ...made,
    `differences: ${differences.length}, of which nothing explains ${unexplained}`,
    ...differences.map(d => `  ${asLine(d)}`),
  ].join('\n')}\n`
}

const wanted = wantedBy(process.argv.slice(2))
if (!wanted) {
  process.stderr.write(USAGE)
  process.exit(2)
}
const { seed, minutes, rate, profile, json } = wanted
process.stderr.write(`seed ${seed}\n`)
const result = await runChaos({
  seed,
  seconds: minutes * 60,
  ratePerSecond: rate,
  profile,
  say: line => process.stderr.write(`${line}\n`),
})
process.stdout.write(json ? `${JSON.stringify(result)}\n` : summary(result))
process.exit(result.unexplained === 0 ? 0 : 1)
