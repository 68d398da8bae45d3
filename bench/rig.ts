/**
 * What benchmarks are made with: a lab, the daemon as a process of its own beside it, one CRM that is subscribed, and
 * baselines that take the daemon's place. Touches processes and loopback.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { labConfig } from '../lab/daemon.js'
import { CHECKOUT } from '../lab/config-files.js'
import { startLab, type Lab } from '../lab/lab.js'
import { freeTcp } from '../lab/ports.js'
import type { Program } from '../lab/programs.js'
import { load } from '../lab/sipp.js'
import { retry } from '../lab/wait.js'

export const KEY = 'ak_bench'
const PATIENCE_MS = 30_000
let started = 0
const headers = { authorization: `Bearer ${KEY}` }

export type Rig = Readonly<{
  lab: Lab
  /** Ready when it resolves. */
  daemon: (options?: DaemonOptions) => Promise<Daemon>
  /** A program of bench/programs, ready when it has said so. */
  baseline: (name: string, args: readonly string[]) => Promise<Program>
  stop: () => Promise<void>
}>

export type DaemonOptions = Readonly<{
  /** Where AMI is, if not at the lab's Asterisk; ARI is then left out. */
  amiPort?: number
  /** How agents are treated, and the file of the directory. */
  agents?: Readonly<Record<string, unknown>>
  /** Where calls from outside go. */
  routing?: Readonly<Record<string, unknown>>
  /** The folder of its menus. */
  ivr?: Readonly<Record<string, unknown>>
  /** Arguments for Node, such as `--cpu-prof`. */
  node?: readonly string[]
}>

export type Daemon = Readonly<{ program: Program; address: string; subscribe: () => Promise<Subscriber> }>

export type Subscriber = Readonly<{
  /** How many events of each type came. */
  counts: ReadonlyMap<string, number>
  until: (type: string, count: number) => Promise<void>
  close: () => void
}>

export async function openRig(options: Parameters<typeof startLab>[0] = {}): Promise<Rig> {
  const lab = await startLab(options)
  return {
    lab,
    daemon: options => startDaemon(lab, options ?? {}),
    baseline: async (name, args) => {
      const file = join(CHECKOUT, `build/bench/programs/${name}.js`)
      // What it says is its own: a program that is started again would add to what the last one said.
      const program = lab.programs.start(`${name}-${++started}`, { program: process.execPath, args: [file, ...args] })
      await retry(lab.clock, name, PATIENCE_MS, () => {
        if (!program.running()) throw new Error(`${name} ended: ${program.lastWords()}`)
        return Promise.resolve(program.lastWords().endsWith('ready') || undefined)
      })
      return program
    },
    stop: lab.stop,
  }
}

/** Redis is on the same machine, so it is reached through its Unix socket (docs/decisions/0010). */
async function startDaemon(
  lab: Lab,
  { amiPort, node = [], agents = {}, routing = {}, ivr = {} }: DaemonOptions,
): Promise<Daemon> {
  const port = await freeTcp()
  const file = join(lab.dir, `bench-${port}.yaml`)
  const config = labConfig(lab, {
    key: KEY,
    port,
    redis: { url: lab.redis.socket },
    prefix: `bench-${port}`,
    agents,
    routing,
    ivr,
  })
  const pbxs = config.pbxs.map(({ ari, ami, ...pbx }) =>
    amiPort === undefined ? { ...pbx, ami, ...(ari && { ari }) } : { ...pbx, ami: { ...ami, port: amiPort } },
  )
  writeFileSync(file, JSON.stringify({ ...config, pbxs }))
  const args = [...node, join(CHECKOUT, 'build/src/main.js'), 'start', '--config', file]
  const program = lab.programs.start(`daemon-${++started}`, { program: process.execPath, args })
  const address = `http://127.0.0.1:${port}`
  await retry(lab.clock, 'the daemon', PATIENCE_MS, async () => {
    if (!program.running()) throw new Error(`the daemon ended: ${program.lastWords()}`)
    const answer = await fetch(`${address}/readyz`).catch(() => undefined)
    return answer?.status === 200 ? true : undefined
  })
  return { program, address, subscribe: () => subscribe(lab, address) }
}

const TYPE = '"type":"'

function subscribe(lab: Lab, address: string): Promise<Subscriber> {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/v1/events`, { headers })
  const counts = new Map<string, number>()
  socket.on('message', (data: Buffer) => {
    // One look at the text, so that the subscriber takes little from the machine.
    const from = data.indexOf(TYPE) + TYPE.length
    const type = data.toString('latin1', from, data.indexOf('"', from))
    counts.set(type, (counts.get(type) ?? 0) + 1)
  })
  const until = async (type: string, count: number) => {
    await retry(lab.clock, `${count} ${type}`, PATIENCE_MS, () =>
      Promise.resolve((counts.get(type) ?? 0) >= count || undefined),
    )
  }
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ counts, until, close: () => socket.close() }))
    socket.once('error', reject)
  })
}

export const RATE = 40
export const TALK_MS = 2_000

/** Calls from SIPp to SIPp at the rate of a large call centre; resolves with their number when the last is over. */
export async function calls(lab: Lab, seconds: number): Promise<number> {
  const made = await load(lab, { calls: RATE * seconds, ratePerSecond: RATE, talkMs: TALK_MS })
  if (made.failed > 0) throw new Error(`${made.failed} of ${made.made} calls failed: the machine is too busy`)
  return made.succeeded
}
