/** Who asks: the name of the API key, and, where the body says so, on whose behalf. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Asker } from '../engine/agent-commands.js'

/** For every body of a command. */
export const by = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$',
    description:
      'The staff id of the person who asks: it is noted, and their rights count. Without it, the API key has every right, but dials only what everybody may',
  }),
)

const names = new WeakMap<FastifyRequest, string>()
export const noteKey = (request: FastifyRequest, name: string) => void names.set(request, name)
export const keyNameOf = (request: FastifyRequest) => names.get(request) ?? ''
export const askerIn = (request: FastifyRequest, staff: string | undefined, dryRun = false): Asker => ({
  key: keyNameOf(request),
  ...(staff === undefined ? {} : { staff }),
  ...(dryRun && { dryRun }),
})
