/**
 * Files and environment -> one frozen configuration, or one list of everything that is wrong with it, by name and never
 * by value. `${NAME}` in a text is replaced by the environment variable, so that secrets need not be in the file.
 */
import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { isSupportedCountry } from 'libphonenumber-js'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { endpointContradictions, endpointWarnings, phoneTypeContradictions, PhoneTypesSchema } from './config-phones.js'
import { DiallingSchema, EXTENSIONS, diallingContradictions, diallingWarnings, isRegExp } from './config-dialling.js'
import { popContradictions, ScreenPopSchema } from './config-pop.js'
import { readDirectory } from './config-directory.js'
import { namedTwice } from './config-media.js'
import { textIn } from './base/charset.js'
import { flawLines, flawsOf } from './base/flaws.js'
import { areaContradictions, areaFileErrors, AreasSchema } from './config-areas.js'
import { IvrSettingsSchema, readMenus } from './config-ivr.js'
import { routingContradictions, RoutingSchema } from './config-routing.js'
import { MailSchema, VoicemailSchema, voicemailContradictions } from './config-voicemail.js'
import { promptContradictions, PromptsSchema } from './config-prompts.js'
import { recordingContradictions, RecordingsSchema } from './config-recordings.js'
import { fill, yamlIn, type Environment } from './config-variables.js'
import { surveyContradictions, SurveysSchema } from './config-surveys.js'
import { RedisSchema, redisContradictions } from './config-redis.js'

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

/** What is wrong with the files that the configuration names. */
function filesContradicted({ pbxs, redis }: Sound): string[] {
  const files = [
    ...pbxs.map(({ name, ami: { caFile } }) => [`pbxs ${name}: ami.caFile`, caFile] as const),
    ['redis.caFile', redis?.caFile] as const,
  ]
  return [
    ...files.flatMap(([name, file]) => (file === undefined ? [] : unreadable(name, file))),
    ...pbxs.flatMap(({ name, agents: { directory } }) =>
      directory === undefined ? [] : wrongDirectory(`pbxs ${name}: agents.directory`, directory),
    ),
  ]
}

/** Certificates are read at each connection, so that new ones need no restart; that they cannot be is said at once. */
function unreadable(name: string, caFile: string): string[] {
  try {
    return readFileSync(caFile, 'utf8').includes('-----BEGIN ') ? [] : [`${name} has no certificate in PEM form`]
  } catch (error) {
    return [`${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`]
  }
}

function wrongDirectory(name: string, path: string): string[] {
  const read = readDirectory(path)
  return read.ok ? [] : read.error.map(line => `${name}: ${line}`)
}

export function parseConfig(text: string, environment: Environment): Config {
  return configOf(judged(text, environment))
}

function configOf({ sound, wrong }: Judged): Config {
  if (wrong.length > 0) throw new BadConfig(wrong)
  return Object.freeze(sound as Config)
}

/** The parts that fit the schema, of which more can be said: each PBX is one. All of them where nothing is wrong. */
type Sound = Partial<Config> & Pick<Config, 'pbxs'>
type Judged = { sound: Sound; wrong: readonly string[] }

/** Everything that is wrong, whatever stands beside it. */
function judged(text: string, environment: Environment): Judged {
  const wrong: string[] = []
  const read = yamlIn(text)
  if (!read.ok) throw new BadConfig([read.error])
  const filled = fill(read.value, environment, wrong)
  const value = Value.Default(ConfigSchema, filled)
  const flaws = flawsOf(ConfigSchema, value)
  const flawed = new Set(flaws.map(({ path }) => path))
  const sound = soundParts(value, flawed)
  return {
    sound,
    wrong: [...wrong, ...flawLines(flaws, 'the file'), ...contradictions(sound, isSoundIn(flawed)('/mail'))],
  }
}

const isSoundIn = (flawed: ReadonlySet<string>) => (part: string) =>
  ![...flawed].some(path => path === part || path.startsWith(`${part}/`))

/** `flawed`: paths such as `/pbxs/0/ami`. What is wrong with the whole file, such as a section too many, spoils no section. */
function soundParts(value: unknown, flawed: ReadonlySet<string>): Sound {
  const isSound = isSoundIn(flawed)
  const sections = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const { pbxs, ...others } = Object.fromEntries(
    sections.filter(([name]) => name === 'pbxs' || isSound(`/${name}`)),
  ) as Partial<Config>
  const all = Array.isArray(pbxs) ? pbxs : []
  return { ...others, pbxs: all.filter((_, i) => isSound(`/pbxs/${i}`)) }
}

