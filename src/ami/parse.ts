/**
 * Bytes from an AMI socket -> frames. Incremental, on bytes, with its state per connection: however the stream is cut,
 * the same frames come out. A frame keeps its text and finds a header when asked for it: most headers never are. Pure.
 *
 * A frame is a block of `Key: value` lines that an empty line ends; the first line after connecting is a banner.
 * The first of two equal headers wins, as it does in Asterisk.
 */
const END = Buffer.from('\r\n\r\n')
const LINE = Buffer.from('\r\n')
/** Far above anything Asterisk sends (its longest line has some thousand bytes); a stream without an end is no AMI. */
export const MAX_FRAME_BYTES = 1 << 20
/** `Asterisk Call Manager/11.0.0` has 28. */
const MAX_BANNER_BYTES = 1_000

export type Frame = {
  /** What the first line says: `Event: Hangup` has kind `Event` and name `Hangup`. */
  readonly kind: string
  readonly name: string
  /** The value of a header; undefined when the frame has none of that name. */
  get: (header: string) => string | undefined
  readonly text: string
}

export class AmiProtocolError extends Error {}

/** `\r\nUniqueid:` by `Uniqueid`: the same few headers are asked for again and again. */
const needles = new Map<string, string>()
const MOST_NEEDLES = 1_000

function needleOf(header: string): string {
  const known = needles.get(header)
  if (known !== undefined) return known
  const needle = `\r\n${header}:`
  if (needles.size < MOST_NEEDLES) needles.set(header, needle)
  return needle
}

/** A slice keeps the text alive that it was cut from, which is that of a whole chunk; this is a text of its own. */
const SLICED_FROM = 13
const ownText = (slice: string) => (slice.length < SLICED_FROM ? slice : ` ${slice}`.slice(1))

class TextFrame implements Frame {
  readonly kind: string
  readonly name: string

  constructor(readonly text: string) {
    const end = text.indexOf('\r\n')
    const colon = text.indexOf(':')
    const until = end < 0 ? text.length : end
    if (colon < 0 || colon >= until) {
      this.kind = ''
      this.name = text.slice(0, until)
    } else {
      this.kind = text.slice(0, colon)
      this.name = text.slice(colon + 1, until).trimStart()
    }
  }

  get(header: string): string | undefined {
    if (this.kind === header) return this.name
    const needle = needleOf(header)
    const at = this.text.indexOf(needle)
    if (at < 0) return undefined
    const from = at + needle.length
    const to = this.text.indexOf('\r\n', from)
    return ownText(this.text.slice(from, to < 0 ? undefined : to).trimStart())
  }
}

export const frameOf = (text: string): Frame => new TextFrame(text)

/** All are made text at once, where each byte is a character: that is most of what takes time. */
function framesOf(bytes: Buffer, ends: readonly number[]): Frame[] {
  const last = ends.at(-1)
  if (last === undefined) return []
  const text = bytes.toString('utf8', 0, last)
  const plain = text.length === last
  const frames: Frame[] = []
  let from = 0
  for (const end of ends) {
    if (end > from) frames.push(frameOf(plain ? text.slice(from, end) : bytes.toString('utf8', from, end)))
    from = end + END.length
  }
  return frames
}

export type Parser = {
  /** The banner, once its line is complete. */
  banner: () => string | undefined
  /**
   * The chunk is not kept. Throws AmiProtocolError when a frame or the banner does not end in time; the connection is then of no
   * more use.
   */
  push: (chunk: Buffer) => Frame[]
}

export function createParser(maxFrameBytes = MAX_FRAME_BYTES): Parser {
  let banner: string | undefined
  let rest: Buffer = Buffer.alloc(0)
  /** Where `rest` lies while a frame is gathered: with room, so that a byte more does not copy all before it again. */
  let room: Buffer = rest
  /** Bytes of `rest` that are known to hold no end of a frame. */
  let searched = 0

  function takeBanner() {
    const end = rest.indexOf(LINE)
    if (end > MAX_BANNER_BYTES || (end < 0 && rest.length > MAX_BANNER_BYTES + 1))
      throw new AmiProtocolError(`a greeting of more than ${MAX_BANNER_BYTES} bytes`)
    if (end < 0) return
    banner = rest.toString('utf8', 0, end)
    rest = rest.subarray(end + LINE.length)
    searched = 0
  }

  function tooLarge(): never {
    throw new AmiProtocolError(`a frame of more than ${maxFrameBytes} bytes`)
  }

  function joined(chunk: Buffer): Buffer {
    const length = rest.length + chunk.length
    if (room.length < length || rest.buffer !== room.buffer || rest.byteOffset !== room.byteOffset) {
      room = Buffer.allocUnsafeSlow(2 * length)
      rest.copy(room)
    }
    chunk.copy(room, rest.length)
    return room.subarray(0, length)
  }

  return {
    banner: () => banner,
    push(chunk) {
      rest = rest.length === 0 ? chunk : joined(chunk)
      if (banner === undefined) takeBanner()
      const ends: number[] = []
      let from = 0
      while (banner !== undefined) {
        const end = rest.indexOf(END, Math.max(from, searched))
        if (end < 0) break
        if (end - from > maxFrameBytes) tooLarge()
        ends.push(end)
        from = end + END.length
      }
      const frames = framesOf(rest, ends)
      // Copied, so that a short rest does not keep a long chunk in memory, and whoever brought the chunk may use it again.
      if (from > 0 || rest.buffer === chunk.buffer) rest = room = Buffer.from(rest.subarray(from))
      searched = Math.max(0, rest.length - END.length + 1)
      // The beginning of its end may be there already.
      if (rest.length >= maxFrameBytes + END.length) tooLarge()
      return frames
    },
  }
}
