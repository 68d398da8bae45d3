/** `aladdin reconcile` on a machine that has much to do: an answer of Redis that is read late is an answer. */
import t from 'tap'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { EpochMs } from '../../src/base/ids.js'
import { parseConfig } from '../../src/config.js'
import { reconcileFiles } from '../../src/reconcile-command.js'

/** Longer than the daemon waits for an answer. */
const BUSY_MS = 1_200

const NOTHING_FOUND = '*3\r\n$3\r\nend\r\n$0\r\n\r\n$0\r\n\r\n'
const ANSWERS: Readonly<Record<string, string>> = { evalsha: NOTHING_FOUND, xrange: '*0\r\n', info: '$0\r\n\r\n' }

/** A Redis in which nothing is kept. This process is busy when it has answered: its timers run before it reads the answer. */
async function aRedis(): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer(client => {
    client.on('data', data => {
      const names = [...data.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)].map(([, name = '']) => name)
      for (const name of names) client.write(ANSWERS[name] ?? '+OK\r\n')
      asked.push(...names)
      if (names.some(name => name === 'xrange' || name === 'evalsha'))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

t.test('the process is busy with the files of the PBX when Redis answers', async t => {
  const { url, asked } = await aRedis()
  const cel = join(t.testdir(), 'cel.csv')
  writeFileSync(cel, '')
  const config = parseConfig(
    JSON.stringify({
      redis: { url },
      pbxs: [{ name: 'lab', ami: { secret: 'x' } }],
      api: { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] },
    }),
    {},
  )
  const [pbx] = config.pbxs
  if (!pbx) throw new Error('it has one')
  const files = { cel, cdr: '', queueLog: '', utcOffsetMinutes: 0 }
  const found = await reconcileFiles(config, { pbx, files, from: 0 as EpochMs, until: 1_000 as EpochMs })
  t.match(found, { calls: 0, unexplained: 0, badLines: 0 })
  t.ok(asked.includes('xrange') && asked.includes('evalsha'), asked.join())
})
