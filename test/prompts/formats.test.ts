/**
 * The PBX's own formats, AU and RF64 become prompts. The samples are a second of 700 Hz, encoded by libgsm and libspandsp; the hashes
 * are of what those make of the same bytes.
 */
import t from 'tap'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import wavefile from 'wavefile'
import { levelOf, samplesOf, toneWav } from '../../lab/sound.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { createPrompts } from '../../src/prompts/folder.js'
import { FORMATS, readable, type Format } from '../../src/prompts/formats.js'
import { decodeG722 } from '../../src/prompts/g722.js'
import { decodeGsm, decodeWav49 } from '../../src/prompts/gsm.js'

const HZ = 700
const GSM_HASH = '18a9872ea5533948d968aef34cbded42d1e05c3f0d44a4977b0bc5d38fe0b5ce'
const WAV49_HASH = '61796dff3fb560e85af63200f3b4d64b3dddaa6b926966ab38fb6f067e908dd3'
const G722_HASH = '3f136b553674f5d60ee35cd1934095898bdc57d5fe14735d48b10ab6155981a1'
const pcm = toneWav(HZ, 1).subarray(44)
const sample = (name: string) => readFileSync(`test/prompts/samples/${name}`)
const folderIn = (dir: string) => createPrompts({ dir }, systemClock, () => randomToken(6))

/** The tone by G.711, without a header. */
function byLaw(law: 'ulaw' | 'alaw'): Buffer {
  const file = new wavefile.WaveFile(toneWav(HZ, 1))
  if (law === 'ulaw') file.toMuLaw()
  else file.toALaw()
  const wav = Buffer.from(file.toBuffer())
  return wav.subarray(wav.indexOf('data') + 8)
}

/** Two fifths of a second. */
function linear(rate: number): Buffer {
  const samples = Buffer.alloc((4 * rate) / 5)
  for (let i = 0; i < (2 * rate) / 5; i += 1)
    samples.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * HZ * i) / rate)), 2 * i)
  return samples
}

const RATES: Readonly<Partial<Record<Format, number>>> = { sln: 8_000, sln12: 12_000, sln16: 16_000, sln24: 24_000, sln32: 32_000, sln44: 44_100, sln48: 48_000, sln96: 96_000, sln192: 192_000 } // prettier-ignore

function inFormat(format: Format): Buffer {
  if (format === 'ulaw' || format === 'alaw') return byLaw(format)
  return format === 'gsm' || format === 'g722' ? sample(`tone.${format}`) : linear(RATES[format] ?? 0)
}

type Au = { encoding: number; data: Buffer; channels?: number; size?: number; from?: number; rate?: number }
function au({ encoding, data, channels = 1, size = data.length, from = 28, rate = 8_000 }: Au): Buffer {
  const header = Buffer.alloc(from === 24 ? 24 : 28)
  header.write('.snd')
  ;[from, size, encoding, rate, channels].forEach((value, i) => header.writeUInt32BE(value, 4 + 4 * i))
  return Buffer.concat([header, data])
}

/** The samples of the tone, each written by a function. */
const written = (bytes: number, write: (to: Buffer, level: number, at: number) => void, channels = 1) => {
  const data = Buffer.alloc((pcm.length / 2) * bytes * channels)
  for (let i = 0; i < data.length / bytes; i += 1)
    write(data, pcm.readInt16LE(2 * Math.floor(i / channels)) / 32_768, bytes * i)
  return data
}
const integers = (bytes: number, channels = 1) =>
  written(bytes, (to, level, at) => to.writeIntBE(Math.round(level * (2 ** (8 * bytes - 1) - 1)), at, bytes), channels)

/** RF64 as EBU Tech 3306 has it: the sizes are in `ds64`; behind the sound lies something else. */
function rf64(magic: string, wav = toneWav(HZ, 1)): Buffer {
  const ds64 = Buffer.alloc(8 + 28)
  ds64.write('ds64')
  ds64.writeUInt32LE(28, 4)
  ds64.writeBigUInt64LE(BigInt(wav.length + 28), 8)
  ds64.writeBigUInt64LE(BigInt(wav.length - 44), 16)
  const odd = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1')
  const file = Buffer.concat([wav.subarray(0, 12), ds64, odd, wav.subarray(12), Buffer.alloc(4_000, 0x55)])
  file.write(magic)
  file.writeUInt32LE(0xffffffff, 4)
  file.writeUInt32LE(0xffffffff, file.indexOf('data') + 4)
  return file
}

const heardOf = async (prompts: ReturnType<typeof folderIn>, name: string) => {
  const now = await prompts.sound({ name })
  const wav = now.ok ? now.value : Buffer.alloc(44)
  t.strictSame([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)], [1, 1, 8_000, 16]) // prettier-ignore
  return samplesOf(wav.subarray(44))
}

type Kind = { sound: Buffer; format?: Format; seconds?: number }

