/**
 * Files and environment -> one frozen configuration, or one list of everything that is wrong with it, by name and never
 * by value. `${NAME}` in a text is replaced by the environment variable, so that secrets need not be in the file.
 */
import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { endpointWarnings, PhoneTypesSchema } from './config-phones.js'
import { DiallingSchema, EXTENSIONS, diallingWarnings } from './config-dialling.js'
import { ScreenPopSchema } from './config-pop.js'
import { textIn } from './base/charset.js'
import { flawLines, flawsOf } from './base/flaws.js'
import { AreasSchema } from './config-areas.js'
import { IvrSettingsSchema } from './config-ivr.js'
import { RoutingSchema } from './config-routing.js'
import { MailSchema, VoicemailSchema } from './config-voicemail.js'
import { PromptsSchema } from './config-prompts.js'
import { RecordingsSchema } from './config-recordings.js'
import { contradictions, filesContradicted } from './config-rules.js'
import { fill, yamlIn, type Environment } from './config-variables.js'
import { SurveysSchema } from './config-surveys.js'
import { RedisSchema } from './config-redis.js'

const closed = { additionalProperties: false }
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' })
const Host = Type.String({ minLength: 1, maxLength: 253 })
const Port = Type.Integer({ minimum: 1, maximum: 65_535 })
const Secret = Type.String({ minLength: 1, maxLength: 256 })
const Optional = <T extends Type.TSchema>(schema: T) => Type.Optional(schema)
const Ms = (fallback: number, minimum: number, maximum: number) => Type.Integer({ default: fallback, minimum, maximum })

const AmiSchema = Type.Object(
  {
    driver: Type.Enum(['own', 'asterisk-manager'], { default: 'own' }),
    host: Type.String({ ...Host, default: '127.0.0.1' }),
    port: Type.Integer({ ...Port, default: 5038 }),
    tls: Type.Boolean({ default: false }),
    caFile: Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    user: Type.String({ minLength: 1, default: 'aladdin' }),
    secret: Secret,
    replyWithinMs: Ms(4_000, 100, 60_000),
    pingEveryMs: Ms(2_000, 100, 60_000),
    retryAtMostMs: Ms(5_000, 100, 300_000),
    auditEveryMs: Ms(30_000, 1_000, 3_600_000),
  },
  closed,
)

const AriSchema = Type.Object(
  {
    driver: Type.Enum(['own', 'ari-client'], { default: 'own' }),
    url: Type.String({ pattern: '^https?://', maxLength: 500 }),
    user: Type.String({ minLength: 1, default: 'aladdin' }),
    password: Secret,
    app: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', default: 'aladdin' }),
    callersWaitMs: Ms(3_500, 1_000, 60_000),
    replyWithinMs: Ms(4_000, 100, 60_000),
    pingEveryMs: Ms(2_000, 100, 60_000),
    retryAtMostMs: Ms(5_000, 100, 300_000),
  },
  closed,
)

const PbxSchema = Type.Object(
  {
    name: Name,
    ami: AmiSchema,
    ari: Optional(AriSchema),
    trunks: Type.Array(Type.String({ minLength: 1 }), { default: [] }),
    extensions: Type.String({ default: EXTENSIONS }),
    endpoint: Type.String({ pattern: '^[A-Za-z0-9]+/[^&]*\\{extension\\}[^&]*$', default: 'PJSIP/{extension}' }),
    phones: Type.Record(Type.String(), Type.String(), { default: {} }),
    country: Optional(Type.String({ pattern: '^[A-Z]{2}$' })),
    bareNumbers: Type.Enum(['national', 'international'], { default: 'national' }),
    timeZone: Type.String({ minLength: 1, maxLength: 64, default: 'UTC' }),
    records: Type.Object(
      {
        cel: Type.String({ maxLength: 1_000, default: '/var/log/asterisk/cel-custom/Master.csv' }),
        cdr: Type.String({ maxLength: 1_000, default: '/var/log/asterisk/cdr-csv/Master.csv' }),
        queueLog: Type.String({ maxLength: 1_000, default: '/var/log/asterisk/queue_log' }),
        utcOffsetMinutes: Type.Integer({ minimum: -840, maximum: 840, default: 0 }),
      },
      { ...closed, default: {} },
    ),
    agents: Type.Object(
      {
        directory: Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
        missesUntilNotReady: Type.Integer({ minimum: 0, maximum: 100, default: 3 }),
        phoneGoneMs: Ms(5_000, 0, 3_600_000),
        wrapUpMs: Ms(0, 0, 86_400_000),
        outboundWrapUpMs: Ms(0, 0, 86_400_000),
        readyAtSignIn: Type.Boolean({ default: true }),
      },
      { ...closed, default: {} },
    ),
    dialling: DiallingSchema,
    phoneTypes: PhoneTypesSchema,
    routing: RoutingSchema,
    ivr: IvrSettingsSchema,
    surveys: SurveysSchema,
    voicemail: VoicemailSchema,
    prompts: PromptsSchema,
    recordings: RecordingsSchema,
    monitoring: Type.Object({ tellAgent: Type.Boolean({ default: false }) }, { ...closed, default: {} }),
    queues: Type.Object({ serviceLevelMs: Ms(20_000, 1_000, 3_600_000) }, { ...closed, default: {} }),
  },
  closed,
)

