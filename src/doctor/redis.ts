/** Whether Redis is there and keeps what it is given. Touches a connection to each server, and only reads. */
import { Cluster, type Redis } from 'ioredis'
import { failureWithin, type Clock } from '../base/clock.js'
import { connectRedis, isDatabaseRefused, type RedisSettings } from '../store/redis.js'
import { causesOf } from '../store/why-not.js'
import { checksOf, type Check } from './check.js'
import { judgeCluster, judgeSentinels } from './redis-many.js'
import { judgeRedis, type RedisSeen } from './redis-server.js'

/** How long all of it may take to be reached: Sentinels and Clusters are otherwise tried for ever. */
const CONNECTED_WITHIN_MS = 6_000

export async function checkRedis(settings: RedisSettings, clock: Clock): Promise<Check[]> {
  const checks = checksOf('redis')
  if (settings.sentinel && !(await judgeSentinels(checks, settings.sentinel, settings.caFile))) return checks.checks
  const refused: string[] = []
  const redis = connectRedis(settings, () => undefined, false)
  const causeOf = causesOf(redis)
  redis.on('error', (error: Error) => {
    if (isDatabaseRefused(error)) refused.push(error.message)
  })
  try {
    const late = await failureWithin(clock, CONNECTED_WITHIN_MS, 'connecting', redis.connect())
    if (late instanceof Error) throw late
    if (redis instanceof Cluster) await judgeCluster(checks, redis, seen)
    else judgeRedis(checks, await seen(redis))
  } catch (error) {
    const why = causeOf(error).message
    const [noDatabase] = refused
    if (noDatabase !== undefined) {
      const mend = 'let redis.url or redis.sentinel.db name a database that the server has and the user may select'
      checks.failed('redis.database', noDatabase, mend)
      return checks.checks
    }
    const login = /NOAUTH|WRONGPASS|NOPERM|AUTH/.test(why)
    if (login)
      checks.failed(
        'redis.login',
        why,
        'put username and password under redis, or into redis.url: redis://USER:PASSWORD@HOST:PORT/0',
      )
    else checks.failed('redis.reachable', why, 'start Redis or Valkey, and let redis name where it listens')
  } finally {
    redis.disconnect()
  }
  return checks.checks
}

async function seen(redis: Redis): Promise<RedisSeen> {
  const info = infoOf(await redis.info())
  const save = await redis.config('GET', 'save').then(saveOf, () => undefined)
  return { info, save }
}

const infoOf = (text: string) =>
  new Map(
    text
      .split('\r\n')
      .filter(line => line.includes(':') && !line.startsWith('#'))
      .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const),
  )

/** RESP2 answers a list, RESP3 a map. */
function saveOf(answer: unknown): string | undefined {
  if (Array.isArray(answer)) return typeof answer[1] === 'string' ? answer[1] : undefined
  if (answer instanceof Map) return saveOf(['save', answer.get('save')])
  if (typeof answer === 'object' && answer !== null && 'save' in answer) return saveOf(['save', answer.save])
  return undefined
}
