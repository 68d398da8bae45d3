/**
 * What the library for sound does not know -> WAV files, which it does: the PBX's own formats, which have no header and are named by
 * whoever sends them; AU; RF64; and GSM in WAV ("WAV49"). Any other sound is left as it is. Pure.
 */
import { decodeG722, G722_BYTES_PER_MS } from './g722.js'
import { decodeGsm, decodeWav49, GSM_FRAME_BYTES, GSM_FRAME_MS, WAV49_BLOCK_BYTES, WAV49_BLOCK_SAMPLES } from './gsm.js'

/** Asterisk's names, which are the extensions of such files. */
export const FORMATS = ['ulaw', 'alaw', 'gsm', 'g722', 'sln', 'sln12', 'sln16', 'sln24', 'sln32', 'sln44', 'sln48', 'sln96', 'sln192'] as const // prettier-ignore
export type Format = (typeof FORMATS)[number]

export type Unreadable = 'no-audio' | 'empty' | 'too-long' | 'too-much' | 'other-format'
export type Readable = { sound: Uint8Array } | { why: Unreadable }

const RATE = 8_000
const PCM = 1
const FLOAT = 3
const ALAW = 6
const ULAW = 7
const GSM = 0x31
/** Its encoding is in the extension of the header. */
const EXTENSIBLE = 0xfffe
/** Whose samples stand one by one; the others are blocks. */
const ONE_BY_ONE = [PCM, FLOAT, ALAW, ULAW]
/** By tag (Microsoft's, IMA's): what each channel of a block begins with; then come two samples a byte. */
const ADPCM: Readonly<Record<number, { headBytes: number; headSamples: number }>> = {
  2: { headBytes: 7, headSamples: 2 },
  0x11: { headBytes: 4, headSamples: 1 },
}
const SLN_RATES = { sln: RATE, sln12: 12_000, sln16: 16_000, sln24: 24_000, sln32: 32_000, sln44: 44_100, sln48: 48_000, sln96: 96_000, sln192: 192_000 } // prettier-ignore

/** What no sound is beyond: such a rate would keep the converter busy for minutes, such a count would fill the memory. */
const MIN_RATE = 1_000
const MAX_RATE = 768_000
const MAX_CHANNELS = 16

const UNKNOWN_SIZE = 0xffffffff
/** Asterisk leaves the size at 0; the sound goes to the end. */
const AU_UNKNOWN_SIZES = [0, UNKNOWN_SIZE]

const noAudio: Readable = { why: 'no-audio' }

export const isRate = (rate: number) => rate >= MIN_RATE && rate <= MAX_RATE

export function readable(sound: Uint8Array, format: Format | undefined, longestMs: number): Readable {
  const magic = textAt(sound, 0)
  if (format !== undefined) return hasHeader(sound) ? { why: 'other-format' } : fromRaw(sound, format, longestMs)
  if (magic === '.snd') return fromAu(sound)
  if (magic === 'RIFF' || magic === 'RF64' || magic === 'BW64') return fromRiff(sound, longestMs)
  return isFalseMp3(sound) ? noAudio : { sound }
}

/** How files begin that say what they are; those of MP4 after four bytes. The last three are AMR, WebM and WMA. */
const CONTAINERS = ['RIFF', 'RF64', 'BW64', '.snd', 'OggS', 'fLaC', 'FORM', 'caff', '#!AM', '\x1aE\xdf\xa3', '0&\xb2u']
const hasHeader = (sound: Uint8Array) =>
  CONTAINERS.includes(textAt(sound, 0)) || textAt(sound, 0).startsWith('ID3') || textAt(sound, 4) === 'ftyp'

/**
 * Silence in µ-law begins as MP3 does, and would be read as such: eleven bits of one. What comes then are the version, the layer
 * (0 is AAC), the bit rate and the sampling rate; some values stand for none.
 */
function isFalseMp3([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const isSync = first === 0xff && second >> 5 === 7 && (second & 6) !== 0
  return isSync && (((second >> 3) & 3) === 1 || third >> 4 === 15 || ((third >> 2) & 3) === 3)
}

const areChannels = (count: number) => count >= 1 && count <= MAX_CHANNELS
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const textAt = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))

type Shape = { tag: number; channels: number; rate: number; bits: number }

function fromRaw(sound: Uint8Array, format: Format, longestMs: number): Readable {
  if (sound.length === 0) return { why: 'empty' }
  if (lengthOf(sound.length, format) > longestMs) return { why: 'too-long' }
  if (format === 'ulaw' || format === 'alaw')
    return { sound: wavOf({ tag: format === 'ulaw' ? ULAW : ALAW, channels: 1, rate: RATE, bits: 8 }, sound) }
  if (format === 'g722') return { sound: wavOfSamples(decodeG722(sound), RATE) }
  if (format !== 'gsm') return { sound: wavOf({ tag: PCM, channels: 1, rate: SLN_RATES[format], bits: 16 }, sound) }
  const samples = decodeGsm(sound)
  return samples ? { sound: wavOfSamples(samples, RATE) } : { why: 'other-format' }
}

/** In milliseconds. */
function lengthOf(bytes: number, format: Format): number {
  if (format === 'gsm') return (bytes / GSM_FRAME_BYTES) * GSM_FRAME_MS
  if (format === 'g722') return bytes / G722_BYTES_PER_MS
  return (bytes * 1_000) / (format === 'ulaw' || format === 'alaw' ? RATE : SLN_RATES[format] * 2)
}

