/**
 * An agent as every consumer sees them: in exactly one state, since when and why, and the phone beside it. The schemas are
 * the source of type, validation and documentation.
 */
import { Type, type Static } from 'typebox'
import { closed, Time } from './call-parts.js'

export const AGENT_EVENTS = {
  'agent.changed':
    'An agent’s state, phone, workgroups or numbers: the whole agent. Where the state is another, `ended` is the time in the one before.',
} as const

export const AGENT_STATES = [
  'signed-out',
  'ready',
  'not-ready',
  'ringing',
  'talking',
  'held',
  'wrap-up',
  'unknown',
] as const
export type AgentState = (typeof AGENT_STATES)[number]

/**
 * Why a state is another. `take-over`: somebody else has signed in at their extension. `outside`: another program has paused or unpaused them in the PBX. `pbx`: the PBX has them as a member, or
 * has them no more, by another way than ours.
 */
export const CAUSES = [
  'command',
  'code',
  'call',
  'timer',
  'missed-calls',
  'phone-gone',
  'take-over',
  'outside',
  'pbx',
  'start',
] as const
export type Cause = (typeof CAUSES)[number]

/** Reasons that no dictionary has. */
export const OWN_REASONS = {
  'signed-in': 'Has signed in, and not said to be ready yet',
  'missed-calls': 'Did not answer as many calls in a row as are allowed',
  'phone-gone': 'The phone can no longer be reached',
  'no-telephony': 'Has signed in without a phone',
  pbx: 'Was paused in the PBX by another program, which gave no reason',
} as const

const state = {
  state: Type.Enum([...AGENT_STATES]),
  reason: Type.Optional(
    Type.String({
      description: `Of \`not-ready\`: a code of dictionary 11, or ${Object.keys(OWN_REASONS)
        .map(reason => `\`${reason}\``)
        .join(', ')}; with the cause \`outside\` the text that the other program gave`,
    }),
  ),
  cause: Type.Enum([...CAUSES], { description: 'What brought it about' }),
  by: Type.Optional(
    Type.String({ description: 'Who asked for it: `key:` and the name of an API key, or `staff:` and an id' }),
  ),
}

/** A stretch of time in one state: what the activity log keeps. */
export const ActivitySchema = Type.Object(
  {
    agent: Type.String({ description: 'The id of the agent' }),
    ...state,
    extension: Type.Optional(Type.String()),
    call: Type.Optional(Type.String({ description: 'The call that it was about' })),
    from: Time('When it began'),
    to: Time('When it was over, and the next began'),
  },
  { ...closed, $id: 'Activity', title: 'Activity' },
)
export type Activity = Static<typeof ActivitySchema>

const Count = Type.Integer({ minimum: 0 })
/** The status line: what a phone, or an agent, did today. */
export const LineSchema = Type.Object(
  {
    date: Type.String({ format: 'date', description: 'By the time zone of the PBX' }),
    answered: Count,
    dialled: Count,
    missed: Count,
    last: Type.Optional(
      Type.Object(
        {
          number: Type.String({ description: 'Of the other side; empty if withheld' }),
          direction: Type.Enum(['in', 'out']),
          at: Time('When it began'),
          talkedMs: Count,
          call: Type.String(),
        },
        { ...closed, description: 'The last call' },
      ),
    ),
  },
  closed,
)
export type Line = Static<typeof LineSchema>

const MembershipSchema = Type.Object(
  {
    workgroup: Type.String(),
    penalty: Type.Integer({ minimum: 0 }),
    member: Type.Boolean({ description: 'The queue has them as a member' }),
    paused: Type.Boolean({ description: 'Of several devices in one queue: all of them' }),
    pausedBy: Type.Optional(
      Type.Enum(['ours', 'outside'], {
        description:
          '`ours`: the daemon, as the state says. `outside`: another program, and it stays until that lifts it',
      }),
    ),
    pausedFor: Type.Optional(Type.String({ description: 'The reason that was given' })),
    unpausedBy: Type.Optional(
      Type.Literal('outside', {
        description:
          'Another program has unpaused it, though the agent is not ready or in a wrap-up: the queue may ring them',
      }),
    ),
    penaltyBy: Type.Optional(Type.Literal('outside', { description: 'Another program has set the penalty' })),
    forNow: Type.Optional(Type.Boolean({ description: 'By a supervisor, until they sign out' })),
  },
  closed,
)

const PHONES = ['unknown', 'idle', 'in-use', 'busy', 'invalid', 'unavailable', 'ringing', 'on-hold'] as const

export const AgentSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon, and the staff id' }),
    pbx: Type.String(),
    staff: Type.String(),
    name: Type.String(),
    revision: Type.Integer({ minimum: 0, description: 'Grows by one with each event of this agent' }),
    ...state,
    since: Time('Since when they are in this state'),
    signedInAt: Type.Optional(Time('When they signed in')),
    extension: Type.Optional(Type.String({ description: 'Where they have signed in' })),
    telephony: Type.Optional(Type.Boolean({ description: 'Whether they have signed in with a phone' })),
    phone: Type.Optional(Type.Enum([...PHONES], { description: 'What the phone does, as the PBX sees it' })),
    phoneSince: Type.Optional(Time('Since when')),
    call: Type.Optional(
      Type.String({
        description:
          'The call at their phone, also one that rings; in a wrap-up the call before it; else the last one in which they talked since they signed in',
      }),
    ),
    queue: Type.Optional(Type.String({ description: 'The queue that the call came from' })),
    next: Type.Optional(
      Type.Object(
        { state: Type.Enum(['ready', 'not-ready']), reason: Type.Optional(Type.String()) },
        { ...closed, description: 'The state that was asked for, once the call and its wrap-up are over' },
      ),
    ),
    wrapUpUntil: Type.Optional(Time('When the wrap-up ends by itself')),
    wrapUpCodeRequired: Type.Optional(
      Type.Literal(true, {
        description: 'The wrap-up lasts, also beyond `wrapUpUntil`, until a wrap-up code is given',
      }),
    ),
    workgroups: Type.Array(MembershipSchema),
    misses: Type.Integer({ minimum: 0, description: 'How many calls in a row were not answered' }),
    today: Type.Optional(LineSchema),
    actions: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Where `actions=true` asks for it: what whoever asks could have them do now, by the ends of the addresses below `/v1/agents/{id}/`',
      }),
    ),
  },
  { ...closed, $id: 'Agent', title: 'Agent' },
)
export type AgentView = Static<typeof AgentSchema>

export const EXTENSION_EVENTS = {
  'extension.changed':
    'Who has signed in at an extension, what its phone does, or what it did today: the whole of its status line.',
} as const

export const ExtensionSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon, and the extension' }),
    pbx: Type.String(),
    extension: Type.String(),
    revision: Type.Integer({ minimum: 0, description: 'Grows by one with each event of this extension' }),
    agent: Type.Optional(Type.String({ description: 'Who has signed in there' })),
    phone: Type.Optional(Type.Enum([...PHONES])),
    queue: Type.Optional(Type.String({ description: 'The queue that its call came from' })),
    today: LineSchema,
  },
  { ...closed, $id: 'Extension', title: 'Extension' },
)
export type ExtensionView = Static<typeof ExtensionSchema>
