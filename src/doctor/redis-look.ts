/** One look at what `redis` names: a connection for as long as the look takes, or why there is none. Touches Redis; only reads. */
import { failureWithin, type Clock } from '../base/clock.js'
import { connectRedis, isDatabaseRefused, type RedisClient, type RedisSettings } from '../store/redis.js'
import { causesOf } from '../store/why-not.js'

/** `reachable`: no server has answered. The others: one has, and refuses the login or the database. */
export type Unusable = { check: 'redis.reachable' | 'redis.login' | 'redis.database'; why: string; mend: string }

const MENDS: Readonly<Record<Unusable['check'], string>> = {
  'redis.reachable': 'start Redis or Valkey, and let redis name where it listens',
  'redis.login': 'put username and password under redis, or into redis.url: redis://USER:PASSWORD@HOST:PORT/0',
  'redis.database': 'let redis.url or redis.sentinel.db name a database that the server has and the user may select',
}
const LOGIN = /NOAUTH|WRONGPASS|NOPERM|AUTH/
/** Without a login, a SELECT is refused for that, and not for its database. */
const NO_LOGIN = /^NOAUTH/

/** Undefined when all went well. `withinMs`: for connecting; Sentinels and Clusters are otherwise tried for ever. */
export async function lookAtRedis(
  settings: RedisSettings,
  clock: Clock,
  withinMs: number,
  look: (redis: RedisClient) => Promise<void> | void = () => undefined,
): Promise<Unusable | undefined> {
  const redis = connectRedis(settings, () => undefined, false)
  const causeOf = causesOf(redis)
  const refused: string[] = []
  redis.on('error', (error: Error) => {
    if (isDatabaseRefused(error) && !NO_LOGIN.test(error.message)) refused.push(error.message)
  })
  try {
    const late = await failureWithin(clock, withinMs, 'connecting', redis.connect())
    if (late instanceof Error) throw late
    await look(redis)
    return undefined
  } catch (error) {
    const [noDatabase] = refused
    if (noDatabase !== undefined) return unusable('redis.database', noDatabase)
    const why = causeOf(error).message
    return unusable(LOGIN.test(why) ? 'redis.login' : 'redis.reachable', why)
  } finally {
    redis.disconnect()
  }
}

const unusable = (check: Unusable['check'], why: string): Unusable => ({ check, why, mend: MENDS[check] })
