/**
 * The PBX's own records out of files of any size: read piece by piece, and of each piece only the rows of an interval are
 * kept. Touches the files that it is told to read.
 */
import { createReadStream } from 'node:fs'
import type { EpochMs } from '../base/ids.js'
import { isClosed, type Read } from '../base/csv.js'

export type Interval = { from: EpochMs; until: EpochMs }
/** `bad`: lines that could not be read. */
export type Kept<T> = { rows: T[]; bad: number }

const PIECE_BYTES = 1 << 20
/** A quote that is not closed by then never is. */
const MOST_CARRIED = 4 * PIECE_BYTES

/**
 * Files that were rotated, in any order: each is read by itself, since the last row of one may have no end. Rejects when one cannot be
 * read.
 */
export async function readFilesOf<T>(
  files: readonly string[],
  read: (text: string) => Read<T>,
  atOf: (row: T) => EpochMs,
  interval: Interval,
): Promise<Kept<T>> {
  const all = await Promise.all(files.map(file => readFileOf(file, read, atOf, interval)))
  const firstAt = ({ rows: [first] }: Kept<T>) => (first === undefined ? interval.until : atOf(first))
  const inOrder = all.toSorted((a, b) => firstAt(a) - firstAt(b))
  return { rows: inOrder.flatMap(({ rows }) => rows), bad: inOrder.reduce((sum, { bad }) => sum + bad, 0) }
}

/** Rejects when the file cannot be read. A last line without its end is still being written, and is left out. */
export async function readFileOf<T>(
  file: string,
  read: (text: string) => Read<T>,
  atOf: (row: T) => EpochMs,
  { from, until }: Interval,
): Promise<Kept<T>> {
  const kept: Kept<T> = { rows: [], bad: 0 }
  const take = (text: string) => {
    const { rows, bad } = read(text)
    for (const row of rows) if (atOf(row) >= from && atOf(row) < until) kept.rows.push(row)
    kept.bad += bad.length
  }
  let rest = ''
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: PIECE_BYTES })) {
    rest += piece as string
    const end = rest.lastIndexOf('\n') + 1
    const whole = rest.slice(0, end)
    // A record may go over several lines: it is not cut where a quote is open.
    if (end === 0 || (!isClosed(whole) && rest.length < MOST_CARRIED)) continue
    take(whole)
    rest = rest.slice(end)
  }
  if (rest !== '') take(rest)
  return kept
}
