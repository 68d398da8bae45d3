/** Who has changed what in the directory, and who has listened to whom, as the events of the log tell it. */
import type { AuditPage, AuditSearch, Listening, ListeningPage, ListeningSearch } from '../events/activity.js'
import type { CallView } from '../events/call.js'
import { isSameId, type DirectoryChange } from '../events/directory.js'
import type { LogEntry } from '../events/log.js'
import { createTrail, type TrailParts } from './trail.js'

export type Audit = ReturnType<typeof createAudit>

/** What a query asks for, an item has; of what is left out, anything will do. */
const has = <K extends string>(
  query: Partial<Record<K, string>>,
  item: Partial<Record<K, unknown>>,
  keys: readonly K[],
) => keys.every(key => query[key] === undefined || item[key] === query[key])

export function createAudit(parts: TrailParts) {
  const changes = createTrail<DirectoryChange>(parts, 'u')
  const listening = createTrail<Listening>(parts, 'l')
  return {
    write: changes.write,
    async find(query: AuditSearch): Promise<AuditPage> {
      const { entry } = query
      const isEntry = (item: DirectoryChange) => entry === undefined || isSameId(item.kind, item.entry, entry)
      const { items, ...more } = await changes.find(query, item => has(query, item, ['kind', 'by']) && isEntry(item))
      return { changes: items, ...more }
    },
    listened: (entries: readonly LogEntry[]) => listening.write(entries.flatMap(listeningIn)),
    listening: (query: ListeningSearch): Promise<ListeningPage> =>
      listening.find(query, item => has(query, item, ['call', 'by', 'extension', 'heard'])),
  }
}

/** What `call.monitored` tells of the leg that it names: how it listens from now on, or that it does no more. */
function listeningIn({ json, position }: LogEntry): Listening[] {
  const { time, data } = JSON.parse(json) as { time: string; data: { call: CallView; leg: string } }
  const { id: call, pbx, legs } = data.call
  const leg = legs.find(l => l.id === data.leg)
  if (!leg) return []
  const heard = legs.find(l => l.id === leg.hears)?.extension
  const listens = leg.state === 'up' && leg.mode !== undefined
  return [
    {
      ...{ id: `${pbx}:${position.seq}`, pbx, at: time, call, leg: leg.id, by: leg.askedBy ?? '' },
      ...(leg.extension !== undefined && { extension: leg.extension }),
      ...(heard !== undefined && { heard }),
      what: listens ? (leg.mode ?? 'listen') : 'end',
    },
  ]
}
