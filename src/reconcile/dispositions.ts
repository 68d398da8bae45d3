/** Our calls beside the PBX's call data records, which know little, but come from elsewhere in the PBX than CEL. Pure. */
import { callId, type PbxId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { PbxCall } from './calls.js'
import type { CdrRow } from './cdr.js'
import type { CelRow } from './cel.js'
import type { Difference } from './compare.js'

/** What the channel event log says. */
type Cel = { theirs: readonly PbxCall[]; cut: readonly CelRow[] }

/**
 * A call has a row for each attempt to reach somebody. An answer counts if somebody was dialled: machines answer, too. Where
 * nobody was, as in a conference, the rows do not tell.
 */
export function compareDispositions(
  pbx: PbxId,
  ours: readonly CallView[],
  rows: readonly CdrRow[],
  cel?: Cel,
): Difference[] {
  const callOfLeg = new Map(cel?.theirs.flatMap(call => call.channels.map(c => [c.leg as string, call] as const)))
  const byCall = new Map<string, CdrRow[]>()
  const callOf = new Map(ours.flatMap(call => call.legs.map(leg => [leg.id, call.id] as const)))
  for (const row of rows) {
    const id = callOf.get(row.leg) ?? callOf.get(row.linked ?? '') ?? callId(pbx, row.linked ?? row.leg)
    byCall.set(id, [...(byCall.get(id) ?? []), row])
  }
  return ours.flatMap((call): Difference[] => {
    const told = byCall.get(call.id)
    if (!told) return [{ kind: 'cdr', call: call.id, ours: call.startedAt, theirs: 'no row', ...whyNoRow(call) }]
    const answered = told.some(row => row.disposition === 'ANSWERED' && row.dialledChannel !== '')
    const unsaid = !answered && call.segments.some(s => s.kind === 'conference')
    if (unsaid || answered === (call.answeredAt !== undefined)) return []
    const theirs = [...new Set(told.map(row => row.disposition))].join(', ')
    const said = call.legs.map(leg => callOfLeg.get(leg.id)).find(found => found)
    const why = cel && !isNobodys(told, said, cel) ? excuse(call, 'an answer') : whyAnswered(call, told)
    return [{ kind: 'cdr', call: call.id, ours: call.outcome ?? call.state, theirs, ...why }]
  })
}

/** What was inferred may lack something; it may not have something that never was. Who picks up need not talk with anybody. */
function excuse(call: CallView, what: string) {
  if (call.answeredAt !== undefined) return {}
  if (call.inferred === true) return { reason: `${what} that was not told` }
  const pickedUp = call.legs.some(leg => leg.side === 'callee' && leg.answeredAt !== undefined)
  return pickedUp ? { reason: 'a phone was picked up, and the two never talked' } : {}
}

/** A row of a talk through a Local channel is that of the phone behind it. */
const isByDialplan = (row: CdrRow) =>
  row.disposition !== 'ANSWERED' || row.dialledChannel === '' || row.dialledChannel.startsWith('Local/')

const whyAnswered = (call: CallView, told: readonly CdrRow[]) =>
  call.answeredAt === undefined && told.every(isByDialplan)
    ? { reason: 'the dialplan behind a Local channel answered, and no phone did' }
    : excuse(call, 'an answer')

/** The channel event log proves it: no phone that was dialled was answered, no two talked, and no row was cut meanwhile. */
function isNobodys(rows: readonly CdrRow[], said: PbxCall | undefined, { cut }: Cel): boolean {
  if (!said) return false
  const callers = new Set<string>(rows.flatMap(row => (row.dialledChannel === '' ? [] : [row.leg])))
  const { channels, talks, startedAt, endedAt = Infinity } = said
  return (
    channels.every(c => c.kind !== 'party' || callers.has(c.leg) || c.answeredAt === undefined) &&
    talks.length === 0 &&
    !cut.some(({ at }) => at >= startedAt && at <= endedAt)
  )
}

/** A caller dials, and does not ring: a phone that rings in a call of its own, or has dialled nothing, was called by the PBX. */
function whyNoRow(call: CallView) {
  const [leg, other] = call.legs
  const isRung = leg?.ringingAt !== undefined || call.to.number === ''
  return leg && !other && leg.answeredAt === undefined && isRung
    ? { reason: 'the PBX writes no row of a phone that it rang by itself and that did not answer' }
    : excuse(call, 'a row')
}
