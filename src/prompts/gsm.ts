/**
 * GSM 06.10 full rate -> samples of 16 bits at 8 kHz, by the fixed-point arithmetic of the standard (ETSI EN 300 961), so the
 * result is the same to the bit as that of any other decoder. Also in the packing of WAV files (format tag 0x31, "WAV49"). Pure.
 */

export const GSM_FRAME_BYTES = 33
/** Two frames without their magic. */
export const WAV49_BLOCK_BYTES = 65
export const GSM_FRAME_MS = 20
const MAGIC = 0xd

const FRAME = 160
export const WAV49_BLOCK_SAMPLES = 2 * FRAME
const SUBFRAMES = 4
const SUBFRAME = FRAME / SUBFRAMES
const PULSES = 13
const ORDER = 8
/** The longest distance that the long-term predictor looks back, and the shortest. */
const FARTHEST = 120
const NEAREST = 40

const LAR_BITS = [6, 6, 5, 5, 4, 4, 3, 3]
const LAR_MIDDLE = [-32, -32, -16, -16, -8, -8, -4, -4]
const LAR_OFFSET = [0, 0, 2_048, -2_560, 94, -1_792, -341, -1_144]
const LAR_SCALE = [13_107, 13_107, 13_107, 13_107, 19_223, 17_476, 31_454, 29_708]
const LTP_GAIN = [3_277, 11_469, 21_299, 32_767]
const PULSE_SCALE = [18_431, 20_479, 22_527, 24_575, 26_623, 28_671, 30_719, 32_767]
const DE_EMPHASIS = 28_180
/** The last three bits of each sample are zero. */
const SAMPLE_MASK = ~7

/** Takes the next so many bits of a frame. */
type Bits = (count: number) => number

const saturate = (value: number) => Math.max(-32_768, Math.min(32_767, value))
/** The product of two fractions, rounded. */
const times = (a: number, b: number) => saturate((a * b + 16_384) >> 15)

/** Undefined: the bytes are not whole frames, each with its magic. */
export function decodeGsm(sound: Uint8Array): Int16Array | undefined {
  const frames = sound.length / GSM_FRAME_BYTES
  if (!Number.isInteger(frames)) return undefined
  const samples = new Int16Array(frames * FRAME)
  const decode = createDecoder()
  for (let i = 0; i < frames; i += 1) {
    const bits = highestFirst(sound.subarray(i * GSM_FRAME_BYTES, (i + 1) * GSM_FRAME_BYTES))
    if (bits(4) !== MAGIC) return undefined
    decode(bits, samples.subarray(i * FRAME, (i + 1) * FRAME))
  }
  return samples
}

/** A block that is cut off is left out. */
export function decodeWav49(sound: Uint8Array): Int16Array {
  const blocks = Math.floor(sound.length / WAV49_BLOCK_BYTES)
  const samples = new Int16Array(blocks * 2 * FRAME)
  const decode = createDecoder()
  for (let i = 0; i < blocks; i += 1) {
    const bits = lowestFirst(sound.subarray(i * WAV49_BLOCK_BYTES, (i + 1) * WAV49_BLOCK_BYTES))
    for (const frame of [2 * i, 2 * i + 1]) decode(bits, samples.subarray(frame * FRAME, (frame + 1) * FRAME))
  }
  return samples
}

function highestFirst(bytes: Uint8Array): Bits {
  let [at, held, has] = [0, 0, 0]
  return count => {
    for (; has < count; has += 8) held = ((held & 0xff) << 8) | (bytes[at++] ?? 0)
    has -= count
    return (held >> has) & ((1 << count) - 1)
  }
}

function lowestFirst(bytes: Uint8Array): Bits {
  let [at, held, has] = [0, 0, 0]
  return count => {
    for (; has < count; has += 8) held |= (bytes[at++] ?? 0) << has
    const value = held & ((1 << count) - 1)
    held >>= count
    has -= count
    return value
  }
}

