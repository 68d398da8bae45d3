/** Reads the values of a record; throws where they are none. Pure. */
import { iso } from '../events/event.js'
import type { EpochMs } from '../base/ids.js'
import { OTHER, TAG, unzigzag } from './codec-tags.js'
import { BEGINNINGS, KINDS, WORDS } from './words.js'

export function createReader(buffer: Buffer) {
  let at = 0
  let [seconds, count] = [0, 0]
  const times: number[] = []
  const texts: string[] = [...BEGINNINGS]

  function number(): number {
    let [n, scale] = [0, 1]
    for (;;) {
      const byte = buffer[at++]
      if (byte === undefined || scale > 2 ** 49) throw new Error('a record ends in the middle')
      n += (byte % 128) * scale
      if (byte < 128) return n
      scale *= 128
    }
  }

  function value(): unknown {
    const head = number()
    const n = Math.floor(head / 8)
    switch (head % 8) {
      case TAG.positive:
        return n
      case TAG.negative:
        return -n
      case TAG.known:
        return known(texts[n])
      case TAG.text:
        return n % 2 === 1 ? known(WORDS[(n - 1) / 2]) : newText(n / 2)
      case TAG.list:
        return Array.from({ length: Math.min(n, buffer.length) }, value)
      case TAG.object:
        return n === 0 ? unlisted() : listed(n - 1)
      case TAG.time:
        times.push((times.at(-1) ?? 0) + unzigzag(n))
        return instant(times.length - 1)
      default:
        return other(n)
    }
  }

  function other(n: number): unknown {
    switch (n) {
      case OTHER.false:
        return false
      case OTHER.true:
        return true
      case OTHER.null:
        return null
      case OTHER.double:
        return double()
      case OTHER.uniqueid:
        return uniqueid()
      case OTHER.channel:
        return `${String(value())}-${number().toString(16).padStart(8, '0')}`
      case OTHER.tail:
        return endingLike()
      default:
        return instant(n - OTHER.timeAgain)
    }
  }

  const instant = (n: number) => iso(known(times[n]) as EpochMs)

  function double() {
    at += 8
    return buffer.readDoubleLE(at - 8)
  }

  function uniqueid() {
    if (seconds === 0) seconds = Math.max(0, Math.floor((times.at(-1) ?? 0) / 1_000))
    const system = String(value())
    seconds += unzigzag(number())
    count += unzigzag(number())
    return kept(`${system}${seconds}.${count}`)
  }

  function endingLike() {
    const like = known(texts[number()])
    const tail = number()
    return kept(plain() + like.slice(like.length - tail))
  }

  const newText = (same: number) => kept((same > 0 ? known(texts[number()]).slice(0, same) : '') + plain())

  function plain() {
    const length = number()
    at += length
    if (at > buffer.length) throw new Error('a record ends in the middle')
    return buffer.toString('utf8', at - length, at)
  }

  function kept(text: string) {
    texts.push(text)
    return text
  }

  function unlisted(): Record<string, unknown> {
    const found: [string, unknown][] = []
    for (let left = number(); left > 0; left--) found.push([String(value()), value()])
    return Object.fromEntries(found)
  }

  function listed(n: number): Record<string, unknown> {
    const { keys, whole } = known(KINDS[n])
    const mask = number()
    const found: Record<string, unknown> = {}
    let rest = mask
    for (const key of keys) {
      if (rest % 2 === 1) found[key] = value()
      else if (whole) found[key] = 0
      rest = Math.floor(rest / 2)
    }
    return found
  }

  return { number, value, atEnd: () => at === buffer.length }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a record points at nothing')
  return value
}
