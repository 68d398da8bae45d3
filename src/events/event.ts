/**
 * The public events: their types, and the CloudEvents 1.0 envelope they travel in. Each carries the whole object it is
 * about, so a consumer needs no memory. Ids are derived from what happened, never drawn.
 */
import { Type, type Static } from 'typebox'
import type { EpochMs } from '../base/ids.js'
import { AGENT_EVENTS, EXTENSION_EVENTS, type Activity, type AgentView, type ExtensionView } from './agent.js'
import { ALARM_EVENTS, type AlarmEventType, type AlarmView } from './alarm.js'
import { DIRECTORY_EVENTS, type DirectoryChange } from './directory.js'
import { FOLLOW_UP_EVENTS, type FollowUp, type FollowUpEventType } from './follow-up.js'
import { CallSchema, type CallView } from './call.js'
import type { Pop } from './pop.js'
import { CALL_BACK_EVENTS, type CallBackEventType, type CallBackView } from './call-back.js'
import { VOICEMAIL_EVENTS, type MessageView, type VoicemailEventType } from './voicemail.js'
import { QUEUE_EVENT_TYPES, type QueueView } from './queue.js'

/** Grows when a change would break a consumer of the former one. */
export const EVENTS_VERSION = 1

export const CALL_EVENTS = {
  'call.started': 'A party has begun a call, or the daemon has on its behalf.',
  'call.identified': 'The dialplan has given the caller another name or number: `from`.',
  'call.routed': 'A call from outside was sent somewhere: `routing` says where, and why.',
  'call.queued': 'The call has come into a queue: the last of `queues`.',
  'call.dequeued': 'The call has left the queue. Its visit in `queues` has the outcome.',
  'call.ringing': 'A called phone rings; comes once for each phone. `leg` names it.',
  'call.offered':
    'A call from outside rings at a phone: `pop` has all that a screen pop needs. Comes once for each phone, before it is answered. `leg` names it.',
  'call.unanswered': 'A phone has stopped ringing without an answer. Its offer has the result. `leg` names it.',
  'call.answered': 'Two people can talk.',
  'call.held': 'Somebody is on hold. `leg` names who did it, where that is known.',
  'call.retrieved': 'The hold has ended: nobody in the call is on hold.',
  'call.conferenced': 'Three or more can talk with one another.',
  'call.locked': 'A command has locked or unlocked the call against further participants: see `locked`.',
  'call.muted': 'A command has muted or unmuted a participant: `leg`, and its `muted`.',
  'call.monitored':
    'Somebody has started or stopped monitoring, whispering or barging in: see `legs`. `leg` names who.',
  'call.recording':
    'A recording by command was started, paused, resumed or stopped: see `recordings`. `leg` names whose part is recorded, where that party is in the call.',
  'call.parked': 'The call waits in a parking space.',
  'call.unparked':
    'The call has left the parking space: it was retrieved, it went back to the parker, or the parked party hung up.',
  'call.transferring':
    'A transfer was asked for, by command or by key; how far it is, or that nothing came of it: see `transfers`.',
  'call.transferred': 'A transfer was carried out, and again when its outcome is known: see `transfers`.',
  'ivr.stepped': 'The caller has come to another node of a menu: see `ivr`. `leg` names who.',
  'ivr.ended': 'The caller has left the menu: `ivr.ended`.',
  'survey.started': 'A survey has begun: see `survey`. `leg` names who is asked.',
  'survey.answered': 'One question was answered.',
  'survey.ended': 'The survey is over, or was not offered: `survey.outcome`.',
  'call.merged': 'Two calls have become one. Comes for both: one has `mergedInto`, the other `mergedFrom`.',
  'call.updated': 'Its note, its tags, its fields or its wrap-up codes were changed.',
  'call.changed':
    'Something else about the call has changed: for example, a phone is dialled, or one party has left and the others talk on.',
  'call.ended': 'The last party has left.',
  'call.recorded': 'The call is final and in the history; comes once, about two seconds after `call.ended`.',
  'call.revised': 'Something became known, or was noted, after the call had ended.',
} as const

export const PBX_EVENTS = {
  'pbx.connected': 'A link to the PBX is up; with `link` `ami`, the calls it has are known.',
  'pbx.disconnected':
    'A link to the PBX is down; with `link` `ami`, what happens there now is learnt when it is up again.',
  'pbx.resynced': 'After a gap, the calls were compared with the PBX; `gap` tells from when until when.',
} as const

export type CallEventType = keyof typeof CALL_EVENTS
export type PbxEventType = keyof typeof PBX_EVENTS
/** Every type, and when it comes: the documents have their tables from here. */
export const EVENTS = {
  ...CALL_EVENTS,
  ...QUEUE_EVENT_TYPES,
  ...AGENT_EVENTS,
  ...EXTENSION_EVENTS,
  ...ALARM_EVENTS,
  ...DIRECTORY_EVENTS,
  ...CALL_BACK_EVENTS,
  ...VOICEMAIL_EVENTS,
  ...FOLLOW_UP_EVENTS,
  ...PBX_EVENTS,
} as const
export type EventType = keyof typeof EVENTS
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[]

