/**
 * What streams send of an event: its text with the cursor in front, and the bytes of that. Made once for all streams that
 * stand at the same cursor, so that a hundred subscribers cost little more than one. Pure.
 */
import { withCursor, type EventType } from '../../events/event.js'
import type { LogEntry } from '../../events/log.js'
import { cursorPart } from './cursor.js'

export type Message = {
  readonly type: EventType
  readonly cursor: string
  readonly text: string
  /** One unmasked WebSocket text frame (RFC 6455, section 5.2). */
  readonly frame: () => Buffer
}

const parts = new WeakMap<LogEntry, string>()
/** Only the newest: what all have been sent is of no more use, while its entry lives on in the tail of the log. */
const messages = new Map<LogEntry, Message>()
const MOST_MESSAGES = 256

/** The part of a cursor that says "right after this event". */
export function partAfter(pbx: string, entry: LogEntry): string {
  const known = parts.get(entry)
  if (known !== undefined) return known
  const part = cursorPart(pbx, entry.position)
  parts.set(entry, part)
  return part
}

export function messageOf(entry: LogEntry, cursor: string): Message {
  const known = messages.get(entry)
  if (known?.cursor === cursor) return known
  const text = withCursor(entry.json, cursor)
  let frame: Buffer | undefined
  const message: Message = { type: entry.type, cursor, text, frame: () => (frame ??= textFrame(text)) }
  if (messages.size >= MOST_MESSAGES) messages.clear()
  messages.set(entry, message)
  return message
}

const FINAL_TEXT = 0x81
const [SHORT, MEDIUM] = [125, 0xffff]
const [TWO_BYTES, EIGHT_BYTES] = [126, 127]

export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length <= SHORT ? 2 : length <= MEDIUM ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = FINAL_TEXT
  if (header === 2) frame[1] = length
  else if (header === 4) frame.writeUInt16BE(length, 2)
  else frame.writeBigUInt64BE(BigInt(length), 2)
  if (header > 2) frame[1] = header === 4 ? TWO_BYTES : EIGHT_BYTES
  frame.write(text, header)
  return frame
}
