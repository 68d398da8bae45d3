/** Bytes in, frames out: however the stream is cut, the same frames. */
import fc from 'fast-check'
import t from 'tap'
import { createParser, frameOf, type Frame } from '../../src/ami/parse.js'

const BANNER = 'Asterisk Call Manager/11.0.0\r\n'
const stream = `${BANNER}Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\nEvent: FullyBooted\r\nStatus: Fully Booted\r\n\r\nEvent: Newchannel\r\nCallerIDName: 张伟 ☎\r\nUniqueid: 17.1\r\n\r\n`

const parsed = (chunks: Buffer[]) => {
  const parser = createParser()
  return { texts: chunks.flatMap(c => parser.push(c)).map((f: Frame) => f.text), banner: parser.banner() }
}

t.test('one stream, cut anywhere', async t => {
  const bytes = Buffer.from(stream)
  const whole = parsed([bytes])
  t.equal(whole.texts.length, 3)
  t.equal(whole.banner, 'Asterisk Call Manager/11.0.0')
  t.strictSame(parsed([...bytes].map(b => Buffer.from([b]))), whole, 'single bytes')
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), cuts => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
      t.strictSame(parsed(chunks), whole)
    }),
  )
})

t.test('a chunk whose room is used again at once', async t => {
  const bytes = Buffer.from(stream)
  const room = Buffer.allocUnsafeSlow(bytes.length)
  const inOneRoom = (size: number) => {
    const parser = createParser()
    const texts: string[] = []
    for (let at = 0; at < bytes.length; at += size) {
      const read = bytes.copy(room, 0, at, at + size)
      texts.push(...parser.push(room.subarray(0, read)).map(f => f.text))
      room.fill(0x58)
    }
    return { texts, banner: parser.banner() }
  }
  for (let size = 1; size <= bytes.length; size++) t.strictSame(inOneRoom(size), parsed([bytes]), `${size} bytes each`)
})

t.test('headers', async t => {
  const frame = frameOf(
    'Event: Hangup\r\nUniqueid: 17.1\r\nCause: 16\r\nEmpty: \r\nColons: a:b: c\r\nUniqueid: spoofed\r\nXCause: 3',
  )
  t.equal(frame.kind, 'Event')
  t.equal(frame.name, 'Hangup')
  t.equal(frame.get('Event'), 'Hangup', 'the first line is a header like any other')
  t.equal(frame.get('Uniqueid'), '17.1', 'the first of two wins')
  t.equal(frame.get('Cause'), '16', 'the whole name counts')
  t.equal(frame.get('Empty'), '')
  t.equal(frame.get('Colons'), 'a:b: c')
  t.equal(frame.get('Missing'), undefined)
})

t.test('garbage', async t => {
  t.throws(
    () => createParser(1000).push(Buffer.concat([Buffer.from(BANNER), Buffer.alloc(2000, 65)])),
    /more than 1000 bytes/,
  )
  t.throws(() => createParser(1000).push(Buffer.alloc(2000, 65)), /more than 1000 bytes/, 'no banner ever')
  const parser = createParser()
  const odd = Buffer.from([0xff, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a])
  t.doesNotThrow(() => parser.push(Buffer.concat([Buffer.from(BANNER), odd, Buffer.from('Event: A\r\n\r\n')])))
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), chunks => {
      const fuzzed = createParser()
      for (const chunk of chunks) for (const frame of fuzzed.push(Buffer.from(chunk))) frame.get('Uniqueid')
    }),
  )
})
