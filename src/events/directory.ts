/**
 * Who works here and by what rules, as data: staff, workgroups, dictionaries, roles. The schemas are the source of type,
 * validation and documentation, of the API and of the file that a directory is first loaded from.
 */
import { Type, type Static } from 'typebox'
import { isSameQueue } from '../base/queue-map.js'
import { closed, Time } from './call-parts.js'

export const DIRECTORY_EVENTS = {
  'directory.changed': 'An entry of the directory was made, changed or taken out.',
} as const

export const KINDS = ['staff', 'workgroups', 'dictionaries', 'roles'] as const
export type Kind = (typeof KINDS)[number]

/** Workgroups are compared as queues are, in any letter case; every other id is exact. */
export const isSameId = (kind: Kind, a: string, b: string) => (kind === 'workgroups' ? isSameQueue(a, b) : a === b)

/** The dictionary of the reasons for not being ready. */
export const REASONS = '11'
/** The dictionary of wrap-up codes, where the workgroup names no other. */
export const WRAP_UP_CODES = '12'

export const RIGHTS = {
  supervise: 'Set others ready or not ready, sign them out, put them into workgroups and take them out',
  'take-over-desk': 'Sign in at an extension where somebody else has signed in, which signs them out',
  listen: 'Listen to calls of the own workgroups, whisper and barge in; of all, for whoever is in none',
  callers: 'Take, move, prefer and send away callers who wait',
  direct: 'Change the directory',
  route: 'Switch calls from outside to where they go in an emergency',
  blacklist: 'Change the blacklist, also for whoever is on a call',
  dedicate: 'Change which agents callers have of their own',
  prompts: 'Change prompts',
  voicemail: 'Hear, mark, forward and delete messages in the boxes of others',
  'dial-international': 'Dial numbers of other countries, where others may not',
  'dial-premium': 'Dial numbers that cost more, where others may not',
} as const
export type Right = keyof typeof RIGHTS

const Id = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$' })
/** What app_queue takes as the name of a queue, in a file and in the dialplan. */
const QueueName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,78}$' })
const Name = Type.String({ minLength: 1, maxLength: 80, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })
const Names = Type.Record(Type.String({ pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' }), Name, {
  minProperties: 1,
  maxProperties: 20,
  description: 'By language, such as `en` and `zh`',
})
const Ms = (minimum: number, maximum: number, description: string) => Type.Integer({ minimum, maximum, description })

const MAX_LEVEL = 10
export const SkillSchema = Type.Object(
  {
    workgroup: QueueName,
    level: Type.Integer({
      minimum: 1,
      maximum: MAX_LEVEL,
      default: MAX_LEVEL,
      description: `${MAX_LEVEL} is best, and is asked first: the penalty in the queue is ${MAX_LEVEL} less this`,
    }),
  },
  closed,
)
export const penaltyOf = (level: number) => MAX_LEVEL - level

export const StaffSchema = Type.Object(
  {
    id: Type.String({ ...Id, description: 'The staff id, which the queues name as their member' }),
    name: Name,
    role: Type.Optional(Id),
    workgroups: Type.Array(SkillSchema, { maxItems: 200, default: [] }),
    hasPassword: Type.Optional(Type.Boolean({ readOnly: true })),
  },
  closed,
)

const Alarm = (description: string, maximum: number) => Type.Integer({ minimum: 1, maximum, description })
export const AlarmsSchema = Type.Object(
  {
    waiting: Type.Optional(Alarm('So many wait, or more', 10_000)),
    longestWaitMs: Type.Optional(Alarm('Somebody waits this long, or longer', 86_400_000)),
    serviceLevel: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'That of the last half hour is below this' }),
    ),
    readyAgents: Type.Optional(Alarm('Fewer than so many are ready', 10_000)),
  },
  { ...closed, description: 'When to raise an alarm' },
)

export const STRATEGIES = [
  'ringall',
  'leastrecent',
  'fewestcalls',
  'random',
  'rrmemory',
  'rrordered',
  'linear',
  'wrandom',
] as const

