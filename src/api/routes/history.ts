/** `/v1/history`: the calls that are over. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { DIRECTIONS, OUTCOMES } from '../../events/call.js'
import { ORDERS } from '../../events/history.js'
import { pbxOfCall, type EpochMs } from '../../base/ids.js'
import { filtersIn } from '../filters.js'
import { numberIn } from '../number.js'
import { pbxName } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { callAnswer, IdParams, NoQuery, problems } from '../shapes.js'

const text = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description })

const Query = Type.Object(
  {
    from: Type.Optional(Type.String({ format: 'date-time', description: 'Calls that began at this time or later' })),
    until: Type.Optional(Type.String({ format: 'date-time', description: 'Calls that began before this time' })),
    extension: Type.Optional(text(80, 'Calls in which this extension took part: `1001`, or its id such as `hq:1001`')),
    number: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          'Calls from or to this number, in any writing, of people outside and inside; or of callers who show exactly this text, such as `alice`',
      }),
    ),
    agent: Type.Optional(
      text(
        80,
        'Calls in which the agent of this staff id took part, however they came to their phone: `8001`, or `hq:8001`',
      ),
    ),
    member: Type.Optional(text(64, 'Calls for which a queue rang the member of this name')),
    queue: Type.Optional(
      text(161, 'Calls that were in this queue, or that routing brought to an agent of it: `sales`, or `hq:sales`'),
    ),
    direction: Type.Optional(Type.Enum([...DIRECTIONS])),
    outcome: Type.Optional(Type.Enum([...OUTCOMES])),
    tag: Type.Optional(text(64, 'Calls that have this tag')),
    wrapUp: Type.Optional(text(16, 'Calls for which an agent has given this wrap-up code')),
    survey: Type.Optional(text(32, 'Calls after which this survey was made, or was to be')),
    order: Type.Optional(Type.Enum([...ORDERS], { description: 'By the start of the calls; `newest` if left out' })),
    pbx: pbxName,
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    after: Type.Optional(Type.String({ maxLength: 400, description: 'The cursor `next` of the page before' })),
  },
  { additionalProperties: false },
)

const Found = Type.Object(
  {
    calls: Type.Array(Type.Ref('Call')),
    next: Type.Optional(Type.String({ description: 'There may be more: ask again with `after=` this' })),
  },
  { description: 'A page of calls' },
)

export function historyRoutes(api: Api, pbxs: Pbxs) {
  api.get(
    '/v1/history',
    {
      schema: {
        tags: ['history'],
        summary: 'Ended calls, newest or oldest first',
        description: 'A call is found when all that is asked for is so.',
        querystring: Query,
        response: { 200: Found, ...problems(400, 404, 503) },
      },
    },
    async request => {
      const { pbx: name, from, until, number, agent, extension, queue, ...query } = request.query
      const { pbx, filters } = await filtersIn(pbxs, name, { agent, extension, queue })
      return pbx.history.search({
        ...query,
        ...filters,
        ...(number === undefined ? {} : { number: numberIn(number) }),
        ...(from === undefined ? {} : { from: Date.parse(from) as EpochMs }),
        ...(until === undefined ? {} : { until: Date.parse(until) as EpochMs }),
      })
    },
  )

  api.get(
    '/v1/history/:id',
    {
      schema: {
        tags: ['history'],
        summary: 'One ended call',
        params: IdParams,
        querystring: NoQuery,
        response: { 200: callAnswer('The call'), ...problems(404, 503) },
      },
    },
    async request => {
      const { id } = request.params
      const record = await pbxs.get(pbxOfCall(id) ?? '')?.history.record(id)
      if (!record) throw new Refusal('CALL_NOT_FOUND')
      return record
    },
  )
}
