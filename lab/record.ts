/**
 * Records what an AMI session of the daemon's own user is sent while a story happens, every byte as it came, and beside
 * it what the PBX itself wrote of the story: CDR, CEL and queue_log. Run by hand when Asterisk, a story or dialplan/
 * changes: `node build/lab/record.js [--asterisk 16|22] [story…]` writes test/facts/ (and test/facts/16/).
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '../src/base/clock.js'
import { CHECKOUT } from './config-files.js'
import { startLab, type Lab } from './lab.js'
import type { AsteriskVersion } from './recipe.js'
import { STORIES } from './stories/index.js'
import { openCast, play, TIME_TO_ANSWER } from './stories/stage.js'

/** CEL and CDR are written behind the events. */
const WRITTEN_WITHIN_MS = 300

const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0)
const since = (file: string, from: number) =>
  existsSync(file) ? readFileSync(file).subarray(from).toString('utf8') : ''

async function record(lab: Lab, folder: string, name: string, tell: () => Promise<string>): Promise<void> {
  const { cdr, cel, queueLog } = lab.asterisk.files
  const files = { '.cdr.csv': cdr, '.cel.csv': cel, '.queue_log': queueLog }
  const before = Object.values(files).map(sizeOf)
  const raw = await tell()
  await sleep(lab.clock, WRITTEN_WITHIN_MS)
  writeFileSync(join(folder, `${name}.ami`), raw)
  for (const [n, [suffix, file]] of Object.entries(files).entries()) {
    const text = since(file, before[n] ?? 0)
    const path = join(folder, `${name}${suffix}`)
    if (text === '') rmSync(path, { force: true })
    else writeFileSync(path, text)
  }
}

function readArguments(args: readonly string[]): { version: AsteriskVersion; wanted: readonly string[] } {
  const version = args[0] === '--asterisk' ? args[1] : '22'
  if (version !== '16' && version !== '22') throw new Error('usage: record.js [--asterisk 16|22] [story…]')
  const wanted = args[0] === '--asterisk' ? args.slice(2) : args
  const unknown = wanted.find(name => !(name in STORIES))
  if (unknown !== undefined) throw new Error(`no story is called ${unknown}`)
  return { version, wanted: wanted.length > 0 ? wanted : Object.keys(STORIES) }
}

const { version, wanted } = readArguments(process.argv.slice(2))
const folder = join(CHECKOUT, version === '22' ? 'test/facts' : `test/facts/${version}`)
mkdirSync(folder, { recursive: true })
const lab = await startLab({ asterisk: version, ...TIME_TO_ANSWER, say: line => console.error(line) })
try {
  const cast = await openCast(lab)
  for (const name of wanted) {
    const story = STORIES[name]
    if (!story) continue
    try {
      await record(lab, folder, name, () => play(lab, cast, story))
      console.error(`recorded ${name}`)
    } catch (error) {
      process.exitCode = 1
      console.error(`${name} did not go as told: ${String(error)}`)
    }
  }
} finally {
  await lab.stop()
}
