/** `/v1/call-backs`: callers who did not want to wait on the line. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { pbxOfCall } from '../../base/ids.js'
import { askerIn, by } from '../asker.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoQuery, problems } from '../shapes.js'

const closed = { additionalProperties: false }
const tags = ['follow-up']
const one = (description: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref('CallBack') } },
})

export function callBackRoutes(api: Api, pbxs: Pbxs) {
  const engineOf = (id: string) => {
    const pbx = pbxs.get(pbxOfCall(id) ?? '')
    if (!pbx) throw new Refusal('CALL_BACK_NOT_FOUND')
    return pbx.engine
  }

  api.get(
    '/v1/call-backs',
    {
      schema: {
        tags,
        summary: 'Callers who are to be called back, or were of late',
        querystring: Type.Object({ state: Type.Enum(['open', 'over'], { default: 'open' }), pbx: pbxName }, closed),
        response: {
          200: {
            description: 'In the order in which they asked for it; of those that are over, the last 1,000',
            content: {
              'application/json': { schema: Type.Object({ callBacks: Type.Array(Type.Ref('CallBack')) }, closed) },
            },
          },
          ...problems(404),
        },
      },
    },
    async request => {
      const { state, pbx } = request.query
      return { callBacks: await pbxNamed(pbxs, pbx).engine.callBacks.list(state === 'open') }
    },
  )

  api.get(
    '/v1/call-backs/:id',
    {
      schema: {
        tags,
        summary: 'One of them',
        params: IdParams,
        querystring: NoQuery,
        response: { 200: one('How far it is'), ...problems(404) },
      },
    },
    request => {
      const found = engineOf(request.params.id).callBacks.one(request.params.id)
      if (!found) throw new Refusal('CALL_BACK_NOT_FOUND')
      return found
    },
  )

  api.post(
    '/v1/call-backs/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Do not call them back',
        description: 'Takes the right `callers`. Refused once an agent has answered for them.',
        params: IdParams,
        querystring: NoQuery,
        body: Type.Union([Type.Null(), Type.Object({ by }, closed)]),
        response: { 200: one('It is cancelled'), ...problems(403, 404, 409, 422, 503) },
      },
    },
    async request => {
      const { id } = request.params
      const engine = engineOf(id)
      const done = await engine.callBacks.cancel(id, askerIn(request, request.body?.by, engine))
      if (!done.ok) throw new Refusal(done.error)
      return done.value
    },
  )
}
