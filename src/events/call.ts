/**
 * The call as every consumer sees it: in the API, in events and in the history. The schema is the source; the types,
 * the validation and the API's documentation come from it. What is not known is left out, never null.
 */
import { Type, type Static } from 'typebox'
import { RoutingSchema } from './routing.js'
import { IvrSchema } from './ivr.js'
import { WrapUpSchema } from './notes.js'
import { CallPopSchema } from './pop.js'
import { SurveySchema } from './survey.js'
import {
  AgentShareSchema,
  Cause,
  closed,
  DIRECTIONS,
  LegSchema,
  OfferSchema,
  OUTCOMES,
  PartySchema,
  QueueVisitSchema,
  RecordingSchema,
  SegmentSchema,
  Time,
  TimesSchema,
  TransferSchema,
} from './call-parts.js'

export { DIRECTIONS, OUTCOMES }
export const ENDED_BY = ['caller', 'callee', 'command', 'pbx', 'unknown'] as const
export const CALL_STATES = ['started', 'ringing', 'queued', 'talking', 'held', 'parked', 'ended', 'merged'] as const

export const CallSchema = Type.Object(
  {
    id: Type.String({ description: 'Stays the same for the whole life of the call and ever after' }),
    pbx: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'Grows by one with each event of this call' }),
    state: Type.Enum([...CALL_STATES]),
    direction: Type.Enum([...DIRECTIONS]),
    from: PartySchema,
    to: PartySchema,
    startedAt: Time("When the call's first channel was created"),
    ringingAt: Type.Optional(Time('When a called phone first rang')),
    answeredAt: Type.Optional(Time('When two people could first talk')),
    endedAt: Type.Optional(Time('When the last party was gone')),
    durationMs: Type.Optional(Type.Integer({ minimum: 0, description: 'From startedAt to endedAt' })),
    waitedMs: Type.Optional(Type.Integer({ minimum: 0, description: 'From when the caller began to answeredAt' })),
    talkedMs: Type.Optional(Type.Integer({ minimum: 0, description: 'times.talkMs and times.consultMs together' })),
    heldMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Somebody was on hold, whatever the others did' })),
    times: Type.Optional(TimesSchema),
    outcome: Type.Optional(Type.Enum([...OUTCOMES])),
    endedBy: Type.Optional(Type.Enum([...ENDED_BY], { description: 'Who hung up first' })),
    causeQ850: Type.Optional(Cause),
    inferred: Type.Optional(
      Type.Literal(true, {
        description:
          'Part of it was concluded, not told by the PBX: after a gap in the link, or for an event that was lost',
      }),
    ),
    causedBy: Type.Optional(Type.String({ description: 'The command that started it' })),
    mergedInto: Type.Optional(Type.String({ description: 'The call that this one has become part of' })),
    mergedFrom: Type.Optional(Type.Array(Type.String(), { description: 'Calls that have become part of this one' })),
    legs: Type.Array(LegSchema),
    offers: Type.Array(OfferSchema),
    segments: Type.Array(SegmentSchema),
    queues: Type.Array(QueueVisitSchema),
    transfers: Type.Array(TransferSchema),
    agents: Type.Array(AgentShareSchema, { description: 'The extensions that took part, or were to' }),
    recordings: Type.Optional(Type.Array(RecordingSchema)),
    routing: Type.Optional(RoutingSchema),
    survey: Type.Optional(SurveySchema),
    ivr: Type.Optional(IvrSchema),
    pop: Type.Optional(CallPopSchema),
    locked: Type.Optional(Type.Literal(true, { description: 'By command: nobody else can be brought in' })),
    tags: Type.Optional(Type.Array(Type.String())),
    actions: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Where `actions=true` asks for it: what whoever asks could do with the call now, by the ends of the addresses below `/v1/calls/{id}/`',
      }),
    ),
    note: Type.Optional(Type.String()),
    wrapUps: Type.Optional(
      Type.Array(WrapUpSchema, { description: 'The wrap-up code of each agent who has given one' }),
    ),
    data: Type.Optional(Type.Record(Type.String(), Type.String(), { description: "The CRM's own fields" })),
  },
  { ...closed, $id: 'Call', title: 'Call' },
)

export type CallView = Static<typeof CallSchema>
export type CallState = (typeof CALL_STATES)[number]
export type Direction = (typeof DIRECTIONS)[number]
export type Outcome = (typeof OUTCOMES)[number]
export type EndedBy = (typeof ENDED_BY)[number]
