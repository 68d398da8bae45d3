/**
 * `npm run commands -- [--calls N | --minutes M] [--seed S] [--asterisk 22|16] [--profile plain|field] [--script JSON] [--tries N]
 * [--frames FILE]`. The exit code is 1 when something was at fault, 2 for a wrong command line. See docs/commands.md.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { random } from '../../src/base/system.js'
import { runCommands, type CommandRun, type CommandsRan } from './run.js'
import type { Script } from './script.js'

const USAGE =
  'usage: npm run commands -- [--calls N | --minutes M] [--seed S] [--asterisk 22|16] [--profile plain|field] [--script JSON] [--tries N] [--frames FILE]\n'
const MOST = 2 ** 31
const OPTIONS = ['calls', 'minutes', 'seed', 'asterisk', 'profile', 'script', 'tries', 'frames'] as const

/** What the PBX tells, but for the lists that are asked for again and again. */
function writes(file: string): NonNullable<CommandRun['onFrame']> {
  writeFileSync(file, '')
  return frame => {
    if (frame['Event'] !== undefined && !frame['Event'].startsWith('CoreShowChannel'))
      appendFileSync(file, `${JSON.stringify(frame)}\n`)
  }
}

function wantedBy(args: string[]): CommandRun | undefined {
  const text = { type: 'string' as const }
  try {
    const { values } = parseArgs({
      args,
      options: Object.fromEntries(OPTIONS.map(name => [name, text])) as Record<(typeof OPTIONS)[number], typeof text>,
    })
    const { asterisk = '22', profile = 'plain' } = values
    const few = values.script === undefined ? 100 : 1
    const [minutes, calls, seed, tries] = [
      values.minutes ?? MOST,
      values.calls ?? (values.minutes === undefined ? few : MOST),
      values.seed ?? Math.floor(random() * MOST),
      values.tries ?? 10,
    ].map(Number)
    const whole = (n: number | undefined): n is number => n !== undefined && Number.isInteger(n) && n >= 0 && n <= MOST
    if (!whole(minutes) || !whole(calls) || !whole(seed) || !whole(tries) || calls * minutes === 0) return undefined
    if ((asterisk !== '22' && asterisk !== '16') || (profile !== 'plain' && profile !== 'field')) return undefined
    const script = values.script === undefined ? {} : { script: JSON.parse(values.script) as Script }
    return {
      calls,
      minutes,
      seed,
      tries,
      asterisk,
      profile,
      ...script,
      ...(values.frames !== undefined && { onFrame: writes(values.frames) }),
    }
  } catch {
    return undefined
  }
}

const summary = ({ calls, commands, carriedOut, failures, broken }: CommandsRan) =>
  [
    `${calls} calls, ${commands} commands, ${carriedOut} of them carried out; ${failures.length + broken.length} faults`,
    ...failures.map(
      f => `call ${f.call}: ${f.kind}: ${f.text}\n  smallest: ${JSON.stringify(f.smallest)}\n  ${f.said.join('; ')}`,
    ),
    ...broken,
  ].join('\n')

const wanted = wantedBy(process.argv.slice(2))
if (!wanted) {
  process.stderr.write(USAGE)
  process.exit(2)
}
process.stderr.write(`seed ${wanted.seed}\n`)
const ran = await runCommands({ ...wanted, told: line => process.stderr.write(`${line}\n`) })
process.stdout.write(`${summary(ran)}\n`)
process.exit(ran.failures.length + ran.broken.length === 0 ? 0 : 1)
