/**
 * Bytes from outside -> text: as their byte order mark says, else in UTF-8 where all of them are that, else in the charset that somebody
 * names. What is none is refused: no character is ever replaced. Pure.
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

type Using = { name: string; decoder: TextDecoder; behind: TextDecoder }

/**
 * For a text that comes in pieces. Both throw NotInCharset. The byte order mark is left out. Pieces are held until it is known what they
 * are in: where a charset is named, until bytes come that are no UTF-8, or the end.
 */
export function charsetDecoder(charset: Charset = 'utf-8') {
  const isUtf8 = charset === 'utf-8' ? undefined : createIsUtf8()
  let held: Buffer[] = []
  let head = Buffer.alloc(0)
  /** `behind` has read all but the last piece: a decoder that has failed does not say where. */
  let using: Using | undefined
  let line = 1

  function decoded({ name, decoder, behind }: Using, bytes: Buffer, stream: boolean): string {
    try {
      const text = decoder.decode(bytes, { stream })
      line += linesIn(text)
      behind.decode(bytes, { stream })
      return text
    } catch {
      throw new NotInCharset(line + readableLines(behind, bytes), name)
    }
  }

  function nameSoFar(piece: Buffer): string | undefined {
    const mayBeUtf8 = isUtf8?.(piece)
    if (head.length < LONGEST_MARK) head = Buffer.concat([head, piece]).subarray(0, LONGEST_MARK)
    if (head.length < LONGEST_MARK) return undefined
    return markedAs(head) ?? (mayBeUtf8 === true ? undefined : charset)
  }

  const nameAtEnd = () => markedAs(head) ?? (isUtf8?.() === true ? 'utf-8' : charset)

  function* released(decoding: Using) {
    using = decoding
    const pieces = held
    held = []
    for (const piece of pieces) yield decoded(decoding, piece, true)
  }

  return {
    *next(piece: Buffer): Generator<string, void> {
      if (using) {
        yield decoded(using, piece, true)
        return
      }
      held.push(piece)
      const name = nameSoFar(piece)
      if (name !== undefined) yield* released(begun(name))
    },
    *end(): Generator<string, void> {
      const decoding = using ?? begun(nameAtEnd())
      yield* released(decoding)
      yield decoded(decoding, Buffer.alloc(0), false)
    },
  }
}

/** GB 18030 has all of GBK, whose decoder here makes characters of bytes that it does not have. */
function begun(name: string): Using {
  const decoder = () => new TextDecoder(name === 'gbk' ? 'gb18030' : name, { fatal: true })
  return { name, decoder: decoder(), behind: decoder() }
}

/** Of all pieces so far; without one: of the whole. No text has a zero byte, but UTF-16 without a mark has them. */
function createIsUtf8() {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let is = true
  return (piece?: Buffer): boolean => {
    try {
      decoder.decode(piece, { stream: piece !== undefined })
      if (piece?.includes(0) === true) is = false
    } catch {
      is = false
    }
    return is
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
    return ok([...decoder.next(bytes), ...decoder.end()].join(''))
  } catch (error) {
    if (error instanceof NotInCharset) return no(`line ${error.line} ${error.message}`)
    throw error
  }
}