/** By the number that AU has for an encoding. */
const AU: Readonly<Record<number, { tag: number; bits: number }>> = {
  1: { tag: ULAW, bits: 8 },
  27: { tag: ALAW, bits: 8 },
  2: { tag: PCM, bits: 8 },
  3: { tag: PCM, bits: 16 },
  4: { tag: PCM, bits: 24 },
  5: { tag: PCM, bits: 32 },
  6: { tag: FLOAT, bits: 32 },
  7: { tag: FLOAT, bits: 64 },
}
const AU_HEADER = 24

/** AU is big-endian, and its 8 bits have a sign. */
function fromAu(sound: Uint8Array): Readable {
  if (sound.length < AU_HEADER) return noAudio
  const [from = 0, size = 0, encoding = 0, rate = 0, channels = 0] = [4, 8, 12, 16, 20].map(at => viewOf(sound).getUint32(at)) // prettier-ignore
  const kind = AU[encoding]
  if (!kind || from < AU_HEADER || !isRate(rate) || !areChannels(channels)) return noAudio
  const data = Uint8Array.from(sound.subarray(from, AU_UNKNOWN_SIZES.includes(size) ? undefined : from + size))
  if (kind.tag === PCM && kind.bits === 8) data.forEach((byte, i) => (data[i] = byte ^ 0x80))
  return { sound: wavOf({ ...kind, channels, rate }, turned(data, kind.bits / 8)) }
}

function turned(data: Uint8Array, width: number): Uint8Array {
  const whole = data.subarray(0, data.length - (data.length % width))
  for (let at = 0; width > 1 && at < whole.length; at += width) whole.subarray(at, at + width).reverse()
  return whole
}

/** WAV, also of the kind that may be larger than 4 GiB (RF64). */
function fromRiff(sound: Uint8Array, longestMs: number): Readable {
  const { shape, data } = chunksOf(sound)
  if (!shape || !data) return textAt(sound, 0) === 'RIFF' ? { sound } : noAudio
  const [tag, channels, block, bits] = [wordAt(shape, 0), wordAt(shape, 2), wordAt(shape, 12), wordAt(shape, 14)]
  const rate = viewOf(shape).getUint32(4, true)
  if (!isRate(rate) || !areChannels(channels) || (tag === GSM && channels !== 1)) return noAudio
  const bytes = tag === GSM ? WAV49_BLOCK_BYTES : block
  const each = tag === GSM ? WAV49_BLOCK_SAMPLES : samplesInBlock(shape, { tag, channels, rate, bits }, block)
  if (each === undefined) return noAudio
  if (Math.floor(data.length / bytes) * each > (longestMs / 1_000) * rate) return { why: 'too-long' }
  return { sound: tag === GSM ? wavOfSamples(decodeWav49(data), rate) : riffOf(shape, data) }
}

/** Of each channel; undefined where the header contradicts itself, or names an encoding that the library does not know. */
function samplesInBlock(shape: Uint8Array, { tag, channels, bits }: Shape, block: number): number | undefined {
  const encoding = tag === EXTENSIBLE ? wordAt(shape, 24) : tag
  if (ONE_BY_ONE.includes(encoding)) return block > 0 && block * 8 === channels * bits ? 1 : undefined
  const kind = tag === EXTENSIBLE ? undefined : ADPCM[encoding]
  if (!kind) return undefined
  const most = (block / channels - kind.headBytes) * 2 + kind.headSamples
  return most >= 1 && wordAt(shape, 18) <= most ? most : undefined
}

const wordAt = (bytes: Uint8Array, at: number) => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)

const SHAPE_BYTES = 16

function chunksOf(sound: Uint8Array): { shape?: Uint8Array; data?: Uint8Array } {
  const view = viewOf(sound)
  let shape: Uint8Array | undefined
  let size64: number | undefined
  for (let at = 12; at + 8 <= sound.length;) {
    const [id, size] = [textAt(sound, at), view.getUint32(at + 4, true)]
    const from = at + 8
    if (id === 'ds64' && from + 16 <= sound.length) size64 = Number(view.getBigUint64(from + 8, true))
    if (id === 'fmt ' && size >= SHAPE_BYTES && from + size <= sound.length) shape = sound.subarray(from, from + size)
    if (id === 'data') {
      const declared = size === UNKNOWN_SIZE ? size64 : size
      return { ...(shape && { shape }), data: sound.subarray(from, declared ? from + declared : undefined) }
    }
    at = from + size + (size % 2)
  }
  return {}
}

export function wavOfSamples(samples: Int16Array, rate: number): Uint8Array {
  const data = new Uint8Array(samples.length * 2)
  const view = viewOf(data)
  samples.forEach((sample, i) => view.setInt16(2 * i, sample, true))
  return wavOf({ tag: PCM, channels: 1, rate, bits: 16 }, data)
}

function wavOf({ tag, channels, rate, bits }: Shape, data: Uint8Array): Uint8Array {
  const block = (channels * bits) / 8
  const shape = Buffer.alloc(SHAPE_BYTES)
  shape.writeUInt16LE(tag, 0)
  shape.writeUInt16LE(channels, 2)
  shape.writeUInt32LE(rate, 4)
  shape.writeUInt32LE(Math.min(UNKNOWN_SIZE, rate * block), 8)
  shape.writeUInt16LE(block, 12)
  shape.writeUInt16LE(bits, 14)
  return riffOf(shape, data)
}

const riffOf = (shape: Uint8Array, data: Uint8Array): Uint8Array =>
  chunk('RIFF', [Buffer.from('WAVE'), chunk('fmt ', [shape]), chunk('data', [data])])

function chunk(id: string, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.from(`${id}\0\0\0\0`)
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}
