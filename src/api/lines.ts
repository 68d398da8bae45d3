/** A body that is text -> its lines, a few thousand at a time, however long it is. */
import { Refusal } from '../base/errors.js'

const LONGEST_LINE = 10_000

/** Rejects with BODY_TOO_LARGE. A line that is longer than any may be comes cut. */
export async function* linesOf(body: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let [bytes, rest] = [0, '']
  const cut = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, LONGEST_LINE)
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) throw new Refusal('BODY_TOO_LARGE')
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    if (lines.length > 0) yield lines.map(cut)
  }
  if (rest !== '') yield [cut(rest)]
}
