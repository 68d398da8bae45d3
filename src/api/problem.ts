/** Whatever went wrong -> an RFC 9457 problem with a code out of the one table. The only place that turns codes into HTTP. */
import type { FastifyError, FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { ERRORS, Refusal, type ErrorCode } from '../base/errors.js'
import { shortly } from './detail.js'

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'The address of the code’s description' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(ERRORS)),
    retry: Type.Boolean({ description: 'Whether the same request may succeed later, unchanged' }),
    detail: Type.Optional(Type.String({ description: 'What exactly was wrong' })),
    lines: Type.Optional(
      Type.Array(
        Type.Object({ line: Type.Integer({ minimum: 1 }), why: Type.String() }, { additionalProperties: false }),
        { description: 'Of a file: what is wrong, by the numbers of its lines' },
      ),
    ),
    agent: Type.Optional(
      Type.Object(
        { staff: Type.String(), name: Type.String() },
        { additionalProperties: false, description: 'Who has signed in at the extension' },
      ),
    ),
    instance: Type.String({ description: 'The request’s id, which the log has, too' }),
  },
  { $id: 'Problem', title: 'Problem', additionalProperties: false },
)

type BadLine = { line: number; why: string }
export type Problem = {
  type: string
  title: string
  status: number
  code: ErrorCode
  retry: boolean
  detail?: string
  instance: string
}

export function problemOf(code: ErrorCode, instance: string, detail?: string): Problem {
  const { status, retry, text } = ERRORS[code]
  const type = `urn:aladdin-cti:error:${code}`
  return { type, title: text, status, code, retry, ...(detail === undefined ? {} : { detail }), instance }
}

type More = { lines?: readonly BadLine[] | undefined; agent?: Refusal['agent'] | undefined }

export function sendProblem(reply: FastifyReply, code: ErrorCode, detail?: string, { lines, agent }: More = {}) {
  const problem = { ...problemOf(code, reply.request.id, detail), ...(lines && { lines }), ...(agent && { agent }) }
  // As bytes: a route's own schemas have no say in what a problem looks like.
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .serializer(String)
    .send(JSON.stringify(problem))
}

const MAX_DETAIL = 500

/** Fastify's own refusals, by its codes. */
const FASTIFY: Record<string, ErrorCode> = {
  FST_ERR_VALIDATION: 'BAD_REQUEST',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BAD_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BAD_REQUEST',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BAD_REQUEST',
  FST_ERR_BAD_URL: 'BAD_REQUEST',
  FST_ERR_MAX_PARAM_LENGTH: 'URI_TOO_LONG',
  FST_ERR_ASYNC_CONSTRAINT: 'BAD_REQUEST',
}

export function codeOf(error: FastifyError | Refusal | Error): { code: ErrorCode; detail?: string } {
  if (error instanceof Refusal)
    return { code: error.code, ...(error.detail === undefined ? {} : { detail: error.detail }) }
  const known = 'code' in error ? FASTIFY[error.code] : undefined
  if (known === 'URI_TOO_LONG') return { code: known, detail: 'a part of the address is too long' }
  if (known) return { code: known, detail: shortly(error.message, MAX_DETAIL) }
  const status = 'statusCode' in error ? error.statusCode : undefined
  // A broken body (bad JSON, cut short) has a status of its own and no code of Fastify's.
  return status !== undefined && status >= 400 && status < 500
    ? { code: 'BAD_REQUEST', detail: shortly(error.message, MAX_DETAIL) }
    : { code: 'INTERNAL' }
}
