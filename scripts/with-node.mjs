/** Runs a command with another version of Node, which npm fetches: `node scripts/with-node.mjs 24 node --version`. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const [version = '24', ...command] = process.argv.slice(2)
const cache =
  process.env.ALADDIN_NODE_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'aladdin-cti/node', version)
const name = `node-linux-${process.arch}`
const bin = join(cache, 'node_modules', name, 'bin')
if (!existsSync(join(bin, 'node'))) {
  mkdirSync(cache, { recursive: true })
  const fetched = spawnSync(
    'npm',
    ['install', '--prefix', cache, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`],
    { stdio: ['ignore', 2, 2] },
  )
  if (fetched.status !== 0) process.exit(fetched.status ?? 1)
}
const { status } = spawnSync(command[0] ?? 'node', command.slice(1), {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
})
process.exit(status ?? 1)
