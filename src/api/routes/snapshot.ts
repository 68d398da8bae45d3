/** `/v1/snapshot`: everything there is now, with the cursor from which the stream goes on: nothing missed, nothing twice. */
import { Type } from 'typebox'
import type { EngineStatus } from '../../engine/engine.js'
import { cursorOf } from '../stream/cursor.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { LinkStateSchema, NoQuery, problems } from '../shapes.js'

const Link = Type.Object({
  state: LinkStateSchema,
  version: Type.Optional(Type.String()),
  lastError: Type.Optional(Type.String()),
})

const Snapshot = Type.Object(
  {
    cursor: Type.String({ description: 'Open the stream with `after=` this: it tells all that happened since' }),
    pbxs: Type.Array(Type.Object({ name: Type.String(), ami: Link, ari: Type.Optional(Link) })),
    calls: Type.Array(Type.Ref('Call')),
    queues: Type.Array(Type.Ref('Queue')),
    agents: Type.Array(Type.Ref('Agent')),
    alarms: Type.Array(Type.Ref('Alarm'), { description: 'Those that are up' }),
  },
  { description: 'What there is now' },
)

export function snapshotRoutes(api: Api, pbxs: Pbxs) {
  api.get(
    '/v1/snapshot',
    {
      schema: {
        tags: ['calls'],
        summary: 'All there is now, and the cursor to go on from',
        querystring: NoQuery,
        response: { 200: Snapshot, ...problems(503) },
      },
    },
    async () => {
      const snapshots = await Promise.all(
        [...pbxs].map(async ([name, { engine }]) => ({ name, status: engine.status(), ...(await engine.snapshot()) })),
      )
      return {
        cursor: cursorOf(new Map(snapshots.map(s => [s.name, s.position]))),
        pbxs: snapshots.map(({ name, status }) => ({
          name,
          ami: linkOf(status.link),
          ...(status.ari && { ari: linkOf(status.ari) }),
        })),
        calls: snapshots.flatMap(s => s.calls),
        queues: snapshots.flatMap(s => s.queues),
        agents: snapshots.flatMap(s => s.agents),
        alarms: snapshots.flatMap(s => s.alarms),
      }
    },
  )
}

const linkOf = ({ state, version, lastError }: EngineStatus['link']) => ({
  state,
  ...(version === undefined ? {} : { version }),
  ...(lastError === undefined ? {} : { lastError }),
})
