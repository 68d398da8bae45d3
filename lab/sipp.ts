/**
 * The world outside, and load, played by SIPp: calls that come in over the trunk, the far end of calls that go out, and
 * any number of calls per second. The scenarios are lab/sipp/*.xml with {{places}}. Touches processes and loopback.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomToken, systemClock } from '../src/base/system.js'
import { HOSTS } from './asterisk.js'
import { CHECKOUT, fillTemplate } from './config-files.js'
import type { Program, Programs } from './programs.js'
import { freeTcp, freeUdp, isBoundUdp, LOOPBACK } from './ports.js'
import { inside } from './root.js'
import { parseStatistics, type Counts } from './sipp-statistics.js'
import { retry } from './wait.js'

type Address = Readonly<{ host: string; port: number }>

/** What SIPp needs of a lab: a whole one will do, and another process can ring the phones of one that runs. */
export type SippLab = Readonly<{
  dir: string
  root: string
  programs: Programs
  asterisk: Readonly<{ sip: Address; trunk: Address; load: Address }>
}>

export type SippCall = Readonly<{
  /** Resolves when all its calls are over. */
  done: Promise<Counts>
  pid: number
  /** Ends it at once, in the middle of its calls. */
  kill: () => Promise<void>
}>

type Scenario = Readonly<{
  file: 'caller' | 'caller-gives-up' | 'caller-hears' | 'answers' | 'refuses' | 'mix-caller' | 'mix-agent'
  places: Readonly<Record<string, string | number>>
  host: string
  port: number | 'any'
  args: readonly string[]
  /** What differs from call to call: one line each, its fields parted by semicolons, taken in their order. */
  data?: readonly string[]
}>

const START_TRIES = 5
const LISTENS_WITHIN_MS = 10_000

/** Resolves when it listens. Another process may have been faster with one of its ports: then it is started once more. */
export async function startSipp(lab: SippLab, { file, places, host, port, args, data }: Scenario): Promise<SippCall> {
  const folder = join(lab.dir, `sipp-${file}-${randomToken(4)}`)
  mkdirSync(folder)
  const scenario = join(folder, 'scenario.xml')
  writeFileSync(scenario, fillTemplate(readFileSync(join(CHECKOUT, 'lab/sipp', `${file}.xml`), 'utf8'), places))
  const { sip } = lab.asterisk
  const lines = join(folder, 'data.csv')
  if (data) writeFileSync(lines, ['SEQUENTIAL', ...data].join('\n') + '\n')
  for (let tries = 1; ; tries += 1) {
    const statistics = join(folder, `statistics-${tries}.csv`)
    const at = port === 'any' ? await freeUdp(0, host) : port
    const command = inside(lab.root, 'usr/bin/sipp', [
      ...['-sf', scenario, '-i', host, '-p', String(at), '-mi', host],
      ...['-ci', LOOPBACK, '-cp', String(await freeTcp()), '-nostdin', '-trace_stat', '-stf', statistics, '-fd', '1'],
      ...['-trace_err', '-error_file', join(folder, 'errors.txt')],
      ...[...(data ? ['-inf', lines] : []), ...args, `${sip.host}:${sip.port}`],
    ])
    const program = lab.programs.start('sipp', command, { TERM: 'dumb' })
    const done = program.ended.then(code => countsOf(statistics, code))
    if (await listens(program, at, host)) return { done, pid: program.pid, kill: () => killed(program) }
    // Of a short one, it may be that all is over.
    const made = await done.then(counts => counts.made, () => 0) // prettier-ignore
    if (made > 0) return { done, pid: program.pid, kill: () => killed(program) }
    if (tries === START_TRIES) throw new Error(`SIPp does not listen on ${host}:${at}: ${program.lastWords()}`)
  }
}

/** False when it has ended before that. */
async function listens(program: Program, port: number, host: string): Promise<boolean> {
  await retry(systemClock, `SIPp on ${host}:${port}`, LISTENS_WITHIN_MS, () =>
    Promise.resolve(!program.running() || isBoundUdp(program.pid, port, host) || undefined),
  )
  return program.running()
}

function countsOf(statistics: string, code: number | null): Counts {
  if (!existsSync(statistics)) throw new Error(`SIPp ended with ${code ?? 'a signal'} and counted nothing`)
  return parseStatistics(readFileSync(statistics, 'utf8'))
}