function areasContradicted(areas: Config['areas'], pbxs: readonly PbxConfig[]): string[] {
  const wrong = areaFileErrors(areas)
  if (wrong.length > 0) return wrong
  return pbxs.flatMap(({ name, routing }) =>
    areaContradictions(areas, routing.routes).map(line => `pbxs ${name}: ${line}`),
  )
}

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

function contradictions({ pbxs, api, redis, screenPop, mail, areas }: Sound, isMailKnown: boolean): string[] {
  return [
    ...namedTwice('pbxs', pbxs),
    ...namedTwice('api.keys', api?.keys ?? []),
    ...pbxs.filter(p => !isRegExp(p.extensions)).map(p => `pbxs ${p.name}: extensions is no regular expression`),
    ...pbxs.flatMap(p =>
      [
        ...endpointContradictions(p),
        ...diallingContradictions(p),
        ...phoneTypeContradictions(p.phoneTypes),
        ...routingContradictions(p.routing, isTimeZone),
        ...surveyContradictions(p.surveys),
        ...ivrContradictions(p),
        ...promptContradictions(p.prompts),
        ...recordingContradictions(p.recordings),
        ...(isMailKnown ? voicemailContradictions(p.voicemail, mail) : []),
      ].map(line => `pbxs ${p.name}: ${line}`),
    ),
    ...pbxs.filter(p => p.ari && !URL.canParse(p.ari.url)).map(p => `pbxs ${p.name}: ari.url is no address`),
    ...pbxs
      .filter(p => p.country !== undefined && !isSupportedCountry(p.country))
      .map(p => `pbxs ${p.name}: country is not known`),
    ...pbxs.filter(p => !isTimeZone(p.timeZone)).map(p => `pbxs ${p.name}: timeZone is not known`),
    ...pbxs
      .filter(p => p.ami.caFile !== undefined && !p.ami.tls)
      .map(p => `pbxs ${p.name}: ami.caFile is of no use without ami.tls`),
    ...(screenPop ? popContradictions(screenPop) : []),
    ...driverLimits(pbxs),
    ...pbxs.flatMap(needsAri),
    ...(redis ? redisContradictions(redis) : []),
    ...(areas ? areasContradicted(areas, pbxs) : []),
  ]
}

export const menusOf = ({ ivr, routing, surveys }: PbxConfig) =>
  readMenus(ivr, {
    calendars: new Set(routing.calendars.map(({ name }) => name)),
    surveys: new Set(surveys.map(({ name }) => name)),
  })

function ivrContradictions(pbx: PbxConfig): string[] {
  const menus = menusOf(pbx)
  if (!menus.ok) return menus.error.map(line => `ivr.dir: ${line}`)
  const wanted = pbx.routing.routes.flatMap(({ name, to, closed: shut, emergency }) =>
    [to, shut, emergency].flatMap(target =>
      target && 'ivr' in target ? [[`routes ${name}`, target.ivr] as const] : [],
    ),
  )
  const keyed = pbx.routing.queueKeys.flatMap(({ queue, keys }) =>
    Object.values(keys).map(ivr => [`queueKeys ${queue}`, ivr] as const),
  )
  return [...wanted, ...keyed]
    .filter(([, ivr]) => !menus.value.has(ivr))
    .map(([what, ivr]) => `routing.${what}: there is no menu ${ivr}`)
}

/** Whoever the dialplan hands to the daemon comes over ARI, of which ari-client tells too little. */
function needsAri({ name, ari, routing, surveys, voicemail }: PbxConfig): string[] {
  if (ari?.driver === 'own') return []
  const parts = { 'routing.routes': routing.routes, surveys, 'voicemail.boxes': voicemail.boxes }
  const asked = Object.entries(parts).flatMap(([what, some]) => (some.length > 0 ? [what] : []))
  return asked.map(what => `pbxs ${name}: ${what} needs ari, with the driver own`)
}

/** What the second drivers cannot do: docs/decisions/0007-second-drivers.md. */
function driverLimits(pbxs: Config['pbxs']): string[] {
  const withClient = pbxs.filter(p => p.ari?.driver === 'ari-client')
  return [
    ...pbxs
      .filter(p => p.ami.driver === 'asterisk-manager' && p.ami.tls)
      .map(p => `pbxs ${p.name}: the ami.driver asterisk-manager knows no tls`),
    ...withClient
      .filter(p => URL.canParse(p.ari?.url ?? '') && new URL(p.ari?.url ?? '').pathname !== '/')
      .map(p => `pbxs ${p.name}: the ari.driver ari-client knows no prefix in ari.url`),
  ]
}

function isTimeZone(timeZone: string) {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}
