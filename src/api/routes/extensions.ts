/** `/v1/extensions`: what each phone does and did today. `/v1/alarms`: what is wrong with queues. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { pbxOfCall } from '../../base/ids.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoQuery, problems } from '../shapes.js'

export function extensionRoutes(api: Api, pbxs: Pbxs) {
  api.get(
    '/v1/extensions',
    {
      schema: {
        tags: ['agents'],
        summary: 'The extensions: phone, agent, and today’s calls',
        querystring: NoQuery,
        response: {
          200: Type.Object(
            { extensions: Type.Array(Type.Ref('Extension')) },
            { description: 'Those of which anything is known' },
          ),
          ...problems(503),
        },
      },
    },
    async () => ({ extensions: (await Promise.all([...pbxs.values()].map(p => p.engine.extensions.list()))).flat() }),
  )

  api.get(
    '/v1/extensions/:id',
    {
      schema: {
        tags: ['agents'],
        summary: 'One extension',
        params: IdParams,
        querystring: NoQuery,
        response: {
          200: { description: 'The extension', content: { 'application/json': { schema: Type.Ref('Extension') } } },
          ...problems(404, 503),
        },
      },
    },
    async request => {
      const { id } = request.params
      const found = (await pbxs.get(pbxOfCall(id) ?? '')?.engine.extensions.list())?.find(e => e.id === id)
      if (!found) throw new Refusal('EXTENSION_NOT_FOUND')
      return found
    },
  )

  api.get(
    '/v1/alarms',
    {
      schema: {
        tags: ['queues'],
        summary: 'The alarms that are up',
        querystring: NoQuery,
        response: {
          200: Type.Object(
            { alarms: Type.Array(Type.Ref('Alarm')) },
            { description: 'By the thresholds of workgroups' },
          ),
          ...problems(503),
        },
      },
    },
    async () => ({ alarms: (await Promise.all([...pbxs.values()].map(p => p.engine.alarms()))).flat() }),
  )
}
