/**
 * Where a number is at home: by the data of libphonenumber, and a site's own over it. The data is made when the daemon is built, and
 * read once (scripts/areas.mjs).
 */
import { readFileSync } from 'node:fs'
import type { Area } from '../events/area.js'
import type { OwnRow } from './own.js'
import { unpack, type Library, type Name } from './packed.js'
import { find, placeIn, tableOf } from './table.js'
import { kindOf } from './types.js'

export type Language = 'en' | 'zh'
export type AreaOf = (e164: string | undefined) => Area

export const readLibrary = (): Library => unpack(readFileSync(new URL('./areas.bin', import.meta.url)))

export type Place = Pick<Area, 'region' | 'city'>

export const placesOf = (names: readonly Name[], language: Language): Place[] =>
  names.map(name => (language === 'zh' && name.zh !== undefined ? chinese(name.zh) : split(name.en)))

/** In numbers of +1 a single name is that of a state. */
export const american = (place: Place): Place =>
  place.region === undefined && place.city !== undefined ? { region: place.city } : place

/** `own`: the later of two rows for one beginning counts, and what one leaves out is as the library has it. */
export function createAreas(library: Library, language: Language, own: readonly OwnRow[]): AreaOf {
  const { places, carriers, zones } = library
  const nameIn = (name: Name) => name[language] ?? name.en
  const placeOf = placesOf(places.names, language)
  const americanOf = placeOf.map(american)
  const carrierOf = carriers.names.map(nameIn)
  const zoneOf = zones.names.map(({ en }) => en)
  const rows = own.map(({ area }) => area)
  const ownTable = tableOf(own.map(({ prefix }, i) => [prefix, i] as const))

  return e164 => {
    if (e164 === undefined || !e164.startsWith('+')) return {}
    const digits = e164.slice(1)
    const at = placeIn(digits)
    const area: Area = kindOf(digits)
    // Short numbers of a country are at home nowhere in it.
    const place = area.type === undefined ? undefined : find(places.table, at)
    if (place !== undefined) Object.assign(area, digits.startsWith('1') ? americanOf[place] : placeOf[place])
    const carrier = find(carriers.table, at)
    if (carrier !== undefined) area.carrier = carrierOf[carrier] ?? ''
    const zone = find(zones.table, at)
    if (zone !== undefined) area.timeZone = zoneOf[zone] ?? ''
    const mine = rows.length === 0 ? undefined : find(ownTable, at)
    return mine === undefined ? area : { ...area, ...rows[mine] }
  }
}

/** `Shenzhen, Guangdong`: the larger one comes last. */
function split(name: string): Place {
  const comma = name.lastIndexOf(', ')
  return comma < 0 ? { city: name } : { city: name.slice(0, comma), region: name.slice(comma + 2) }
}

const CITIES = /^(北京|上海|天津|重庆)市$/
const PROVINCE = /^(.+?省|.+?自治区|内蒙古|新疆|西藏|广西|宁夏)(.*)$/

/** `广东省深圳市`: the larger one comes first; four cities are provinces, too. */
function chinese(name: string): Place {
  if (CITIES.test(name)) return { region: name, city: name }
  const [, region, city] = PROVINCE.exec(name) ?? []
  if (region === undefined) return { city: name }
  return city ? { region, city } : { region }
}
