/** Attempts to reach a phone: how each begins, and what comes of it. Pure. */
import type { EpochMs, LegId } from '../base/ids.js'
import type { OfferResult, Party } from '../events/call-parts.js'
import { keyOfParty } from '../numbers/read.js'
import { numberInDialString } from '../pbx/dial-string.js'
import type { DialStatus, LegFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { calledNumber, sentBy } from './called.js'
import { sentOut } from './caller.js'
import { resultOfCause, resultOfDial } from './outcome.js'
import { halvesBefore, isLeftAlone, waitersFor } from './paths.js'
import { forWorkgroup } from './routing.js'
import { dialledFirst, prefixSeen, readSent, type Sent } from './sent.js'
import { isOutside, partyOf, shownAs, type Site } from './site.js'
import { forwarded, isRecall } from './transfer.js'
import { changedOne, isLive, isParty, isTalk, legOf, withLeg, withOpenOffer } from './state.js'
import type { Call, Leg, Offer } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function dialBegun(site: Site, call: Call, fact: Of<'dial.begun'>): Call {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg)) return call
  // An Originate dials a leg, too, without anybody who dials: the phone that is to dial is not offered a call.
  if (leg.side === 'caller') {
    if (call.revision > 0 || !leg.id.startsWith(OWN_LEG) || call.to.number !== '') return call
    const named: Call = { ...call, to: partyOf(site, fact.shown, '', 'dialled') }
    return { ...named, direction: isOutside(site, named.to) ? 'outbound' : 'internal' }
  }
  if (call.offers.some(o => o.leg === leg.id) || (leg.by !== undefined && !isParty(leg))) return call
  const called = calledNumber(site, leg, fact)
  const out = leg.trunk === undefined ? undefined : wentOut(site, call, sentBy(leg, fact, called))
  const number = out?.number ?? called
  const by = fact.by === undefined || fact.by === leg.id ? {} : { by: fact.by }
  const dialled = forWorkgroup(withLeg(call, leg.id, l => ({ ...fromQueue(call, { ...l, ...by }), number })))
  if (!isParty(leg)) return rungThrough(dialled, leg.id)
  const { from } = sentOut(call, leg)
  const { queue } = legOf(dialled, leg.id) ?? {}
  const offer: Offer = {
    leg: leg.id,
    ...(queue === undefined ? {} : { queue }),
    ...via(dialled, leg.id),
    startedAt: fact.at,
  }
  const to = out?.to ?? (isNobody(call.to) ? partyOf(site, number) : call.to)
  return {
    ...dialled,
    from,
    to,
    offers: [...call.offers, leg.ringingAt === undefined ? offer : { ...offer, ringingAt: fact.at }],
  }
}

/** On a busy PBX the dial of a pair is told after that of the phone behind it, which then rings for the queue that rings the pair. */
function rungThrough(call: Call, half: LegId): Call {
  const isBehind = (l: Leg) =>
    isParty(l) && isLive(l) && l.queue === undefined && halvesBefore(call, l).some(({ id }) => id === half)
  const legs = call.legs.map(l => (isBehind(l) ? fromQueue(call, l) : l))
  if (legs.every((l, i) => l === call.legs[i])) return call
  const next: Call = { ...call, legs }
  const offers = call.offers.map((o): Offer => {
    const { queue } = legOf(next, o.leg) ?? {}
    return o.queue !== undefined || queue === undefined ? o : { ...o, queue, ...via(next, o.leg) }
  })
  return { ...next, offers }
}

