/**
 * Transfers that a command or a phone has asked for and that the PBX has not carried out: whom they are to is rung, is asked, and
 * may say no. From where the legs are follows how far each is, or how it ended without having been one. Pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { TransferOutcome } from '../events/call-parts.js'
import type { LegFact } from '../pbx/facts.js'
import { endsOf, partyFor, roomsOf } from './paths.js'
import { partyOf, type Site } from './site.js'
import { changedOne, isLive, isOpen, isParty, isTalk, legOf } from './state.js'
import type { Asked, Call, Leg, Transfer } from './state.js'
import { isAsked, OUTCOME_OF, otherOf } from './transfer.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

/** One at a time for each leg. */
export function transferAsked(site: Site, call: Call, { at, leg: by, id, kind, to }: Of<'transfer.asked'>): Call {
  const leg = legOf(call, by)
  if (!leg || !isLive(leg) || call.transfers.some(t => t.id === id || (t.by === by && isAsked(t)))) return call
  const from = otherOf(call, by)
  const transfer: Transfer = {
    ...{ id, kind, by, to: partyOf(site, to, '', 'dialled'), askedAt: at, asked: 'asked', startedAt: at },
    ...(from === undefined ? {} : { from }),
  }
  return { ...call, transfers: [...call.transfers, transfer] }
}

/**
 * A phone that has put its partner on hold comes into a bridge with half of a Local pair, and its partner stays behind: by feature
 * code it asks somebody, as a command would have it do. Where a command did, the transfer is there already. So does the half of a pair in the
 * place of the phone behind it.
 */
export function consultSeen(site: Site, was: Call, call: Call, { at, leg: id }: Of<'bridge.entered'>): Call {
  const [before, entered] = [legOf(was, id), legOf(call, id)]
  const by = entered && partyFor(call, entered)
  if (!before?.holding || !by || call.transfers.some(t => t.by === by.id && isAsked(t))) return call
  const half = halfWith(call, by, by.answeredAt ?? by.startedAt)
  const from = half && leftBehind(call, by)
  if (!half || !from) return call
  const transfer: Transfer = {
    ...{
      id: at.toString(36),
      kind: 'attended',
      by: by.id,
      from: from.id,
      to: partyOf(site, half.dialled ?? '', '', 'dialled'),
    },
    ...{ askedAt: at, asked: 'asked', via: half.id, startedAt: half.startedAt },
  }
  return { ...call, transfers: [...call.transfers, transfer] }
}

/** The newest half of a Local pair that a leg is in a bridge with, itself or at the far end of a pair that leads there. */
function halfWith(call: Call, leg: Leg, since: EpochMs): Leg | undefined {
  for (const { id, bridge } of endsOf(call, leg)) {
    const half = call.legs.findLast(
      l => l.kind === 'local' && l.id !== id && isLive(l) && l.startedAt >= since && isIn(bridge, l),
    )
    if (half) return half
  }
  return undefined
}

const isIn = (bridge: Leg['bridge'], leg: Leg) => bridge !== undefined && leg.bridge === bridge

/** Whom a leg was with last, where they are in the bridge that it has left. */
function leftBehind(call: Call, { id, bridge }: Leg): Leg | undefined {
  const last = call.segments.findLast(s => s.legs.includes(id) && s.legs.length > 1)
  const others = last?.legs.flatMap(other => legOf(call, other) ?? []) ?? []
  return others.find(l => l.id !== id && isLive(l) && l.bridge !== undefined && l.bridge !== bridge)
}

/** The PBX did not take it: there never was one. */
export function transferWithdrawn(call: Call, { id }: Of<'transfer.withdrawn'>): Call {
  const transfers = call.transfers.filter(t => t.id !== id || !isAsked(t))
  return transfers.length === call.transfers.length ? call : { ...call, transfers }
}

export function transferCancelled(call: Call, { id }: Of<'transfer.cancelled'>): Call {
  const transfers = changedOne(
    call.transfers,
    t => t.id === id && isAsked(t) && !t.takenBack,
    (t): Transfer => ({ ...t, takenBack: true }),
  )
  return transfers === call.transfers ? call : { ...call, transfers }
}

/** As far as they are now. */
export function followAsked(call: Call, at: EpochMs): Call {
  return call.transfers.filter(isAsked).reduce((now, transfer) => {
    const next = followOne(now, transfer, at)
    return next === transfer ? now : { ...now, transfers: now.transfers.map(t => (t === transfer ? next : t)) }
  }, call)
}

function followOne(call: Call, transfer: Transfer, at: EpochMs): Transfer {
  const by = legOf(call, transfer.by)
  const from = transfer.from === undefined ? undefined : legOf(call, transfer.from)
  const reached = askedOf(call, transfer)
  if (transfer.kind === 'three-way' && reached?.bridge !== undefined && reached.bridge === by?.bridge)
    return { ...transfer, endedAt: at, outcome: 'answered', answeredBy: reached.id }
  const over = endOf(call, transfer, { by, from })
  if (over) return { ...transfer, endedAt: at, outcome: over }
  const via =
    transfer.via ?? (transfer.kind === 'attended' && by ? halfWith(call, by, transfer.startedAt)?.id : undefined)
  const asked = progressOf(call, via === undefined ? undefined : legOf(call, via), reached) ?? transfer.asked
  if ((asked === transfer.asked || asked === undefined) && via === transfer.via) return transfer
  return { ...transfer, ...(asked && { asked }), ...(via !== undefined && { via }) }
}

