/** A primary, its replica and three Sentinels that watch them: what a site has that wants no single point of failure. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { freeTcp, LOOPBACK } from './ports.js'
import { asked, openSentinel, openServer, type Ground, type Valkey } from './valkey.js'
import { retry } from './wait.js'

export type Watched = Readonly<{
  /** By which the Sentinels know the primary. */
  name: string
  primary: Valkey
  replica: Valkey
  sentinels: readonly Valkey[]
  /** Which of the two the Sentinels say is the primary now. */
  current: () => Promise<Valkey>
  /** Resolves when the Sentinels agree on this one, and it says so itself. */
  until: (primary: Valkey) => Promise<void>
}>

const NAME = 'aladdin-lab'
const DOWN_AFTER_MS = 1_000
const FAILOVER_WITHIN_MS = 30_000

/** Resolves when all know one another. */
export async function openWatched(ground: Ground, options: readonly string[] = []): Promise<Watched> {
  const { clock } = ground
  const primary = await openServer(ground, { name: 'primary', port: await freeTcp(), options })
  const follows = ['--replicaof', `${LOOPBACK} ${primary.port}`, ...options]
  const replica = await openServer(ground, { name: 'replica', port: await freeTcp(), options: follows })
  const sentinels: Valkey[] = []
  for (const n of [1, 2, 3]) sentinels.push(await watching(ground, `sentinel${n}`, primary.port))
  const asks = <T>(valkey: Valkey, ask: (redis: Redis) => Promise<T>) => asked(valkey.port, ask)
  const primaryPort = async () => {
    const ports = await Promise.all(
      sentinels.map(one => asks(one, redis => redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME))),
    )
    const [, port] = ports[0] as [string, string]
    return ports.every(answer => (answer as string[])[1] === port) ? Number(port) : undefined
  }
  const current = async () => ((await primaryPort()) === replica.port ? replica : primary)
  const isPrimary = async (valkey: Valkey) => {
    if ((await primaryPort()) !== valkey.port) return undefined
    const role = (await asks(valkey, redis => redis.call('ROLE'))) as string[]
    return role[0] === 'master' || undefined
  }
  await retry(clock, 'the Sentinels to know one another', FAILOVER_WITHIN_MS, () =>
    Promise.all(sentinels.map(one => asks(one, knowsAll))).then(
      all => all.every(Boolean) || undefined,
      () => undefined,
    ),
  )
  const until = async (valkey: Valkey) => {
    await retry(clock, 'the failover', FAILOVER_WITHIN_MS, () => isPrimary(valkey).catch(() => undefined))
  }
  return { name: NAME, primary, replica, sentinels, current, until }
}

async function watching(ground: Ground, name: string, primary: number): Promise<Valkey> {
  const folder = join(ground.folder, name)
  mkdirSync(folder)
  const file = join(folder, 'sentinel.conf')
  const lines = [
    `dir ${folder}`,
    `sentinel monitor ${NAME} ${LOOPBACK} ${primary} 2`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 5000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return openSentinel(ground, name, await freeTcp(), file)
}

/** Two other Sentinels and one replica, all of them connected. */
async function knowsAll(redis: Redis): Promise<boolean> {
  await redis.call('SENTINEL', 'CKQUORUM', NAME)
  const of = async (what: string) => (await redis.call('SENTINEL', what, NAME)) as string[][]
  const [others, replicas] = [await of('SENTINELS'), await of('REPLICAS')]
  return others.length === 2 && replicas.length === 1 && replicas[0]?.[9] === 'slave'
}
