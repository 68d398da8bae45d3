/** The PBX's queue log as visits of callers to queues: one for each ENTERQUEUE, with what came of it. Pure. */
import type { EpochMs, LegId } from '../base/ids.js'
import type { QueueOutcome } from '../events/call-parts.js'
import { isSameQueue, queueKey } from '../base/queue-map.js'
import type { QueueLogRow } from './queue-log.js'

export type PbxVisit = {
  leg: LegId
  queue: string
  joinedAt: EpochMs
  outcome?: QueueOutcome
  waitedMs?: number
  /** Who was connected. */
  agent?: string
  /** Whose phone rang and was not answered, each time. */
  unanswered: string[]
  /** Whom the queue rang when the caller hung up, where the queue log says so (RINGCANCELED). */
  cancelled?: string[]
  /** How long the agent talked with them, and which side ended it; not known where the call went on to somebody else. */
  talkedMs?: number
  endedBy?: 'caller' | 'callee'
}

type Change = (row: QueueLogRow) => Partial<PbxVisit>

/** Whole seconds, in which place of the data. */
const seconds = ({ data }: QueueLogRow, place: number, key: 'waitedMs' | 'talkedMs'): Partial<PbxVisit> => {
  const told = data[place] ?? ''
  return /^\d{1,9}$/.test(told) ? { [key]: Number(told) * 1_000 } : {}
}

const left =
  (outcome: QueueOutcome, place: number): Change =>
  row => ({ outcome, ...seconds(row, place, 'waitedMs') })

const CHANGES: Readonly<Record<string, Change>> = {
  CONNECT: row => ({
    outcome: 'answered',
    ...seconds(row, 0, 'waitedMs'),
    ...(row.agent === undefined ? {} : { agent: row.agent }),
  }),
  ABANDON: left('abandoned', 2),
  EXITWITHTIMEOUT: left('timeout', 2),
  EXITEMPTY: left('leave-empty', 2),
  EXITWITHKEY: left('exit-key', 3),
  WITHDRAW: left('withdrawn', 2),
  COMPLETEAGENT: row => ({ endedBy: 'callee', ...seconds(row, 1, 'talkedMs') }),
  COMPLETECALLER: row => ({ endedBy: 'caller', ...seconds(row, 1, 'talkedMs') }),
}

/** Nobody picked up, or whoever did hung up before the caller was put through: then there is no RINGNOANSWER. */
const IN_VAIN: ReadonlySet<string> = new Set(['RINGNOANSWER', 'AGENTDUMP'])

/**
 * In the order in which they came. `callOf`: which legs are of one call. A transfer puts another leg into the place of the
 * one that waits; what comes of the visit is then written under that.
 */
export function visitsOf(rows: readonly QueueLogRow[], callOf: ReadonlyMap<string, string> = new Map()): PbxVisit[] {
  const visits: PbxVisit[] = []
  const open = new Map<string, PbxVisit>()
  for (const row of rows) {
    const { leg, queue, event, agent, at } = row
    if (leg === undefined || queue === undefined) continue
    const key = `${leg} ${queueKey(queue)}`
    if (event === 'ENTERQUEUE') {
      const visit: PbxVisit = { leg, queue, joinedAt: at, unanswered: [] }
      visits.push(visit)
      open.set(key, visit)
    }
    const visit = open.get(key) ?? heir(visits, row, callOf)
    if (!visit) continue
    open.set(key, visit)
    if (IN_VAIN.has(event) && agent !== undefined) visit.unanswered.push(agent)
    if (event === 'RINGCANCELED' && agent !== undefined) (visit.cancelled ??= []).push(agent)
    Object.assign(visit, CHANGES[event]?.(row))
  }
  return visits
}

function heir(visits: readonly PbxVisit[], { leg, queue }: QueueLogRow, callOf: ReadonlyMap<string, string>) {
  const call = leg && callOf.get(leg)
  if (call === undefined) return undefined
  return visits.findLast(
    v => isSameQueue(v.queue, queue ?? '') && v.outcome === undefined && callOf.get(v.leg) === call,
  )
}