/**
 * How far it is, where that shows. The pair is up when somebody has answered: a phone, or a part of the PBX, such as a queue, a menu or
 * a parking lot that announces the space. Once it is gone, the phone that it led to tells.
 */
function progressOf(call: Call, half: Leg | undefined, reached: Leg | undefined): Asked | undefined {
  if (half?.state === 'up' || reached?.state === 'up') return 'consulting'
  const waits = half?.pair === undefined ? undefined : legOf(call, half.pair)?.place
  return reached || half?.state === 'ringing' || waits?.kind === 'queue' ? 'ringing' : undefined
}

/** The newest phone that came into the call since, and is still in it. */
const askedOf = (call: Call, { by, from, startedAt }: Transfer): Leg | undefined =>
  call.legs.findLast(l => isParty(l) && isLive(l) && l.id !== by && l.id !== from && l.startedAt >= startedAt)

type Around = { by: Leg | undefined; from: Leg | undefined }

/** Whoever asked is gone, or whom it was about; or they are with one another, and nobody else is there any more. */
function endOf(call: Call, transfer: Transfer, { by, from }: Around): TransferOutcome | undefined {
  if (!by || !isLive(by)) return call.legs.some(l => isParty(l) && isLive(l)) ? undefined : triedAs(call, transfer)
  if (transfer.from !== undefined && (!from || !isLive(from) || hasGoneBack(call, transfer))) return 'abandoned'
  const came = call.legs.filter(l => l.startedAt >= transfer.startedAt && l.id !== by.id && l.id !== from?.id)
  const stay = came.filter(l => isLive(l) && !l.monitor && !leadsNowhere(call, l))
  if (came.length === 0 || (stay.length > 0 && !askOn(call, transfer, stay))) return undefined
  const talk = transfer.kind === 'three-way' || isTogether(call, by, from) || isBackOnHold(call, transfer)
  return talk ? triedAs(call, transfer) : undefined
}

/**
 * Half of a Local pair that is in no bridge, and whose other half is gone. Asterisk 16 keeps it for as long as somebody listens to who asked
 * and is heard by both.
 */
function leadsNowhere(call: Call, { kind, bridge, pair }: Leg): boolean {
  const far = pair === undefined ? undefined : legOf(call, pair)
  return kind === 'local' && bridge === undefined && far !== undefined && !isLive(far)
}

/** Whom it is about had asked this colleague, and has taken back their own partner since. */
const hasGoneBack = (call: Call, { by, from, startedAt }: Transfer) =>
  call.transfers.some(t => t.by === from && t.from !== by && t.outcome === 'cancelled' && (t.endedAt ?? 0) >= startedAt)

/**
 * Who is asked asks somebody else meanwhile. If the asker goes back, the PBX lets go of neither of the two, but of the pair through which
 * the asker was with them; it stays where the asker only swaps.
 */
function askOn(call: Call, { by, via, takenBack }: Transfer, stay: readonly Leg[]): boolean {
  const half = via === undefined ? undefined : legOf(call, via)
  const isKept = half !== undefined && isLive(half) && !(takenBack && leadsNowhere(call, half))
  if (isKept || (!half && !takenBack)) return false
  return call.transfers.some(t => isAsked(t) && t.from === by && stay.some(l => l.id === t.by))
}

const isTogether = (call: Call, by: Leg, from: Leg | undefined) =>
  from !== undefined &&
  !by.holding &&
  call.segments.some(s => isOpen(s) && isTalk(s) && s.legs.includes(by.id) && s.legs.includes(from.id))

/** The phone of the asker has put the talk on hold meanwhile, for another call, and has not taken it back yet: the pair that led on is gone. */
function isBackOnHold(call: Call, { by, from, via }: Transfer): boolean {
  const half = via === undefined ? undefined : legOf(call, via)
  if (!half || isLive(half)) return false
  return roomsOf(call).some(room => [by, from].every(id => room.some(l => l.id === id)))
}

/**
 * By the last phone that was rung for it: one that had answered has left, or was left. The PBX rings it for so long
 * (`atxfernoanswertimeout`), and then gives up as a caller does.
 */
function triedAs(call: Call, { startedAt, takenBack, via }: Transfer): TransferOutcome {
  // Of phones that ring together, the one that was answered tells.
  const tried = call.offers.findLast(o => o.startedAt >= startedAt && o.result !== 'answered-elsewhere')
  if (takenBack) return 'cancelled'
  // A closed queue, for example: no phone was rung, and the far end of the pair has hung up.
  const farEndLeft = via !== undefined && legOf(call, via)?.hangupAsked === 'far-side'
  if (tried?.result === undefined) return farEndLeft ? 'failed' : 'cancelled'
  const hasLeft = legOf(call, tried.leg)?.hangupAsked === 'far-side'
  // Picked up, and gone before the two were together.
  if (tried.result === 'not-accepted' && hasLeft) return 'returned'
  if (tried.result === 'caller-gave-up') return 'no-answer'
  if (tried.result !== 'answered') return OUTCOME_OF[tried.result]
  return hasLeft ? 'returned' : 'cancelled'
}
