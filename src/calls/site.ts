/**
 * What the reducers must know of a site and no PBX says: which endpoints are trunks, which numbers are extensions.
 * Pure; made once from the configuration.
 */
import type { Party } from '../events/call-parts.js'
import type { PbxId } from '../base/ids.js'
import {
  isNobody,
  keyOf,
  possible,
  readNumber,
  type NumberPlan,
  type NumberRead,
  type NumberWay,
} from '../numbers/read.js'

export type Site = NumberPlan & {
  pbx: PbxId
  /** Endpoints that lead outside. */
  trunks: ReadonlySet<string>
  /** What an extension looks like; an endpoint of such a name is a phone inside. */
  extension: RegExp
  /** Endpoints whose name is not their extension. */
  extensionOf: ReadonlyMap<string, string>
  /** How a queue names an endpoint, such as `PJSIP/{extension}`, which is what there is unless told. */
  endpoint?: string
  /** How queues are counted: within what a caller is to be answered where no queue says so, and where the day begins. */
  counting: { serviceLevelMs: number; timeZone: string }
  /** The survey that is made after calls of a queue, and of which share of them. */
  surveyAfter?: ReadonlyMap<string, { name: string; share: number }>
  agents: {
    /** So many misses in a row make an agent not ready; 0: never. */
    missesUntilNotReady: number
    /** How long a phone may be gone before its agent is not ready. */
    phoneGoneMs: number
    /** After a call of a workgroup that the directory does not have, and after a call to the outside. */
    wrapUpMs: number
    outboundWrapUpMs: number
    readyAtSignIn: boolean
  }
}

export function extensionOf(site: Site, endpoint: string): string | undefined {
  if (site.trunks.has(endpoint)) return undefined
  return site.extensionOf.get(endpoint) ?? (site.extension.test(endpoint) ? endpoint : undefined)
}

const namedBy = (number: string, name: string) => (name === '' || name === number ? {} : { name })

const OVER_TRUNKS: readonly NumberWay[] = ['caller', 'shown', 'out', 'sent']

/** A party by its number: an extension of the site, or somebody outside. */
export function partyOf(site: Site, number: string, name = '', way: NumberWay = 'listed'): Party {
  const named = namedBy(number, name)
  if (!OVER_TRUNKS.includes(way) && site.extension.test(number)) return { number, ...named, extension: number }
  const read = readNumber(site, number, way)
  if (!read) return { number, ...named }
  const shown = shownAs(site, read)
  return read.e164 === undefined ? { number: shown, ...named } : { number: shown, e164: read.e164, ...named }
}

/** What can be dialled again as it is: its digits, unless they mean somebody else where a person writes them. */
export const shownAs = (site: Site, { digits, key }: NumberRead) => (keyOf(site, digits) === key ? digits : key)

/** A caller over a trunk is outside, whatever the number looks like; and nobody, if none is shown. */
export function callerOf(site: Site, number: string, name = ''): Party {
  if (!isNobody(site, number)) return partyOf(site, number, name, 'caller')
  return { number: '', ...(isNobody(site, name) ? {} : { name }) }
}

/** How the number of a leg is read: over a trunk it is outside. */
export const wayOf = ({ trunk }: { trunk?: string }): NumberWay => (trunk === undefined ? 'listed' : 'shown')

/** Of a number outside: as the whole world dials it, and its country. */
export function placeOf(site: Site, number: string, way: NumberWay = 'listed'): { e164?: string; area?: string } {
  const { e164, country }: Partial<NumberRead> = readNumber(site, number, way) ?? {}
  return { ...(e164 !== undefined && { e164 }), ...(country !== undefined && { area: country }) }
}

/** A number that only somebody outside can have. */
export function isOutside(site: Site, { number, e164, extension }: Party): boolean {
  if (e164 !== undefined) return true
  return extension === undefined && (site.isSpecial?.(number) === true || possible(site, number) !== undefined)
}
