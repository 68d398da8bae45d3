/** `/v1/areas/{number}` and `/v1/reports/areas`: where numbers are at home. */
import { Type } from 'typebox'
import type { EpochMs } from '../../base/ids.js'
import { AreaSchema } from '../../events/area.js'
import { AREAS_BY, areaTotals } from '../../reports/areas.js'
import { allCalls } from '../all-calls.js'
import { pbxName, pbxNamed } from '../pbx.js'
import { filtersIn } from '../filters.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { problems } from '../shapes.js'
import { spanOf } from '../span.js'
import { withPlus } from '../../numbers/text.js'

const closed = { additionalProperties: false }
const answer = <T extends Type.TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})
const Count = Type.Integer({ minimum: 0 })
const Query = Type.Object(
  {
    from: Type.String({ format: 'date-time', description: 'Of calls that began at this time or later' }),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'And before this one; now, if left out' })),
    by: Type.Enum([...AREAS_BY], { default: 'region' }),
    direction: Type.Optional(Type.Enum(['inbound', 'outbound'], { description: 'Both, if left out' })),
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
const Totals = Type.Object(
  {
    totals: Type.Array(
      Type.Object(
        {
          group: Type.String({ description: 'Empty where it is not known' }),
          country: Type.Optional(Type.String({ description: 'In which the region or the city is' })),
          calls: Count,
          answered: Count,
          talkedMs: Count,
        },
        closed,
      ),
      { description: 'The most calls first' },
    ),
  },
  closed,
)

export function areaRoutes(api: Api, pbxs: Pbxs, now: () => EpochMs) {
  api.get(
    '/v1/areas/:number',
    {
      schema: {
        tags: ['routing'],
        summary: 'Where a number is at home',
        description: 'By the library that the daemon brings, and your own data over it. What is not known is left out.',
        params: Type.Object({ number: Type.String({ minLength: 1, maxLength: 256, description: 'In any writing' }) }, closed),
        querystring: Type.Object({ pbx: pbxName }, closed),
        response: { 200: answer('As far as it is known', AreaSchema), ...problems(404) },
      },
    },
    request => pbxNamed(pbxs, request.query.pbx).engine.area(withPlus(request.params.number)),
  )

  api.get(
    '/v1/reports/areas',
    {
      schema: {
        tags: ['history'],
        summary: 'Calls with the outside, by where the other side is at home',
        querystring: Query,
        response: { 200: answer('Groups of which there are any', Totals), ...problems(404, 503) },
      },
    },
    async request => {
      const { pbx: name, by, direction, queue } = request.query
      const { pbx, filters } = await filtersIn(pbxs, name, { queue })
      const { from, until } = spanOf(request.query, now)
      const asked = { from, until, ...(direction && { direction }), ...filters }
      return { totals: areaTotals(await allCalls(pbx, asked), by, pbx.engine.area) }
    },
  )
} // prettier-ignore
