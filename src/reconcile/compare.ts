/**
 * Our calls beside those that the PBX wrote down: each difference, and the reason where one is known. Pure. What was inferred
 * over a gap may be late, coarse or unknown, and says so; it may never be invented. Any other difference has no reason.
 */
import { callId, type EpochMs, type LegId, type PbxId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { PbxCall } from './calls.js'
import type { CelRow } from './cel.js'
import { fieldsThatDiffer, type Aspect } from './fields.js'
import type { VisitAspect } from './visit-fields.js'

/** `missing`: the PBX has it, we do not; `extra`: the other way round. */
export type DifferenceKind = 'missing' | 'extra' | 'live' | Aspect | VisitAspect

export type Difference = {
  kind: DifferenceKind
  call: string
  /** What each says; times in RFC 3339, lengths in milliseconds. */
  ours?: string | number
  theirs?: string | number
  /** Why it is so, where that is known; without one, one of the two is wrong. */
  reason?: string
}

/** Nothing was heard of the PBX from then until then. */
export type Gap = { from: EpochMs; until: EpochMs }

export type Compared = {
  pbx: PbxId
  ours: readonly CallView[]
  theirs: readonly PbxCall[]
  gaps: readonly Gap[]
  /** Rows that the PBX has cut, whoever they were of. */
  cut?: readonly CelRow[]
  /** Two clocks of one machine, read by two threads. */
  toleranceMs: number
  /** After so long at the latest, what was not told has to be found out. */
  healedWithinMs: number
}

export const USUAL = { toleranceMs: 1_000, healedWithinMs: 60_000 }

export function compareCalls(compared: Compared): Difference[] {
  const { pbx, ours, theirs } = compared
  const byId = new Map(ours.map(call => [call.id, call]))
  const byLeg = new Map(ours.flatMap(call => call.legs.map(leg => [leg.id, call] as const)))
  const found = new Set<CallView>()
  const differences = theirs.filter(isSomebodys).flatMap(call => {
    const mine = byId.get(callId(pbx, call.linked)) ?? call.channels.map(c => byLeg.get(c.leg)).find(c => c)
    if (!mine) return [missing(compared, call)]
    found.add(mine)
    return fieldsThatDiffer(compared, mine, call)
  })
  const hasCutRows = new Set(ours.filter(call => isCut(call, compared)).map(({ id }) => id))
  const explained = (difference: Difference): Difference =>
    difference.reason === undefined && hasCutRows.has(difference.call)
      ? { ...difference, reason: 'the PBX has cut rows of this call, whose caller has a long name' }
      : difference
  const written = new Set(theirs.flatMap(call => call.channels.map(c => c.leg as string)))
  return [...differences, ...ours.filter(call => !found.has(call)).map(call => extra(call, written))].map(explained)
}

/** Shorter than this, a name leaves room for the rest of the row. */
const LONG_NAME = 200

/** A row was cut while the call was there, and begins as the name of its caller does. */
function isCut({ from, startedAt, endedAt }: CallView, { cut = [], toleranceMs }: Compared): boolean {
  const name = (from.name ?? '').replaceAll('"', "'")
  if (name.length < LONG_NAME) return false
  const [begins, ends] = [Date.parse(startedAt) - toleranceMs, Date.parse(endedAt ?? '9999') + toleranceMs]
  return cut.some(({ at, cut: row = '' }) => {
    const length = Math.min(row.length, name.length)
    return at >= begins && at <= ends && length >= LONG_NAME && row.slice(0, length) === name.slice(0, length)
  })
}

/** Halves of Local pairs alone never were anybody's call. */
const isSomebodys = (call: PbxCall) => call.channels.some(c => c.kind === 'party')

const at = (time: EpochMs) => new Date(time).toISOString()

function missing({ pbx, gaps, toleranceMs }: Compared, call: PbxCall): Difference {
  const end = call.endedAt ?? Infinity
  const unheard = gaps.some(gap => call.startedAt >= gap.from - toleranceMs && end <= gap.until + toleranceMs)
  return {
    kind: 'missing',
    call: callId(pbx, call.linked),
    theirs: at(call.startedAt),
    ...(unheard ? { reason: 'it began and ended while nothing was heard of the PBX' } : {}),
  }
}

/** The PBX has its channels in another call: which one, was not told. */
const extra = (call: CallView, written: ReadonlySet<string>): Difference => ({
  kind: 'extra',
  call: call.id,
  ours: call.startedAt,
  ...(call.inferred === true && call.legs.length > 0 && call.legs.every(({ id }) => written.has(id))
    ? { reason: 'which call its channels belong to was not told' }
    : {}),
})

/** What is live with us, beside the channels that the PBX has now. */
export function compareLive(live: readonly CallView[], channels: ReadonlySet<LegId>): Difference[] {
  const known = new Set(live.flatMap(call => call.legs.map(leg => leg.id)))
  return [
    ...live
      .filter(call => !call.legs.some(leg => channels.has(leg.id as LegId)))
      .map(call => ({ kind: 'live' as const, call: call.id, ours: call.state, theirs: 'no channel' })),
    ...[...channels]
      .filter(leg => !known.has(leg))
      .map(leg => ({ kind: 'live' as const, call: leg, ours: 'no call', theirs: 'a channel' })),
  ]
}
