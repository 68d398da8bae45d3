#!/usr/bin/env node
/** The command line: what to do, with which configuration. No logic. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { hashKey, KEY_PREFIX } from './api/auth.js'
import type { EpochMs } from './base/ids.js'
import { randomToken, systemClock } from './base/system.js'
import { checkConfig } from './check-command.js'
import { BadConfig, readConfig, type Config } from './config.js'
import { dataAges } from './config-areas.js'
import { siteOf, startDaemon, type Daemon } from './daemon.js'
import { asText, isWell } from './doctor/check.js'
import { examine } from './doctor/doctor.js'
import { hashPassword } from './directory/password.js'
import { printArchives } from './history/archive.js'
import { asText as renderedText, CannotRender, render } from './render-command.js'
import { asText as reconciledText, reconcileFiles } from './reconcile-command.js'
import { printReplay } from './replay.js'
import { makePrompts } from './prompts-command.js'
import { createPrompts } from './prompts/folder.js'
import { ivrCommand } from './ivr-command.js'
import { createLogger } from './logger.js'

const USAGE = `aladdin: CTI middleware for Asterisk

  aladdin start --config FILE   run the daemon until SIGTERM or SIGINT
  aladdin check --config FILE   say what is wrong with a configuration, all of it
  aladdin doctor --config FILE  look at each PBX and Redis, and say what is missing and how to mend it; --json
  aladdin replay --config FILE RECORDING  the calls that follow from a recorded AMI session or a trace; --pbx NAME
  aladdin reconcile --config FILE --from TIME --to TIME  each difference to what the PBX wrote itself, with its reason; --pbx NAME,
                                --cel FILE, --cdr FILE, --queue-log FILE (each again for a file that was rotated), --json
  aladdin render --to FOLDER   what the queues of the PBX would be by the workgroups; --write, --reload, --json; the workgroups
                                of the daemon at --api URL (its key in ALADDIN_KEY; --pbx NAME), or of --directory FILE
  aladdin ivr check FOLDER      what is wrong with the menus of a folder; --sounds FOLDER, --prompts FOLDER: also which sounds are missing
  aladdin ivr draw FOLDER       the menus as diagrams (Mermaid)
  aladdin prompts make FILE --config FILE  has the texts of a file spoken into the folder of the prompts; --pbx NAME
  aladdin password              make the hash of a password, which it reads from its input, for a directory file
  aladdin archive read FILE...  print the calls of archives, one line of JSON each
  aladdin key NAME              make an API key: the key for the client, its hash for the configuration
  aladdin --version

FILE may also be given as ALADDIN_CONFIG. See config/aladdin.example.yaml.
`

/** What a person has asked for wrongly: the text says it, and no stack. */
class BadUsage extends Error {}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Exit code 2, and why, where the command cannot do what it is for. */
async function orSay(command: string, doing: Promise<void>) {
  try {
    await doing
  } catch (error) {
    process.stderr.write(`aladdin ${command}: ${messageOf(error)}\n`)
    process.exitCode = 2
  }
}

const STOP_WITHIN_MS = 5_000

function versionOf(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

/** A signal counts from the first moment on, also while the daemon still waits for Redis. */
async function run(config: Config) {
  const logger = createLogger(config.log.level)
  const running: { daemon?: Daemon } = {}
  let stopping = false

  async function stop(why: string, code: number) {
    if (stopping) process.exit(code)
    stopping = true
    logger.info({ why }, 'stopping')
    // Whatever hangs must not hold up a restart; what is not in Redis by then is what the log's lag told.
    AbortSignal.timeout(STOP_WITHIN_MS).addEventListener('abort', () => process.exit(code || 1))
    try {
      await running.daemon?.stop()
    } catch (error) {
      logger.error({ err: error }, 'stopping failed')
      process.exit(1)
    }
    process.exit(code)
  }
  process.on('SIGTERM', () => void stop('SIGTERM', 0))
  process.on('SIGINT', () => void stop('SIGINT', 0))
  running.daemon = await startDaemon(
    config,
    versionOf(),
    logger,
    () => void stop('another daemon writes for this PBX', 3),
  )
  logger.info({ address: running.daemon.address }, 'listening')
}

function makeKey(name: string) {
  const key = `${KEY_PREFIX}${randomToken(32)}`
  process.stdout.write(`key for the client (shown only now):  ${key}\n`)
  process.stdout.write(`for the configuration, under api.keys:\n  - { name: ${name}, sha256: '${hashKey(key)}' }\n`)
}

async function doctor(config: Config, json: boolean) {
  const checks = await examine(
    { ...config, areaData: dataAges(config.areas) },
    { clock: systemClock, newId: () => randomToken() },
  )
  process.stdout.write(json ? `${JSON.stringify({ ok: isWell(checks), checks }, undefined, 2)}\n` : asText(checks))
  process.exitCode = isWell(checks) ? 0 : 1
}

function replayed(config: Config, pbx: string | undefined, file: string | undefined) {
  if (file === undefined) throw new BadUsage('aladdin replay: no recording was named')
  printReplay(siteOf(pbxNamed(config, pbx)), file, line => void process.stdout.write(line))
}

const pbxNamed = (config: Config, pbx: string | undefined) => {
  const settings = config.pbxs.find(({ name }) => pbx === undefined || name === pbx)
  if (!settings)
    throw new BadUsage(`no such PBX: ${pbx ?? ''}; the configuration has ${config.pbxs.map(p => p.name).join(', ')}`)
  return settings
}

type Reconciling = {
  pbx?: string
  from?: string
  to?: string
  cel?: string[]
  cdr?: string[]
  'queue-log'?: string[]
  json?: boolean
}

/** Exit code 0: no difference, or each is explained; 1: one is not; 2: it could not be found out. */
async function reconciled(config: Config, values: Reconciling) {
  const found = await reconcileFiles(config, askedBy(config, values))
  process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : reconciledText(found))
  process.exitCode = found.unexplained === 0 ? 0 : 1
}

