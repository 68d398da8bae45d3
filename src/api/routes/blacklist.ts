/** `/v1/blacklist`: who is turned away. Policy is the engine's; here is only what comes in and goes out. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { EntryRefused } from '../../engine/blacklist.js'
import type { Result } from '../../base/result.js'
import { CallerAskedSchema, EntryAskedSchema } from '../../events/blacklist.js'
import { askerIn, by } from '../asker.js'
import { linesOf } from '../lines.js'
import { callsOf, pbxName, pbxNamed } from '../pbx.js'
import { sendProblem } from '../problem.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoQuery, problems } from '../shapes.js'

/** About a million entries with a reason each. */
export const MAX_IMPORT_BYTES = 128 << 20

const closed = { additionalProperties: false }
const tags = ['blacklist']
const entry = (description: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref('BlacklistEntry') } },
})
const text = (description: string) => ({ description, content: { 'text/csv': { schema: Type.String() } } })
const OfPbx = Type.Object({ pbx: pbxName }, closed)
const Params = Type.Object({ entry: Type.String({ minLength: 1, maxLength: 200 }) }, closed)

const BadLines = Type.Array(Type.Object({ line: Type.Integer({ minimum: 1 }), why: Type.String() }, closed), {
  description: 'Lines that cannot be read, by their numbers; the first line is 1',
})
const Imported = Type.Object(
  {
    lines: Type.Integer({ minimum: 0, description: 'Of the file, the first one included' }),
    taken: Type.Integer({ minimum: 0, description: 'Entries that were read, and are in the list now' }),
    added: Type.Integer({ minimum: 0, description: 'Those of them that are new; the others were there, and are replaced' }),
    refused: BadLines,
  },
  closed,
) // prettier-ignore

function valueOf<T>(done: Result<T, EntryRefused>): T {
  if (!done.ok) throw new Refusal(done.error.code, done.error.detail)
  return done.value
}

