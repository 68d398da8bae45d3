/** `/v1/numbers`: what would become of a number. Policy is the engine's. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { askerIn, by } from '../asker.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { NoQuery, problems } from '../shapes.js'

const ExplainBody = Type.Object(
  {
    number: Type.String({ minLength: 1, maxLength: 64, description: 'As people write it' }),
    from: Type.Optional(Type.String({ minLength: 1, maxLength: 32, description: 'The extension that would dial it' })),
    by,
    pbx: pbxName,
  },
  { additionalProperties: false },
)

export function numberRoutes(api: Api, pbxs: Pbxs) {
  api.post(
    '/v1/numbers/explain',
    {
      schema: {
        tags: ['calls'],
        summary: 'What would be dialled, and why, or why not',
        description:
          'By the rules of the configuration (`dialling`), and the rights of `by`, or of the agent who has signed in at `from`. Nothing is dialled.',
        body: ExplainBody,
        querystring: NoQuery,
        response: {
          200: {
            description: 'What is known of the number',
            content: { 'application/json': { schema: Type.Ref('Number') } },
          },
          ...problems(404, 422),
        },
      },
    },
    async request => {
      const { number, from, by, pbx } = request.body
      const { engine } = pbxNamed(pbxs, pbx)
      const done = await engine.explain(number, from, askerIn(request, by, engine))
      if (!done.ok) throw new Refusal(done.error)
      return done.value
    },
  )
}
