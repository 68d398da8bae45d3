/**
 * Transfers: by whom, of whom, where to, and what came of it. That the PBX has carried one out says only that the other
 * party was sent on; what comes of it shows where that party is afterwards. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { OfferResult, TransferOutcome } from '../events/call-parts.js'
import { deviceOfChannel } from '../pbx/channel-name.js'
import type { LegFact } from '../pbx/facts.js'
import { nowhere, transferred } from './bridges.js'
import { partyFor, phoneBehind, placeOf, roomsOf, waitersFor } from './paths.js'
import { partyOf, wayOf, type Site } from './site.js'
import {
  isLive,
  isOpen,
  isParty,
  isTalk,
  legOf,
  withLeg,
  type Call,
  type Leg,
  type Offer,
  type Transfer,
} from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function blindTransferred(site: Site, call: Call, fact: Of<'transfer.blind'>): Call {
  const { at, leg, to, done } = fact
  if (!legOf(call, leg)) return call
  const by = fact.survey ? leg : transfererOf(call, leg)
  // Whoever is sent to the survey stays in the call of the agent, and goes to nobody else.
  if (fact.survey) return done ? surveyed(call, by) : call
  const from = whomOf(call, fact.from) ?? otherOf(call, by)
  return withTransfer(done ? handsOver(call, by) : call, {
    kind: 'blind',
    by,
    ...(from === undefined ? {} : { from }),
    to: partyOf(site, to, '', 'dialled'),
    startedAt: at,
    ...(done ? {} : { endedAt: at, outcome: 'failed' }),
  })
}

/**
 * A phone without keys for transfers, behind a Local pair: what is pressed there goes through the pair, and the PBX names the near half. It
 * may be parted from the phone by then; whoever has asked for a transfer is meant.
 */
export function transfererOf(call: Call, id: LegId): LegId {
  const leg = legOf(call, id)
  if (!leg || isParty(leg)) return id
  return partyFor(call, leg)?.id ?? call.transfers.find(t => isAsked(t) && t.kind !== 'three-way')?.by ?? id
}

export function attendedTransferred(site: Site, call: Call, told: Of<'transfer.attended'>): Call {
  if (!legOf(call, told.leg) || !legOf(call, told.consult)) return call
  const fact = { ...told, leg: transfererOf(call, told.leg), consult: transfererOf(call, told.consult) }
  const { at, leg: by, consult, into } = fact
  const from = whomOf(call, fact.from) ?? otherOf(call, by)
  const reached = targetOf(call, by, fact, from)
  const rings = reached?.state === 'ringing' || reached?.state === 'down' ? { target: reached.id } : {}
  const transfer: Transfer = {
    kind: into === 'threeway' ? 'three-way' : isAnswered(reached) ? 'attended' : 'semi-attended',
    by,
    ...(from === undefined ? {} : { from }),
    to: reached
      ? partyOf(site, reached.number, '', wayOf(reached))
      : partyOf(site, dialledFor(call, fact, from) ?? '', '', 'dialled'),
    ...rings,
    startedAt: at,
  }
  if (into === 'nothing') return notCarriedOut(call, transfer, at)
  if (into === 'threeway') return withTransfer(call, { ...transfer, ...answeredBy(reached?.id, at) })
  const handed = handsOver(handsOver(call, by), consult)
  const waiting = known(call, fact.from) ?? from
  const placed = waiting !== undefined ? takesPlaceOf(sentOnInstead(handed, by, waiting), waiting, consult) : handed
  if (isAnswered(reached)) return withTransfer(placed, { ...transfer, ...answeredBy(reached?.id, at) })
  const withPbx = !reached && isWithPbx(call, fact)
  return withTransfer(placed, withPbx ? { ...transfer, endedAt: at, outcome: 'ivr' } : transfer)
}

/**
 * The PBX has given up. Whom it was of may have left: it says so of a transfer that was asked for, and of one whose outcome shows already
 * by where the legs are.
 */
function notCarriedOut(call: Call, transfer: Transfer, at: EpochMs): Call {
  const { by, from } = transfer
  const own = call.transfers.findLast(t => t.by === by && t.kind !== 'three-way' && t.kind !== 'blind')
  const of = legOf(call, own?.from ?? from ?? by)
  const leaves = of !== undefined && (!isLive(of) || of.hangupAsked !== undefined)
  if (own && isAsked(own) && leaves)
    return {
      ...call,
      transfers: call.transfers.map(t => (t === own ? { ...t, endedAt: at, outcome: 'abandoned' } : t)),
    }
  if (own && !isAsked(own) && (leaves || own.outcome === undefined)) return call
  return withTransfer(call, { ...transfer, endedAt: at, outcome: 'failed' })
}

