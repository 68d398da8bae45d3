/**
 * `aladdin render`: the queues of the PBX out of the workgroups. Says what would change; writes it when told to, whole or not
 * at all; has the PBX read it, and looks whether it has. Touches files, and the API of a daemon.
 */
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readDirectory } from './config-directory.js'
import {
  clashesWith,
  differencesOf,
  includesOf,
  GLOBALS_FILE,
  printGlobals,
  printSections,
  QUEUES_FILE,
  readSections,
  sectionsOf,
  type Section,
} from './directory/render.js'
import type { Workgroup } from './events/directory.js'
import type { QueueView } from './events/queue.js'

export type Rendering = {
  /** A folder, Asterisk's own as a rule. */
  to: string
  write: boolean
  reload: boolean
} & (
  | { directory: string }
  /** Of a daemon that runs; `key`: of its API. */
  | { api: string; key: string; pbx?: string }
)

export type Rendered = { differences: string[]; written: boolean; reloaded: boolean }

/** What cannot be done, one line each. Nothing is written then, unless it says so. */
export class CannotRender extends Error {}

/** Rejects with CannotRender. */
export async function render(asked: Rendering): Promise<Rendered> {
  if (asked.reload && 'directory' in asked)
    throw new CannotRender('only a daemon that runs can have the PBX read it: --api')
  const workgroups = await workgroupsOf(asked)
  const sections = sectionsOf(workgroups)
  const globals = printGlobals(workgroups)
  const wrong = [...clashesWith(sitesFiles(asked.to), sections), ...(globals.ok ? [] : globals.error)]
  if (wrong.length > 0 || !globals.ok) throw new CannotRender(wrong.join('\n'))
  const files = new Map([
    [QUEUES_FILE, printSections(sections)],
    [GLOBALS_FILE, globals.value],
  ])
  const differences = [
    ...differencesOf(readSections(textOf(join(asked.to, QUEUES_FILE))), sections),
    ...differencesOf(globalsIn(textOf(join(asked.to, GLOBALS_FILE))), globalsIn(globals.value)),
  ]
  const changed = [...files].filter(([file, text]) => textOf(join(asked.to, file)) !== text)
  if (asked.write) for (const [file, text] of changed) replace(join(asked.to, file), text)
  const written = asked.write && changed.length > 0
  if (asked.reload && 'api' in asked) {
    const wrong = await reload(asked, sections).catch(linesOf)
    if (wrong.length > 0) throw new CannotRender([...wrong, ...(written ? [WRITTEN] : [])].join('\n'))
  }
  return { differences, written, reloaded: asked.reload }
}

export const asText = ({ differences, written, reloaded }: Rendered): string =>
  [
    ...(differences.length === 0 ? ['nothing is different'] : differences),
    ...(written ? [WRITTEN] : []),
    ...(reloaded ? ['the PBX has the queues'] : []),
    ...(written && differences.some(line => line.startsWith('globals')) ? [GLOBALS_LATER] : []),
  ].join('\n') + '\n'

function linesOf(error: unknown): string[] {
  if (error instanceof CannotRender) return [error.message]
  throw error
}

const WRITTEN = `written: ${QUEUES_FILE}, ${GLOBALS_FILE}`
const GLOBALS_LATER = 'the PBX reads the globals with its next `dialplan reload`'

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const globalsIn = (text: string): Section[] => readSections(`[globals]\n${text}`)

async function workgroupsOf(asked: Rendering): Promise<Workgroup[]> {
  if ('directory' in asked) {
    const read = readDirectory(asked.directory)
    if (!read.ok) throw new CannotRender(read.error.map(line => `${asked.directory}: ${line}`).join('\n'))
    return [...read.value.workgroups.values()]
  }
  return (await ask<{ entries: Workgroup[] }>(asked, 'GET', '/v1/workgroups')).entries
}

type Api = Extract<Rendering, { api: string }>

async function ask<T>({ api, key, pbx }: Api, method: 'GET' | 'POST', path: string): Promise<T> {
  const url = `${api.replace(/\/$/, '')}${path}${pbx === undefined ? '' : `?pbx=${encodeURIComponent(pbx)}`}`
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${key}` } }).catch((error: unknown) => {
    throw new CannotRender(`${api} cannot be reached: ${error instanceof Error ? error.message : String(error)}`)
  })
  const body = (await answer.json()) as T & { code?: string; title?: string }
  if (!answer.ok) throw new CannotRender(`${path}: ${body.code ?? String(answer.status)} ${body.title ?? ''}`)
  return body
}

/** The site's own files of queues: queues.conf, and what it includes, but for ours. */
function sitesFiles(folder: string): [file: string, text: string][] {
  const found = new Map<string, string>()
  const read = (file: string) => {
    if (found.has(file) || basename(file) === QUEUES_FILE) return
    const text = textOf(resolve(folder, file))
    found.set(file, text)
    for (const name of includesOf(text)) for (const included of filesOf(folder, name)) read(included)
  }
  read('queues.conf')
  return [...found]
}

/** Asterisk's patterns: `*` and `?` in the last part. */
function filesOf(folder: string, name: string): string[] {
  if (!/[*?]/.test(basename(name))) return [name]
  const within = resolve(folder, dirname(name))
  const shape = basename(name)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const like = new RegExp(`^${shape}$`)
  if (!existsSync(within)) return []
  return readdirSync(within).filter(file => like.test(file)).sort().map(file => join(dirname(name), file)) // prettier-ignore
}

/** There is either the old file or the new one, whenever one looks. */
function replace(path: string, text: string) {
  const mode = existsSync(path) ? statSync(path).mode & 0o777 : 0o644
  const part = `${path}.part`
  try {
    const file = openSync(part, 'w', mode)
    try {
      fchmodSync(file, mode)
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** Asterisk takes some settings only when it is started again, such as the strategy `linear`. */
async function reload(asked: Api, sections: readonly Section[]): Promise<string[]> {
  const { queues } = await ask<{ queues: QueueView[] }>(asked, 'POST', '/v1/queues/reload')
  return sections.flatMap(({ name, settings }) => {
    const queue = queues.find(q => q.name === name)
    const wanted = new Map(settings)
    if (!queue) return [`${name} is not there: does queues.conf have #include "${QUEUES_FILE}"?`]
    const isSo =
      queue.strategy === wanted.get('strategy') && queue.serviceLevelMs === Number(wanted.get('servicelevel')) * 1_000
    return isSo ? [] : [`${name} is not as it should be yet: Asterisk has to be started again for it`]
  })
}
