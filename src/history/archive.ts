/**
 * Calls that the history keeps no longer, in files: one for each PBX and day (UTC, by the call's start), a line of JSON for
 * each call, compressed by gzip. A file is written beside its place and put there when it is on the disk, so it is whole
 * whenever it is there. Touches the disk.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { CallView } from '../events/call.js'

export const DAY_MS = 86_400_000

/** `start`: of any call of that day. */
export const archiveOf = (dir: string, pbx: string, start: number) =>
  join(dir, `${pbx}-${new Date(start).toISOString().slice(0, 10)}.ndjson.gz`)

const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )

/** The calls of one file as they stand there. Throws where it is no archive. */
async function* linesOf(file: string): AsyncGenerator<{ line: string; call: CallView }> {
  const unzipped = createGunzip()
  const source = createReadStream(file).on('error', error => unzipped.destroy(error))
  source.pipe(unzipped)
  try {
    for await (const line of createInterface({ input: unzipped, crlfDelay: Infinity })) {
      yield { line, call: JSON.parse(line) as CallView }
    }
    // A stream that breaks off ends its lines without an error.
    if (unzipped.errored) throw unzipped.errored
  } finally {
    source.destroy()
  }
}

async function revisionsIn(file: string): Promise<Map<string, number>> {
  const revisions = new Map<string, number>()
  for await (const { call } of linesOf(file)) {
    revisions.set(call.id, Math.max(call.revision, revisions.get(call.id) ?? 0))
  }
  return revisions
}

/** Each call once, in its last revision, whatever the file holds. */
export async function* readArchive(file: string): AsyncGenerator<CallView> {
  const last = await revisionsIn(file)
  for await (const { call } of linesOf(file)) {
    if (last.get(call.id) !== call.revision) continue
    last.delete(call.id)
    yield call
  }
}

/** Adds calls to a file; those that it has already are not added again. Resolves when it is on the disk, for good. */
export async function addToArchive(file: string, calls: AsyncIterable<CallView>): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const before = await exists(file)
  const known = before ? await revisionsIn(file) : new Map<string, number>()
  async function* added() {
    for await (const call of calls) {
      if ((known.get(call.id) ?? 0) < call.revision) yield `${JSON.stringify(call)}\n`
    }
  }
  const part = `${file}.part`
  if (before) await pipeline(createReadStream(file), createWriteStream(part))
  await pipeline(Readable.from(added()), createGzip(), createWriteStream(part, { flags: before ? 'a' : 'w' }))
  await synced(part)
  await rename(part, file)
  // The folder, too: else a crash may forget the name.
  await synced(dirname(file))
}

async function synced(path: string) {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** `aladdin archive read`: all calls of some files, a line each. */
export async function printArchives(files: readonly string[], print: (line: string) => void) {
  for (const file of files) for await (const call of readArchive(file)) print(`${JSON.stringify(call)}\n`)
}
