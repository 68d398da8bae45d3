/** A private Valkey (or the Redis of a root that has none), on loopback and with its data in the run folder. Touches processes and loopback. */
import { existsSync, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Clock } from '../src/base/clock.js'
import { freeTcp, LOOPBACK } from './ports.js'
import type { Program, Programs } from './programs.js'
import { inside, type Command } from './root.js'
import { retry } from './wait.js'

const USUAL_PORT = 6379
const READY_WITHIN_MS = 10_000

export type Valkey = Readonly<{
  url: string
  /** The same server on a Unix socket, which takes less of a machine that both share. */
  socket: string
  port: number
  pid: () => number | undefined
  kill: () => Promise<void>
  /** Again, on the same port and with what it had stored. */
  start: () => Promise<void>
}>

/** Where servers run, and what runs them. A lab is one. */
export type Ground = Readonly<{ folder: string; root: string; programs: Programs; clock: Clock }>

export type Server = Readonly<{
  /** Of its folder and its log. */
  name: string
  port: number
  /** Options of the command line, after those that each server has; or all that follows a file of its own. */
  options: readonly string[]
}>

export async function openValkey(made: Ground & { usualPorts: boolean }): Promise<Valkey> {
  const port = await freeTcp(made.usualPorts ? USUAL_PORT : 0)
  return openServer(made, { name: 'valkey', port, options: [] })
}

/** Resolves when it answers. */
export async function openServer(ground: Ground, { name, port, options }: Server): Promise<Valkey> {
  const data = join(ground.folder, name)
  mkdirSync(data)
  return running(ground, name, port, ['--dir', data, ...SAFE, ...at(ground, name, port), ...options])
}

/** A Sentinel writes into its own file what it learns; it keeps nothing else. */
export const openSentinel = (ground: Ground, name: string, port: number, file: string): Promise<Valkey> =>
  running(ground, name, port, [file, '--sentinel', ...at(ground, name, port)])

const socketOf = ({ folder }: Ground, name: string) => join(folder, name, 'socket')

const at = (ground: Ground, name: string, port: number) => [
  ...['--port', String(port), '--bind', LOOPBACK, '--unixsocket', socketOf(ground, name), '--protected-mode', 'yes'],
]

/** The same safety that the daemon asks of a site: every write in a file within a second, nothing evicted. */
const SAFE = [...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction']]

async function running(ground: Ground, name: string, port: number, args: readonly string[]): Promise<Valkey> {
  const { root, programs, clock } = ground
  const server = ['usr/bin/valkey-server', 'usr/bin/redis-server'].find(path => existsSync(join(root, path)))
  const command = deafToLimits(inside(root, server ?? '', args))
  let program: Program | undefined
  const start = async () => {
    if (program?.running()) return
    program = programs.start(name, command)
    await answers(port, program, clock)
  }
  await start()
  const kill = async () => {
    program?.kill()
    await program?.ended
  }
  return {
    url: `redis://${LOOPBACK}:${port}`,
    socket: socketOf(ground, name),
    port,
    pid: () => (program?.running() ? program.pid : undefined),
    kill,
    start,
  }
}

/** A file that may not grow is an error to it, as on a full disk, not its end (setrlimit(2), SIGXFSZ). */
const deafToLimits = ({ program, args }: Command): Command => ({
  program: '/bin/sh',
  args: ['-c', `trap '' XFSZ; exec "$0" "$@"`, program, ...args],
})

async function answers(port: number, program: Program, clock: Clock): Promise<void> {
  await retry(clock, 'Valkey to answer', READY_WITHIN_MS, async () => {
    if (!program.running()) throw new Error(`Valkey ended while it started: ${program.lastWords()}`)
    return (await ping(port)) ? true : undefined
  })
}

/** While it reads its file, the answer to PING is `-LOADING`. */
function ping(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, LOOPBACK, () => socket.write('PING\r\n'))
    socket.once('error', () => resolve(false))
    socket.once('data', data => {
      socket.destroy()
      resolve(data.toString().startsWith('+PONG'))
    })
  })
}

/** On a connection of its own, which is closed afterwards. */
export async function asked<T>(port: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const options = { lazyConnect: true, enableReadyCheck: false, retryStrategy: () => null, commandTimeout: 5_000 }
  const redis = new Redis(port, LOOPBACK, options)
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return await ask(redis)
  } finally {
    redis.disconnect()
  }
}
