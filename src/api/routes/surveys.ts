/** `/v1/reports/surveys`: what callers have answered, added up. */
import { Type } from 'typebox'
import type { EpochMs } from '../../base/ids.js'
import { surveyTotals, SURVEYS_BY } from '../../reports/surveys.js'
import { pbxName } from '../pbx.js'
import { filtersIn } from '../filters.js'
import { allCalls } from '../all-calls.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { problems } from '../shapes.js'
import { spanOf } from '../span.js'

const closed = { additionalProperties: false }

const Query = Type.Object(
  {
    survey: Type.String({ minLength: 1, maxLength: 32, description: 'Its name in the configuration' }),
    from: Type.String({ format: 'date-time', description: 'Of calls that began at this time or later' }),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'And before this one; now, if left out' })),
    by: Type.Enum([...SURVEYS_BY], { default: 'day', description: 'Days are those of the time zone of the PBX' }),
    queue: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 161,
        description:
          'Of calls that were in this queue, or that routing brought to an agent of it: `sales`, or `hq:sales`',
      }),
    ),
    pbx: pbxName,
  },
  closed,
)
const Count = Type.Integer({ minimum: 0 })
const Totals = Type.Object(
  {
    totals: Type.Array(
      Type.Object(
        {
          group: Type.String({
            description: 'When the day begins; the agent, or their phone; the queue; empty where that is not known',
          }),
          surveys: Type.Integer({ minimum: 1, description: 'How many were made, or were to be' }),
          outcomes: Type.Record(Type.String(), Count, { description: 'What came of them; together `surveys`' }),
          questions: Type.Array(
            Type.Object(
              {
                id: Type.String(),
                asked: Count,
                answered: Count,
                scored: Type.Integer({ minimum: 0, description: 'Answers that have a score' }),
                average: Type.Optional(Type.Number({ description: 'Of those' })),
                answers: Type.Array(Type.Object({ key: Type.String(), meaning: Type.String(), count: Count }, closed)),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
  },
  { description: 'Groups of which there are any' },
)

export function surveyRoutes(api: Api, pbxs: Pbxs, now: () => EpochMs) {
  api.get(
    '/v1/reports/surveys',
    {
      schema: {
        tags: ['history'],
        summary: 'What callers have answered after their calls, added up',
        description: 'The calls themselves: `GET /v1/history?survey=`.',
        querystring: Query,
        response: { 200: Totals, ...problems(404, 503) },
      },
    },
    async request => {
      const { pbx: name, by, survey, queue } = request.query
      const { pbx, filters } = await filtersIn(pbxs, name, { queue })
      const { from, until } = spanOf(request.query, now)
      const calls = await allCalls(pbx, { survey, from, until, ...filters })
      return { totals: surveyTotals(calls, { from, to: until, by, timeZone: pbx.timeZone }) }
    },
  )
}
