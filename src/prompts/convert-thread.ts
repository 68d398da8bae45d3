/**
 * One piece of sound, of whatever kind, into what the PBX plays: WAV, 8 kHz, one channel, 16 bits. In a thread of its own, since it
 * is work for a processor: calls go on meanwhile. The only file that imports the libraries for sound.
 */
import decode from 'audio-decode'
import wavefile from 'wavefile'
import { parentPort, workerData } from 'node:worker_threads'
import { isRate, readable, type Format, type Unreadable } from './formats.js'

/** `peak`: how loud it is at its loudest, of 1. */
export type Converted = { ok: true; wav: Uint8Array; peak: number } | { ok: false; why: Unreadable }

const RATE = 8_000

const BYTES = 2
const SCALE = 32_767

/** What the thread is begun with. `format`: what has no header is of this one. */
export type Begin = { sound: Uint8Array; format?: Format; longestMs: number }

async function convert({ sound, format, longestMs }: Begin): Promise<Converted> {
  const read = readable(sound, format, longestMs)
  if ('why' in read) return { ok: false, why: read.why }
  const { channelData, sampleRate } = await decode(read.sound)
  const [first] = channelData
  if (!first || first.length === 0 || !(sampleRate > 0)) return { ok: false, why: 'empty' }
  if (!isRate(sampleRate)) return { ok: false, why: 'no-audio' }
  if (first.length > (longestMs / 1_000) * sampleRate) return { ok: false, why: 'too-long' }
  const mono = monoOf(channelData)
  const samples = Int16Array.from(mono, level => Math.round(Math.max(-1, Math.min(1, level)) * SCALE))
  const file = new wavefile.WaveFile()
  file.fromScratch(1, sampleRate, String(BYTES * 8), samples)
  if (sampleRate !== RATE) file.toSampleRate(RATE, { method: 'sinc' })
  return { ok: true, wav: file.toBuffer(), peak: peakOf(mono) }
}

/** So much softer than its channels, the sum has lost what they have: one is the other, upside down. */
const CANCELLED = 0.25

/** The mean of the channels; the loudest of them, where they cancel each other. */
function monoOf(channels: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = channels
  const mean = first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] ?? 0), 0) / channels.length)
  const loudest = channels.reduce((most, channel) => (energyOf(channel) > energyOf(most) ? channel : most), first)
  return energyOf(mean) < CANCELLED ** 2 * (energyOf(loudest) / channels.length) ? loudest : mean
}

const energyOf = (channel: Float32Array) => channel.reduce((sum, level) => sum + level * level, 0)
const peakOf = (channel: Float32Array) => channel.reduce((most, level) => Math.max(most, Math.abs(level)), 0)

convert(workerData as Begin).then(
  converted => parentPort?.postMessage(converted),
  () => parentPort?.postMessage({ ok: false, why: 'no-audio' } satisfies Converted),
)
