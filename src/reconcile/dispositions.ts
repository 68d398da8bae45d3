/** Our calls beside the PBX's call data records, which know little, but come from elsewhere in the PBX than CEL. Pure. */
import { callId, type PbxId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { CdrRow } from './cdr.js'
import type { Difference } from './compare.js'

/** A call has a row for each attempt to reach somebody. An answer counts if somebody was dialled: machines answer, too. */
export function compareDispositions(pbx: PbxId, ours: readonly CallView[], rows: readonly CdrRow[]): Difference[] {
  const byCall = new Map<string, CdrRow[]>()
  for (const row of rows) {
    const id = callId(pbx, row.linked ?? row.leg)
    byCall.set(id, [...(byCall.get(id) ?? []), row])
  }
  return ours.flatMap((call): Difference[] => {
    const told = byCall.get(call.id)
    if (!told) return [{ kind: 'cdr', call: call.id, ours: call.startedAt, theirs: 'no row', ...excuse(call, 'a row') }]
    const answered = told.some(row => row.disposition === 'ANSWERED' && row.dialledChannel !== '')
    if (answered === (call.answeredAt !== undefined)) return []
    const theirs = [...new Set(told.map(row => row.disposition))].join(', ')
    return [{ kind: 'cdr', call: call.id, ours: call.outcome ?? call.state, theirs, ...excuse(call, 'an answer') }]
  })
}

/** What was inferred may lack something; it may not have something that never was. */
const excuse = (call: CallView, what: string) =>
  call.inferred === true && call.answeredAt === undefined ? { reason: `${what} that was not told` } : {}
