/**
 * One piece of sound, of whatever kind, into what the PBX plays: WAV, 8 kHz, one channel, 16 bits. In a thread of its own, since it
 * is work for a processor: calls go on meanwhile. The only file that imports the libraries for sound.
 */
import decode from 'audio-decode'
import wavefile from 'wavefile'
import { parentPort, workerData } from 'node:worker_threads'

export type Converted = { ok: true; wav: Uint8Array } | { ok: false; why: 'no-audio' | 'empty' | 'too-long' }

const RATE = 8_000

const BYTES = 2
const SCALE = 32_767

/** What the thread is begun with. */
export type Begin = { sound: Uint8Array; longestMs: number }

async function convert({ sound, longestMs }: Begin): Promise<Converted> {
  const { channelData, sampleRate } = await decode(sound)
  const [first] = channelData
  if (!first || first.length === 0 || !(sampleRate > 0)) return { ok: false, why: 'empty' }
  if (first.length > (longestMs / 1_000) * sampleRate) return { ok: false, why: 'too-long' }
  const samples = new Int16Array(first.length)
  for (let i = 0; i < first.length; i += 1) {
    let sum = 0
    for (const channel of channelData) sum += channel[i] ?? 0
    samples[i] = Math.round(Math.max(-1, Math.min(1, sum / channelData.length)) * SCALE)
  }
  const file = new wavefile.WaveFile()
  file.fromScratch(1, sampleRate, String(BYTES * 8), samples)
  if (sampleRate !== RATE) file.toSampleRate(RATE, { method: 'sinc' })
  return { ok: true, wav: file.toBuffer() }
}

convert(workerData as Begin).then(
  converted => parentPort?.postMessage(converted),
  () => parentPort?.postMessage({ ok: false, why: 'no-audio' } satisfies Converted),
)
