/** `/v1/queues`: each queue as it is now. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { pbxOfCall } from '../../base/ids.js'
import type { QueueView } from '../../events/queue.js'
import { isSameQueue } from '../../base/queue-map.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoBody, NoQuery, problems } from '../shapes.js'

const List = Type.Object({ queues: Type.Array(Type.Ref('Queue')) }, { description: 'The queues, as they are now' })

const PbxQuery = Type.Object({ pbx: pbxName }, { additionalProperties: false })

export function queueRoutes(api: Api, pbxs: Pbxs) {
  const queuesOf = ({ engine }: Pbx): Promise<QueueView[]> => engine.queues()

  api.get(
    '/v1/queues',
    {
      schema: {
        tags: ['queues'],
        summary: 'The queues: who waits, who is there to answer, and their numbers',
        querystring: NoQuery,
        response: { 200: List, ...problems(503) },
      },
    },
    async () => ({ queues: (await Promise.all([...pbxs.values()].map(queuesOf))).flat() }),
  )

  api.get(
    '/v1/queues/:id',
    {
      schema: {
        tags: ['queues'],
        summary: 'One queue',
        params: IdParams,
        querystring: NoQuery,
        response: {
          200: { description: 'The queue', content: { 'application/json': { schema: Type.Ref('Queue') } } },
          ...problems(404, 503),
        },
      },
    },
    async request => {
      const { id } = request.params
      const pbx = pbxs.get(pbxOfCall(id) ?? '')
      const queue = pbx && (await queuesOf(pbx)).find(q => isSameQueue(q.id, id))
      if (!queue) throw new Refusal('QUEUE_NOT_FOUND')
      return queue
    },
  )

  api.post(
    '/v1/queues/reload',
    {
      schema: {
        tags: ['queues'],
        summary: 'Have the PBX read its queues again',
        description: 'Their settings, not their members. Answers with the queues as the PBX has them then.',
        querystring: PbxQuery,
        body: NoBody,
        response: { 200: List, ...problems(404, 409, 503, 504) },
      },
    },
    async request => {
      const done = await pbxNamed(pbxs, request.query.pbx).engine.reloadQueues()
      if (!done.ok) throw new Refusal(done.error)
      return { queues: done.value }
    },
  )
}
