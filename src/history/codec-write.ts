/** Writes the values of a record. Pure, but for a buffer that each record is made in. */
import { CHANNEL, OTHER, TAG, UNIQUEID, zigzag } from './codec-tags.js'
import { timeOf } from './codec-time.js'
import { BEGINNINGS, KINDS, WORDS } from './words.js'

type Shape = { tag: number; mask: number; keys: readonly string[] }

const wordAt = new Map(WORDS.map((word, i) => [word, i]))
/** By which kind objects of these fields are written; the same few come again and again. */
const shapes = new Map<string, Shape | undefined>()
const MOST_SHAPES = 1_000

function shapeOf(keys: readonly string[]): Shape | undefined {
  const name = keys.join()
  const known = shapes.get(name)
  if (known || shapes.has(name)) return known
  const kind = KINDS.findIndex(({ keys: listed, whole }) =>
    whole ? listed.length === keys.length && keys.every(k => listed.includes(k)) : keys.every(k => listed.includes(k)),
  )
  const listed = KINDS[kind]?.keys
  const placed = listed?.filter(key => keys.includes(key))
  const mask = placed?.reduce((sum, key) => sum + 2 ** (listed?.indexOf(key) ?? 0), 0) ?? 0
  const shape = placed && keys.length > 0 ? { tag: kind + 1, mask, keys: placed } : undefined
  if (shapes.size < MOST_SHAPES) shapes.set(name, shape)
  return shape
}

let scratch = Buffer.allocUnsafe(4_096)

export function createWriter() {
  let at = 0
  let time = 0
  let [seconds, count] = [0, 0]
  const times = new Map<number, number>()
  const texts: string[] = [...BEGINNINGS]

  function room(more: number) {
    if (at + more <= scratch.length) return
    const larger = Buffer.allocUnsafe(Math.max(scratch.length * 2, at + more))
    scratch.copy(larger, 0, 0, at)
    scratch = larger
  }

  function number(n: number) {
    room(8)
    let rest = n
    while (rest >= 128) {
      scratch[at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    scratch[at++] = rest
  }

  const tagged = (tag: number, n: number) => number(n * 8 + tag)

  function value(it: unknown) {
    if (typeof it === 'string') return text(it)
    if (typeof it === 'number') return numeric(it)
    if (Array.isArray(it)) {
      tagged(TAG.list, it.length)
      for (const item of it) value(item)
      return
    }
    if (typeof it === 'object' && it !== null) return object(it as Record<string, unknown>)
    tagged(TAG.other, it === true ? OTHER.true : it === false ? OTHER.false : OTHER.null)
  }

  function numeric(n: number) {
    if (Number.isSafeInteger(n) && Math.abs(n) < 2 ** 49 && !Object.is(n, -0))
      return n < 0 ? tagged(TAG.negative, -n) : tagged(TAG.positive, n)
    tagged(TAG.other, OTHER.double)
    room(8)
    at = scratch.writeDoubleLE(n, at)
  }

  function text(it: string) {
    const ms = timeOf(it)
    if (ms !== undefined) return instant(ms)
    const word = wordAt.get(it)
    if (word !== undefined) return tagged(TAG.text, word * 2 + 1)
    const known = texts.indexOf(it)
    if (known >= 0) return tagged(TAG.known, known)
    const unique = UNIQUEID.exec(it)
    if (unique) return uniqueid(it, unique[1] ?? '', Number(unique[2]), Number(unique[3]))
    const channel = CHANNEL.exec(it)
    if (!channel) return newText(it)
    tagged(TAG.other, OTHER.channel)
    text(channel[1] ?? '')
    number(parseInt(channel[2] ?? '', 16))
  }

  function instant(ms: number) {
    const again = times.get(ms)
    if (again !== undefined) return tagged(TAG.other, OTHER.timeAgain + again)
    times.set(ms, times.size)
    tagged(TAG.time, zigzag(ms - time))
    time = ms
  }

  /** The first is told from the time before, which is the start of the call. */
  function uniqueid(it: string, system: string, newSeconds: number, newCount: number) {
    if (seconds === 0) seconds = Math.max(0, Math.floor(time / 1_000))
    tagged(TAG.other, OTHER.uniqueid)
    text(system)
    number(zigzag(newSeconds - seconds))
    number(zigzag(newCount - count))
    ;[seconds, count] = [newSeconds, newCount]
    texts.push(it)
  }

  function newText(it: string) {
    let [like, same, tailLike, tail] = [0, 0, 0, 0]
    for (const [i, other] of texts.entries()) {
      const length = sameBeginning(it, other)
      if (length > same) [like, same] = [i, length]
      const end = sameEnd(it, other)
      if (end > tail) [tailLike, tail] = [i, end]
    }
    texts.push(it)
    if (tail > same + 1) {
      tagged(TAG.other, OTHER.tail)
      number(tailLike)
      number(tail)
      return plain(it.slice(0, it.length - tail))
    }
    tagged(TAG.text, same * 2)
    if (same > 0) number(like)
    plain(it.slice(same))
  }

  function plain(it: string) {
    const length = Buffer.byteLength(it)
    number(length)
    room(length)
    at += scratch.write(it, at, 'utf8')
  }

  function object(it: Record<string, unknown>) {
    const keys = Object.keys(it).filter(key => it[key] !== undefined)
    const shape = shapeOf(keys)
    if (!shape) {
      tagged(TAG.object, 0)
      number(keys.length)
      for (const key of keys) {
        text(key)
        value(it[key])
      }
      return
    }
    const whole = KINDS[shape.tag - 1]?.whole === true
    const written = whole ? shape.keys.filter(key => it[key] !== 0 || Object.is(it[key], -0)) : shape.keys
    tagged(TAG.object, shape.tag)
    number(whole ? written.reduce((sum, key) => sum + 2 ** shape.keys.indexOf(key), 0) : shape.mask)
    for (const key of written) value(it[key])
  }

  return { number, value, bytes: () => Buffer.from(scratch.subarray(0, at)) }
}

const isHalf = (code: number, from: number) => code >= from && code < from + 0x400

/** Not in the middle of a character. */
function sameBeginning(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n++
  return n > 0 && isHalf(a.charCodeAt(n - 1), 0xd800) ? n - 1 : n
}

function sameEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a.charCodeAt(a.length - 1 - n) === b.charCodeAt(b.length - 1 - n)) n++
  return n > 0 && isHalf(a.charCodeAt(a.length - n), 0xdc00) ? n - 1 : n
}
