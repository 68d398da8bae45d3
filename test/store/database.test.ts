/** A database that the server does not have, or that the user may not select: the client is not connected, and says why. */
import t, { type Test } from 'tap'
import { groundOf, startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { asked, openServer } from '../../lab/valkey.js'
import { retry } from '../../lab/wait.js'
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
