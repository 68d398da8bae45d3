/** What a call shows of its survey: how it ends with the caller, who was to be asked and was not, and of which share that is. */
import t from 'tap'
import { automaticSurvey, shareOf } from '../../src/calls/survey.js'
import { viewCall } from '../../src/calls/view.js'
import type { Call } from '../../src/calls/state.js'
import type { LegFact, Surveyed } from '../../src/pbx/facts.js'
import type { CallId } from '../../src/base/ids.js'
import * as given from '../given/calls.js'

const { ana, ben, at } = given
const begun: Surveyed = {
  name: 'service',
  leg: ana,
  of: ben,
  startedAt: at(9),
  questions: [{ id: 'rating', times: 1 }],
}
const changed = (s: number, survey?: Surveyed, leg = ana): LegFact => ({ type: 'survey.changed', at: at(s), leg, ...(survey && { survey }) }) // prettier-ignore
const benGoes = given.isGone(8, ben)
const seen = (facts: LegFact[]) => {
  const { call, events } = given.tell([...given.theyTalk(), ...facts])
  if (!call) throw new Error('no call')
  return { view: viewCall(call), types: events.map(e => e.type), call }
}

t.test('it is a part of the call, with whom it is about, and told as it goes on', async t => {
  const answered = { ...begun, questions: [{ id: 'rating', times: 1, key: '5', meaning: 'good', answeredAt: at(10) }] }
  const over: Surveyed = { ...answered, endedAt: at(10), outcome: 'completed' }
  const { view, types } = seen([benGoes, changed(9, begun), changed(10, answered), changed(10, over)])
  t.match(view.survey, { name: 'service', leg: ana, extension: '1002', outcome: 'completed' })
  t.strictSame(types.slice(-3), ['survey.started', 'survey.answered', 'survey.ended'])
  t.match(view.segments.at(-1), { kind: 'survey', name: 'service', legs: [ana] })
})

t.test(
  'each answer is told, the last one too, which ends the survey in the same moment; and so is the comment',
  async t => {
    const asked = (...keys: (string | undefined)[]): Surveyed['questions'] =>
      keys.map((key, n) => ({ id: `q${n}`, times: 1, ...(key !== undefined && { key, answeredAt: at(10 + n) }) }))
    const one: Surveyed = { ...begun, questions: asked('5', undefined) }
    const two: Surveyed = { ...begun, questions: asked('5', '1'), endedAt: at(12), outcome: 'completed' }
    const answers = ['survey.started', 'survey.answered', 'survey.answered', 'survey.ended']
    t.strictSame(seen([benGoes, changed(9, begun), changed(10, one), changed(12, two)]).types.slice(-4), answers)
    const { types, call } = seen([benGoes, changed(9, begun), changed(12, two)])
    t.strictSame(types.slice(-4), answers, 'two that are told of at once are two')
    t.equal(call.revision, types.length, 'each is a revision')
    const spoken: Surveyed = { ...two, comment: 'survey-1' }
    const said = [changed(9, begun), changed(10, { ...one, questions: asked('5', '1') }), changed(12, spoken)]
    t.strictSame(seen([benGoes, ...said]).types.slice(-5), [
      'survey.started',
      ...answers.slice(1, 3),
      ...answers.slice(2),
    ])
    const quiet: Surveyed = { ...one, endedAt: at(12), outcome: 'partly' }
    const left = seen([benGoes, changed(9, begun), changed(10, one), changed(12, quiet)])
    t.strictSame(left.types.slice(-3), ['survey.started', 'survey.answered', 'survey.ended'])
  },
)

t.test('the caller hangs up; or the PBX lets them go because nobody asks any more', async t => {
  const asked = [benGoes, changed(9, begun)]
  const hungUp: LegFact = { type: 'hangup.asked', at: at(11), leg: ana, by: 'far-side' }
  const end = given.isGone(11, ana)
  t.match(seen([...asked, hungUp, end]).view.survey, { outcome: 'hung-up', endedAt: new Date(at(11)).toISOString() })
  t.match(seen([...asked, end]).view.survey, { outcome: 'not-answered' })
  const half = { ...begun, questions: [{ id: 'rating', times: 1, key: '5' }, { id: 'again', times: 1 }] } // prettier-ignore
  t.match(seen([...asked, changed(10, half), end]).view.survey, { outcome: 'partly' })
  t.strictSame(seen([...asked, hungUp, end]).types.slice(-2), ['survey.ended', 'call.ended'])
})

t.test('a command that the PBX has not taken leaves nothing', async t => {
  t.equal(seen([changed(6, { ...begun, questions: [] }), changed(7)]).view.survey, undefined)
})

t.test('it is about legs of this call, and asks one that is there', async t => {
  const other = given.leg('9.9')
  t.equal(seen([changed(6, { ...begun, leg: other })]).view.survey, undefined)
  t.equal(seen([changed(6, { ...begun, of: other })]).view.survey, undefined)
  t.equal(seen([benGoes, changed(9, { ...begun, leg: ben }, ben)]).view.survey, undefined)
})

t.test('of calls with an agent of the queue, the share that is to be asked', async t => {
  const site = { ...given.site, surveyAfter: new Map([['sales', { name: 'service', share: 0.25 }]]) }
  const { call } = seen([])
  const visit = { queue: 'sales', leg: ana, joinedAt: at(1), outcome: 'answered', answeredBy: ben } as const
  const of = (id: string, queues: Call['queues'] = [visit]) =>
    automaticSurvey(site, { ...call, id: id as CallId, queues })
  const ids = Array.from({ length: 20_000 }, (_, i) => `hq:17000${String(i).padStart(5, '0')}.${i % 7}`)
  const asked = ids.filter(id => of(id))
  t.ok(Math.abs(asked.length / ids.length - 0.25) < 0.02, `${asked.length} of ${ids.length}`)
  t.strictSame(of(asked[0] ?? ''), { name: 'service', leg: ana, of: ben, automatic: true, questions: [] })
  t.equal(of(asked[0] ?? '', [{ ...visit, queue: 'other' }]), undefined, 'another queue')
  t.equal(of(asked[0] ?? '', [{ ...visit, outcome: 'abandoned' }]), undefined, 'nobody has answered')
  t.ok(ids.every(id => shareOf(id) >= 0 && shareOf(id) < 1))
})
