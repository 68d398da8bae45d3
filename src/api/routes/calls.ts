/** `/v1/calls`: the live calls, dialling and hanging up. Policy is the engine's; here is only what comes in and goes out. */
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { CallId } from '../../base/ids.js'
import type { CallView } from '../../events/call.js'
import { NotesChangeSchema } from '../../events/notes.js'
import { askerIn, by } from '../asker.js'
import { callsOf, pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { ActionsQuery, callAnswer, DryRun, IdParams, NoQuery, problems } from '../shapes.js'

const DialBody = Type.Object(
  {
    from: Type.String({ minLength: 1, maxLength: 32, description: 'The extension that dials: its phone rings first' }),
    to: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'The number to dial, as people write it: `POST /v1/numbers/explain` says what becomes of it',
    }),
    by,
    workgroup: Type.Optional(
      Type.String({
        maxLength: 79,
        description:
          'For which workgroup: a number outside is shown its `callerId`. Without it, the first one that a workgroup of the agent has',
      }),
    ),
    data: Type.Optional(
      Type.Record(Type.String({ pattern: '^.{1,64}$' }), Type.String({ maxLength: 500 }), {
        maxProperties: 50,
        additionalProperties: false,
        description: 'Fields of your own, such as an id: the call has them in every event, from the first on',
      }),
    ),
    pbx: pbxName,
    ringForMs: Type.Optional(
      Type.Integer({ minimum: 1_000, maximum: 300_000, description: 'How long the phone of `from` rings' }),
    ),
  },
  { additionalProperties: false },
)

const HangupBody = Type.Union([Type.Null(), Type.Object({ by }, { additionalProperties: false })])

const CodeBody = Type.Object(
  {
    code: Type.String({ minLength: 1, maxLength: 16, description: 'A wrap-up code' }),
    agent: Type.Optional(
      Type.String({ maxLength: 32, description: 'Whose, by the staff id; not needed where one alone has talked' }),
    ),
    by,
  },
  { additionalProperties: false },
)

const DialAnswer = Type.Object(
  {
    id: Type.String({ description: 'The call’s id' }),
    causedBy: Type.String({ description: 'The id of this command, which the call carries' }),
  },
  { description: 'The phone is being rung' },
)

const DryAnswer = Type.Object({}, { description: 'Of a dry run: it could be done' })

const TraceAnswer = Type.Object(
  {
    call: Type.String(),
    whole: Type.Boolean({ description: 'All of them; if not, the daemon was started in the middle of the call' }),
    facts: Type.Array(Type.Object({ type: Type.String(), at: Type.Integer() }, { additionalProperties: true })),
  },
  { description: 'The facts, in their order; `at` in milliseconds since 1970' },
)

