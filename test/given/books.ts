/**
 * A load of mixed calls as recorded from all sides (test/books, by lab/record-books.ts): what AMI told, which can be told in
 * other ways, and what Asterisk itself wrote down.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHearing } from '../../src/ami/hearing.js'
import { createParser } from '../../src/ami/parse.js'
import type { CallId, EpochMs } from '../../src/base/ids.js'
import { SETTLE_MS } from '../../src/calls/reduce.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { missedFacts } from '../../src/engine/resync.js'
import { createState } from '../../src/engine/state.js'
import type { CallView } from '../../src/events/call.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { callsOf } from '../../src/reconcile/calls.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { site } from './calls.js'

export const VERSIONS = ['16', '22'] as const
export const bookSite = { ...site, pbx: 'lab' as typeof site.pbx, extension: /^1\d{3}$/ }

const folder = join(import.meta.dirname, '../../../test/books')
export const book = (version: string, name: string) => readFileSync(join(folder, version, name), 'utf8')
export const theirs = (version: string) => callsOf(readCel(book(version, 'cel.csv')).rows)
export const theirCdr = (version: string) => readCdr(book(version, 'cdr.csv')).rows

const AUDIT_MS = 30_000
const FAR_FUTURE = 9e12 as EpochMs

/** One frame of AMI each, the greeting first. */
export function framesOf(text: string): string[] {
  const greeting = text.indexOf('\r\n') + 2
  return [text.slice(0, greeting), ...text.slice(greeting).split(/(?<=\r\n\r\n)/)]
}

/** What an engine makes of these frames. */
export function factsOfFrames(frames: readonly string[]): PbxFact[] {
  const [parser, hear] = [createParser(), createHearing()]
  return frames.flatMap(text => parser.push(Buffer.from(text, 'latin1'))).flatMap(frame => hear(frame, 0 as EpochMs))
}

/**
 * The events that are told of these frames, with the timers that go off between them; and half a minute later, when every
 * channel is gone, an audit.
 */
export function toldOf(frames: readonly string[]): { type: string; call: CallView }[] {
  const [parser, state, applied] = [createParser(), createState([]), nothingApplied()]
  const due: { call: CallId; at: number }[] = []
  const settle = (until: EpochMs) => {
    while (due[0] && due[0].at <= until)
      applyFact(
        bookSite,
        state,
        { type: 'timer.fired', at: until, call: due.shift()?.call as CallId, timer: 'settled' },
        applied,
      )
  }
  let last = 0 as EpochMs
  const hear = (fact: PbxFact) => {
    last = fact.at
    settle(fact.at)
    applyFact(bookSite, state, fact, applied)
    for (const { call, inMs } of applied.wakes.splice(0)) due.push({ call, at: fact.at + (inMs || SETTLE_MS) })
  }
  const facts = createHearing()
  for (const frame of frames.flatMap(text => parser.push(Buffer.from(text, 'latin1'))))
    facts(frame, 0 as EpochMs).forEach(hear)
  missedFacts(state.calls.values(), [], (last + AUDIT_MS) as EpochMs).forEach(hear)
  settle(FAR_FUTURE)
  return applied.events
    .map(event => JSON.parse(event.json) as { type: string; data: { call?: CallView } })
    .flatMap(({ type, data: { call } }) => (call ? [{ type, call }] : []))
}

/** The last that is told of each call, by its id. */
export const recordsOf = (frames: readonly string[]) => new Map(toldOf(frames).map(({ call }) => [call.id, call]))
