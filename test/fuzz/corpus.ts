/** The saved inputs: sound ones, odd ones, and all that ever failed; and the frames that were recorded of a real PBX. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import type { TargetName } from './targets.js'

const folderOf = (target: TargetName) => join(CHECKOUT, 'test/fuzz/corpus', target)

export type Saved = { name: string; bytes: Buffer }

export const corpusOf = (target: TargetName): Saved[] =>
  readdirSync(folderOf(target))
    .sort()
    .map(name => ({ name, bytes: readFileSync(join(folderOf(target), name)) }))

/** Frame by frame, so that what is made of them is small. */
export function recordedFrames(): Buffer[] {
  const folder = join(CHECKOUT, 'test/facts')
  const files = readdirSync(folder).filter(name => name.endsWith('.ami'))
  const frames = files.flatMap(name => readFileSync(join(folder, name), 'latin1').split('\r\n\r\n'))
  return [...new Set(frames)].filter(text => text !== '').map(text => Buffer.from(`${text}\r\n\r\n`, 'latin1'))
}

/** Named by what it holds, so the same failure is saved once. */
export function saveFailure(target: TargetName, bytes: Buffer): string {
  const name = `failed-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`
  writeFileSync(join(folderOf(target), name), bytes)
  return `test/fuzz/corpus/${target}/${name}`
}
