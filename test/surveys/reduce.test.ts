/** The survey as a conversation: each thing a caller may do at each point of it, and that it always comes to an end. */
import fc from 'fast-check'
import t from 'tap'
import type { EpochMs, LegId } from '../../src/base/ids.js'
import type { Surveyed } from '../../src/pbx/facts.js'
import {
  beginSurvey,
  commented,
  keptQuiet,
  keyPressed,
  resumeSurvey,
  type Move,
  type Survey,
} from '../../src/surveys/reduce.js'

const at = (s: number) => (s * 1_000) as EpochMs
const answers = { '1': { meaning: 'bad', score: 1 }, '5': { meaning: 'good' } }
const two: Survey = {
  name: 'service',
  questions: [
    { id: 'rating', ask: ['rate'], answers, retries: 1, waitMs: 5_000 },
    { id: 'again', ask: ['would-you', 'come-again'], answers, retries: 0, waitMs: 3_000 },
  ],
  wrong: ['wrong'],
  thanks: ['thanks'],
}
const spoken: Survey = { ...two, comment: { ask: ['speak'], maxMs: 60_000, silenceMs: 3_000 } }
const sent: Surveyed = { name: 'service', leg: '1.1' as LegId, questions: [] }
const begun = (survey = two) => beginSurvey(survey, sent, at(1)).next
const must = (move: Move | undefined): Move => {
  if (!move) throw new Error('nothing is asked')
  return move
}
const press = (was: Surveyed, key: string, s: number, survey = two) => must(keyPressed(survey, was, key, at(s)))

t.test('it begins with the first question', async t => {
  t.strictSame(beginSurvey(two, sent, at(1)), {
    next: { ...sent, startedAt: at(1), questions: [{ id: 'rating', times: 1 }] },
    say: ['rate'],
    then: { wait: 'key', ms: 5_000 },
  })
})

t.test('each answer is kept with what it means, and when; then it is over', async t => {
  const first = press(begun(), '1', 2)
  t.strictSame(first.next.questions, [
    { id: 'rating', times: 1, key: '1', meaning: 'bad', score: 1, answeredAt: at(2) },
    { id: 'again', times: 1 },
  ])
  t.strictSame([first.say, first.then], [['would-you', 'come-again'], { wait: 'key', ms: 3_000 }])
  const last = press(first.next, '5', 4)
  t.strictSame(last.next.questions[1], { id: 'again', times: 1, key: '5', meaning: 'good', answeredAt: at(4) })
  t.match(last, { say: ['thanks'], then: { wait: 'end' }, next: { outcome: 'completed', endedAt: at(4) } })
  t.equal(keyPressed(two, last.next, '1', at(5)), undefined, 'nothing is asked any more')
  t.equal(keptQuiet(two, last.next, at(5)), undefined)
})

t.test('a key that means nothing, and none: it is asked again, and then no more', async t => {
  const wrong = press(begun(), '9', 2)
  t.strictSame([wrong.say, wrong.next.questions], [['wrong', 'rate'], [{ id: 'rating', times: 2 }]])
  t.match(press(wrong.next, '8', 3), { say: ['thanks'], next: { outcome: 'not-answered' }, then: { wait: 'end' } })
  const quiet = must(keptQuiet(two, begun(), at(6)))
  t.strictSame([quiet.say, quiet.next.questions], [['rate'], [{ id: 'rating', times: 2 }]])
  t.match(keptQuiet(two, quiet.next, at(9)), { say: ['thanks'], next: { outcome: 'not-answered', endedAt: at(9) } })
  const half = press(begun(), '5', 2).next
  t.match(keptQuiet(two, half, at(6)), { say: ['thanks'], next: { outcome: 'partly' }, then: { wait: 'end' } })
  for (const key of ['toString', '__proto__', '']) t.strictSame(press(begun(), key, 2).say, ['wrong', 'rate'])
})

t.test('with a comment, they speak after the last answer; who has not answered all is not asked for one', async t => {
  const asked = press(press(begun(spoken), '1', 2, spoken).next, '1', 3, spoken)
  t.match(asked, { say: ['speak'], then: { wait: 'voice' } })
  t.equal(asked.next.outcome, undefined)
  t.match(commented(spoken, asked.next, 'survey-1', at(9)), {
    ...{ say: ['thanks'], then: { wait: 'end' } },
    next: { comment: 'survey-1', outcome: 'completed', endedAt: at(9) },
  })
  const silent = commented(spoken, asked.next, undefined, at(9)).next
  t.strictSame([silent.comment, silent.outcome], [undefined, 'completed'])
  t.strictSame(keptQuiet(spoken, press(begun(spoken), '1', 2, spoken).next, at(9))?.say, ['thanks'])
})

t.test('it goes on where it was', async t => {
  t.strictSame(resumeSurvey(two, sent, at(1)), beginSurvey(two, sent, at(1)), 'at the beginning')
  const half = press(begun(), '5', 2).next
  t.strictSame(resumeSurvey(two, half, at(5)), { next: half, say: ['would-you', 'come-again'], then: { wait: 'key', ms: 3_000 } }) // prettier-ignore
  const all = press(press(begun(spoken), '1', 2, spoken).next, '1', 3, spoken).next
  t.match(resumeSurvey(spoken, all, at(5)), { say: ['speak'], then: { wait: 'voice' } })
})

t.test('whatever is pressed, it ends, and what was told stays', async () => {
  const step = fc.oneof(fc.constantFrom('1', '5', '9', '#', 'quiet', 'resume', 'voice'))
  fc.assert(
    fc.property(fc.constantFrom(two, spoken), fc.array(step, { minLength: 12, maxLength: 40 }), (survey, steps) => {
      let move = beginSurvey(survey, sent, at(0))
      let ended: Surveyed | undefined
      steps.forEach((what, i) => {
        const { next: was, then } = move
        const now = at(i + 1)
        if (then.wait === 'end') ended ??= was
        const next =
          what === 'voice'
            ? then.wait === 'voice'
              ? commented(survey, was, 'v', now)
              : undefined
            : what === 'resume'
              ? was.outcome === undefined
                ? resumeSurvey(survey, was, now)
                : undefined
              : what === 'quiet'
                ? keptQuiet(survey, was, now)
                : keyPressed(survey, was, what, now)
        if (!next) return
        if (ended) throw new Error('it went on after its end')
        if (next.next.questions.length < was.questions.length) throw new Error('a question was forgotten')
        if (was.questions.some((q, n) => q.key !== undefined && next.next.questions[n]?.key !== q.key))
          throw new Error('an answer was changed')
        if (next.next.questions.some((q, n) => q.times > (survey.questions[n]?.retries ?? 0) + 1))
          throw new Error('asked too often')
        if ((next.then.wait === 'end') !== (next.next.outcome !== undefined)) throw new Error('over, and not over')
        move = next
      })
    }),
    { numRuns: 500 },
  )
})
