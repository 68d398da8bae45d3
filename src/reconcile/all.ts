/** Our calls beside all that the PBX writes down: CEL, CDR and queue log. Pure. */

import { QueueMap } from '../base/queue-map.js'
import type { QueueOutcome } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'
import type { CdrRow } from './cdr.js'
import type { CelRow } from './cel.js'
import { compareCalls, type Compared, type Difference } from './compare.js'
import { compareDispositions } from './dispositions.js'
import { groupedCalls } from './groups.js'
import type { QueueLogRow } from './queue-log.js'
import { compareVisits } from './visit-fields.js'
import { visitsOf } from './visits.js'

/** What is missing was not given, and is not compared. */
export type Books = { cel: readonly CelRow[]; cdr?: readonly CdrRow[]; queueLog?: readonly QueueLogRow[] }

export type QueueCounts = Record<string, Partial<Record<QueueOutcome | 'waits', number>>>

export type Reconciled = {
  calls: number
  channels: number
  /** Per queue and outcome, as the PBX has it, and as we have it; the PBX's are absent where its queue log was left out. */
  queues: { theirs?: QueueCounts; ours: QueueCounts }
  differences: Difference[]
}

export function reconcile(
  limits: Omit<Compared, 'ours' | 'theirs'>,
  ours: readonly CallView[],
  { cel, cdr, queueLog }: Books,
): Reconciled {
  const theirs = groupedCalls(limits.pbx, cel, ours)
  const callOf = new Map(
    theirs.flatMap(call => call.channels.map(c => [c.leg as string, call.linked as string] as const)),
  )
  const idOf = (leg: string) => {
    const linked = callOf.get(leg)
    return linked === undefined ? undefined : `${limits.pbx}:${linked}`
  }
  const channels = new Map(theirs.flatMap(call => call.channels.map(c => [c.leg as string, c] as const)))
  const visits = queueLog === undefined ? undefined : visitsOf(queueLog, callOf)
  const mine = ours.flatMap(call => call.queues)
  const cut = cel.filter(row => row.cut !== undefined)
  // The queue log has each name as the dialplan writes it; ours is that of the PBX itself.
  const names = new QueueMap([...mine, ...(visits ?? [])].map(({ queue }) => [queue, true]))
  return {
    calls: theirs.length,
    channels: theirs.reduce((sum, call) => sum + call.channels.filter(c => c.kind === 'party').length, 0),
    queues: {
      ...(visits && { theirs: counted(visits, names) }),
      ours: counted(mine, names),
    },
    differences: [
      ...compareCalls({ ...limits, ours, theirs, cut }),
      ...(cdr === undefined ? [] : compareDispositions(limits.pbx, ours, cdr, { theirs, cut })),
      ...(visits === undefined ? [] : compareVisits(limits, ours, visits, channels, idOf)),
    ],
  }
}

function counted(
  visits: readonly { queue: string; outcome?: QueueOutcome }[],
  names: Pick<QueueMap<unknown>, 'nameOf'>,
): QueueCounts {
  const counts: QueueCounts = {}
  for (const { queue, outcome = 'waits' } of visits) {
    const of = (counts[names.nameOf(queue)] ??= {})
    of[outcome] = (of[outcome] ?? 0) + 1
  }
  return counts
}
