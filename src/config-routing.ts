/** What the configuration says of calls from outside: `pbxs.routing`. */
import { Type, type Static } from 'typebox'
import { queueKey } from './base/queue-map.js'
import { Media, namedTwice, Sound, twice } from './config-media.js'
import { BoxId } from './events/voicemail.js'
import { AreaSchema } from './events/area.js'
import { minutesOf, type Calendar, type Hours } from './routing/calendar.js'
import type { RouteRules } from './routing/decide.js'

const closed = { additionalProperties: false }
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' })
const Clock = Type.String({ pattern: '^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' })
const HoursSchema = Type.Object({ from: Clock, to: Clock }, closed)
const Date = Type.String({ pattern: '^(?:[0-9]{4}-)?(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$' })
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** As phones of the site dial it. */
const Number = Type.String({ pattern: '^[0-9*#]{1,32}$' })
const Target = Type.Union([
  Type.Object({ number: Number }, closed),
  Type.Object({ message: Media }, closed),
  Type.Object({ busy: Type.Literal(true) }, closed),
  Type.Object({ dialplan: Type.Literal(true) }, closed),
  Type.Object({ voicemail: BoxId }, closed),
  Type.Object({ ivr: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) }, closed),
])

const CalendarSchema = Type.Object(
  {
    name: Name,
    timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    hours: Type.Array(
      Type.Object({ days: Type.Array(Type.Enum([...DAYS]), { minItems: 1 }), ...HoursSchema.properties }, closed),
      { maxItems: 100, default: [] },
    ),
    holidays: Type.Array(Date, { maxItems: 1_000, default: [] }),
    exceptions: Type.Array(Type.Object({ date: Date, hours: Type.Array(HoursSchema, { maxItems: 20 }) }, closed), {
      maxItems: 1_000,
      default: [],
    }),
  },
  closed,
)

export const RoutingSchema = Type.Object(
  {
    calendars: Type.Array(CalendarSchema, { maxItems: 1_000, default: [] }),
    routes: Type.Array(
      Type.Object(
        {
          name: Name,
          dialled: Type.Array(Type.String({ pattern: '^\\+?[0-9]{1,32}\\*?$' }), { minItems: 1, maxItems: 10_000 }),
          to: Target,
          callers: Type.Optional(Type.Array(AreaSchema, { minItems: 1, maxItems: 1_000 })),
          calendar: Type.Optional(Name),
          closed: Type.Optional(Target),
          emergency: Type.Optional(Target),
          dedicated: Type.Optional(
            Type.Object(
              {
                lastAgentWithinMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 31_622_400_000 })),
                ringForMs: Type.Integer({ minimum: 1_000, maximum: 300_000, default: 15_000 }),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
      { maxItems: 10_000, default: [] },
    ),
    queueKeys: Type.Array(
      Type.Object(
        {
          queue: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}$' }),
          keys: Type.Record(Type.String(), Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }), { minProperties: 1 }),
        },
        closed,
      ),
      { maxItems: 10_000, default: [] },
    ),
    callBacks: Type.Object(
      {
        attempts: Type.Integer({ minimum: 1, maximum: 100, default: 3 }),
        retryMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000, default: 600_000 }),
        calendar: Type.Optional(Name),
      },
      { ...closed, default: {} },
    ),
    blacklist: Type.Object(
      {
        message: Type.Array(Sound, { minItems: 1, maxItems: 20, default: ['ss-noservice'] }),
        voicemail: Type.Optional(BoxId),
        priority: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, default: -10 }),
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, default: {} },
)
type Settings = Static<typeof RoutingSchema>

export function routingContradictions(
  { routes, calendars, queueKeys, callBacks }: Settings,
  isTimeZone: (name: string) => boolean,
): string[] {
  const known = new Set(calendars.map(({ name }) => name))
  return [
    ...namedTwice('routing.routes', routes),
    ...namedTwice('routing.calendars', calendars),
    ...twice(queueKeys.map(({ queue }) => queueKey(queue))).map(queue => `routing.queueKeys: two are of ${queue}`),
    ...queueKeys.flatMap(({ queue, keys }) =>
      Object.keys(keys)
        .filter(key => !/^[0-9*#]$/.test(key))
        .map(key => `routing.queueKeys ${queue}: ${key} is no key`),
    ),
    ...(callBacks.calendar !== undefined && !known.has(callBacks.calendar)
      ? [`routing.callBacks: there is no calendar ${callBacks.calendar}`]
      : []),
    ...calendars
      .filter(({ timeZone }) => timeZone !== undefined && !isTimeZone(timeZone))
      .map(({ name }) => `routing.calendars ${name}: timeZone is not known`),
    ...routes
      .filter(({ to, dedicated }) => dedicated && !('number' in to))
      .map(({ name }) => `routing.routes ${name}: dedicated is of use only where \`to\` is a number`),
    ...routes.flatMap(({ name, calendar, closed: shut }) => [
      ...(calendar !== undefined && !known.has(calendar)
        ? [`routing.routes ${name}: there is no calendar ${calendar}`]
        : []),
      ...((calendar === undefined) !== (shut === undefined)
        ? [`routing.routes ${name}: calendar and closed are of no use without each other`]
        : []),
    ]),
  ]
}

const hoursIn = ({ from, to }: Static<typeof HoursSchema>): Hours => ({
  from: minutesOf(from) ?? 0,
  to: minutesOf(to) ?? 0,
})

const calendarOf = (
  { name, hours, holidays, exceptions, ...rest }: Settings['calendars'][number],
  timeZone: string,
): Calendar => ({
  name,
  timeZone: rest.timeZone ?? timeZone,
  week: DAYS.map(day => hours.filter(({ days }) => days.includes(day)).map(hoursIn)),
  days: new Map<string, { hours: readonly Hours[]; holiday: boolean }>([
    ...holidays.map(day => [day, { hours: [], holiday: true }] as const),
    ...exceptions.map(({ date, hours: own }) => [date, { hours: own.map(hoursIn), holiday: false }] as const),
  ]),
})

/** `timeZone`: of calendars that have none of their own. */
export const routeRulesOf = ({ routes, calendars }: Settings, timeZone: string): RouteRules => ({
  routes,
  calendars: new Map(calendars.map(calendar => [calendar.name, calendarOf(calendar, timeZone)])),
})
