/** For those who run the daemon: is it alive, is it of use, and how much has it done. These need no key and name no caller. */
import { Type } from 'typebox'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'

const readiness = {
  ready: Type.Boolean(),
  redis: Type.Boolean(),
  pbxs: Type.Array(
    Type.Object({ name: Type.String(), ami: Type.String(), ari: Type.Optional(Type.String()), lag: Type.Integer() }),
  ),
}
const Ready = Type.Object(readiness, { description: 'Connected to all it needs' })
const NotReady = Type.Object(readiness, { description: 'Something is missing: what, the body says' })

export function healthRoutes(
  api: Api,
  pbxs: Pbxs,
  version: string,
  redisReady: () => boolean,
  metrics: () => Promise<string>,
) {
  const tags = ['operation']
  const open = { security: [] }

  api.get(
    '/healthz',
    {
      schema: {
        tags,
        ...open,
        summary: 'Is the process alive',
        response: { 200: Type.Object({ status: Type.String(), version: Type.String() }, { description: 'It is' }) },
      },
    },
    () => ({ status: 'alive', version }),
  )

  api.get(
    '/readyz',
    { schema: { tags, ...open, summary: 'Is it connected to all it needs', response: { 200: Ready, 503: NotReady } } },
    async (_, reply) => {
      const states = [...pbxs].map(([name, { engine }]) => ({ name, ...engine.status() }))
      const redis = redisReady() && !states.some(s => s.storeFailing)
      const ready = redis && states.every(s => s.link.state === 'ready' && (!s.ari || s.ari.state === 'ready'))
      const rows = states.map(s => ({
        name: s.name,
        ami: s.link.state,
        ...(s.ari && { ari: s.ari.state }),
        lag: s.lag,
      }))
      reply.code(ready ? 200 : 503)
      return { ready, redis, pbxs: rows }
    },
  )

  api.get(
    '/metrics',
    {
      schema: {
        tags,
        ...open,
        summary: 'Figures for Prometheus',
        response: { 200: Type.String({ description: 'The figures' }) },
      },
    },
    async (_, reply) =>
      reply
        .type('text/plain; version=0.0.4; charset=utf-8')
        .serializer(String)
        .send(await metrics()),
  )
}
