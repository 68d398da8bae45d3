/**
 * The reducers alone: facts a second, and the memory of a call, with a hundred, a thousand and ten thousand calls going on at
 * once. Neither may depend on how many there are. In process, without sockets and Redis; the facts are of recorded bytes.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createHearing } from '../src/ami/hearing.js'
import { createParser } from '../src/ami/parse.js'
import type { EpochMs, PbxId } from '../src/base/ids.js'
import { elapsedMs } from '../src/base/system.js'
import type { Site } from '../src/calls/site.js'
import { applyFact, nothingApplied } from '../src/engine/apply.js'
import { publishChanges } from '../src/engine/publish.js'
import { createState, MOST_PAST, type PbxState } from '../src/engine/state.js'
import type { PbxFact } from '../src/pbx/facts.js'
import { readRecorded } from './recorded.js'
import { median, type Bench, type Measured, type Wanted } from './report.js'

const ROUNDS = 7
const AT_ONCE = [100, 1_000, 10_000] as const
/** That many calls begin and as many end, each time one of each, while the others go on. */
const TURNS = 4_000
const SETTLED_MS = 2_000

const site: Site = {
  pbx: 'lab' as PbxId,
  trunks: new Set(['trunk']),
  extension: /^1\d{3}$/,
  extensionOf: new Map(),
  country: 'DE',
  agents: { missesUntilNotReady: 3, phoneGoneMs: 5_000, wrapUpMs: 0, outboundWrapUpMs: 0, readyAtSignIn: true },
  counting: { serviceLevelMs: 20_000, timeZone: 'UTC' },
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function usedBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

const { answered, call } = readRecorded()

/** The facts of a call until both talk, and those from then on. */
function factsOf(n: number): { first: PbxFact[]; last: PbxFact[] } {
  const read = (text: string) => {
    const [parser, hear] = [createParser(), createHearing()]
    parser.push(Buffer.from('Asterisk Call Manager/11.0.0\r\n'))
    return parser.push(Buffer.from(text, 'latin1')).flatMap(frame => hear(frame, 0 as EpochMs))
  }
  const first = read(answered(n))
  return { first, last: read(call(n)).slice(first.length) }
}

/** What a daemon does with each, but for writing it down; calls that are over are recorded at once. */
function tell(state: PbxState, facts: readonly PbxFact[]) {
  const applied = nothingApplied()
  for (const fact of facts) applyFact(site, state, fact, applied)
  publishChanges(state, applied)
  for (const { call, timer } of applied.wakes) {
    const at = ((facts.at(-1)?.at ?? 0) + SETTLED_MS) as EpochMs
    applyFact(site, state, { type: 'timer.fired', at, call, timer }, applied)
  }
  return applied.events.length
}

type Figures = { factsPerS: number; kbACall: number }

/** Whatever the engine keeps of calls that are over is full before anything is measured. */
function measure(atOnce: number, first: number): Figures {
  const state = createState([])
  const over = (from: number, calls: number) => {
    for (let n = from; n < from + calls; n++) {
      const facts = factsOf(n)
      tell(state, [...facts.first, ...facts.last])
    }
  }
  over(first, MOST_PAST / 2)
  const before = usedBytes()
  const begun = first + MOST_PAST
  const facts = Array.from({ length: atOnce + TURNS }, (_, n) => factsOf(begun + n))
  const holding = usedBytes()
  for (let n = 0; n < atOnce; n++) tell(state, facts[n]?.first ?? [])
  const kbACall = (usedBytes() - holding) / 1_024 / atOnce
  let told = 0
  const from = elapsedMs()
  for (let n = 0; n < TURNS; n++) {
    const [begins, ends] = [facts[atOnce + n]?.first ?? [], facts[n]?.last ?? []]
    tell(state, begins)
    tell(state, ends)
    told += begins.length + ends.length
  }
  const factsPerS = (told / (elapsedMs() - from)) * 1_000
  if (state.calls.size !== atOnce) throw new Error(`${state.calls.size} calls go on, not ${atOnce}`)
  if (holding < before) throw new Error('the facts took no memory: it was measured wrongly')
  return { factsPerS, kbACall }
}

function reduce({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const found = new Map<number, Figures[]>(AT_ONCE.map(atOnce => [atOnce, []]))
  let first = 0
  // One more, of which nothing is kept: what runs all day is compiled by then.
  for (let round = 0; round <= rounds; round++) {
    for (const atOnce of AT_ONCE) {
      const figures = measure(atOnce, (first += 100_000))
      if (round > 0) found.get(atOnce)?.push(figures)
      say(
        `round ${round}, ${atOnce} calls at once: ${Math.round(figures.factsPerS)} facts/s, ${figures.kbACall.toFixed(2)} KB a call`,
      )
    }
  }
  const of = (atOnce: number, key: keyof Figures) => (found.get(atOnce) ?? []).map(figures => figures[key])
  const [few, some, many] = AT_ONCE
  const over = (key: keyof Figures, a: number, b: number) =>
    median(of(a, key).map((value, i) => value / (of(b, key)[i] ?? NaN)))
  return Promise.resolve({
    name: 'reduce',
    rounds,
    values: Object.fromEntries(
      [some, many].flatMap(n => [
        [`facts/s, ${n} calls at once`, of(n, 'factsPerS')],
        [`KB a call, ${n} at once`, of(n, 'kbACall')],
      ]),
    ),
    baselines: {
      [`facts/s, ${few} calls at once`]: of(few, 'factsPerS'),
      [`KB a call, ${few} at once`]: of(few, 'kbACall'),
    },
    ratios: {
      [`time a fact, ${some} calls / ${few}`]: over('factsPerS', few, some),
      [`time a fact, ${many} calls / ${few}`]: over('factsPerS', few, many),
      [`memory a call, ${some} calls / ${few}`]: over('kbACall', some, few),
      [`memory a call, ${many} calls / ${few}`]: over('kbACall', many, few),
    },
  })
}

export const reduceBench: Bench = {
  about: 'the reducers with 100 to 10,000 calls at once: time and memory',
  run: reduce,
}
