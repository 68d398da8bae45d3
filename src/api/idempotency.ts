/**
 * Idempotency-Key: a command that comes twice is carried out once, and answered alike. While Redis does not take what was
 * answered, it is in memory: a repeat is known then as long as this daemon runs.
 */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../base/errors.js'
import type { KeptAnswer } from '../events/answer.js'
import type { Problem } from './problem.js'
import type { Api } from './server.js'

/** As src/store/answers.ts has it. */
export type AnswerStore = {
  claim: (id: string, mine: KeptAnswer) => Promise<KeptAnswer | undefined>
  keep: (id: string, kept: KeptAnswer) => Promise<void>
  drop: (id: string) => Promise<void>
}

/** Answers that Redis did not take, and no more than so many. */
export const MOST_IN_MEMORY = 1_000
/** One that is larger is not kept. */
const MOST_CHARS = 128 << 10

const KeyHeader = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\u0021-\\u007e]{1,200}$',
      description:
        'Of your own making, another for each command. A repeat with the same key, within a day, is not carried out again but gets the first answer, with the header `idempotency-replayed: true`; `COMMAND_UNDER_WAY` while there is none yet; `PBX_SILENT` if the daemon ended before there was one; `IDEMPOTENCY_KEY_REUSED` if the body is another. After a refusal that may be tried again (`retry`) the key is free again.',
    }),
  ),
})

const digest = (...parts: string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

type Claim = { id: string; kept: KeptAnswer }

/** For all routes of `api` that are no reading. `nameOf`: of the API key; a key of another client's is another key. */
export function idempotency(api: Api, store: AnswerStore, run: string, nameOf: (request: FastifyRequest) => string) {
  const memory = new Map<string, KeptAnswer>()
  const claims = new WeakMap<FastifyRequest, Claim>()

  /** What there is to know of an earlier one; undefined: this is the first. */
  async function claimed(id: string, mine: KeptAnswer): Promise<KeptAnswer | undefined> {
    const known = memory.get(id)
    if (known) return known
    // Before anything is waited for: two that come at once are one.
    memory.set(id, mine)
    const stored = await store.claim(id, mine).catch(() => undefined)
    // Of this run and not in memory: it was given up, and Redis was not there to hear of it.
    if (!stored || (stored.by === run && !stored.answer)) return undefined
    memory.delete(id)
    return stored
  }

  async function give(id: string) {
    memory.delete(id)
    await store.drop(id).catch(() => undefined)
  }

  async function keep({ id, kept }: Claim, reply: FastifyReply, body: string) {
    const location = reply.getHeader('location')
    const type = reply.getHeader('content-type')
    const answer = {
      status: reply.statusCode,
      type: typeof type === 'string' ? type : '',
      ...(typeof location === 'string' && { location }),
      body,
    }
    const whole = { ...kept, answer }
    memory.set(id, whole)
    await store.keep(id, whole).then(
      () => memory.delete(id),
      () => forgetOldest(),
    )
  }

  function forgetOldest() {
    for (const [id, { answer }] of memory) {
      if (memory.size <= MOST_IN_MEMORY) return
      if (answer) memory.delete(id)
    }
  }

  api.addHook('onRoute', route => {
    if ([route.method].flat().some(method => method === 'GET' || method === 'HEAD')) return
    route.schema = { ...route.schema, headers: KeyHeader }
  })

  api.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string' || request.method === 'GET') return
    const id = digest(nameOf(request), request.method, request.url, key)
    const mine: KeptAnswer = { request: digest(JSON.stringify(request.body ?? null)), by: run }
    const earlier = await claimed(id, mine)
    if (!earlier) {
      claims.set(request, { id, kept: mine })
      return
    }
    if (earlier.request !== mine.request) throw new Refusal('IDEMPOTENCY_KEY_REUSED')
    if (!earlier.answer) throw new Refusal(earlier.by === run ? 'COMMAND_UNDER_WAY' : 'PBX_SILENT')
    const { status, type, location, body } = earlier.answer
    if (type !== '') reply.type(type)
    if (location !== undefined) reply.header('location', location)
    return reply.code(status).header('idempotency-replayed', 'true').serializer(String).send(body)
  })

  api.addHook('onSend', async (request, reply, payload) => {
    const claim = claims.get(request)
    if (!claim) return payload
    claims.delete(request)
    const body = payload === null || payload === undefined ? '' : typeof payload === 'string' ? payload : undefined
    if (body === undefined || body.length > MOST_CHARS || mayBeTriedAgain(reply.statusCode, body)) await give(claim.id)
    else await keep(claim, reply, body)
    return payload
  })
}

const mayBeTriedAgain = (status: number, body: string) =>
  status >= 400 && body !== '' && (JSON.parse(body) as Partial<Problem>).retry === true
