/**
 * A private Valkey (in a root of Asterisk 16: Redis, which answers to the same commands), on loopback and with its data
 * in the run folder. Touches processes and loopback.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../src/base/clock.js'
import { freeTcp, LOOPBACK } from './ports.js'
import type { Program, Programs } from './programs.js'
import { inside } from './root.js'
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

type Made = Readonly<{ folder: string; root: string; programs: Programs; clock: Clock; usualPorts: boolean }>

export async function openValkey({ folder, root, programs, clock, usualPorts }: Made): Promise<Valkey> {
  const data = join(folder, 'valkey')
  mkdirSync(data)
  const port = await freeTcp(usualPorts ? USUAL_PORT : 0)
  const server = ['usr/bin/valkey-server', 'usr/bin/redis-server'].find(path => existsSync(join(root, path)))
  const socket = join(data, 'socket')
  const command = inside(root, server ?? '', settings(port, data, socket))
  let program: Program | undefined
  const start = async () => {
    if (program?.running()) return
    program = programs.start('valkey', command)
    await answers(port, program, clock)
  }
  await start()
  const kill = async () => {
    program?.kill()
    await program?.ended
  }
  return {
    url: `redis://${LOOPBACK}:${port}`,
    socket,
    port,
    pid: () => (program?.running() ? program.pid : undefined),
    kill,
    start,
  }
}

/** The same safety that the daemon asks of a site: every write in a file within a second, nothing evicted. */
const settings = (port: number, data: string, socket: string) => [
  ...['--port', String(port), '--bind', LOOPBACK, '--unixsocket', socket, '--protected-mode', 'yes', '--dir', data],
  ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'],
]

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
