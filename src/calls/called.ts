/** Who is really called. Pure. */
import { numberInDialString } from '../pbx/dial-string.js'
import type { LegFact } from '../pbx/facts.js'
import type { Sent } from './sent.js'
import { placeOf, type Site } from './site.js'
import type { Leg } from './state.js'

type DialBegun = Extract<LegFact, { type: 'dial.begun' }>

/**
 * Asterisk names a called channel by the extension in which the dialplan dials: `s` in a subroutine, the extension that is
 * forwarded, the caller's own. Whom it calls is in the dial string.
 */
export function calledNumber(site: Site, leg: Leg, { dialled, dialString = '' }: DialBegun): string {
  if (leg.extension !== undefined) return leg.extension
  const inString = numberInDialString(dialString, leg.name)
  if (inString === undefined) return dialled || leg.number || dialString
  return isTheSame(site, dialled, inString) ? dialled : inString
}

export const sentBy = (leg: Leg, { dialled, dialString = '' }: DialBegun, called: string): Sent => ({
  place: dialled,
  sent: numberInDialString(dialString, leg.name) ?? called,
  called,
})

/** An extension is not the mobile whose last digits it has. */
const FEWEST_DIGITS = 5

/**
 * The dial string has what the trunk needs, such as the dial prefix or a code; the extension what was dialled. What is a number of its own
 * is another number, also where it ends alike.
 */
function isTheSame(site: Site, dialled: string, inString: string): boolean {
  if (dialled === inString) return true
  if (dialled.length < FEWEST_DIGITS || site.extension.test(dialled)) return false
  if (inString === `${site.trunkPrefix ?? ''}${dialled}`) return true
  const here = placeOf(site, dialled, 'sent').e164
  const there = placeOf(site, inString, 'sent').e164
  if (here !== undefined && [there, placeOf(site, inString, 'listed').e164].includes(here))
    return dialled.length <= inString.length
  const isNumber = here !== undefined || site.isSpecial?.(dialled) === true
  return isNumber && inString.endsWith(dialled) && there === undefined
}
