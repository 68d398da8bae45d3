/** `/v1/missed` and `/v1/unreached`: who is to be called back, and who was called and did not answer. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { pbxOfCall } from '../../base/ids.js'
import { FOLLOW_UP_KINDS, FOLLOW_UP_STATES } from '../../events/follow-up.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoQuery, problems } from '../shapes.js'

const Query = Type.Object(
  {
    state: Type.Enum([...FOLLOW_UP_STATES], { default: 'open' }),
    pbx: pbxName,
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    after: Type.Optional(Type.String({ maxLength: 400, description: 'The cursor `next` of the page before' })),
  },
  { additionalProperties: false },
)

const Page = Type.Object(
  {
    items: Type.Array(Type.Ref('FollowUp')),
    next: Type.Optional(Type.String({ description: 'There may be more: ask again with `after=` this' })),
  },
  { description: 'A page of items' },
)

const Done = Type.Object({ state: Type.Literal('done') }, { additionalProperties: false })

const itemAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref('FollowUp') } },
})

const WHAT = {
  missed: 'Callers whom nobody has answered',
  unreached: 'Numbers outside that did not answer',
} as const

export function followUpRoutes(api: Api, pbxs: Pbxs) {
  for (const kind of FOLLOW_UP_KINDS) {
    const tags = ['follow-up']
    api.get(
      `/v1/${kind}`,
      {
        schema: {
          tags,
          summary: WHAT[kind],
          description:
            'One item for each number, the latest attempt first. It is done when somebody has talked with them.',
          querystring: Query,
          response: { 200: Page, ...problems(404, 503) },
        },
      },
      request => {
        const { pbx: name, ...query } = request.query
        return pbxNamed(pbxs, name).history.items({ kind, ...query })
      },
    )

    api.get(
      `/v1/${kind}/:id`,
      {
        schema: {
          tags,
          summary: 'One item',
          params: IdParams,
          querystring: NoQuery,
          response: { 200: itemAnswer('The item'), ...problems(404, 503) },
        },
      },
      async request => {
        const item = await pbxs.get(pbxOfCall(request.params.id) ?? '')?.history.item(kind, request.params.id)
        if (!item) throw new Refusal('ITEM_NOT_FOUND')
        return item
      },
    )

    api.patch(
      `/v1/${kind}/:id`,
      {
        schema: {
          tags,
          summary: 'Nothing is to be done any more',
          params: IdParams,
          querystring: NoQuery,
          body: Done,
          response: { 200: itemAnswer('The item, which is done'), ...problems(404, 503) },
        },
      },
      async request => {
        const { id } = request.params
        const done = await pbxs.get(pbxOfCall(id) ?? '')?.engine.followedUp(kind, id)
        if (!done?.ok) throw new Refusal(done?.error ?? 'ITEM_NOT_FOUND')
        return done.value
      },
    )
  }
}
