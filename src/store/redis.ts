/**
 * Connections to Redis or Valkey: to one server, to the primary that Sentinels name, or to a Cluster. Nothing is queued
 * while there is none: a command then fails at once.
 */
import { readFileSync } from 'node:fs'
import { Cluster, Redis } from 'ioredis'
import { Refusal } from '../base/errors.js'

export type Place = { host: string; port: number }
type Login = { username?: string; password?: string; tls: boolean }

/** One of the three, and no other. */
export type RedisSettings = {
  url?: string
  /** Beside `url`. */
  username?: string
  password?: string
  sentinel?: Login & {
    /** By which the Sentinels know the primary (`sentinel monitor NAME …`). */
    name: string
    sentinels: readonly Place[]
    db: number
    sentinelUsername?: string
    sentinelPassword?: string
    sentinelTls: boolean
  }
  cluster?: Login & { nodes: readonly Place[] }
  /** The certificates to trust (PEM), where it is spoken to over TLS; those that Node brings if left out. */
  caFile?: string
}

const trusting = (caFile: string | undefined) => (caFile === undefined ? {} : { ca: readFileSync(caFile) })

/** What takes commands, whichever of them it is. */
export type RedisClient = Redis | Cluster
/** `changed`: a Cluster has other nodes than before, so a copy may have taken over. */
export type OnRedisState = (state: 'ready' | 'changed' | 'down', why?: string) => void

const CONNECT_WITHIN_MS = 5_000
const ANSWER_WITHIN_MS = 1_000
const PATIENT_MS = 30_000
const SENTINEL_AGAIN_MS = 500

const waitBetween = (attempts: number) => Math.min(2_000, 50 * 2 ** Math.min(attempts, 6))

/** A server that hangs is as good as none, and a connection on which it stays silent is made anew. */
const TIMES = { connectTimeout: CONNECT_WITHIN_MS, commandTimeout: ANSWER_WITHIN_MS, socketTimeout: 5_000 }
const OPTIONS = {
  ...TIMES,
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  retryStrategy: waitBetween,
}

/**
 * Not connected yet: `connect()` does it, and from then on it reconnects for ever. `whole`: a Cluster counts as connected only
 * when it serves all slots.
 */
export function connectRedis(settings: RedisSettings, onState: OnRedisState, whole = true): RedisClient {
  const redis = clientOf(settings, whole)
  redis.on('ready', () => onState('ready'))
  redis.on('close', () => onState('down'))
  redis.on('error', (error: Error) => onState('down', error.message))
  insistOnDatabase(redis)
  redis.on('-node', () => onState('changed', 'a node is gone'))
  redis.on('+node', () => onState('changed', 'a node is new'))
  return redis
}

/** A client whose SELECT is refused would go on in database 0: it is as good as not connected. */
function insistOnDatabase(redis: RedisClient) {
  redis.on('error', (error: Error) => {
    if (isDatabaseRefused(error)) redis.disconnect(true)
  })
}

/** The database is not there, or this user may not select it. The client has the command at its error. */
export const isDatabaseRefused = (error: Error & { command?: { name: string } }) => error.command?.name === 'select'

const PATIENT = { commandTimeout: PATIENT_MS, socketTimeout: PATIENT_MS }

/**
 * For a program that reads once and ends: it waits for a slow answer, and for one that it reads late since it is busy with other work.
 * Not connected yet.
 */
export function redisForReader(settings: RedisSettings): RedisClient {
  const redis = clientOf(settings, true, PATIENT)
  redis.on('error', () => undefined)
  insistOnDatabase(redis)
  return redis
}

/** For jobs: it waits for them as long as it takes, and for Redis. */
const WAITING = { commandTimeout: undefined, socketTimeout: undefined, maxRetriesPerRequest: null, enableOfflineQueue: true } // prettier-ignore