const KeySchema = Type.Object({ name: Name, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, closed)

const ConfigSchema = Type.Object(
  {
    pbxs: Type.Array(PbxSchema, { minItems: 1 }),
    redis: RedisSchema,
    api: Type.Object(
      {
        host: Type.String({ ...Host, default: '127.0.0.1' }),
        port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080 }),
        keys: Type.Array(KeySchema, { minItems: 1 }),
        maxStreams: Type.Integer({ minimum: 1, maximum: 100_000, default: 1_000 }),
      },
      closed,
    ),
    events: Type.Object(
      {
        keepHours: Type.Number({ minimum: 0.01, maximum: 8_784, default: 72 }),
        journal: Type.Object(
          {
            dir: Type.String({ minLength: 1, maxLength: 1_000, default: 'aladdin-journal' }),
            maxMb: Type.Number({ minimum: 0.01, maximum: 100_000, default: 256 }),
          },
          { ...closed, default: {} },
        ),
      },
      { ...closed, default: {} },
    ),
    areas: AreasSchema,
    screenPop: ScreenPopSchema,
    mail: Optional(MailSchema),
    history: Type.Object(
      {
        keepDays: Type.Integer({ minimum: 1, maximum: 36_500, default: 400 }),
        trace: Type.Object(
          { keepHours: Type.Number({ minimum: 0, maximum: 8_784, default: 0 }) },
          { ...closed, default: {} },
        ),
        archive: Type.Object(
          { dir: Type.String({ minLength: 1, maxLength: 1_000, default: 'aladdin-archive' }) },
          { ...closed, default: {} },
        ),
      },
      { ...closed, default: {} },
    ),
    commands: Type.Object(
      { timeoutMs: Ms(5_000, 100, 60_000), ringForMs: Ms(30_000, 1_000, 300_000) },
      { ...closed, default: {} },
    ),
    log: Type.Object(
      { level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'], { default: 'info' }) },
      { ...closed, default: {} },
    ),
  },
  closed,
)

export type Config = Static<typeof ConfigSchema>
export type PbxConfig = Config['pbxs'][number]

const MAX_SHOWN = 200

export class BadConfig extends Error {
  constructor(readonly wrong: readonly string[]) {
    const more = wrong.length > MAX_SHOWN ? [`and ${wrong.length - MAX_SHOWN} more`] : []
    super(`bad configuration:\n${[...wrong.slice(0, MAX_SHOWN), ...more].map(line => `  - ${line}`).join('\n')}`)
  }
}

export function readConfig(path: string, environment: Environment): Config {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new BadConfig([`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`])
  }
  const text = textIn(bytes)
  if (!text.ok) throw new BadConfig([`${path}: ${text.error}`])
  const { sound, wrong } = judged(text.value, environment)
  return configOf({ sound, wrong: [...wrong, ...filesContradicted(sound)] })
}

export function parseConfig(text: string, environment: Environment): Config {
  return configOf(judged(text, environment))
}

function configOf({ sound, wrong }: Judged): Config {
  if (wrong.length > 0) throw new BadConfig(wrong)
  const { judged: _, ...config } = sound
  return Object.freeze(config as Config)
}

