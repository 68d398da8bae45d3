/** Whether Redis is there and keeps what it is given. Touches a connection to each server, and only reads. */
import { Cluster, type Redis } from 'ioredis'
import type { Clock } from '../base/clock.js'
import type { RedisSettings } from '../store/redis.js'
import { checksOf, type Check } from './check.js'
import { lookAtRedis } from './redis-look.js'
import { judgeCluster, judgeSentinels } from './redis-many.js'
import { judgeRedis, type RedisSeen } from './redis-server.js'

const CONNECTED_WITHIN_MS = 6_000

export async function checkRedis(settings: RedisSettings, clock: Clock): Promise<Check[]> {
  const checks = checksOf('redis')
  if (settings.sentinel && !(await judgeSentinels(checks, settings.sentinel, settings.caFile))) return checks.checks
  const unusable = await lookAtRedis(settings, clock, CONNECTED_WITHIN_MS, async redis => {
    if (redis instanceof Cluster) await judgeCluster(checks, redis, seen)
    else judgeRedis(checks, await seen(redis))
  })
  if (unusable) checks.failed(unusable.check, unusable.why, unusable.mend)
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
