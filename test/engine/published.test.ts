/** A load of calls, as the events came together by chance: what is published of each call is the call. */
import t from 'tap'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { publishChanges } from '../../src/engine/publish.js'
import { createState } from '../../src/engine/state.js'
import { createRandom } from '../chaos/random.js'
import { book, bookSite, factsOfFrames, framesOf, VERSIONS } from '../given/books.js'
import { brokenPromises, brokenPublished } from '../given/invariants.js'
import { heard, type Heard } from '../given/recording.js'
import type { Fact } from '../../src/pbx/facts.js'

/** What is told of these, of which so many come together; each time it is looked whether all calls are published as they are. */
function toldOf(facts: readonly Fact[], together: () => number): { events: Heard[]; broken: string[] } {
  const state = createState([])
  const newest = new Map<string, string>()
  const [events, broken]: [Heard[], string[]] = [[], []]
  for (let from = 0; from < facts.length;) {
    const applied = nothingApplied()
    const size = together()
    for (const fact of facts.slice(from, (from += size))) applyFact(bookSite, state, fact, applied)
    publishChanges(state, applied)
    const told = heard(applied.events.filter(e => e.call !== undefined))
    for (const { call } of told) newest.set(call.id, JSON.stringify(call))
    events.push(...told)
    broken.push(...brokenPublished(state, newest))
  }
  return { events, broken }
}

for (const version of VERSIONS)
  t.test(`on Asterisk ${version}`, async t => {
    const facts = factsOfFrames(framesOf(book(version, 'events.ami')))
    const random = createRandom(7)
    for (const most of [1, 3, 20]) {
      const { events, broken } = toldOf(facts, () => random.between(1, most))
      t.strictSame(broken.slice(0, 1), [], `up to ${most} together`)
      t.strictSame(brokenPromises(events), [])
    }
    const all = toldOf(facts, () => facts.length).events
    t.notOk(
      all.some(e => e.type === 'call.changed'),
      'what came together with an event of its own is in that',
    )
  })
