/**
 * The HTTP server: schemas, keys, problems, documentation, and the routes by name. Everything that comes in is checked
 * against a schema here before anybody else sees it.
 */
import AjvCompiler from '@fastify/ajv-compiler'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type RawServerDefault,
} from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { failureWithin, type Clock } from '../base/clock.js'
import { Refusal } from '../base/errors.js'
import { BlacklistEntrySchema } from '../events/blacklist.js'
import { CallSchema } from '../events/call.js'
import { ActivitySchema, AgentSchema, ExtensionSchema } from '../events/agent.js'
import { AlarmSchema } from '../events/alarm.js'
import { DedicatedEntrySchema } from '../events/dedicated.js'
import { DirectoryChangeSchema } from '../events/directory.js'
import {
  AgentEventSchema,
  AlarmEventSchema,
  CallBackEventSchema,
  CallEventSchema,
  DirectoryEventSchema,
  ExtensionEventSchema,
  FollowUpEventSchema,
  PbxEventSchema,
  QueueEventSchema,
  VoicemailEventSchema,
} from '../events/event.js'
import { ListeningSchema } from '../events/activity.js'
import { PopSchema } from '../events/pop.js'
import { FollowUpSchema } from '../events/follow-up.js'
import { NumberSchema } from '../events/number.js'
import { CallBackSchema } from '../events/call-back.js'
import { PromptSchema } from '../events/prompt.js'
import { QueueSchema } from '../events/queue.js'
import { MessageSchema } from '../events/voicemail.js'
import { authenticator, STREAM_PROTOCOL, type ApiKey } from './auth.js'
import type { Pbxs } from './ports.js'
import { idempotency, type AnswerStore } from './idempotency.js'
import { detailOf, schemaError, takenTypes } from './detail.js'
import { codeOf, problemOf, ProblemSchema, sendProblem } from './problem.js'
import { keyNameOf, noteKey } from './asker.js'
import { activityRoutes } from './routes/activity.js'
import { areaRoutes } from './routes/areas.js'
import { blacklistRoutes } from './routes/blacklist.js'
import { dedicatedRoutes } from './routes/dedicated.js'
import { ivrRoutes } from './routes/ivr.js'
import { routingRoutes } from './routes/routing.js'
import { voicemailRoutes } from './routes/voicemail.js'
import { promptRoutes } from './routes/prompts.js'
import { callBackRoutes } from './routes/call-backs.js'
import { surveyRoutes } from './routes/surveys.js'
import { agentRoutes } from './routes/agents.js'
import { callerRoutes } from './routes/callers.js'
import { callCommandRoutes } from './routes/call-commands.js'
import { callRoutes } from './routes/calls.js'
import { numberRoutes } from './routes/numbers.js'
import { directoryRoutes } from './routes/directory.js'
import { eventRoutes, type Streams } from './routes/events.js'
import { extensionRoutes } from './routes/extensions.js'
import { followUpRoutes } from './routes/follow-ups.js'
import { healthRoutes } from './routes/health.js'
import { historyRoutes } from './routes/history.js'
import { pbxRoutes } from './routes/pbxs.js'
import { queueRoutes } from './routes/queues.js'
import { snapshotRoutes } from './routes/snapshot.js'

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export type ApiParts = {
  pbxs: Pbxs
  keys: readonly ApiKey[]
  version: string
  ringForMs: number
  maxStreams: number
  clock: Clock
  newId: () => string
  logger: FastifyBaseLogger
  redisReady: () => boolean
  /** What commands with an Idempotency-Key were answered with. */
  answers: AnswerStore
  metrics: {
    text: () => Promise<string>
    streams: (open: number) => void
    refused: () => void
    answered: (route: string, method: string, status: number) => void
  }
}

export const MAX_BODY_BYTES = 64 << 10
export const MAX_URL = 8_000
export const MAX_PARAM = 300
export const MAX_FRAME_BYTES = 4 << 10
/** Connections beside those of streams; each has one request under way, or some. */
export const CONNECTIONS_BESIDE_STREAMS = 1_000

