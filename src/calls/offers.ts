/** Attempts to reach a phone: how each begins, and what comes of it. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { OfferResult, Party } from '../events/call-parts.js'
import { keyOf, readNumber } from '../numbers/read.js'
import { numberInDialString } from '../pbx/dial-string.js'
import type { DialStatus, LegFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { calledNumber } from './called.js'
import { sentOut } from './caller.js'
import { resultOfCause, resultOfDial } from './outcome.js'
import { halvesBefore } from './paths.js'
import { isOutside, partyOf, type Site } from './site.js'
import { forwarded } from './transfer.js'
import { changedOne, isLive, isParty, legOf, withLeg, withOpenOffer, type Call, type Leg, type Offer } from './state.js'

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
  const out = leg.trunk === undefined ? undefined : wentOut(site, call, called)
  const number = out?.number ?? called
  const by = fact.by === undefined || fact.by === leg.id ? {} : { by: fact.by }
  const dialled = withLeg(call, leg.id, l => ({ ...fromQueue(call, { ...l, ...by }), number }))
  if (!isParty(leg)) return dialled
  const { from } = sentOut(call, leg)
  const { queue } = legOf(dialled, leg.id) ?? {}
  const offer: Offer = { leg: leg.id, ...(queue === undefined ? {} : { queue }), startedAt: fact.at }
  const to = out?.to ?? (isNobody(call.to) ? partyOf(site, number) : call.to)
  return {
    ...dialled,
    from,
    to,
    offers: [...call.offers, leg.ringingAt === undefined ? offer : { ...offer, ringingAt: fact.at }],
  }
}

/** Nobody is named yet, or a code is: of a short dial, for example. */
const isNobody = ({ number }: Party) => number === '' || /^[*#]/.test(number)

/**
 * What is dialled over a trunk is a number outside, without the dial prefix; so is what the caller has dialled, where that is the
 * same number. An extension that somebody has forwarded is not.
 */
function wentOut(site: Site, { to, legs }: Call, dialled: string): { number?: string; to?: Party } {
  const given = legs.find(l => l.side === 'caller' && isParty(l))?.dialled ?? to.number
  const isBare = given === `${site.trunkPrefix ?? ''}${dialled}`
  const read = readNumber(site, dialled, isBare && given !== dialled ? 'caller' : 'out')
  if (!read) return {}
  const same = isNobody(to) || isBare || given === dialled || keyOf(site, to.number) === read.key
  const { digits: number, e164 } = read
  const { name } = to
  return { number, ...(same && { to: { number, ...(e164 && { e164 }), ...(name !== undefined && { name }) } }) }
}

/** A phone rings for the queue that dials it; behind a Local pair, for the queue and the member that the pair is for. */
function fromQueue(call: Call, leg: Leg): Leg {
  if (leg.queue !== undefined) return leg
  const by = leg.by === undefined ? undefined : legOf(call, leg.by)
  if (by?.place?.kind === 'queue') return { ...leg, queue: by.place.name }
  const rung = halvesBefore(call, leg).find(half => half.queue !== undefined)
  if (rung?.queue === undefined) return leg
  return { ...leg, queue: rung.queue, ...(rung.member === undefined ? {} : { member: rung.member }) }
}

export function dialEnded(site: Site, call: Call, fact: Of<'dial.ended'>): Call {
  const { at, leg: id, status, forwardedTo } = fact
  const leg = legOf(call, id)
  if (leg?.kind === 'local') return withLeg(call, id, l => (l.dialEnd === status ? l : { ...l, dialEnd: status }))
  const offer = call.offers.find(o => o.leg === id && o.result === undefined)
  if (!offer) return call
  const to = forwardedTo === undefined ? undefined : numberOf(forwardedTo)
  if (to !== undefined) return forwarded(site, withOpenOffer(call, id, endedAs(at, 'forwarded', to)), id, to, at)
  const result = resultOfDial(statusOf(call, leg, status), leg, isAnsweredElsewhere(call, offer))
  return withOpenOffer(call, id, endedAs(at, result))
}

/** A dial behind a Local pair is only cancelled; what came of dialling the pair says why. */
const statusOf = (call: Call, leg: Leg | undefined, status: DialStatus) =>
  status === 'CANCEL' && leg
    ? (halvesBefore(call, leg).find(half => half.dialEnd !== undefined)?.dialEnd ?? status)
    : status

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
export function offerOfGone(call: Call, leg: Leg, causeQ850: number | undefined, at: EpochMs): Call {
  const told = resultOfCause(causeQ850)
  const open = withOpenOffer(call, leg.id, offer =>
    endedAs(at, told ?? (isAnsweredElsewhere(call, offer) ? 'answered-elsewhere' : 'caller-gave-up'))(offer),
  )
  if (told !== 'answered-elsewhere') return open
  const offers = changedOne(
    open.offers,
    o => o.leg === leg.id,
    o => (o.result === 'caller-gave-up' ? { ...o, result: told } : o),
  )
  return offers === open.offers ? open : { ...open, offers }
}
