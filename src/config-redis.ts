/** How Redis is reached, as a configuration says it: one server, Sentinels or a Cluster, and never two of them. Pure. */
import { Type, type Static } from 'typebox'

const closed = { additionalProperties: false }
const Host = Type.String({ minLength: 1, maxLength: 253 })
const Secret = Type.String({ minLength: 1, maxLength: 256 })

const placeOf = (port: number) =>
  Type.Object({ host: Host, port: Type.Integer({ minimum: 1, maximum: 65_535, default: port }) }, closed)

const Login = {
  username: Type.Optional(Secret),
  password: Type.Optional(Secret),
  tls: Type.Boolean({ default: false }),
}

const SentinelSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    sentinels: Type.Array(placeOf(26_379), { minItems: 1, maxItems: 32 }),
    ...Login,
    db: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
    sentinelUsername: Type.Optional(Secret),
    sentinelPassword: Type.Optional(Secret),
    sentinelTls: Type.Boolean({ default: false }),
  },
  closed,
)

const ClusterSchema = Type.Object(
  { nodes: Type.Array(placeOf(6_379), { minItems: 1, maxItems: 1_000 }), ...Login },
  closed,
)

export const RedisSchema = Type.Object(
  {
    url: Type.Optional(Type.String({ pattern: '^rediss?://|^unix://|^/' })),
    /** Beside `url`, where they need no escaping. */
    username: Type.Optional(Secret),
    password: Type.Optional(Secret),
    sentinel: Type.Optional(SentinelSchema),
    cluster: Type.Optional(ClusterSchema),
    caFile: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    prefix: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$', default: 'aladdin' }),
  },
  closed,
)

export function redisContradictions(redis: Static<typeof RedisSchema>): string[] {
  const { url, sentinel, cluster, caFile } = redis
  const tls = url?.startsWith('rediss:') ?? sentinel?.tls ?? cluster?.tls ?? false
  const ways = [url, sentinel, cluster].filter(way => way !== undefined).length
  return [
    ...(ways === 1 ? [] : ['redis: one of url, sentinel and cluster is needed, and only one']),
    ...(url === undefined ? loginWithoutUrl(redis) : urlFaults(url, redis)),
    ...(caFile !== undefined && !tls && sentinel?.sentinelTls !== true
      ? ['redis.caFile is of no use without TLS']
      : []),
  ]
}

type BesideUrl = { username?: string; password?: string }

const loginWithoutUrl = ({ username, password }: BesideUrl) =>
  username === undefined && password === undefined
    ? []
    : ['redis: username and password stand beside url; those of sentinel and cluster stand inside them']

/** What the client would take for another address, or throw at. The url itself is never shown: it may have the password. */
function urlFaults(text: string, { username, password }: BesideUrl): string[] {
  if (!/^rediss?:/.test(text)) return isDatabase(databaseIn(text)) ? [] : [NO_DATABASE]
  if (!URL.canParse(text)) return ['redis.url is no address']
  const url = new URL(text)
  const hasLogin = url.username !== '' || url.password !== ''
  return [
    ...(isDecodable(url.username) && isDecodable(url.password)
      ? []
      : ['redis.url: a % in the user name or password is written %25, or else let redis.password have it']),
    ...(hasLogin && (username !== undefined || password !== undefined)
      ? ['redis.url has a user name or password, and so have redis.username and redis.password']
      : []),
    ...(isDatabase(url.pathname.slice(1)) && isDatabase(databaseIn(text)) ? [] : [NO_DATABASE]),
  ]
}

const NO_DATABASE = 'redis.url: the database is a number from 0 on, such as redis://127.0.0.1:6379/0'

/** `/run/redis.sock?db=2` */
const databaseIn = (text: string) => new URLSearchParams(text.split('?')[1] ?? '').get('db') ?? ''

const isDatabase = (text: string) => /^\d{0,5}$/.test(text)

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
