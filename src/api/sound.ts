/** Sound as an answer: all of it, or the part that is asked for. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import parseRange from 'range-parser'
import { Type } from 'typebox'
import { Refusal } from '../base/errors.js'

export const soundAnswers = {
  200: { description: 'All of it', content: { 'audio/wav': { schema: Type.Unknown() } } },
  206: { description: 'The part that was asked for', content: { 'audio/wav': { schema: Type.Unknown() } } },
}

/** Of a file that is there whole: the part that is asked for; 416 where it has none such. */
export function sendSound(request: FastifyRequest, reply: FastifyReply, sound: Buffer) {
  reply.type('audio/wav').header('accept-ranges', 'bytes')
  const { range } = request.headers
  const parts = range === undefined ? undefined : parseRange(sound.length, range)
  if (parts === undefined || parts === -2 || (Array.isArray(parts) && parts.type !== 'bytes')) return reply.send(sound)
  const [part] = parts === -1 ? [] : parts
  if (!part) {
    reply.header('content-range', `bytes */${sound.length}`)
    throw new Refusal('RANGE_NOT_SATISFIABLE')
  }
  reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${sound.length}`)
  return reply.send(sound.subarray(part.start, part.end + 1))
}
