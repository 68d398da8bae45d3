/** `/v1/events`: the event stream, over WebSocket where the client upgrades, else over server-sent events. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { Type, type Static } from 'typebox'
import type { Clock } from '../../base/clock.js'
import { Refusal } from '../../base/errors.js'
import { EVENTS } from '../../events/event.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { cursorOf, positionsOf, type Positions } from '../stream/cursor.js'
import { matcherOf, type Matches } from '../stream/filter.js'
import { beginAt, follow, type Sink } from '../stream/follow.js'
import { everyMs, sseSink, webSocketSink } from '../stream/sinks.js'

const HEARTBEAT_MS = 25_000

const Query = Type.Object(
  {
    after: Type.Optional(
      Type.String({
        maxLength: 4_000,
        description: 'A cursor: go on right after it. Without one, only what happens from now on',
      }),
    ),
    types: Type.Optional(
      Type.String({ maxLength: 1_000, description: 'Event types, separated by commas; `call.*` for all of a kind' }),
    ),
    extension: Type.Optional(
      Type.String({
        maxLength: 1_000,
        description: 'Only calls of these extensions (`1001`, or `hq:1001`), separated by commas',
      }),
    ),
    call: Type.Optional(Type.String({ maxLength: 2_000, description: 'Only these calls, separated by commas' })),
  },
  { additionalProperties: false },
)

/** An id without data is no event, but from then on it is the last one that an `EventSource` has had. */
const sseId = (comment: string, cursor: string) => `: ${comment}\nid: ${cursor}\n\n`

type Begun = { begin: Positions; matches: Matches }

const described = Object.entries(EVENTS)
  .map(([type, text]) => `- \`${type}\`: ${text}`)
  .join('\n')

const description = `Events as they happen, in their order, without a gap and without anything twice. Over WebSocket each frame is one
event; over server-sent events the same text is the \`data\`, and \`id\` is the cursor, so \`EventSource\` resumes by itself
(\`Last-Event-ID\`, which counts before \`after\`). An \`id\` without data comes first, and every ${HEARTBEAT_MS / 1_000} seconds. After a disconnect, ask for \`after=\` the last cursor you have. Every event is a CloudEvent and carries the whole call, or whatever it is about.

${described}

A client that does not keep up is closed (WebSocket code 4008); a daemon that stops closes with 1001; in both cases resume from the cursor.
A browser, which cannot set a header here, opens the WebSocket with the subprotocols \`aladdin\` and \`bearer.KEY\`.`

/** An `EventSource` connects again with the address that it began with: how far it has come since then counts. */
function lastEventOf({ headers }: FastifyRequest): string | undefined {
  const last = headers['last-event-id']
  return typeof last === 'string' && last !== '' ? last : undefined
}

export type Streams = { open: Set<Sink>; most: number; changed: (open: number) => void }

export function eventRoutes(api: Api, pbxs: Pbxs, clock: Clock, streams: Streams) {
  const begun = new WeakMap<FastifyRequest, Begun>()

  /** Everything that can be refused is refused here, before the upgrade, as an ordinary problem. */
  async function prepare(request: FastifyRequest) {
    const query = request.query as Static<typeof Query>
    const matches = matcherOf(query, pbxs)
    const after = lastEventOf(request) ?? query.after
    if (streams.open.size >= streams.most) throw new Refusal('TOO_MANY_STREAMS')
    const positions = after ? positionsOf(after) : undefined
    begun.set(request, { begin: await beginAt(pbxs, positions), matches })
  }

  function run(
    request: FastifyRequest,
    sink: Sink,
    onClose: (run: () => void) => void,
    beat: (cursor: string) => void,
  ) {
    const start = begun.get(request)
    if (!start) return sink.end('failed')
    const { cursor, close } = follow(pbxs, start.begin, start.matches, sink)
    const undo = [close, everyMs(clock, HEARTBEAT_MS, () => beat(cursor()))]
    streams.open.add(sink)
    streams.changed(streams.open.size)
    onClose(() => {
      for (const end of undo) end()
      streams.open.delete(sink)
      streams.changed(streams.open.size)
    })
  }

  function overWebSocket(socket: WebSocket, request: FastifyRequest) {
    let alive = true
    socket.on('pong', () => (alive = true))
    socket.on('error', () => socket.terminate())
    // The stream only goes one way: what a client sends is not read.
    socket.on('message', () => socket.close(1003, 'this stream takes no messages'))
    run(
      request,
      webSocketSink(socket, request.raw.socket, clock),
      close => socket.on('close', close),
      () => {
        if (!alive) return socket.terminate()
        alive = false
        socket.ping()
      },
    )
  }

  function overSse(request: FastifyRequest, reply: FastifyReply) {
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const start = begun.get(request)
    // A stream that is cut before its first event goes on from here.
    raw.write(start ? sseId('connected', cursorOf(start.begin)) : ': connected\n\n')
    run(
      request,
      sseSink(raw),
      close => raw.on('close', close),
      // So does one to which few events, or none, are sent.
      cursor => void raw.write(sseId('alive', cursor)),
    )
  }

  api.route({
    method: 'GET',
    url: '/v1/events',
    schema: {
      tags: ['events'],
      summary: 'The event stream',
      description,
      querystring: Query,
      response: {
        200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      },
    },
    preHandler: prepare,
    handler: overSse,
    wsHandler: overWebSocket,
  })
}
