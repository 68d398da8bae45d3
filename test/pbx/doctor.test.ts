/** The doctor beside a real PBX and Redis: all is well; then one thing after another is taken away, and it says which. */
import t from 'tap'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { labConfig } from '../../lab/daemon.js'
import { groundOf, startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { asked, openServer } from '../../lab/valkey.js'
import { openCluster } from '../../lab/valkey-cluster.js'
import { openWatched } from '../../lab/valkey-sentinel.js'
import { openAriConnection } from '../../src/ari/connection.js'
import type { Clock } from '../../src/base/clock.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { parseConfig, type Config } from '../../src/config.js'
import { startDaemon } from '../../src/daemon.js'
import type { Check } from '../../src/doctor/check.js'
import { examine } from '../../src/doctor/doctor.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})
const config = labConfig(lab, { key: 'ak_doctor' })
const [pbx] = config.pbxs
if (!pbx?.ari) throw new Error('the lab has no PBX')

const EVERYTHING = [
  'lab ami.booted',
  'lab ami.clock',
  'lab ami.login',
  'lab ami.reachable',
  'lab ami.read.agent',
  'lab ami.read.call',
  'lab ami.read.system',
  'lab ami.read.user',
  'lab ami.timestamps',
  'lab ami.version',
  'lab ami.write.agent',
  'lab ami.write.call',
  'lab ami.write.originate',
  'lab ami.write.reporting',
  'lab ami.writetimeout',
  'lab ari.app',
  'lab ari.login',
  'lab ari.reachable',
  'lab ari.version',
  'lab ari.write',
  'lab dialplan.aladdin-dial',
  'lab dialplan.fallback',
  'lab dialplan.outgoing',
  'lab dialplan.version',
  'lab endpoints.trunks',
  'lab features',
  'lab modules',
  'lab recordings.dir',
  'redis redis.eviction',
  'redis redis.persistence',
  'redis redis.reachable',
  'redis redis.role',
  'redis redis.version',
]

type Changes = {
  trunks?: string[]
  phones?: Record<string, string>
  ami?: Partial<typeof pbx.ami>
  ari?: Partial<typeof pbx.ari>
  redis?: string | object
}
const changed = ({ ami, ari, redis: url = config.redis.url ?? '', ...more }: Changes): Config =>
  parseConfig(
    JSON.stringify({
      ...config,
      pbxs: [{ ...pbx, ...more, ami: { ...pbx.ami, ...ami }, ari: { ...pbx.ari, ...ari } }],
      redis: typeof url === 'string' ? { url } : url,
    }),
    {},
  )

/** What is not well, by name; each with a mend. */
async function illsOf(changes: Changes = {}, clock: Clock = systemClock) {
  const checks = await examine(changed(changes), { clock, newId: () => randomToken() })
  const ill = checks.filter(({ verdict }) => verdict !== 'ok')
  for (const { check, verdict, mend } of ill) if (verdict === 'failed') t.ok(mend, `${check} has a mend`)
  return Object.fromEntries(ill.map(({ check, verdict, found }) => [check, `${verdict}: ${found}`]))
}

const etc = (file: string) => join(lab.dir, 'etc', file)
/** Changes a file of Asterisk's, has it read again, and puts back what was there. */
async function whileChanged(
  file: string,
  reload: string,
  change: (text: string) => string,
  then: () => Promise<unknown>,
) {
  const before = readFileSync(etc(file), 'utf8')
  const put = async (text: string) => {
    writeFileSync(etc(file), text)
    await lab.asterisk.cli(reload)
  }
  await put(change(before))
  await then()
  await put(before)
}

function run(args: string[]): Promise<{ code: number; out: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, ['build/src/main.js', 'doctor', ...args], (error, out) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
    )
  })
}

t.test('all is well', async t => {
  const checks = await examine(config, { clock: systemClock, newId: () => randomToken() })
  t.strictSame(
    checks.filter(({ verdict }) => verdict !== 'ok'),
    [],
  )
  t.strictSame(checks.map(({ about, check }) => `${about} ${check}`).sort(), EVERYTHING)
})

t.test('Asterisk 16 is well, too; the Redis of its time is too old, and no daemon starts on it', async t => {
  const older = await startLab({ asterisk: '16' })
  t.teardown(() => older.stop())
  const redis = await openServer({ ...groundOf(older), root: older.root }, { name: 'redis', port: await freeTcp(), options: [] }) // prettier-ignore
  const parts = { clock: systemClock, newId: () => randomToken() }
  const old = labConfig(older, { key: 'ak_doctor', redis: { url: redis.url } })
  const checks = await examine(old, parts)
  t.match(
    checks.filter(({ verdict }) => verdict !== 'ok'),
    [{ check: 'redis.version', verdict: 'failed', found: /^Redis 6\.0\.\d+ is too old$/ }],
  )
  t.equal(checks.filter(({ verdict }) => verdict !== 'ok').length, 1)
  t.match(checks.find(({ check }) => check === 'ami.version')?.found, /^Asterisk 16\./)
  const started = startDaemon(old, 'test', pino({ level: 'silent' }), () => undefined)
  await t.rejects(started, { message: /^Redis 6\.0\.\d+ is too old: it takes 6\.2 or later, or Valkey$/ })
})

