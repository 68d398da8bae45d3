/** Callers who did not want to wait on the line, and are to be called back at their turn, as every consumer sees them. */
import { Type, type Static } from 'typebox'
import { closed, described, keysOf, PartySchema, Time } from './call-parts.js'

export const CALL_BACK_EVENTS = {
  'call-back.opened': 'A caller is to be called back, and waits in the queue without being on the line.',
  'call-back.changed':
    'An agent has answered for them and they are being called; or nobody answered, and it is tried again.',
  'call-back.closed': 'They were called back; or it was tried often enough, or cancelled.',
} as const
export type CallBackEventType = keyof typeof CALL_BACK_EVENTS

export const CALL_BACK_STATES = {
  waiting: 'They wait in the queue, at their place',
  calling: 'An agent has answered, and the number is being called',
  pausing: 'It is tried again at `nextAt`',
  done: 'Somebody has talked with them',
  failed: 'It was tried as often as the configuration says',
  cancelled: 'Nothing came of it by command',
} as const
export type CallBackState = keyof typeof CALL_BACK_STATES

export const ATTEMPT_OUTCOMES = {
  talked: 'They talked',
  'no-answer': 'An agent had answered, and whoever was to be called back did not',
  'no-agent': 'The queue let go of them without an agent',
  lost: 'What became of it is not known: the daemon or the PBX was away. It counts as tried',
} as const

export const CallBackSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon, and what names it there' }),
    pbx: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'Grows by one with each event of it' }),
    state: Type.Enum(keysOf(CALL_BACK_STATES), { description: described(CALL_BACK_STATES) }),
    party: PartySchema,
    queue: Type.String(),
    position: Type.Integer({ minimum: 1, description: 'Their place when they left the line' }),
    call: Type.String({ description: 'The call in which they asked for it' }),
    at: Time('When they did'),
    attempts: Type.Array(
      Type.Object(
        {
          at: Time('Since when they waited in the queue for it'),
          call: Type.String({ description: 'The call that was made' }),
          outcome: Type.Optional(Type.Enum(keysOf(ATTEMPT_OUTCOMES), { description: described(ATTEMPT_OUTCOMES) })),
        },
        closed,
      ),
    ),
    nextAt: Type.Optional(Time('When it is tried again')),
    doneAt: Type.Optional(Time('Since when nothing is to be done')),
    doneBy: Type.Optional(Type.String({ description: 'Who has cancelled it' })),
  },
  { ...closed, $id: 'CallBack', title: 'CallBack' },
)
export type CallBackView = Static<typeof CallBackSchema>
export type AttemptOutcome = keyof typeof ATTEMPT_OUTCOMES