async function isTheTone(t: Tap, kinds: Readonly<Record<string, Kind>>) {
  const prompts = folderIn(t.testdir())
  for (const [name, { sound, format, seconds = 1 }] of Object.entries(kinds)) {
    t.match(await prompts.put({ name }, sound, format), { ok: true }, name)
    const heard = await heardOf(prompts, name)
    t.ok(Math.abs(heard.length - 8_000 * seconds) < 50, `${name}: ${heard.length}`)
    const level = levelOf(heard, HZ)
    t.ok(level > 7_000 && level < 8_500, `${name}: ${level}`)
    const rest = Math.sqrt(heard.reduce((sum, s) => sum + s * s, 0) / heard.length - level ** 2 / 2)
    t.ok(rest < 900, `${name}: and little else, ${rest}`)
  }
}
type Tap = Pick<typeof t, 'testdir' | 'match' | 'ok'>

t.test('formats of the PBX without a header, by name', async t => {
  await isTheTone(t, Object.fromEntries(FORMATS.map(format => [format, { sound: inFormat(format), format, seconds: format in RATES ? 0.4 : 1 }]))) // prettier-ignore
})

t.test('GSM in WAV, AU and RF64 are recognized', async t => {
  const float = written(4, (to, level, at) => to.writeFloatBE(level, at))
  await isTheTone(t, {
    wav49: { sound: sample('tone.WAV') },
    'au-ulaw': { sound: au({ encoding: 1, data: byLaw('ulaw') }) },
    'au-alaw': { sound: au({ encoding: 27, data: byLaw('alaw') }) },
    'au-8': { sound: au({ encoding: 2, data: integers(1) }) },
    'au-16': { sound: au({ encoding: 3, data: integers(2) }) },
    'au-24': { sound: au({ encoding: 4, data: integers(3) }) },
    'au-32': { sound: au({ encoding: 5, data: integers(4) }) },
    'au-float': { sound: au({ encoding: 6, data: float }) },
    'au-double': { sound: au({ encoding: 7, data: written(8, (to, level, at) => to.writeDoubleBE(level, at)) }) },
    'au-stereo': { sound: au({ encoding: 3, data: integers(2, 2), channels: 2 }) },
    'au-of-unknown-size': { sound: au({ encoding: 3, data: integers(2), size: 0xffffffff }) },
    'au-as-the-pbx-writes-it': { sound: au({ encoding: 3, data: integers(2), size: 0, from: 24 }) },
    'au-with-more-behind': { sound: au({ encoding: 3, data: Buffer.concat([integers(2), Buffer.alloc(999, 0x55)]), size: pcm.length }) },
    rf64: { sound: rf64('RF64') },
    bw64: { sound: rf64('BW64') },
    'odd-chunk': { sound: rf64('RIFF') },
  })
}) // prettier-ignore

t.test('samples that are no number, or infinite, are silence: the others stay', async t => {
  const sound = au({ encoding: 6, data: written(4, (to, level, at) => to.writeFloatBE(level, at)), rate: 16_000 })
  for (const [i, level] of [Infinity, -Infinity, NaN].entries()) sound.writeFloatBE(level, 28 + 4 * (1_000 + 200 * i))
  const prompts = folderIn(t.testdir())
  t.match(await prompts.put({ name: 'a' }, sound), { ok: true })
  const heard = await heardOf(prompts, 'a')
  t.ok(levelOf(heard, 2 * HZ) > 7_000)
  t.ok(heard.every(level => Math.abs(level) < 12_000))
})

/** The same everywhere, and not made for any decoder. */
function someBytes(count: number): Buffer {
  let state = 1
  return Buffer.from(
    Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      return (state >> 16) & 0xff
    }),
  )
}
const hashOf = (samples: Int16Array | undefined) => createHash('sha256').update(samples ? new Uint8Array(samples.buffer) : '').digest('hex') // prettier-ignore

t.test('GSM and G.722 are decoded to the bit as by the libraries that the PBX uses, whatever the bytes', async t => {
  const frames = someBytes(3_300).map((byte, i) => (i % 33 === 0 ? 0xd0 | (byte & 15) : byte))
  t.equal(hashOf(decodeGsm(frames)), GSM_HASH)
  t.equal(hashOf(decodeWav49(someBytes(3_250))), WAV49_HASH)
  t.equal(hashOf(decodeG722(someBytes(4_000))), G722_HASH)
})

