/** A caller's way through the menus, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'
import { described, keysOf, Time } from './call-parts.js'

const closed = { additionalProperties: false }

export const WALK_ENDS = {
  gone: 'They went on, where the menu said',
  end: 'The menu was over, and hung up',
  'hung-up': 'They hung up',
  lost: 'The menu did not go on: a node is no more, or they had gone round too often',
} as const

export const IvrSchema = Type.Object(
  {
    steps: Type.Array(
      Type.Object(
        {
          ivr: Type.String({ description: 'The menu, by the name of its file' }),
          node: Type.String(),
          at: Time('When they came there'),
          key: Type.Optional(Type.String({ description: 'The last one that they pressed there' })),
          result: Type.Optional(
            Type.String({
              description:
                '`key`, `timeout`, `invalid`, `collected`, `open`, `closed`, `found`, `failed`, `gone`; or why they could not go there',
            }),
          ),
          times: Type.Optional(Type.Integer({ minimum: 2, description: 'How often they were asked there' })),
        },
        closed,
      ),
      { description: 'Each node that they came to, up to 300' },
    ),
    variables: Type.Record(Type.String(), Type.String(), { description: 'What was set, collected and looked up' }),
    language: Type.Optional(Type.String()),
    endedAt: Type.Optional(Time('When they were in no menu any more')),
    ended: Type.Optional(Type.Enum(keysOf(WALK_ENDS), { description: described(WALK_ENDS) })),
  },
  { ...closed, description: 'The way of the caller through the menus' },
)
export type IvrView = Static<typeof IvrSchema>
