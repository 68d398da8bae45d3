/** What the configuration says of calls from outside: `pbxs.routing`. */
import { Type, type Static } from 'typebox'
import type { RouteRules } from './routing/decide.js'

const closed = { additionalProperties: false }
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' })

export const RoutingSchema = Type.Object(
  {
    routes: Type.Array(
      Type.Object(
        {
          name: Name,
          dialled: Type.Array(Type.String({ pattern: '^\\+?[0-9]{1,32}\\*?$' }), { minItems: 1, maxItems: 10_000 }),
          to: Type.Object({ number: Type.String({ pattern: '^[0-9*#]{1,32}$' }) }, closed),
        },
        closed,
      ),
      { maxItems: 10_000, default: [] },
    ),
  },
  { ...closed, default: {} },
)

export const routeRulesOf = (routing: Static<typeof RoutingSchema>): RouteRules => routing

export function routingContradictions({ routes }: Static<typeof RoutingSchema>): string[] {
  const names = routes.map(({ name }) => name)
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
  return twice.map(name => `routing.routes: two have the name ${name}`)
}
