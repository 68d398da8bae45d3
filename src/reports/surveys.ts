/** What surveys came to, added up from the calls that have one: by day, agent, queue, or all together. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import { iso } from '../events/event.js'
import type { SurveyView } from '../events/survey.js'
import { bordersOf } from './activity.js'

export const SURVEYS_BY = ['day', 'agent', 'queue', 'all'] as const
export type SurveysBy = (typeof SURVEYS_BY)[number]
type Outcome = NonNullable<SurveyView['outcome']>

/** `scored`: of those that were answered, how many have a score; `average` is theirs. */
export type QuestionTotals = {
  id: string
  asked: number
  answered: number
  scored: number
  average?: number
  answers: { key: string; meaning: string; count: number }[]
}
/** `group`: when the day begins, the agent (their phone, where the queue has no name), the queue; empty where that is not known. */
export type SurveyTotals = {
  group: string
  surveys: number
  outcomes: Partial<Record<Outcome, number>>
  questions: QuestionTotals[]
}

type Asked = { from: EpochMs; to: EpochMs; by: SurveysBy; timeZone: string }
type Sum = QuestionTotals & { sum: number }
type Group = { surveys: number; outcomes: Partial<Record<Outcome, number>>; questions: Map<string, Sum> }

/** Calls by their start; each is in one group. */
export function surveyTotals(calls: Iterable<CallView>, asked: Asked): SurveyTotals[] {
  const groups = new Map<string, Group>()
  const groupOf = grouping(asked)
  for (const { survey, startedAt } of calls) {
    if (!survey?.outcome) continue
    const name = groupOf(survey, Date.parse(startedAt))
    const group = groups.get(name) ?? { surveys: 0, outcomes: {}, questions: new Map<string, Sum>() }
    groups.set(name, group)
    group.surveys += 1
    group.outcomes[survey.outcome] = (group.outcomes[survey.outcome] ?? 0) + 1
    for (const question of survey.questions) count(group.questions, question)
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, { questions, ...totals }]) => ({
      group,
      ...totals,
      questions: [...questions.values()].map(averaged),
    }))
}

function count(into: Map<string, Sum>, { id, key, meaning = '', score }: SurveyView['questions'][number]) {
  const totals = into.get(id) ?? { id, asked: 0, answered: 0, scored: 0, answers: [], sum: 0 }
  into.set(id, totals)
  totals.asked += 1
  if (key === undefined) return
  totals.answered += 1
  if (score !== undefined) {
    totals.scored += 1
    totals.sum += score
  }
  const answer = totals.answers.find(a => a.key === key && a.meaning === meaning)
  if (answer) answer.count += 1
  else totals.answers.push({ key, meaning, count: 1 })
}

const averaged = ({ sum, answers, ...totals }: Sum): QuestionTotals => ({
  ...totals,
  ...(totals.scored > 0 && { average: Math.round((sum / totals.scored) * 1_000) / 1_000 }),
  answers: [...answers].sort((a, b) => (a.key < b.key ? -1 : 1)),
})

function grouping({ from, to, by, timeZone }: Asked): (survey: SurveyView, startedAt: number) => string {
  if (by === 'agent') return ({ agent, extension }) => agent ?? extension ?? ''
  if (by === 'queue') return ({ queue }) => queue ?? ''
  if (by === 'all') return () => ''
  const borders = bordersOf(from, to, 'day', timeZone)
  return (_, startedAt) => iso((borders.findLast(border => border <= startedAt) ?? from) as EpochMs)
}
