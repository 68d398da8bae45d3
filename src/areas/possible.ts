/** Whether any number can be at home in an area, by the library and a site's own data: an area without numbers is a mistake. Pure. */
import { placeKey, placeKeys } from '../base/place-name.js'
import type { Area } from '../events/area.js'
import { american, placesOf, type Language } from './library.js'
import type { OwnRow } from './own.js'
import type { Library, Name } from './packed.js'
import { NOTHING, type Table } from './table.js'
import { COUNTRIES, countriesOf } from './types.js'

export const PLACED = ['country', 'region', 'city', 'carrier', 'timeZone'] as const
type Placed = (typeof PLACED)[number]

/** Where numbers are at home: what is known of it, each as it is compared, and in which countries. */
type Home = { known: ReadonlyMap<Placed, readonly string[]>; countries: Set<string> }

/** Beginnings are filled up to 15 digits. */
const AFTER_AMERICA = 200_000_000_000_000
const ALL_BUT_FOUR = 10 ** 11

const isName = (key: Placed) => key !== 'country' && key !== 'timeZone'
const homeOf = (area: Area): Home => ({
  known: new Map(
    PLACED.flatMap(key => {
      const text = area[key]
      return text === undefined ? [] : [[key, isName(key) ? placeKeys(text) : [text]] as const]
    }),
  ),
  countries: new Set(),
})

/** Of one table; `areaOf` says what it knows, `isAmerican` of a number of +1. */
function homesIn({ starts, values }: Table, areaOf: (id: number, isAmerican: boolean) => Area): Home[] {
  const beginnings = new Map<number, Set<number>>()
  for (let i = 0; i < starts.length; i += 1) {
    const [id = NOTHING, start = 0] = [values[i], starts[i]]
    if (id === NOTHING) continue
    const which = id * 2 + (start < AFTER_AMERICA ? 1 : 0)
    const known = beginnings.get(which)
    const beginning = Math.floor(start / ALL_BUT_FOUR)
    if (known) known.add(beginning)
    else beginnings.set(which, new Set([beginning]))
  }
  return [...beginnings].map(([which, numbers]) => {
    const countries = new Set([...numbers].flatMap(number => countriesOf(String(number))))
    return { ...homeOf(areaOf(Math.floor(which / 2), which % 2 === 1)), countries }
  })
}

/** Rows that say the same are one. */
function homesOf(own: readonly OwnRow[]): Home[] {
  const homes = new Map<string, Home>()
  for (const { prefix, area } of own) {
    const said = JSON.stringify(PLACED.map(key => area[key]))
    const home = homes.get(said) ?? homeOf(area)
    homes.set(said, home)
    for (const country of area.country === undefined ? countriesOf(prefix) : [area.country]) home.countries.add(country)
  }
  return [...homes.values()]
}

type Wanted = ReadonlyMap<Placed, string>
const isKnown = ({ known }: Home, [key, text]: readonly [Placed, string]) => known.get(key)?.includes(text) === true

/** What a row leaves out is as the library has it, which is not looked up for it. */
const rowHas = (home: Home, wanted: Wanted) =>
  [...wanted].some(one => isKnown(home, one)) &&
  [...wanted].every(one => !home.known.has(one[0]) || isKnown(home, one)) &&
  home.countries.has(wanted.get('country') ?? [...home.countries][0] ?? '')

export function createPossible({ places, carriers, zones }: Library, language: Language, own: readonly OwnRow[]) {
  const named = placesOf(places.names, language)
  const textOf = (names: readonly Name[], id: number) => names[id]?.[language] ?? names[id]?.en ?? ''
  const parts: [keys: readonly Placed[], homes: readonly Home[]][] = [
    [['region', 'city'], homesIn(places.table, (id, isAmerican) => (isAmerican ? american : same)(named[id] ?? {}))],
    [['carrier'], homesIn(carriers.table, id => ({ carrier: textOf(carriers.names, id) }))],
    [['timeZone'], homesIn(zones.table, id => ({ timeZone: textOf(zones.names, id) }))],
  ]
  const rows = homesOf(own)

  /** The countries of all beginnings of which a table knows that; none where it is not asked. */
  function countriesWith(keys: readonly Placed[], homes: readonly Home[], wanted: Wanted): ReadonlySet<string>[] {
    const asked = [...wanted].filter(([key]) => keys.includes(key))
    if (asked.length === 0) return []
    const fitting = homes.filter(home => asked.every(one => isKnown(home, one)))
    return [new Set(fitting.flatMap(({ countries }) => [...countries]))]
  }

  /** Countries that share a code and are not told apart by the beginning are all taken for possible. */
  return (area: Area): boolean => {
    const wanted: Wanted = new Map(
      PLACED.flatMap(key => {
        const text = area[key]
        return text === undefined ? [] : [[key, isName(key) ? placeKey(text) : text] as const]
      }),
    )
    const { country } = area
    const countries = country === undefined ? [] : [new Set(COUNTRIES.has(country) ? [country] : [])]
    const sets = [...countries, ...parts.flatMap(([keys, homes]) => countriesWith(keys, homes, wanted))]
    const [first, ...others] = sets
    if (first === undefined || [...first].some(one => others.every(set => set.has(one)))) return true
    return rows.some(home => rowHas(home, wanted))
  }
}

const same = <T>(it: T) => it
