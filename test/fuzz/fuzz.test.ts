/** The short form of `npm run fuzz`: all that is saved, and some thousand inputs made of it; and how time and memory grow. */
import t from 'tap'
import { createParser, MAX_FRAME_BYTES } from '../../src/ami/parse.js'
import { corpusOf } from './corpus.js'
import { randomOf } from './mutate.js'
import { fuzz } from './run.js'
import { TARGETS, type TargetName } from './targets.js'

const SEED = 20_260_101
const INPUTS = { ami: 2_000, ari: 20_000, sound: 5_000 }
const NAMES = Object.keys(TARGETS) as TargetName[]

t.test('all that is saved', async t => {
  for (const target of NAMES)
    for (const { name, bytes } of corpusOf(target)) {
      t.doesNotThrow(() => {
        for (let seed = 0; seed < 8; seed++) TARGETS[target](bytes, randomOf(seed))
      }, `${target}/${name}`)
    }
})

t.test('inputs made of it', async t => {
  for (const target of NAMES) {
    const failure = fuzz(target, SEED, done => done < INPUTS[target])
    const text = failure && {
      seed: failure.seed,
      error: String(failure.error),
      input: failure.bytes.toString('latin1').slice(0, 1_000),
    }
    t.equal(text, undefined, `${target}: ${INPUTS[target]} inputs`)
  }
})

const banner = Buffer.from('Asterisk Call Manager/11.0.0\r\n')
/** One frame of so many bytes. */
const big = (bytes: number) =>
  Buffer.concat([Buffer.from('Event: X\r\nV: '), Buffer.alloc(bytes, 0x41), Buffer.from('\r\n\r\n')])

/** CPU time: whoever else has the machine meanwhile does not count. */
function msFor(input: Buffer, pieceBytes: number): number {
  const parser = createParser()
  parser.push(banner)
  const began = process.cpuUsage()
  let frames = 0
  for (let from = 0; from < input.length; from += pieceBytes)
    frames += parser.push(input.subarray(from, from + pieceBytes)).length
  t.equal(frames, 1)
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1_000
}
const best = (times: () => number) => Math.min(times(), times(), times())

t.test('a frame of 1 MB, byte by byte: four times as long takes some four times as long, not sixteen', async t => {
  const [quarter, whole] = [big(250_000), big(1_000_000)]
  const [small, large] = [best(() => msFor(quarter, 1)), best(() => msFor(whole, 1))]
  const atOnce = msFor(whole, whole.length)
  t.comment(`250 kB ${small.toFixed(0)} ms, 1 MB ${large.toFixed(0)} ms; in one piece ${atOnce.toFixed(1)} ms`)
  t.ok(large < 9 * small, `${large} ms after ${small} ms`)
})

t.test('what has no end is given up when it is too long, so no more is kept', async t => {
  for (const start of [Buffer.concat([banner, Buffer.from('Event: X\r\n')]), Buffer.alloc(0)]) {
    const parser = createParser()
    parser.push(start)
    let pushed = 0
    const push = () => {
      for (; pushed <= 2 * MAX_FRAME_BYTES; pushed += 1_000) parser.push(Buffer.alloc(1_000, 0x41))
    }
    t.throws(push, /a (frame|greeting) of more than/)
    t.ok(pushed <= MAX_FRAME_BYTES + 1_000)
  }
})
