/**
 * A private Asterisk: its configuration, its process, and when it is ready. Touches the run folder, processes and
 * loopback.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../src/base/clock.js'
import { randomToken } from '../src/base/system.js'
import { openAmi, type AmiLogin, type Fields } from './ami.js'
import {
  CHECKOUT,
  deviceGlobals,
  hints,
  makeFolders,
  memberLine,
  mixMembers,
  mixPhones,
  phoneSections,
  writeConfig,
} from './config-files.js'
import { runMortal } from './mortal.js'
import { freeTcp, freeUdp, laterUdp, LOOPBACK, rtpRange } from './ports.js'
import type { Profile } from './profiles.js'
import type { Program, Programs } from './programs.js'
import { inRoot, inside, type Command } from './root.js'
import { retry } from './wait.js'

/** Addresses of loopback that are not the phones': by them Asterisk tells who calls. */
export const HOSTS = { trunk: '127.0.0.2', load: '127.0.0.3', caller: '127.0.0.4', telco: '127.0.0.5' } as const
const USUAL = { sip: 5060, ami: 5038, ari: 8088 } as const
const ANY = { sip: 0, ami: 0, ari: 0 } as const
const READY_WITHIN_MS = 30_000

export type Asterisk = Readonly<{
  ami: AmiLogin
  ari: Readonly<{ url: string; user: string; password: string; app: string }>
  sip: Readonly<{ host: string; port: number; password: string }>
  /** Where SIPp has to listen so that Asterisk reaches it. */
  trunk: Readonly<{ host: string; port: number }>
  load: Readonly<{ host: string; port: number }>
  files: Readonly<{ cdr: string; cel: string; queueLog: string; log: string }>
  /** The folder of its configuration. */
  etc: string
  pid: () => number | undefined
  /** Resolves when the process that runs now has ended, with what it said last. */
  ended: () => Promise<string>
  /** What one command prints at Asterisk's own prompt. */
  cli: (command: string) => Promise<string>
  /** What opens that prompt, as a shell takes it. */
  console: string
  /** As a crash would end it: at once, with nothing said. */
  kill: () => Promise<void>
  /** In order: calls are hung up and said to be. */
  stop: () => Promise<void>
  /** Again, on the same ports and with the same secrets; resolves when it is ready. */
  start: () => Promise<void>
}>

type Made = Readonly<{
  usualPorts: boolean
  folder: string
  root: string
  version: string
  profile: Profile
  programs: Programs
  clock: Clock
  ringForS: number
  consultForS: number
  /** Two for each channel that takes sound. */
  rtpPorts?: number
  more?: Readonly<Record<string, string>>
}>

export async function openAsterisk(made: Made): Promise<Asterisk> {
  const { folder, root, programs, clock } = made
  const ports = await choosePorts(made.usualPorts ? USUAL : ANY)
  const [amiSecret, ariPassword, phonePassword] = [randomToken(), randomToken(), randomToken()]
  configure(made, ports, { amiSecret, ariPassword, phonePassword })
  const ami = { host: LOOPBACK, port: ports.ami, user: 'aladdin', secret: amiSecret }
  const asterisk = (...args: string[]) =>
    inside(root, 'usr/sbin/asterisk', ['-C', join(folder, 'etc/asterisk.conf'), ...args])
  const files = {
    cdr: join(folder, 'log/cdr-csv/Master.csv'),
    cel: join(folder, 'log/cel-custom/Master.csv'),
    queueLog: join(folder, 'log/queue_log'),
    log: join(folder, 'log/messages'),
  }
  let program: Program | undefined
  const start = async () => {
    if (program?.running()) return
    const before = sizeOf(files.log)
    program = programs.start('asterisk', asterisk('-f'))
    await booted(ami, program, clock)
    mustHaveBound(files.log, before)
  }
  await start()
  return {
    ami,
    ari: { url: `http://${LOOPBACK}:${ports.ari}`, user: 'aladdin', password: ariPassword, app: 'aladdin' },
    sip: { host: LOOPBACK, port: ports.sip, password: phonePassword },
    trunk: { host: HOSTS.trunk, port: ports.trunk },
    load: { host: HOSTS.load, port: ports.load },
    files,
    etc: join(folder, 'etc'),
    console: shellLineOf(asterisk('-r')),
    pid: () => (program?.running() ? program.pid : undefined),
    ended: async () => {
      await program?.ended
      return program?.lastWords() ?? ''
    },
    cli: async command => {
      const { program: file, args } = asterisk('-rx', command)
      return (await runMortal(file, args, {})).out
    },
    kill: async () => {
      program?.kill()
      await program?.ended
    },
    stop: async () => program?.stop(),
    start,
  }
}

