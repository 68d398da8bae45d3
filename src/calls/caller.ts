/** Who calls, as the dialplan names them on their way in: `Set(CALLERID(name)=…)`, `Set(CALLERID(num)=…)`. Pure. */
import type { LegFact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import { callerOf, partyOf, type Site } from './site.js'
import { isLive, isParty, withLeg, type Call, type Leg } from './state.js'

type CallerChanged = Extract<LegFact, { type: 'caller.changed' }>

export const callerLegOf = (call: Call): Leg | undefined => call.legs.find(isParty)

/**
 * Until somebody has answered, what the dialplan sets on the caller's channel is who calls. Later it is for the far side of a
 * transfer. A leg of our own carries what its phone is to show.
 */
export function callerChanged(site: Site, call: Call, fact: CallerChanged): Call {
  const leg = callerLegOf(call)
  if (leg?.id !== fact.leg || leg.side !== 'caller' || !isLive(leg) || leg.id.startsWith(OWN_LEG)) return call
  if (fact.withheld && leg.extension === undefined) return hidden(call, leg, fact.caller.number)
  if ('answeredAt' in call.progress) return call
  const next =
    leg.extension === undefined
      ? outsider(site, call, fact, leg.trunk !== undefined)
      : insider(call, leg.extension, fact)
  return next.from.number === call.from.number && next.from.name === call.from.name ? call : next
}

/** The number has come, and must not be shown. What was known of it before goes, too. */
function hidden(was: Call, { id, number: own }: Leg, number: string): Call {
  const nobody = { number: '' }
  const call = withWithheld(was, [own, was.from.number, was.announced?.number ?? '', number])
  const next = withLeg(call, id, l => (l.number === '' ? l : { ...l, number: '' }))
  if (next === call && call.from.number === '' && call.from.name === undefined) return call
  return { ...next, from: nobody, ...(call.announced && { announced: nobody }) }
}

export function withWithheld(call: Call, numbers: readonly string[]): Call {
  const { withheld = [] } = call
  const news = [...new Set(numbers)].filter(number => number !== '' && !withheld.includes(number))
  return news.length === 0 ? call : { ...call, withheld: [...withheld, ...news] }
}

/** A number other than its own is what an outbound route shows to the far side. */
function insider(call: Call, extension: string, { caller }: CallerChanged): Call {
  if (caller.number !== extension || caller.name === '' || caller.name === extension) return call
  return { ...call, from: { ...call.from, name: caller.name } }
}

/** Once somebody was tried, another number is for whom is tried next. */
function outsider(site: Site, call: Call, { caller }: CallerChanged, byTrunk: boolean): Call {
  const from = byTrunk ? callerOf(site, caller.number, caller.name) : partyOf(site, caller.number, caller.name)
  if (from.number === call.from.number) return { ...call, from }
  if (call.offers.length > 0 || call.queues.length > 0) return call
  return { ...call, from, announced: call.announced ?? call.from }
}

/** The call goes out again before anybody inside was tried: what was set is the company's number, for the far side. */
export function sentOut(call: Call, dialled: Leg): Call {
  if (call.announced === undefined || dialled.trunk === undefined) return call
  return call.offers.length > 0 || call.queues.length > 0 ? call : { ...call, from: call.announced }
}