/** The PBX asks whom it is to, or has not finished handing over: nobody has answered. */
export const isHandingOver = (call: Call, { kind, by, outcome }: Transfer): boolean => {
  const asker = legOf(call, by)
  return outcome === undefined && (kind === 'attended' || kind === 'semi-attended') && !!asker && isLive(asker)
}

/** The pair leads to a part of the dialplan that has answered and tells nothing of itself. */
function isWithPbx(call: Call, { leg, target }: Of<'transfer.attended'>): boolean {
  const half = legOf(call, target ?? call.transfers.find(t => t.by === leg && isAsked(t))?.via ?? leg)
  const far =
    half?.kind === 'local' && half.state === 'up' && half.pair !== undefined ? legOf(call, half.pair) : undefined
  return far !== undefined && far.place === undefined && (far.bridge === undefined || far.room !== undefined)
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
  const forward: Transfer = { kind: 'forward', by, to: partyOf(site, to, '', 'dialled'), startedAt: at }
  return withTransfer(call, from === undefined ? forward : { ...forward, from })
}

/** Its name within the call: that of the command that asked for it, else the moment it was carried out. */
export const idOfTransfer = ({ id, startedAt }: Transfer): string => id ?? startedAt.toString(36)

/** The same transfer told twice is one; so is one that was asked for, and then carried out. */
function withTransfer(call: Call, transfer: Transfer): Call {
  const asked = call.transfers.findIndex(t => t.by === transfer.by && isAsked(t) && t.kind !== 'three-way')
  const { id, askedAt } = call.transfers[asked] ?? {}
  if (asked >= 0) return { ...call, transfers: call.transfers.with(asked, { ...transfer, ...maybe({ id, askedAt }) }) }
  const again = call.transfers.some(
    t => t.by === transfer.by && t.kind === transfer.kind && t.startedAt === transfer.startedAt,
  )
  return again ? call : { ...call, transfers: [...call.transfers, transfer] }
}

/** It was asked for, and the PBX has not carried it out yet. */
export const isAsked = ({ asked, outcome }: Transfer) => asked !== undefined && outcome === undefined

const maybe = ({ id, askedAt }: { id: string | undefined; askedAt: EpochMs | undefined }) => ({
  ...(id === undefined ? {} : { id }),
  ...(askedAt === undefined ? {} : { askedAt }),
})

/** Behind a Local pair, the PBX names the half of it. */
const surveyed = (call: Call, by: LegId): Call => handsOver(handsOver(call, by), call.survey?.of ?? by)

const handsOver = (call: Call, by: LegId): Call => withLeg(call, by, l => (isLive(l) ? transferred(l) : l))

const isAnswered = (leg: Leg | undefined) => leg?.state === 'up'

/** The phone behind a Local pair, a phone that still rings, or whoever the other is with by now. */
function targetOf(call: Call, by: LegId, { consult, target }: Of<'transfer.attended'>, from: LegId | undefined) {
  const told = target === undefined ? undefined : phoneBehind(call, target)
  if (told) return told.queue === undefined || isAnswered(told) ? told : undefined
  const rung = call.offers.findLast(o => isRungFor(call, o, [consult, from]))
  if (rung) return legOf(call, rung.leg)
  const other = from === undefined ? undefined : otherOf(call, from)
  return other === undefined || other === by || other === consult ? undefined : legOf(call, other)
}

/** What was dialled to reach the target: by the Local half that leads there, or by the transferer's own other leg. */
const dialledFor = (call: Call, { leg, consult, target }: Of<'transfer.attended'>, from: LegId | undefined) =>
  (target === undefined ? halfFor(call, leg, from) : legOf(call, target))?.dialled ?? legOf(call, consult)?.dialled

/** Asterisk 16 does not name the target when the transferer hangs up; it is in a bridge with the other by then. */
const halfFor = (call: Call, by: LegId, from: LegId | undefined): Leg | undefined => {
  const since = legOf(call, by)?.answeredAt
  const bridge = from === undefined ? undefined : legOf(call, from)?.bridge
  if (since === undefined || bridge === undefined) return undefined
  return call.legs.findLast(l => l.kind === 'local' && l.bridge === bridge && isLive(l) && l.startedAt >= since)
}

/** Not for a queue: whoever it rings is not whom the transfer is to. */
const isRungFor = (call: Call, { leg, queue, result }: Offer, waiters: (LegId | undefined)[]) => {
  const rung = legOf(call, leg)
  return (
    result === undefined &&
    queue === undefined &&
    rung !== undefined &&
    waitersFor(call, rung).some(w => waiters.includes(w))
  )
}

