/**
 * Fetches the programs of a lab into the cache: a folder with a whole small Debian in it that is never installed nor
 * booted. Needs apt-get, dpkg-deb and the network, but no root. Touches the cache folder only.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../src/base/clock.js'
import { download, privateApt, resolvePackages, update, type PrivateApt } from './apt.js'
import { cacheFolder, fillOnce, stampOf } from './cache.js'
import { extract, findDebian, type Debian } from './debian.js'
import { architectureUnknown, LabUnavailable, toolMissing } from './errors.js'
import { hasTool } from './mortal.js'
import { recipeFor, recipeName, type AsteriskVersion, type Recipe } from './recipe.js'

type Env = Readonly<Record<string, string | undefined>>
type Say = (line: string) => void

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }
const DAY_S = 86_400
/**
 * Some mirrors lag behind. An index that is signed but past its date is taken for so long after its making, and it is
 * said so; the signatures of a stable release carry no date at all.
 */
const LAGGING_MIRROR_S = 90 * DAY_S
const NOT_NEEDED = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'usr/share/lintian',
  'usr/share/X11',
]
const UNPACK_AT_ONCE = 2

/** The folder of a complete root; at once when it is in the cache already. */
export async function fetchRoot(asterisk: AsteriskVersion, env: Env, clock: Clock, say: Say): Promise<string> {
  const recipe = recipeFor(asterisk)
  const architecture = ARCHITECTURES[process.arch]
  if (architecture === undefined) throw architectureUnknown(process.arch)
  const [cache, name] = [cacheFolder(env), recipeName(recipe, architecture)]
  const folder = join(cache, name)
  if (stampOf(folder) !== undefined) return join(folder, 'root')
  for (const tool of ['apt-get', 'dpkg-deb']) if (!hasTool(tool)) throw toolMissing(tool)
  const onWait = () => say('another process is fetching the lab; waiting for it')
  await fillOnce(cache, name, clock, onWait, partial => fill(partial, recipe, env, say))
  return join(folder, 'root')
}

async function fill(partial: string, recipe: Recipe, env: Env, say: Say): Promise<string> {
  const debian = await findDebian(join(partial, 'work'), env, say)
  const { apt, suite } = await firstSuite(join(partial, 'work'), recipe, debian, say)
  const all = await resolvePackages(apt, recipe.packages)
  const wanted = all.filter(({ name }) => !recipe.without.test(name))
  const archives = join(partial, 'work', 'debs')
  mkdirSync(archives)
  const megabytes = Math.ceil(wanted.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6)
  const named = wanted.map(({ name, version }) => `${name}=${version}`)
  await download(
    apt,
    archives,
    named,
    inTenths(at => say(`downloading ${megabytes} MB from ${suite}: ${at} %`)),
  )
  await unpack(archives, join(partial, 'root'), say)
  rmSync(join(partial, 'work'), { recursive: true })
  return wanted.map(({ name, version }) => `${name} ${version}\n`).join('')
}

async function firstSuite(
  work: string,
  recipe: Recipe,
  debian: Debian,
  say: Say,
): Promise<{ apt: PrivateApt; suite: string }> {
  for (const suite of recipe.suites) {
    say(`reading the package index of ${suite}`)
    const apt = await openSuite(join(work, suite), debian, suite, say)
    const found = (await resolvePackages(apt, ['asterisk'])).find(({ name }) => name === 'asterisk')
    if (found?.version.startsWith(`1:${recipe.asterisk}.`)) return { apt, suite }
  }
  throw new LabUnavailable(`No Asterisk ${recipe.asterisk} in ${recipe.suites.join(' or ')} at ${debian.mirror}.`)
}

async function openSuite(folder: string, { mirror, keyring }: Debian, suite: string, say: Say): Promise<PrivateApt> {
  const source = (options: string) => `deb [signed-by=${keyring}${options}] ${mirror} ${suite} main\n`
  const apt = await privateApt(folder, source(''))
  if ((await update(apt, 'all must do')) === 'fresh') return apt
  say(`the mirror's index of ${suite} is signed but out of date; going on with it`)
  const lenient = await privateApt(folder, source(` valid-until-min=${LAGGING_MIRROR_S}`))
  if ((await update(lenient, 'all must do')) === 'fresh') return lenient
  throw new LabUnavailable(`The index of ${suite} at ${mirror} is out of date; name another in ALADDIN_LAB_MIRROR.`)
}

async function unpack(archives: string, root: string, say: Say): Promise<void> {
  const files = readdirSync(archives).filter(file => file.endsWith('.deb'))
  const tell = inTenths(at => say(`unpacking: ${at} %`))
  let done = 0
  const worker = async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      await extract(join(archives, file), root)
      rmSync(join(archives, file))
      done += 1
      tell((100 * done) / (done + files.length))
    }
  }
  await Promise.all(Array.from({ length: UNPACK_AT_ONCE }, worker))
  for (const folder of NOT_NEEDED) rmSync(join(root, folder), { recursive: true, force: true })
}

/** Passes a rising percentage on at each full ten. */
function inTenths(tell: (percent: number) => void): (percent: number) => void {
  let told = 0
  return percent => {
    const tenth = Math.floor(percent / 10) * 10
    if (tenth > told) tell((told = tenth))
  }
}
