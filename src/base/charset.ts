/**
 * Bytes from outside -> text: as their byte order mark says, else in the charset that somebody names, else in UTF-8. What is none is
 * refused: no character is ever replaced. Pure.
 */
import { TextDecoder } from 'node:util'
import { no, ok, type Result } from './result.js'

export const CHARSETS = ['utf-8', 'utf-16', 'gb18030', 'gbk', 'big5', 'shift_jis', 'euc-kr', 'latin1'] as const
export type Charset = (typeof CHARSETS)[number]

/** By any of its names, such as `iso-8859-1` and `UTF8`. */
export function charsetNamed(name: string): Charset | undefined {
  try {
    const { encoding } = new TextDecoder(name)
    return CHARSETS.find(charset => new TextDecoder(charset).encoding === encoding)
  } catch {
    return undefined
  }
}

/** `line`: the first that cannot be read, from 1 on. */
export class NotInCharset extends Error {
  constructor(
    readonly line: number,
    charset: string,
  ) {
    super(`is not in ${charset}`)
  }
}

const MARKS: readonly (readonly [charset: string, bytes: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]
const LONGEST_MARK = 3

const markedAs = (bytes: Buffer) => MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte))?.[0]

/** For a text that comes in pieces. Both throw NotInCharset. The byte order mark is left out. */
export function charsetDecoder(charset: Charset = 'utf-8') {
  let pending = Buffer.alloc(0)
  /** `behind` has read all but the last piece: a decoder that has failed does not say where. */
  let using: { name: string; decoder: TextDecoder; behind: TextDecoder } | undefined
  let line = 1

  function decoded(bytes: Buffer, stream: boolean): string {
    using ??= begun(bytes)
    const { name, decoder, behind } = using
    try {
      const text = decoder.decode(bytes, { stream })
      line += linesIn(text)
      behind.decode(bytes, { stream })
      return text
    } catch {
      throw new NotInCharset(line + readableLines(behind, bytes), name)
    }
  }

  /** GB 18030 has all of GBK, whose decoder here makes characters of bytes that it does not have. */
  function begun(bytes: Buffer) {
    const name = markedAs(bytes) ?? charset
    const decoder = () => new TextDecoder(name === 'gbk' ? 'gb18030' : name, { fatal: true })
    return { name, decoder: decoder(), behind: decoder() }
  }

  return {
    next(piece: Buffer): string {
      const bytes = Buffer.concat([pending, piece])
      pending = using || bytes.length >= LONGEST_MARK ? Buffer.alloc(0) : bytes
      return pending.length > 0 ? '' : decoded(bytes, true)
    },
    end: (): string => decoded(pending, false),
  }
}

/** How many lines end before the first byte that cannot be read. */
function readableLines(decoder: TextDecoder, bytes: Buffer): number {
  let lines = 0
  try {
    for (let at = 0; at < bytes.length; at += 1)
      lines += linesIn(decoder.decode(bytes.subarray(at, at + 1), { stream: true }))
    return lines
  } catch {
    return lines
  }
}

const linesIn = (text: string) => text.split('\n').length - 1

/** A whole file. */
export function textIn(bytes: Buffer, charset?: Charset): Result<string, string> {
  const decoder = charsetDecoder(charset)
  try {
    return ok(decoder.next(bytes) + decoder.end())
  } catch (error) {
    if (error instanceof NotInCharset) return no(`line ${error.line} ${error.message}`)
    throw error
  }
}
