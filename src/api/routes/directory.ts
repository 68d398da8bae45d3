/** `/v1/staff`, `/v1/workgroups`, `/v1/dictionaries`, `/v1/roles`: the directory, and all of it as a file. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { Change } from '../../directory/decide.js'
import { printDirectory } from '../../directory/file.js'
import { hashPassword } from '../../directory/password.js'
import { shown, type Kept, type KeptStaff } from '../../directory/state.js'
import { isSameId, KINDS, SCHEMA_OF, type Entry, type Kind } from '../../events/directory.js'
import { askerIn, by } from '../asker.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { DryRun, problems } from '../shapes.js'

const closed = { additionalProperties: false }
const ONE = { staff: 'member of staff', workgroups: 'workgroup', dictionaries: 'dictionary', roles: 'role' } as const

const Query = Type.Object({ pbx: pbxName }, closed)
const Asked = Type.Object({ ...Query.properties, by, ...DryRun.properties }, closed)
const Params = Type.Object({ entry: Type.String({ minLength: 1, maxLength: 79 }) }, closed)

const password = Type.Optional(
  Type.Union([Type.String({ minLength: 4, maxLength: 200 }), Type.Null()], {
    description: 'Kept as a hash. Null takes it away; left out, it stays',
  }),
)

/** What may be written: of what only is read, nothing. */
function writable(kind: Kind): Type.TObject {
  const entries = Object.entries(SCHEMA_OF[kind].properties).filter(
    ([name]) => name !== 'hasPassword' && name !== 'adopted',
  )
  const properties = Object.fromEntries(entries) as Record<string, Type.TSchema>
  return Type.Object(kind === 'staff' ? { ...properties, password } : properties, closed)
}

type Written = Kept & { password?: string | null }

export function directoryRoutes(api: Api, pbxs: Pbxs, newId: () => string) {
  async function kept(kind: Kind, { password: plain, ...entry }: Written, was: Kept | undefined): Promise<Kept> {
    if (kind !== 'staff' || plain === null) return entry
    if (plain !== undefined) return { ...entry, passwordHash: await hashPassword(plain, newId()) }
    const { passwordHash } = (was ?? {}) as Partial<KeptStaff>
    return passwordHash === undefined ? entry : { ...entry, passwordHash }
  }

  async function change({ engine }: Pbx, asked: Change, asker: ReturnType<typeof askerIn>): Promise<Entry | undefined> {
    const done = await engine.directory.change(asked, asker)
    if (!done.ok) throw new Refusal(done.error.code, done.error.detail)
    return done.value && shown(done.value)
  }

  for (const kind of KINDS) {
    const tags = ['directory']
    const one = {
      description: `The ${ONE[kind]}, as it is now`,
      content: { 'application/json': { schema: SCHEMA_OF[kind] } },
    }
    const dry = Type.Null({ description: 'Of a dry run: it could be made' })
    const answer = { 200: one, ...problems(403, 404, 409, 422, 503) }
    const all = ({ engine }: Pbx): Entry[] => [
      ...[...engine.directory.now()[kind].values()].map(shown),
      ...(kind === 'workgroups' ? engine.directory.adopted() : []),
    ]

    api.get(
      `/v1/${kind}`,
      {
        schema: {
          tags,
          summary: `Each ${ONE[kind]}`,
          querystring: Query,
          response: {
            200: Type.Object({ entries: Type.Array(SCHEMA_OF[kind]) }, { description: 'In no particular order' }),
            ...problems(404),
          },
        },
      },
      request => ({ entries: all(pbxNamed(pbxs, request.query.pbx)) }),
    )
    api.get(
      `/v1/${kind}/:entry`,
      { schema: { tags, summary: `One ${ONE[kind]}`, params: Params, querystring: Query, response: answer } },
      request => {
        const found = all(pbxNamed(pbxs, request.query.pbx)).find(({ id }) => isSameId(kind, id, request.params.entry))
        if (!found) throw new Refusal('ENTRY_NOT_FOUND')
        return found
      },
    )
    api.post(
      `/v1/${kind}`,
      {
        schema: {
          tags,
          summary: `Make a ${ONE[kind]}`,
          querystring: Asked,
          body: writable(kind),
          response: { 201: one, 204: dry, ...problems(403, 404, 409, 422, 503) },
        },
      },
      async (request, reply) => {
        const entry = await kept(kind, request.body as Written, undefined)
        const { by: staff, dryRun } = request.query
        const pbx = pbxNamed(pbxs, request.query.pbx)
        const asker = askerIn(request, staff, pbx.engine, dryRun)
        const made = await change(pbx, { do: 'create', kind, id: entry.id, entry }, asker)
        if (dryRun) return reply.code(204).send(null)
        return reply
          .code(201)
          .header('location', `/v1/${kind}/${entry.id}`)
          .send(made as never)
      },
    )
    api.put(
      `/v1/${kind}/:entry`,
      {
        schema: {
          tags,
          summary: `Change a ${ONE[kind]}`,
          description: 'The whole of it: what is left out is as if it had not been said.',
          params: Params,
          querystring: Asked,
          body: writable(kind),
          response: answer,
        },
      },
      async request => {
        const pbx = pbxNamed(pbxs, request.query.pbx)
        const id = request.params.entry
        const entry = await kept(kind, request.body as Written, pbx.engine.directory.now()[kind].get(id))
        const { by: staff, dryRun } = request.query
        return await change(pbx, { do: 'replace', kind, id, entry }, askerIn(request, staff, pbx.engine, dryRun))
      },
    )
    api.delete(
      `/v1/${kind}/:entry`,
      {
        schema: {
          tags,
          summary: `Take a ${ONE[kind]} out`,
          params: Params,
          querystring: Asked,
          response: { 204: Type.Null({ description: 'It is out' }), ...problems(403, 404, 409, 422, 503) },
        },
      },
      async (request, reply) => {
        const { by: staff, dryRun } = request.query
        const pbx = pbxNamed(pbxs, request.query.pbx)
        const asker = askerIn(request, staff, pbx.engine, dryRun)
        await change(pbx, { do: 'delete', kind, id: request.params.entry }, asker)
        return reply.code(204).send(null)
      },
    )
  }

  api.get(
    '/v1/directory',
    {
      schema: {
        tags: ['directory'],
        summary: 'All of the directory, as the file that it could be loaded from',
        description: 'YAML, with the hashes of passwords: to be kept as the secret that it is.',
        querystring: Query,
        response: {
          200: { description: 'The file', content: { 'application/yaml': { schema: Type.String() } } },
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      void reply.type('application/yaml')
      return Promise.resolve(printDirectory(pbxNamed(pbxs, request.query.pbx).engine.directory.now()))
    },
  )
}
