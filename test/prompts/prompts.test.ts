/** The folder of the prompts: sound of many kinds becomes what the PBX plays; what is none is refused, and nothing half done. */
import t from 'tap'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import wavefile from 'wavefile'
import { levelOf, samplesOf, toneWav } from '../../lab/sound.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { makePrompts } from '../../src/prompts-command.js'
import { createPrompts, type PromptSettings } from '../../src/prompts/folder.js'

const HZ = 700
const folderIn = (dir: string, more: PromptSettings = {}) =>
  createPrompts({ dir, ...more }, systemClock, () => randomToken(6))

/** A tone as another program would write it. */
function aTone(rate: number, channels: number, bits: string): Buffer {
  const file = new wavefile.WaveFile()
  const one = Float64Array.from({ length: rate }, (_, i) => 0.3 * Math.sin((2 * Math.PI * HZ * i) / rate))
  const scale = bits === '32f' ? 1 : bits === '8' ? 127 : 2 ** (Number(bits) - 1) - 1
  const samples = one.map(s => (bits === '32f' ? s : bits === '8' ? Math.round(s * scale) + 128 : Math.round(s * scale)))
  file.fromScratch(channels, rate, bits, channels === 1 ? samples : [samples, samples])
  return Buffer.from(file.toBuffer())
} // prettier-ignore

t.test('whatever it was, it is what the PBX plays then: 8 kHz, one channel, 16 bits', async t => {
  const dir = t.testdir()
  const prompts = folderIn(dir)
  const kinds = { plain: toneWav(HZ, 1), stereo: aTone(44_100, 2, '16'), deep: aTone(48_000, 1, '24'), float: aTone(22_050, 2, '32f'), low: aTone(11_025, 1, '8') } // prettier-ignore
  for (const [name, sound] of Object.entries(kinds)) {
    const put = await prompts.put({ name }, sound)
    t.match(put, { ok: true, value: { name, sound: `prompts/${name}`, file: `${dir}/${name}` } }, name)
    const now = await prompts.sound({ name })
    const wav = now.ok ? now.value : Buffer.alloc(0)
    t.strictSame([wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)], [1, 8_000, 16], name)
    const heard = samplesOf(wav.subarray(44))
    t.ok(Math.abs(heard.length - 8_000) < 50, `${name}: ${heard.length}`)
    t.ok(levelOf(heard, HZ) > 5_000, `${name}: the tone is in it`)
    t.ok(levelOf(heard, 1_500) < 500, `${name}: and nothing else`)
  }
  t.strictSame(readdirSync(dir).sort(), Object.keys(kinds).map(name => `${name}.wav`).sort(), 'nothing else is left there') // prettier-ignore
})

t.test('channels that cancel each other: the louder one', async t => {
  const dir = t.testdir()
  const stereo = (left: number, right: number) => {
    const one = Array.from({ length: 8_000 }, (_, i) => 10_000 * Math.sin((2 * Math.PI * HZ * i) / 8_000))
    const file = new wavefile.WaveFile()
    file.fromScratch(2, 8_000, '16', [left, right].map(by => Int16Array.from(one, level => Math.round(level * by))))
    return Buffer.from(file.toBuffer())
  }
  const levels: number[] = []
  for (const [left, right] of [[1, -1], [1, -0.8], [0, 1], [1, 1], [1, 0.5]] as const) {
    await folderIn(dir).put({ name: 'a' }, stereo(left, right))
    const now = await folderIn(dir).sound({ name: 'a' })
    levels.push(now.ok ? levelOf(samplesOf(now.value.subarray(44)), HZ) : 0)
  }
  const [whole = 0] = levels
  t.ok(whole > 5_000)
  t.strictSame(levels.map(level => Math.round((level / whole) * 20) / 20), [1, 1, 0.5, 1, 0.75])
}) // prettier-ignore

