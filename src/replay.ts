/**
 * `aladdin replay`: what was recorded of a PBX, through the same reducers as ever, gives the same calls. A recording is the
 * text of an AMI session, or the answer of `GET /v1/calls/{id}/trace`. Touches the file it reads, and nothing else.
 */
import { readFileSync } from 'node:fs'
import { factOf } from './ami/normalise.js'
import { createParser } from './ami/parse.js'
import type { EpochMs } from './base/ids.js'
import { SETTLE_MS } from './calls/reduce.js'
import type { Site } from './calls/site.js'
import { applyFact, nothingApplied, type Wake } from './engine/apply.js'
import { publishChanges } from './engine/publish.js'
import { createState } from './engine/state.js'
import type { CallView } from './events/call.js'
import { decodeCall, encodeCall } from './history/codec.js'
import type { Fact } from './pbx/facts.js'

const GREETING = 'Asterisk '

/** Throws, with a line for people, where the file is neither. */
export function factsOf(bytes: Buffer): Fact[] {
  if (bytes[0] === '{'.charCodeAt(0)) return traced(bytes.toString())
  // A recording may begin after the greeting.
  const greeted = bytes.subarray(0, GREETING.length).toString() === GREETING
  const stream = greeted ? bytes : Buffer.concat([Buffer.from(`${GREETING}Call Manager/0\r\n`), bytes])
  const facts = createParser()
    .push(stream)
    .flatMap(frame => factOf(frame, 0 as EpochMs) ?? [])
  if (facts.length === 0) throw new Error('neither the text of an AMI session nor the trace of a call')
  return facts
}

function traced(text: string): Fact[] {
  const { facts } = JSON.parse(text) as { facts?: unknown }
  const isFact = (fact: unknown): fact is Fact =>
    typeof fact === 'object' && fact !== null && 'type' in fact && 'at' in fact && typeof fact.at === 'number'
  if (!Array.isArray(facts) || !facts.every(isFact)) throw new Error('the file has no list of facts')
  return facts
}

/** The calls as the history would have them, in the order in which they were recorded; a revised one comes again. */
export function* replay(site: Site, facts: readonly Fact[]): Generator<CallView> {
  const state = createState([])
  let due: { at: number; wake: Wake }[] = []

  function* see(fact: Fact): Generator<CallView> {
    const applied = nothingApplied()
    applyFact(site, state, fact, applied)
    publishChanges(state, applied)
    for (const wake of applied.wakes) due.push({ at: fact.at + wake.inMs, wake })
    for (const { type, json } of applied.events) {
      if (type !== 'call.recorded' && type !== 'call.revised') continue
      const { data } = JSON.parse(json) as { data: { call: CallView } }
      yield decodeCall(encodeCall(data.call))
    }
  }

  function* timersUntil(time: number): Generator<CallView> {
    const fired = due.filter(({ at }) => at <= time)
    due = due.filter(({ at }) => at > time)
    for (const { at, wake } of fired)
      yield* see({ type: 'timer.fired', at: at as EpochMs, call: wake.call, timer: wake.timer })
  }

  for (const fact of facts) {
    // The daemon's own timers, where the trace has them, are not needed: they go off here, too.
    if (fact.type === 'timer.fired') continue
    yield* timersUntil(fact.at)
    yield* see(fact)
  }
  yield* timersUntil((facts.at(-1)?.at ?? 0) + SETTLE_MS)
  yield* timersUntil(Infinity)
}

export function printReplay(site: Site, file: string, print: (line: string) => void) {
  for (const call of replay(site, factsOf(readFileSync(file)))) print(`${JSON.stringify(call)}\n`)
}
