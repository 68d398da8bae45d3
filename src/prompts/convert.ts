/**
 * Sound of any usual kind -> WAV as the PBX plays it. Each sound is converted in a process of its own, so calls go on meanwhile, and
 * a sound that takes too much memory ends that process and not the daemon. Touches processes.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inTime, type Clock } from '../base/clock.js'
import type { Begin, Converted } from './convert-process.js'
import type { Format } from './formats.js'

const PROGRAM = fileURLToPath(new URL('convert-process.js', import.meta.url))
/** Of a processor's time; on a busy machine that takes longer. */
const CPU_S = 60
const WITHIN_MS = 180_000
/** Of all kinds: V8's own limit does not count the arrays in which samples lie. */
export const MEMORY_KIB = 1 << 20
/** The limit of time also ends a process whose daemon was killed. */
const LIMITED = `ulimit -c 0; ulimit -t ${CPU_S}; ulimit -d ${MEMORY_KIB}; exec "$0" "$1"`
export const LONGEST_MS = 600_000

export type Convert = (sound: Buffer, format?: Format) => Promise<Converted>

const TOO_MUCH: Converted = { ok: false, why: 'too-much' }

/** One sound after the other. */
export function converter(clock: Clock): Convert {
  let last: Promise<unknown> = Promise.resolve()
  return (sound, format) => {
    const begin: Begin = { sound, ...(format && { format }), longestMs: LONGEST_MS }
    const converted = last.then(() => convert(clock, begin))
    last = converted
    return converted
  }
}

/** Never rejects. */
async function convert(clock: Clock, begin: Begin): Promise<Converted> {
  const child = spawn('/bin/sh', ['-c', LIMITED, process.execPath, PROGRAM], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    env: {},
  })
  const done = new Promise<Converted>(resolve => {
    child.on('message', converted => resolve(converted as Converted))
    child.on('error', () => resolve(TOO_MUCH))
    child.on('exit', () => resolve(TOO_MUCH))
  })
  child.send(begin, () => undefined)
  const isDone = await inTime(clock, WITHIN_MS, done)
  child.kill('SIGKILL')
  return isDone ? done : TOO_MUCH
}
