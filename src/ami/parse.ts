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

export function frameOf(text: string): Frame {
  const end = text.indexOf('\r\n')
  const first = end < 0 ? text : text.slice(0, end)
  const colon = first.indexOf(':')
  return {
    kind: colon < 0 ? '' : first.slice(0, colon),
    name: colon < 0 ? first : first.slice(colon + 1).trimStart(),
    text,
    get(header) {
      const at = text.startsWith(`${header}:`) ? 0 : text.indexOf(`\r\n${header}:`)
      if (at < 0) return undefined
      const from = at + header.length + (at === 0 && text.startsWith(`${header}:`) ? 1 : 3)
      const to = text.indexOf('\r\n', from)
      return text.slice(from, to < 0 ? undefined : to).trimStart()
    },
  }
}

export type Parser = {
  /** The banner, once its line is complete. */
  banner: () => string | undefined
  /** Throws AmiProtocolError when a frame or the banner does not end in time; the connection is then of no more use. */
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
      const frames: Frame[] = []
      let from = 0
      while (banner !== undefined) {
        const end = rest.indexOf(END, Math.max(from, searched))
        if (end < 0) break
        if (end - from > maxFrameBytes) tooLarge()
        if (end > from) frames.push(frameOf(rest.toString('utf8', from, end)))
        from = end + END.length
      }
      // Copied, so that a short rest does not keep a long chunk in memory.
      if (from > 0) rest = room = Buffer.from(rest.subarray(from))
      searched = Math.max(0, rest.length - END.length + 1)
      // The beginning of its end may be there already.
      if (rest.length >= maxFrameBytes + END.length) tooLarge()
      return frames
    },
  }
}
