/**
 * Redis behind Sentinels, and as a Cluster, in the middle of calls: the primary dies, hangs, is demoted, or its copy takes
 * over with less than it should have. Afterwards nothing is lost, and nothing is there twice.
 */
import t, { type Test } from 'tap'
import { Cluster, Redis } from 'ioredis'
import { groundOf } from '../../lab/lab.js'
import { asked, type Valkey } from '../../lab/valkey.js'
import { openCluster, type ValkeyCluster } from '../../lab/valkey-cluster.js'
import { openWatched, type Watched } from '../../lab/valkey-sentinel.js'
import { retry } from '../../lab/wait.js'
import { anExchange } from '../given/exchange.js'
import { freeze } from '../given/freeze.js'
import { aStoreStory } from '../given/store-story.js'

const HEALED_WITHIN_MS = 40_000

t.test('Sentinels', async t => {
  let watched: Watched | undefined
  const exchange = await anExchange(t, {
    redis: async lab => {
      watched = await openWatched(groundOf(lab))
      const sentinels = watched.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
      return { sentinel: { name: watched.name, sentinels } }
    },
  })
  if (!watched) throw new Error('there are no Sentinels')
  const { lab } = exchange
  const { current, name, primary, replica, sentinels, until } = watched
  const other = (one: Valkey) => (one === primary ? replica : primary)
  const places = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  const admin = new Redis({ name, sentinels: places, failoverDetector: true, socketTimeout: 2_000 })
  admin.on('error', () => undefined)
  t.teardown(() => admin.disconnect())
  const story = aStoreStory(exchange, admin)

  /** The one follows the other again, and has all that it has. */
  async function follows(follower: Valkey) {
    const leader = other(follower)
    // The Sentinels would say so, too, in ten seconds.
    await asked(follower.port, redis => redis.replicaof('127.0.0.1', leader.port))
    await retry(lab.clock, 'the replica to have all', 30_000, async () => {
      const info = await asked(follower.port, redis => redis.info('replication')).catch(() => '')
      return /role:slave[^]*master_link_status:up[^]*master_sync_in_progress:0/.test(info) || undefined
    })
    await asked(leader.port, redis => redis.wait(1, 10_000))
  }

  /** `does` makes the other take over in the middle of calls. */
  async function takingOver(t: Test, does: (was: Valkey, next: Valkey) => Promise<unknown>) {
    const was = await current()
    const next = other(was)
    await follows(next)
    const began = await story.begin()
    const calls = story.calls(2)
    await began.stream.next('call.answered')
    await does(was, next)
    t.match(await calls, { made: story.CALLS * 2, succeeded: story.CALLS * 2 })
    await story.recorded(began.stream, 2)
    await until(next)
    await story.isReady(HEALED_WITHIN_MS)
    await story.nothingLostOrDoubled(t, began, 2)
    const role = await asked(next.port, redis => redis.call('ROLE'))
    t.match(role, ['master'], 'and it is in the new primary')
  }

  t.test('the primary is killed', async t => {
    await takingOver(t, was => was.kill())
    await other(await current()).start()
  })

  t.test('the primary hangs', async t => {
    const was = await current()
    try {
      await takingOver(t, () => freeze(was.pid()))
    } finally {
      process.kill(was.pid() ?? process.pid, 'SIGCONT')
    }
  })

  t.test('the primary is demoted in good order', async t => {
    await takingOver(t, () => asked(sentinels[0]?.port ?? 0, redis => redis.call('SENTINEL', 'FAILOVER', name)))
  })

  t.test('a replica that was behind takes over: what it lacks is given back', async t => {
    const was = await current()
    const lagging = other(was)
    await follows(lagging)
    const had = await asked(lagging.port, redis => redis.xlen(story.keys.log))
    const began = await story.begin()
    // It no longer hears its primary: a port where nobody is.
    await asked(lagging.port, redis => redis.call('CONFIG', 'SET', 'replica-priority', '100'))
    await asked(lagging.port, redis => redis.replicaof('127.0.0.1', 1))
    const calls = story.calls(2)
    for (let n = 0; n < 10; n++) await began.stream.next('call.answered')
    t.equal(await asked(lagging.port, redis => redis.xlen(story.keys.log)), had, 'it has none of these calls')
    t.ok((await asked(was.port, redis => redis.xlen(story.keys.log))) > had + 30)
    // The primary dies, and an operator has no other choice than the old copy.
    await was.kill()
    await asked(lagging.port, redis => redis.replicaof('NO', 'ONE'))
    await pointedAt(lagging)
    t.match(await calls, { made: story.CALLS * 2, succeeded: story.CALLS * 2 })
    await story.recorded(began.stream, 2)
    await story.isReady(HEALED_WITHIN_MS)
    await story.nothingLostOrDoubled(t, began, 2)
    await was.start()
  })

  /** The Sentinels are told of another primary, as one does by hand. */
  async function pointedAt({ port }: Valkey) {
    for (const sentinel of sentinels)
      await asked(sentinel.port, async redis => {
        await redis.call('SENTINEL', 'REMOVE', name)
        await redis.call('SENTINEL', 'MONITOR', name, '127.0.0.1', port, 2)
      })
  }
})

t.test('a Cluster: the node that has the PBX is killed', async t => {
  let cluster: ValkeyCluster | undefined
  const exchange = await anExchange(t, {
    redis: async lab => {
      cluster = await openCluster(groundOf(lab))
      return { cluster: { nodes: cluster.places.slice(0, 3) } }
    },
  })
  if (!cluster) throw new Error('there is no Cluster')
  const admin = new Cluster(cluster.places.map(place => ({ ...place })))
  admin.on('error', () => undefined)
  t.teardown(() => admin.disconnect())
  const story = aStoreStory(exchange, admin)
  const began = await story.begin()
  const calls = story.calls(2)
  await began.stream.next('call.answered')
  const node = await cluster.holder(story.keys.log)
  await node.valkey.kill()
  t.match(await calls, { made: story.CALLS * 2, succeeded: story.CALLS * 2 })
  await story.recorded(began.stream, 2)
  await story.isReady(HEALED_WITHIN_MS)
  t.not((await cluster.holder(story.keys.log)).id, node.id)
  await story.nothingLostOrDoubled(t, began, 2)
})

t.end()
