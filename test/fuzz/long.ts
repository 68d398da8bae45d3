/**
 * `npm run fuzz -- --seed S --minutes M`: odd inputs for the readers of AMI, ARI and sound, for as long as is wished. A failure is
 * saved into the corpus, where `npm test` finds it, and printed with its seed; the exit code is then 1.
 */
import { parseArgs } from 'node:util'
import { elapsedMs, random } from '../../src/base/system.js'
import { saveFailure } from './corpus.js'
import { fuzz } from './run.js'
import { TARGETS, type TargetName } from './targets.js'

const { values } = parseArgs({ options: { seed: { type: 'string' }, minutes: { type: 'string', default: '5' } } })
const seed = values.seed === undefined ? Math.floor(random() * 2 ** 31) : Number(values.seed)
const minutes = Number(values.minutes)
if (!Number.isInteger(seed) || !(minutes > 0)) {
  process.stderr.write('usage: npm run fuzz -- [--seed WHOLE NUMBER] [--minutes NUMBER]\n')
  process.exit(2)
}
const names = Object.keys(TARGETS) as TargetName[]
const eachMs = (minutes * 60_000) / names.length
process.stdout.write(`seed ${seed}, ${minutes} minutes\n`)
for (const target of names) {
  const until = elapsedMs() + eachMs
  let inputs = 0
  const failure = fuzz(target, seed, done => {
    inputs = done
    return elapsedMs() < until
  })
  process.stdout.write(`${target}: ${inputs} inputs${failure ? `, then seed ${failure.seed} failed` : ''}\n`)
  if (!failure) continue
  const { error } = failure
  process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.stdout.write(`saved as ${saveFailure(target, failure.bytes)}\n`)
  process.exitCode = 1
}
