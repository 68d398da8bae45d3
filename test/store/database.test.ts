/** A database that the server does not have, or that the user may not select: the client is not connected, and says why. */
import t, { type Test } from 'tap'
import { groundOf, startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { asked, openServer } from '../../lab/valkey.js'
import { openWatched } from '../../lab/valkey-sentinel.js'
import { retry } from '../../lab/wait.js'
import { checkConfig } from '../../src/check-command.js'
import { parseConfig } from '../../src/config.js'
import { connectRedis, redisForJobs, type RedisSettings } from '../../src/store/redis.js'

const lab = await startLab()
t.teardown(() => lab.stop())
const { port } = await openServer(groundOf(lab), {
  name: 'databases',
  port: await freeTcp(),
  options: [
    ...['--databases', '2'],
    ...['--user', 'aladdin', 'on', '>10%s&c', '~*', '+@all', '-select'],
    ...['--user', 'crm', 'on', '>10%s&c', '~*', '+@all'],
  ],
})
const at = `127.0.0.1:${port}`

async function refused(t: Test, settings: RedisSettings, why: RegExp) {
  const states: string[] = []
  const heard = (word: string) =>
    retry(lab.clock, word, 5_000, () => Promise.resolve(states.find(state => why.test(state))))
  const redis = connectRedis(settings, (state, said = '') => states.push(`${state} ${said}`))
  const jobs = redisForJobs(settings)
  t.teardown(() => {
    redis.disconnect()
    jobs.disconnect()
  })
  await redis.connect().catch(() => undefined)
  t.match(await heard('the refusal'), why)
  states.length = 0
  t.match(await heard('it to be tried again'), why)
  t.notMatch(states.join(), /ready/)
  await t.rejects(redis.set('written', 'to no other database'))
  void jobs.set('written', 'for a job').catch(() => undefined)
  await heard('one more try')
  const names = await asked(port, one => one.keys('*'))
  t.strictSame(names, [], 'nothing is in database 0')
}

t.test('there is no such database', t => refused(t, { url: `redis://${at}/7` }, /^down ERR DB index is out of range/))

t.test('this user may not select', t =>
  refused(t, { url: `redis://${at}/1`, username: 'aladdin', password: '10%s&c' }, /^down NOPERM .*select/i),
)

t.test('user name and password beside the url', async t => {
  const redis = connectRedis({ url: `redis://${at}/1`, username: 'crm', password: '10%s&c' }, () => undefined)
  t.teardown(() => redis.disconnect())
  await redis.connect()
  t.equal(await redis.call('ACL', 'WHOAMI'), 'crm')
  await redis.set('written', 'here')
  t.strictSame(await asked(port, async one => [await one.keys('*'), await one.select(1), await one.keys('*')]), [
    [],
    'OK',
    ['written'],
  ])
})

t.test('check names what Redis refuses, and warns of one that it cannot reach', async t => {
  const checked = (redis: object) => {
    const api = { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] }
    const pbxs = [{ name: 'hq', ami: { secret: 'x' }, trunks: ['trunk'] }]
    return checkConfig(parseConfig(JSON.stringify({ pbxs, api, redis }), {}), lab.clock)
  }
  const wrong = async (redis: object, line: RegExp) => t.match(await checked(redis), { warnings: [], wrong: [line] })
  const well = async (redis: object) => t.strictSame(await checked(redis), { warnings: [], wrong: [] })

  const crm = { username: 'crm', password: '10%s&c' }
  await well({ url: `redis://${at}/1`, ...crm })
  await wrong({ url: `redis://${at}/7` }, /^redis\.url: ERR DB index is out of range$/)
  await wrong({ url: `redis://${at}/1`, ...crm, username: 'aladdin' }, /^redis\.url: NOPERM .*select/)
  await wrong({ url: `redis://${at}/1`, ...crm, password: 'other' }, /^the login of redis: WRONGPASS/)
  t.match(await checked({ url: 'redis://127.0.0.1:1/1' }), {
    warnings: [/^redis cannot be reached from here, so its database was not checked \(.*ECONNREFUSED/],
    wrong: [],
  })

  const { name, sentinels, primary } = await openWatched(groundOf(lab))
  const sentinel = { name, sentinels: sentinels.map(one => ({ host: '127.0.0.1', port: one.port })) }
  await well({ sentinel: { ...sentinel, db: 1 } })
  await wrong({ sentinel: { ...sentinel, db: 99 } }, /^redis\.sentinel\.db: ERR DB index is out of range$/)
  await asked(primary.port, one => one.config('SET', 'requirepass', 's3cret'))
  await wrong({ sentinel: { ...sentinel, db: 1 } }, /^the login of redis\.sentinel: NOAUTH/)
  t.match(await checked({ sentinel: { ...sentinel, name: 'other' } }), { warnings: [/^redis cannot be reached/] })
})
