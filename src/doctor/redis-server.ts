/** Whether one server keeps what it is given, by its own report. Pure. */
import { isTooOld, OLDEST_REDIS } from '../store/server-version.js'
import type { Checks } from './check.js'

/** The server's own report as fields; `CONFIG GET save` is undefined where the user may not ask. */
export type RedisSeen = { info: ReadonlyMap<string, string>; save: string | undefined }

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
  else
    checks.failed(
      'redis.role',
      `role ${role}: a replica refuses writes`,
      'let redis.url name the primary, or let Sentinels name it',
    )
}

function version(checks: Checks, get: (field: string) => string) {
  const told = get('redis_version')
  const name = get('valkey_version') ? `Valkey ${get('valkey_version')}` : `Redis ${told}`
  if (!isTooOld(told)) checks.ok('redis.version', name)
  else checks.failed('redis.version', `${name} is too old`, `Redis ${OLDEST_REDIS} or later, or Valkey`)
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
