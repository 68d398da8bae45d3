/**
 * One sound of any usual kind -> what the PBX plays: WAV, 8 kHz, one channel, 16 bits. A process of its own, which `convert.ts` starts
 * for each sound. The only file that imports the library for sound.
 */
import decode from 'audio-decode'
import { isRate, readable, wavOfSamples, type Format, type Unreadable } from './formats.js'
import { resampled } from './resample.js'

/** `peak`: the loudest sample, from 0 to 1. */
export type Converted = { ok: true; wav: Uint8Array; peak: number } | { ok: false; why: Unreadable }

/** What the process is sent. `format`: that of a sound without a header. */
export type Begin = { sound: Uint8Array; format?: Format; longestMs: number }

const RATE = 8_000
const SCALE = 32_767

async function convert({ sound, format, longestMs }: Begin): Promise<Converted> {
  const read = readable(sound, format, longestMs)
  if ('why' in read) return { ok: false, why: read.why }
  const { channelData, sampleRate } = await decode(read.sound)
  const [first] = channelData
  if (!first || first.length === 0 || !(sampleRate > 0)) return { ok: false, why: 'empty' }
  if (!isRate(sampleRate)) return { ok: false, why: 'no-audio' }
  if (first.length > (longestMs / 1_000) * sampleRate) return { ok: false, why: 'too-long' }
  channelData.forEach(silenceInvalid)
  const mono = monoOf(channelData, sampleRate)
  const samples = integers(resampled(mono, sampleRate, RATE))
  return samples.length === 0
    ? { ok: false, why: 'empty' }
    : { ok: true, wav: wavOfSamples(samples, RATE), peak: peakOf(mono) }
}

/** Formats of floating-point samples can hold infinity, and values that are no number. */
function silenceInvalid(channel: Float32Array) {
  for (let i = 0; i < channel.length; i += 1) if (!Number.isFinite(channel[i])) channel[i] = 0
}

/** Of the louder of two channels: what one has alone makes a half, and a mean that is softer than this has lost something. */
const CANCELLED = 0.3
const WINDOW_MS = 100
/** What is softer has nothing to lose. */
const QUIET = 0.003

/** The mean of the channels; where they cancel each other, be it for a moment, the loudest of them, and all of it: a switch would click. */
function monoOf(channels: readonly Float32Array[], rate: number): Float32Array {
  const [first = new Float32Array()] = channels
  if (channels.length === 1) return first
  const mean = first.map((_, i) => channels.reduce((sum, channel) => sum + (channel[i] ?? 0), 0) / channels.length)
  return isCancelled(mean, channels, rate) ? loudestOf(channels) : mean
}

function isCancelled(mean: Float32Array, channels: readonly Float32Array[], rate: number): boolean {
  const size = Math.max(1, Math.round((rate * WINDOW_MS) / 1_000))
  const least = (CANCELLED * 2) / channels.length
  for (let at = 0; at < mean.length; at += size) {
    const within = (channel: Float32Array) => energyOf(channel.subarray(at, at + size))
    const most = Math.max(...channels.map(within))
    if (most > QUIET ** 2 * size && within(mean) < least ** 2 * most) return true
  }
  return false
}

const loudestOf = (channels: readonly Float32Array[]) =>
  channels.reduce((most, channel) => (energyOf(channel) > energyOf(most) ? channel : most))
const energyOf = (channel: Float32Array) => channel.reduce((sum, level) => sum + level * level, 0)
const peakOf = (channel: Float32Array) => channel.reduce((most, level) => Math.max(most, Math.abs(level)), 0)

function integers(levels: Float32Array): Int16Array {
  const samples = new Int16Array(levels.length)
  for (let i = 0; i < levels.length; i += 1) samples[i] = Math.round(Math.max(-1, Math.min(1, levels[i] ?? 0)) * SCALE)
  return samples
}

function answer(converted: Converted) {
  process.send?.(converted, () => process.disconnect())
}

process.once('message', begin => {
  convert(begin as Begin).then(answer, (error: unknown) => {
    const isTooMuch = error instanceof RangeError && error.message.includes('allocation failed')
    answer({ ok: false, why: isTooMuch ? 'too-much' : 'no-audio' })
  })
})
