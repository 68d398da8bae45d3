/** What is looked at where Redis is more than one server: Sentinels, and a Cluster. Touches a connection to each; only reads. */
import type { Cluster, Redis } from 'ioredis'
import { sentinelAt, type RedisSettings } from '../store/redis.js'
import { causesOf } from '../store/why-not.js'
import { checksOf, type Checks } from './check.js'
import { judgeRedis, type RedisSeen } from './redis-server.js'

const SLOTS = '16384'

/** False when there is nobody to ask where the primary is. */
export async function judgeSentinels(
  checks: Checks,
  settings: NonNullable<RedisSettings['sentinel']>,
  caFile: string | undefined,
): Promise<boolean> {
  const { name, sentinels } = settings
  const answers = await Promise.all(sentinels.map(place => quorum(sentinelAt(place, settings, caFile), name)))
  const wrong = answers.flatMap((why, i) => (why === undefined ? [] : [`${placeOf(sentinels[i])}: ${why}`]))
  const mend = `let redis.sentinel name Sentinels that run, their password, and the name by which they watch the primary`
  if (wrong.length === 0) checks.ok('redis.sentinels', `${sentinels.length} answer, and are enough for a failover`)
  else if (wrong.length < sentinels.length) checks.warning('redis.sentinels', wrong.join('; '), mend)
  else checks.failed('redis.sentinels', wrong.join('; '), mend)
  return wrong.length < sentinels.length || answers.some(why => why?.startsWith('NOQUORUM'))
}

const placeOf = (place: { host: string; port: number } | undefined) => `${place?.host}:${place?.port}`

/** What is wrong with this one, or undefined. */
async function quorum(sentinel: Redis, name: string): Promise<string | undefined> {
  const causeOf = causesOf(sentinel)
  try {
    await sentinel.connect()
    await sentinel.call('SENTINEL', 'CKQUORUM', name)
    return undefined
  } catch (error) {
    return causeOf(error).message
  } finally {
    sentinel.disconnect()
  }
}

/** Each primary is looked at as a single server would be; of each thing, what is worst is told. */
export async function judgeCluster(checks: Checks, cluster: Cluster, look: (redis: Redis) => Promise<RedisSeen>) {
  const primaries = cluster.nodes('master')
  const ofEach = await Promise.all(
    primaries.map(async node => {
      const one = checksOf('redis')
      const told = await look(node)
      judgeRedis(one, told)
      return {
        place: `${node.options.host}:${node.options.port}`,
        checks: one.checks,
        replicas: told.info.get('connected_slaves'),
      }
    }),
  )
  for (const { check, found } of ofEach[0]?.checks ?? []) {
    const bad = ofEach.flatMap(({ place, checks: all }) =>
      all.filter(c => c.check === check && c.verdict !== 'ok').map(c => ({ ...c, found: `${place}: ${c.found}` })),
    )
    const worst = bad.find(c => c.verdict === 'failed') ?? bad[0]
    if (worst) checks[worst.verdict](check, worst.found, worst.mend)
    else checks.ok(check, found)
  }
  const infos = await Promise.all(primaries.map(node => node.cluster('INFO')))
  const field = (name: string, of = infos.find(info => !isWhole(info)) ?? infos[0] ?? '') =>
    new RegExp(`^${name}:(\\S*)`, 'm').exec(of)?.[1] ?? 'not told'
  const alone = ofEach.filter(({ replicas }) => replicas === '0').map(({ place }) => place)
  const slots = `cluster_state ${field('cluster_state')}, ${field('cluster_slots_ok')} of ${SLOTS} slots served`
  if (!infos.every(isWhole))
    checks.failed('redis.cluster', slots, 'let each slot be served by a primary that runs: CLUSTER INFO, CLUSTER NODES')
  else if (alone.length > 0)
    checks.warning('redis.cluster', `${slots}; no replica: ${alone.join(', ')}`, 'give each primary a replica')
  else checks.ok('redis.cluster', `${primaries.length} primaries with replicas, ${slots}`)
}

/** As this node sees it. */
const isWhole = (info: string) => info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${SLOTS}`)
