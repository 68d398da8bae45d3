/**
 * What `npm start` and `npm test` need before anything else: the packages and the build, made when they are missing or
 * older than what they are made from. Plain Node, since nothing else is there yet.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const say = text => process.stderr.write(`${text}\n`)

export function setUp() {
  needNode()
  install()
  build()
}

function needNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  say(`Aladdin CTI needs Node 20.19 or later; this is ${process.versions.node}.`)
  process.exit(1)
}

/** The lock file says what belongs there; its digest is kept beside what it made. */
function install() {
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules/.aladdin-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  say('Installing packages …')
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, digest)
}

function build() {
  const stamp = join(root, 'build/.built')
  if (
    existsSync(stamp) &&
    statSync(stamp).mtimeMs > newest(['src', 'lab', 'test', 'bench', 'scripts', 'tsconfig.json', 'package-lock.json'])
  )
    return
  say('Building …')
  run(process.execPath, ['scripts/build.mjs'])
  mkdirSync(join(root, 'build'), { recursive: true })
  writeFileSync(stamp, '')
}

/** When anything below these was last changed, in milliseconds. A folder's own time tells of what was taken out. */
function newest(places) {
  const timeOf = path => {
    if (!existsSync(path)) return 0
    const { mtimeMs } = statSync(path)
    if (!statSync(path).isDirectory()) return mtimeMs
    return Math.max(mtimeMs, ...readdirSync(path).map(name => timeOf(join(path, name))))
  }
  return Math.max(...places.map(place => timeOf(join(root, place))))
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status === 0) return
  say(error ? `${command}: ${error.message}` : `${command} ${args[0]} failed`)
  process.exit(status || 1)
}
