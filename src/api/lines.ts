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
  function* whole(text: string) {
    const lines = (rest + text).split('\n')
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    if (lines.length > 0) yield lines.map(cut)
  }
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Refusal('BODY_TOO_LARGE')
    for (const text of decoder.next(chunk)) yield* whole(text)
  }
  for (const text of decoder.end()) yield* whole(text)
  if (rest !== '') yield [cut(rest)]
}
