/**
 * Which calls of the PBX's are one call of ours. A transfer, a pickup, a conference brings together what began apart: to the
 * PBX these stay calls of their own, to us they are one. Pure.
 */
import { callId, type LegId, type PbxId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import { callsOf, type PbxCall } from './calls.js'
import type { CelRow } from './cel.js'

/** The calls of these rows, those together that share a call of ours; where one has the id of ours, it names them. */
export function groupedCalls(pbx: PbxId, rows: readonly CelRow[], ours: readonly CallView[]): PbxCall[] {
  const linkedOf = new Map(callsOf(rows).flatMap(call => call.channels.map(c => [c.leg, call.linked] as const)))
  const rootOf = new Map<LegId, LegId>()
  const root = (linked: LegId): LegId => {
    const next = rootOf.get(linked)
    return next === undefined || next === linked ? linked : root(next)
  }
  for (const call of ours) {
    const linkeds = new Set(call.legs.flatMap(leg => linkedOf.get(leg.id as LegId) ?? []))
    const [first, ...others] = [...linkeds].sort((a, b) => rank(pbx, call, a) - rank(pbx, call, b))
    for (const other of others)
      if (first !== undefined && root(other) !== root(first)) rootOf.set(root(other), root(first))
  }
  return callsOf(rows, new Map([...rootOf.keys()].map(linked => [linked, root(linked)])))
}

const rank = (pbx: PbxId, call: CallView, linked: LegId) => (callId(pbx, linked) === call.id ? 0 : 1)
