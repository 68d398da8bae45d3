/**
 * The folder of one running lab, under the system's folder for temporary files. Its name tells whose it is, so that
 * what a killed lab left behind is known and removed by the next. Touches that folder.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomToken } from '../src/base/system.js'
import { isAlive, thisProcess } from './process-name.js'

/** Sockets lie in it, and their paths may have no more than 107 bytes (unix(7)). */
const LONGEST_PATH = 80
const NAME = /^aladdin-lab-(\d+-\d*)-[\w-]+$/

export function newRunFolder(): string {
  const name = `aladdin-lab-${thisProcess()}-${randomToken(6)}`
  const parent = join(tmpdir(), name).length <= LONGEST_PATH ? tmpdir() : '/tmp'
  sweep(parent)
  const folder = join(parent, name)
  mkdirSync(folder, { mode: 0o700 })
  return folder
}

/** Another user's folders cannot be removed, and are none of our business. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1]
    if (owner === undefined || isAlive(owner)) continue
    try {
      rmSync(join(parent, name), { recursive: true, force: true })
    } catch {
      continue
    }
  }
}