t.test('what is not of the format that is named is refused, and what was there stays', async t => {
  const dir = t.testdir()
  const prompts = folderIn(dir)
  await prompts.put({ name: 'a' }, toneWav(HZ, 1))
  const bad: readonly (readonly [string, Buffer, Format | undefined, RegExp])[] = [
    ['no name', sample('tone.gsm'), undefined, /needs `format`/],
    ['no name for G.722', sample('tone.g722'), undefined, /needs `format`/],
    ['no name for samples', pcm, undefined, /needs `format`/],
    ['no name for µ-law after silence', Buffer.concat([Buffer.alloc(800, 0xff), byLaw('ulaw')]), undefined, /needs `format`/],
    ['WAV as GSM', toneWav(HZ, 1), 'gsm', /not of the format/],
    ['WAV49 of less than a block', sample('tone.WAV').subarray(0, 100), undefined, /empty/],
    ['GSM that is too long', Buffer.alloc(33 * 50 * 601, 0xd0), 'gsm', /ten minutes/],
    ['nothing', Buffer.alloc(0), 'sln', /empty/],
    ['AU of no sound', au({ encoding: 3, data: Buffer.alloc(0) }), undefined, /empty/],
    ['AU whose sound begins behind its end', au({ encoding: 3, data: pcm, from: 4e9 }), undefined, /empty/],
  ]
  for (const [what, sound, format, detail] of bad)
    t.match(await prompts.put({ name: 'a' }, sound, format), { ok: false, error: { code: 'PROMPT_INVALID', detail } }, what)
  const kept = await prompts.sound({ name: 'a' })
  t.equal(kept.ok && kept.value.compare(toneWav(HZ, 1)), 0)
  t.strictSame(readdirSync(dir), ['a.wav'])
}) // prettier-ignore

t.test('headers that lie, and frames that are none', async t => {
  const gsm = sample('tone.gsm')
  const spoilt = Buffer.from(gsm)
  spoilt[33 * 20] = 0x12
  const wav = toneWav(HZ, 1)
  const bad: readonly (readonly [string, Buffer, Format | undefined, string])[] = [
    ...FORMATS.map(format => [`WAV as ${format}`, wav, format, 'other-format'] as const),
    ['AU as ulaw', au({ encoding: 1, data: byLaw('ulaw') }), 'ulaw', 'other-format'],
    ['MP3 with a tag as ulaw', Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), 'ulaw', 'other-format'],
    ['MP4 as alaw', Buffer.from('\0\0\0\x20ftypM4A ', 'latin1'), 'alaw', 'other-format'],
    ['AMR as ulaw', Buffer.from('#!AMR\n'), 'ulaw', 'other-format'],
    ['samples as GSM', pcm, 'gsm', 'other-format'],
    ['GSM that is cut off', gsm.subarray(0, gsm.length - 1), 'gsm', 'other-format'],
    ['GSM with a frame that is none', spoilt, 'gsm', 'other-format'],
    ['WAV49 of two channels', patched(sample('tone.WAV'), 22, 2), undefined, 'no-audio'],
    ['WAV of 65535 channels', patched(wav, 22, 65_535), undefined, 'no-audio'],
    ['WAV whose blocks are too small', patched(wav, 32, 1), undefined, 'no-audio'],
    ['WAV of four billion samples a second', patched(patched(wav, 24, 65_535), 26, 65_535), undefined, 'no-audio'],
    ['WAV49 of as many', patched(patched(sample('tone.WAV'), 24, 65_535), 26, 65_535), undefined, 'no-audio'],
    ['RF64 without a sound', rf64('RF64').subarray(0, 60), undefined, 'no-audio'],
    ['AU without a whole header', au({ encoding: 3, data: pcm }).subarray(0, 20), undefined, 'no-audio'],
    ['AU of an unknown encoding', au({ encoding: 23, data: pcm }), undefined, 'no-audio'],
    ['AU of no channel', au({ encoding: 3, data: pcm, channels: 0 }), undefined, 'no-audio'],
    ['AU of a billion channels', au({ encoding: 3, data: pcm, channels: 1e9 }), undefined, 'no-audio'],
    ['AU of no rate', au({ encoding: 3, data: pcm, rate: 0 }), undefined, 'no-audio'],
    ['AU whose sound begins in its header', au({ encoding: 3, data: pcm, from: 4 }), undefined, 'no-audio'],
  ]
  for (const [what, sound, format, why] of bad) t.strictSame(readable(sound, format, 600_000), { why }, what)
}) // prettier-ignore

function patched(sound: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(sound)
  copy.writeUInt16LE(value, at)
  return copy
}

t.test('nothing, and too much, of each format', async t => {
  const longest: Readonly<Partial<Record<Format, number>>> = { ulaw: 4_800_000, alaw: 4_800_000, gsm: 990_000, g722: 4_800_000, sln: 9_600_000 } // prettier-ignore
  for (const format of FORMATS) {
    t.strictSame(readable(Buffer.alloc(0), format, 600_000), { why: 'empty' })
    const bytes = longest[format]
    if (bytes === undefined) continue
    t.strictSame(readable(Buffer.alloc(bytes + 33, 0xd0), format, 600_000), { why: 'too-long' }, format)
    if (format !== 'gsm' && format !== 'g722')
      t.ok('sound' in readable(Buffer.alloc(bytes, 0xd0), format, 600_000), format)
  }
  const wav49 = Buffer.concat([sample('tone.WAV').subarray(0, 60), Buffer.alloc(10 << 20)])
  wav49.writeUInt32LE(10 << 20, 56)
  t.strictSame(readable(wav49, undefined, 600_000), { why: 'too-long' })
})
