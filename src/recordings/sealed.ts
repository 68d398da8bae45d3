/**
 * Names of files that have the number of a caller who withholds it: the digits are told in a form that only the daemon can read again,
 * so the sound is still found by them. Pure.
 */
import { createHmac } from 'node:crypto'

/** Fewer digits are no number of a caller, but a day, an hour or a queue. */
const FEWEST = 6
const RUNS = /\d{6,32}/g
const SEALED = /~([\w-]{16,60})~/g
const MAC_BYTES = 6

const bytesOf = (secret: string, ...of: readonly (string | number)[]) =>
  createHmac('sha256', secret).update(of.join('\n')).digest()
/** Each place has a key of its own: the same number looks different everywhere. */
const mixed = (secret: string, recording: string, place: number, digits: Buffer) => {
  const key = bytesOf(secret, 'file', recording, place)
  return Buffer.from(digits.map((byte, i) => byte ^ (key[i] ?? 0)))
}
const macOf = (secret: string, recording: string, place: number, digits: string) =>
  bytesOf(secret, 'mac', recording, place, digits).subarray(0, MAC_BYTES)

/** Without what stands before it in one writing and not in another: `0086138…`, `+86138…`, `138…`. */
const coreOf = (number: string) => number.replace(/\D/g, '').replace(/^0+/, '')

function isOf(run: string, number: string): boolean {
  const [own, core] = [coreOf(run), coreOf(number)]
  if (core.length < FEWEST) return false
  return run.includes(core) || (own.length >= FEWEST && core.endsWith(own))
}

/** `recording`: its name, which no other has. */
export function sealedFile(secret: string, file: string, recording: string, numbers: readonly string[]): string {
  let place = 0
  return file.replace(RUNS, run => {
    if (!numbers.some(number => isOf(run, number))) return run
    place += 1
    const hidden = [mixed(secret, recording, place, Buffer.from(run)), macOf(secret, recording, place, run)]
    return `~${Buffer.concat(hidden).toString('base64url')}~`
  })
}

export const isSealed = (file: string) => file.search(SEALED) >= 0

/** A name that has not been sealed stays as it is. */
export function openedFile(secret: string, file: string, recording: string): string {
  let place = 0
  return file.replace(SEALED, (sealed, text: string) => {
    const bytes = Buffer.from(text, 'base64url')
    const digits = mixed(secret, recording, place + 1, bytes.subarray(0, -MAC_BYTES)).toString('latin1')
    const mac = macOf(secret, recording, place + 1, digits)
    if (!/^\d{6,32}$/.test(digits) || !mac.equals(bytes.subarray(-MAC_BYTES))) return sealed
    place += 1
    return digits
  })
}
