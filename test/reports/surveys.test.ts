/** Surveys added up: each is in one group, and the parts are the whole. */
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import type { SurveyView } from '../../src/events/survey.js'
import { surveyTotals } from '../../src/reports/surveys.js'

const call = (startedAt: string, survey?: Partial<SurveyView>) =>
  ({ startedAt, ...(survey && { survey: { name: 's', leg: '1.1', questions: [], ...survey } }) }) as unknown as CallView
const rated = (key: string, score?: number) => ({ id: 'rating', times: 1, key, meaning: `as ${key}`, ...(score !== undefined && { score }) }) // prettier-ignore
const [from, to] = [Date.parse('2026-11-01T00:00:00Z') as EpochMs, Date.parse('2026-11-04T00:00:00Z') as EpochMs]
const asked = (by: 'day' | 'agent' | 'queue' | 'all', timeZone = 'UTC') => ({ from, to, by, timeZone })

const calls = [
  call('2026-11-01T22:30:00.000Z', { agent: 'Ana', queue: 'sales', outcome: 'completed', questions: [rated('5', 5)] }),
  call('2026-11-01T23:30:00.000Z', { agent: 'Ben', queue: 'sales', outcome: 'completed', questions: [rated('1', 1)] }),
  call('2026-11-02T10:00:00.000Z', { extension: '1003', outcome: 'hung-up', questions: [{ id: 'rating', times: 2 }] }),
  call('2026-11-02T11:00:00.000Z', { agent: 'Ana', queue: 'sales', outcome: 'not-offered' }),
  call('2026-11-02T12:00:00.000Z', { agent: 'Ana', queue: 'desk', outcome: 'partly', questions: [rated('*'), { id: 'again', times: 1 }] }), // prettier-ignore
  call('2026-11-02T13:00:00.000Z'),
  call('2026-11-02T14:00:00.000Z', { agent: 'Ana' }),
]

t.test('all together', async t => {
  t.strictSame(surveyTotals(calls, asked('all')), [
    {
      group: '',
      surveys: 5,
      outcomes: { completed: 2, 'hung-up': 1, 'not-offered': 1, partly: 1 },
      questions: [
        {
          ...{ id: 'rating', asked: 4, answered: 3, scored: 2, average: 3 },
          answers: [
            { key: '*', meaning: 'as *', count: 1 },
            { key: '1', meaning: 'as 1', count: 1 },
            { key: '5', meaning: 'as 5', count: 1 },
          ],
        },
        { id: 'again', asked: 1, answered: 0, scored: 0, answers: [] },
      ],
    },
  ])
  t.strictSame(surveyTotals([], asked('all')), [])
})

t.test('by agent or their phone, by queue, by day of the time zone', async t => {
  const sizes = (by: 'day' | 'agent' | 'queue', timeZone?: string) =>
    surveyTotals(calls, asked(by, timeZone)).map(({ group, surveys }) => [group, surveys])
  t.strictSame(sizes('agent'), [['1003', 1], ['Ana', 3], ['Ben', 1]]) // prettier-ignore
  t.strictSame(sizes('queue'), [['', 1], ['desk', 1], ['sales', 3]]) // prettier-ignore
  t.strictSame(sizes('day'), [['2026-11-01T00:00:00.000Z', 2], ['2026-11-02T00:00:00.000Z', 3]]) // prettier-ignore
  t.strictSame(sizes('day', 'Europe/Berlin'), [['2026-11-01T00:00:00.000Z', 1], ['2026-11-01T23:00:00.000Z', 4]]) // prettier-ignore
})
