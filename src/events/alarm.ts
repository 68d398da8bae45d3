/** An alarm of a queue: a value is where its workgroup says that it must not be. */
import { Type, type Static } from 'typebox'
import { closed, Time } from './call-parts.js'

export const ALARM_EVENTS = {
  'alarm.raised':
    'A queue has too many waiting callers, too long a wait, too low a service level or too few ready agents.',
  'alarm.changed':
    'The value of a raised alarm has changed. Comes once a second at most; every ten seconds for a wait that only grows.',
  'alarm.cleared': 'The value has been within its limits for ten seconds.',
} as const
export type AlarmEventType = keyof typeof ALARM_EVENTS

export const ALARM_KINDS = ['waiting', 'longestWaitMs', 'serviceLevel', 'readyAgents'] as const
export type AlarmKind = (typeof ALARM_KINDS)[number]

export const AlarmSchema = Type.Object(
  {
    id: Type.String({ description: 'The id of the queue, a colon and the kind' }),
    pbx: Type.String(),
    revision: Type.Integer({
      minimum: 0,
      description:
        'Grows by one with each event of this alarm, also when it is raised again: of two, the higher one is newer',
    }),
    queue: Type.String(),
    kind: Type.Enum([...ALARM_KINDS], { description: 'As the thresholds of the workgroup are called' }),
    threshold: Type.Number(),
    value: Type.Number({ description: 'As it is now; with `clearedAt`, as it was then' }),
    raisedAt: Time('When it was raised'),
    clearedAt: Type.Optional(Time('When it was cleared')),
  },
  { ...closed, $id: 'Alarm', title: 'Alarm' },
)
export type AlarmView = Static<typeof AlarmSchema>