/** The leg, if it is one of this call. */
const known = (call: Call, id: LegId | undefined) => (id !== undefined && legOf(call, id) ? id : undefined)

/** Who is transferred: the leg, or the party that is behind it where it is half of a Local pair. */
function whomOf(call: Call, id: LegId | undefined): LegId | undefined {
  const leg = id === undefined ? undefined : legOf(call, id)
  return leg && (partyFor(call, leg)?.id ?? leg.id)
}

/** Whom a leg is in a room with. */
export const otherOf = (call: Call, id: LegId): LegId | undefined =>
  roomsOf(call)
    .find(room => room.some(l => l.id === id))
    ?.find(l => l.id !== id)?.id

/** Who was asked has sent the asker on: whom the asker hands over is the one who goes there. */
function sentOnInstead(call: Call, by: LegId, from: LegId): Call {
  const isOn = (t: Transfer) => t.from === by && t.outcome === undefined && !isAsked(t)
  if (!call.transfers.some(isOn)) return call
  return { ...call, transfers: call.transfers.map(t => (isOn(t) ? { ...t, from } : t)) }
}

/** What one leg waits for, the other waits for now: a queue, or phones that are being rung. */
function takesPlaceOf(call: Call, id: LegId, former: LegId): Call {
  const place = legOf(call, former)?.place
  const waits = place !== undefined || call.legs.some(l => l.by === former && isLive(l))
  if (id === former || !waits) return call
  const legs = call.legs.map((l): Leg => {
    if (l.by === former && isLive(l)) return { ...l, by: id }
    if (l.id === id && isLive(l) && place) return { ...nowhere(l), place }
    return l.id === former ? nowhere(l) : l
  })
  const queues = call.queues.map(v => (v.leg === former && v.leftAt === undefined ? { ...v, leg: id } : v))
  return { ...call, legs, queues }
}

const isPhoneOf = (call: Call, { by }: Transfer, { id, name }: Leg) => {
  const transferer = legOf(call, by)
  return transferer !== undefined && by !== id && deviceOfChannel(transferer.name) === deviceOfChannel(name)
}

/**
 * A transfer for which nobody has answered: its transferer's phone is rung again (`atxferdropcall=no`). Nothing says so but that nobody dials
 * that phone.
 */
export const recalledBy = (call: Call, leg: Leg): Transfer | undefined =>
  call.transfers.find(transfer => {
    const { kind, outcome, target } = transfer
    const isOver = target === undefined || call.offers.some(o => o.leg === target && o.result !== undefined)
    return kind === 'semi-attended' && outcome === undefined && isOver && isPhoneOf(call, transfer, leg)
  })

/** It rings because nobody has answered a transfer by its phone. Of its ringing the PBX tells no end but that it is gone. */
export const isRecall = (call: Call, leg: Leg): boolean =>
  leg.by !== undefined &&
  call.transfers.some(t => t.kind === 'semi-attended' && t.from === leg.by && isPhoneOf(call, t, leg))

/** Transfers whose outcome shows now. */
export function settleTransfers(call: Call, at: EpochMs): Call {
  if (call.transfers.every(t => t.outcome !== undefined)) return call
  const transfers = call.transfers.map(transfer => {
    if (transfer.outcome !== undefined || transfer.asked !== undefined) return transfer
    const settled = settledAs(call, transfer)
    return settled ? { ...transfer, ...settled, endedAt: at } : transfer
  })
  return transfers.every((transfer, i) => transfer === call.transfers[i]) ? call : { ...call, transfers }
}

type Settled = { outcome: TransferOutcome; answeredBy?: LegId }

function settledAs(call: Call, transfer: Transfer): Settled | undefined {
  const from = transfer.from === undefined ? undefined : legOf(call, transfer.from)
  if (!from || !isLive(from))
    return isStillRung(call, transfer) ? undefined : { outcome: failedAs(call, transfer, from) }
  if (transfer.kind === 'forward') return forwardedAs(call, transfer, from)
  const partners = partnersOf(call, from)
  const partner = partners.find(one => !wereTogether(call, transfer, one))
  if (partner) return { outcome: isBackAt(call, transfer, partner) ? 'returned' : 'answered', answeredBy: partner.id }
  if (partners.length > 0) return untakenAs(call, transfer)
  const place = placeOf(call, from)
  if (place?.kind === 'queue') return { outcome: 'queued' }
  if (place?.kind === 'park') return { outcome: 'parked' }
  return place && { outcome: triedAs(call, transfer) ?? (place.kind === 'voicemail' ? 'voicemail' : 'ivr') }
}

