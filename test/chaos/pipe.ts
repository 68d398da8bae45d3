/**
 * One direction of one connection: what comes in at one end goes out at the other in the same order, and on the way suffers
 * what is switched on. Touches the clock, and the socket that it is handed.
 */
import type { Socket } from 'node:net'
import { sleep, type Clock } from '../../src/base/clock.js'
import type { Counts, Faults } from './faults.js'
import { createMangler } from './frames.js'
import type { Random } from './random.js'

export type Pipe = {
  push: (chunk: Buffer) => void
  /** Nothing more will come: the other end is told when all before it is through. */
  end: () => void
  /** A fault was switched: what waits looks again. */
  look: () => void
}

type Parts = {
  sink: Socket
  clock: Clock
  random: Random
  faults: () => Faults
  counts: Counts
  /** Only AMI has frames that can be cut. */
  frames: boolean
}

/** How long an event waits for others to change places with. */
const HELD_MS = 20
const MOST_GLUED_BYTES = 65_536
/** Small enough that a limit is felt evenly. */
const LIMITED_BYTES = 1_024
/** So many pieces go out before others get their turn; each is still a write of its own. */
const PIECES_AT_ONCE = 256

export function createPipe({ sink, clock, random, faults, counts, frames }: Parts): Pipe {
  const mangler = frames ? createMangler(random, faults, counts) : undefined
  const queue: { data: Buffer; at: number }[] = []
  let pumping = false
  let ended = false
  let looked: () => void = () => undefined

  function enqueue(chunks: Buffer[]) {
    for (const data of chunks) queue.push({ data, at: clock.now() })
    if (!pumping) void pump()
  }

  function releaseSoon() {
    if (!mangler?.holds()) return
    clock.wake((clock.now() + HELD_MS) as never, () => enqueue(mangler.release()))
  }

  async function pump() {
    pumping = true
    for (let chunk = queue.shift(); chunk && !sink.destroyed; chunk = queue.shift()) {
      if (faults().stalled) counts.stalled += 1
      while (isStalled()) await new Promise<void>(resolve => (looked = resolve))
      await delayed(chunk.at)
      await write(await glued(chunk.data))
    }
    pumping = false
    if (ended) sink.end()
  }

  const isStalled = () => faults().stalled && !sink.destroyed

  async function delayed(arrivedAt: number) {
    const { delayMs } = faults()
    if (delayMs === 0) return
    counts.delayed += 1
    const left = arrivedAt + delayMs + random.between(0, delayMs) - clock.now()
    if (left > 0) await sleep(clock, left)
  }

  async function glued(data: Buffer): Promise<Buffer> {
    const { coalesceMs } = faults()
    if (coalesceMs === 0) return data
    await sleep(clock, coalesceMs)
    const together = [data]
    for (let size = data.length; queue[0] && size < MOST_GLUED_BYTES; size += together.at(-1)?.length ?? 0)
      together.push(queue.shift()?.data ?? Buffer.alloc(0))
    if (together.length > 1) counts.coalesced += together.length
    return Buffer.concat(together)
  }

  async function write(data: Buffer) {
    const { sliceBytes, bytesPerSecond } = faults()
    const size = sliceBytes || (bytesPerSecond ? LIMITED_BYTES : data.length)
    if (sliceBytes) counts.sliced += 1
    if (bytesPerSecond) counts.limited += 1
    for (let from = 0, pieces = 1; from < data.length && !sink.destroyed; from += size, pieces += 1) {
      const piece = data.subarray(from, from + size)
      if (bytesPerSecond) await sleep(clock, (piece.length * 1000) / bytesPerSecond)
      const room = sink.write(piece)
      if (!room) await drained()
      if (sliceBytes && pieces % PIECES_AT_ONCE === 0) await sleep(clock, 0)
    }
  }

  const drained = () =>
    new Promise<void>(resolve => {
      sink.once('drain', resolve)
      sink.once('close', resolve)
    })

  return {
    push(chunk) {
      enqueue(mangler ? mangler.push(chunk) : [chunk])
      releaseSoon()
    },
    end() {
      if (mangler) enqueue(mangler.release())
      ended = true
      if (!pumping) sink.end()
    },
    look: () => looked(),
  }
}
