/**
 * `npm test`: sets up what is missing and runs every test, those with the real PBX included; `--unit` runs those that need
 * neither PBX nor Redis; words run the files whose path has one of them. Prints each file and what failed in it, and last
 * `N passed, N failed`; fails when a test does, and when none ran.
 */
import { spawn } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

setUp()
const { Parser } = await import('tap-parser')
const args = process.argv.slice(2)
const unit = args.includes('--unit')
const words = args.filter(a => !a.startsWith('--'))
const needLab = /^build\/test\/(pbx|lab|store|history)\//

const filesIn = folder =>
  readdirSync(join(root, folder)).flatMap(name => {
    const path = `${folder}/${name}`
    return statSync(join(root, path)).isDirectory() ? filesIn(path) : [path]
  })
/** What was compiled of a test that is no longer there. */
const isStale = file => !exists(file.replace(/^build\//, '').replace(/\.js$/, '.ts'))
const exists = file => statSync(join(root, file), { throwIfNoEntry: false }) !== undefined

const compiled = filesIn('build/test').filter(file => file.endsWith('.test.js'))
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
const follow = (parser, path) => {
  parser.on('child', child => follow(child, [...path, child.name]))
  parser.on('assert', result => {
    if (path.length === 0)
      console.log(
        `${result.ok ? 'ok    ' : 'FAILED'} ${result.name.replace('build/', '').replace('.js', '.ts')}  ${Math.round(result.time ?? 0)} ms`,
      )
  })
  parser.on('bailout', why => console.log(`bailed out: ${why}`))
}

/** Whether all went well. */
async function run(files, jobs) {
  if (files.length === 0) return true
  const parser = new Parser()
  follow(parser, [])
  parser.on('result', result => {
    if (result.ok) return void passed++
    failed++
    console.log(`\nnot ok: ${result.fullname} > ${result.name}\n${JSON.stringify(result.diag ?? {}, undefined, 2)}\n`)
  })
  const tap = spawn(
    process.execPath,
    ['node_modules/tap/dist/esm/run.mjs', '--reporter=tap', `--jobs=${jobs}`, ...files],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tap.kill(signal))
  tap.stdout.pipe(parser)
  const complete = new Promise(resolve => parser.on('complete', resolve))
  const code = await new Promise(resolve => tap.on('close', resolve))
  const { ok } = await complete
  return ok && code === 0
}

// The stories of phones mostly wait for a phone to ring out: beside the others they cost hardly anything but time.
const waiting = files.filter(file => file.includes('/stories-'))
const lanes = await Promise.all([
  run(
    files.filter(file => !waiting.includes(file)),
    2,
  ),
  run(waiting, 1),
])
console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = lanes.every(Boolean) && passed > 0 ? 0 : 1
