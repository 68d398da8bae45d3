/** The file of a recording, by a name that the PBX gives: whatever that name is, nothing outside the folder is read. */
import t from 'tap'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordingContradictions } from '../../src/config-recordings.js'
import { checkRecordings } from '../../src/doctor/recordings.js'
import { createRecordingFiles } from '../../src/recordings/folder.js'

const dir = t.testdir({
  monitor: {
    'a.wav': 'RIFFa',
    '2026': { 'b c.mp3': 'ID3' },
    '%2e%2e': 'x',
    'no extension.raw': 'rawraw',
    'd.WAV': 'RIFFdd',
  },
  'secret.wav': 'no',
})
const monitor = join(dir, 'monitor')
mkdirSync(join(monitor, 'folder.wav'))
symlinkSync(join(dir, 'secret.wav'), join(monitor, 'out.wav'))
symlinkSync(join(monitor, 'a.wav'), join(monitor, 'in.wav'))
symlinkSync(dir, join(monitor, 'up'))
const as = '/var/spool/asterisk/monitor'
const files = createRecordingFiles({ dir: monitor, as })

async function found(file: string) {
  const one = await files.find(file)
  if (!one.ok) return one.error
  if ('at' in one.value) return one.value.at
  const { handle, size, type } = one.value
  await handle.close()
  return `${size} ${type}`
}

t.test('files of the folder, and of folders in it', async t => {
  t.equal(await found(`${as}/a.wav`), '5 audio/wav')
  t.equal(await found(`${as}/2026/b c.mp3`), '3 audio/mpeg')
  t.equal(await found(`${as}/2026/../a.wav`), '5 audio/wav')
  t.equal(await found(`${as}/in.wav`), '5 audio/wav')
  t.equal(await found(`${as}/%2e%2e`), '1 application/octet-stream', 'nothing is decoded')
  t.equal(await found(`${as}/gone.wav`), 'RECORDING_GONE')
})

t.test('as MixMonitor writes them: raw where the name has no extension, and wav49 as WAV', async t => {
  t.equal(await found(`${as}/no extension`), '6 application/octet-stream')
  t.equal(await found(`${as}/d.wav49`), '6 audio/wav')
  t.equal(await found(`${as}/a`), 'RECORDING_GONE')
  t.equal(await found(`${as}/up/no extension`), 'RECORDING_GONE')
  mkdirSync(join(monitor, '20.26'))
  writeFileSync(join(monitor, '20.26', 'e.raw'), 'raw')
  t.equal(await found(`${as}/20.26/e`), '3 application/octet-stream', 'the point of a folder is none of the name')
})

t.test('nothing else', async t => {
  const names = [
    ...['', 'a.wav', as, `${as}/`, `${as}/..`, `${as}/../secret.wav`, `${as}/2026/../../secret.wav`, '/etc/passwd'],
    ...[`${as}x/a.wav`, `${as}/folder.wav`, `${as}/out.wav`, `${as}/up/secret.wav`, `${as}/a.wav\0.mp3`],
    ...[`${as}/${'x'.repeat(10_000)}`, `${as}/\u202ewav.a`, join(dir, 'secret.wav')],
  ]
  for (const name of names)
    t.match(await found(name), /^RECORDING_(NOT_FOUND|GONE)$/, JSON.stringify(name.slice(0, 60)))
  const nowhere = await createRecordingFiles({ as }).find(`${as}/a.wav`)
  t.match(nowhere, { ok: false, error: 'RECORDING_NOT_FOUND' }, 'no folder is configured')
})

t.test('at an address, each part of the path is encoded', async t => {
  const at = createRecordingFiles({ as, url: 'https://store.example/r/{file}?k=1' })
  t.match(await at.find(`${as}/2026/b c&$'?#.mp3`), {
    value: { at: `https://store.example/r/2026/b%20c%26%24'%3F%23.mp3?k=1` },
  })
  t.match(await at.find(`${as}/../x`), { error: 'RECORDING_NOT_FOUND' })
})

t.test('what the configuration cannot mean; what the doctor says of the folder', async t => {
  t.strictSame(recordingContradictions({ dir: '/a' }), [])
  t.equal(recordingContradictions({ dir: '/a', url: 'https://a/{file}' }).length, 1)
  t.equal(recordingContradictions({ url: 'https://a/' }).length, 1)
  t.equal(recordingContradictions({ url: 'https://{file}:x' }).length, 1)
  t.match(await checkRecordings('hq', monitor), [{ check: 'recordings.dir', verdict: 'ok' }])
  t.match(await checkRecordings('hq', join(monitor, 'a.wav')), [{ verdict: 'failed' }])
  t.match(await checkRecordings('hq', join(dir, 'none')), [{ verdict: 'failed', found: /ENOENT/ }])
})
