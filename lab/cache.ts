/**
 * The folder that fetched roots are kept in, outside any checkout. One folder a recipe; a half-fetched one has another
 * name and is renamed when complete, so what bears the right name is whole. Touches the file system only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../src/base/clock.js'
import { sleep } from '../src/base/clock.js'
import { isAlive, thisProcess } from './process-name.js'

type Env = Readonly<Record<string, string | undefined>>
const STAMP = 'complete'
const LOOK_AGAIN_MS = 500

export function cacheFolder(env: Env): string {
  const xdg = env['XDG_CACHE_HOME']
  const base = xdg?.startsWith('/') ? xdg : join(env['HOME'] ?? homedir(), '.cache')
  return env['ALADDIN_LAB_CACHE'] ?? join(base, 'aladdin-cti', 'lab')
}

/** What the stamp of a complete folder says, or undefined where it is absent or not complete. */
export function stampOf(folder: string): string | undefined {
  const stamp = join(folder, STAMP)
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined
}

/** Removes what dead fetches left behind. */
export function sweepPartials(cache: string): void {
  for (const entry of existsSync(cache) ? readdirSync(cache) : []) {
    const owner = /^partial-.*--(\d+-\d*)$/.exec(entry)?.[1]
    if (owner !== undefined && !isAlive(owner)) rmSync(join(cache, entry), { recursive: true, force: true })
  }
}

/**
 * Fills `cache/name` once. A second process that wants the same waits for the first; should both fill it all the
 * same, the first to finish wins and the other's copy is thrown away. `fill` gives the stamp's text.
 */
export async function fillOnce(
  cache: string,
  name: string,
  clock: Clock,
  onWait: () => void,
  fill: (partial: string) => Promise<string>,
): Promise<string> {
  const folder = join(cache, name)
  mkdirSync(cache, { recursive: true })
  sweepPartials(cache)
  const lock = join(cache, `${name}.lock`)
  for (let waits = 0; !takeLock(lock); waits += 1) {
    if (waits === 0) onWait()
    await sleep(clock, LOOK_AGAIN_MS)
  }
  const partial = join(cache, `partial-${name}--${thisProcess()}`)
  try {
    if (stampOf(folder) !== undefined) return folder
    mkdirSync(partial)
    writeFileSync(join(partial, STAMP), await fill(partial))
    publish(partial, folder)
    return folder
  } finally {
    rmSync(partial, { recursive: true, force: true })
    rmSync(lock, { force: true })
  }
}

function publish(partial: string, folder: string): void {
  if (stampOf(folder) === undefined) rmSync(folder, { recursive: true, force: true })
  try {
    renameSync(partial, folder)
  } catch (error) {
    if (stampOf(folder) === undefined) throw error
  }
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, thisProcess(), { flag: 'wx' })
    return true
  } catch {
    if (!isAlive(ownerOf(lock))) rmSync(lock, { force: true })
    return false
  }
}

/** The process that holds the lock. One that has not yet written its name counts as alive until the next look. */
function ownerOf(lock: string): string {
  try {
    return readFileSync(lock, 'utf8') || thisProcess()
  } catch {
    return thisProcess()
  }
}
