/** `/v1/ivr`: the menus, as they are now, read anew, and drawn; and how callers went through them. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { EpochMs } from '../../base/ids.js'
import { drawMenu } from '../../ivr/check.js'
import { nodeTotals } from '../../reports/ivr.js'
import { allCalls } from '../all-calls.js'
import { askerIn, by } from '../asker.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import { sendProblem } from '../problem.js'
import type { Api } from '../server.js'
import { NoQuery, problems } from '../shapes.js'
import { spanOf } from '../span.js'

const closed = { additionalProperties: false }
const tags = ['routing']
const Count = Type.Integer({ minimum: 0 })
const Counts = Type.Record(Type.String(), Count)
const Menus = Type.Object({ menus: Type.Array(Type.String(), { description: 'By the names of their files' }) }, closed)
const answer = <T extends Type.TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})

export function ivrRoutes(api: Api, pbxs: Pbxs, now: () => EpochMs) {
  api.get(
    '/v1/ivr',
    {
      schema: {
        tags,
        summary: 'The menus that there are',
        querystring: Type.Object({ pbx: pbxName }, closed),
        response: { 200: answer('As they are now', Menus), ...problems(404) },
      },
    },
    request => ({ menus: [...pbxNamed(pbxs, request.query.pbx).engine.menus.all().keys()] }),
  )

  api.get(
    '/v1/ivr/:menu/diagram',
    {
      schema: {
        tags,
        summary: 'A menu as a diagram',
        description: 'In the language of Mermaid.',
        params: Type.Object({ menu: Type.String({ minLength: 1, maxLength: 64 }) }, closed),
        querystring: Type.Object({ pbx: pbxName }, closed),
        response: {
          200: { description: 'A flowchart', content: { 'text/plain': { schema: Type.String() } } },
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      const menu = pbxNamed(pbxs, request.query.pbx).engine.menus.all().get(request.params.menu)
      if (!menu) throw new Refusal('ENTRY_NOT_FOUND')
      return reply.type('text/plain; charset=utf-8').send(drawMenu(menu))
    },
  )

  api.post(
    '/v1/ivr/reload',
    {
      schema: {
        tags,
        summary: 'Read the files of the menus anew',
        description:
          'For callers who come from then on; whoever is in a menu stays in the one that was there when they came. Where one file is not sound, all stay as they are, and `detail` says what is wrong. Takes the right `route`.',
        body: Type.Union([Type.Null(), Type.Object({ by, pbx: pbxName }, closed)]),
        querystring: NoQuery,
        response: { 200: answer('As they are now', Menus), ...problems(403, 404, 422) },
      },
    },
    (request, reply) => {
      const { by: staff, pbx } = request.body ?? {}
      const { engine } = pbxNamed(pbxs, pbx)
      const done = engine.menus.reload(askerIn(request, staff, engine))
      if (!done.ok) return sendProblem(reply, done.error.code, done.error.wrong?.join('; ')) as never
      return { menus: [...done.value.keys()] }
    },
  )

  api.get(
    '/v1/reports/ivr',
    {
      schema: {
        tags: ['history'],
        summary: 'How callers went through the menus, node by node',
        querystring: Type.Object(
          {
            from: Type.String({ format: 'date-time', description: 'Of calls that began at this time or later' }),
            until: Type.Optional(Type.String({ format: 'date-time', description: 'And before this one; now, if left out' })),
            ivr: Type.Optional(Type.String({ maxLength: 64, description: 'This menu alone' })),
            pbx: pbxName,
          },
          closed,
        ),
        response: {
          200: answer(
            'Nodes that anybody came to',
            Type.Object(
              {
                nodes: Type.Array(
                  Type.Object(
                    {
                      ivr: Type.String(),
                      node: Type.String(),
                      visits: Count,
                      calls: Type.Integer({ minimum: 0, description: 'In how many calls' }),
                      hungUp: Type.Integer({ minimum: 0, description: 'How many have hung up there' }),
                      results: Counts,
                      keys: Counts,
                    },
                    closed,
                  ),
                ),
              },
              closed,
            ),
          ),
          ...problems(404, 503),
        },
      },
    },
    async request => {
      const { pbx: name, ivr } = request.query
      const { from, until } = spanOf(request.query, now)
      const calls = await allCalls(pbxNamed(pbxs, name), { from, until, direction: 'inbound' })
      return { nodes: nodeTotals(calls, ivr) }
    },
  )
} // prettier-ignore