const closed = { additionalProperties: false }

export const PbxDataSchema = Type.Object(
  {
    pbx: Type.String(),
    link: Type.Enum(['ami', 'ari'], { description: 'Calls are followed over `ami`' }),
    version: Type.Optional(Type.String()),
    reason: Type.Optional(Type.String()),
    gap: Type.Optional(
      Type.Object({ from: Type.String({ format: 'date-time' }), until: Type.String({ format: 'date-time' }) }, closed),
    ),
  },
  closed,
)
export type PbxData = Static<typeof PbxDataSchema>

const envelope = {
  cursor: Type.String({ description: 'Where to go on from after a disconnect: `after` or `Last-Event-ID`' }),
  specversion: Type.Literal('1.0'),
  id: Type.String({ description: 'Unique; the same event always has the same id' }),
  source: Type.String({ description: '`/pbx/` and the name of the PBX' }),
  subject: Type.String({ description: 'The id of the call, or the name of the PBX' }),
  time: Type.String({ format: 'date-time', description: 'When it happened, by the clock of the PBX' }),
  datacontenttype: Type.Literal('application/json'),
}

export const CallEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(CALL_EVENTS)),
    data: Type.Object(
      { call: Type.Ref('Call'), leg: Type.Optional(Type.String()), pop: Type.Optional(Type.Ref('Pop')) },
      closed,
    ),
  },
  { ...closed, $id: 'CallEvent', title: 'CallEvent' },
)

export const PbxEventSchema = Type.Object(
  { ...envelope, type: Type.Enum(Object.keys(PBX_EVENTS)), data: PbxDataSchema },
  { ...closed, $id: 'PbxEvent', title: 'PbxEvent' },
)

export const FollowUpEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(FOLLOW_UP_EVENTS)),
    data: Type.Object({ item: Type.Ref('FollowUp') }, closed),
  },
  { ...closed, $id: 'FollowUpEvent', title: 'FollowUpEvent' },
)

export const QueueEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(QUEUE_EVENT_TYPES)),
    data: Type.Object({ queue: Type.Ref('Queue') }, closed),
  },
  { ...closed, $id: 'QueueEvent', title: 'QueueEvent' },
)

export const AgentEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(AGENT_EVENTS)),
    data: Type.Object({ agent: Type.Ref('Agent'), ended: Type.Optional(Type.Ref('Activity')) }, closed),
  },
  { ...closed, $id: 'AgentEvent', title: 'AgentEvent' },
)

export const ExtensionEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(EXTENSION_EVENTS)),
    data: Type.Object({ extension: Type.Ref('Extension') }, closed),
  },
  { ...closed, $id: 'ExtensionEvent', title: 'ExtensionEvent' },
)

export const AlarmEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(ALARM_EVENTS)),
    data: Type.Object({ alarm: Type.Ref('Alarm') }, closed),
  },
  { ...closed, $id: 'AlarmEvent', title: 'AlarmEvent' },
)

export const DirectoryEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(DIRECTORY_EVENTS)),
    data: Type.Object({ change: Type.Ref('DirectoryChange') }, closed),
  },
  { ...closed, $id: 'DirectoryEvent', title: 'DirectoryEvent' },
)

export const VoicemailEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(VOICEMAIL_EVENTS)),
    data: Type.Object({ message: Type.Ref('Message') }, closed),
  },
  { ...closed, $id: 'VoicemailEvent', title: 'VoicemailEvent' },
)

export const CallBackEventSchema = Type.Object(
  {
    ...envelope,
    type: Type.Enum(Object.keys(CALL_BACK_EVENTS)),
    data: Type.Object({ callBack: Type.Ref('CallBack') }, closed),
  },
  { ...closed, $id: 'CallBackEvent', title: 'CallBackEvent' },
)

export { CallSchema }

/** An event as the log keeps it: what a stream filters by, beside the text it sends. */
export type PublicEvent = {
  type: EventType
  /** Call events only. */
  call?: string
  /** The extensions that take part; empty for PBX events. */
  extensions: readonly string[]
  /** The CloudEvent, without `cursor`. */
  json: string
}

const MS_PER_S = 1000
const MOST_SECONDS = 256
const seconds = new Map<number, string>()

/** RFC 3339 in UTC with milliseconds. A call says the same few seconds again and again, so their text is kept. */
export function iso(at: EpochMs): string {
  const ms = at % MS_PER_S
  const second = at - ms
  let text = seconds.get(second)
  if (text === undefined) {
    text = new Date(second).toISOString().slice(0, 20)
    if (seconds.size >= MOST_SECONDS) seconds.clear()
    seconds.set(second, text)
  }
  return `${text}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`
}

