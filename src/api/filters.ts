/** Ids in filters: `hq:8001`, as they are shown, and `8001`, as the PBX has them. The part before the colon chooses the PBX. */
import { Refusal } from '../base/errors.js'
import { pbxNamed } from './pbx.js'
import type { Pbx, Pbxs } from './ports.js'
import { queueNamed } from './queue-name.js'

type Id = { pbx?: string; own: string }

/** PBX_NOT_FOUND where what is before the colon is no PBX. */
export function idIn(pbxs: Pick<Pbxs, 'has'>, text: string, field: string): Id {
  const colon = text.indexOf(':')
  if (colon < 0) return { own: text }
  const pbx = text.slice(0, colon)
  if (!pbxs.has(pbx)) throw new Refusal('PBX_NOT_FOUND', `${field}: what is before the colon is no PBX`)
  return { pbx, own: text.slice(colon + 1) }
}

/** The name of a queue, and so the id of a workgroup, may have a colon itself. */
const queueIn = (pbxs: Pbxs, text: string, field: string): Id =>
  pbxs.has(text.slice(0, text.indexOf(':'))) ? idIn(pbxs, text, field) : { own: text }

const NAMES = ['agent', 'entry', 'extension', 'heard', 'queue'] as const
type Name = (typeof NAMES)[number]
export type Filters = Partial<Record<Name, string>>

/**
 * The PBX that is asked, and the filters as it has them. `name`: the PBX that the query names; without it that of the ids, else the
 * first. BAD_REQUEST where they name different ones.
 */
export async function filtersIn(
  pbxs: Pbxs,
  name: string | undefined,
  query: Partial<Record<Name, string | undefined>>,
): Promise<{ pbx: Pbx; filters: Filters }> {
  const filters: Filters = {}
  let named = name
  for (const key of NAMES) {
    const text = query[key]
    if (text === undefined) continue
    const { pbx, own } = key === 'queue' || key === 'entry' ? queueIn(pbxs, text, key) : idIn(pbxs, text, key)
    if (pbx !== undefined && named !== undefined && pbx !== named)
      throw new Refusal('BAD_REQUEST', `${key}: is of another PBX than the rest of the request`)
    named = pbx ?? named
    filters[key] = own
  }
  const pbx = pbxNamed(pbxs, named)
  if (filters.queue !== undefined) filters.queue = await queueNamed(pbx, filters.queue)
  return { pbx, filters }
}