const shellLineOf = ({ program, args }: Command) =>
  [program, ...args].map(part => `'${part.replaceAll("'", "'\\''")}'`).join(' ')

type Ports = Readonly<Record<'ami' | 'ari' | 'sip' | 'trunk' | 'load', number>>
type Secrets = Readonly<Record<'amiSecret' | 'ariPassword' | 'phonePassword', string>>

function configure(
  { folder, root, version, profile, ringForS, consultForS, rtpPorts, more }: Made,
  ports: Ports,
  secrets: Secrets,
): void {
  const rtp = rtpRange(rtpPorts)
  makeFolders(folder, root)
  const places = {
    ...{ dir: folder, dialplan: join(CHECKOUT, 'dialplan'), ringForS, consultForS },
    modules: inRoot(root, 'usr/lib/@/asterisk/modules', 'usr/lib/asterisk/modules'),
    ...{ amiPort: ports.ami, ariPort: ports.ari, sipPort: ports.sip, rtpFrom: rtp.from, rtpTo: rtp.to },
    ...{ amiSecret: secrets.amiSecret, ariPassword: secrets.ariPassword },
    ...{ phones: phoneSections(profile, secrets.phonePassword), hints: hints(profile) },
    ...{ deviceGlobals: deviceGlobals(profile), dialContext: profile.dialContext },
    salesMembers: [memberLine(profile, '1001', 'Ana'), memberLine(profile, '1002', 'Ben')].join('\n'),
    keysMember: memberLine(profile, '1001', 'Ana'),
    ...{ mixPhones: mixPhones(HOSTS.load, ports.load), mixMembers: mixMembers(profile) },
    ...{ trunkHost: HOSTS.trunk, trunkPort: ports.trunk, loadHost: HOSTS.load, loadPort: ports.load },
    ...{ callerHost: HOSTS.caller, telcoHost: HOSTS.telco },
  }
  writeConfig(folder, { profile: profile.name, version }, places, more)
}

async function choosePorts(usual: Record<keyof typeof USUAL, number>) {
  const [ami, ari, sip] = [await freeTcp(usual.ami), await freeTcp(usual.ari), await freeUdp(usual.sip)]
  return { ami, ari, sip, trunk: await laterUdp(HOSTS.trunk), load: await laterUdp(HOSTS.load) }
}

const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0)

/** Asterisk goes on without a port that another process has taken, and only its log says so. */
function mustHaveBound(log: string, from: number): void {
  const said = existsSync(log) ? readFileSync(log).subarray(from).toString() : ''
  const taken = /^.*Address already in use.*$/m.exec(said)?.[0]
  if (taken !== undefined) throw new Error(`Asterisk did not get its ports: ${taken}`)
}

/** Asterisk says FullyBooted to a session that has logged in, at once or when it is so. */
async function booted(ami: AmiLogin, program: Program, clock: Clock): Promise<void> {
  const session = await retry(clock, 'AMI to open', READY_WITHIN_MS, () => {
    if (!program.running()) throw new Error(`Asterisk ended while it started: ${program.lastWords()}`)
    return openAmi(ami, clock).catch(() => undefined)
  })
  const told = await session.frames.until('FullyBooted', bootedOrRefused, READY_WITHIN_MS)
  session.close()
  if (told['Response'] === 'Error') throw new Error(`another process has the port of AMI: ${told['Message'] ?? ''}`)
}

const bootedOrRefused = (frame: Fields) => frame['Event'] === 'FullyBooted' || frame['Response'] === 'Error'
