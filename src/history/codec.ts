/**
 * A call as the few bytes that the history keeps of it, and back. What JSON spells out each time is a number here: names of
 * fields and usual texts by their place in a list, times by how long after the one before, a text that begins like an
 * earlier one by that. Fields that are in no list are kept by name, so a record never loses any. Pure.
 *
 * A record: version, revision, then one value. Numbers are seven bits a byte, the lowest first. A value begins with a
 * number whose lowest three bits are its tag.
 */
import type { CallView } from '../events/call.js'
import { BEGINNINGS, KINDS, WORDS } from './words.js'

export const RECORD_VERSION = 1

const TAG = { positive: 0, negative: 1, known: 2, text: 3, list: 4, object: 5, other: 6, time: 7 } as const
const OTHER = [false, true, null] as const
const DOUBLE = OTHER.length
/** An object by the names of its fields. */
const UNLISTED = 0

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const wordAt = new Map(WORDS.map((word, i) => [word, i]))
const placesIn = KINDS.map(kind => new Map(kind.map((key, i) => [key, i])))

/** The id without the PBX's name in front, which is its own field. */
export function encodeCall(call: CallView): Buffer {
  const own = `${call.pbx}:`
  const out = new Writer()
  out.number(RECORD_VERSION)
  out.number(call.revision)
  out.value(call.id.startsWith(own) ? { ...call, id: call.id.slice(own.length) } : { ...call, id: `:${call.id}` })
  return out.bytes()
}

/** Throws where the bytes are no record. */
export function decodeCall(bytes: Buffer): CallView {
  const from = new Reader(bytes)
  const version = from.number()
  if (version !== RECORD_VERSION) throw new Error(`a record of version ${version} is not known here`)
  from.number()
  const call = from.value() as CallView
  if (!from.atEnd() || typeof call !== 'object' || typeof call.id !== 'string') throw new Error('not a record')
  return { ...call, id: call.id.startsWith(':') ? call.id.slice(1) : `${call.pbx}:${call.id}` }
}

class Writer {
  private buffer = Buffer.allocUnsafe(1_024)
  private at = 0
  private texts: string[] = [...BEGINNINGS]
  private time = 0

  bytes = () => Buffer.from(this.buffer.subarray(0, this.at))

  private room(more: number) {
    if (this.at + more <= this.buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + more))
    this.buffer.copy(larger, 0, 0, this.at)
    this.buffer = larger
  }

  number(n: number) {
    this.room(8)
    let rest = n
    while (rest >= 128) {
      this.buffer[this.at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.buffer[this.at++] = rest
  }

  private tagged = (tag: number, n: number) => this.number(n * 8 + tag)

  value(value: unknown) {
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'number') return this.numeric(value)
    if (Array.isArray(value)) {
      this.tagged(TAG.list, value.length)
      for (const item of value) this.value(item)
      return
    }
    if (typeof value === 'object' && value !== null) return this.object(Object.entries(value))
    this.tagged(TAG.other, Math.max(0, OTHER.indexOf((value ?? null) as boolean | null)))
  }

  private numeric(n: number) {
    if (Number.isSafeInteger(n) && Math.abs(n) < 2 ** 49 && !Object.is(n, -0))
      return n < 0 ? this.tagged(TAG.negative, -n) : this.tagged(TAG.positive, n)
    this.tagged(TAG.other, DOUBLE)
    this.room(8)
    this.at = this.buffer.writeDoubleLE(n, this.at)
  }

  private text(text: string) {
    const ms = text.length === 24 && TIME.test(text) ? Date.parse(text) : NaN
    if (!Number.isNaN(ms) && new Date(ms).toISOString() === text) {
      const later = ms - this.time
      this.time = ms
      return this.tagged(TAG.time, later < 0 ? -later * 2 - 1 : later * 2)
    }
    const word = wordAt.get(text)
    if (word !== undefined) return this.tagged(TAG.text, word * 2 + 1)
    const known = this.texts.indexOf(text)
    if (known >= 0) return this.tagged(TAG.known, known)
    this.newText(text)
  }

  private newText(text: string) {
    let [like, same] = [0, 0]
    for (const [i, other] of this.texts.entries()) {
      const length = sameBeginning(text, other)
      if (length > same) [like, same] = [i, length]
    }
    const rest = Buffer.from(text.slice(same))
    this.tagged(TAG.text, same * 2)
    if (same > 0) this.number(like)
    this.number(rest.length)
    this.room(rest.length)
    this.at += rest.copy(this.buffer, this.at)
    this.texts.push(text)
  }

  private object(all: [string, unknown][]) {
    const entries = all.filter(([, value]) => value !== undefined)
    const kind = placesIn.findIndex(places => entries.every(([key]) => places.has(key)))
    const places = placesIn[kind]
    if (!places || entries.length === 0) {
      this.tagged(TAG.object, UNLISTED)
      this.number(entries.length)
      for (const [key, value] of entries) {
        this.text(key)
        this.value(value)
      }
      return
    }
    this.tagged(TAG.object, kind + 1)
    const placed = entries.map(([key, value]) => [places.get(key) ?? 0, value] as const).sort(([a], [b]) => a - b)
    this.number(placed.reduce((mask, [place]) => mask + 2 ** place, 0))
    for (const [, value] of placed) this.value(value)
  }
}

