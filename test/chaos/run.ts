/**
 * A call load through the chaos proxies, with trouble that a seed decides; then everything heals, and what the daemon has is
 * compared with what Asterisk wrote down. Touches a lab of its own.
 */
import { sleep, type Clock } from '../../src/base/clock.js'
import type { EpochMs, PbxId } from '../../src/base/ids.js'
import type { ProfileName } from '../../lab/profiles.js'
import { mixedLoad } from '../../lab/mixed-load.js'
import { retry } from '../../lab/wait.js'
import { compareCalls, compareLive, USUAL, type Difference, type Gap } from '../../src/reconcile/compare.js'
import { compareDispositions } from '../../src/reconcile/dispositions.js'
import { aChaosExchange, booksOf, isReady, liveOf, recordsOf, type ChaosExchange } from '../given/chaos.js'
import type { Stream } from '../given/exchange.js'
import { planOf, type Step } from './plan.js'
import { createRandom } from './random.js'

export type ChaosRun = {
  seed: number
  seconds: number
  ratePerSecond?: number
  profile?: ProfileName
  say?: (line: string) => void
}

/** `event`: one that was told twice; `line`: one of the PBX's own that cannot be read. */
export type Finding = Omit<Difference, 'kind'> & { kind: Difference['kind'] | 'event' | 'line' }

export type ChaosResult = {
  seed: number
  minutes: number
  /** As many as Asterisk wrote down; `recorded` as many as we did. */
  calls: number
  recorded: number
  /** Records that say that part of them was inferred. */
  inferred: number
  /** Times that the link was taken up again. */
  gaps: number
  /** How often each kind of trouble was made, and what it did. */
  faults: Record<string, number>
  differences: Finding[]
  unexplained: number
}

const PBX = 'lab' as PbxId
const HEALS_WITHIN_MS = 60_000
/** A link may have been that far behind when it was given up: a ping late, and two more that were not answered. */
const SILENT_MS = 6_000

export async function runChaos({
  seed,
  seconds,
  ratePerSecond = 6,
  profile = 'plain',
  say = () => undefined,
}: ChaosRun): Promise<ChaosResult> {
  const undo: (() => unknown)[] = []
  const t = { teardown: (step: () => unknown) => void undo.push(step) }
  try {
    const exchange = await aChaosExchange(t, { seed, profile, beside: false })
    const stream = await exchange.tried.webSocket()
    const made: Record<string, number> = {}
    const load = mixedLoad(exchange.lab, { seconds, ratePerSecond })
    for (const step of planOf(createRandom(seed), seconds * 1_000)) {
      say(`${step.name} for ${step.lastsMs} ms`)
      made[step.name] = (made[step.name] ?? 0) + 1
      await trouble(exchange, step)
    }
    await load
    say('calm; everything heals')
    return await verdict(exchange, stream, { seed, minutes: seconds / 60, faults: { ...made, ...countsOf(exchange) } })
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

async function trouble({ lab, ami, redis }: ChaosExchange, step: Step) {
  const proxies = { ami, redis }
  await sleep(lab.clock, step.calmMs)
  if (step.kind === 'kill') {
    await lab.redis.kill()
    await sleep(lab.clock, step.lastsMs)
    return lab.redis.start()
  }
  const proxy = proxies[step.side]
  if (step.kind === 'reset') return again(lab.clock, step, () => proxy.reset())
  proxy.set(step.faults)
  await sleep(lab.clock, step.lastsMs)
  proxy.calm()
}

async function again(clock: Clock, { lastsMs, everyMs }: Step & { kind: 'reset' }, reset: () => void) {
  const until = clock.now() + lastsMs
  do {
    reset()
    await sleep(clock, Math.min(everyMs, Math.max(0, until - clock.now())))
  } while (clock.now() < until)
}

/** What was done to chunks, events and connections. */
function countsOf({ ami, redis }: ChaosExchange): Record<string, number> {
  const of = (side: string, counts: Record<string, number>) =>
    Object.entries(counts).flatMap(([what, n]) => (n > 0 ? [[`${side}.${what}`, n] as const] : []))
  return Object.fromEntries([...of('ami', ami.counts), ...of('redis', redis.counts)])
}

async function verdict(
  exchange: ChaosExchange,
  stream: Stream,
  what: Pick<ChaosResult, 'seed' | 'minutes' | 'faults'>,
): Promise<ChaosResult> {
  const { lab, tried } = exchange
  await retry(
    lab.clock,
    'the last channel to end',
    HEALS_WITHIN_MS,
    async () => (await channels(exchange)) === 0 || undefined,
  )
  await isReady(lab, tried)
  const live = await liveAfterHealing(exchange)
  const { theirs, cdr, bad } = booksOf(lab)
  const ours = await recordsAfterHealing(exchange, theirs.length)
  const gaps = gapsOf(stream)
  const differences: Finding[] = [
    ...compareLive(live, new Set()),
    ...compareCalls({ pbx: PBX, ours, theirs, gaps, ...USUAL }),
    ...compareDispositions(PBX, ours, cdr),
    ...told(stream),
    ...bad.map(({ line, why }) => ({ kind: 'line' as const, call: `line ${line}`, ours: why })),
  ]
  const inferred = ours.filter(call => call.inferred).length
  const unexplained = differences.filter(d => d.reason === undefined).length
  return { ...what, calls: theirs.length, recorded: ours.length, inferred, gaps: gaps.length, differences, unexplained }
}

async function channels({ lab }: ChaosExchange): Promise<number> {
  return Number(/^(\d+) active channel/m.exec(await lab.asterisk.cli('core show channels count'))?.[1] ?? NaN)
}

/** Whatever lives after a minute is a ghost. */
const liveAfterHealing = ({ lab, tried }: ChaosExchange) =>
  untilOr(
    lab.clock,
    HEALS_WITHIN_MS,
    () => liveOf(tried),
    live => live.length === 0,
  )

/** The last calls are recorded two seconds after their end. */
const recordsAfterHealing = ({ lab, tried }: ChaosExchange, atLeast: number) =>
  untilOr(
    lab.clock,
    10_000,
    () => recordsOf(tried),
    records => records.length >= atLeast,
  )

/** Asks until it is as wanted, or the time is over; gives the last answer. */
async function untilOr<T>(
  clock: Clock,
  withinMs: number,
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
): Promise<T> {
  const until = clock.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (wanted(answer) || clock.now() >= until) return answer
    await sleep(clock, 200)
  }
}

/** As told: from when until when nothing was heard. */
function gapsOf(stream: Stream): Gap[] {
  return stream.all
    .filter(event => event.type === 'pbx.resynced')
    .map(event => event.data.gap as { from: string; until: string })
    .map(({ from, until }) => ({
      from: (Date.parse(from) - SILENT_MS) as EpochMs,
      until: Date.parse(until) as EpochMs,
    }))
}

/** No event twice, and none but once a call where it comes once. */
function told(stream: Stream): Finding[] {
  const seen = new Set<string>()
  return stream.all.flatMap(({ id, type, subject }) => {
    const keys = type === 'call.recorded' ? [id, `${type} ${subject}`] : [id]
    const twice = keys.filter(key => seen.has(key))
    for (const key of keys) seen.add(key)
    return twice.map(key => ({ kind: 'event' as const, call: subject, ours: `${key} twice` }))
  })
}