t.test('docs/doctor.md names each check', async t => {
  const page = readFileSync('docs/doctor.md', 'utf8')
  const named = [...page.matchAll(/^\| `([\w.-]+)` +\|/gm)].map(([, name]) => name)
  const said = EVERYTHING.map(name => name.split(' ')[1])
  const onlyWhenIll = ['redis.login', 'redis.database', 'ami.write.more']
  const onlyWithFiles = ['areas.age']
  const onlyWithPhones = ['endpoints.phones']
  const onlyWhenMany = ['redis.sentinels', 'redis.cluster']
  const words = ['ok', 'FAILED', 'warning', 'unknown']
  t.strictSame(
    [...named].sort(),
    [...said, ...onlyWhenIll, ...onlyWithFiles, ...onlyWithPhones, ...onlyWhenMany, ...words].sort(),
  )
})

t.test('an endpoint that is misspelled is named', async t => {
  const said = await illsOf({ trunks: ['trunk', 'trnk'], phones: { alise: '1001' } })
  t.strictSame(said, {
    'endpoints.trunks': 'warning: the PBX has no endpoint trnk',
    'endpoints.phones': 'warning: the PBX has no endpoint alise',
  })
})

t.test('the command: one line for each, and a code', async t => {
  const file = join(lab.dir, 'aladdin.json')
  writeFileSync(file, JSON.stringify(config))
  const text = await run(['--config', file])
  t.equal(text.code, 0)
  t.match(text.out, /^ok +areas +areas\.age/m)
  t.match(text.out, /^ok +lab +ami\.write\.call +for hanging up/m)
  t.match(text.out, new RegExp(`^${EVERYTHING.length + 1} ok, 0 failed, 0 warnings, 0 unknown$`, 'm'))
  writeFileSync(file, JSON.stringify(changed({ ami: { secret: 'wrong' } })))
  const wrong = await run(['--config', file])
  t.equal(wrong.code, 1)
  t.match(
    wrong.out,
    /^FAILED +lab +ami\.login +login refused: Authentication failed; mend: manager\.conf, \[aladdin\]/m,
  )
  const json = await run(['--config', file, '--json'])
  t.equal(json.code, 1)
  const { ok, checks } = JSON.parse(json.out) as { ok: boolean; checks: Check[] }
  t.equal(ok, false)
  t.match(
    checks.find(({ check }) => check === 'ami.login'),
    { about: 'lab', verdict: 'failed' },
  )
  t.notMatch(json.out + wrong.out, lab.asterisk.ari.password, 'no secret is told')
})

t.test('AMI: not there, somebody else, not let in', async t => {
  t.match(await illsOf({ ami: { port: 1 } }), { 'ami.reachable': /failed: 127\.0\.0\.1:1: .*ECONNREFUSED/ })
  t.match(await illsOf({ ami: { port: lab.redis.port, replyWithinMs: 500 } }), { 'ami.reachable': /failed: / })
  t.strictSame(await illsOf({ ami: { user: 'nobody' } }), {
    'ami.login': 'failed: login refused: Authentication failed',
  })
})

t.test('AMI: rights', async t => {
  const users = `\n[weak]\nsecret = x\nread = system\nwrite = reporting\n\n[none]\nsecret = x\n\n[strong]\nsecret = x\nread = all\nwrite = all\nwritetimeout = 5000\n`
  await whileChanged(
    'manager.conf',
    'manager reload',
    text => text + users,
    async () => {
      t.match(await illsOf({ ami: { user: 'weak', secret: 'x' } }), {
        'ami.write.call': /^failed: missing, needed for hanging up/,
        'ami.write.originate': /^failed: missing, needed for click to dial/,
        'ami.write.agent': /^failed: /,
        'ami.read.call': /^failed: /,
        'ami.read.agent': /^failed: /,
        'ami.read.user': /^failed: missing, needed for how callers left queues/,
        'ami.writetimeout': /^warning: 100 ms/,
        'ami.write.reporting': undefined,
        'ami.read.system': undefined,
      })
      const none = await illsOf({ ami: { user: 'none', secret: 'x' } })
      t.match(none, { 'ami.write.reporting': /^failed: missing, needed for the snapshot/, 'ami.booted': /^failed: / })
      t.match(none['ami.read.call'], /^unknown: .*cannot be checked with these rights$/, 'what it cannot see it says')
      t.match(none['dialplan.aladdin-dial'], /^unknown: cannot be checked with these rights/)
      t.match(none['ami.timestamps'], /^unknown: .*cannot be checked/)
      t.strictSame(await illsOf({ ami: { user: 'strong', secret: 'x' } }), {
        'ami.write.more': 'warning: more than the daemon needs: command, config, system, user, agi',
      })
    },
  )
})

