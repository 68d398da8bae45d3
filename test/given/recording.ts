/** What was recorded of a real Asterisk (test/facts), as facts and as what is told of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { factOf } from '../../src/ami/normalise.js'
import { createParser } from '../../src/ami/parse.js'
import type { EpochMs } from '../../src/base/ids.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { createState, type PbxState } from '../../src/engine/state.js'
import type { CallView } from '../../src/events/call.js'
import type { Fact, PbxFact } from '../../src/pbx/facts.js'
import { site } from './calls.js'

const folder = join(import.meta.dirname, '../../../test/facts')
const now = 1_700_000_000_000 as EpochMs

export const recordings = (): string[] =>
  readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter(file => file.endsWith('.ami'))
    .map(file => file.slice(0, -'.ami'.length))
    .sort()

/** Some were recorded with the greeting and some without. */
export function factsIn(story: string): PbxFact[] {
  const bytes = readFileSync(join(folder, `${story}.ami`))
  const greeted = bytes.subarray(0, 9).toString() === 'Asterisk '
  const stream = greeted ? bytes : Buffer.concat([Buffer.from('Asterisk Call Manager/0\r\n'), bytes])
  return createParser()
    .push(stream)
    .flatMap(frame => factOf(frame, now) ?? [])
}

export type Heard = { type: string; call: CallView; leg?: string }

/** Tells facts to an engine's state; what it tells the world comes back. */
export function tellAll(facts: readonly Fact[], state: PbxState = createState([])): Heard[] {
  const applied = nothingApplied()
  for (const fact of facts) applyFact(site, state, fact, applied)
  return heard(applied.events)
}

export const heard = (events: readonly { json: string }[]): Heard[] =>
  events.map(({ json }) => {
    const { type, data } = JSON.parse(json) as { type: string; data: Omit<Heard, 'type'> }
    return { type, ...data }
  })

/** The last of each call, in the order in which they began. */
export const lastOfEach = (events: readonly Heard[]): CallView[] => [
  ...new Map(events.map(({ call }) => [call.id, call])).values(),
]

/** What is told of a recorded story, and the calls that the history has of it; a call that has become part of another is in that. */
export function told(story: string): { types: string[]; calls: CallView[] } {
  const events = tellAll(factsIn(story))
  return { types: events.map(e => e.type), calls: lastOfEach(events).filter(call => call.mergedInto === undefined) }
}
