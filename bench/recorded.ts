/** Any number of calls as Asterisk tells of them, made from one that was recorded. Reads test/facts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../lab/config-files.js'

export type Recorded = Readonly<{
  /** All frames of the call, with ids of its own. */
  call: (n: number) => string
  /** The frames until both talk. */
  answered: (n: number) => string
  /** The first frame, by which the call becomes known. */
  begins: (n: number) => string
  /** The caller's last frame, by which such a call is over. */
  ends: (n: number) => string
  /** How many events a call has. */
  events: number
}>

const STORY = 'internal-answered'
const CALLS_A_SECOND = 50

export function readRecorded(): Recorded {
  const text = readFileSync(join(CHECKOUT, `test/facts/${STORY}.ami`), 'utf8')
  const frames = text.slice(text.indexOf('Event: Newchannel')).split(/(?<=\r\n\r\n)/)
  const [caller, callee] = [...new Set([...text.matchAll(/^Uniqueid: (.*)\r$/gm)].map(match => match[1] ?? ''))]
  const bridge = /^BridgeUniqueid: (.*)\r$/m.exec(text)?.[1] ?? ''
  if (!caller || !callee || !bridge) throw new Error(`${STORY} is not what it was`)
  const seconds = [...new Set([...text.matchAll(/^Timestamp: (\d+)\./gm)].map(match => match[1] ?? ''))]
    .sort()
    .reverse()
  const numbered = (some: readonly string[]) => {
    const template = some.join('')
    /** Not all in one moment. */
    const later = (n: number) => (told: string, second: string) =>
      told.replaceAll(`Timestamp: ${second}.`, `Timestamp: ${Number(second) + Math.floor(n / CALLS_A_SECOND)}.`)
    return (n: number) =>
      seconds
        .reduce(later(n), template)
        .replaceAll(caller, `lab-1700000000.${2 * n}`)
        .replaceAll(callee, `lab-1700000000.${2 * n + 1}`)
        .replaceAll(bridge, `bridge-${n}`)
  }
  const first = frames.slice(0, 1)
  const last = frames.filter(f => f.startsWith('Event: Hangup\r\n') && f.includes(`Uniqueid: ${caller}\r\n`))
  const until = frames.findIndex(f => f.startsWith('Event: BridgeLeave') || f.startsWith('Event: HangupRequest'))
  return {
    call: numbered(frames),
    answered: numbered(frames.slice(0, until)),
    begins: numbered(first),
    ends: numbered(last),
    events: frames.length,
  }
}