function askedBy(config: Config, { pbx: name, from = '', to = '', cel, cdr, 'queue-log': queueLog }: Reconciling) {
  const pbx = pbxNamed(config, name)
  const [begin, until] = [Date.parse(from) as EpochMs, Date.parse(to) as EpochMs]
  if (!(begin < until)) throw new Error('--from and --to must be times such as 2026-03-01T00:00:00Z, the earlier first')
  const named = Object.entries({ cel, cdr, queueLog }).filter(([, file]) => file !== undefined)
  return { pbx, from: begin, until, files: { ...pbx.records, ...Object.fromEntries(named) } }
}

type RenderAsked = {
  to?: string
  api?: string
  directory?: string
  pbx?: string
  write?: boolean
  reload?: boolean
  json?: boolean
}

/** Exit code 0: as it should be, or written; 1: something would be different; 2: it cannot be done. */
async function rendered({ to, api, directory, pbx, write = false, reload = false, json }: RenderAsked) {
  if (to === undefined || (api === undefined) === (directory === undefined))
    throw new CannotRender('--to FOLDER, and either --api URL or --directory FILE, are needed')
  const key = process.env['ALADDIN_KEY'] ?? ''
  const source =
    directory === undefined ? { api: api ?? '', key, ...(pbx === undefined ? {} : { pbx }) } : { directory }
  const done = await render({ to, write, reload, ...source })
  process.stdout.write(json ? `${JSON.stringify(done)}\n` : renderedText(done))
  process.exitCode = done.differences.length > 0 && !write ? 1 : 0
}

async function promptsMade(config: Config, pbx: string | undefined, file: string) {
  const prompts = createPrompts(pbxNamed(config, pbx).prompts, systemClock, () => randomToken())
  const all = await makePrompts(file, prompts, line => void process.stdout.write(line))
  process.exitCode = all ? 0 : 1
}

async function printPasswordHash() {
  const password = readFileSync(process.stdin.fd, 'utf8').replace(/\r?\n$/, '')
  process.stdout.write(`${await hashPassword(password, randomToken())}\n`)
}

const COMMANDS = new Set(['start', 'check', 'doctor', 'replay', 'reconcile'])
const isCommand = (text: string | undefined) => text !== undefined && COMMANDS.has(text)

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  pbx: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  cel: { type: 'string', multiple: true },
  cdr: { type: 'string', multiple: true },
  'queue-log': { type: 'string', multiple: true },
  api: { type: 'string' },
  directory: { type: 'string' },
  sounds: { type: 'string' },
  prompts: { type: 'string' },
  write: { type: 'boolean' },
  reload: { type: 'boolean' },
  version: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** An option that does not exist is a mistake of the command line, and no fault of the program. */
function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS })
  } catch (error) {
    throw new BadUsage(`${messageOf(error)}\n\n${USAGE}`)
  }
}

async function main(args: string[]) {
  const { values, positionals } = parsed(args)
  const [command, name, ...files] = positionals
  if (values.version) return void process.stdout.write(`${versionOf()}\n`)
  if (command === 'key' && name !== undefined) return makeKey(name)
  if (command === 'archive' && name === 'read' && files.length > 0)
    return printArchives(files, line => void process.stdout.write(line))
  if (command === 'ivr' && (name === 'check' || name === 'draw') && files[0] !== undefined) {
    process.exitCode = ivrCommand(name, files[0], values, line => void process.stdout.write(line)) ? 0 : 1
    return
  }
  if (command === 'render') return orSay(command, rendered(values))
  if (command === 'password') return printPasswordHash()
  const path = values.config ?? process.env['ALADDIN_CONFIG']
  if (command === 'prompts' && name === 'make' && files[0] !== undefined && path !== undefined)
    return promptsMade(readConfig(path, process.env), values.pbx, files[0])
  if (values.help || path === undefined || !isCommand(command)) {
    process.stderr.write(USAGE)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const config = readConfig(path, process.env)
  if (command === 'start') return run(config)
  if (command === 'replay') return replayed(config, values.pbx, name)
  if (command === 'reconcile') return orSay(command, reconciled(config, values))
  if (command === 'doctor') return doctor(config, values.json === true)
  const { warnings, wrong } = await checkConfig(config, systemClock, process.env['PATH'])
  for (const line of warnings) process.stderr.write(`warning: ${line}\n`)
  if (wrong.length > 0) throw new BadConfig(wrong)
  process.stdout.write('the configuration is sound\n')
}

/** A stack only for a fault of the program: not for a file that is not there. */
function textOf(error: unknown): string {
  if (!(error instanceof Error) || error instanceof BadConfig) return String(error)
  if (error instanceof BadUsage || ('syscall' in error && 'path' in error)) return error.message
  return error.stack ?? error.message
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${textOf(error)}\n`)
  process.exitCode = error instanceof BadUsage ? 2 : 1
})
