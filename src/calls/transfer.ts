/**
 * Transfers: by whom, of whom, where to, and what came of it. That the PBX has carried one out says only that the other
 * party was sent on; what comes of it shows where that party is afterwards. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { OfferResult, TransferOutcome } from '../events/call-parts.js'
import type { LegFact } from '../pbx/facts.js'
import { nowhere } from './bridges.js'
import { roomsOf, waitersFor } from './paths.js'
import { partyOf, type Site } from './site.js'
import { isLive, isOpen, isTalk, legOf, withLeg, type Call, type Leg, type Transfer } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function blindTransferred(site: Site, call: Call, fact: Of<'transfer.blind'>): Call {
  const { at, leg: by, to, done } = fact
  if (!legOf(call, by)) return call
  const from = known(call, fact.from) ?? otherOf(call, by)
  return withTransfer(done ? handsOver(call, by) : call, {
    kind: 'blind',
    by,
    ...(from === undefined ? {} : { from }),
    to: partyOf(site, to),
    startedAt: at,
    ...(done ? {} : { endedAt: at, outcome: 'failed' }),
  })
}

export function attendedTransferred(site: Site, call: Call, fact: Of<'transfer.attended'>): Call {
  const { at, leg: by, consult, into } = fact
  const consulting = legOf(call, consult)
  if (!legOf(call, by) || !consulting) return call
  const from = known(call, fact.from) ?? otherOf(call, by)
  const target = known(call, fact.target)
  const reached = target === undefined ? undefined : legOf(call, target)
  const transfer: Transfer = {
    kind: into === 'threeway' ? 'three-way' : reached && reached.state !== 'up' ? 'semi-attended' : 'attended',
    by,
    ...(from === undefined ? {} : { from }),
    to: partyOf(site, reached?.number ?? consulting.dialled ?? ''),
    startedAt: at,
  }
  if (into === 'nothing') return withTransfer(call, { ...transfer, endedAt: at, outcome: 'failed' })
  if (into === 'threeway') return withTransfer(call, { ...transfer, ...answeredBy(target, at) })
  const handed = handsOver(handsOver(call, by), consult)
  const placed = into === 'app' && from !== undefined ? takesPlaceOf(handed, from, consult) : handed
  return withTransfer(placed, reached?.state === 'up' ? { ...transfer, ...answeredBy(target, at) } : transfer)
}

const answeredBy = (leg: LegId | undefined, at: EpochMs): Partial<Transfer> => ({
  endedAt: at,
  outcome: 'answered',
  ...(leg === undefined ? {} : { answeredBy: leg }),
})

/** A phone that sends its callers on (302). */
export function forwarded(site: Site, call: Call, by: LegId, to: string, at: EpochMs): Call {
  const leg = legOf(call, by)
  const from = leg && waitersFor(call, leg)[0]
  const forward: Transfer = { kind: 'forward', by, to: partyOf(site, to), startedAt: at }
  return withTransfer(call, from === undefined ? forward : { ...forward, from })
}

/** The same transfer told twice is one. */
function withTransfer(call: Call, transfer: Transfer): Call {
  const again = call.transfers.some(
    t => t.by === transfer.by && t.kind === transfer.kind && t.startedAt === transfer.startedAt,
  )
  return again ? call : { ...call, transfers: [...call.transfers, transfer] }
}

/** Its part in the call is over. */
const handsOver = (call: Call, by: LegId): Call =>
  withLeg(call, by, l => (isLive(l) && l.reason === undefined ? { ...l, reason: 'transferred' } : l))

/** The leg, if it is one of this call. */
const known = (call: Call, id: LegId | undefined) => (id !== undefined && legOf(call, id) ? id : undefined)

/** Whom a leg is in a room with. */
const otherOf = (call: Call, id: LegId): LegId | undefined =>
  roomsOf(call)
    .find(room => room.some(l => l.id === id))
    ?.find(l => l.id !== id)?.id

/** What one leg waits for, the other waits for now: a queue, or phones that are being rung. */
function takesPlaceOf(call: Call, id: LegId, former: LegId): Call {
  const place = legOf(call, former)?.place
  if (id === former) return call
  const legs = call.legs.map((l): Leg => {
    if (l.by === former && isLive(l)) return { ...l, by: id }
    if (l.id === id && isLive(l) && place) return { ...nowhere(l), place }
    return l.id === former ? nowhere(l) : l
  })
  const queues = call.queues.map(v => (v.leg === former && v.leftAt === undefined ? { ...v, leg: id } : v))
  return { ...call, legs, queues }
}

/** Transfers whose outcome shows now. */
export function settleTransfers(call: Call, at: EpochMs): Call {
  if (call.transfers.every(t => t.outcome !== undefined)) return call
  const transfers = call.transfers.map(transfer => {
    if (transfer.outcome !== undefined) return transfer
    const settled = settledAs(call, transfer)
    return settled ? { ...transfer, ...settled, endedAt: at } : transfer
  })
  return transfers.every((transfer, i) => transfer === call.transfers[i]) ? call : { ...call, transfers }
}

type Settled = { outcome: TransferOutcome; answeredBy?: LegId }

function settledAs(call: Call, transfer: Transfer): Settled | undefined {
  const from = transfer.from === undefined ? undefined : legOf(call, transfer.from)
  if (!from || !isLive(from)) return { outcome: failedAs(call, transfer, from) }
  const talk = call.segments.findLast(s => isOpen(s) && isTalk(s) && s.legs.includes(from.id))
  const partner = talk?.legs.map(id => legOf(call, id)).find(l => l && l.id !== from.id && l.reason !== 'transferred')
  if (partner) return { outcome: isBackAt(call, transfer, partner) ? 'returned' : 'answered', answeredBy: partner.id }
  if (from.place?.kind === 'queue') return { outcome: 'queued' }
  if (from.place?.kind === 'park') return { outcome: 'parked' }
  return from.place === undefined ? undefined : { outcome: failedAs(call, transfer, from) }
}

const isBackAt = (call: Call, { by, kind }: Transfer, leg: Leg) => {
  const transferer = legOf(call, by)
  return kind !== 'forward' && transferer?.extension !== undefined && transferer.extension === leg.extension
}

const OUTCOME_OF: Record<OfferResult, TransferOutcome> = {
  answered: 'failed',
  'no-answer': 'no-answer',
  busy: 'busy',
  rejected: 'rejected',
  unavailable: 'unreachable',
  'answered-elsewhere': 'failed',
  'caller-gave-up': 'abandoned',
  'picked-up': 'failed',
  forwarded: 'failed',
}

/** By the last phone that was tried; without any, by who hung up. */
function failedAs(call: Call, { startedAt }: Transfer, from: Leg | undefined): TransferOutcome {
  const tried = call.offers.findLast(o => o.startedAt >= startedAt && o.result !== undefined)
  if (tried?.result !== undefined) return OUTCOME_OF[tried.result]
  return from?.hangupAsked === 'far-side' ? 'abandoned' : 'failed'
}