type Envelope = { id: string; pbx: string; subject: string; type: EventType; at: EpochMs; data: unknown }

const cloudEvent = ({ id, pbx, subject, type, at, data }: Envelope) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: `/pbx/${pbx}`,
    type,
    subject,
    time: iso(at),
    datacontenttype: 'application/json',
    data,
  })

/** The call's revision numbers its events, so `hq:1700000000.7/3` is its third. */
export function callEvent(type: CallEventType, at: EpochMs, call: CallView, leg?: string, pop?: Pop): PublicEvent {
  const extensions = [call.from.extension, call.to.extension, ...call.legs.map(l => l.extension)]
  const data = { call, ...(leg !== undefined && { leg }), ...(pop && { pop }) }
  return {
    type,
    call: call.id,
    extensions: [...new Set(extensions.filter(e => e !== undefined))],
    json: cloudEvent({ id: `${call.id}/${call.revision}`, pbx: call.pbx, subject: call.id, type, at, data }),
  }
}

export function pbxEvent(type: PbxEventType, at: EpochMs, data: PbxData): PublicEvent {
  const { pbx, link } = data
  const id = link === 'ami' ? `${pbx}/${type}/${at}` : `${pbx}/${link}/${type}/${at}`
  return { type, extensions: [], json: cloudEvent({ id, pbx, subject: pbx, type, at, data }) }
}

export function followUpEvent(type: FollowUpEventType, at: EpochMs, item: FollowUp): PublicEvent {
  const { id, pbx, kind, revision } = item
  const json = cloudEvent({ id: `${id}/${kind}/${revision}`, pbx, subject: id, type, at, data: { item } })
  return { type, extensions: item.extension === undefined ? [] : [item.extension], json }
}

/**
 * The id names the revision, so `hq:sales/queue/3` is the third that was told of this queue. `text`: the queue as JSON, which
 * may be long and is not made twice.
 */
export function queueEvent(at: EpochMs, queue: QueueView, text = JSON.stringify(queue)): PublicEvent {
  const { id, pbx, revision } = queue
  const type = 'queue.changed'
  const head = cloudEvent({ id: `${id}/queue/${revision}`, pbx, subject: id, type, at, data: undefined })
  return { type, extensions: [], json: `${head.slice(0, -1)},"data":{"queue":${text}}}` }
}

/** `ended`: the time in the state before, where it is another now. */
export function agentEvent(at: EpochMs, agent: AgentView, ended?: Activity): PublicEvent {
  const { id, pbx, revision, extension } = agent
  const type = 'agent.changed'
  const data = ended ? { agent, ended } : { agent }
  const json = cloudEvent({ id: `${id}/agent/${revision}`, pbx, subject: id, type, at, data })
  return { type, extensions: extension === undefined ? [] : [extension], json }
}

export function extensionEvent(at: EpochMs, extension: ExtensionView): PublicEvent {
  const { id, pbx, revision } = extension
  const type = 'extension.changed'
  const json = cloudEvent({ id: `${id}/extension/${revision}`, pbx, subject: id, type, at, data: { extension } })
  return { type, extensions: [extension.extension], json }
}

export function alarmEvent(type: AlarmEventType, at: EpochMs, alarm: AlarmView): PublicEvent {
  const { id, pbx, revision } = alarm
  const json = cloudEvent({ id: `${id}/alarm/${revision}`, pbx, subject: id, type, at, data: { alarm } })
  return { type, extensions: [], json }
}

export function directoryEvent(at: EpochMs, change: DirectoryChange): PublicEvent {
  const { id, pbx, kind, entry } = change
  const type = 'directory.changed'
  const json = cloudEvent({ id: `${id}/directory`, pbx, subject: `${kind}/${entry}`, type, at, data: { change } })
  return { type, extensions: [], json }
}

export function voicemailEvent(type: VoicemailEventType, at: EpochMs, message: MessageView): PublicEvent {
  const { id, pbx, revision, call } = message
  const json = cloudEvent({ id: `${id}/voicemail/${revision}`, pbx, subject: id, type, at, data: { message } })
  return { type, ...(call !== undefined && { call }), extensions: [], json }
}

export function callBackEvent(type: CallBackEventType, at: EpochMs, callBack: CallBackView): PublicEvent {
  const { id, pbx, revision, call } = callBack
  const json = cloudEvent({ id: `${id}/call-back/${revision}`, pbx, subject: id, type, at, data: { callBack } })
  return { type, call, extensions: [], json }
}

/** The event with the cursor in front; every stream sends exactly this text. */
export const withCursor = (json: string, cursor: string) => `{"cursor":${JSON.stringify(cursor)},${json.slice(1)}`