t.test('AMI: times', async t => {
  await whileChanged(
    'manager.conf',
    'manager reload',
    text => text.replace('timestampevents = yes', ''),
    async () => t.match(await illsOf(), { 'ami.timestamps': /^failed: timestampevents is off/ }),
  )
  const late: Clock = { ...systemClock, now: () => (systemClock.now() + 90_000) as EpochMs }
  const waking: Clock = { ...late, wake: (at, run) => systemClock.wake((at - 90_000) as EpochMs, run) }
  t.match(await illsOf({}, waking), { 'ami.clock': /^failed: the PBX's clock is (90|89)\d\d\d ms behind/ })
})

t.test('the dialplan', async t => {
  const without = (text: string) => text.replace(/^#include .*extensions-aladdin.*$/m, '')
  await whileChanged('extensions.conf', 'dialplan reload', without, async () =>
    t.strictSame(await illsOf(), {
      'dialplan.aladdin-dial': 'failed: missing: click to dial would ring the phone and then hang up',
    }),
  )
  const former = (text: string) =>
    text.replace(
      /^#include .*extensions-aladdin.*$/m,
      '[aladdin-dial]\nexten => 1,1,NoOp()\n[aladdin-go]\nexten => 1,1,NoOp()',
    )
  await whileChanged('extensions.conf', 'dialplan reload', former, async () =>
    t.match(await illsOf(), { 'dialplan.version': 'failed: is that of a former version: aladdin-on, aladdin-agent, aladdin-survey, aladdin-voicemail, aladdin-queue-back, aladdin-withdrawn, aladdin-sent-away, aladdin-callback missing' }),
  ) // prettier-ignore
  const elsewhere = (text: string) => text.replace('OUTGOING_CONTEXT = from-phones', 'OUTGOING_CONTEXT = from-nowhere')
  await whileChanged('extensions.conf', 'dialplan reload', elsewhere, async () =>
    t.match(await illsOf(), { 'dialplan.outgoing': /^failed: .* = from-nowhere, a context that does not exist$/ }),
  )
  const nowhere = (text: string) => text.replace('ALADDIN_FALLBACK = 2000', 'ALADDIN_FALLBACK = 7777')
  await whileChanged('extensions.conf', 'dialplan reload', nowhere, async () =>
    t.match(await illsOf(), { 'dialplan.fallback': /^failed: .* = 7777, which phones cannot dial/ }),
  )
  await whileChanged(
    'features.conf',
    'module reload features',
    text => `${text}\n[featuremap](+)\natxfer = *9\n`,
    async () => t.match(await illsOf(), { features: /^warning: transfers would not work: atxfer is \*9, not \*2$/ }),
  )
  t.strictSame(await illsOf(), {}, 'and all is well again')
})

t.test('ARI', async t => {
  t.match(await illsOf({ ari: { password: 'wrong' } }), { 'ari.login': /^failed: refused: .*401/ })
  t.match(await illsOf({ ari: { url: 'http://127.0.0.1:1' } }), { 'ari.reachable': /^failed: .*ECONNREFUSED/ })
  t.match(await illsOf({ ari: { url: `${pbx.ari?.url}/elsewhere` } }), { 'ari.reachable': /^failed: .*has no ARI$/ })
  const reader = '\n[reader]\ntype = user\npassword = x\nread_only = yes\n'
  await whileChanged(
    'ari.conf',
    'module reload res_ari.so',
    text => text + reader,
    async () =>
      t.match(await illsOf({ ari: { user: 'reader', password: 'x' } }), {
        'ari.write': /^failed: may only read \(403\)/,
      }),
  )
  await lab.asterisk.cli('module unload app_queue.so')
  t.strictSame(await illsOf(), {
    modules: 'warning: not loaded: app_queue.so (queues)',
    'ami.write.agent': 'unknown: app_queue is not loaded, so the right cannot be seen',
  })
  await lab.asterisk.cli('module load app_queue.so')
})

t.test('a daemon that runs is not disturbed', async t => {
  const daemons = openAriConnection({ ...lab.asterisk.ari, replyWithinMs: 2_000 }, systemClock, () => undefined)
  await daemons.opened
  const checks = await examine(config, { clock: systemClock, newId: () => randomToken() })
  t.match(
    checks.find(({ check }) => check === 'ari.app'),
    { found: 'aladdin is registered: a daemon runs' },
  )
  t.equal(await daemons.ping(2_000), true)
  daemons.close('done')
})

t.test('Redis', async t => {
  const whileSet = async (name: string, value: string, then: () => Promise<unknown>) => {
    const before = (await redis.config('GET', name)) as Record<string, string> | string[]
    const was = Array.isArray(before) ? before[1] : before[name]
    await redis.config('SET', name, value)
    await then()
    await redis.config('SET', name, was ?? '')
  }
  await whileSet('maxmemory-policy', 'allkeys-lru', async () =>
    t.match(await illsOf(), {
      'redis.eviction': /^failed: maxmemory-policy allkeys-lru: events and history may vanish/,
    }),
  )
  await whileSet('appendonly', 'no', async () => {
    t.match(await illsOf(), { 'redis.persistence': /^failed: appendonly no, save off/ })
    await whileSet('save', '3600 1', async () =>
      t.match(await illsOf(), { 'redis.persistence': /^warning: appendonly no, save 3600 1/ }),
    )
  })
  await whileSet('requirepass', 'x', async () => t.match(await illsOf(), { 'redis.login': /^failed: NOAUTH/ }))
  t.strictSame(await illsOf({ redis: `${lab.redis.url}/99` }), {
    'redis.database': 'failed: ERR DB index is out of range',
  })
  t.match(await illsOf({ redis: 'redis://127.0.0.1:1' }), { 'redis.reachable': /^failed: .*ECONNREFUSED/ })
})

t.test('Redis behind Sentinels', async t => {
  const { name, sentinels, primary, replica } = await openWatched(groundOf(lab))
  const places = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }))
  const sentinel = { name, sentinels: places }
  t.strictSame(await illsOf({ redis: { sentinel } }), {})
  t.strictSame(await illsOf({ redis: { sentinel: { ...sentinel, db: 99 } } }), {
    'redis.database': 'failed: ERR DB index is out of range',
  })
  t.match(await illsOf({ redis: { sentinel: { ...sentinel, name: 'other' } } }), {
    'redis.sentinels': /^failed: .*No such master with that name/,
    'redis.reachable': undefined,
  })
  const nobody = [{ host: '127.0.0.1', port: 1 }]
  t.match(await illsOf({ redis: { sentinel: { name, sentinels: nobody } } }), {
    'redis.sentinels': /^failed: .*ECONNREFUSED/,
  })
  t.match(await illsOf({ redis: { sentinel: { name, sentinels: [...places, ...nobody] } } }), {
    'redis.sentinels': /^warning: 127\.0\.0\.1:1: .*ECONNREFUSED/,
  })
  for (const { port } of [primary, replica]) {
    await asked(port, one => one.config('SET', 'masterauth', 's3cret'))
    await asked(port, one => one.config('SET', 'requirepass', 's3cret'))
  }
  t.match(await illsOf({ redis: { sentinel } }), { 'redis.login': /^failed: NOAUTH/ })
  t.strictSame(await illsOf({ redis: { sentinel: { ...sentinel, password: 's3cret' } } }), {})
})