t.test('channels that cancel each other for a part only: the louder one for all of it', async t => {
  const dir = t.testdir()
  const heard = async (right: (second: number) => number) => {
    const one = Array.from({ length: 40_000 }, (_, i) => 10_000 * Math.sin((2 * Math.PI * HZ * i) / 8_000))
    const file = new wavefile.WaveFile()
    const other = one.map((level, i) => level * right(i / 8_000))
    file.fromScratch(2, 8_000, '16', [one, other].map(channel => Int16Array.from(channel, Math.round)))
    await folderIn(dir).put({ name: 'a' }, Buffer.from(file.toBuffer()))
    const now = await folderIn(dir).sound({ name: 'a' })
    const samples = now.ok ? samplesOf(now.value.subarray(44)) : []
    const levels = [0, 1, 2, 3, 4].map(second => levelOf(samples.slice(second * 8_000, (second + 1) * 8_000), HZ))
    return levels.map(level => Math.round(level / 1_000))
  }
  const all = await heard(() => 1)
  t.ok(all.every(level => level > 5 && level === all[0]))
  t.strictSame(await heard(second => (second < 4 ? -1 : 1)), all, 'four seconds of five')
  t.strictSame(await heard(second => (second < 0.3 ? -1 : 1)), all, 'a third of a second')
  t.strictSame(await heard(() => -0.5), all, 'half')
  const mixed = await heard(second => (second < 4 ? 1 : 0))
  t.strictSame(mixed.slice(0, 4), all.slice(0, 4), 'mixed as ever')
  t.ok((mixed[4] ?? 0) < (all[4] ?? 0) - 2, 'what one channel has alone')
}) // prettier-ignore

t.test('what is no sound is refused, and what was there stays', async t => {
  const dir = t.testdir()
  const prompts = folderIn(dir)
  await prompts.put({ name: 'a' }, toneWav(HZ, 1))
  const lies = toneWav(HZ, 1)
  lies.writeUInt32LE(0xffffffff, 40)
  const bad = [Buffer.from('no sound at all'), Buffer.alloc(0), Buffer.alloc(100), Buffer.from('RIFF'), Buffer.from('ID3\u0004'), toneWav(HZ, 1).subarray(0, 44), Buffer.from('fLaC'), Buffer.from('OggS')] // prettier-ignore
  for (const sound of bad)
    t.match(await prompts.put({ name: 'a' }, sound), { ok: false, error: { code: 'PROMPT_INVALID' } }, sound.toString('latin1', 0, 8)) // prettier-ignore
  const kept = await prompts.sound({ name: 'a' })
  t.equal(kept.ok && kept.value.length, 44 + 16_000)
  await prompts.put({ name: 'b' }, lies)
  t.match(await prompts.put({ name: 'c' }, toneWav(HZ, 601)), { ok: false, error: { detail: /ten minutes/ } })
  t.notOk(readdirSync(dir).includes('c.wav'))
})

t.test('languages, names that are none, and a folder that is none', async t => {
  const dir = t.testdir({ 'notes.txt': '', 'Bad Name.wav': '' })
  const prompts = folderIn(dir, { as: '/pbx' })
  await prompts.put({ name: 'hi' }, toneWav(HZ, 1))
  await prompts.put({ name: 'hi', language: 'zh' }, toneWav(HZ, 2))
  t.match(await prompts.list(), [
    { name: 'hi', file: '/pbx/hi', durationMs: 1_000 },
    { name: 'hi', language: 'zh', file: '/pbx/zh/hi', durationMs: 2_000 },
  ])
  t.equal((await prompts.list()).length, 2)
  for (const name of ['../x', '', 'A', 'a.b', 'a/b', 'x'.repeat(65)]) {
    t.match(await prompts.put({ name }, toneWav(HZ, 1)), { ok: false, error: { code: 'BAD_REQUEST' } }, name)
    t.match(await prompts.sound({ name }), { ok: false, error: { code: 'PROMPT_NOT_FOUND' } }, name)
  }
  t.match(await prompts.put({ name: 'a', language: '..' }, toneWav(HZ, 1)), { ok: false })
  t.match(await prompts.remove({ name: 'hi' }), { ok: true })
  t.match(await prompts.remove({ name: 'hi' }), { ok: false, error: { code: 'PROMPT_NOT_FOUND' } })
  t.match(await prompts.list(), [{ language: 'zh' }])
  writeFileSync(join(dir, 'file'), '')
  t.match(await folderIn(join(dir, 'file')).put({ name: 'a' }, toneWav(HZ, 1)), { ok: false, error: { code: 'PROMPTS_UNAVAILABLE' } }) // prettier-ignore
  t.strictSame(await createPrompts({}, systemClock, () => 'x').list(), [])
})