function createDecoder() {
  let ratios = new Int16Array(ORDER)
  const lattice = new Int16Array(ORDER + 1)
  /** The residual: what came before, and the subframe that is being made. */
  const residual = new Int16Array(FARTHEST + SUBFRAME)
  let distance = NEAREST
  let emphasis = 0

  function subframe(bits: Bits) {
    const lag = bits(7)
    const gain = LTP_GAIN[bits(2)] ?? 0
    if (lag >= NEAREST && lag <= FARTHEST) distance = lag
    residual.copyWithin(0, SUBFRAME)
    residual.fill(0, FARTHEST)
    pulses(bits, residual.subarray(FARTHEST))
    for (let k = FARTHEST; k < residual.length; k += 1)
      residual[k] = saturate((residual[k] ?? 0) + times(gain, residual[k - distance] ?? 0))
  }

  function synthesize(from: Int16Array, into: Int16Array, reflections: readonly number[]) {
    for (let k = 0; k < into.length; k += 1) {
      let value = from[k] ?? 0
      for (let i = ORDER - 1; i >= 0; i -= 1) {
        const reflection = reflections[i] ?? 0
        const before = lattice[i] ?? 0
        value = saturate(value - times(reflection, before))
        lattice[i + 1] = saturate(before + times(reflection, value))
      }
      lattice[0] = value
      emphasis = saturate(value + times(emphasis, DE_EMPHASIS))
      into[k] = saturate(2 * emphasis) & SAMPLE_MASK
    }
  }

  return (bits: Bits, samples: Int16Array) => {
    const next = Int16Array.from(LAR_BITS, (count, i) => ratioOf(i, bits(count)))
    const source = new Int16Array(FRAME)
    for (let i = 0; i < SUBFRAMES; i += 1) {
      subframe(bits)
      source.set(residual.subarray(FARTHEST), i * SUBFRAME)
    }
    for (const { from, to, mix } of SMOOTHED) {
      const reflections = Array.from(next, (ratio, i) => reflectionOf(mix(ratios[i] ?? 0, ratio)))
      synthesize(source.subarray(from, to), samples.subarray(from, to), reflections)
    }
    ratios = next
  }
}

/** From one frame to the next the filter changes in four steps. */
const SMOOTHED: readonly { from: number; to: number; mix: (before: number, now: number) => number }[] = [
  { from: 0, to: 13, mix: (before, now) => (before >> 2) + (now >> 2) + (before >> 1) },
  { from: 13, to: 27, mix: (before, now) => (before >> 1) + (now >> 1) },
  { from: 27, to: 40, mix: (before, now) => (before >> 2) + (now >> 2) + (now >> 1) },
  { from: 40, to: FRAME, mix: (_, now) => now },
]

/** A log-area ratio. */
function ratioOf(i: number, code: number): number {
  const level = saturate(((code + (LAR_MIDDLE[i] ?? 0)) << 10) - 2 * (LAR_OFFSET[i] ?? 0))
  return saturate(2 * times(LAR_SCALE[i] ?? 0, level))
}

function reflectionOf(ratio: number): number {
  const size = Math.min(32_767, Math.abs(ratio))
  const value = size < 11_059 ? size << 1 : size < 20_070 ? size + 11_059 : saturate((size >> 2) + 26_112)
  return ratio < 0 ? -value : value
}

/** The pulses of a subframe, three samples apart. */
function pulses(bits: Bits, into: Int16Array): void {
  const grid = bits(2)
  const largest = bits(6)
  let exponent = largest > 15 ? (largest >> 3) - 1 : 0
  let mantissa = largest - (exponent << 3)
  if (mantissa === 0) {
    exponent = -4
    mantissa = 7
  } else {
    for (; mantissa <= 7; exponent -= 1) mantissa = (mantissa << 1) | 1
    mantissa -= 8
  }
  const shift = 6 - exponent
  const half = shift === 0 ? 0 : 1 << (shift - 1)
  for (let i = 0; i < PULSES; i += 1) {
    const level = times(PULSE_SCALE[mantissa] ?? 0, (2 * bits(3) - 7) << 12)
    into[grid + 3 * i] = saturate(level + half) >> shift
  }
}
