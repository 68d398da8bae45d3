/**
 * Every recorded session, as an engine tells it: each phone that rings with somebody from outside is offered the call once, while it
 * rings, with all that is known of it, however late the history answers and however the PBX's words come together.
 */
import t from 'tap'
import { createHearing } from '../../src/ami/hearing.js'
import { createParser } from '../../src/ami/parse.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { EngineParts } from '../../src/engine/parts.js'
import type { LogEntry } from '../../src/events/log.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { book, bookSite, framesOf, VERSIONS } from '../given/books.js'
import { anEngine } from '../given/engine.js'
import { brokenPops, type Popped } from '../given/pops.js'
import { factsIn, recordings } from '../given/recording.js'

const eventsIn = (log: readonly LogEntry[]): Popped[] =>
  log
    .filter(e => e.call !== undefined)
    .map(({ json }) => {
      const { type, data } = JSON.parse(json) as { type: string; data: Omit<Popped, 'type'> }
      return { type, ...data }
    })

const turns = async (count: number) => {
  for (let i = 0; i < count; i += 1) await Promise.resolve()
}
const atOnce = () => Promise.resolve([])

async function told(facts: readonly PbxFact[], parts: Partial<EngineParts>, oneByOne: boolean): Promise<Popped[]> {
  const late: (() => void)[] = []
  const callsWith = () => new Promise<[]>(resolve => late.push(() => resolve([])))
  const { engine, log, tell } = anEngine(undefined, { callsWith, ...parts })
  if (!oneByOne) tell([...facts])
  for (const fact of oneByOne ? facts : []) {
    tell([fact])
    if (parts.callsWith === atOnce) await turns(30)
  }
  for (const answer of late) answer()
  await engine.stop()
  return eventsIn(log)
}

type Tap = Pick<typeof t, 'strictSame'>

/** All together, and one by one: with a history that `answers` at once, or with one that is late. */
async function check(t: Tap, facts: readonly PbxFact[], parts: Partial<EngineParts>, answers: boolean) {
  t.strictSame(brokenPops(await told(facts, parts, false)), [], 'all together')
  const events = await told(facts, answers ? { ...parts, callsWith: atOnce } : parts, true)
  t.strictSame(brokenPops(events), [], answers ? 'with a history that answers' : 'one by one')
  return events.filter(e => e.type === 'call.offered')
}

t.test('the stories', async t => {
  const offered = []
  for (const [n, story] of recordings().entries())
    await t.test(story, async t => void offered.push(...(await check(t, factsIn(story), {}, n % 2 === 0))))
  t.ok(offered.length > 100, `${offered.length} are offered`)
})

for (const version of VERSIONS)
  t.test(`the load of mixed calls on Asterisk ${version}`, async t => {
    const [parser, hearing] = [createParser(), createHearing()]
    const frames = framesOf(book(version, 'events.ami')).flatMap(text => parser.push(Buffer.from(text, 'latin1')))
    const facts = frames.flatMap(frame => hearing(frame, 0 as EpochMs))
    await check(t, facts, { site: bookSite }, false)
    const offered = await check(t, facts, { site: bookSite }, true)
    t.ok(offered.length > 5, `${offered.length} are offered`)
  })
