/**
 * Where Debian's packages come from and whose signature they must bear. On Debian: the mirror in the machine's own
 * sources and the keyring it has. Elsewhere both come out of the machine's own archive: its packages
 * debian-archive-keyring and debootstrap hold the keys and the name of Debian's mirror, and are verified with the
 * machine's own keys. Nothing is installed. Touches /etc/apt (reading) and the network.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { download, privateApt, update } from './apt.js'
import { LabUnavailable } from './errors.js'
import { runMortal } from './mortal.js'
import { debootstrapMirror, mirrorOf, parseDeb822, parseOneLine, type AptSource } from './sources.js'

type Env = Readonly<Record<string, string | undefined>>
export type Debian = Readonly<{ mirror: string; keyring: string }>

const KEYRING = 'usr/share/keyrings/debian-archive-keyring.gpg'
const HOST_ETC = '/etc/apt'

/** `folder` takes what has to be fetched. ALADDIN_LAB_FOREIGN=1 treats this machine as one that is not Debian. */
export async function findDebian(folder: string, env: Env, say: (line: string) => void): Promise<Debian> {
  const own = env['ALADDIN_LAB_FOREIGN'] === '1' ? {} : ownDebian()
  const mirror = env['ALADDIN_LAB_MIRROR'] ?? own.mirror
  if (own.keyring !== undefined && mirror !== undefined) return { mirror, keyring: own.keyring }
  say("fetching Debian's keyring through this machine's own package sources")
  const fetched = await fetchDebian(folder)
  return { mirror: mirror ?? fetched.mirror, keyring: own.keyring ?? fetched.keyring }
}

function ownDebian(): Partial<Debian> {
  const keyring = join('/', KEYRING)
  const mirror = ownMirror()
  return { ...(existsSync(keyring) ? { keyring } : {}), ...(mirror === undefined ? {} : { mirror }) }
}

function ownMirror(): string | undefined {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(release)?.[1]
  return /^ID=debian$/m.test(release) && codename !== undefined ? mirrorOf(readSources(), codename) : undefined
}

function readSources(): AptSource[] {
  const parts = join(HOST_ETC, 'sources.list.d')
  const files = [
    join(HOST_ETC, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).map(f => join(parts, f)) : []),
  ]
  return files.flatMap(file => {
    if (!existsSync(file)) return []
    if (file.endsWith('.sources')) return parseDeb822(readFileSync(file, 'utf8'))
    return file.endsWith('.list') ? parseOneLine(readFileSync(file, 'utf8')) : []
  })
}

async function fetchDebian(folder: string): Promise<Debian> {
  const archives = join(folder, 'keyring-archives')
  const extracted = join(folder, 'keyring-root')
  mkdirSync(archives, { recursive: true })
  const apt = await privateApt(join(folder, 'host-apt'), { hostEtc: HOST_ETC })
  await update(apt, 'some may fail') // a third party's source is none of our concern
  await download(apt, archives, ['debian-archive-keyring', 'debootstrap'])
  for (const file of readdirSync(archives)) await extract(join(archives, file), extracted)
  const mirror = debootstrapMirror(readFileSync(join(extracted, 'usr/sbin/debootstrap'), 'utf8'))
  if (mirror === undefined) throw new LabUnavailable('debootstrap names no mirror; name one in ALADDIN_LAB_MIRROR.')
  return { mirror, keyring: join(extracted, KEYRING) }
}

export async function extract(archive: string, into: string): Promise<void> {
  const { code, err } = await runMortal('dpkg-deb', ['-x', archive, into], {})
  if (code !== 0) throw new LabUnavailable(`unpacking ${archive} failed: ${err.trim()}`)
}
