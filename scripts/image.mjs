/**
 * `npm run image`: builds the image of the Dockerfile and tries it, without a container engine and without a registry of
 * images. Debian's buildah builds in chroot isolation, on base images made here from Debian's packages and node from
 * npm. Needs root and apt. Everything lies in one private folder and runs in namespaces of its own, so nothing is
 * installed, and whatever way this ends, nothing keeps running; the folder is removed unless --keep is given.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const USAGE = `npm run image -- [options]
  --asterisk     also build the Asterisk image of compose.yaml, and try both together
  --pull         take the base images that FROM names from their registry instead of making them here
  --mirror URL   Debian's mirror, if this machine's own apt sources name none
  --keep         keep the folder with the images; its path is printed
  --verbose      show what every tool says
`
const PREFIX = 'aladdin-image-'

const { values } = parseArgs({
  options: {
    asterisk: { type: 'boolean', default: false },
    pull: { type: 'boolean', default: false },
    mirror: { type: 'string' },
    keep: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function whyNot() {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid() !== 0) return 'needs root, for chroot and mount'
  if (!['/usr/bin', '/bin'].some(bin => existsSync(`${bin}/apt-get`))) return "needs apt, for Debian's buildah"
  return undefined
}

/** What a run that was killed has left behind. */
function sweep(parent) {
  for (const name of readdirSync(parent).filter(entry => entry.startsWith(PREFIX))) {
    const pid = name.slice(PREFIX.length).split('-')[0]
    if (!existsSync(`/proc/${pid}`)) rmSync(join(parent, name), { recursive: true, force: true })
  }
}

/** Runs the story in mount and process namespaces of its own: they end with it, and it ends with this process. */
function inside(folder) {
  const story = fileURLToPath(new URL('image/story.mjs', import.meta.url))
  const namespaces = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...namespaces, process.execPath, story], {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: folder, ALADDIN_IMAGE: JSON.stringify({ ...values, folder }) },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGKILL'))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })
}

async function main() {
  const why = whyNot()
  if (why !== undefined) {
    process.stderr.write(`npm run image ${why}. With a container engine: docker build -t aladdin-cti .\n`)
    return 1
  }
  // Several gigabytes: not the place for a file system that lies in memory.
  const parent = process.env.TMPDIR ?? (existsSync('/var/tmp') ? '/var/tmp' : tmpdir())
  sweep(parent)
  const folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`))
  try {
    return await inside(folder)
  } finally {
    if (values.keep) process.stdout.write(`kept: ${folder}\n`)
    else rmSync(folder, { recursive: true, force: true })
  }
}

if (values.help) process.stdout.write(USAGE)
else process.exitCode = await main()