async function killed(program: Program): Promise<void> {
  program.kill()
  await program.ended
}

export type CallIn = Readonly<{
  from: string
  /** The provider names `from` to the PBX (P-Asserted-Identity), with the wish that nobody is shown it (Privacy: id). */
  isWithheld?: boolean
  /** As the outside dials it: 493012341001 rings 1001. */
  to: string
  /** After that the caller hangs up; the other side may be faster. */
  talkMs?: number
  /** Lets it ring so long and gives up. */
  giveUpAfterMs?: number
}>

const LONG_MS = 3_600_000

/** One call over the trunk. */
export const callIn = (lab: SippLab, call: CallIn) =>
  callers(lab, { ...call, outside: true, calls: 1, ratePerSecond: 10 })

export type FarEnd = Readonly<{
  ringMs?: number
  /** After that the far end hangs up; the caller may be faster. */
  talkMs?: number
  /** Never answers, but refuses with this, such as `486 Busy Here`. */
  refusal?: string
}>

/** Answers, or refuses, the calls that go out over the trunk, until it is killed. */
export const answerTrunk = (lab: SippLab, far: FarEnd = {}) => listen(lab, lab.asterisk.trunk, far)

/** The far end that never answers. */
export const ringTrunk = (lab: SippLab) => answerTrunk(lab, { ringMs: LONG_MS })

/** The phone of the load run, 1900, which takes any number of calls: it rings and does not answer. */
export const ringLoad = (lab: SippLab) => listen(lab, lab.asterisk.load, { ringMs: LONG_MS })

function listen(lab: SippLab, at: { host: string; port: number }, far: FarEnd): Promise<SippCall> {
  const { ringMs = 100, talkMs = LONG_MS, refusal } = far
  const file = refusal === undefined ? 'answers' : 'refuses'
  return startSipp(lab, { file, places: { ringMs, talkMs, refusal: refusal ?? '' }, ...at, args: [] })
}

export type Load = Readonly<{
  calls: number
  ratePerSecond: number
  /** No more than so many at a time; 1 makes one after another. */
  concurrent?: number
  talkMs: number
  from?: string
  to?: string
}>

/** Calls without phones: a SIPp in the phones' context calls 1900, which is another SIPp. Resolves when all are over. */
export async function load(lab: SippLab, load: Load): Promise<Counts> {
  const far = await answerLoad(lab, { ringMs: 20 })
  try {
    const caller = await callers(lab, { from: '1801', to: '1900', ...load })
    return await caller.done
  } finally {
    await far.kill()
  }
}

/** Takes the calls to 1900, as many as come, until it is killed. */
export const answerLoad = (lab: SippLab, far: FarEnd = {}) => listen(lab, lab.asterisk.load, far)

export type Callers = Readonly<{
  calls: number
  ratePerSecond: number
  concurrent?: number
  from: string
  to: string
  /** From outside, over the trunk; else as phones of the house. */
  outside?: boolean
  isWithheld?: boolean
  talkMs?: number
  /** Each lets it ring so long and gives up. */
  giveUpAfterMs?: number
  /** Where what they hear is sent. */
  hears?: Address
}>

const privacyOf = (from: string) => `\n      P-Asserted-Identity: <sip:${from}@[local_ip]>\n      Privacy: id`

/** Many who call, one after the other or at once. */
export async function callers(lab: SippLab, many: Callers): Promise<SippCall> {
  const { calls, ratePerSecond, concurrent, from, to, outside = false, talkMs = LONG_MS, giveUpAfterMs, hears } = many
  const shown = many.isWithheld ? { shown: 'anonymous', privacy: privacyOf(from) } : { shown: from, privacy: '' }
  const file = hears ? 'caller-hears' : giveUpAfterMs === undefined ? 'caller' : 'caller-gives-up'
  const heard = hears ? { hearHost: hears.host, hearPort: hears.port } : {}
  const places = { from, ...shown, to, talkMs, ringMs: giveUpAfterMs ?? 0, ...heard }
  const host = outside ? HOSTS.trunk : HOSTS.caller
  const limit = concurrent === undefined ? [] : ['-l', String(concurrent)]
  const args = ['-m', String(calls), '-r', String(ratePerSecond), ...limit]
  return startSipp(lab, { file, places, host, port: 'any', args })
}
