/** `/v1/calls/{id}/…`: what an agent does with a call. Policy is the engine's; here is only what comes in and goes out. */
import { Type } from 'typebox'
import { Refusal, type ErrorCode } from '../../base/errors.js'
import type { CallId } from '../../base/ids.js'
import type { Result } from '../../base/result.js'
import { CALL_COMMANDS, OUTSIDE_COMMANDS, TRANSFER_COMMANDS } from '../../events/command.js'
import { TransferSchema } from '../../events/call-parts.js'
import type { CallView } from '../../events/call.js'
import type { CallAsked, OutsideAsked, Who } from '../../engine/call-commands.js'
import { askerIn, by } from '../asker.js'
import { callsOf } from '../pbx.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { callAnswer, DryRun, IdParams, problems } from '../shapes.js'
import { sendRecording, sendSound, soundAnswers } from '../sound.js'

const closed = { additionalProperties: false }
const extension = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 32,
    description:
      'Whose part in the call is meant: that of this extension. Without it, that of `by`; without both, the only extension in the call',
  }),
)
const phone = Type.Optional(
  Type.String({ minLength: 1, maxLength: 32, description: 'The phone that does it. Without it, that of `by`' }),
)
const number = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'As people write it: `POST /v1/numbers/explain` says what becomes of it',
})
const Digits = Type.Object(
  { digits: Type.String({ pattern: '^[0-9*#A-D]{1,64}$', description: 'One after the other' }), extension, by },
  closed,
)
const Plain = Type.Object({ extension, by }, closed)
const Body = Type.Union([Type.Null(), Plain])
const Leg = Type.String({ minLength: 1, maxLength: 64 })
const Mute = Type.Object(
  {
    leg: Type.Optional(Type.String({ ...Leg, description: 'Of somebody else of the talk; the own one if left out' })),
    extension,
    by,
  },
  closed,
)
const agent = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 32,
    description: 'Or a staff id: the phone at which they have signed in',
  }),
)
const oneTarget = { oneOf: [{ required: ['to'] }, { required: ['agent'] }] }
const Add = Type.Object(
  {
    to: Type.Optional(number),
    agent,
    ringForMs: Type.Integer({ minimum: 1_000, maximum: 300_000, default: 30_000 }),
    extension,
    by,
  },
  { ...closed, ...oneTarget },
)
const Drop = Type.Object({ leg: Type.String({ ...Leg, description: 'Of whoever is to go' }), extension, by }, closed)
const Park = Type.Object(
  {
    timeoutMs: Type.Integer({
      minimum: 1_000,
      maximum: 3_600_000,
      default: 45_000,
      description: 'When nobody has taken the call up, the phone that has parked it is rung',
    }),
    extension,
    by,
  },
  closed,
)
const Survey = Type.Object(
  {
    survey: Type.Optional(
      Type.String({
        maxLength: 32,
        description: 'Its name; if left out, that of the queue by which the call came, or the only one there is',
      }),
    ),
    extension,
    by,
  },
  closed,
)
const Pickup = Type.Object(
  { leg: Type.Optional(Type.String({ description: 'Which ringing phone is to be relieved; any if left out' })), extension: phone, by },
  closed,
) // prettier-ignore
const Unpark = Type.Object({ extension: phone, by }, closed)
const Listen = Type.Object(
  {
    mode: Type.Enum(['listen', 'whisper', 'barge'], {
      default: 'listen',
      description: 'Heard by nobody, by the agent alone, or by all; again with another one changes it',
    }),
    agent: Type.Optional(
      Type.String({ maxLength: 32, description: 'The extension that is listened to; the first of the call if left out' }),
    ),
    extension: phone,
    by,
  },
  closed,
) // prettier-ignore
const TransferBody = Type.Object(
  {
    to: Type.Optional(
      Type.String({
        ...number,
        description:
          'A number as people write it. As the operator types it, too: with `*` at its end, that number is asked first; with `#`, all three talk',
      }),
    ),
    agent,
    kind: Type.Optional(
      Type.Enum(['blind', 'attended', 'three-way'], {
        description: 'Then `to` is taken as it is, without that grammar. Of a staff id, `blind` if left out',
      }),
    ),
    ringBack: Type.Boolean({
      default: true,
      description: 'When nobody answers a blind transfer, the phone that has transferred is rung again',
    }),
    extension,
    by,
  },
  { ...closed, ...oneTarget },
) // prettier-ignore
const TransferParams = Type.Object({ ...IdParams.properties, transfer: Type.String({ maxLength: 64 }) }, closed)
const TransferAnswer = {
  description: 'The transfer, as it is now: its further states and its outcome are told by the events',
  content: { 'application/json': { schema: TransferSchema } },
}

