/** Makes odd inputs of sound ones. The seed decides all of it, so a run can be had again. Pure. */
import { seeded } from '../../lab/seeded.js'

export type Random = {
  /** In [0, below). */
  whole: (below: number) => number
  pick: <T>(from: readonly T[]) => T
}

export function randomOf(seed: number): Random {
  const next = seeded(seed)
  const whole = (below: number) => Math.floor(next() * Math.max(1, below))
  const pick = <T>(from: readonly T[]): T => {
    const one = from[whole(from.length)]
    if (one === undefined) throw new Error('nothing to pick from')
    return one
  }
  return { whole, pick }
}

/** What has a meaning somewhere. */
const TOKENS = [
  ...['\r\n', '\r', '\n', '\r\n\r\n', '\n\n', '\r\r\n', '\0', ':', ': ', '\\', "\\'", '\\r\\n', '%0d%0a'],
  ...['Event: ', 'Event: UserEvent\r\n', 'Response: ', 'ActionID: ', 'EventList: start\r\n', 'EventList: Complete\r\n'],
  ...[
    'Uniqueid: ',
    'DestUniqueid: 1.1\r\n',
    'Linkedid: ',
    'BridgeUniqueid: b\r\n',
    'Timestamp: ',
    'Cause: ',
    'Duration: ',
  ],
  ...['-1', '0', '1e309', '99999999999999999999', '0x7f', 'NaN', 'Infinity', '<unknown>', '<null>', '1700000000.7'],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    'null',
    'true',
    '\u2028',
    '\ufeff',
    '张',
    '💥',
  ],
].map(text => Buffer.from(text))
/** Sizes and counts that lie: as many bytes of one or of nothing as a field has. */
const LIES = ['00', '0000', '00000000', 'ff', 'ffff', 'ffffffff', '7fffffff', 'ffffff7f', '80000000', '00000080', '01000000', '00000001'].map(hex => Buffer.from(hex, 'hex')) // prettier-ignore
const NOT_UTF8 = [0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf5]

/** Where a header lies. */
const HEADER_BYTES = 100

type Change = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

const put = (into: Buffer, at: number, what: Buffer) => Buffer.concat([into.subarray(0, at), what, into.subarray(at)])
const somewhere = (bytes: Buffer, { whole }: Random) => {
  const from = whole(bytes.length + 1)
  return [from, Math.min(bytes.length, from + 1 + whole(40))] as const
}

const CHANGES: readonly Change[] = [
  (bytes, random) => put(bytes, random.whole(bytes.length + 1), random.pick(TOKENS)),
  (bytes, random) => put(bytes, random.whole(bytes.length + 1), Buffer.from([random.pick(NOT_UTF8)])),
  (bytes, random) => {
    const changed = Buffer.from(bytes)
    if (changed.length > 0) changed[random.whole(changed.length)] = random.whole(256)
    return changed
  },
  (bytes, random) => {
    const [at, lie] = [random.whole(Math.min(bytes.length, HEADER_BYTES) + 1), random.pick(LIES)]
    return Buffer.concat([bytes.subarray(0, at), lie, bytes.subarray(at + lie.length)])
  },
  (bytes, random) => {
    const [from, to] = somewhere(bytes, random)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  (bytes, random) => {
    const [from, to] = somewhere(bytes, random)
    return put(bytes, random.whole(bytes.length + 1), bytes.subarray(from, to))
  },
  (bytes, random) => {
    const [from, to] = somewhere(bytes, random)
    const times = Array.from({ length: random.whole(60) }, () => bytes.subarray(from, to))
    return put(bytes, to, Buffer.concat(times))
  },
  (bytes, random) => bytes.subarray(0, random.whole(bytes.length + 1)),
  (bytes, random, others) => {
    const other = random.pick(others)
    return Buffer.concat([
      bytes.subarray(0, random.whole(bytes.length + 1)),
      other.subarray(random.whole(other.length + 1)),
    ])
  },
  (bytes, random) => {
    const lines = bytes.toString('latin1').split('\r\n')
    const [one, two] = [random.whole(lines.length), random.whole(lines.length)]
    const first = lines[one] ?? ''
    lines[one] = lines[two] ?? ''
    lines[two] = first
    return Buffer.from(lines.join('\r\n'), 'latin1')
  },
]

const MAX_BYTES = 20_000

export function mutate(bytes: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let changed = bytes
  for (let times = 1 + random.whole(6); times > 0; times--) changed = random.pick(CHANGES)(changed, random, others)
  return changed.subarray(0, MAX_BYTES)
}