const DAY = 86_400_000
export const WorkgroupSchema = Type.Object(
  {
    id: Type.String({ ...QueueName, description: 'The name of the queue' }),
    name: Name,
    number: Type.Optional(Type.String({ pattern: '^[0-9*#]{1,32}$', description: 'As it is dialled and shown' })),
    strategy: Type.Enum([...STRATEGIES], { default: 'rrmemory' }),
    ringForMs: Type.Integer({ ...Ms(1_000, 300_000, 'How long one agent’s phone rings'), default: 15_000 }),
    wrapUpMs: Type.Integer({ ...Ms(0, DAY, 'After a call of this workgroup; 0 is none'), default: 0 }),
    wrapUpCodes: Type.Optional(
      Type.Object(
        {
          dictionary: Type.String({ ...Id, default: WRAP_UP_CODES, description: 'Which dictionary has the codes' }),
          required: Type.Boolean({
            default: false,
            description: 'A wrap-up lasts until the agent has given one',
          }),
        },
        { ...closed, description: 'What became of a call of this workgroup, as its agent says' },
      ),
    ),
    serviceLevelMs: Type.Integer({ ...Ms(1_000, 3_600_000, 'Answered within this is in time'), default: 20_000 }),
    maxWaitMs: Type.Optional(Ms(1_000, DAY, 'The dialplan asks for it: `ALADDIN_MAX_WAIT_sales`, in seconds')),
    maxWaiting: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    announcements: Type.Optional(
      Type.Object(
        {
          music: Type.Optional(
            Type.String({ pattern: '^[A-Za-z0-9_-]{1,80}$', description: 'A class of music on hold' }),
          ),
          position: Type.Optional(Type.Boolean()),
          holdTime: Type.Optional(Type.Boolean()),
          everyMs: Type.Optional(Ms(1_000, 3_600_000, 'Position and time are said this often')),
          periodic: Type.Optional(
            Type.String({ pattern: '^[A-Za-z0-9_/-]{1,200}$', description: 'A sound of the PBX' }),
          ),
          periodicEveryMs: Type.Optional(Ms(1_000, 3_600_000, 'It is played this often')),
        },
        closed,
      ),
    ),
    keys: Type.Optional(
      Type.Boolean({
        description: 'Whoever waits may press keys: `routing.queueKeys` of the configuration says what for',
      }),
    ),
    callerId: Type.Optional(
      Type.String({
        pattern: '^\\+?[0-9]{2,20}$',
        description: 'What a number outside is shown when an agent of this workgroup dials it over the API',
      }),
    ),
    alarms: Type.Optional(AlarmsSchema),
    adopted: Type.Optional(
      Type.Boolean({ readOnly: true, description: 'It is in the PBX alone, and is taken as it is there' }),
    ),
  },
  closed,
)

export const DictionarySchema = Type.Object(
  {
    id: Type.String({
      ...Id,
      description: `Its code; \`${REASONS}\` has the reasons for not being ready, \`${WRAP_UP_CODES}\` the wrap-up codes`,
    }),
    names: Names,
    entries: Type.Array(
      Type.Object(
        {
          code: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$' }),
          names: Names,
          order: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Where lists show it' })),
          retired: Type.Optional(
            Type.Boolean({ description: 'It is no longer to be chosen; what was noted with it, can still be read' }),
          ),
        },
        closed,
      ),
      { maxItems: 500, default: [] },
    ),
  },
  closed,
)

export const RoleSchema = Type.Object(
  {
    id: Id,
    name: Name,
    rights: Type.Array(Type.Enum(Object.keys(RIGHTS) as Right[]), { uniqueItems: true, default: [] }),
    includes: Type.Array(Id, { maxItems: 50, default: [], description: 'Roles whose rights it has, too' }),
  },
  closed,
)

export type Staff = Static<typeof StaffSchema>
export type Workgroup = Static<typeof WorkgroupSchema>
export type Dictionary = Static<typeof DictionarySchema>
export type Role = Static<typeof RoleSchema>
export type EntryOf = { staff: Staff; workgroups: Workgroup; dictionaries: Dictionary; roles: Role }
export type Entry = EntryOf[Kind]

export const SCHEMA_OF = {
  staff: StaffSchema,
  workgroups: WorkgroupSchema,
  dictionaries: DictionarySchema,
  roles: RoleSchema,
} as const satisfies Record<Kind, Type.TSchema>

/** What was done to one entry, as `directory.changed` tells it and the audit trail keeps it. */
export const DirectoryChangeSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon, and the number of the change' }),
    pbx: Type.String(),
    at: Time('When'),
    by: Type.String({ description: '`key:` and the name of an API key, `staff:` and an id, or `file`' }),
    kind: Type.Enum([...KINDS]),
    entry: Type.String({ description: 'Which one' }),
    was: Type.Optional(Type.Unknown({ description: 'As it was; left out where it is new' })),
    now: Type.Optional(Type.Unknown({ description: 'As it is; left out where it is no more' })),
    password: Type.Optional(Type.Enum(['set', 'removed'], { description: 'Of staff: what became of it' })),
  },
  { ...closed, $id: 'DirectoryChange', title: 'DirectoryChange' },
)
export type DirectoryChange = Static<typeof DirectoryChangeSchema>
