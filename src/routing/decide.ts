/** Where a call from outside goes, and why. Pure: who calls which number when, and the rules of the site. */
import { isSamePlace } from '../base/place-name.js'
import type { EpochMs } from '../base/ids.js'
import type { Area } from '../events/area.js'
import type { Routed } from '../pbx/facts.js'
import { judgeCalendar, type Calendar } from './calendar.js'
import type { DedicatedRules } from './dedicated.js'

/** To a number of the site, a message and then the end, the engaged tone, or on in the site's own dialplan. */
export type Target =
  | { number: string }
  | { message: readonly string[] }
  | { busy: true }
  | { dialplan: true }
  | { ivr: string }
  | { voicemail: string }

/** `dialled`: numbers as the trunk sends them; one that ends in `*` is the beginning of numbers. */
export type Route = {
  name: string
  dialled: readonly string[]
  to: Target
  /** Only for callers who are at home in one of these; for all, if left out. */
  callers?: readonly Area[]
  /** When it is open, by the name of a calendar; else it goes there. */
  calendar?: string
  closed?: Target
  /** Callers go to an agent of their own first, where `to` is a number. */
  dedicated?: DedicatedRules
  /** Where it goes while the emergency switch is on. */
  emergency?: Target
}
export type RouteRules = { routes: readonly Route[]; calendars: ReadonlyMap<string, Calendar> }

/** `area`: of the caller. */
export type Asked = { dialled: string; at: EpochMs; area: Area; emergency: boolean }
/**
 * `say`: what is played before the end; `priority`: which place the caller has in queues; `dedicated`: they may have an agent of
 * their own; `ring`: the phone that rings first.
 */
export type Decision = Routed & {
  say?: readonly string[]
  priority?: number
  dedicated?: DedicatedRules
  ring?: { endpoint: string; ringForMs: number }
}
type Writings = readonly (readonly string[])[]
type Because = Routed['because']

/**
 * The first route that fits the number as it is written, else in one of its other `writings`, of which the first group counts most;
 * where none does, the site's own dialplan has the number.
 */
export function decideRoute({ routes, calendars }: RouteRules, asked: Asked, writings: Writings = []): Decision {
  const { dialled, at, area, emergency } = asked
  const routeOf = (numbers: readonly string[]) =>
    routes.find(r => r.dialled.some(pattern => numbers.some(number => fits(pattern, number))) && isFor(r, area))
  const [route] = [[dialled], ...writings].flatMap(group => routeOf(group) ?? [])
  if (!route) return { does: 'dialplan', because: [{ rule: 'no-route' }] }
  const because: Because = [
    { rule: 'route', name: route.name },
    ...(route.callers ? [{ rule: 'area', name: nameOf(area) } as const] : []),
  ]
  if (emergency && route.emergency) return to(route.emergency, [...because, { rule: 'emergency' }])
  const calendar = route.calendar === undefined ? undefined : calendars.get(route.calendar)
  const { dedicated } = route
  const asOpen = (because: Because): Decision => ({ ...to(route.to, because), ...(dedicated && { dedicated }) })
  if (!calendar) return asOpen(because)
  const { open, why, day } = judgeCalendar(calendar, at)
  const judged: Because = [
    ...because,
    { rule: open ? 'open' : 'closed', name: calendar.name },
    ...(why === 'hours' ? [] : [{ rule: why, ...(day !== undefined && { name: day }) }]),
  ]
  return open || !route.closed ? asOpen(judged) : to(route.closed, judged)
}

function to(target: Target, because: Because): Decision {
  if ('number' in target) return { does: 'number', to: target.number, because }
  if ('voicemail' in target) return { does: 'voicemail', to: target.voicemail, because }
  if ('ivr' in target) return { does: 'ivr', to: target.ivr, because }
  if ('message' in target) return { does: 'message', because, say: target.message }
  return { does: 'busy' in target ? 'busy' : 'dialplan', because }
}

const KEYS = ['country', 'region', 'city', 'carrier', 'type', 'timeZone'] as const
const isFor = ({ callers }: Route, area: Area) =>
  callers === undefined ||
  callers.some(wanted => KEYS.every(key => wanted[key] === undefined || isSame(key, wanted[key], area[key])))
const NAMED: ReadonlySet<string> = new Set(['region', 'city', 'carrier'])
const isSame = (key: (typeof KEYS)[number], wanted: string, has: string | undefined) =>
  wanted === has || (NAMED.has(key) && has !== undefined && isSamePlace(wanted, has))
const nameOf = ({ country, region, city }: Area) =>
  [country, region, city].filter(part => part !== undefined).join(', ')

/** What is told of it. */
export const toldOf = ({ does, to, then, workgroup, customer, wishes, because }: Decision): Routed => ({
  does,
  ...(to !== undefined && { to }),
  ...(then !== undefined && { then }),
  ...(workgroup !== undefined && { workgroup }),
  ...(customer !== undefined && { customer }),
  ...(wishes && { wishes }),
  because,
})

const fits = (pattern: string, number: string) =>
  pattern.endsWith('*') ? number.startsWith(pattern.slice(0, -1)) : number === pattern
