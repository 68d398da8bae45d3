/** Who asks: the name of the API key, and, where the request says so, on whose behalf. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Refusal } from '../base/errors.js'
import type { Asker } from '../engine/agent-commands.js'
import type { Pbx } from './ports.js'

/** For every body of a command. */
export const by = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$',
    description:
      'The staff id of the person who asks: it is noted, and their rights count; one that the directory does not have is refused with `STAFF_UNKNOWN`. Without it, the API key has every right, but dials only what everybody may',
  }),
)

const names = new WeakMap<FastifyRequest, string>()
export const noteKey = (request: FastifyRequest, name: string) => void names.set(request, name)
export const keyNameOf = (request: FastifyRequest) => names.get(request) ?? ''

export const namedIn = (request: FastifyRequest, staff: string | undefined, dryRun = false): Asker => ({
  key: keyNameOf(request),
  ...(staff === undefined ? {} : { staff }),
  ...(dryRun && { dryRun }),
})

/** STAFF_UNKNOWN where the directory of this PBX does not have who is named. */
export function askerIn(
  request: FastifyRequest,
  staff: string | undefined,
  { directory }: { directory: Pick<Pbx['engine']['directory'], 'now'> },
  dryRun = false,
): Asker {
  if (staff !== undefined && !directory.now().staff.has(staff)) throw new Refusal('STAFF_UNKNOWN')
  return namedIn(request, staff, dryRun)
}
