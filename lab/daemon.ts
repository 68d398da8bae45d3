/** The daemon beside a lab: the same code as ever, with a configuration that names the lab's Asterisk and Valkey. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hashKey } from '../src/api/auth.js'
import { parseConfig, type Config } from '../src/config.js'
import { CHECKOUT } from './config-files.js'
import type { Lab } from './lab.js'
import { inRoot, inside } from './root.js'

export type LabDaemonOptions = {
  key: string
  port?: number
  prefix?: string
  journalMaxMb?: number
  /** Facts are not kept unless told. */
  traceHours?: number
  /** How it is reached; the lab's own, over TCP, unless told. */
  redis?: object
  logLevel?: Config['log']['level']
  /** Other settings of the links, such as another port. */
  ami?: Readonly<Record<string, unknown>>
  /** How agents are treated, and the file of the directory. */
  agents?: Readonly<Record<string, unknown>>
  /** What may be dialled over the API, and how. */
  dialling?: Readonly<Record<string, unknown>>
  monitoring?: Readonly<Record<string, unknown>>
  timeZone?: string
  /** Where the recordings of the dialplan are; the folder of the lab's Asterisk unless told. */
  recordings?: Readonly<Record<string, unknown>>
  ivr?: Readonly<Record<string, unknown>>
  prompts?: Readonly<Record<string, unknown>>
  voicemail?: Readonly<Record<string, unknown>>
  /** The mail server. */
  mail?: Readonly<Record<string, unknown>>
  surveys?: readonly Readonly<Record<string, unknown>>[]
  /** Where calls from outside go. */
  routing?: Readonly<Record<string, unknown>>
  screenPop?: Readonly<Record<string, unknown>>
  phoneTypes?: readonly Readonly<Record<string, unknown>>[]
  /** A second daemon beside the same lab does without: Asterisk has one connection for each application. */
  ari?: Readonly<Record<string, unknown>> | false
}

/** The folder that the dialplan of the lab reads, and its own program that speaks. */
function promptsIn(lab: Lab) {
  const dir = join(lab.dir, 'prompts')
  if (!existsSync(join(lab.root, 'usr/bin/espeak-ng'))) return { dir }
  const data = inRoot(lab.root, 'usr/lib/@/espeak-ng-data')
  const { program, args } = inside(lab.root, 'usr/bin/espeak-ng', [`--path=${dirname(data)}`])
  return { dir, speech: { command: program, args } }
}

const directoryOf = ({ profile: { directory } }: Lab) =>
  directory === undefined ? {} : { directory: join(CHECKOUT, directory) }

export const PBX = 'lab'

/** As a file would say it, so it goes through the same checks. */
export function labConfig(
  lab: Lab,
  {
    key,
    port = 0,
    prefix = 'aladdin',
    journalMaxMb = 64,
    redis = { url: lab.redis.url },
    traceHours = 0,
    logLevel = 'warn',
    agents = directoryOf(lab),
    dialling,
    phoneTypes = [],
    screenPop = {},
    monitoring = {},
    routing = {},
    surveys = [],
    ivr = {},
    voicemail = {},
    prompts = promptsIn(lab),
    mail,
    timeZone,
    recordings = { dir: join(lab.dir, 'spool/monitor'), as: join(lab.dir, 'spool/monitor') },
    ...links
  }: LabDaemonOptions,
): Config {
  const { host, user, secret, port: amiPort } = lab.asterisk.ami
  const { settings } = lab.profile
  return parseConfig(
    JSON.stringify({
      pbxs: [
        {
          name: PBX,
          ami: { host, port: amiPort, user, secret, ...links.ami },
          ...(links.ari === false ? {} : { ari: { ...lab.asterisk.ari, ...links.ari } }),
          ...settings,
          agents,
          dialling: dialling ?? settings['dialling'] ?? {},
          phoneTypes,
          monitoring,
          ...(timeZone !== undefined && { timeZone }),
          routing,
          surveys,
          ivr,
          voicemail,
          prompts,
          recordings,
        },
      ],
      screenPop,
      ...(mail && { mail }),
      redis: { ...redis, prefix },
      api: { port, keys: [{ name: 'lab', sha256: hashKey(key) }] },
      events: { journal: { dir: join(lab.dir, 'journal'), maxMb: journalMaxMb } },
      history: { trace: { keepHours: traceHours }, archive: { dir: join(lab.dir, 'archive') } },
      log: { level: logLevel },
    }),
    {},
  )
}

export const productVersion = () =>
  (JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string }).version
