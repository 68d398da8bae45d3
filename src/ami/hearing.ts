/**
 * What one session is told, as facts; pure but for the channels it remembers. Every event of a channel carries the whole
 * channel: so a channel whose beginning was not told is introduced by whatever is told of it first, as inferred.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { LegFact, PbxFact } from '../pbx/facts.js'
import { createdHidden } from '../pbx/hidden-caller.js'
import { factOf, isOfLeg } from './normalise.js'
import type { Frame } from './parse.js'
import { introduced } from './snapshot.js'

/** Whom a fact is about, in the order in which they are met. */
function legsIn(fact: LegFact): LegId[] {
  switch (fact.type) {
    case 'dial.begun':
    case 'dial.ended':
      return fact.by === undefined ? [fact.leg] : [fact.by, fact.leg]
    case 'local.joined':
      return [fact.leg, fact.other]
    default:
      return [fact.leg]
  }
}

/** Far more than a PBX has; those whose end was not told are forgotten at some time. */
const MOST_KNOWN = 100_000

export type Hear = (frame: Frame, arrived: EpochMs) => PbxFact[]

/** `isWithheld`: of a channel that began before the session, its number must not be shown. */
export function createHearing(isWithheld: (leg: LegId) => boolean = () => false): Hear {
  const known = new Set<LegId>()

  function meet(leg: LegId) {
    known.add(leg)
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value as LegId)
  }

  /** Whoever is not known yet is introduced, as this frame describes them. */
  function strangers(frame: Frame, fact: LegFact): PbxFact[] {
    if (fact.type === 'channel.created') {
      meet(fact.leg)
      return []
    }
    const unknown = legsIn(fact).filter(leg => !known.has(leg))
    const met = unknown.flatMap(leg => introduced(frame, fact, leg) ?? [])
    for (const { leg } of met) meet(leg)
    return met.flatMap(fact => (isWithheld(fact.leg) ? createdHidden(fact) : [fact]))
  }

  return (frame, arrived) => {
    const fact = factOf(frame, arrived)
    if (!fact) return []
    if (!isOfLeg(fact)) return [fact]
    const facts = strangers(frame, fact)
    if (fact.type === 'channel.gone') known.delete(fact.leg)
    return [...facts, fact]
  }
}
