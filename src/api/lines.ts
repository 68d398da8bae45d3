/** A body that is text -> its lines, a few thousand at a time, however long it is. */
import { charsetDecoder, type Charset } from '../base/charset.js'
import { Refusal } from '../base/errors.js'

const LONGEST_LINE = 10_000

/** Rejects with BODY_TOO_LARGE, and with NotInCharset. A line that is longer than any may be comes cut. */
export async function* linesOf(
  body: AsyncIterable<Buffer>,
  mostBytes: number,
  charset?: Charset,
): AsyncGenerator<string[]> {
  const decoder = charsetDecoder(charset)
  let [bytes, rest] = [0, '']
  const cut = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, LONGEST_LINE)
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Refusal('BODY_TOO_LARGE')
    const lines = (rest + decoder.next(chunk)).split('\n')
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    if (lines.length > 0) yield lines.map(cut)
  }
  const lines = (rest + decoder.end()).split('\n')
  if (lines.length > 1 || lines[0] !== '') yield lines.map(cut)
}