/** Not in the middle of a character. */
function sameBeginning(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n++
  const last = a.charCodeAt(n - 1)
  return n > 0 && last >= 0xd800 && last < 0xdc00 ? n - 1 : n
}

class Reader {
  private at = 0
  private texts: string[] = [...BEGINNINGS]
  private time = 0

  constructor(private readonly buffer: Buffer) {}

  atEnd = () => this.at === this.buffer.length

  number(): number {
    let [n, scale] = [0, 1]
    for (;;) {
      const byte = this.buffer[this.at++]
      if (byte === undefined || scale > 2 ** 49) throw new Error('a record ends in the middle')
      n += (byte % 128) * scale
      if (byte < 128) return n
      scale *= 128
    }
  }

  value(): unknown {
    const head = this.number()
    const n = Math.floor(head / 8)
    switch (head % 8) {
      case TAG.positive:
        return n
      case TAG.negative:
        return -n
      case TAG.known:
        return known(this.texts[n])
      case TAG.text:
        return n % 2 === 1 ? known(WORDS[(n - 1) / 2]) : this.newText(n / 2)
      case TAG.list:
        return Array.from({ length: Math.min(n, this.buffer.length) }, () => this.value())
      case TAG.object:
        return this.object(n)
      case TAG.time:
        this.time += n % 2 === 1 ? -(n + 1) / 2 : n / 2
        return new Date(this.time).toISOString()
      default:
        return n === DOUBLE ? this.double() : (OTHER[n] ?? null)
    }
  }

  private double() {
    const value = this.buffer.readDoubleLE(this.at)
    this.at += 8
    return value
  }

  private newText(same: number): string {
    const beginning = same > 0 ? known(this.texts[this.number()]).slice(0, same) : ''
    const length = this.number()
    const text = beginning + this.buffer.toString('utf8', this.at, this.at + length)
    this.at += length
    this.texts.push(text)
    return text
  }

  private object(kind: number): Record<string, unknown> {
    const found: [string, unknown][] = []
    if (kind === UNLISTED) {
      for (let left = this.number(); left > 0; left--) found.push([String(this.value()), this.value()])
      return Object.fromEntries(found)
    }
    const keys = KINDS[kind - 1]
    if (!keys) throw new Error('a record of a kind that is not known')
    const mask = this.number()
    for (const [i, key] of keys.entries()) {
      if (Math.floor(mask / 2 ** i) % 2 === 1) found.push([key, this.value()])
    }
    return Object.fromEntries(found)
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a record points at nothing')
  return value
}
