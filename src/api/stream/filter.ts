/** Which events a stream wants: by type (`call.answered`, `call.*`), extension and call. Nothing named means all. Pure. */
import { Refusal } from '../../base/errors.js'
import { idIn } from '../filters.js'
import type { Pbxs } from '../ports.js'
import { EVENT_TYPES } from '../../events/event.js'
import type { LogEntry } from '../../events/log.js'

export type Filter = { types?: string; extension?: string; call?: string }
/** `pbx`: whose log it is from. */
export type Matches = (entry: Pick<LogEntry, 'type' | 'extensions' | 'call'>, pbx: string) => boolean

const list = (text: string | undefined) => text?.split(',').map(item => item.trim()) ?? []

export function matcherOf({ types, extension, call }: Filter, pbxs: Pick<Pbxs, 'has'>): Matches {
  const wanted = new Set(list(types).flatMap(typesLike))
  const extensions = list(extension).map(id => idIn(pbxs, id, 'extension'))
  const calls = list(call)
  return (entry, from) =>
    (wanted.size === 0 || wanted.has(entry.type)) &&
    (extensions.length === 0 || extensions.some(e => (e.pbx ?? from) === from && entry.extensions.includes(e.own))) &&
    (calls.length === 0 || (entry.call !== undefined && calls.includes(entry.call)))
}

function typesLike(pattern: string): string[] {
  const found = EVENT_TYPES.filter(
    type => type === pattern || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  )
  if (found.length === 0)
    throw new Refusal(
      'BAD_REQUEST',
      `querystring/types: there are no events like this; there are ${EVENT_TYPES.join(', ')}`,
    )
  return found
}
