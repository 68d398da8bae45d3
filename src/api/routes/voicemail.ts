/** `/v1/voicemail`: messages that callers have left: listed, heard, marked, forwarded and deleted. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import type { ErrorCode } from '../../base/errors.js'
import { pbxOfCall } from '../../base/ids.js'
import type { Result } from '../../base/result.js'
import { BoxId, type MessageView } from '../../events/voicemail.js'
import { askerIn, by } from '../asker.js'
import { pbxName, pbxNamed } from '../pbx.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoQuery, problems } from '../shapes.js'
import { sendSound, soundAnswers } from '../sound.js'

const closed = { additionalProperties: false }
const tags = ['voicemail']
const MOST = 200
const Asking = Type.Object({ by }, closed)
const json = <T extends Type.TSchema>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
})
const one = (description: string) => json(description, Type.Ref('Message'))
/** The list is in the falling order of these. */
const placeOf = ({ at, id }: MessageView) => `${at}/${id}`
const RIGHT =
  'Who names themselves as `by`, sees their own boxes and those of their workgroups; others with the right `voicemail`.'

export function voicemailRoutes(api: Api, pbxs: Pbxs) {
  const holding = (id: string): Pbx => {
    const pbx = pbxs.get(pbxOfCall(id) ?? '')
    if (!pbx) throw new Refusal('MESSAGE_NOT_FOUND')
    return pbx
  }
  function done<T>(result: Result<T, ErrorCode>): T {
    if (!result.ok) throw new Refusal(result.error)
    return result.value
  }

  api.get(
    '/v1/voicemail',
    {
      schema: {
        tags,
        summary: 'Messages, the newest first',
        description: RIGHT,
        querystring: Type.Object(
          {
            box: Type.Optional(BoxId),
            state: Type.Optional(Type.Enum(['new', 'heard'])),
            limit: Type.Integer({ minimum: 1, maximum: MOST, default: 50 }),
            after: Type.Optional(Type.String({ maxLength: 200, description: 'The cursor `next` of the page before' })),
            by,
            pbx: pbxName,
          },
          closed,
        ),
        response: {
          200: json(
            'A page of messages',
            Type.Object(
              {
                messages: Type.Array(Type.Ref('Message')),
                next: Type.Optional(Type.String({ description: 'There are more: ask again with `after=` this' })),
              },
              closed,
            ),
          ),
          ...problems(404, 422, 503),
        },
      },
    },
    async request => {
      const { box, state, limit, after, by: staff, pbx } = request.query
      const { engine } = pbxNamed(pbxs, pbx)
      const all = await engine.voicemail.list(askerIn(request, staff, engine), box)
      const wanted = all.filter(m => state === undefined || m.state === state)
      // By its place, since it may be gone or have another state meanwhile.
      const rest = after === undefined ? wanted : wanted.filter(m => placeOf(m) < after)
      const messages = rest.slice(0, limit)
      const last = messages.at(-1)
      return { messages, ...(last && rest.length > limit && { next: placeOf(last) }) }
    },
  )

  api.get(
    '/v1/voicemail/boxes',
    {
      schema: {
        tags,
        summary: 'The boxes, and how many messages each has',
        description: `Those of the configuration, and those with a message. ${RIGHT}`,
        querystring: Type.Object({ by, pbx: pbxName }, closed),
        response: {
          200: json(
            'The boxes',
            Type.Object(
              {
                boxes: Type.Array(
                  Type.Object(
                    {
                      box: BoxId,
                      agent: Type.Optional(Type.String()),
                      workgroup: Type.Optional(Type.String()),
                      new: Type.Integer({ minimum: 0 }),
                      heard: Type.Integer({ minimum: 0 }),
                    },
                    closed,
                  ),
                ),
              },
              closed,
            ),
          ),
          ...problems(404, 422),
        },
      },
    },
    request => {
      const { by: staff, pbx } = request.query
      const { engine } = pbxNamed(pbxs, pbx)
      const boxes = engine.voicemail.boxes(askerIn(request, staff, engine))
      return { boxes: boxes.map(({ email: _, fresh, ...box }) => ({ ...box, new: fresh })) }
    },
  )

  api.get(
    '/v1/voicemail/:id',
    { schema: { tags, summary: 'One message', params: IdParams, querystring: Asking, response: { 200: one('The message'), ...problems(403, 404, 422) } } },
    request => {
      const { id } = request.params
      const { engine } = holding(id)
      return done(engine.voicemail.one(id, askerIn(request, request.query.by, engine)))
    },
  )

  api.get(
    '/v1/voicemail/:id/sound',
    {
      schema: {
        tags,
        summary: 'The sound of a message',
        description: 'WAV. Parts of it with `Range` (one range). That it was asked for does not make it heard.',
        params: IdParams,
        querystring: Asking,
        response: { ...soundAnswers, ...problems(403, 404, 416, 422, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { engine } = holding(id)
      const sound = await engine.voicemail.sound(id, askerIn(request, request.query.by, engine))
      return sendSound(request, reply, done(sound))
    },
  )

  api.patch(
    '/v1/voicemail/:id',
    {
      schema: {
        tags,
        summary: 'Mark a message as heard, or as new again',
        params: IdParams,
        querystring: NoQuery,
        body: Type.Object({ state: Type.Enum(['new', 'heard']), by }, closed),
        response: { 200: one('The message as it is now'), ...problems(403, 404, 422, 503) },
      },
    },
    async request => {
      const { id } = request.params
      const { state, by: staff } = request.body
      const { engine } = holding(id)
      return done(await engine.voicemail.mark(id, state === 'heard', askerIn(request, staff, engine)))
    },
  )

  api.delete(
    '/v1/voicemail/:id',
    {
      schema: {
        tags,
        summary: 'Delete a message',
        description: 'The recording, too: it is asked of the PBX until that has done it.',
        params: IdParams,
        querystring: Asking,
        response: { 204: { type: 'null', description: 'It is no more' }, ...problems(403, 404, 422, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { engine } = holding(id)
      done(await engine.voicemail.remove(id, askerIn(request, request.query.by, engine)))
      return reply.code(204).send(null)
    },
  )

  api.post(
    '/v1/voicemail/:id/forward',
    {
      schema: {
        tags,
        summary: 'Forward a message into another box',
        description: 'As a copy, which is new there. Forwarded once more, it stays as it is there.',
        params: IdParams,
        querystring: NoQuery,
        body: Type.Object({ box: BoxId, by }, closed),
        response: { 201: one('The copy'), ...problems(403, 404, 409, 422, 503, 504) },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { box, by: staff } = request.body
      const { engine } = holding(id)
      const copy = await engine.voicemail.forward(id, box, askerIn(request, staff, engine))
      return reply.code(201).send(done(copy))
    },
  )
} // prettier-ignore
