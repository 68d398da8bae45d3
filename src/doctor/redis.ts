/** Whether Redis is there and keeps what it is given. Touches one connection, and only reads. */
import { connectRedis, type RedisSettings } from '../store/redis.js'
import { checksOf, type Check, type Checks } from './check.js'

const OLDEST = [6, 2] as const

/** The server's own report as fields; `CONFIG GET save` is undefined where the user may not ask. */
export type RedisSeen = { info: ReadonlyMap<string, string>; save: string | undefined }

export async function checkRedis(settings: RedisSettings): Promise<Check[]> {
  const checks = checksOf('redis')
  let lastError = ''
  const redis = connectRedis(settings, (_, why) => (lastError = why ?? lastError))
  try {
    await redis.connect()
    const info = infoOf(await redis.info())
    const save = await redis.config('GET', 'save').then(saveOf, () => undefined)
    judgeRedis(checks, { info, save })
  } catch (error) {
    const why = lastError || (error instanceof Error ? error.message : String(error))
    const login = /NOAUTH|WRONGPASS|NOPERM|AUTH/.test(why)
    if (login)
      checks.failed('redis.login', why, 'put user and password into redis.url: redis://USER:PASSWORD@HOST:PORT/0')
    else checks.failed('redis.reachable', why, 'start Redis or Valkey, and set redis.url to where it listens')
  } finally {
    redis.disconnect()
  }
  return checks.checks
}

/** Pure. */
export function judgeRedis(checks: Checks, { info, save }: RedisSeen): void {
  const get = (field: string) => info.get(field) ?? ''
  checks.ok('redis.reachable', 'answers')
  version(checks, get)
  const policy = get('maxmemory_policy')
  if (policy === 'noeviction') checks.ok('redis.eviction', 'maxmemory-policy noeviction')
  else
    checks.failed(
      'redis.eviction',
      `maxmemory-policy ${policy || 'not told'}: events and history may vanish when memory is full`,
      'maxmemory-policy noeviction',
    )
  persistence(checks, get, save)
  const role = get('role')
  if (role === 'master') checks.ok('redis.role', 'takes writes')
  else checks.failed('redis.role', `role ${role}: a replica refuses writes`, 'let redis.url name the primary')
}

function version(checks: Checks, get: (field: string) => string) {
  const told = get('redis_version')
  const name = get('valkey_version') ? `Valkey ${get('valkey_version')}` : `Redis ${told}`
  const [major = 0, minor = 0] = told.split('.').map(Number)
  const recent = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  if (recent) checks.ok('redis.version', name)
  else checks.failed('redis.version', `${name} is too old`, `Redis ${OLDEST.join('.')} or later, or Valkey`)
}

function persistence(checks: Checks, get: (field: string) => string, save: string | undefined) {
  const mend = 'appendonly yes, and appendfsync everysec'
  if (get('aof_enabled') === '1') {
    const failing = get('aof_last_write_status') !== 'ok'
    if (failing) checks.failed('redis.persistence', 'appendonly yes, but the last write failed', 'look at the disk')
    else checks.ok('redis.persistence', 'appendonly yes')
  } else if (save === undefined)
    checks.unknown(
      'redis.persistence',
      'appendonly no; whether it saves snapshots cannot be checked with these rights',
      mend,
    )
  else if (save === '') checks.failed('redis.persistence', 'appendonly no, save off: a restart loses everything', mend)
  else
    checks.warning(
      'redis.persistence',
      `appendonly no, save ${save}: a crash loses what came since the last save`,
      mend,
    )
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