export async function buildServer(parts: ApiParts): Promise<Api> {
  const { pbxs, clock, newId, metrics } = parts
  const app = fastify({
    loggerInstance: parts.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    genReqId: newId,
    requestIdHeader: false,
    return503OnClosing: true,
    // A request that was accepted is answered; closeServer sees to those that never end.
    forceCloseConnections: 'idle',
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    routerOptions: { maxParamLength: MAX_PARAM },
    frameworkErrors: (error, _, reply) => {
      const { code, detail } = codeOf(error)
      void sendProblem(reply, code, detail)
    },
    clientErrorHandler: (_, socket) => refuseRaw(socket),
    schemaErrorFormatter: schemaError,
    schemaController: { compilersFactory: { buildValidator: buildValidator as never } },
  })
  // One more is closed before anything of it is read: there is nobody yet to tell why.
  app.server.maxConnections = parts.maxStreams + CONNECTIONS_BESIDE_STREAMS
  app.server.on('drop', metrics.refused)
  const streams: Streams = { open: new Set(), most: parts.maxStreams, changed: metrics.streams }
  // Answers are views whose types are those of the schemas. A serializer for each answer of each route would be most of a start.
  app.setSerializerCompiler(() => body => JSON.stringify(body))
  bodies(app)
  refusals(app)
  for (const schema of [
    CallSchema,
    BlacklistEntrySchema,
    DedicatedEntrySchema,
    PopSchema,
    ListeningSchema,
    CallEventSchema,
    FollowUpSchema,
    FollowUpEventSchema,
    QueueSchema,
    NumberSchema,
    QueueEventSchema,
    AgentSchema,
    ActivitySchema,
    AgentEventSchema,
    ExtensionSchema,
    ExtensionEventSchema,
    AlarmSchema,
    AlarmEventSchema,
    DirectoryChangeSchema,
    DirectoryEventSchema,
    MessageSchema,
    PromptSchema,
    CallBackSchema,
    CallBackEventSchema,
    VoicemailEventSchema,
    PbxEventSchema,
    ProblemSchema,
  ])
    app.addSchema(schema)
  app.addHook('onRequest', (request, _, next) => {
    if (request.url.length > MAX_URL) throw new Refusal('URI_TOO_LONG')
    next()
  })
  app.addHook('onResponse', (request, reply, next) => {
    metrics.answered(request.routeOptions.url ?? 'unknown', request.method, reply.statusCode)
    next()
  })
  app.addHook('preClose', next => {
    for (const sink of streams.open) sink.end('stopping')
    next()
  })
  await app.register(websocket, { options: { maxPayload: MAX_FRAME_BYTES, handleProtocols: protocolOf } })
  await documentation(app, parts.version)
  await app.register(scope => {
    const api = scope.withTypeProvider<TypeBoxTypeProvider>() as unknown as Api
    const nameOf = authenticator(parts.keys)
    api.addHook('onRequest', (request, _, next) => {
      noteKey(request, nameOf(request))
      next()
    })
    idempotency(api, parts.answers, newId(), keyNameOf)
    callRoutes(api, pbxs, parts.ringForMs)
    callCommandRoutes(api, pbxs)
    numberRoutes(api, pbxs)
    snapshotRoutes(api, pbxs)
    historyRoutes(api, pbxs)
    followUpRoutes(api, pbxs)
    queueRoutes(api, pbxs)
    callerRoutes(api, pbxs)
    extensionRoutes(api, pbxs)
    agentRoutes(api, pbxs)
    activityRoutes(api, pbxs, clock.now)
    surveyRoutes(api, pbxs, clock.now)
    areaRoutes(api, pbxs, clock.now)
    ivrRoutes(api, pbxs, clock.now)
    routingRoutes(api, pbxs)
    voicemailRoutes(api, pbxs)
    promptRoutes(api, pbxs)
    callBackRoutes(api, pbxs)
    blacklistRoutes(api, pbxs)
    dedicatedRoutes(api, pbxs)
    directoryRoutes(api, pbxs, newId)
    pbxRoutes(api, pbxs)
    eventRoutes(api, pbxs, clock, streams)
  })
  healthRoutes(app, pbxs, parts.version, parts.redisReady, metrics.text)
  return app
}

const CLOSE_WITHIN_MS = 3_000

/** Takes no more, answers what it has accepted, and closes streams; a client that hangs is cut off after a while. */
export async function closeServer(app: Api, clock: Clock) {
  if ((await failureWithin(clock, CLOSE_WITHIN_MS, 'closing the API', app.close())) === undefined) return
  for (const client of app.websocketServer.clients) client.terminate()
  app.server.closeAllConnections()
}

const protocolOf = (offered: Set<string>) => (offered.has(STREAM_PROTOCOL) ? STREAM_PROTOCOL : false)

/** JSON and nothing else. An empty body is no body, whatever its type says it is. */
function bodies(app: FastifyInstance) {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else
      void parse(request, body as string, (error: Error | null, value: unknown) =>
        done(error && isJson(body as string) ? new Refusal('BAD_REQUEST', FORBIDDEN_NAMES) : error, value),
      )
  })
}

