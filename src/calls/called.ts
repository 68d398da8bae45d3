/** Who is really called. Pure. */
import { numberInDialString } from '../pbx/dial-string.js'
import type { LegFact } from '../pbx/facts.js'
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

/** An extension is not the mobile whose last digits it has. */
const FEWEST_DIGITS = 5

/** The dial string has what the trunk needs, such as a prefix; the extension what was dialled, such as a prefix for a line. */
function isTheSame(site: Site, dialled: string, inString: string): boolean {
  if (dialled === inString) return true
  if (dialled.length < FEWEST_DIGITS || site.extension.test(dialled)) return false
  const [here, there] = [placeOf(site, dialled).e164, placeOf(site, inString).e164]
  if (here !== undefined && here === there) return dialled.length <= inString.length
  return inString.endsWith(dialled) && (here !== undefined || there === undefined)
}
