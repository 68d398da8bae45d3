/**
 * The lab from a command line:
 *   node build/lab/main.js fetch [--asterisk 16|22]   fetches what is not in the cache, and prints the folder
 *   node build/lab/main.js run [--asterisk 16|22]     starts a lab, prints how to reach it as JSON, runs until a signal
 */
import { systemClock } from '../src/base/system.js'
import { LabUnavailable } from './errors.js'
import { fetchRoot } from './fetch.js'
import { describeLab, startLab } from './lab.js'
import type { AsteriskVersion } from './recipe.js'

const USAGE = 'usage: main.js fetch|run [--asterisk 16|22]'
const say = (line: string) => console.error(line)

function readArguments(args: readonly string[]): { command: string; asterisk: AsteriskVersion } {
  const [command = '', option, version = '22', ...more] = args
  const known = (option === undefined || option === '--asterisk') && (version === '16' || version === '22')
  if (!known || more.length > 0) throw new LabUnavailable(USAGE)
  return { command, asterisk: version }
}

async function run(asterisk: AsteriskVersion): Promise<void> {
  const signalled = new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
  const lab = await startLab({ asterisk, say, usualPorts: true })
  console.log(JSON.stringify(describeLab(lab), null, 2))
  await signalled
  await lab.stop()
}

async function main(): Promise<void> {
  const { command, asterisk } = readArguments(process.argv.slice(2))
  if (command === 'fetch') console.log(await fetchRoot(asterisk, process.env, systemClock, say))
  else if (command === 'run') await run(asterisk)
  else throw new LabUnavailable(USAGE)
}

main().catch((error: unknown) => {
  console.error(error instanceof LabUnavailable ? error.message : error)
  process.exitCode = 1
})
