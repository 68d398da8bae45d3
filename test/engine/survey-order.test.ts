/** Facts of a call come late while its caller answers a survey: each answer is told once, whatever is told again. */
import t from 'tap'
import fc from 'fast-check'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { publishChanges } from '../../src/engine/publish.js'
import { createState } from '../../src/engine/state.js'
import type { LegFact, Surveyed } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { brokenPromises } from '../given/invariants.js'
import { heard } from '../given/recording.js'

const { ana, at, ben, site } = given

/** Of three questions, so many are answered. */
const answered = (count: number, over = false): LegFact => {
  const questions = ['a', 'b', 'c'].map((id, n) => ({
    id,
    times: 1,
    ...(n < count && { key: '5', answeredAt: at(10) }),
  }))
  const survey: Surveyed = { name: 'service', leg: ana, of: ben, startedAt: at(9), questions }
  return { type: 'survey.changed', at: at(10), leg: ana, survey: over ? { ...survey, endedAt: at(10), outcome: 'completed' } : survey } // prettier-ignore
}

/** As they happened, a millisecond after one another; the daemon's own have no stamp. */
const SURVEY = [answered(0), answered(1), answered(2), answered(3, true)]
const HAPPENED: LegFact[] = [...given.theyTalk(), given.leaves(8, ben), given.isGone(8, ben), ...SURVEY, given.isGone(11, ana)] // prettier-ignore
const STAMPED = HAPPENED.map((fact, n) =>
  fact.type === 'survey.changed' ? fact : { ...fact, atUs: 1_000_000 + 1_000 * n },
)

function told(facts: readonly LegFact[]) {
  const state = createState([])
  const applied = nothingApplied()
  for (const fact of facts) applyFact(site, state, fact, applied)
  publishChanges(state, applied)
  return heard(applied.events.filter(e => e.call !== undefined))
}

function broken(facts: readonly LegFact[]): string[] {
  const events = told(facts)
  const survey = events.at(-1)?.call.survey
  const count = (type: string) => events.filter(e => e.type === type).length
  const answers = survey?.questions.filter(({ key }) => key !== undefined).length ?? 0
  const isOver = events.findIndex(e => e.type === 'call.ended')
  const late = isOver >= 0 && events.slice(isOver).some(e => e.type === 'call.revised')
  return [
    ...brokenPromises(events),
    ...(late || count('survey.answered') === answers ? [] : [`${count('survey.answered')} told of ${answers}`]),
    ...(count('survey.started') > 1 || count('survey.ended') > 1 ? ['begun or ended twice'] : []),
  ]
}

/** Each of these comes so many places late. */
function lateBy(places: readonly number[]): LegFact[] {
  return STAMPED.map((fact, n) => ({ fact, place: n + (fact.type === 'survey.changed' ? 0 : (places[n] ?? 0) + 0.5) }))
    .sort((a, b) => a.place - b.place)
    .map(({ fact }) => fact)
}

t.test('in order', async t => {
  t.strictSame(broken(STAMPED), [])
  t.equal(told(STAMPED).filter(e => e.type === 'survey.answered').length, 3)
})

t.test('whichever come late', async () => {
  const lates = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: STAMPED.length })), { minLength: STAMPED.length, maxLength: STAMPED.length }) // prettier-ignore
  fc.assert(
    fc.property(lates, places => {
      const wrong = broken(lateBy(places))
      if (wrong.length > 0) throw new Error(wrong.join('; '))
    }),
    { numRuns: 500 },
  )
})