t.test('Redis as a Cluster', async t => {
  const { places, nodes } = await openCluster(groundOf(lab))
  const cluster = { nodes: places.slice(0, 2) }
  t.strictSame(await illsOf({ redis: { cluster } }), {})
  const [first, , , replica] = nodes
  if (!first || !replica) throw new Error('there are no nodes')
  await asked(first.valkey.port, one => one.config('SET', 'maxmemory-policy', 'allkeys-lru'))
  await replica.valkey.kill()
  t.match(await illsOf({ redis: { cluster } }), {
    'redis.eviction': new RegExp(`^failed: 127.0.0.1:${first.valkey.port}: maxmemory-policy allkeys-lru`),
    'redis.cluster': new RegExp(`^warning: .*no replica: 127.0.0.1:${first.valkey.port}$`),
  })
  await asked(nodes[1]?.valkey.port ?? 0, one => one.call('CLUSTER', 'DELSLOTSRANGE', 6_000, 6_010))
  t.match(await illsOf({ redis: { cluster: { nodes: places.slice(1, 2) } } }), { 'redis.cluster': /^failed: / })
  t.match(await illsOf({ redis: { cluster: { nodes: [{ host: '127.0.0.1', port: 1 }] } } }), {
    'redis.reachable': /^failed: /,
  })
})

t.end()
