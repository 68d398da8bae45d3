/** `/v1/prompts`: what callers hear: sent, listed, heard, spoken by a program or over a phone. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { Result } from '../../base/result.js'
import { Language, PromptName } from '../../events/prompt.js'
import type { Place, Refused } from '../../prompts/folder.js'
import { FORMATS } from '../../prompts/formats.js'
import { askerIn, by } from '../asker.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { NoQuery, problems } from '../shapes.js'
import { sendSound, soundAnswers } from '../sound.js'

export const MAX_PROMPT_BYTES = 10 << 20
const closed = { additionalProperties: false }
const tags = ['prompts']
const Name = Type.Object({ name: PromptName }, closed)
const language = Type.Optional(Language)
const Which = Type.Object({ language, by, pbx: pbxName }, closed)
const json = <T extends Type.TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})
const format = Type.Optional(
  Type.Enum([...FORMATS], {
    description: 'Of a sound without a header, as Asterisk names it; such a sound is not recognized without it',
  }),
)
const Sent = Type.Object({ language, format, by, pbx: pbxName }, closed)
const Call = json(
  'The phone is being rung',
  Type.Object({ call: Type.String({ description: 'The call’s id' }) }, closed),
)
const extension = Type.String({ minLength: 1, maxLength: 32, description: 'Whose phone is rung' })

type Asked = { name: string; language?: string | undefined }
const placeOf = ({ name, language: its }: Asked): Place => (its === undefined ? { name } : { name, language: its })

function done<T>(result: Result<T, Refused>): T {
  if (!result.ok) throw new Refusal(result.error.code, result.error.detail)
  return result.value
}

export function promptRoutes(api: Api, pbxs: Pbxs) {
  const promptsOf = (pbx: string | undefined) => pbxNamed(pbxs, pbx).prompts
  /** Whoever names themselves needs the right. */
  function mayChange(request: FastifyRequest, pbx: string | undefined, staff: string | undefined) {
    const { engine } = pbxNamed(pbxs, pbx)
    const forbidden = engine.mayChangePrompts(askerIn(request, staff, engine))
    if (forbidden) throw new Refusal(forbidden)
  }
  async function fileOf(pbx: string | undefined, { name, language: its }: Place): Promise<string> {
    const found = (await promptsOf(pbx).list()).find(p => p.name === name && p.language === its)
    if (!found) throw new Refusal('PROMPT_NOT_FOUND')
    return found.file
  }

  api.get(
    '/v1/prompts',
    {
      schema: {
        tags,
        summary: 'The prompts that there are',
        querystring: Type.Object({ pbx: pbxName }, closed),
        response: { 200: json('By name', Type.Object({ prompts: Type.Array(Type.Ref('Prompt')) }, closed)), ...problems(404) },
      },
    },
    async request => ({ prompts: await promptsOf(request.query.pbx).list() }),
  )

  api.get(
    '/v1/prompts/:name/sound',
    {
      schema: {
        tags,
        summary: 'The sound of a prompt',
        description: 'WAV, as the PBX plays it. Parts of it with `Range` (one range).',
        params: Name,
        querystring: Type.Object({ language, pbx: pbxName }, closed),
        response: { ...soundAnswers, ...problems(404, 416) },
      },
    },
    async (request, reply) => {
      const { pbx, language: its } = request.query
      return sendSound(request, reply, done(await promptsOf(pbx).sound(placeOf({ ...request.params, language: its }))))
    },
  )

  api.delete(
    '/v1/prompts/:name',
    {
      schema: {
        tags,
        summary: 'Delete a prompt',
        description: 'Takes the right `prompts`. Whether something plays it still, is not looked at.',
        params: Name,
        querystring: Which,
        response: { 204: { type: 'null', description: 'It is no more' }, ...problems(403, 404, 422) },
      },
    },
    async (request, reply) => {
      const { pbx, language: its, by: staff } = request.query
      mayChange(request, pbx, staff)
      done(await promptsOf(pbx).remove(placeOf({ ...request.params, language: its })))
      return reply.code(204).send(null)
    },
  )

  void api.register(scope => {
    scope.addContentTypeParser(/^audio\//, { parseAs: 'buffer', bodyLimit: MAX_PROMPT_BYTES }, (_, body, parsed) => parsed(null, body))
    ;(scope as unknown as Api).put(
      '/v1/prompts/:name',
      {
        bodyLimit: MAX_PROMPT_BYTES,
        schema: {
          tags,
          summary: 'Put a prompt there',
          description: `A sound of any usual kind (WAV, MP3, Ogg, FLAC, AU and others, and with \`format\` those of Asterisk that have no header), with any content type \`audio/…\`, of ${MAX_PROMPT_BYTES >> 20} MiB and ten minutes at most: it is made into what the PBX plays. One that is there is replaced. Takes the right \`prompts\`.`,
          consumes: ['audio/wav', 'audio/mpeg', 'audio/ogg', 'audio/flac', 'audio/basic', 'audio/gsm'],
          params: Name,
          querystring: Sent,
          response: { 200: json('The prompt', Type.Ref('Prompt')), ...problems(403, 404, 413, 415, 422, 503) },
        },
      },
      async request => {
        const { pbx, language: its, format: of, by: staff } = request.query
        mayChange(request, pbx, staff)
        if (!Buffer.isBuffer(request.body)) throw new Refusal('PROMPT_INVALID')
        return done(await promptsOf(pbx).put(placeOf({ ...request.params, language: its }), request.body, of))
      },
    )
  })

  api.post(
    '/v1/prompts/:name/speech',
    {
      schema: {
        tags,
        summary: 'Have a prompt spoken by a program',
        description: 'By the voice that the configuration has for the language (`prompts.speech`). One that is there is replaced. Takes the right `prompts`.',
        params: Name,
        querystring: NoQuery,
        body: Type.Object(
          {
            text: Type.String({ minLength: 1, maxLength: 2_000 }),
            language: Type.Optional(Type.String({ ...Language, description: 'In which language; the prompt is for that one. Without it, `en`, for all' })),
            by,
            pbx: pbxName,
          },
          closed,
        ),
        response: { 200: json('The prompt', Type.Ref('Prompt')), ...problems(403, 404, 422, 503) },
      },
    },
    async request => {
      const { pbx, text, language: its, by: staff } = request.body
      mayChange(request, pbx, staff)
      return done(await promptsOf(pbx).say(placeOf({ ...request.params, language: its }), text))
    },
  )

  api.post(
    '/v1/prompts/:name/play',
    {
      schema: {
        tags,
        summary: 'Play a prompt on a phone',
        params: Name,
        querystring: NoQuery,
        body: Type.Object({ extension, language, by, pbx: pbxName }, closed),
        response: { 201: Call, ...problems(403, 404, 409, 422, 503, 504) },
      },
    },
    async (request, reply) => {
      const { pbx, extension: at, language: its, by: staff } = request.body
      const { engine } = pbxNamed(pbxs, pbx)
      const asker = askerIn(request, staff, engine)
      const sound = await fileOf(pbx, placeOf({ ...request.params, language: its }))
      const rung = await engine.ringForPrompt({ extension: at, sound, record: false }, asker)
      if (!rung.ok) throw new Refusal(rung.error)
      return reply.code(201).send(rung.value)
    },
  )

  api.post(
    '/v1/prompts/:name/record',
    {
      schema: {
        tags,
        summary: 'Record a prompt over a phone',
        description: 'The phone rings; after the tone, what is said until `#` or five seconds of silence becomes the prompt, and is played. The PBX must be able to write into the folder. Takes the right `prompts`.',
        params: Name,
        querystring: NoQuery,
        body: Type.Object({ extension, by, pbx: pbxName }, closed),
        response: { 201: Call, ...problems(403, 404, 409, 422, 503, 504) },
      },
    },
    async (request, reply) => {
      const { pbx, extension: at, by: staff } = request.body
      const { engine } = pbxNamed(pbxs, pbx)
      const asker = askerIn(request, staff, engine)
      const sound = promptsOf(pbx).fileOf(request.params.name)
      if (sound === undefined) throw new Refusal('PROMPTS_UNAVAILABLE')
      const rung = await engine.ringForPrompt({ extension: at, sound, record: true }, asker)
      if (!rung.ok) throw new Refusal(rung.error)
      return reply.code(201).send(rung.value)
    },
  )
} // prettier-ignore
