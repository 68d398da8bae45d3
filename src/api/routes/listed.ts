/** Lists by the caller's number, such as `/v1/blacklist`: entries, and whole files. Policy is the engine's; here is only what comes in and goes out. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { EntryRefused, ListedCommands } from '../../engine/listed.js'
import { CHARSETS, charsetNamed, NotInCharset, type Charset } from '../../base/charset.js'
import type { Result } from '../../base/result.js'
import { withPlus } from '../../numbers/text.js'
import type { Right } from '../../events/directory.js'
import { askerIn, by } from '../asker.js'
import { linesOf } from '../lines.js'
import { pbxName, pbxNamed } from '../pbx.js'
import { sendProblem } from '../problem.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { NoQuery, problems } from '../shapes.js'

/** About a million entries with a reason each. */
export const MAX_IMPORT_BYTES = 128 << 20

const closed = { additionalProperties: false }
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

export function valueOf<T>(done: Result<T, EntryRefused>): T {
  if (!done.ok) throw new Refusal(done.error.code, done.error.detail)
  return done.value
}

/** `name`: the end of its address, and its tag. `columns`: those of its file beside `match`. */
type Kind<A> = {
  name: 'blacklist' | 'dedicated'
  about: string
  right: Right
  asked: Type.TObject
  shown: 'BlacklistEntry' | 'DedicatedEntry'
  of: (pbx: Pbx) => ListedCommands<A>
}

/** As the query names it, or the content type: `text/csv; charset=gbk`. */
function charsetIn(asked: string | undefined, contentType = ''): Charset | undefined {
  const named = asked ?? /;\s*charset="?([\w-]+)/i.exec(contentType)?.[1]
  if (named === undefined) return undefined
  const charset = charsetNamed(named)
  if (charset) return charset
  const known = `is one of ${CHARSETS.join(', ')}, or another name of one`
  throw asked === undefined
    ? new Refusal('UNSUPPORTED_MEDIA_TYPE', `content-type: charset ${known}`)
    : new Refusal('BAD_REQUEST', `querystring/charset ${known}`)
}

export const entryAnswer = (shown: string, description: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref(shown) } },
})

export function listedRoutes<A>(api: Api, pbxs: Pbxs, { name, about, right, asked, shown, of }: Kind<A>) {
  const tags = [name]
  const path = `/v1/${name}`
  const entry = (description: string) => entryAnswer(shown, description)
  const listIn = (pbx: string | undefined) => of(pbxNamed(pbxs, pbx))
  const askerOf = (request: FastifyRequest, staff: string | undefined, pbx: string | undefined) =>
    askerIn(request, staff, pbxNamed(pbxs, pbx).engine)
  const columns = Object.keys(asked.properties)
    .filter(column => column !== 'match')
    .map(column => `\`${column}\``)
    .join(', ')
  api.get(
    path,
    {
      schema: {
        tags,
        summary: about,
        querystring: Type.Object(
          {
            begin: Type.String({
              maxLength: 64,
              default: '',
              description: 'Those whose `id` begins so, or whose number does in any writing',
            }),
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
                  { entries: Type.Array(Type.Ref(shown)), next: Type.Optional(Type.String()) },
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
      return listIn(pbx).page(withPlus(begin), after, limit)
    },
  )

  api.post(
    path,
    {
      schema: {
        tags,
        summary: 'Put an entry on the list',
        description: 'It replaces one of the same `match` and `scope`. Takes the right `' + right + '`.',
        body: Type.Object({ ...asked.properties, by, pbx: pbxName }, closed),
        querystring: NoQuery,
        response: { 200: entry('As it is looked up from now on'), ...problems(403, 404, 422, 503) },
      },
    },
    async request => {
      const { by: staff, pbx, ...entry } = request.body
      return valueOf(await listIn(pbx).add(entry as A, askerOf(request, staff, pbx)))
    },
  )

  api.get(
    `${path}/:entry`,
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
      const found = await listIn(request.query.pbx).one(request.params.entry)
      if (!found) throw new Refusal('ENTRY_NOT_FOUND')
      return found
    },
  )

  api.delete(
    `${path}/:entry`,
    {
      schema: {
        tags,
        summary: 'Take an entry off the list',
        description: 'Takes the right `' + right + '`.',
        params: Params,
        querystring: Type.Object({ ...OfPbx.properties, by }, closed),
        response: { 204: Type.Null({ description: 'It is off' }), ...problems(403, 404, 422, 503) },
      },
    },
    async (request, reply) => {
      const { pbx, by: staff } = request.query
      valueOf(await listIn(pbx).remove(request.params.entry, askerOf(request, staff, pbx)))
      return reply.code(204).send(null)
    },
  )

  api.get(
    `${path}/export`,
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
      const lines = listIn(request.query.pbx).export()
      void reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="' + name + '.csv"')
      return reply.send(Readable.from(lines, { objectMode: false }) as never) as never
    },
  )

  void api.register(scope => {
    // Not parsed: it is read line by line.
    scope.addContentTypeParser('text/csv', (_, payload, done) => done(null, payload))
    ;(scope as unknown as Api).post(
      `${path}/import`,
      {
        schema: {
          tags,
          summary: 'Read a file into the list',
          description: `CSV in UTF-8, in UTF-16 with a byte order mark, or in the \`charset\` that is named, of ${MAX_IMPORT_BYTES >> 20} MiB at most. The first line names the columns, between commas, semicolons or tabs: \`match\`, and any of ${columns}; others that the export has are passed over, and so are lines whose fields are all empty. Takes the right \`${right}\`.`,
          consumes: ['text/csv'],
          querystring: Type.Object(
            {
              ...OfPbx.properties,
              by,
              charset: Type.Optional(
                Type.String({
                  maxLength: 40,
                  description: `In which the file is written, where it is neither UTF-8 throughout nor has a byte order mark; such as \`gbk\`, in which Excel writes CSV in China. One of ${CHARSETS.join(', ')}, or another name of one, in any letter case`,
                }),
              ),
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
    request: FastifyRequest<{
      Querystring: { pbx?: string; by?: string; charset?: string; onError: 'refuse' | 'skip' }
    }>,
    reply: FastifyReply,
  ) {
    const { pbx, by: staff, charset: asked, onError } = request.query
    const charset = charsetIn(asked, request.headers['content-type'])
    const asker = askerOf(request, staff, pbx)
    if (!(request.body instanceof Readable)) throw new Refusal('UNSUPPORTED_MEDIA_TYPE')
    const file = valueOf(await listIn(pbx).import(onError, asker))
    try {
      for await (const lines of linesOf(request.body, MAX_IMPORT_BYTES, charset)) await file.lines(lines)
    } catch (error) {
      await file.abort()
      if (!(error instanceof NotInCharset)) throw error
      const why = `${error.message}: name the charset of the file, such as ?charset=gbk`
      return sendProblem(reply, 'IMPORT_REFUSED', undefined, { lines: [{ line: error.line, why }] })
    }
    const done = await file.end()
    return done.ok ? done.value : sendProblem(reply, done.error.code, undefined, { lines: done.error.refused })
  }
}
