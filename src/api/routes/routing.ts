/** `/v1/routing`: where a call from outside would go, and the emergency switch. Policy is the engine's. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { EpochMs } from '../../base/ids.js'
import { EmergencySchema, RoutingSchema } from '../../events/routing.js'
import { askerIn, by } from '../asker.js'
import { plainIn } from '../number.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { NoQuery, problems } from '../shapes.js'

const closed = { additionalProperties: false }
const answer = <T extends Type.TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})
const OfPbx = Type.Object({ pbx: pbxName }, closed)
const tags = ['routing']

export function routingRoutes(api: Api, pbxs: Pbxs) {
  api.post(
    '/v1/routing/preview',
    {
      schema: {
        tags,
        summary: 'Where a call from outside would go, and why',
        description:
          'By the routes of the configuration, the emergency switch and the blacklist as they are now. Nobody is called.',
        body: Type.Object(
          {
            to: Type.String({ minLength: 1, maxLength: 256, description: 'The number that is called, in any writing' }),
            from: Type.String({
              maxLength: 200,
              default: '',
              description: 'The number that the caller shows, in any writing; none, if left out',
            }),
            at: Type.Optional(Type.String({ format: 'date-time', description: 'When; now, if left out' })),
            pbx: pbxName,
          },
          closed,
        ),
        querystring: NoQuery,
        response: { 200: answer('As it would be in `routing` of the call', RoutingSchema), ...problems(400, 404) },
      },
    },
    async request => {
      const { from, to, at, pbx } = request.body
      const { routing } = pbxNamed(pbxs, pbx).engine
      return routing.preview(from, plainIn(to), at === undefined ? undefined : (Date.parse(at) as EpochMs))
    },
  )

  api.get(
    '/v1/routing/emergency',
    {
      schema: {
        tags,
        summary: 'Whether the emergency switch is on',
        querystring: OfPbx,
        response: { 200: answer('As it is now', EmergencySchema), ...problems(404) },
      },
    },
    request => pbxNamed(pbxs, request.query.pbx).engine.routing.emergency(),
  )

  api.put(
    '/v1/routing/emergency',
    {
      schema: {
        tags,
        summary: 'Switch to where calls go in an emergency, and back',
        description: 'For calls that come from now on. Takes the right `route`.',
        body: Type.Object({ on: Type.Boolean(), by, pbx: pbxName }, closed),
        querystring: NoQuery,
        response: { 200: answer('As it is now', EmergencySchema), ...problems(403, 404, 422, 503) },
      },
    },
    async request => {
      const { on, by: staff, pbx } = request.body
      const { engine } = pbxNamed(pbxs, pbx)
      const done = await engine.routing.setEmergency(on, askerIn(request, staff, engine))
      if (!done.ok) throw new Refusal(done.error)
      return done.value
    },
  )
}
