/**
 * `npm test`: sets up what is missing and runs every test, those with the real PBX included; `--unit` runs those that need
 * neither PBX nor Redis; words run the files whose path has one of them; `--long` runs test/long: every story on both profiles
 * of the lab and on Asterisk 22 and 16, and every case of tests that try a part of them otherwise. Files run side by side in
 * lanes (scripts/lanes.mjs), each as one would run it alone. Prints each file and what failed in it, then the names of
 * the tests that failed, and last `N passed, N failed`; fails when a test does, and when none ran.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createFailing, sourceOf } from './failing.mjs'
import { inLanes } from './lanes.mjs'
import { root, setUp } from './setup.mjs'

setUp()
const { Parser } = await import('tap-parser')
const args = process.argv.slice(2)
const unit = args.includes('--unit')
const long = args.includes('--long')
const words = args.filter(a => !a.startsWith('--'))
const needLab = /^build\/test\/(pbx|lab|store|history|jobs|long)\//
const ending = long ? '.long.js' : '.test.js'

const filesIn = folder =>
  readdirSync(join(root, folder)).flatMap(name => {
    const path = `${folder}/${name}`
    return statSync(join(root, path)).isDirectory() ? filesIn(path) : [path]
  })
/** What was compiled of a test that is no longer there. */
const isStale = file => !exists(file.replace(/^build\//, '').replace(/\.js$/, '.ts'))
const exists = file => statSync(join(root, file), { throwIfNoEntry: false }) !== undefined

const compiled = filesIn('build/test').filter(file => file.endsWith(ending))
for (const file of compiled.filter(isStale)) rmSync(join(root, file))
const files = compiled
  .filter(file => !isStale(file) && !(unit && needLab.test(file)))
  .filter(file => words.length === 0 || words.some(word => file.includes(word)))

if (files.length === 0) {
  // tap without a file would look for tests of its own choice.
  console.log('no test file has such a word in its path\n\n0 passed, 0 failed')
  process.exit(1)
}
if (files.some(file => needLab.test(file))) {
  // Fetched once, with its progress shown, before several tests would want it at the same time.
  const { prepareLab } = await import('../build/lab/prepare.js')
  await prepareLab(line => console.log(line))
}

let passed = 0
let failed = 0
const failing = createFailing()
const TAP = 'node_modules/tap/dist/esm/run.mjs'
/** As long as .taprc gives a file; what has not ended by itself then, is ended. */
const TIMEOUT_S = long ? 3_600 : 900
const GRACE_MS = 30_000

let stopped = false
const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => {
    stopped = true
    for (const program of running) program.kill(signal)
  })

/** Runs a file as one would alone, and counts what it says as TAP. Whether all went well. */
async function heard({ file, env, place }) {
  const named = `${file}${place}`
  const began = Date.now()
  const parser = new Parser()
  parser.on('bailout', why => console.log(`bailed out: ${why}`))
  parser.on('result', result => {
    if (result.ok) return void passed++
    failed++
    const where = `${named} > ${result.fullname}`
    failing.add(where, result.name)
    console.log(`\nnot ok: ${where}\n${JSON.stringify(result.diag ?? {}, undefined, 2)}\n`)
  })
  const program = spawn(process.execPath, ['--enable-source-maps', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP_TIMEOUT: String(TIMEOUT_S), ...env },
  })
  running.add(program)
  const late = setTimeout(() => program.kill('SIGKILL'), TIMEOUT_S * 1_000 + GRACE_MS)
  program.stdout.pipe(parser)
  const complete = new Promise(resolve => parser.on('complete', resolve))
  const code = await new Promise(resolve => program.on('close', resolve))
  clearTimeout(late)
  running.delete(program)
  const ok = (await complete).ok && code === 0
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${sourceOf(named)}  ${Date.now() - began} ms`)
  if (!ok) failing.missed(named, 'failed without a failed assertion')
  return ok
}

/** Of the lab that the stories of `--long` are played on. */
const LABS = ['plain', 'field'].flatMap(profile => ['22', '16'].map(version => ({ profile, version })))
const everywhere = file =>
  LABS.map(({ profile, version }) => ({
    file,
    env: { ALADDIN_LAB_PROFILE: profile, ALADDIN_LAB_ASTERISK: version },
    place: ` (${profile} profile, Asterisk ${version})`,
  }))

// Builds what the tests import, as .taprc has it.
spawnSync(process.execPath, [TAP, 'build'], { cwd: root, stdio: 'ignore' })
const jobs = files.flatMap(file => (file.includes('/long/stories') ? everywhere(file) : [{ file, env: {}, place: '' }]))
const ok = await inLanes(jobs, heard, () => stopped)
console.log(['', ...failing.lines(), `${passed} passed, ${failed} failed`].join('\n'))
process.exitCode = ok && passed > 0 ? 0 : 1
