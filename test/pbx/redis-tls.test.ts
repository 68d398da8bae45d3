/** Redis over TLS, with a user of its own that may do nothing but what the daemon needs: all is as ever. */
import t from 'tap'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labConfig } from '../../lab/daemon.js'
import { groundOf, startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { load } from '../../lab/sipp.js'
import { openServer } from '../../lab/valkey.js'
import { systemClock } from '../../src/base/system.js'
import { BadConfig, readConfig } from '../../src/config.js'
import { checkRedis } from '../../src/doctor/redis.js'
import { connectRedis } from '../../src/store/redis.js'
import { makeCertificates } from '../given/certificates.js'
import { aDaemon } from '../given/exchange.js'
import { writeFileSync } from 'node:fs'

const dir = mkdtempSync(join(tmpdir(), 'aladdin-redis-tls-'))
t.teardown(() => rmSync(dir, { recursive: true, force: true }))
const { caFile, serverFile } = makeCertificates(dir)
const lab = await startLab()
t.teardown(() => lab.stop())
const port = await freeTcp()
/** README.md says so, too. */
const RIGHTS = ['~aladdin:*', '+@all', '-@admin', '-@dangerous', '+info', '+config|get']
await openServer(groundOf(lab), {
  name: 'tls',
  port: await freeTcp(),
  options: [
    ...['--tls-port', String(port), '--tls-cert-file', serverFile, '--tls-key-file', serverFile],
    ...['--tls-ca-cert-file', caFile, '--tls-auth-clients', 'no'],
    ...['--user', 'aladdin', 'on', '>s3cret', ...RIGHTS],
  ],
})
const url = `rediss://aladdin:s3cret@127.0.0.1:${port}/0`

t.test('calls are followed and kept, and the doctor finds nothing wrong', async t => {
  const { crm } = await aDaemon(t, lab, labConfig(lab, { key: 'ak_exchange', redis: { url, caFile } }))
  const stream = await crm.webSocket()
  t.match(await load(lab, { calls: 3, ratePerSecond: 5, talkMs: 50 }), { succeeded: 3 })
  for (let i = 0; i < 3; i++) await stream.next('call.recorded')
  t.match(await crm.get('/v1/history'), { status: 200, body: { calls: { length: 3 } } })
  stream.close()
  const checks = await checkRedis({ url, caFile }, systemClock)
  t.strictSame(
    checks.filter(c => c.verdict !== 'ok'),
    [],
  )
})

t.test('without its certificate, a wrong password: told, each by its name', async t => {
  const reachable = await checkRedis({ url }, systemClock)
  t.match(
    reachable.find(c => c.verdict === 'failed'),
    { check: 'redis.reachable', found: /certificate/ },
  )
  const wrong = await checkRedis({ url: url.replace('s3cret', 'guess'), caFile }, systemClock)
  t.match(
    wrong.find(c => c.verdict === 'failed'),
    { check: 'redis.login', found: /WRONGPASS/ },
  )
})

t.test('what is not its own, it may not touch', async t => {
  const redis = connectRedis({ url, caFile }, () => undefined)
  await redis.connect()
  await t.rejects(redis.set('other:key', '1'), /NOPERM/)
  await t.rejects(redis.flushall(), /NOPERM/)
  redis.disconnect()
})

t.test('a file that is none is named before anything is connected', async t => {
  const file = join(dir, 'aladdin.yaml')
  const config = {
    ...labConfig(lab, { key: 'k' }),
    redis: { url, caFile: serverFile.replace('server.pem', 'server.csr') },
  }
  writeFileSync(file, JSON.stringify(config))
  const read = (more: object) => {
    writeFileSync(file, JSON.stringify({ ...config, redis: { ...config.redis, ...more } }))
    try {
      return readConfig(file, {})
    } catch (error) {
      return error instanceof BadConfig ? error.wrong : error
    }
  }
  t.match(read({ caFile: join(dir, 'nothing') }), ['redis.caFile cannot be read (ENOENT)'])
  t.match(read({ caFile, url: 'redis://127.0.0.1:6379' }), ['redis.caFile is of no use without TLS'])
  t.match(read({ caFile }), { redis: { url } })
})

t.end()