/** That a caller is gone may be told before the end of the ringing, which says why. */
function isStillRung(call: Call, { kind, by, target, startedAt }: Transfer): boolean {
  const since = (kind === 'forward' && call.offers.find(o => o.leg === by)?.startedAt) || startedAt
  return call.offers.some(
    o => o.leg !== by && (o.startedAt >= since || o.leg === target) && (o.result === undefined || isUnsure(call, o)),
  )
}

/** Whom the leg talks to, but for one who has passed it on. */
function partnersOf(call: Call, { id: own }: Leg): Leg[] {
  const talk = call.segments.findLast(s => isOpen(s) && isTalk(s) && s.legs.includes(own))
  const legs = talk?.legs.flatMap(id => legOf(call, id) ?? []) ?? []
  return legs.filter(l => l.id !== own && l.reason !== 'transferred')
}

/** Before the transfer, too: an agent who is sent on while they ask somebody has taken the customer back, for example. */
const wereTogether = (call: Call, { from = '' as LegId, startedAt }: Transfer, { id }: Leg) =>
  call.segments.some(
    s => (isTalk(s) || s.kind === 'hold') && s.startedAt < startedAt && s.legs.includes(from) && s.legs.includes(id),
  )

/** By the last phone that was tried; one that has answered is about to come into the talk. */
function untakenAs(call: Call, transfer: Transfer): Settled | undefined {
  const tried = isStillRung(call, transfer) ? undefined : lastTried(call, transfer)?.result
  return tried === undefined || tried === 'answered' ? undefined : { outcome: OUTCOME_OF[tried] }
}

/**
 * By the phone that it was sent to, which may be told to be rung a moment before the ringing of the other is told to be over;
 * else by the first that was rung after it. Where that phone forwards, too, by what comes of its own forward; `before` are the phones
 * that have forwarded so far.
 */
function forwardedAs(
  call: Call,
  { by, to, startedAt }: Transfer,
  from: Leg,
  before: readonly LegId[] = [],
): Settled | undefined {
  const since = call.offers.find(o => o.leg === by)?.startedAt ?? startedAt
  const forwarders = [...before, by]
  const others = call.offers.filter(o => !forwarders.includes(o.leg))
  const isTo = ({ leg: id }: Offer) => {
    const leg = legOf(call, id)
    return leg !== undefined && (leg.extension ?? leg.number) === (to.extension ?? to.number)
  }
  const offer = others.find(o => o.startedAt >= since && isTo(o)) ?? others.find(o => o.startedAt >= startedAt)
  if (offer?.result === undefined || isUnsure(call, offer)) return undefined
  if (offer.result === 'forwarded') {
    const next = call.transfers.find(t => t.kind === 'forward' && t.by === offer.leg)
    return next && forwardedAs(call, next, from, forwarders)
  }
  if (offer.result === 'picked-up') {
    const [picker] = partnersOf(call, from)
    return picker && { outcome: 'answered', answeredBy: picker.id }
  }
  return offer.result === 'answered'
    ? { outcome: 'answered', answeredBy: offer.leg }
    : { outcome: OUTCOME_OF[offer.result] }
}

/** Its dial was only cancelled. Why, tells its end: another phone may have been answered, which is told last. */
const isUnsure = (call: Call, { leg: id, result }: Offer) => {
  const leg = legOf(call, id)
  return result === 'caller-gave-up' && leg !== undefined && isLive(leg)
}

const isBackAt = (call: Call, { by }: Transfer, leg: Leg) => {
  const transferer = legOf(call, by)
  return transferer?.extension !== undefined && transferer.extension === leg.extension
}

export const OUTCOME_OF: Record<OfferResult, TransferOutcome> = {
  answered: 'failed',
  'no-answer': 'no-answer',
  busy: 'busy',
  rejected: 'rejected',
  'not-accepted': 'no-answer',
  unavailable: 'unreachable',
  'answered-elsewhere': 'answered-elsewhere',
  'caller-gave-up': 'abandoned',
  'picked-up': 'failed',
  forwarded: 'failed',
  lost: 'lost',
}

/** By the last phone that was tried since; without any, by who hung up. */
const failedAs = (call: Call, transfer: Transfer, from: Leg | undefined): TransferOutcome =>
  triedAs(call, transfer) ?? (from?.hangupAsked === 'far-side' ? 'abandoned' : 'failed')

function triedAs(call: Call, transfer: Transfer): TransferOutcome | undefined {
  const tried = lastTried(call, transfer)?.result
  return tried && OUTCOME_OF[tried]
}

const lastTried = (call: Call, { by, startedAt }: Transfer): Offer | undefined =>
  call.offers.findLast(o => o.leg !== by && o.endedAt !== undefined && o.endedAt >= startedAt)
