/** Sound is converted in a process of its own: what is long is converted, and what would fill the memory ends that process alone. */
import t from 'tap'
import { levelOf } from '../../lab/sound.js'
import { systemClock } from '../../src/base/system.js'
import { converter } from '../../src/prompts/convert.js'
import { readable } from '../../src/prompts/formats.js'
import { resampled } from '../../src/prompts/resample.js'

const convert = converter(systemClock)

/** MP3 of silence: 128 kbit/s, 44.1 kHz, two channels. */
function silentMp3(seconds: number): Buffer {
  const frame = Buffer.alloc(417)
  frame.set([0xff, 0xfb, 0x90])
  return Buffer.concat(Array.from({ length: Math.round((seconds * 44_100) / 1_152) }, () => frame))
}

function crc(bytes: Buffer, bits: number, polynomial: number): number {
  let sum = 0
  for (const byte of bytes) {
    sum ^= byte << (bits - 8)
    for (let i = 0; i < 8; i += 1) sum = (sum << 1) ^ (((sum >> (bits - 1)) & 1) * polynomial)
    sum &= 2 ** bits - 1
  }
  return sum
}

/** FLAC in which a frame of a few bytes is a second and a half of silence: 44.1 kHz, one channel. */
function silentFlac(frames: number): Buffer {
  const stream = Buffer.from([...[0, 0, 0, 34], ...[0xff, 0xff, 0xff, 0xff], 0, 0, 0, 0, 0, 0, 0x0a, 0xc4, 0x40, 0xf0])
  stream[0] = 0x80
  const numbered = (n: number) => (n < 128 ? [n] : n < 2_048 ? [0xc0 | (n >> 6), 0x80 | (n & 63)] : [0xe0 | (n >> 12), 0x80 | ((n >> 6) & 63), 0x80 | (n & 63)])
  const all = Array.from({ length: frames }, (_, n) => {
    const head = Buffer.from([0xff, 0xf8, 0x79, 0x08, ...numbered(n), 0xff, 0xfe])
    const frame = Buffer.from([...head, crc(head, 8, 0x07), 0, 0, 0])
    const sum = crc(frame, 16, 0x8005)
    return Buffer.from([...frame, sum >> 8, sum & 0xff])
  })
  return Buffer.concat([Buffer.from('fLaC'), stream, Buffer.alloc(38 - stream.length), ...all])
} // prettier-ignore

t.test('nine minutes of MP3 are converted', async t => {
  const converted = await convert(silentMp3(540))
  t.match(converted, { ok: true })
  t.ok(converted.ok && Math.abs(converted.wav.length - 44 - 540 * 16_000) < 1_000)
})

t.test('60 kB that would be 1 GB of samples are refused, and the next sound is converted', async t => {
  const [large, small] = await Promise.all([convert(silentFlac(4_000)), convert(silentFlac(1))])
  t.strictSame(large, { ok: false, why: 'too-much' })
  t.match(small, { ok: true, peak: 0 })
})

/** What is behind the sixteen bytes of the header, in 16 bits. */
function adpcm(tag: number, block: number, extension: readonly number[], channels = 1): Buffer {
  const file = Buffer.alloc(44 + 2 * extension.length + 40_000)
  file.write('RIFF')
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16 + 2 * extension.length, 16)
  ;[tag, channels, 48_000, 0, 0, 0, block, 4, ...extension].forEach((word, i) => file.writeUInt16LE(word, 20 + 2 * i))
  file.write('data', 36 + 2 * extension.length)
  file.writeUInt32LE(40_000, 40 + 2 * extension.length)
  return file
}

t.test('ADPCM of more samples than its blocks can hold is refused before there is memory for them', async t => {
  const bad: readonly (readonly [string, Buffer])[] = [
    ['IMA', adpcm(0x11, 4, [2, 65_535])],
    ['IMA of no bytes', adpcm(0x11, 0, [2, 65_535])],
    ['Microsoft', adpcm(2, 8, [4, 65_535, 0])],
    ['IMA in the extension', adpcm(0xfffe, 1, [22, 65_535, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0], 2)],
  ]
  for (const [what, sound] of bad) t.strictSame(readable(sound, undefined, 600_000), { why: 'no-audio' }, what)
  for (const [tag, extension] of [[0x11, [2, 2_041]], [2, [4, 2_036, 0]]] as const)
    t.ok('sound' in readable(adpcm(tag, 1_024, extension), undefined, 600_000))
  t.strictSame(readable(adpcm(0x11, 1_024, [2, 2_041]), undefined, 1_000), { why: 'too-long' })
}) // prettier-ignore

const tone = (hz: number, rate: number, seconds = 0.5) =>
  Float32Array.from({ length: seconds * rate }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / rate))
const levelAt = (sound: Float32Array, hz: number) => levelOf([...sound], hz)

t.test('another rate: what 8 kHz can hold stays, and nothing comes that was not there', async t => {
  for (const rate of [1_000, 7_999, 8_001, 11_025, 16_000, 44_100, 48_000, 192_000, 768_000]) {
    const sound = resampled(tone(300, rate), rate, 8_000)
    t.equal(sound.length, Math.round((Math.floor(rate / 2) * 8_000) / rate), `${rate} Hz: its length`)
    t.ok(Math.abs(levelAt(sound, 300) - 8_000) < 100, `${rate} Hz: ${levelAt(sound, 300)}`)
    t.ok(levelAt(sound, 700) < 40, `${rate} Hz: no mirror image, ${levelAt(sound, 700)}`)
  }
  for (const rate of [16_000, 44_100, 48_000]) {
    t.ok(levelAt(resampled(tone(3_400, rate), rate, 8_000), 3_400) > 7_800, `${rate} Hz: the telephone's band`)
    t.ok(levelAt(resampled(tone(5_000, rate), rate, 8_000), 3_000) < 10, `${rate} Hz: nothing folds down`)
  }
  t.strictSame([...resampled(new Float32Array(), 16_000, 8_000)], [])
  t.strictSame(resampled(Float32Array.of(1), 768_000, 8_000).length, 0)
})
