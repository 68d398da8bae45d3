/** `aladdin check`, once the files have been read: what only a look around tells. Touches a connection to Redis and reads the disk. */
import type { Clock } from './base/clock.js'
import { warningsOf, type Config } from './config.js'
import { placeWarnings } from './config-places.js'
import { lookAtRedis } from './doctor/redis-look.js'

const REDIS_WITHIN_MS = 1_000

/** `wrong`: the daemon would not work with it. `warnings`: it may not be what is meant, or could not be seen from here. */
export type Checked = { warnings: readonly string[]; wrong: readonly string[] }

/** `path`: where programs are looked for. */
export async function checkConfig(config: Config, clock: Clock, path = ''): Promise<Checked> {
  const redis = await redisChecked(config.redis, clock)
  return { warnings: [...warningsOf(config), ...placeWarnings(config, path), ...redis.warnings], wrong: redis.wrong }
}

/** A configuration can be checked where its Redis cannot be reached. What a Redis that answers refuses is wrong anywhere. */
async function redisChecked(redis: Config['redis'], clock: Clock): Promise<Checked> {
  const unusable = await lookAtRedis(redis, clock, REDIS_WITHIN_MS)
  if (!unusable) return { warnings: [], wrong: [] }
  const { check, why } = unusable
  if (check === 'redis.reachable')
    return { warnings: [`redis cannot be reached from here, so its database was not checked (${why})`], wrong: [] }
  const setting = check === 'redis.login' ? loginSetting(redis) : databaseSetting(redis)
  return { warnings: [], wrong: [`${setting}: ${why}`] }
}

const databaseSetting = ({ sentinel }: Config['redis']) => (sentinel ? 'redis.sentinel.db' : 'redis.url')

const loginSetting = ({ sentinel, cluster }: Config['redis']) =>
  `the login of ${sentinel ? 'redis.sentinel' : cluster ? 'redis.cluster' : 'redis'}`
