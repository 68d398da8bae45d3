/** Which calls are compared: those that began and ended within an interval, by the PBX and by us. Pure. */
import type { LegId, PbxId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { Books } from './all.js'
import type { Interval } from './files.js'
import { groupedCalls } from './groups.js'

/** `straddling`: how many calls of the PBX's reach over an end of the interval, and are left out with ours. */
export type Within = { ours: CallView[]; books: Books; straddling: number }

/** `books`: the rows of the interval; `ours`: also calls that began some time before it, so that their rows are known. */
export function within(pbx: PbxId, interval: Interval, ours: readonly CallView[], books: Books): Within {
  const { from, until } = interval
  const born = new Set(books.cel.filter(row => row.type === 'CHAN_START').map(row => row.leg))
  const mineOf = new Map<string, CallView>(ours.flatMap(call => call.legs.map(leg => [leg.id, call] as const)))
  const isWhole = ({ startedAt, endedAt }: CallView) =>
    Date.parse(startedAt) >= from && endedAt !== undefined && Date.parse(endedAt) < until
  const inside = new Set<LegId>()
  const seen = new Set<CallView>()
  const compared = new Set<CallView>()
  let straddling = 0
  for (const { channels, endedAt } of groupedCalls(pbx, books.cel, ours)) {
    const mine = new Set(channels.flatMap(({ leg }) => mineOf.get(leg) ?? []))
    for (const call of mine) seen.add(call)
    if (endedAt === undefined || !channels.every(({ leg }) => born.has(leg)) || ![...mine].every(isWhole)) {
      straddling += 1
      continue
    }
    for (const { leg } of channels) inside.add(leg)
    for (const call of mine) compared.add(call)
  }
  const isIn = (leg: LegId | undefined, linked?: LegId) =>
    (leg !== undefined && inside.has(leg)) || (linked !== undefined && inside.has(linked))
  return {
    ours: ours.filter(call => compared.has(call) || (!seen.has(call) && isWhole(call))),
    books: {
      cel: books.cel.filter(row => row.cut !== undefined || inside.has(row.leg)),
      ...(books.cdr && { cdr: books.cdr.filter(row => isIn(row.leg, row.linked)) }),
      ...(books.queueLog && { queueLog: books.queueLog.filter(row => isIn(row.leg)) }),
    },
    straddling,
  }
}
