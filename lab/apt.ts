/**
 * A private apt: its lists, archives, status and sources lie in one folder, and nothing of the system's own package
 * state is read or changed. apt-get verifies what it downloads against the keyring named in the source. Touches that
 * folder and the network.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { LabUnavailable } from './errors.js'
import { runMortal, type Finished } from './mortal.js'

export type Archive = Readonly<{ name: string; version: string; bytes: number }>
export type Percent = (percent: number) => void
export type PrivateApt = Readonly<{ folder: string }>

/** How the machine reaches the network is the one thing taken from the system's own apt configuration. */
const NETWORK = /^Acquire::(https?|socks5h?)::|^Acquire::(Retries|ForceIPv[46]) /i

/** `sources` is the text of a sources.list, or the path of a folder tree like /etc/apt to be used as it is. */
export async function privateApt(folder: string, sources: string | { hostEtc: string }): Promise<PrivateApt> {
  for (const part of ['lists/partial', 'archives/partial', 'etc/apt.conf.d'])
    mkdirSync(join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'status'), '')
  const { out } = await runMortal('apt-config', ['dump'], {})
  const network = out.split('\n').filter(line => NETWORK.test(line))
  writeFileSync(join(folder, 'apt.conf'), [...network, ...settings(folder, sources)].join('\n') + '\n')
  if (typeof sources === 'string') writeFileSync(join(folder, 'sources.list'), sources)
  return { folder }
}

function settings(folder: string, sources: string | { hostEtc: string }): string[] {
  const own = typeof sources === 'string'
  const etc = own ? join(folder, 'etc') : sources.hostEtc
  const set = {
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::State::extended_states': join(folder, 'extended_states'),
    'Dir::Cache': folder,
    'Dir::Cache::archives': join(folder, 'archives'),
    'Dir::Etc': etc,
    'Dir::Etc::parts': join(folder, 'etc/apt.conf.d'),
    'Dir::Etc::main': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    ...(own ? { 'Dir::Etc::sourcelist': join(folder, 'sources.list'), 'Dir::Etc::sourceparts': '/dev/null' } : {}),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': userInfo().username, // as root too: apt's own user may not enter a home folder
    'Acquire::Languages': 'none',
    'Debug::NoLocking': '1',
  }
  return Object.entries(set).map(([key, value]) => `${key} "${value}";`)
}

function aptGet(apt: PrivateApt, cwd: string, args: string[], percent: Percent = () => undefined): Promise<Finished> {
  const env = { ...process.env, LC_ALL: 'C', APT_CONFIG: join(apt.folder, 'apt.conf') }
  const seen = (line: string) => {
    const at = /^dlstatus:\d+:([\d.]+):/.exec(line)?.[1]
    if (at !== undefined) percent(Number(at))
  }
  return runMortal('apt-get', ['-q', '-y', '-o', 'APT::Status-Fd=3', ...args], { cwd, env }, seen)
}

function mustEndWell(what: string, { code, err }: Finished): void {
  if (code === 0) return
  const why = err.split('\n').find(line => line.startsWith('E:')) ?? err.trim().split('\n').at(-1) ?? ''
  throw new LabUnavailable(`${what} failed: ${why.replace(/^E: /, '')}`)
}

/** `expired`: the index is signed and whole, but older than its archive vouches for. */
export async function update(apt: PrivateApt, every: 'all must do' | 'some may fail'): Promise<'fresh' | 'expired'> {
  // Without this apt calls it a success when an index could not be had and no older one is there.
  const strict = every === 'all must do' ? ['-o', 'APT::Update::Error-Mode=any'] : []
  const done = await aptGet(apt, apt.folder, [...strict, 'update'])
  if (/Release file .* is expired/.test(done.err)) return 'expired'
  if (every === 'all must do') mustEndWell('apt-get update', done)
  return 'fresh'
}

/** Everything that installing the packages on an empty system takes. */
export async function resolvePackages(apt: PrivateApt, packages: readonly string[]): Promise<Archive[]> {
  const done = await aptGet(apt, apt.folder, ['--print-uris', 'install', ...packages])
  mustEndWell('choosing packages', done)
  return parseUris(done.out)
}

/** Lines of `'uri' name_version_architecture.deb bytes checksum`; the version has its colon escaped. */
export function parseUris(text: string): Archive[] {
  return text.split('\n').flatMap(line => {
    const [, file, bytes] = /^'[^']+' (\S+\.deb) (\d+) /.exec(line) ?? []
    const [name, version] = (file ?? '').split('_')
    return name !== undefined && version !== undefined
      ? [{ name, version: decodeURIComponent(version), bytes: Number(bytes) }]
      : []
  })
}

export async function download(
  apt: PrivateApt,
  into: string,
  archives: readonly string[],
  percent?: Percent,
): Promise<void> {
  mustEndWell('downloading', await aptGet(apt, into, ['download', ...archives], percent))
}
