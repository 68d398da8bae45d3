/** The parser beside a loop that only finds where frames end (P6), and what turning frames into facts takes. In process. */
import { factOf } from '../src/ami/normalise.js'
import { createParser, type Frame } from '../src/ami/parse.js'
import type { EpochMs } from '../src/base/ids.js'
import { elapsedMs } from '../src/base/system.js'
import { readRecorded } from './recorded.js'

const MEGABYTE = 1 << 20
const CHUNK_BYTES = 64 << 10
const END = Buffer.from('\r\n\r\n')

export type ParserFigures = { framing: number; parser: number; facts: number }

export function bytesOf(calls: number): Buffer {
  const { call } = readRecorded()
  return Buffer.concat(Array.from({ length: calls }, (_, n) => Buffer.from(call(n))))
}

function* chunksOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES)
}

/** MB/s of each, over the same bytes as a socket hands them over. */
export function parserFigures(bytes: Buffer): ParserFigures {
  const speed = (run: () => number) => {
    const begun = elapsedMs()
    if (run() === 0) throw new Error('nothing was read')
    return bytes.length / MEGABYTE / ((elapsedMs() - begun) / 1_000)
  }
  return {
    framing: speed(() => frameOnly(bytes)),
    parser: speed(() => parse(bytes)),
    facts: speed(() => toFacts(bytes)),
  }
}

function frameOnly(bytes: Buffer): number {
  let frames = 0
  for (const chunk of chunksOf(bytes))
    for (let at = chunk.indexOf(END); at >= 0; at = chunk.indexOf(END, at + END.length)) frames++
  return frames
}

function eachFrame(bytes: Buffer, see: (frame: Frame) => void) {
  const parser = createParser()
  parser.push(Buffer.from('Asterisk Call Manager/11.0.0\r\n'))
  for (const chunk of chunksOf(bytes)) for (const frame of parser.push(chunk)) see(frame)
}

function parse(bytes: Buffer): number {
  let length = 0
  eachFrame(bytes, frame => (length += frame.name.length))
  return length
}

function toFacts(bytes: Buffer): number {
  let facts = 0
  const at = 1_700_000_000_000 as EpochMs
  eachFrame(bytes, frame => {
    if (factOf(frame, at)) facts++
  })
  return facts
}
