/** `/v1/agents`: who works, in which state, and what can be asked of them. */
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { Refusal, type ErrorCode } from '../../base/errors.js'
import { pbxOfCall } from '../../base/ids.js'
import type { Result } from '../../base/result.js'
import type { Asker, SignInAsked } from '../../engine/agent-commands.js'
import type { AgentView } from '../../events/agent.js'
import { askerIn, by, namedIn } from '../asker.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { AgentActions, DryRun, IdParams, problems } from '../shapes.js'

const closed = { additionalProperties: false }
const agentAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref('Agent') } },
})

const SignIn = Type.Object(
  {
    extension: Type.Optional(
      Type.String({ minLength: 1, maxLength: 32, description: 'Where; not needed without telephony' }),
    ),
    telephony: Type.Optional(Type.Boolean({ description: 'With a phone; true where an extension is named' })),
    ready: Type.Optional(Type.Boolean({ description: 'At once; else as `agents.readyAtSignIn` says' })),
    password: Type.Optional(Type.String({ maxLength: 200, description: 'Where the agent has one' })),
    force: Type.Optional(
      Type.Boolean({
        description:
          'Sign out somebody else who has signed in there, unless they are in a call. Needs the right `take-over-desk`',
      }),
    ),
    by,
  },
  closed,
)
const SignOut = Type.Object(
  { force: Type.Optional(Type.Boolean({ description: 'In a call, too, which goes on' })), by },
  closed,
)
const Ready = Type.Object(
  {
    code: Type.Optional(
      Type.String({ minLength: 1, maxLength: 16, description: 'The wrap-up code of the call before, in a wrap-up' }),
    ),
    by,
  },
  closed,
)
const NotReady = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 16, description: 'A code of dictionary 11' }), by },
  closed,
)
const Extend = Type.Object(
  { byMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000, description: 'How much longer' }), by },
  closed,
)
const Into = Type.Object(
  {
    workgroup: Type.String({ minLength: 1, maxLength: 79 }),
    level: Type.Integer({ minimum: 1, maximum: 10, default: 10 }),
    by,
  },
  closed,
)
const OutOf = Type.Object({ workgroup: Type.String({ minLength: 1, maxLength: 79 }), by }, closed)

type Agents = Pbx['engine']['agents']
type Done = Promise<Result<AgentView, ErrorCode>>