export function blacklistRoutes(api: Api, pbxs: Pbxs) {
  api.get(
    '/v1/blacklist',
    {
      schema: {
        tags,
        summary: 'Who is turned away',
        querystring: Type.Object(
          {
            begin: Type.String({ maxLength: 64, default: '', description: 'Those whose `id` begins so' }),
            limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
            after: Type.Optional(Type.String({ maxLength: 200, description: 'The `next` of the page before' })),
            pbx: pbxName,
          },
          closed,
        ),
        response: {
          200: {
            description: 'In the order of their ids. A page may be short although there are more',
            content: {
              'application/json': {
                schema: Type.Object(
                  { entries: Type.Array(Type.Ref('BlacklistEntry')), next: Type.Optional(Type.String()) },
                  closed,
                ),
              },
            },
          },
          ...problems(404, 503),
        },
      },
    },
    async request => {
      const { begin, after, limit, pbx } = request.query
      return pbxNamed(pbxs, pbx).engine.blacklist.page(begin, after, limit)
    },
  )

  api.post(
    '/v1/blacklist',
    {
      schema: {
        tags,
        summary: 'Put an entry on the list',
        description: 'It replaces one of the same `match` and `scope`. Takes the right `blacklist`.',
        body: Type.Object({ ...EntryAskedSchema.properties, by, pbx: pbxName }, closed),
        querystring: NoQuery,
        response: { 200: entry('As it is looked up from now on'), ...problems(403, 404, 422, 503) },
      },
    },
    async request => {
      const { by: staff, pbx, ...asked } = request.body
      return valueOf(await pbxNamed(pbxs, pbx).engine.blacklist.add(asked, askerIn(request, staff)))
    },
  )

  api.get(
    '/v1/blacklist/:entry',
    {
      schema: {
        tags,
        summary: 'One entry',
        params: Params,
        querystring: OfPbx,
        response: { 200: entry('As it is now'), ...problems(404, 503) },
      },
    },
    async request => {
      const found = await pbxNamed(pbxs, request.query.pbx).engine.blacklist.one(request.params.entry)
      if (!found) throw new Refusal('ENTRY_NOT_FOUND')
      return found
    },
  )

  api.delete(
    '/v1/blacklist/:entry',
    {
      schema: {
        tags,
        summary: 'Take an entry off the list',
        description: 'Takes the right `blacklist`.',
        params: Params,
        querystring: Type.Object({ ...OfPbx.properties, by }, closed),
        response: { 204: Type.Null({ description: 'It is off' }), ...problems(403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { pbx, by: staff } = request.query
      valueOf(await pbxNamed(pbxs, pbx).engine.blacklist.remove(request.params.entry, askerIn(request, staff)))
      return reply.code(204).send(null)
    },
  )

  api.get(
    '/v1/blacklist/export',
    {
      schema: {
        tags,
        summary: 'All of the list, as a file',
        description: 'CSV in UTF-8, as the import takes it.',
        querystring: OfPbx,
        response: {
          200: text('One line for each entry, and one with the names of the columns'),
          ...problems(404, 503),
        },
      },
    },
    async (request, reply) => {
      const lines = pbxNamed(pbxs, request.query.pbx).engine.blacklist.export()
      void reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="blacklist.csv"')
      return reply.send(Readable.from(lines, { objectMode: false }) as never) as never
    },
  )

  void api.register(scope => {
    // Not parsed: it is read line by line.
    scope.addContentTypeParser('text/csv', (_, payload, done) => done(null, payload))
    ;(scope as unknown as Api).post(
      '/v1/blacklist/import',
      {
        schema: {
          tags,
          summary: 'Read a file into the list',
          description: `CSV in UTF-8, of ${MAX_IMPORT_BYTES >> 20} MiB at most. The first line names the columns: \`match\`, and any of \`scope\`, \`action\`, \`reason\`, \`expiresAt\`; others that the export has are passed over. Takes the right \`blacklist\`.`,
          consumes: ['text/csv'],
          querystring: Type.Object(
            {
              ...OfPbx.properties,
              by,
              onError: Type.Enum(['refuse', 'skip'], {
                default: 'refuse',
                description:
                  '`refuse`: where one line cannot be read, nothing is taken, and the problem has all such `lines`; `skip`: the others are taken',
              }),
            },
            closed,
          ),
          response: {
            200: { description: 'What became of it', content: { 'application/json': { schema: Imported } } },
            ...problems(403, 404, 409, 413, 415, 422, 503),
          },
        },
      },
      importing,
    )
  })

  async function importing(
    request: FastifyRequest<{ Querystring: { pbx?: string; by?: string; onError: 'refuse' | 'skip' } }>,
    reply: FastifyReply,
  ) {
    const { pbx, by: staff, onError } = request.query
    if (!(request.body instanceof Readable)) throw new Refusal('UNSUPPORTED_MEDIA_TYPE')
    const file = valueOf(await pbxNamed(pbxs, pbx).engine.blacklist.import(onError, askerIn(request, staff)))
    try {
      for await (const lines of linesOf(request.body, MAX_IMPORT_BYTES)) await file.lines(lines)
    } catch (error) {
      await file.abort()
      throw error
    }
    const done = await file.end()
    return done.ok ? done.value : sendProblem(reply, done.error.code, undefined, done.error.refused)
  }

  const calls = callsOf(pbxs)
  api.post(
    '/v1/calls/:id/blacklist',
    {
      schema: {
        tags: ['commands'],
        summary: 'Put whoever is outside on the blacklist',
        description:
          'Live or over. The call itself goes on. Takes the right `blacklist`. `ENTRY_INVALID` where they show no number, or nobody is outside.',
        params: IdParams,
        body: Type.Union([Type.Null(), Type.Object({ ...CallerAskedSchema.properties, by }, closed)]),
        querystring: NoQuery,
        response: { 200: entry('As it is looked up from now on'), ...problems(403, 404, 422, 503) },
      },
    },
    async request => {
      const { id } = request.params
      const { by: staff, scope = 'all', action = 'busy', ...why } = request.body ?? {}
      const { direction, from, to } = await calls.find(id)
      const { number, e164, extension } = direction === 'outbound' ? to : from
      if (extension !== undefined || number === '') throw new Refusal('ENTRY_INVALID', 'nobody outside shows a number')
      const done = await calls
        .holding(id)
        .engine.blacklist.add({ ...why, scope, action, match: e164 ?? number }, askerIn(request, staff))
      return valueOf(done)
    },
  )
}