t.test('a sound that cannot take its place leaves nothing behind', async t => {
  const dir = t.testdir({ 'a.wav': {} })
  t.match(await folderIn(dir).put({ name: 'a' }, toneWav(HZ, 1)), { ok: false, error: { code: 'PROMPTS_UNAVAILABLE' } })
  t.strictSame(readdirSync(dir), ['a.wav'])
  t.match(await folderIn(dir).sound({ name: 'a' }), { ok: false, error: { code: 'PROMPT_NOT_FOUND' } })
})

t.test('a program that is not there, that fails, and a language without a voice', async t => {
  const speech = { driver: 'espeak-ng', args: [], voices: { en: 'en' } } as const
  for (const command of ['/nowhere/espeak-ng', '/bin/false'])
    t.match(await folderIn(t.testdirName, { speech: { ...speech, command } }).say({ name: 'a' }, 'hi'), { ok: false, error: { code: 'SPEECH_UNAVAILABLE', detail: 'the program has failed' } }, command) // prettier-ignore
  t.match(await folderIn(t.testdirName, { speech: { ...speech, command: 'x' } }).say({ name: 'a', language: 'zh' }, 'hi'), { ok: false, error: { code: 'SPEECH_UNAVAILABLE' } }) // prettier-ignore
  t.match(await folderIn(t.testdirName).say({ name: 'a' }, 'hi'), { ok: false, error: { code: 'SPEECH_UNAVAILABLE' } })
})

t.test('no place for the file of the program', async t => {
  const before = process.env['TMPDIR']
  t.teardown(() => (before === undefined ? delete process.env['TMPDIR'] : (process.env['TMPDIR'] = before)))
  process.env['TMPDIR'] = '/nowhere/at/all'
  const speech = { driver: 'espeak-ng', command: '/bin/true', args: [], voices: { en: 'en' } } as const
  t.match(await folderIn(t.testdirName, { speech }).say({ name: 'a' }, 'hi'), { ok: false, error: { code: 'SPEECH_UNAVAILABLE' } }) // prettier-ignore
})

t.test('a text without a word is not given to the program; one word, digit or sign of money is', async t => {
  const speech = { driver: 'espeak-ng', command: '/bin/false', args: [], voices: { en: 'en' } } as const
  const prompts = folderIn(t.testdirName, { speech })
  for (const text of ['...', ' ', '—', '–-', '…', '?!', '"("', '。', '\u200b', '😀', '❤️', '👍🏽', '👩‍👧', '★ ☎'])
    t.match(await prompts.say({ name: 'a' }, text), { ok: false, error: { code: 'PROMPT_INVALID', detail: /can be heard/ } }, JSON.stringify(text)) // prettier-ignore
  for (const text of ['a', '1', '欢', '— a', '€', '#'])
    t.match(await prompts.say({ name: 'a' }, text), { ok: false, error: { code: 'SPEECH_UNAVAILABLE' } }, text)
})

t.test('a file of texts that is none', async t => {
  const dir = t.testdir({ 'a.yaml': 'hi: hello', 'b.yaml': 'Hi There: { en: hello }' })
  const prompts = folderIn(dir)
  await t.rejects(
    makePrompts(`${dir}/a.yaml`, prompts, () => undefined),
    /no table/,
  )
  const said: string[] = []
  t.equal(await makePrompts(`${dir}/b.yaml`, prompts, line => said.push(line)), false)
  t.match(said, ['Hi There en: is no name, or no language\n'])
})
