/** Whether what a store gives back is something that an engine keeps there: a call, an item, the numbers of a queue. Pure. */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { isStoredCall } from '../calls/stored.js'
import { FollowUpSchema } from '../events/follow-up.js'
import { KEPT_SCHEMA_OF } from '../directory/file.js'
import { AGENT_STATES, CAUSES, LineSchema } from '../events/agent.js'
import { ALARM_KINDS } from '../events/alarm.js'
import { PartySchema } from '../events/call-parts.js'
import { ATTEMPT_OUTCOMES, CALL_BACK_STATES } from '../events/call-back.js'
import { BoxId, MAIL_STATES } from '../events/voicemail.js'
import { KINDS } from '../events/directory.js'
import { agentKey } from './agents.js'
import { entryKey } from './directory.js'
import { tallyKey } from './queues.js'
import {
  EMERGENCY_KEY,
  isAgent,
  isAlarms,
  isEmergency,
  isEntry,
  isDials,
  isItem,
  isLine,
  isMessage,
  isCallBack,
  callBackKey,
  messageKey,
  isPublished,
  isTally,
  type StoredThing,
} from './state.js'

const Count = Type.Integer({ minimum: 0 })
const Tally = Type.Object({
  offered: Count,
  outcomes: Type.Record(Type.String(), Count),
  inTime: Count,
  waitedMs: Type.Number({ minimum: 0 }),
})
const StoredQueueSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  revision: Count,
  day: Type.Object({ date: Type.String(), tally: Tally }),
  minutes: Type.Array(Type.Object({ at: Type.Number(), tally: Tally })),
})

const Time = Type.Number({ minimum: 0 })
const StoredAgentSchema = Type.Object({
  staff: Type.String({ minLength: 1 }),
  revision: Count,
  now: Type.Object({
    state: Type.Enum([...AGENT_STATES]),
    since: Time,
    cause: Type.Enum([...CAUSES]),
    reason: Type.Optional(Type.String()),
  }),
  signedIn: Type.Optional(
    Type.Object({
      at: Time,
      telephony: Type.Boolean(),
      extension: Type.Optional(Type.String()),
      interface: Type.Optional(Type.String()),
    }),
  ),
  wanted: Type.Object({ state: Type.Enum(['ready', 'not-ready']), reason: Type.Optional(Type.String()) }),
  legs: Type.Array(Type.Object({ leg: Type.String(), call: Type.String(), doing: Type.String(), wrapUpMs: Count })),
  wrapUp: Type.Optional(Type.Object({ until: Time, call: Type.String() })),
  misses: Count,
  phoneGoneAt: Type.Optional(Time),
  forNow: Type.Object({
    added: Type.Array(Type.Object({ workgroup: Type.String(), penalty: Count })),
    removed: Type.Array(Type.String()),
  }),
  members: Type.Record(
    Type.String(),
    Type.Object({ queue: Type.String(), interface: Type.String(), name: Type.String(), paused: Type.Boolean() }),
  ),
  beside: Type.Optional(Type.Array(Type.String())),
})

/** Another version may show more, or less. */
const ShownSchema = Type.Optional(Type.Object({ staff: Type.String(), revision: Count }))

const StoredLineSchema = Type.Object({
  ...LineSchema.properties,
  revision: Count,
  published: Type.Optional(Type.String()),
})
const StoredDialsSchema = Type.Array(Type.Object({ at: Time, costly: Type.Boolean() }))
const StoredEmergencySchema = Type.Object({ on: Type.Boolean(), since: Time, by: Type.String() })
const StoredCallBackSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  state: Type.Enum(Object.keys(CALL_BACK_STATES)),
  party: PartySchema,
  number: Type.String({ minLength: 1 }),
  queue: Type.String({ minLength: 1 }),
  position: Type.Integer({ minimum: 1 }),
  call: Type.String({ minLength: 1 }),
  at: Time,
  revision: Type.Integer({ minimum: 1 }),
  attempts: Type.Array(
    Type.Object({ at: Time, call: Type.String(), outcome: Type.Optional(Type.Enum(Object.keys(ATTEMPT_OUTCOMES))) }),
  ),
  nextAt: Type.Optional(Time),
  doneAt: Type.Optional(Time),
  doneBy: Type.Optional(Type.String()),
})
const StoredMessageSchema = Type.Object({
  id: Type.String({ minLength: 1 }),
  box: BoxId,
  file: Type.String({ minLength: 1 }),
  from: PartySchema,
  at: Time,
  durationMs: Time,
  revision: Type.Integer({ minimum: 1 }),
  call: Type.Optional(Type.String()),
  heardAt: Type.Optional(Time),
  heardBy: Type.Optional(Type.String()),
  forwarded: Type.Optional(Type.Object({ from: BoxId, by: Type.String() })),
  mail: Type.Optional(Type.Enum(Object.keys(MAIL_STATES))),
  deleting: Type.Optional(Type.Literal(true)),
})
const StoredRevisionsSchema = Type.Partial(Type.Object(Object.fromEntries(ALARM_KINDS.map(kind => [kind, Count]))))
const StoredAlarmsSchema = Type.Array(
  Type.Object({
    kind: Type.Enum([...ALARM_KINDS]),
    threshold: Type.Number(),
    value: Type.Number(),
    raisedAt: Time,
    valueAt: Type.Optional(Time),
    goodSince: Type.Optional(Time),
  }),
)

/** `id`: the name under which it was stored. */
export function isStored(value: unknown, id: string): value is StoredThing {
  if (isStoredCall(value, id)) return true
  if (typeof value !== 'object' || value === null) return false
  const stored = value as StoredThing
  if (stored.id !== id) return false
  if (isAgent(stored))
    return (
      Value.Check(StoredAgentSchema, stored.agent) &&
      Value.Check(ShownSchema, stored.shown) &&
      id === agentKey(stored.agent.staff)
    )
  if (isEntry(stored))
    return (
      KINDS.includes(stored.kind) &&
      Value.Check(KEPT_SCHEMA_OF[stored.kind], stored.entry) &&
      Number.isSafeInteger(stored.changes) &&
      id === entryKey(stored.kind, stored.entry.id)
    )
  if (isEmergency(stored)) return Value.Check(StoredEmergencySchema, stored.emergency) && id === EMERGENCY_KEY
  if (isCallBack(stored))
    return Value.Check(StoredCallBackSchema, stored.callBack) && id === callBackKey(stored.callBack.id)
  if (isMessage(stored)) return Value.Check(StoredMessageSchema, stored.message) && id === messageKey(stored.message.id)
  if (isDials(stored)) return Value.Check(StoredDialsSchema, stored.dials) && /^dials\/./.test(id)
  if (isLine(stored)) return Value.Check(StoredLineSchema, stored.line) && /^(agent-)?line\/./.test(id)
  if (isAlarms(stored))
    return (
      Value.Check(StoredAlarmsSchema, stored.alarms) &&
      Value.Check(Type.Optional(StoredRevisionsSchema), stored.revisions) &&
      /^alarms\/./.test(id)
    )
  if (isPublished(stored)) return typeof stored.published === 'string' && /^published\/./.test(id)
  if (isTally(stored)) return Value.Check(StoredQueueSchema, stored.queue) && id === tallyKey(stored.queue.name)
  return isItem(stored) && Value.Check(FollowUpSchema, stored.item)
}
