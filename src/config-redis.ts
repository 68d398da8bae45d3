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
    sentinel: Type.Optional(SentinelSchema),
    cluster: Type.Optional(ClusterSchema),
    caFile: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    prefix: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$', default: 'aladdin' }),
  },
  closed,
)

export function redisContradictions({ url, sentinel, cluster, caFile }: Static<typeof RedisSchema>): string[] {
  const tls = url?.startsWith('rediss:') ?? sentinel?.tls ?? cluster?.tls ?? false
  const ways = [url, sentinel, cluster].filter(way => way !== undefined).length
  return [
    ...(ways === 1 ? [] : ['redis: one of url, sentinel and cluster is needed, and only one']),
    ...(url !== undefined && /^rediss?:/.test(url) && !URL.canParse(url) ? ['redis.url is no address'] : []),
    ...(caFile !== undefined && !tls && sentinel?.sentinelTls !== true
      ? ['redis.caFile is of no use without TLS']
      : []),
  ]
}
