/** A Cluster of three primaries, each with a replica, that share the slots among them. */
import type { Redis } from 'ioredis'
import { freeTcp, LOOPBACK } from './ports.js'
import { asked, openServer, type Ground, type Valkey } from './valkey.js'
import { retry } from './wait.js'

export type ClusterNode = Readonly<{ valkey: Valkey; id: string; busPort: number }>
export type ValkeyCluster = Readonly<{
  /** The first three began as primaries, and the one three places behind each as its replica. */
  nodes: readonly ClusterNode[]
  places: readonly { host: string; port: number }[]
  /** The primary that has this key now. */
  holder: (key: string) => Promise<ClusterNode>
  /** Resolves when every node that runs says that all is well. */
  well: () => Promise<void>
}>

const SLOTS = 16_384
const PRIMARIES = 3
const NODE_TIMEOUT_MS = 1_000
const WELL_WITHIN_MS = 30_000

export async function openCluster(ground: Ground): Promise<ValkeyCluster> {
  const nodes: ClusterNode[] = []
  for (let n = 0; n < PRIMARIES * 2; n++) nodes.push(await openNode(ground, `node${n + 1}`))
  const [first, ...others] = nodes
  const [primaries, replicas] = [nodes.slice(0, PRIMARIES), nodes.slice(PRIMARIES)]
  for (const [n, { valkey }] of primaries.entries()) {
    const slots = [Math.ceil((SLOTS * n) / PRIMARIES), Math.ceil((SLOTS * (n + 1)) / PRIMARIES) - 1]
    await asked(valkey.port, async redis => {
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', n + 1)
      await redis.call('CLUSTER', 'ADDSLOTSRANGE', ...slots)
    })
  }
  for (const { valkey, busPort } of others)
    await asked(first?.valkey.port ?? 0, redis => redis.call('CLUSTER', 'MEET', LOOPBACK, valkey.port, busPort))
  const known = (redis: Redis) => redis.cluster('INFO').then(text => fieldOf(text, 'cluster_known_nodes'))
  const all = async (says: (redis: Redis) => Promise<boolean>) => {
    const running = nodes.filter(({ valkey }) => valkey.pid() !== undefined)
    const said = await Promise.all(running.map(({ valkey }) => asked(valkey.port, says).catch(() => false)))
    return said.every(Boolean) || undefined
  }
  const until = (what: string, says: (redis: Redis) => Promise<boolean>) =>
    retry(ground.clock, what, WELL_WITHIN_MS, () => all(says), 50)
  await until('the nodes to meet', async redis => (await known(redis)) === String(nodes.length))
  for (const [n, { valkey }] of replicas.entries())
    await asked(valkey.port, redis => redis.call('CLUSTER', 'REPLICATE', primaries[n]?.id ?? ''))
  const well = async () => {
    await until('the Cluster to be well', isWell)
  }
  await well()
  await until('the replicas to follow', follows)
  const holder = async (key: string) => {
    const running = nodes.find(({ valkey }) => valkey.pid() !== undefined)
    const id = await asked(running?.valkey.port ?? 0, redis => holderOf(redis, key))
    const found = nodes.find(node => node.id === id)
    if (!found) throw new Error(`nobody has ${key}`)
    return found
  }
  return { nodes, places: nodes.map(({ valkey }) => ({ host: LOOPBACK, port: valkey.port })), holder, well }
}

async function openNode(ground: Ground, name: string): Promise<ClusterNode> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT_MS)]
  const [port, busPort] = [await freeTcp(), await freeTcp()]
  const bus = ['--cluster-port', String(busPort)]
  const valkey = await openServer(ground, { name, port, options: [...options, ...bus] })
  const id = String(await asked(valkey.port, redis => redis.call('CLUSTER', 'MYID')))
  return { valkey, id, busPort }
}

const fieldOf = (info: string, name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1]

/** Every slot is served, and who has failed and runs again has been heard of. */
async function isWell(redis: Redis): Promise<boolean> {
  const info = await redis.cluster('INFO')
  return fieldOf(info, 'cluster_state') === 'ok' && fieldOf(info, 'cluster_slots_ok') === String(SLOTS)
}

async function follows(redis: Redis): Promise<boolean> {
  const info = await redis.info('replication')
  return fieldOf(info, 'role') === 'master' || fieldOf(info, 'master_link_status') === 'up'
}

async function holderOf(redis: Redis, key: string): Promise<string> {
  const slot = await redis.cluster('KEYSLOT', key)
  const ranges = await redis.cluster('SLOTS')
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2]?.[2] ?? ''
}
