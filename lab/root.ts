/**
 * Programs inside a fetched root. They are started through the root's own loader, so they use its libraries and none of
 * the machine's. Touches the file system, reading only.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export type Command = Readonly<{ program: string; args: readonly string[] }>

const TRIPLETS: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/** Newer roots have the first form, bullseye the second. */
const LOADERS = [
  (root: string) => [join(root, 'usr/lib64/ld-linux-x86-64.so.2'), join(root, 'usr/lib/ld-linux-aarch64.so.1')],
  (root: string) => filesOf(join(root, 'lib', triplet())).filter(file => /\/ld-(linux-.*|[\d.]+)\.so/.test(file)),
]

const triplet = () => TRIPLETS[process.arch] ?? ''
const filesOf = (folder: string) => (existsSync(folder) ? readdirSync(folder).map(file => join(folder, file)) : [])

/** A folder of the root that exists in one place or another, depending on its age. */
export function inRoot(root: string, ...candidates: string[]): string {
  const found = candidates.map(path => join(root, path.replace('@', triplet()))).find(path => existsSync(path))
  if (found === undefined) throw new Error(`the fetched root has no ${candidates.join(' nor ')}`)
  return found
}

/** How to start `program`, a path inside the root such as `usr/sbin/asterisk`. */
export function inside(root: string, program: string, args: readonly string[]): Command {
  const loader = LOADERS.flatMap(find => find(root)).find(file => existsSync(file))
  if (loader === undefined) throw new Error(`no loader in ${root}`)
  const libraries = [
    `usr/lib/${triplet()}`,
    `usr/lib/${triplet()}/pulseaudio`,
    `lib/${triplet()}`,
    'usr/lib',
    'lib',
  ].map(path => join(root, path))
  const path = libraries.filter(folder => existsSync(folder)).join(':')
  return { program: loader, args: ['--library-path', path, join(root, program), ...args] }
}
