/**
 * Lines of quoted fields, as Asterisk writes them: fields between commas, text in double quotes, a quote in it doubled; and lists
 * as other programs write them, which may have another separator. Pure.
 * A file from outside may hold anything, so a line that cannot be read is named and left out, and never takes its
 * neighbours with it.
 */
import { no, ok, type Result } from './result.js'

export type BadLine = { line: number; why: string }
/** What could be read, and what not. */
export type Read<T> = { rows: T[]; bad: BadLine[] }

/** A name from outside may hold a line break; a field that runs on for longer than this was never closed. */
const MOST_LINES = 5
const MOST_BYTES = 65_536

/**
 * `rowOf` says what is wrong with fields that mean nothing; `cutOf` what is left of a line that cannot be read. A last line without its end is
 * still being written.
 */
export function readCsv<T>(
  text: string,
  rowOf: (fields: string[]) => Result<T, string>,
  cutOf: (line: string) => T | undefined = () => undefined,
): Read<T> {
  const lines = text.split('\n')
  lines.pop()
  const read: Read<T> = { rows: [], bad: [] }
  for (let at = 0; at < lines.length;) {
    const { fields, taken } = recordAt(lines, at)
    const row = fields.ok ? rowOf(fields.value) : fields
    const cut = row.ok ? undefined : cutOf(lines[at] ?? '')
    if (cut !== undefined) read.rows.push(cut)
    if (row.ok) read.rows.push(row.value)
    else if (lines[at] !== '') read.bad.push({ line: at + 1, why: row.error })
    at += row.ok ? taken : 1
  }
  return read
}

/** One record, which may go over several lines; a bad one takes only its first. */
function recordAt(lines: readonly string[], at: number): { fields: Result<string[], string>; taken: number } {
  let text = ''
  for (let taken = 1; taken <= MOST_LINES && at + taken <= lines.length; taken += 1) {
    text += `${taken > 1 ? '\n' : ''}${lines[at + taken - 1] ?? ''}`
    if (text.length > MOST_BYTES) return { fields: no('too long'), taken: 1 }
    if (isClosed(text)) return { fields: fieldsOf(text.endsWith('\r') ? text.slice(0, -1) : text), taken }
  }
  return { fields: no('a quote is never closed'), taken: 1 }
}

const QUOTE = '"'

export function isClosed(text: string): boolean {
  let quotes = 0
  for (let at = text.indexOf(QUOTE); at >= 0; at = text.indexOf(QUOTE, at + 1)) quotes += 1
  return quotes % 2 === 0
}

/** As programs write lists: Excel separates by semicolons where numbers have a decimal comma, and by tabs in its "Unicode text". */
const SEPARATORS = [',', ';', '\t'] as const
export type Separator = (typeof SEPARATORS)[number]
export type Columns<C> = { names: C[]; separator: Separator }

const COMMA: Separator = ','

/** The first line of a file from outside, which names its columns, in any letter case: it also shows what separates them. */
export function columnsIn<C extends string>(line: string, known: readonly C[]): Result<Columns<C>, string> {
  if (!isClosed(line)) return no('a quote is never closed')
  for (const separator of SEPARATORS) {
    const fields = fieldsOf(line, separator)
    const given = fields.ok ? fields.value.slice(0, fields.value.findLastIndex(isSomething) + 1) : []
    const names = given.map(field => known.find(name => name.toLowerCase() === field.trim().toLowerCase()))
    if (names.length > 0 && names.every(name => name !== undefined)) return ok({ names, separator })
  }
  return no(`the first line names the columns, between commas, semicolons or tabs: ${known.join(', ')}`)
}

export const isSomething = (field: string) => field.trim() !== ''

/** Of one line, without its end. */
export function fieldsOf(text: string, separator: Separator = COMMA): Result<string[], string> {
  if (!isClosed(text)) return no('a quote is never closed')
  const fields: string[] = []
  for (let at = 0; at <= text.length;) {
    const end = text[at] === QUOTE ? endOfQuoted(text, at) : endOfPlain(text, at, separator)
    if (end < text.length && text[end] !== separator) return no('text behind a closing quote')
    const field = text.slice(at, end)
    fields.push(field.startsWith(QUOTE) ? field.slice(1, -1).replaceAll('""', QUOTE) : field)
    at = end + 1
  }
  return ok(fields)
}

const endOfPlain = (text: string, from: number, separator: Separator) => {
  const end = text.indexOf(separator, from)
  return end < 0 ? text.length : end
}

/** The place behind the closing quote; a doubled one closes nothing. */
function endOfQuoted(text: string, from: number): number {
  let at = text.indexOf(QUOTE, from + 1)
  while (at >= 0 && text[at + 1] === QUOTE) at = text.indexOf(QUOTE, at + 2)
  return at < 0 ? text.length : at + 1
}

/** One line, with its end. */
export const csvLine = (fields: readonly (string | number | undefined)[]) =>
  `${fields.map(field => fieldText(String(field ?? ''))).join(',')}\r\n`

const fieldText = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll(QUOTE, '""')}"` : text)
