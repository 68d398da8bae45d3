/**
 * What the reducers must know of a site and no PBX says: which endpoints are trunks, which numbers are extensions.
 * Pure; made once from the configuration.
 */
import { AsYouType, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'
import type { Party } from '../events/call-parts.js'
import type { PbxId } from '../base/ids.js'

export type Site = {
  pbx: PbxId
  /** Endpoints that lead outside. */
  trunks: ReadonlySet<string>
  /** What an extension looks like; an endpoint of such a name is a phone inside. */
  extension: RegExp
  /** Endpoints whose name is not their extension. */
  extensionOf: ReadonlyMap<string, string>
  /** How a national number is read, such as `DE`. */
  country?: CountryCode
  /** Numbers come with the code of their country, and without a plus. */
  bareInternational?: true
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

/** Of a queue's member: `PJSIP/1001`, or `Local/1001@agents/n`. */
export const extensionAt = (site: Site, place: string): string | undefined =>
  extensionOf(site, /^[^/]+\/([^@/]+)/.exec(place)?.[1] ?? '')

/** A party by its number: an extension of the site, or somebody outside. */
export function partyOf(site: Site, number: string, name = ''): Party {
  const named = name === '' || name === number ? {} : { name }
  if (site.extension.test(number)) return { number, ...named, extension: number }
  const e164 = e164Of(site, number)
  return e164 === undefined ? { number, ...named } : { number, e164, ...named }
}

const MOST_PLACES = 10_000
const places = new WeakMap<Site, Map<string, { e164?: string; area?: string }>>()

/** Of a number outside: as the whole world dials it, and its country. The same few thousand numbers come again and again. */
export function placeOf(site: Site, number: string): { e164?: string; area?: string } {
  if (site.extension.test(number) || !/^\+?\d{5,32}$/.test(number)) return {}
  const known = places.get(site) ?? new Map<string, { e164?: string; area?: string }>()
  places.set(site, known)
  const was = known.get(number)
  if (was) return was
  const parsed = worldwide(site, number) ?? parsePhoneNumberFromString(number, site.country ? { defaultCountry: site.country } : {}) // prettier-ignore
  const found =
    parsed?.isPossible() === true
      ? { e164: parsed.number, ...(parsed.country === undefined ? {} : { area: parsed.country }) }
      : {}
  if (known.size >= MOST_PLACES) known.clear()
  known.set(number, found)
  return found
}

/** As the trunk sends them, where it leaves the plus out: only what is then a number of some country. */
function worldwide({ bareInternational }: Site, number: string) {
  if (!bareInternational || !/^[1-9]/.test(number)) return undefined
  const parsed = parsePhoneNumberFromString(`+${number}`)
  return parsed?.isValid() === true ? parsed : undefined
}

function e164Of(site: Site, number: string): string | undefined {
  return placeOf(site, number).e164
}

/** The beginning of numbers outside, as the whole world dials it; as it is, where that cannot be said. */
export function beginningOf({ country, bareInternational }: Site, digits: string): string {
  if (digits.startsWith('+')) return digits
  if (bareInternational && /^[1-9]/.test(digits)) return `+${digits}`
  const typed = new AsYouType(country)
  typed.input(digits)
  const beginning = typed.getNumberValue() ?? ''
  return /^\+[1-9]/.test(beginning) ? beginning : digits
}
