/** `/v1/blacklist`, and the command that puts whoever is on the line there. */
import { Type } from 'typebox'
import { Refusal } from '../../base/errors.js'
import { CallerAskedSchema, EntryAskedSchema, type EntryAsked } from '../../events/blacklist.js'
import { askerIn, by } from '../asker.js'
import { callsOf } from '../pbx.js'
import type { Pbxs } from '../ports.js'
import type { Api } from '../server.js'
import { IdParams, NoQuery, problems } from '../shapes.js'
import { entryAnswer, listedRoutes, valueOf } from './listed.js'

/** A caller who shows anything else is among the `anonymous`, for whom an entry would be about others, too. */
const LISTED = /^\+?[0-9]{1,32}$/

const closed = { additionalProperties: false }

export function blacklistRoutes(api: Api, pbxs: Pbxs) {
  listedRoutes<EntryAsked>(api, pbxs, {
    name: 'blacklist',
    about: 'Who is turned away',
    right: 'blacklist',
    asked: EntryAskedSchema,
    shown: 'BlacklistEntry',
    of: ({ engine }) => engine.blacklist,
  })

  const calls = callsOf(pbxs)
  api.post(
    '/v1/calls/:id/blacklist',
    {
      schema: {
        tags: ['commands'],
        summary: 'Put whoever is outside on the blacklist',
        description:
          'Works on a live or an ended call; the call itself goes on. Takes the right `blacklist`. `ENTRY_INVALID` if the outside party shows no number, or a text instead, if there is no outside party, or if a list would read the number as another one, behind the dial prefix.',
        params: IdParams,
        body: Type.Union([Type.Null(), Type.Object({ ...CallerAskedSchema.properties, by }, closed)]),
        querystring: NoQuery,
        response: {
          200: entryAnswer('BlacklistEntry', 'As it is looked up from now on'),
          ...problems(403, 404, 422, 503),
        },
      },
    },
    async request => {
      const { id } = request.params
      const { by: staff, scope = 'all', action = 'busy', ...why } = request.body ?? {}
      const { engine } = calls.holding(id)
      const asker = askerIn(request, staff, engine)
      const { direction, from, to } = await calls.find(id)
      const { number, e164, extension } = direction === 'outbound' ? to : from
      if (extension !== undefined || number === '')
        throw new Refusal('ENTRY_INVALID', 'the call has nobody outside who shows a number')
      const match = e164 ?? number
      if (!LISTED.test(match))
        throw new Refusal('ENTRY_INVALID', 'the caller shows no number that a list can have, such as a name')
      return valueOf(await engine.blacklist.add({ ...why, scope, action, match }, asker, 'fromCall'))
    },
  )
}
