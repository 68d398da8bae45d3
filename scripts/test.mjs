/**
 * `npm test`: sets up what is missing and runs every test, those with the real PBX included; `--unit` runs those that need
 * neither PBX nor Redis; words run the files whose path has one of them; `--long` plays every story on both profiles of the
 * lab and on Asterisk 22 and 16, which takes most of an hour. Prints each file and what failed in it, then the names of
 * the tests that failed, and last `N passed, N failed`; fails when a test does, and when none ran.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createFailing, sourceOf } from './failing.mjs'
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
const follow = (parser, path) => {
  parser.on('child', child => follow(child, [...path, child.name]))
  parser.on('assert', result => {
    if (path.length === 0) fileEnded(result.ok, result.name, Math.round(result.time ?? 0))
  })
  parser.on('bailout', why => console.log(`bailed out: ${why}`))
}

function fileEnded(ok, file, tookMs) {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${sourceOf(file)}  ${tookMs} ms`)
  if (!ok) failing.missed(file, 'failed without a failed assertion')
}

const TAP = 'node_modules/tap/dist/esm/run.mjs'
/** As long as .taprc gives a file. */
const TIMEOUT_S = 900

/** Whether all went well of what a program says as TAP. `named`: the file, where the program is no more than that. */
async function heard(args, named, more = {}) {
  const parser = new Parser()
  const began = Date.now()
  follow(parser, named === undefined ? [] : [named])
  parser.on('result', result => {
    if (result.ok) return void passed++
    failed++
    const where = named === undefined ? result.fullname : `${named} > ${result.fullname}`
    failing.add(where, result.name)
    console.log(`\nnot ok: ${where}\n${JSON.stringify(result.diag ?? {}, undefined, 2)}\n`)
  })
  const program = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP_TIMEOUT: String(long ? 4 * TIMEOUT_S : TIMEOUT_S), ...more },
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => program.kill(signal))
  program.stdout.pipe(parser)
  const complete = new Promise(resolve => parser.on('complete', resolve))
  const code = await new Promise(resolve => program.on('close', resolve))
  const ok = (await complete).ok && code === 0
  if (named !== undefined) fileEnded(ok, named, Date.now() - began)
  return ok
}

/** One after the other. */
async function alone(files, more = {}) {
  let ok = true
  for (const file of files) ok = (await heard(['--enable-source-maps', file], file, more)) && ok
  return ok
}

/** Of the lab that a file of `--long` starts. */
const LABS = ['plain', 'field'].flatMap(profile => ['22', '16'].map(version => ({ profile, version })))

async function everywhere(files) {
  let ok = true
  for (const { profile, version } of LABS) {
    console.log(`${profile} profile, Asterisk ${version}`)
    ok = (await alone(files, { ALADDIN_LAB_PROFILE: profile, ALADDIN_LAB_ASTERISK: version })) && ok
  }
  return ok
}

// The stories of phones mostly wait for a phone to ring out: beside the others they cost hardly anything but time. They are run
// without tap's runner, of which there can be one only; it builds what the tests import, so that comes first.
const waiting = files.filter(file => long || file.includes('/stories-'))
const others = files.filter(file => !waiting.includes(file))
if (waiting.length > 0) spawnSync(process.execPath, [TAP, 'build'], { cwd: root, stdio: 'ignore' })
const lanes = await Promise.all([
  others.length === 0 || heard([TAP, '--reporter=tap', '--jobs=2', ...others]),
  long ? everywhere(waiting) : alone(waiting),
])
console.log(['', ...failing.lines(), `${passed} passed, ${failed} failed`].join('\n'))
process.exitCode = lanes.every(Boolean) && passed > 0 ? 0 : 1
