/** For those who run the daemon: is it alive, is it of use, and how much has it done. These need no key and name no caller. */
import { Type } from 'typebox'
import { MISSING, missingOf, type Missing } from '../missing.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'

const MissingSchema = Type.Array(Type.Enum(Object.keys(MISSING) as Missing[]), {
  description: `What there is none of now. ${Object.entries(MISSING)
    .map(([what, text]) => `\`${what}\`: ${text}.`)
    .join(' ')}`,
})

const readiness = {
  ready: Type.Boolean({ description: 'Calls are followed, and commands are taken' }),
  status: Type.Enum(['ready', 'degraded', 'down'], {
    description:
      '`degraded`: calls, commands and live events go on, but Redis does not take what is written; `/v1/history` and old cursors may answer `STORE_DOWN`. `down`: a PBX is not connected',
  }),
  redis: Type.Boolean({ description: 'Redis is connected and takes what is written' }),
  missing: MissingSchema,
  pbxs: Type.Array(
    Type.Object({
      name: Type.String(),
      ami: Type.String(),
      ari: Type.Optional(Type.String()),
      store: Type.Enum(['redis', 'journal', 'memory'], {
        description:
          'Where events go: to Redis; to the journal on disk, until Redis takes them again; or, with no room there, to memory and the live streams only',
      }),
      lag: Type.Integer({ description: 'Events that Redis does not have yet' }),
      missing: MissingSchema,
    }),
  ),
}
const Ready = Type.Object(readiness, { description: 'It is of use, perhaps degraded' })
const NotReady = Type.Object(readiness, { description: 'A PBX is not connected' })

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
    {
      schema: {
        tags,
        ...open,
        summary: 'Is it of use: 200 also while it is degraded',
        response: { 200: Ready, 503: NotReady },
      },
    },
    async (_, reply) => {
      const states = [...pbxs].map(([name, { engine, store }]) => ({ name, ...engine.status(), store: store() }))
      const redis = redisReady() && states.every(s => s.store.state === 'redis' && !s.storeFailing)
      const ready = states.every(s => s.link.state === 'ready' && (!s.ari || s.ari.state === 'ready'))
      const status: 'ready' | 'degraded' | 'down' = !ready ? 'down' : redis ? 'ready' : 'degraded'
      const rows = states.map(s => ({
        name: s.name,
        ami: s.link.state,
        ...(s.ari && { ari: s.ari.state }),
        store: s.store.state,
        lag: s.lag + s.store.waiting,
        missing: missingOf({ ...s, connected: redisReady() }),
      }))
      const missing = [...new Set(rows.flatMap(row => row.missing))]
      reply.code(ready ? 200 : 503)
      return { ready, status, redis, missing, pbxs: rows }
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
