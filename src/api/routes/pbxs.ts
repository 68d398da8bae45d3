/** `/v1/pbxs`: the links to each PBX, how they are, and when they were last away. */
import { Type } from 'typebox'
import type { EngineStatus } from '../../engine/engine.js'
import { iso } from '../../events/event.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { LinkStateSchema, NoQuery, problems } from '../shapes.js'

const Session = Type.Object({
  open: Type.Boolean({ description: 'Logged in, and not ended' }),
  pingMs: Type.Optional(Type.Integer({ description: 'How long the last answer to a ping took' })),
})

const Link = Type.Object({
  state: LinkStateSchema,
  since: Type.String({ format: 'date-time', description: 'Since when it is in this state' }),
  reconnects: Type.Integer({ description: 'How often it was ready again, since the daemon was started' }),
  sessions: Type.Record(Type.String(), Session, {
    description: 'AMI has one for `events` and one for `actions`, ARI one for `events`',
  }),
  version: Type.Optional(Type.String({ description: 'That of the PBX, once known' })),
  lastError: Type.Optional(Type.String({ description: 'Why it is not ready' })),
})

const Pbx = Type.Object({
  name: Type.String(),
  ami: Link,
  ari: Type.Optional(Link),
  liveCalls: Type.Integer(),
  lastGap: Type.Optional(
    Type.Object(
      { from: Type.String({ format: 'date-time' }), until: Type.String({ format: 'date-time' }) },
      { description: 'The last time that nothing was heard of the PBX; calls were compared with it at the end' },
    ),
  ),
})

export function pbxRoutes(api: Api, pbxs: Pbxs) {
  api.get(
    '/v1/pbxs',
    {
      schema: {
        tags: ['operation'],
        summary: 'The links to each PBX',
        querystring: NoQuery,
        response: { 200: Type.Object({ pbxs: Type.Array(Pbx) }, { description: 'As they are now' }), ...problems() },
      },
    },
    () => ({
      pbxs: [...pbxs].map(([name, { engine }]) => {
        const { link, ari, liveCalls, lastGap } = engine.status()
        return { name, ami: linkOf(link), ...(ari && { ari: linkOf(ari) }), liveCalls, ...(lastGap && { lastGap }) }
      }),
    }),
  )
}

const linkOf = ({ since, ...status }: EngineStatus['link']) => ({ ...status, since: iso(since) })