export function agentRoutes(api: Api, pbxs: Pbxs) {
  const of = (id: string): { engine: Pbx['engine']; agents: Agents; staff: string } => {
    const pbx = pbxs.get(pbxOfCall(id) ?? '')
    if (!pbx) throw new Refusal('AGENT_NOT_FOUND')
    return { engine: pbx.engine, agents: pbx.engine.agents, staff: id.slice(id.indexOf(':') + 1) }
  }
  const done = async (doing: Done): Promise<AgentView> => {
    const result = await doing
    if (!result.ok) throw new Refusal(result.error)
    return result.value
  }
  /** A refusal names who sits there. */
  async function signIn(agents: Agents, staff: string, asked: SignInAsked, asker: Asker) {
    const result = await agents.signIn(staff, asked, asker)
    const isHeld = !result.ok && (result.error === 'EXTENSION_TAKEN' || result.error === 'AGENT_BUSY')
    const holder = isHeld && asked.extension !== undefined ? agents.at(asked.extension) : undefined
    if (!result.ok && holder && holder.staff !== staff) throw new Refusal(result.error, undefined, holder)
    return result
  }
  const tags = ['agents']

  function withActions(request: FastifyRequest & { query: Static<typeof AgentActions> }, agent: AgentView): AgentView {
    const { actions, by: staff } = request.query
    if (!actions) return agent
    const { engine, agents } = of(agent.id)
    return { ...agent, actions: agents.allowed(agent.staff, askerIn(request, staff, engine)) }
  }

  api.get(
    '/v1/agents',
    {
      schema: {
        tags,
        summary: 'The agents, each in their state',
        querystring: AgentActions,
        response: {
          200: Type.Object({ agents: Type.Array(Type.Ref('Agent')) }, { description: 'Everybody of the directory' }),
          ...problems(422, 503),
        },
      },
    },
    async request => {
      const all = (await Promise.all([...pbxs.values()].map(p => p.engine.agents.list()))).flat()
      return { agents: all.map(agent => withActions(request, agent)) }
    },
  )

  api.get(
    '/v1/agents/:id',
    {
      schema: {
        tags,
        summary: 'One agent',
        params: IdParams,
        querystring: AgentActions,
        response: { 200: agentAnswer('The agent'), ...problems(404, 422, 503) },
      },
    },
    async request => {
      const { agents, staff } = of(request.params.id)
      const agent = await agents.one(staff)
      if (!agent) throw new Refusal('AGENT_NOT_FOUND')
      return withActions(request, agent)
    },
  )

  const command = <B extends Type.TObject>(
    path: string,
    body: B,
    { summary, description }: { summary: string; description: string },
    run: (agents: Agents, staff: string, body: Type.Static<B>, asker: Asker) => Done,
  ) =>
    api.post(
      `/v1/agents/:id/${path}`,
      {
        // Without a body, as with an empty one.
        preValidation: (request, _, next) => {
          request.body ??= {} as typeof request.body
          next()
        },
        schema: {
          tags,
          summary,
          description,
          params: IdParams,
          querystring: DryRun,
          body,
          response: { 200: agentAnswer('The agent, as they are now'), ...problems(403, 404, 409, 422, 429, 503, 504) },
        },
      },
      request => {
        const { engine, agents, staff } = of(request.params.id)
        const given = request.body as Type.Static<B> & { by?: string }
        const { dryRun } = request.query
        // Of oneself: a sign-in does not tell which staff ids there are.
        const asker = given.by === staff ? namedIn(request, staff, dryRun) : askerIn(request, given.by, engine, dryRun)
        return done(run(agents, staff, given, asker))
      },
    )

  command(
    'sign-in',
    SignIn,
    {
      summary: 'Sign in at an extension',
      description:
        'Makes the agent a member of the queues of their workgroups, under their staff id. Answers when the PBX has shown all of it; what it does not carry out is undone. Whoever has signed in elsewhere is signed out there first. Where somebody else has signed in, the refusal `EXTENSION_TAKEN` names them as `agent`.',
    },
    (agents, staff, { by: _, ...asked }, asker) => signIn(agents, staff, asked, asker),
  )
  command(
    'sign-out',
    SignOut,
    {
      summary: 'Sign out',
      description: 'Takes the agent out of the queues. In a call only with `force`, or by a supervisor.',
    },
    (agents, staff, { by: _, ...asked }, asker) => agents.signOut(staff, asked, asker),
  )
  command(
    'ready',
    Ready,
    {
      summary: 'Be ready',
      description:
        'During a call: once it is over. In a wrap-up: at once, which ends it. Where the workgroup requires a wrap-up code, with `code`, or after it was given.',
    },
    (agents, staff, { code }, asker) => agents.be(staff, { state: 'ready' }, asker, code),
  )
  command(
    'not-ready',
    NotReady,
    { summary: 'Be not ready', description: 'During a call or a wrap-up: once it is over.' },
    (agents, staff, { reason }, asker) => agents.be(staff, { state: 'not-ready', reason }, asker),
  )
  command(
    'wrap-up/end',
    Ready,
    {
      summary: 'End the wrap-up now',
      description:
        'Answers when the queues may ring the agent again. Where the workgroup requires a wrap-up code, with `code`, or after it was given.',
    },
    (agents, staff, { code }, asker) =>
      agents.wrapUp(staff, { endNow: true, ...(code !== undefined && { code }) }, asker),
  )
  command(
    'wrap-up/extend',
    Extend,
    { summary: 'Make the wrap-up longer', description: 'From when it would have ended.' },
    (agents, staff, { byMs }, asker) => agents.wrapUp(staff, { byMs }, asker),
  )
  command(
    'workgroups/add',
    Into,
    { summary: 'Put into a workgroup for now', description: 'Until they sign out. Needs the right `supervise`.' },
    (agents, staff, { workgroup, level }, asker) => agents.workgroup(staff, { workgroup, level }, asker),
  )
  command(
    'workgroups/remove',
    OutOf,
    { summary: 'Take out of a workgroup for now', description: 'Until they sign out. Needs the right `supervise`.' },
    (agents, staff, { workgroup }, asker) => agents.workgroup(staff, { workgroup }, asker),
  )
}
