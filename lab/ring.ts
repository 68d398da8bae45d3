/**
 * Calls a number of the lab that `npm start` runs, from outside: `npm run ring -- NUMBER [CALLER]`, see ring-number.ts. The
 * caller hangs up after ten seconds of talk, or after thirty of ringing, or when you press Ctrl-C.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../src/base/system.js'
import { CHECKOUT } from './config-files.js'
import { PROFILES, type ProfileName } from './profiles.js'
import { openPrograms } from './programs.js'
import { ringNumbers } from './ring-number.js'
import { newRunFolder } from './run-folder.js'
import { callIn, type SippLab } from './sipp.js'

type Run = {
  root: string
  profile: ProfileName
  sip: SippLab['asterisk']['sip']
  trunk: SippLab['asterisk']['trunk']
}

const TALK_MS = 10_000

function runningLab(): Run {
  try {
    return JSON.parse(readFileSync(join(CHECKOUT, '.aladdin/run.json'), 'utf8')) as Run
  } catch {
    process.stderr.write('No lab runs here: start it with `npm start`, in another terminal.\n')
    process.exit(1)
  }
}

const { root, profile, sip, trunk } = runningLab()
const numbers = ringNumbers(PROFILES[profile], process.argv.slice(2))
if (!numbers.ok) {
  process.stderr.write(`${numbers.error}\n`)
  process.exit(2)
}
const { from, to } = numbers.value
const dir = newRunFolder()
mkdirSync(join(dir, 'log'))
const programs = openPrograms(dir, systemClock)
process.stdout.write(`${from} calls ${to} …\n`)
const call = await callIn({ dir, root, programs, asterisk: { sip, trunk, load: trunk } }, { from, to, talkMs: TALK_MS })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void call.kill())
const { succeeded } = await call.done.catch(() => ({ succeeded: 0 }))
process.stdout.write(succeeded > 0 ? 'answered; the call is over\n' : 'not answered\n')
await programs.stopAll()
rmSync(dir, { recursive: true, force: true })