export function callRoutes(api: Api, pbxs: Pbxs, ringForMs: number) {
  const calls = callsOf(pbxs)
  const holding = (id: string) => calls.holding(id)
  const find = (id: string) => calls.find(id)

  function withActions(request: FastifyRequest & { query: Static<typeof ActionsQuery> }, call: CallView): CallView {
    const { actions, by, extension } = request.query
    if (!actions) return call
    const { engine } = holding(call.id)
    const who = { by: askerIn(request, by, engine), ...(extension === undefined ? {} : { extension }) }
    return { ...call, actions: engine.softphone.allowed(call.id as CallId, who) }
  }

  api.get(
    '/v1/calls',
    {
      schema: {
        tags: ['calls'],
        summary: 'The live calls',
        querystring: ActionsQuery,
        response: {
          200: Type.Object({ calls: Type.Array(Type.Ref('Call')) }, { description: 'The live calls' }),
          ...problems(422, 503),
        },
      },
    },
    async request => {
      const snapshots = await Promise.all([...pbxs.values()].map(pbx => pbx.engine.snapshot()))
      return { calls: snapshots.flatMap(s => s.calls).map(call => withActions(request, call)) }
    },
  )

  api.get(
    '/v1/calls/:id',
    {
      schema: {
        tags: ['calls'],
        summary: 'One call, live or ended',
        params: IdParams,
        querystring: ActionsQuery,
        response: { 200: callAnswer('The call'), ...problems(404, 422, 503) },
      },
    },
    async request => withActions(request, await find(request.params.id)),
  )

  api.get(
    '/v1/calls/:id/trace',
    {
      schema: {
        tags: ['calls'],
        summary: 'The facts that a call was made of',
        description:
          'What the PBX said, in its order, from which the call and its record follow: `aladdin replay` makes the same record of it. Kept as long as `history.trace.keepHours` says.',
        params: IdParams,
        querystring: NoQuery,
        response: { 200: TraceAnswer, ...problems(404, 503) },
      },
    },
    async request => {
      const { id } = request.params
      const call = await find(id)
      const pbx = holding(id)
      const trace = pbx.engine.trace(id as CallId) ?? (await pbx.history.trace(call.id))
      if (!trace) throw new Refusal('TRACE_NOT_FOUND')
      return { call: call.id, ...trace }
    },
  )

  api.post(
    '/v1/calls',
    {
      schema: {
        tags: ['calls'],
        summary: 'Dial from an extension',
        description:
          'Rings the phone of `from`, which answers by itself where it can, and then dials `to`. Answers when the phone is being rung: the call exists and has its id. What becomes of it is told by the events.',
        body: DialBody,
        querystring: DryRun,
        response: { 200: DryAnswer, 201: DialAnswer, ...problems(400, 403, 404, 409, 422, 429, 503, 504) },
      },
    },
    async (request, reply) => {
      const { from, to, pbx, by, workgroup, data } = request.body
      const { engine } = pbxNamed(pbxs, pbx)
      const dialled = await engine.dial({
        from,
        to,
        by: askerIn(request, by, engine),
        ...(workgroup === undefined ? {} : { workgroup }),
        ...(data && { notes: { data } }),
        ringForMs: request.body.ringForMs ?? ringForMs,
        ...(request.query.dryRun && { dryRun: true as const }),
      })
      if (!dialled.ok) throw new Refusal(dialled.error)
      if (request.query.dryRun) return reply.code(200).send({})
      return reply.code(201).header('location', `/v1/calls/${dialled.value.id}`).send(dialled.value)
    },
  )

  api.post(
    '/v1/calls/:id/hangup',
    {
      schema: {
        tags: ['calls'],
        summary: 'Hang up',
        description:
          'Ends the call for all its parties. Answers with the ended call when the PBX has shown that it is over. A call in which `by` has no part takes the right `supervise`.',
        params: IdParams,
        querystring: DryRun,
        body: HangupBody,
        response: { 200: callAnswer('The call, which is over'), ...problems(403, 404, 409, 422, 503, 504) },
      },
    },
    async request => {
      const { id } = request.params
      const { engine } = holding(id)
      const asker = askerIn(request, request.body?.by, engine, request.query.dryRun)
      const done = await engine.hangup(id as CallId, asker)
      if (done.ok) return find(id)
      // A call that is no longer live may be in the history: then it has ended, and did exist.
      if (done.error === 'CALL_NOT_FOUND') await find(id)
      throw new Refusal(done.error === 'CALL_NOT_FOUND' ? 'CALL_ENDED' : done.error)
    },
  )

  api.post(
    '/v1/calls/:id/wrap-up',
    {
      schema: {
        tags: ['calls'],
        summary: 'Give the wrap-up code of a call',
        description:
          'What became of the call, as an agent who has talked in it says: a code of the dictionary that their workgroup names (`wrapUpCodes`), else of dictionary 12. At any time: in the call, in the wrap-up, later. The last one counts. Told as `call.updated`, or as `call.revised` when the call is in the history already.',
        params: IdParams,
        querystring: DryRun,
        body: CodeBody,
        response: {
          200: callAnswer('The call with its wrap-up codes'),
          ...problems(403, 404, 409, 422, 503),
        },
      },
    },
    async request => {
      const { id } = request.params
      const { by, ...asked } = request.body
      const { engine } = holding(id)
      const asker = askerIn(request, by, engine, request.query.dryRun)
      const given = await engine.agents.wrapUpCode(id as CallId, asked, asker)
      if (!given.ok) throw new Refusal(given.error)
      return given.value
    },
  )

  for (const url of ['/v1/calls/:id', '/v1/history/:id']) {
    api.patch(
      url,
      {
        schema: {
          tags: [url.startsWith('/v1/calls') ? 'calls' : 'history'],
          summary: 'Note something on a call',
          description:
            'Sets the note, the tags and fields of your own, of a live call or of one that is over; what is left out stays. They belong to the call, whoever has it, and are in each of its events and in the history. Told as `call.updated`, or as `call.revised` when the call is in the history already.',
          params: IdParams,
          querystring: NoQuery,
          body: NotesChangeSchema,
          response: { 200: callAnswer('The call with what is noted on it now'), ...problems(404, 413, 422, 503) },
        },
      },
      async request => {
        const { id } = request.params
        const noted = await holding(id).engine.note(id as CallId, request.body)
        if (!noted.ok) throw new Refusal(noted.error)
        return noted.value
      },
    )
  }
}