/** Nobody is named yet, or a code is: of a short dial, for example. */
const isNobody = ({ number }: Party) => number === '' || /^[*#]/.test(number)

/**
 * What is dialled over a trunk is a number outside, without the dial prefix; so is what the caller has dialled, where that is the
 * same number. An extension that somebody has forwarded is not.
 */
function wentOut(site: Site, call: Call, by: Sent): { number?: string; to?: Party } {
  const { to } = call
  const given = dialledFirst(call)
  const read = readSent(site, call, by)
  if (!read) return {}
  const isGiven = given === by.sent || given === by.called || prefixSeen(site, [given], by.sent) !== undefined
  const same = isNobody(to) || isGiven || keyOfParty(site, to) === read.key
  const number = shownAs(site, read)
  const { e164 } = read
  const { name } = to
  return { number, ...(same && { to: { number, ...(e164 && { e164 }), ...(name !== undefined && { name }) } }) }
}

/**
 * Of a phone that rings for a queue, and not by the queue's own dialling. Behind a pair that a queue has rung before, somebody may have been
 * sent into a queue again: the nearest half that the queue rings itself is meant.
 */
function via(call: Call, id: LegId): Pick<Offer, 'via'> {
  const leg = legOf(call, id)
  const halves = leg?.queue === undefined ? [] : halvesBefore(call, leg).filter(half => half.queue === leg.queue)
  const rung = halves.find(half => call.queues.some(v => v.leg === half.by)) ?? halves.at(-1)
  return rung ? { via: rung.id } : {}
}

/**
 * A phone rings for the queue that dials it; behind a Local pair, for the queue and the member that the pair is for, until a phone
 * behind the pair sends the caller on.
 */
function fromQueue(call: Call, leg: Leg): Leg {
  if (leg.queue !== undefined) return leg
  const by = leg.by === undefined ? undefined : legOf(call, leg.by)
  if (by?.place?.kind === 'queue') return { ...leg, queue: by.place.name }
  const rung = halvesBefore(call, leg).find(half => half.queue !== undefined)
  if (rung?.queue === undefined || isPassedOn(call, rung)) return leg
  return { ...leg, queue: rung.queue, ...(rung.member === undefined ? {} : { member: rung.member }) }
}

export function dialEnded(site: Site, call: Call, fact: Of<'dial.ended'>): Call {
  const { at, leg: id, status, forwardedTo } = fact
  const leg = legOf(call, id)
  // What follows the first is that the pair is taken down.
  if (leg?.kind === 'local') return withLeg(call, id, l => (l.dialEnd === undefined ? { ...l, dialEnd: status } : l))
  const offer = call.offers.find(o => o.leg === id && o.result === undefined)
  if (!offer) return call
  const to = forwardedTo === undefined ? undefined : numberOf(forwardedTo)
  if (to !== undefined) return forwarded(site, withOpenOffer(call, id, endedAs(at, 'forwarded', to)), id, to, at)
  const why = leg === undefined ? status : whyEnded(call, leg, status)
  const result = resultOfDial(why, leg, isAnsweredElsewhere(call, offer) || isAnsweredBefore(call, leg, offer))
  const tooLate = result === 'not-accepted' && leg !== undefined && haveWaitersHungUp(call, leg)
  return withOpenOffer(call, id, endedAs(at, cutOr(call, leg, tooLate ? 'caller-gave-up' : result)))
}

/**
 * A phone behind the pair has talked to whom the pair leads to, or has sent them on: what is dialled for them is not the member's any
 * more. That they were sent on may not have been told.
 */
const isPassedOn = (call: Call, half: Leg): boolean => {
  const behind = call.legs.filter(l => isParty(l) && halvesBefore(call, l).some(({ id }) => id === half.id))
  const isBehind = (id: LegId) => behind.some(l => l.id === id)
  return (
    call.transfers.some(({ by, kind }) => kind !== 'forward' && isBehind(by)) ||
    call.segments.some(s => isTalk(s) && s.legs.some(isBehind))
  )
}

/**
 * The pair through which it was dialled was answered while it rang: by another phone behind it. A pair that was up by then (whom it
 * leads to is sent on, or the dialplan behind it has answered) says nothing.
 */
const isAnsweredBefore = (call: Call, leg: Leg | undefined, { startedAt }: Offer) =>
  leg !== undefined &&
  halvesBefore(call, leg).some(
    ({ dialEnd, answeredAt }) => dialEnd === 'ANSWER' && (answeredAt === undefined || answeredAt > startedAt),
  )

/**
 * Where the dial of a pair before it ended first, that says why: behind the pair a dial is only cancelled, and a phone that is picked up at
 * that moment is too late, whatever its own dial ends with. A phone that rings for a transfer is cancelled when its time is over, unless the
 * other party has hung up.
 */
function whyEnded(call: Call, leg: Leg, status: DialStatus): DialStatus {
  if (isLeftAlone(call, leg)) return 'CANCEL'
  const ends = halvesBefore(call, leg).flatMap(({ dialEnd }) =>
    dialEnd === undefined || dialEnd === 'ANSWER' ? [] : dialEnd,
  )
  if (status !== 'CANCEL' && ends.length === 0) return status
  const why = ends.find(end => end !== 'CANCEL')
  if (why !== undefined) return why
  const transfer = call.transfers.find(t => t.target === leg.id && t.outcome === undefined)
  const from = transfer?.from === undefined ? undefined : legOf(call, transfer.from)
  return from && isLive(from) && from.hangupAsked === undefined ? 'NOANSWER' : 'CANCEL'
}

const endedAs =
  (at: EpochMs, result: OfferResult, forwardedTo?: string) =>
  (offer: Offer): Offer => ({ ...offer, endedAt: at, result, ...(forwardedTo === undefined ? {} : { forwardedTo }) })

/** `Local/1003@from-phones` -> `1003`; an endpoint that is no number by its name. */
const numberOf = (forward: string) =>
  numberInDialString(forward) ?? /^(?:Local\/|PJSIP\/|SIP\/)?([^@/]*)/.exec(forward)?.[1] ?? forward

/** Another phone that rang at the same time has been answered, or has taken the call. */
const isAnsweredElsewhere = (call: Call, offer: Offer) =>
  call.offers.some(o => o !== offer && o.result === 'answered' && (o.endedAt ?? 0) >= offer.startedAt)

/** A leg that is gone rings no more; its cause may tell better than what was concluded from its dial's end. */
export function offerOfGone(call: Call, leg: Leg, { at, lost, causeQ850 = leg.causeQ850 }: Of<'channel.gone'>): Call {
  const told = resultOfCause(causeQ850)
  const result = (offer: Offer) => cutOr(call, leg, told ?? unsaid(call, leg, offer, lost))
  const open = withOpenOffer(call, leg.id, offer => endedAs(at, result(offer))(offer))
  if (leg.answeredAt !== undefined && !hasMet(call, leg)) return withResult(open, leg, 'answered', neverMet(call, leg))
  return told === 'answered-elsewhere' ? withResult(open, leg, 'caller-gave-up', told) : open
}

function unsaid(call: Call, leg: Leg, offer: Offer, lost = false): OfferResult {
  if (leg.answeredAt !== undefined && leg.hangupAsked === 'far-side') return 'not-accepted'
  if (isAnsweredElsewhere(call, offer)) return 'answered-elsewhere'
  if (lost && !haveWaitersHungUp(call, leg)) return 'lost'
  return isRecall(call, leg) && !haveWaitersHungUp(call, leg) ? 'no-answer' : 'caller-gave-up'
}

/** It rang for a caller whom a command took out of the queue. */
const isWithdrawn = (call: Call, { queue, startedAt }: Leg) =>
  call.queues.some(
    v =>
      v.queue === queue && v.outcome === 'withdrawn' && v.joinedAt <= startedAt && startedAt <= (v.leftAt ?? Infinity),
  )

/** The queue may have let the phones go before it is told that a command took the caller. */
export function withoutGivingUp(call: Call): Call {
  const offers = call.offers.map(offer => {
    const result = offer.result && cutOr(call, legOf(call, offer.leg), offer.result)
    return result === undefined || result === offer.result ? offer : { ...offer, result }
  })
  return offers.every((offer, i) => offer === call.offers[i]) ? call : { ...call, offers }
}

const CUT: ReadonlySet<OfferResult> = new Set(['caller-gave-up', 'no-answer', 'not-accepted', 'unavailable'])

/**
 * A PBX that is being stopped hangs up all that rings and all that wait, whatever the dials and the queue end with then: nobody has
 * given up, and no phone has missed a call.
 */
export function cutOr(call: Call, leg: Leg | undefined, result: OfferResult): OfferResult {
  if (result === 'caller-gave-up' && leg && isWithdrawn(call, leg)) return 'picked-up'
  if (!CUT.has(result) || !call.legs.some(l => l.stopping)) return result
  return leg !== undefined && haveWaitersHungUp(call, leg) ? result : 'lost'
}

function withResult(call: Call, { id }: Leg, was: OfferResult, result: OfferResult | undefined): Call {
  if (result === undefined) return call
  const offers = changedOne(
    call.offers,
    o => o.leg === id,
    o => (o.result === was ? { ...o, result } : o),
  )
  return offers === call.offers ? call : { ...call, offers }
}

/** It has been with somebody, or somewhere in the dialplan. */
const hasMet = (call: Call, leg: Leg) => leg.place !== undefined || call.segments.some(s => s.legs.includes(leg.id))

/**
 * A phone was picked up, and nobody came to it before it was gone: an announcement, or a key that was to be pressed, comes first. Who was
 * called has hung up first, or the part of the dialplan that asked for the key has, or else the caller.
 */
function neverMet(call: Call, leg: Leg): OfferResult | undefined {
  const waiters = waitersFor(call, leg)
  const first = call.hangups.find(({ leg: id, asked }) =>
    id === leg.id ? asked !== 'command' : waiters.includes(id) && asked !== 'pbx',
  )
  if (first === undefined || leg.stopping) return undefined
  return first.leg === leg.id ? 'not-accepted' : 'caller-gave-up'
}

const haveWaitersHungUp = (call: Call, leg: Leg) =>
  waitersFor(call, leg).some(id => {
    const asked = legOf(call, id)?.hangupAsked
    return asked === 'far-side' || asked === 'command'
  })
