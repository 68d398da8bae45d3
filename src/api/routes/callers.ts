/** `/v1/queues/{id}/waiting/{call}`: what can be done with a caller who waits. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { pbxOfCall, type CallId } from '../../base/ids.js'
import type { Engine } from '../../engine/engine.js'
import { askerIn, by } from '../asker.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { callAnswer, DryRun, problems } from '../shapes.js'

type Asked = Parameters<Engine['caller']>[2]

const closed = { additionalProperties: false }
const Params = Type.Object(
  { id: Type.String({ minLength: 3, maxLength: 200 }), call: Type.String({ minLength: 3, maxLength: 200 }) },
  closed,
)
const Id = Type.String({ minLength: 1, maxLength: 79 })
const Take = Type.Object(
  { agent: Type.String({ ...Id, description: 'The staff id of whoever is to have the caller' }), by },
  closed,
)
const Move = Type.Object({ workgroup: Type.String({ ...Id, description: 'It has a number' }), by }, closed)
const SendAway = Type.Object(
  { causeQ850: Type.Integer({ minimum: 1, maximum: 127, default: 17, description: 'What the caller is told' }), by },
  closed,
)
const Prefer = Type.Object(
  { priority: Type.Integer({ minimum: 0, maximum: 1_000, description: 'The higher one is the sooner answered' }), by },
  closed,
)

const DIALPLAN =
  'The caller leaves the queue at once, also while phones ring for them. Refused with `DIALPLAN_OUTDATED` where the PBX lacks the contexts `aladdin-withdrawn` and `aladdin-sent-away`. What comes while another command on this caller is carried out is refused with `CALL_BUSY`.'

const CALL_NOW = 'The call, as it is now. Of a caller who is to be called back, the call in which they asked for that'

export function callerRoutes(api: Api, pbxs: Pbxs) {
  const command = <B extends Type.TObject>(
    path: string,
    body: B,
    { summary, description }: { summary: string; description: string },
    askedOf: (body: Type.Static<B>) => Asked,
  ) =>
    api.post(
      `/v1/queues/:id/waiting/:call/${path}`,
      {
        schema: {
          tags: ['queues'],
          summary,
          description,
          params: Params,
          querystring: DryRun,
          body,
          response: { 200: callAnswer(CALL_NOW), ...problems(403, 404, 409, 422, 503, 504) },
        },
      },
      async request => {
        const { id, call } = request.params
        const pbx = pbxs.get(pbxOfCall(id) ?? '')
        if (!pbx) throw new Refusal('QUEUE_NOT_FOUND')
        const given = request.body as Type.Static<B> & { by?: string }
        const name = id.slice(id.indexOf(':') + 1)
        const back = pbx.engine.callBacks.waitingBy(call as CallId)
        const done = await pbx.engine.caller(
          name,
          call as CallId,
          askedOf(given),
          askerIn(request, given.by, pbx.engine, request.query.dryRun),
        )
        if (!done.ok) throw new Refusal(done.error)
        const callNow = async (of: string) => (await pbx.engine.call(of as CallId)) ?? pbx.history.record(of)
        const now = (await callNow(call)) ?? (back && (await callNow(back.call)))
        if (!now) throw new Refusal('CALL_NOT_FOUND')
        return now
      },
    )

  command(
    'take',
    Take,
    {
      summary: 'Have an agent take this caller',
      description: `The agent’s phone rings for them, whoever else waits. ${DIALPLAN}`,
    },
    ({ agent }) => ({ do: 'take', staff: agent }),
  )
  command(
    'move',
    Move,
    { summary: 'Move to another workgroup', description: `The caller dials its number, so to speak. ${DIALPLAN}` },
    ({ workgroup }) => ({ do: 'move', workgroup }),
  )
  command(
    'send-away',
    SendAway,
    { summary: 'Send away', description: `The caller is hung up on. ${DIALPLAN}` },
    ({ causeQ850 }) => ({ do: 'send-away', causeQ850 }),
  )
  command(
    'prefer',
    Prefer,
    {
      summary: 'Change the priority',
      description: 'Answers when the queue has them in their new place. Asterisk 16 moves nobody: `PBX_TOO_OLD`.',
    },
    ({ priority }) => ({ do: 'prefer', priority }),
  )
}