/** A PBX whose parts that do not fit the schema are as if they were left out. `isSound`: of a part, such as `agents/directory`. */
export type JudgedPbx = { pbx: PbxConfig; isSound: (part: string) => boolean }
/** The parts that fit the schema, of which more can be said. All of them where nothing is wrong. */
export type Sound = Partial<Config> & { judged: readonly JudgedPbx[] }
type Judged = { sound: Sound; wrong: readonly string[] }

/** Everything that is wrong, whatever stands beside it. */
function judged(text: string, environment: Environment): Judged {
  const wrong: string[] = []
  const read = yamlIn(text)
  if (!read.ok) throw new BadConfig([read.error])
  const filled = fill(read.value, environment, wrong)
  const value = Value.Default(ConfigSchema, structuredClone(filled))
  const flaws = flawsOf(ConfigSchema, value)
  const flawed = new Set(flaws.map(({ path }) => path))
  const sound = soundParts(value, filled, flawed)
  return {
    sound,
    wrong: [...wrong, ...flawLines(flaws, 'the file'), ...contradictions(sound, isSoundIn(flawed)('/mail'))],
  }
}

const isSoundIn = (flawed: ReadonlySet<string>) => (part: string) =>
  ![...flawed].some(path => path === part || path.startsWith(`${part}/`))

/** `flawed`: paths such as `/pbxs/0/ami`. What is wrong with the whole file, such as a section too many, spoils no section. */
function soundParts(value: unknown, written: unknown, flawed: ReadonlySet<string>): Sound {
  const isSound = isSoundIn(flawed)
  const { pbxs, ...others } = fieldsOf(value)
  const all: unknown[] = Array.isArray(pbxs) ? pbxs : []
  const { pbxs: asWritten } = fieldsOf(written)
  const judgedPbxs = all.flatMap((pbx, i) =>
    isRecord(pbx) ? [judgedPbx(pbx, Array.isArray(asWritten) ? asWritten[i] : undefined, `/pbxs/${i}`, flawed)] : [],
  )
  // How Redis is reached has nothing to do with the prefix.
  const redis = fieldsOf(others['redis'])
  const isReached =
    !flawed.has('/redis') && Object.keys(redis).every(part => part === 'prefix' || isSound(`/redis/${part}`))
  const parts = Object.fromEntries(
    Object.entries(others).filter(([name]) => (name === 'redis' ? isReached : isSound(`/${name}`))),
  ) as Partial<Config>
  return { ...parts, ...(flawed.size === 0 && { pbxs: all as PbxConfig[] }), judged: judgedPbxs }
}

/** With a part missing or too many, which may be one of another name, of parts that are not written nothing is said. */
function judgedPbx(pbx: Fields, written: unknown, at: string, flawed: ReadonlySet<string>): JudgedPbx {
  const isSound = isSoundIn(flawed)
  const isUnclear = flawed.has(at)
  const isWritten = (part: string) => Object.hasOwn(fieldsOf(written), part)
  const isWell = (part: string) => isSound(`${at}/${part}`) && (!isUnclear || isWritten(part))
  const soundIn = (fields: Fields, path: string): Fields =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([part, of]): [string, unknown][] => {
        if (isSound(`${path}/${part}`) || (path === at && part === 'name')) return [[part, of]]
        return path === at && isRecord(of) ? [[part, soundIn(of, `${path}/${part}`)]] : []
      }),
    )
  return {
    pbx: Value.Default(PbxSchema, soundIn(pbx, at)) as PbxConfig,
    isSound: part => {
      const [section = ''] = part.split('/')
      if (part === section) return isWell(part)
      return isRecord(pbx[section]) && isSound(`${at}/${part}`) && (!isUnclear || isWritten(section))
    },
  }
}

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})

/** What works, and may not be what is meant. */
export const warningsOf = ({ pbxs }: Config): string[] =>
  pbxs.flatMap(pbx =>
    [...diallingWarnings(pbx), ...endpointWarnings(pbx), ...folderWarnings(pbx)].map(
      line => `pbxs ${pbx.name}: ${line}`,
    ),
  )

/** Folders that the PBX has, too. */
const folderWarnings = (pbx: PbxConfig): string[] =>
  (['recordings', 'prompts', 'ivr'] as const)
    .filter(name => pbx[name].dir !== undefined && !isAbsolute(pbx[name].dir))
    .map(name => `${name}.dir is no absolute path: it begins where the daemon is started`)