export function redisForJobs(settings: RedisSettings): RedisClient {
  const { sentinel, cluster, caFile } = settings
  if (cluster) return clusterOf(cluster, caFile, true, WAITING)
  const { lazyConnect: _, ...options } = { ...OPTIONS, ...WAITING }
  const redis = sentinel
    ? new Redis({ ...sentinelOptions(sentinel, caFile), ...WAITING })
    : new Redis(settings.url ?? '', { ...options, ...besideUrl(settings) })
  redis.on('error', () => undefined)
  insistOnDatabase(redis)
  return redis
}

function clientOf(settings: RedisSettings, whole: boolean, more: object = {}): RedisClient {
  const { sentinel, cluster, caFile } = settings
  if (cluster) return clusterOf(cluster, caFile, whole, more)
  if (sentinel) return new Redis({ ...sentinelOptions(sentinel, caFile), ...more })
  return new Redis(settings.url ?? '', { ...OPTIONS, ...besideUrl(settings), ...more })
}

/** The scheme of the url says whether it is TLS. */
const besideUrl = ({ caFile, ...login }: RedisSettings) => loginOf({ ...login, tls: caFile !== undefined }, caFile)

const loginOf = ({ username, password, tls }: Login, caFile: string | undefined) => ({
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls ? { tls: trusting(caFile) } : {}),
})

function sentinelOptions(sentinel: NonNullable<RedisSettings['sentinel']>, caFile: string | undefined) {
  const { name, sentinels, db, sentinelUsername, sentinelPassword, sentinelTls } = sentinel
  return {
    ...OPTIONS,
    ...loginOf(sentinel, caFile),
    name,
    db,
    sentinels: sentinels.map(place => ({ ...place })),
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(sentinelTls ? { sentinelTLS: trusting(caFile) } : {}),
    ...(sentinel.tls ? { enableTLSForSentinelMode: true } : {}),
    sentinelCommandTimeout: ANSWER_WITHIN_MS,
    sentinelRetryStrategy: () => SENTINEL_AGAIN_MS,
    // Told of a new primary by the Sentinels, also where the old one still answers.
    failoverDetector: true,
    // One that was demoted under this connection: the Sentinels know where to go on.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  }
}

/** One of the Sentinels themselves, for as long as it answers; not connected yet. */
export function sentinelAt(
  { host, port }: Place,
  settings: NonNullable<RedisSettings['sentinel']>,
  caFile: string | undefined,
): Redis {
  const { sentinelUsername: username, sentinelPassword: password, sentinelTls: tls } = settings
  const named = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) }
  const login = loginOf({ tls, ...named }, caFile)
  const redis = new Redis({ ...OPTIONS, ...login, host, port, retryStrategy: () => null })
  redis.on('error', () => undefined)
  return redis
}

function clusterOf(
  cluster: NonNullable<RedisSettings['cluster']>,
  caFile: string | undefined,
  whole: boolean,
  more: object = {},
): Cluster {
  return new Cluster(
    cluster.nodes.map(place => ({ ...place })),
    {
      lazyConnect: true,
      enableOfflineQueue: false,
      enableReadyCheck: whole,
      clusterRetryStrategy: waitBetween,
      // Whoever asks has a patience of its own: two more tries, no more.
      maxRedirections: 3,
      slotsRefreshInterval: 2_000,
      slotsRefreshTimeout: ANSWER_WITHIN_MS,
      redisOptions: { ...TIMES, maxRetriesPerRequest: 0, ...loginOf(cluster, caFile), ...more },
      ...('enableOfflineQueue' in more ? { enableOfflineQueue: true } : {}),
      // Names stay names, as their certificates have them.
      dnsLookup: (name, done) => done(null, name),
    },
  )
}

/** Whatever Redis did wrong is STORE_DOWN to whoever asked; the cause goes along for the log. */
export async function asking<T>(doing: Promise<T>): Promise<T> {
  try {
    return await doing
  } catch (cause) {
    throw Object.assign(new Refusal('STORE_DOWN'), { cause })
  }
}
