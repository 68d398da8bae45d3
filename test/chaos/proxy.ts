/**
 * The chaos proxy: stands on loopback between the daemon and Asterisk, or Redis, and passes everything on, both ways, in
 * order and whole, until a fault is switched on. It knows no protocol but, where asked for, AMI's frames. It is in test/,
 * since nothing that a user runs needs it; the lab's own parts know nothing of it. Touches sockets on loopback.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Clock } from '../../src/base/clock.js'
import { CALM, DIRECTIONS, noCounts, type Counts, type Direction, type Faults } from './faults.js'
import { createPipe, type Pipe } from './pipe.js'
import type { Random } from './random.js'

export type Proxy = Readonly<{
  port: number
  /** Switches faults on or off, in one direction or both; what is not named stays as it is. */
  set: (faults: Partial<Faults>, direction?: Direction) => void
  /** All of them off. */
  calm: () => void
  /** Every connection there is ends at once with RST, on both sides. Answers how many. */
  reset: () => number
  counts: Counts
  close: () => Promise<void>
}>

type Parts = { host: string; port: number; clock: Clock; random: Random; protocol: 'ami' | 'any' }

const LOOPBACK = '127.0.0.1'

export async function openProxy({ host, port, clock, random, protocol }: Parts): Promise<Proxy> {
  const faults: Record<Direction, Faults> = { toServer: { ...CALM }, toClient: { ...CALM } }
  const counts = noCounts()
  const sockets = new Set<Socket>()
  const pipes = new Set<Pipe>()

  const server = createServer({ noDelay: true, allowHalfOpen: true }, client => {
    const behind = connect({ host, port, noDelay: true, allowHalfOpen: true })
    join(client, behind, 'toServer')
    join(behind, client, 'toClient')
  })

  function join(source: Socket, sink: Socket, direction: Direction) {
    const frames = protocol === 'ami' && direction === 'toClient'
    const pipe = createPipe({ sink, clock, random, faults: () => faults[direction], counts, frames })
    sockets.add(source)
    pipes.add(pipe)
    source.on('data', (chunk: Buffer) => pipe.push(chunk))
    source.on('end', () => pipe.end())
    // An error always ends with a close, which is all that the other side can be told.
    source.on('error', () => undefined)
    source.on('close', failed => {
      sockets.delete(source)
      pipes.delete(pipe)
      pipe.look()
      if (failed) sink.destroy()
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, LOOPBACK, resolve)
  })

  function set(change: Partial<Faults>, direction?: Direction) {
    for (const way of direction ? [direction] : DIRECTIONS) faults[way] = { ...faults[way], ...change }
    for (const pipe of pipes) pipe.look()
  }

  return {
    port: (server.address() as AddressInfo).port,
    set,
    calm: () => set(CALM),
    reset() {
      const ending = [...sockets]
      for (const socket of ending) socket.resetAndDestroy()
      const connections = Math.ceil(ending.length / 2)
      counts.reset += connections
      return connections
    },
    counts,
    async close() {
      set(CALM)
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
