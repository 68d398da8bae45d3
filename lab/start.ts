/**
 * What `npm start` runs when no PBX is named: a lab, the daemon beside it, and a few phones with manners of their own.
 * Says how to reach it, to people on the terminal and to scripts in `.aladdin/run.json`; ends on Ctrl-C, all of it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KEY_PREFIX } from '../src/api/auth.js'
import { elapsedMs, randomToken } from '../src/base/system.js'
import { startDaemon, type Daemon } from '../src/daemon.js'
import { makePrompts } from '../src/prompts-command.js'
import { createPrompts } from '../src/prompts/folder.js'
import { createLogger } from '../src/logger.js'
import { CHECKOUT } from './config-files.js'
import { labConfig, productVersion } from './daemon.js'
import { LabUnavailable } from './errors.js'
import { startLab, type Lab } from './lab.js'
import { openPhone, type Answers } from './phone.js'
import { freeTcp } from './ports.js'
import { answerTrunk } from './sipp.js'
import { retry } from './wait.js'

const USUAL_PORT = 8080
const READY_WITHIN_MS = 30_000
const folder = join(CHECKOUT, '.aladdin')
const runFile = join(folder, 'run.json')
const keyFile = join(folder, 'key')

type StartedPhone = { extension: string; device?: string; answers: Answers; manner: string }
const PHONES: readonly StartedPhone[] = [
  { extension: '1001', answers: 'manual', manner: 'dials when you ask it to' },
  { extension: '1002', answers: { afterMs: 2_000 }, manner: 'answers after 2 s' },
  { extension: '1003', answers: 'never', manner: 'never answers' },
  { extension: '1004', answers: 'busy', manner: 'is always busy' },
]

/** The two devices of one extension on the field's PBX. */
const DEVICES: readonly StartedPhone[] = [
  { extension: '201', device: '201-desk', answers: { afterMs: 4_000 }, manner: 'answers after 4 s' },
  { extension: '201', device: '201-soft', answers: 'never', manner: 'rings with it and never answers' },
]
const phonesOf = ({ profile }: Lab) => (profile.name === 'field' ? [...PHONES, ...DEVICES] : PHONES)

/** The menus of examples/ivr, behind 49 30 1235 7700 (or 7700 on a phone of the lab). */
const examplesOf = ({ profile }: Lab) => ({
  ivr: { dir: join(CHECKOUT, 'examples/ivr') },
  routing: {
    calendars: [{ name: 'office', hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '20:00' }] }],
    routes: [{ name: 'welcome', dialled: [profile.askedAbout('7700')], to: { ivr: 'welcome' } }],
  },
})

/** Nobody waits for it: what is not there yet, is not heard. */
async function speakExamples(lab: Lab) {
  const settings = labConfig(lab, { key: '' }).pbxs[0]?.prompts ?? {}
  const prompts = createPrompts(settings, lab.clock, () => randomToken(8))
  await makePrompts(join(CHECKOUT, 'examples/prompts.yaml'), prompts, () => undefined).catch(() => false)
}

/** The same from one start to the next, so that a program that knows it need not be told again. */
function theKey(): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (existsSync(keyFile)) return readFileSync(keyFile, 'utf8').trim()
  const key = `${KEY_PREFIX}${randomToken(32)}`
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 })
  return key
}

async function readyDaemon(lab: Lab, key: string, fenced: () => void): Promise<Daemon> {
  const config = labConfig(lab, { key, port: await freeTcp(USUAL_PORT), ...examplesOf(lab) })
  const daemon = await startDaemon(config, productVersion(), createLogger(config.log.level), fenced)
  await retry(lab.clock, 'the daemon to be ready', READY_WITHIN_MS, async () => {
    const { status } = await fetch(`${daemon.address}/readyz`)
    return status === 200 ? true : undefined
  })
  return daemon
}

/** Whole or not at all, so that a script never reads half of it. */
function writeRunFile(lab: Lab, api: string, key: string) {
  const { ami, ari, sip, trunk, console, files } = lab.asterisk
  const phones = phonesOf(lab).map(({ answers: _, ...phone }) => ({ ...phone, password: sip.password }))
  const run = {
    api,
    key,
    docs: `${api}/docs`,
    ami,
    ari,
    sip: { host: sip.host, port: sip.port },
    trunk,
    redis: lab.redis.url,
    profile: lab.profile.name,
    root: lab.root,
    console,
    files,
    phones,
  }
  writeFileSync(`${runFile}.new`, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${runFile}.new`, runFile)
}

const greeting = (lab: Lab, api: string, key: string, tookMs: number) => `
Aladdin CTI runs (ready after ${(tookMs / 1000).toFixed(1)} s), with an Asterisk, a Valkey and ${phonesOf(lab).length} phones of its own.

  API     ${api}
  Key     ${key}
  Docs    ${api}/docs
  Phones  ${phonesOf(lab)
    .map(({ device, extension, manner }) => `${device ?? extension} ${manner}`)
    .join('; ')};
          a number that begins with 0 goes outside, where somebody answers
  Console ${lab.asterisk.console}
  Log     ${lab.asterisk.files.log}
  Scripts find all this in ${runFile}

Three lines to try, in another terminal, in this folder:

  see the events     node examples/watch-events.mjs
  dial               curl -X POST ${api}/v1/calls -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{"from":"1001","to":"1002"}'
  ring a lab phone   npm run --silent ring -- 1002

Ctrl-C stops everything.
`

async function main() {
  const begun = elapsedMs()
  // Until the lab is up there is nothing to be stopped in order: what runs dies with this process.
  let stop: (code: number) => void = code => process.exit(code)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(130))
  const lab = await startLab({ usualPorts: true, say: line => process.stderr.write(`${line}\n`) })
  const stopped = new Promise<number>(resolve => (stop = code => resolve(code === 130 ? 0 : code)))
  try {
    const key = theKey()
    const daemon = await readyDaemon(lab, key, () => stop(3))
    try {
      await Promise.all([...phonesOf(lab).map(phone => openPhone(lab, phone)), answerTrunk(lab, { ringMs: 1_000 })])
      void speakExamples(lab)
      lab.programs.alsoRemove(runFile)
      writeRunFile(lab, daemon.address, key)
      process.stdout.write(greeting(lab, daemon.address, key, elapsedMs() - begun))
      process.exitCode = await stopped
    } finally {
      rmSync(runFile, { force: true })
      await daemon.stop()
    }
  } finally {
    await lab.stop()
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof LabUnavailable ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    )
    process.exit(1)
  },
)
