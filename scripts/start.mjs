/**
 * `npm start`: sets up what is missing, then runs the daemon: with a private Asterisk, Redis and phones of its own, or
 * alone with `npm start -- --config FILE`, which names your PBX and Redis. `--profile field` gives the private Asterisk the
 * habits of PBXs in the field.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setUp } from './setup.mjs'

const args = process.argv.slice(2)
if (args.length > 0 && !(args.length === 2 && args[0] === '--profile') && !args.includes('--config')) {
  console.error(`${args.join(' ')}: unknown; npm start [-- --profile plain|field | -- --config FILE]`)
  process.exit(2)
}
setUp()
stopWithParent()
const own = join(root, 'config/aladdin.yaml')
const profile = args[0] === '--profile' ? args[1] : undefined
if (profile !== undefined) process.env.ALADDIN_LAB_PROFILE = profile
const config = args.includes('--config')
  ? args
  : existsSync(own) && profile === undefined
    ? ['--config', own]
    : undefined
if (config) {
  process.argv.splice(2, Infinity, 'start', ...config)
  await import('../build/src/main.js')
} else {
  await import('../build/lab/start.js')
}

/**
 * npm runs this in a shell that does not pass on the signal it is killed by, and a killed npm passes on nothing: when
 * either is gone, so are we, in order.
 */
function stopWithParent() {
  if (process.env.npm_lifecycle_event === undefined) return
  const family = () => `${process.ppid} ${parentOfShell(process.ppid)}`
  const born = family()
  const look = setInterval(() => {
    if (family() === born) return
    clearInterval(look)
    process.kill(process.pid, 'SIGTERM')
  }, 200)
  look.unref()
}

/** `pid (name) state parent …`, as Linux tells it; elsewhere only our own parent is watched. */
function parentOfShell(pid) {
  try {
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return name?.endsWith('sh') ? parent : ''
  } catch {
    return ''
  }
}
