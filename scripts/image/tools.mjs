/**
 * buildah, mmdebstrap and redis-server out of the machine's own package sources, unpacked into the private folder.
 * What is installed already is used as it is; nothing is installed. Touches apt, and mounts within our own namespace.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { asked, Failed, run } from './run.mjs'

const PACKAGES = ['buildah', 'mmdebstrap', 'redis-server', 'iproute2', 'debian-archive-keyring']
const apt = `${asked.folder}/apt`
export const tools = `${asked.folder}/tools`

/** Its own lists and cache: the system's may be empty, and stay as they are. */
const OPTIONS = Object.entries({
  'Dir::State::Lists': `${apt}/lists`,
  'Dir::Cache': `${apt}/cache`,
  'APT::Sandbox::User': 'root',
  'APT::Install-Recommends': 'false',
  'Acquire::Languages': 'none',
  'Debug::NoLocking': 'true',
}).flatMap(([name, value]) => ['-o', `${name}=${value}`])

export async function fetchTools() {
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(`${apt}/${folder}`, { recursive: true })
  mkdirSync(tools)
  await run('apt-get', [...OPTIONS, 'update'])
  await run('apt-get', [...OPTIONS, '--yes', '--download-only', 'install', ...PACKAGES])
  const archives = readdirSync(`${apt}/cache/archives`).filter(file => file.endsWith('.deb'))
  for (const file of archives) await run('dpkg-deb', ['-x', `${apt}/cache/archives/${file}`, tools])
  process.env.PATH += `:${tools}/usr/sbin:${tools}/usr/bin:${tools}/sbin:${tools}/bin`
  await findLibraries()
}

/**
 * buildah starts itself again with an empty environment, so LD_LIBRARY_PATH does not reach all of it. A cache of the
 * loader that also knows our folder does; it lies over the system's only in our mount namespace.
 */
async function findLibraries() {
  const folders = (await run('dpkg', ['-L', 'libc6'])).match(/^\/.*(?=\/libc\.so\.6$)/gm) ?? []
  const ours = [...new Set(folders.map(folder => folder.replace(/^\/lib/, '/usr/lib')))]
  const system = existsSync('/etc/ld.so.conf') ? readFileSync('/etc/ld.so.conf', 'utf8') : ''
  writeFileSync(`${asked.folder}/ld.so.conf`, `${ours.map(folder => tools + folder).join('\n')}\n${system}`)
  const cache = `${asked.folder}/ld.so.cache`
  await run('ldconfig', ['-X', '-C', cache, '-f', `${asked.folder}/ld.so.conf`], { cwd: '/etc' })
  await run('mount', ['--bind', cache, '/etc/ld.so.cache'])
}

/** Where this machine gets Debian's packages from. */
export async function mirror() {
  if (asked.mirror !== undefined) return asked.mirror
  const targets = await run('apt-get', [...OPTIONS, 'indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(SITE)'])
  const found = /^Debian\|Debian\|(.+)$/m.exec(targets)?.[1]
  if (found === undefined) throw new Failed('No apt source of this machine is a Debian mirror: name one with --mirror.')
  return found
}

export function keyring() {
  const path = '/usr/share/keyrings/debian-archive-keyring.gpg'
  return existsSync(tools + path) ? tools + path : path
}

/** How this machine reaches its mirror, as options of apt: a proxy, or a mirror that is a snapshot. */
export async function reaching() {
  const dump = await run('apt-config', ['dump', '--format', '%f "%v";%n'])
  return dump.split('\n').filter(line => /^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) ".+"/.test(line))
}