type Done = { transfer?: string; leg?: string }

export function callCommandRoutes(api: Api, pbxs: Pbxs) {
  const calls = callsOf(pbxs)
  const holding = (id: string) => calls.holding(id)
  const callNow = (id: string) => calls.find(id)

  /** A call that is in the history has ended, and did exist. */
  async function done<T>(id: string, result: Result<T, ErrorCode>): Promise<T> {
    if (result.ok) return result.value
    if (result.error === 'CALL_NOT_FOUND') await callNow(id)
    throw new Refusal(result.error === 'CALL_NOT_FOUND' ? 'CALL_ENDED' : result.error)
  }

  type Given = { by?: string; extension?: string } | null
  type Run = (pbx: Pbx, id: CallId, body: never, who: Who) => Promise<Result<Done, ErrorCode>>

  function command(name: string, summary: string, body: Type.TSchema, run: Run, description?: string) {
    api.post(
      `/v1/calls/:id/${name}`,
      {
        schema: {
          tags: ['commands'],
          summary,
          description: description ?? 'Answers with the call, once the PBX has shown that it is so.',
          params: IdParams,
          querystring: DryRun,
          body,
          response: { 200: callAnswer('The call, as it is now'), ...problems(403, 404, 409, 422, 429, 503, 504) },
        },
      },
      async request => {
        const { id } = request.params
        const given = request.body as Given
        const { dryRun } = request.query
        const who: Who = {
          by: askerIn(request, given?.by, holding(id).engine),
          ...(given?.extension === undefined ? {} : { extension: given.extension }),
          ...(dryRun && { dryRun }),
        }
        await done(id, await run(holding(id), id as CallId, given as never, who))
        return callNow(id)
      },
    )
  }

  const onCall = (asked: (body: never) => CallAsked): Run => {
    return (pbx, id, body, who) => pbx.engine.softphone.onCall(id, asked(body), who)
  }
  const fromOutside = (asked: (body: never) => OutsideAsked): Run => {
    return (pbx, id, body, who) => pbx.engine.softphone.fromOutside(id, asked(body), who)
  }
  const plain = [
    'answer',
    'reject',
    'leave',
    'lock',
    'unlock',
    'hold',
    'retrieve',
    'flash',
    'record',
    'record/pause',
    'record/resume',
    'record/stop',
  ] as const
  for (const name of plain) command(name, CALL_COMMANDS[name], Body, onCall(() => ({ do: name }))) // prettier-ignore
  command('digits', CALL_COMMANDS.digits, Digits, onCall(({ digits }: Type.Static<typeof Digits>) => ({ do: 'digits', digits })), 'Answers when the PBX has sent them.') // prettier-ignore
  for (const name of ['mute', 'unmute'] as const)
    command(name, CALL_COMMANDS[name], Type.Union([Type.Null(), Mute]), onCall((body: Type.Static<typeof Mute> | null) => ({ do: name, ...(body?.leg !== undefined && { leg: body.leg }) }))) // prettier-ignore
  command('add', CALL_COMMANDS.add, Add, onCall(({ to, agent, ringForMs }: Type.Static<typeof Add>) => agent === undefined ? { do: 'add', to: to ?? '', ringForMs } : { do: 'add', agent, ringForMs }), 'Answers when that phone is being rung: it comes into the talk when it answers.') // prettier-ignore
  command('drop', CALL_COMMANDS.drop, Drop, onCall(({ leg }: Type.Static<typeof Drop>) => ({ do: 'drop', leg }))) // prettier-ignore
  command('park', CALL_COMMANDS.park, Park, onCall(({ timeoutMs }: Type.Static<typeof Park>) => ({ do: 'park', timeoutMs }))) // prettier-ignore
  command('survey', CALL_COMMANDS.survey, Type.Union([Type.Null(), Survey]), onCall((body: Type.Static<typeof Survey> | null) => ({ do: 'survey', ...(body?.survey !== undefined && { survey: body.survey }) })), 'Answers with the call, once they are being asked. What they answer is told by the events `survey.…`, and is in `survey` of the call.') // prettier-ignore
  const from = (phoneDoes: string) =>
    `${phoneDoes} Its phone answers by itself where it can; answers with the call when it has.`
  command('pickup', OUTSIDE_COMMANDS.pickup, Pickup, fromOutside(({ leg }: Type.Static<typeof Pickup>) => ({ do: 'pickup', ...(leg === undefined ? {} : { leg }) })), from('Rings the phone that picks up.')) // prettier-ignore
  command('unpark', OUTSIDE_COMMANDS.unpark, Unpark, fromOutside(() => ({ do: 'unpark' })), from('Rings the phone that takes it up.')) // prettier-ignore
  command('listen', OUTSIDE_COMMANDS.listen, Listen, fromOutside(({ mode, agent }: Type.Static<typeof Listen>) => ({ do: 'listen', mode, ...(agent === undefined ? {} : { extension: agent }) })), from('Rings the phone of whoever listens, which is no party of the call. Takes the right `listen`.')) // prettier-ignore
  command('take-over', OUTSIDE_COMMANDS['take-over'], Unpark, fromOutside(() => ({ do: 'take-over' })), from('Rings the phone of whoever takes over; then the agent is out of the talk. Takes the right `listen`.')) // prettier-ignore

  const transferIn = (call: CallView, id: string | undefined) => call.transfers.find(t => t.id === id)
  const answer = async (id: string, transfer: string | undefined) => {
    const found = transferIn(await callNow(id), transfer)
    if (!found) throw new Refusal('TRANSFER_NOT_FOUND')
    return found
  }
  const refusals = problems(403, 404, 409, 422, 429, 503, 504)

  api.post(
    '/v1/calls/:id/transfers',
    {
      schema: {
        tags: ['commands'],
        summary: CALL_COMMANDS.transfer,
        description:
          'Answers when the PBX has carried out a blind one, or when whom it is to is being rung. From then on `state` and `outcome` tell how far it is, in the events, too.',
        params: IdParams,
        querystring: DryRun,
        body: TransferBody,
        response: { 200: callAnswer('Of a dry run: the call as it is'), 201: TransferAnswer, ...refusals },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { to = '', agent: toAgent, kind, ringBack, extension: at, by: staff } = request.body
      const { dryRun } = request.query
      const pbx = holding(id)
      const who: Who = {
        by: askerIn(request, staff, pbx.engine),
        ...(at === undefined ? {} : { extension: at }),
        ...(dryRun && { dryRun }),
      }
      const asked: CallAsked =
        toAgent === undefined
          ? { do: 'transfer', to, ringBack, ...(kind && { kind }) }
          : { do: 'transfer', agent: toAgent, kind: kind ?? 'blind', ringBack }
      const { transfer } = await done<Done>(id, await pbx.engine.softphone.onCall(id as CallId, asked, who))
      if (dryRun) return reply.code(200).send(await callNow(id))
      return reply.code(201).send(await answer(id, transfer))
    },
  )

  api.get(
    '/v1/calls/:id/transfers/:transfer',
    {
      schema: {
        tags: ['commands'],
        summary: 'One transfer, live or of a call that is over',
        params: TransferParams,
        querystring: Type.Object({}, closed),
        response: { 200: TransferAnswer, ...problems(404, 503) },
      },
    },
    async request => answer(request.params.id, request.params.transfer),
  )

  api.get(
    '/v1/calls/:id/recordings/:name',
    {
      schema: {
        tags: ['commands'],
        summary: 'The sound of a recording that is done',
        description:
          'WAV, or as the dialplan has written it. Parts of it with `Range` (one range). Where `recordings.url` is configured, 302 to the address of one by the dialplan.',
        params: Type.Object({ ...IdParams.properties, name: Type.String({ maxLength: 100 }) }, closed),
        querystring: Type.Object({}, closed),
        response: {
          ...soundAnswers,
          302: Type.Null({ description: 'It is at the address in `location`' }),
          ...problems(404, 410, 416, 503),
        },
      },
    },
    async (request, reply) => {
      const { id, name } = request.params
      const call = await callNow(id)
      const recording = call.recordings?.find(r => r.name === name)
      if (!recording) throw new Refusal('RECORDING_NOT_FOUND')
      if (recording.by === 'dialplan') return sendRecording(request, reply, recording, holding(id).recordings)
      const sound = await holding(id).engine.recording(name)
      if (!sound.ok) throw new Refusal(sound.error)
      return sendSound(request, reply, sound.value)
    },
  )

  for (const [name, summary] of Object.entries(TRANSFER_COMMANDS) as [keyof typeof TRANSFER_COMMANDS, string][])
    api.post(
      `/v1/calls/:id/transfers/:transfer/${name}`,
      {
        schema: {
          tags: ['commands'],
          summary,
          params: TransferParams,
          querystring: DryRun,
          body: Body,
          response: { 200: TransferAnswer, ...refusals },
        },
      },
      async request => {
        const { id, transfer } = request.params
        const { dryRun } = request.query
        const given: Given | undefined = request.body
        const who: Who = { by: askerIn(request, given?.by, holding(id).engine), ...(dryRun && { dryRun }) }
        const ran = await holding(id).engine.softphone.onTransfer(id as CallId, { do: name, transfer }, who)
        await done(id, ran)
        return answer(id, transfer)
      },
    )
}
