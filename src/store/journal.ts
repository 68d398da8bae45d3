/**
 * What could not be written to Redis, on disk until it can: one file, one line for each batch, with a checksum. There is
 * no file while there is nothing to keep. A line that a crash has cut short was never told to anybody, so it is cut off.
 */
import { constants, type PathLike } from 'node:fs'
import { access, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { EpochMs } from '../base/ids.js'
import type { LogEntry } from '../events/log.js'
import { lockJournal } from './journal-lock.js'

export type JournalRecord = {
  /** When it was kept. */
  at: EpochMs
  /** The number of the event before these. */
  after: number
  entries: LogEntry[]
  /** Call id and state; null takes it out. */
  calls: [id: string, state: object | null][]
  /** There was no room for what came next: that is not in the journal. */
  ended?: true
}

export type Placed = { record: JournalRecord; end: number }

export type Journal = Awaited<ReturnType<typeof openJournal>>

const CHUNK_BYTES = 1 << 18
const LINE_FEED = 10
const SUM_LENGTH = 9
/** Only the owner reads it: there are telephone numbers in it. */
const [FILE_MODE, FOLDER_MODE] = [0o600, 0o700]

export type JournalFile = { dir: string; name: string; maxBytes: number }

/** Fails when the folder cannot be written to, or another daemon has this journal. `cut`: how many bytes at the end of an older file were of no use. */
export async function openJournal({ dir, name, maxBytes }: JournalFile) {
  const plain = join(dir, `${name}.journal`)
  const endedName = join(dir, `${name}.ended.journal`)
  await mkdir(dir, { recursive: true, mode: FOLDER_MODE })
  await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  const lock = await lockJournal(dir, name)
  const there = await readThere([endedName, plain]).catch(async (error: unknown) => {
    await lock.release()
    throw error
  })
  const { size: found, cut } = there
  let { path = plain, file } = there
  /** Its name says that it ends before the last event that was told. */
  let endedByName = path === endedName
  let size = found
  let doing: Promise<unknown> = Promise.resolve()

  /** One after the other. */
  function inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = doing.then(step)
    doing = done.catch(() => undefined)
    return done
  }

  async function write(record: JournalRecord) {
    const line = encodeRecord(record)
    if (!record.ended && size + line.length > maxBytes) throw new JournalFull()
    file ??= await create(path)
    try {
      await file.appendFile(line)
      await file.datasync()
      size += line.length
    } catch (error) {
      // A disk that is full has perhaps taken a part of it.
      await file.truncate(size).catch(() => undefined)
      throw error
    }
  }

  /** A disk that is full takes no line, but mostly another name. */
  async function end(record: JournalRecord) {
    try {
      await write({ ...record, ended: true })
    } catch {
      if (file) await rename(path, endedName)
      else file = await create(endedName)
      path = endedName
      endedByName = true
      await syncFolder(dir)
    }
  }

  async function* records(from: number): AsyncGenerator<Placed> {
    if (file) yield* readRecords(file, from, size)
    if (endedByName) yield { record: ENDED, end: size }
  }

  async function forget(remove: () => Promise<void>) {
    await file?.close()
    file = undefined
    size = 0
    await remove()
    endedByName = false
    path = plain
  }

  return {
    cut,
    maxBytes,
    /** Bytes that are kept. */
    size: () => size,
    /** Resolves when it is on the disk; rejects when there is no room left, or the disk refuses. */
    append: (record: JournalRecord) => inTurn(() => write(record)),
    /** There will be events that are not in it: so says its last line or, where the disk takes none, its name. */
    end: (record: JournalRecord) => inTurn(() => end(record)),
    /** Nothing is kept, and nothing is missing. */
    isEmpty: () => size === 0 && !endedByName,
    /** What is kept from this byte on; what is added meanwhile comes next time. */
    records: (from = 0) => records(from),
    clear: () => inTurn(() => forget(() => rm(path, { force: true }))),
    /** Out of the way, and not lost: for a person to look at. */
    setAside: (suffix: string) => inTurn(() => forget(() => rename(path, `${path}.${suffix}`))),
    close: () =>
      inTurn(async () => {
        await file?.close()
        file = undefined
        await lock.release()
      }),
  }
}

export class JournalFull extends Error {
  constructor() {
    super('the journal is full')
  }
}

/** After whatever is there. */
const ENDED: JournalRecord = { at: 0 as EpochMs, after: -1, entries: [], calls: [], ended: true }

type There = { path?: string; file?: FileHandle; size: number; cut: number }

/** The first of these that there is. */
async function readThere(paths: readonly string[]): Promise<There> {
  for (const path of paths) {
    const file = await openThere(path)
    if (file) return { path, file, ...(await cutTorn(file)) }
  }
  return { size: 0, cut: 0 }
}

const openThere = (path: string) => open(path, constants.O_RDWR | constants.O_APPEND).catch(ifMissing)

const ifMissing = (error: NodeJS.ErrnoException) => {
  if (error.code !== 'ENOENT') throw error
  return undefined
}

/** The folder is written to the disk, too, or the file might not be there after the power has failed. */
async function create(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', FILE_MODE)
  await syncFolder(dirname(path))
  return file
}

async function syncFolder(path: PathLike) {
  const folder = await open(path, 'r')
  await folder.sync().finally(() => folder.close())
}

async function cutTorn(file: FileHandle) {
  const { size } = await file.stat()
  let good = 0
  for await (const { end } of readRecords(file, 0, size)) good = end
  if (good < size) await file.truncate(good)
  return { size: good, cut: size - good }
}

export function encodeRecord(record: JournalRecord): Buffer {
  const json = JSON.stringify(record)
  return Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`)
}

/** Undefined when it is not what was written. */
export function decodeRecord(line: Buffer): JournalRecord | undefined {
  const json = line.subarray(SUM_LENGTH)
  if (line.toString('latin1', 0, SUM_LENGTH) !== `${crc32(json).toString(16).padStart(8, '0')} `) return undefined
  return JSON.parse(json.toString()) as JournalRecord
}

/** Ends at the first line that is not whole. */
async function* readRecords(file: FileHandle, from: number, until: number): AsyncGenerator<Placed> {
  let rest = Buffer.alloc(0)
  let end = from
  for (let offset = from; offset < until;) {
    const wanted = Math.min(CHUNK_BYTES, until - offset)
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, offset)
    if (bytesRead === 0) return
    offset += bytesRead
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    for (let feed = rest.indexOf(LINE_FEED); feed >= 0; feed = rest.indexOf(LINE_FEED)) {
      const record = decodeRecord(rest.subarray(0, feed))
      if (!record) return
      end += feed + 1
      rest = rest.subarray(feed + 1)
      yield { record, end }
    }
  }
}
