/** Sound as an answer: all of it, or the part that is asked for. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import parseRange from 'range-parser'
import { Type } from 'typebox'
import { Refusal } from '../base/errors.js'
import { no } from '../base/result.js'
import type { RecordingFiles } from '../recordings/folder.js'

export const soundAnswers = {
  200: { description: 'All of it', content: { 'audio/wav': { schema: Type.Unknown() } } },
  206: { description: 'The part that was asked for', content: { 'audio/wav': { schema: Type.Unknown() } } },
}

type Part = { start: number; end: number }

/** What is asked for of so many bytes: a part, or all of it (undefined); 416 where it has none such. */
function partOf(request: FastifyRequest, reply: FastifyReply, size: number): Part | undefined {
  reply.header('accept-ranges', 'bytes')
  const { range } = request.headers
  const parts = range === undefined ? undefined : parseRange(size, range)
  if (parts === undefined || parts === -2 || (Array.isArray(parts) && parts.type !== 'bytes')) return undefined
  const [part] = parts === -1 ? [] : parts
  if (!part) {
    reply.header('content-range', `bytes */${size}`)
    throw new Refusal('RANGE_NOT_SATISFIABLE')
  }
  reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${size}`)
  return part
}

/** Of a file that is there whole: the part that is asked for; 416 where it has none such. */
export function sendSound(request: FastifyRequest, reply: FastifyReply, sound: Buffer) {
  reply.type('audio/wav')
  const part = partOf(request, reply, sound.length)
  return reply.send(part ? sound.subarray(part.start, part.end + 1) : sound)
}

/** One that the dialplan has made: read as it is sent, or at the address that the answer names. */
export async function sendRecording(
  request: FastifyRequest,
  reply: FastifyReply,
  { name, state, file }: { name: string; state: string; file?: string },
  files: RecordingFiles,
) {
  const found =
    state === 'done' && file !== undefined ? await files.find(file, name) : no('RECORDING_NOT_FOUND' as const)
  if (!found.ok) throw new Refusal(found.error)
  if ('at' in found.value) return reply.redirect(found.value.at, 302)
  const { handle, size, type } = found.value
  try {
    const part = partOf(request, reply.type(type), size) ?? { start: 0, end: size - 1 }
    const length = part.end - part.start + 1
    if (length <= 0) return await handle.close().then(() => reply.send(Buffer.alloc(0)))
    return await reply.header('content-length', length).send(handle.createReadStream(part))
  } catch (error) {
    await handle.close()
    throw error
  }
}
