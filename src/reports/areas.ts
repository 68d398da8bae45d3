/** Calls with the outside by where the other side is at home. Pure. */
import { placeKey } from '../base/place-name.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'

export const AREAS_BY = ['country', 'region', 'city', 'carrier', 'type'] as const
export type AreasBy = (typeof AREAS_BY)[number]

/** `group`: empty where that is not known; where a city or a region is asked for, `country` says of which. */
export type AreaTotals = { group: string; country?: string; calls: number; answered: number; talkedMs: number }

/** The most calls first. Calls inside count nowhere. */
export function areaTotals(calls: Iterable<CallView>, by: AreasBy, areaOf: (number: string) => Area): AreaTotals[] {
  const groups = new Map<string, AreaTotals>()
  for (const { direction, from, to, outcome, talkedMs = 0 } of calls) {
    if (direction === 'internal') continue
    const { e164, number } = direction === 'outbound' ? to : from
    const area = areaOf(e164 ?? number)
    const group = area[by] ?? ''
    const { country } = area
    const key = by === 'region' || by === 'city' ? `${country ?? ''}/${placeKey(group)}` : group
    const withCountry = (by === 'region' || by === 'city') && country !== undefined ? { country } : {}
    const was = groups.get(key) ?? { group, ...withCountry, calls: 0, answered: 0, talkedMs: 0 }
    const answered = was.answered + (outcome === 'answered' ? 1 : 0)
    groups.set(key, { ...was, calls: was.calls + 1, answered, talkedMs: was.talkedMs + talkedMs })
  }
  return [...groups.values()].sort((a, b) => b.calls - a.calls || (a.group < b.group ? -1 : 1))
}
