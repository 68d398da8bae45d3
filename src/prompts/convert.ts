/** Sound of any usual kind -> WAV as the PBX plays it. Touches threads. */
import { Worker } from 'node:worker_threads'
import { inTime, type Clock } from '../base/clock.js'
import type { Begin, Converted } from './convert-thread.js'
import type { Format } from './formats.js'

const THREAD = new URL('convert-thread.js', import.meta.url)
const WITHIN_MS = 60_000
const MEMORY_MB = 512
export const LONGEST_MS = 600_000

export type Convert = (sound: Buffer, format?: Format) => Promise<Converted>

/** What takes too long or too much memory, is none. */
export const converter =
  (clock: Clock): Convert =>
  async (sound, format) => {
    const worker = new Worker(THREAD, {
      workerData: { sound, ...(format && { format }), longestMs: LONGEST_MS } satisfies Begin,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    })
    const done = new Promise<Converted>(resolve => {
      worker.on('message', converted => resolve(converted as Converted))
      worker.on('error', () => resolve({ ok: false, why: 'no-audio' }))
      worker.on('exit', () => resolve({ ok: false, why: 'no-audio' }))
    })
    const isDone = await inTime(clock, WITHIN_MS, done)
    await worker.terminate()
    return isDone ? done : { ok: false, why: 'no-audio' }
  }