const FORBIDDEN_NAMES = 'body has a field __proto__ or constructor, which no request has'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const build = AjvCompiler()
type Externals = Parameters<typeof build>[0]

/** Numbers in a query come as text, in a body they do not; a field that is not known is an error, never dropped. */
function buildValidator(externals: Externals) {
  const options = { removeAdditional: false, useDefaults: true, allErrors: false, verbose: true } as const
  const strict = build(externals, { customOptions: { ...options, coerceTypes: false } })
  const coercing = build(externals, { customOptions: { ...options, coerceTypes: true } })
  return (route: Parameters<typeof strict>[0] & { httpPart?: string }) =>
    route.httpPart === 'body' ? strict(route) : coercing(route)
}

/** Fastify says that a type is not taken, and not which is. */
function refusalOf(error: Error, { routeOptions: { schema } }: FastifyRequest): ReturnType<typeof codeOf> {
  const refused = codeOf(error)
  if (refused.code !== 'UNSUPPORTED_MEDIA_TYPE' || (error instanceof Refusal && error.detail !== undefined))
    return refused
  return { ...refused, detail: takenTypes((schema as { consumes?: string[] } | undefined)?.consumes) }
}

function refusals(app: FastifyInstance) {
  const methods = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set()
    for (const m of [method].flat()) known.add(m)
    methods.set(url, known)
  })
  app.setErrorHandler((error: Error, request, reply) => {
    const { code, detail = detailOf(code, request) } = refusalOf(error, request)
    if (code === 'INTERNAL')
      request.log.error({ err: error, request: request.id, route: request.routeOptions.url }, 'request failed')
    if (code === 'STORE_DOWN') request.log.warn({ err: error.cause, request: request.id }, 'store unreachable')
    if (code === 'UNAUTHORIZED') void reply.header('www-authenticate', 'Bearer')
    return sendProblem(reply, code, detail, { agent: error instanceof Refusal ? error.agent : undefined })
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const others = [...methods].filter(([url]) => matchesTemplate(url, path)).flatMap(([, known]) => [...known])
    if (others.length === 0) return sendProblem(reply, 'NOT_FOUND')
    return sendProblem(reply.header('allow', [...new Set(others)].join(', ')), 'METHOD_NOT_ALLOWED')
  })
}

const matchesTemplate = (template: string, path: string) => {
  const parts = template.split('/')
  const given = path.split('/')
  return parts.length === given.length && parts.every((part, i) => part.startsWith(':') || part === given[i])
}

/** What Node could not even read as HTTP. */
function refuseRaw(socket: Socket) {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify(problemOf('BAD_REQUEST', 'unread', 'not readable as HTTP, or its headers are too large'))
  socket.end(
    `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

async function documentation(app: FastifyInstance, version: string) {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Aladdin CTI',
        version,
        description:
          'Follows every call of an Asterisk PBX, keeps the history, dials and hangs up. Times are UTC with milliseconds, durations are milliseconds. Errors are problems (RFC 9457) with a stable `code`.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'calls', description: 'The calls that are live, and what can be done with them' },
        { name: 'commands', description: 'What an agent does with a call: the softphone bar' },
        { name: 'routing', description: 'Where calls from outside go, and why; menus; where numbers are at home' },
        { name: 'blacklist', description: 'Callers who are turned away, and those who are not' },
        { name: 'dedicated', description: 'Agents whom callers have of their own' },
        { name: 'voicemail', description: 'Messages that callers have left' },
        { name: 'prompts', description: 'The sounds that callers hear' },
        { name: 'history', description: 'The calls that are over' },
        { name: 'queues', description: 'Who waits, who is there to answer, and how it goes today' },
        { name: 'agents', description: 'Who works, in which state, and what can be asked of them' },
        { name: 'directory', description: 'Staff, workgroups, dictionaries and roles, as data' },
        {
          name: 'follow-up',
          description: 'Who is to be called back, who waits for it in a queue, and who was not reached',
        },
        { name: 'events', description: 'What happens, as it happens' },
        { name: 'operation', description: 'Is it alive, is it of use' },
      ],
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'An API key' } } },
      security: [{ key: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _, __, i) => (typeof json['$id'] === 'string' ? json['$id'] : `schema-${i}`),
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { deepLinking: true, persistAuthorization: true },
    theme: { title: 'Aladdin CTI', css: [{ filename: 'own.css', content: '.topbar { display: none }' }] },
  })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}
