/** `/v1/activity` and `/v1/audit`: what agents did when, how long altogether, and who has changed the directory. */
import { Type } from 'typebox'
import type { EpochMs } from '../../base/ids.js'
import { ActivitySchema, AGENT_STATES, type Activity, type AgentView } from '../../events/agent.js'
import { KINDS } from '../../events/directory.js'
import { iso } from '../../events/event.js'
import { totalsOf, TOTALS_BY } from '../../reports/activity.js'
import { filtersIn } from '../filters.js'
import { pbxName } from '../pbx.js'
import type { Pbx, Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { problems } from '../shapes.js'
import { spanOf } from '../span.js'

const closed = { additionalProperties: false }
const limit = Type.Integer({ minimum: 1, maximum: 500, default: 50 })
const after = Type.Optional(Type.String({ maxLength: 400, description: 'The cursor `next` of the page before' }))
const next = Type.Optional(Type.String({ description: 'There may be more: ask again with `after=` this' }))
const agent = Type.Optional(
  Type.String({ maxLength: 120, description: 'The id of an agent, such as `hq:8001` or `8001`' }),
)
const time = {
  from: Type.String({ format: 'date-time', description: 'From this moment on' }),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Before this one; now, if left out' })),
}

const Search = Type.Object(
  {
    agent,
    state: Type.Optional(Type.Enum([...AGENT_STATES])),
    ...time,
    order: Type.Enum(['newest', 'oldest'], { default: 'newest' }),
    limit,
    after,
    pbx: pbxName,
  },
  closed,
)
const Item = Type.Object(
  {
    ...ActivitySchema.properties,
    open: Type.Optional(Type.Boolean({ description: 'It goes on: `to` is now' })),
  },
  closed,
)
const Page = Type.Object({ items: Type.Array(Item), next }, { description: 'Stretches of time, each in one state' })

const TotalsQuery = Type.Object(
  { agent, ...time, by: Type.Enum([...TOTALS_BY], { default: 'day' }), pbx: pbxName },
  closed,
)
const Ms = Type.Integer({ minimum: 0, description: 'Milliseconds' })
const TotalsAnswer = Type.Object(
  {
    totals: Type.Array(
      Type.Object(
        {
          agent: Type.String(),
          bucket: Type.String({ format: 'date-time', description: 'When the day or the hour begins' }),
          states: Type.Record(Type.String(), Ms, { description: 'How long in each state; together `totalMs`' }),
          reasons: Type.Record(Type.String(), Ms, { description: 'Of the time not ready, by reason' }),
          totalMs: Ms,
        },
        closed,
      ),
    ),
  },
  { description: 'By the time zone of the PBX' },
)

const asker = Type.Optional(Type.String({ maxLength: 80, description: 'Such as `key:crm` or `staff:8100`' }))
const AuditQuery = Type.Object(
  {
    kind: Type.Optional(Type.Enum([...KINDS])),
    entry: Type.Optional(
      Type.String({
        maxLength: 112,
        description: 'The id of what was changed, such as `hq:8001` or `8001`; that of a workgroup in any letter case',
      }),
    ),
    by: asker,
    limit,
    after,
    pbx: pbxName,
  },
  closed,
)
const AuditAnswer = Type.Object(
  { changes: Type.Array(Type.Ref('DirectoryChange')), next },
  { description: 'The newest first' },
)

const ListeningQuery = Type.Object(
  {
    call: Type.Optional(Type.String({ maxLength: 120 })),
    by: asker,
    extension: Type.Optional(
      Type.String({ maxLength: 80, description: 'The phone that listens: `1001`, or its id such as `hq:1001`' }),
    ),
    heard: Type.Optional(
      Type.String({ maxLength: 80, description: 'The extension that is listened to, in the same ways' }),
    ),
    limit,
    after,
    pbx: pbxName,
  },
  closed,
)
const ListeningAnswer = Type.Object(
  { items: Type.Array(Type.Ref('Listening')), next },
  { description: 'The newest first' },
)

/** What an agent is in now, up to now. */
const openOf = (view: AgentView, now: EpochMs): Activity => {
  const { id, state, reason, cause, by, extension, call, since } = view
  return {
    agent: id,
    state,
    ...(reason === undefined ? {} : { reason }),
    cause,
    ...(by === undefined ? {} : { by }),
    ...(extension === undefined ? {} : { extension }),
    ...(call === undefined ? {} : { call }),
    from: since,
    to: iso(Math.max(now, Date.parse(since)) as EpochMs),
  }
}

export function activityRoutes(api: Api, pbxs: Pbxs, now: () => EpochMs) {
  const times = (query: { from: string; until?: string }) => spanOf(query, now)
  const openAt = async (found: Pbx, { from, until }: { from: EpochMs; until: EpochMs }, only?: string) =>
    (await found.engine.agents.list())
      .filter(view => (only === undefined || view.id === only) && Date.parse(view.since) < until && now() > from)
      .map(view => openOf(view, now()))
  /** `only`: by their whole id, as the history has them. */
  async function agentIn({ pbx: name, agent }: { pbx?: string; agent?: string }) {
    const { pbx: found, filters } = await filtersIn(pbxs, name, { agent })
    return { found, only: filters.agent === undefined ? undefined : `${found.engine.pbx}:${filters.agent}` }
  }
  const tags = ['agents']

  api.get(
    '/v1/activity',
    {
      schema: {
        tags,
        summary: 'What agents did when',
        description: 'Every moment of an agent is in exactly one stretch. What goes on now, is on the first page.',
        querystring: Search,
        response: { 200: Page, ...problems(404, 503) },
      },
    },
    async request => {
      const { order, limit: most, after: cursor, state } = request.query
      const { found, only } = await agentIn(request.query)
      const asked = times(request.query)
      // Before the log is read: what ends meanwhile is then there twice rather than not at all, and is told apart below.
      const open = cursor === undefined || order === 'oldest' ? await openAt(found, asked, only) : []
      const page = await found.history.activity({
        from: asked.from,
        ...(request.query.until === undefined ? {} : { until: asked.until }),
        ...(only === undefined ? {} : { agent: only }),
        ...(state === undefined ? {} : { state }),
        order,
        limit: most,
        ...(cursor === undefined ? {} : { after: cursor }),
      })
      const going = open
        .filter(
          o =>
            (state === undefined || o.state === state) &&
            !page.items.some(i => i.agent === o.agent && i.from === o.from),
        )
        .map(o => ({ ...o, open: true }))
      const items =
        order === 'newest' ? [...going, ...page.items] : [...page.items, ...(page.next === undefined ? going : [])]
      return { items, ...(page.next === undefined ? {} : { next: page.next }) }
    },
  )

  api.get(
    '/v1/activity/totals',
    {
      schema: {
        tags,
        summary: 'How long agents were in each state',
        querystring: TotalsQuery,
        response: { 200: TotalsAnswer, ...problems(404, 503) },
      },
    },
    async request => {
      const { by } = request.query
      const { found, only } = await agentIn(request.query)
      const { from, until } = times(request.query)
      const open = await openAt(found, { from, until }, only)
      const ended = await found.history.activityWithin(from, until, only)
      const going = open.filter(o => !ended.some(e => e.agent === o.agent && e.from === o.from))
      return { totals: totalsOf([...ended, ...going], { from, to: until, by, timeZone: found.timeZone }) }
    },
  )

  api.get(
    '/v1/audit',
    {
      schema: {
        tags: ['directory'],
        summary: 'Who has changed what in the directory',
        querystring: AuditQuery,
        response: { 200: AuditAnswer, ...problems(404, 503) },
      },
    },
    async request => {
      const { pbx: name, entry, ...query } = request.query
      const { pbx, filters } = await filtersIn(pbxs, name, { entry })
      return pbx.history.audit({ ...query, ...filters })
    },
  )

  api.get(
    '/v1/audit/listening',
    {
      schema: {
        tags: ['directory'],
        summary: 'Who has listened to whom, by command',
        querystring: ListeningQuery,
        response: { 200: ListeningAnswer, ...problems(404, 503) },
      },
    },
    async request => {
      const { pbx: name, extension, heard, ...query } = request.query
      const { pbx, filters } = await filtersIn(pbxs, name, { extension, heard })
      return pbx.history.listening({ ...query, ...filters })
    },
  )
}
