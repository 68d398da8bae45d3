/** Where a call from outside goes, and why. Pure: the number that was dialled, and the rules of the site. */

/** `dialled`: numbers as the trunk sends them; one that ends in `*` is the beginning of numbers. */
export type Route = { name: string; dialled: readonly string[]; to: { number: string } }
export type RouteRules = { routes: readonly Route[] }

export type Decision = {
  does: 'number' | 'dialplan'
  to?: string
  because: { rule: 'route' | 'no-route'; name?: string }[]
}

/** The first route that fits; where none does, the site's own dialplan has the number. */
export function decideRoute({ routes }: RouteRules, dialled: string): Decision {
  const route = routes.find(({ dialled: patterns }) => patterns.some(pattern => fits(pattern, dialled)))
  if (!route) return { does: 'dialplan', because: [{ rule: 'no-route' }] }
  return { does: 'number', to: route.to.number, because: [{ rule: 'route', name: route.name }] }
}

const fits = (pattern: string, number: string) =>
  pattern.endsWith('*') ? number.startsWith(pattern.slice(0, -1)) : number === pattern
