/**
 * Sound that can be proved: a phone speaks a tone of its own, what it hears is written to a file by baresip (module sndfile),
 * and here is told how much of which tone is in it. Touches files.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const RATE = 8_000
const HEADER_BYTES = 44
const BYTES = 2

/** A WAV file of one tone: 16 bits, 8 kHz, one channel. */
export function toneWav(hz: number, seconds: number): Buffer {
  const samples = RATE * seconds
  const file = Buffer.alloc(HEADER_BYTES + samples * BYTES)
  file.write('RIFF', 0)
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(RATE, 24)
  file.writeUInt32LE(RATE * BYTES, 28)
  file.writeUInt16LE(BYTES, 32)
  file.writeUInt16LE(BYTES * 8, 34)
  file.write('data', 36)
  file.writeUInt32LE(samples * BYTES, 40)
  for (let i = 0; i < samples; i += 1)
    file.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * hz * i) / RATE)), HEADER_BYTES + i * BYTES)
  return file
}

export const samplesOf = (pcm: Buffer): number[] =>
  Array.from({ length: Math.floor(pcm.length / BYTES) }, (_, i) => pcm.readInt16LE(i * BYTES))

/** The amplitude of one tone in it, of 32,768 (Goertzel's algorithm). */
export function levelOf(samples: readonly number[], hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE)
  let [last, before] = [0, 0]
  for (const sample of samples) [last, before] = [sample + turn * last - before, last]
  const power = last * last + before * before - turn * last * before
  return samples.length === 0 ? 0 : (2 * Math.sqrt(Math.max(0, power))) / samples.length
}

/** The last so many milliseconds that a phone has heard, in its newest call. */
export function lastHeard(folder: string, ms: number): number[] {
  const newest = readdirSync(folder)
    .filter(name => name.endsWith('-dec.wav'))
    .sort()
    .at(-1)
  if (newest === undefined) return []
  const file = openSync(join(folder, newest), 'r')
  try {
    const { size } = fstatSync(file)
    const wanted = Math.min((ms * RATE * BYTES) / 1_000, Math.max(0, size - HEADER_BYTES))
    const even = wanted - (wanted % BYTES)
    const pcm = Buffer.alloc(even)
    readSync(file, pcm, 0, even, size - even - ((size - HEADER_BYTES) % BYTES))
    return samplesOf(pcm)
  } finally {
    closeSync(file)
  }
}

const SNIPPET = 2_000

/**
 * How much of a sound is in what was heard, from 0 to 1: the loudest quarter of a second of it, wherever it lies there. What went
 * through a telephone is a little less than 1, another sound far below.
 */
export function likeness(heard: readonly number[], sound: readonly number[]): number {
  const power = (samples: readonly number[], from: number) => {
    let sum = 0
    for (let i = from; i < from + SNIPPET; i += 1) sum += (samples[i] ?? 0) ** 2
    return sum
  }
  let at = 0
  for (let i = 0; i + SNIPPET <= sound.length; i += SNIPPET / 4) if (power(sound, i) > power(sound, at)) at = i
  const snippet = Float64Array.from(sound.slice(at, at + SNIPPET))
  const all = Float64Array.from(heard)
  const own = Math.sqrt(power(sound, at))
  let best = 0
  for (let i = 0; i + SNIPPET <= all.length; i += 1) {
    let [product, square] = [0, 0]
    for (let j = 0; j < SNIPPET; j += 1) {
      const sample = all[i + j] ?? 0
      product += sample * (snippet[j] ?? 0)
      square += sample * sample
    }
    if (square > 0) best = Math.max(best, product / (own * Math.sqrt(square)))
  }
  return best
}
