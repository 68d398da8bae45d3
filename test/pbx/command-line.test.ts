/** The daemon as it is installed: a process of its own, with a configuration that names a PBX and a Redis. */
import t from 'tap'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { retry } from '../../lab/wait.js'

const lab = await startLab()
t.teardown(() => lab.stop())

type Ended = { code: number | null; out: string; err: string }
function aladdin(args: string[], env: Record<string, string> = {}, program = ['build/src/main.js']) {
  const child = spawn(process.execPath, [...program, ...args], { cwd: CHECKOUT, env: { ...process.env, ...env } })
  t.teardown(() => child.kill('SIGKILL'))
  const written = { out: '', err: '' }
  child.stdout.on('data', (d: Buffer) => (written.out += d.toString()))
  child.stderr.on('data', (d: Buffer) => (written.err += d.toString()))
  const ended = new Promise<Ended>(resolve => child.on('close', code => resolve({ code, ...written })))
  return { ended, written, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

const key = /ak_[A-Za-z0-9_-]{43}/
async function aConfig(redis = lab.redis.url) {
  const made = (await aladdin(['key', 'crm']).ended).out
  const { ami, ari } = lab.asterisk
  const port = await freeTcp()
  const file = join(lab.dir, `aladdin-${port}.yaml`)
  const line = made.split('\n').find(l => l.includes('sha256')) ?? ''
  writeFileSync(
    file,
    `pbxs:\n  - name: hq\n    ami: { port: ${ami.port}, secret: '\${AMI}' }\n    ari: { url: '${ari.url}', password: '\${ARI}' }\n    trunks: [trunk]\nredis: { url: '${redis}', prefix: cli }\nevents: { journal: { dir: '${lab.dir}/journal-${port}' } }\napi:\n  port: ${port}\n  keys:\n${line.replace(/^ {2}/, '    ')}\n`,
  )
  return {
    file,
    key: key.exec(made)?.[0] ?? '',
    api: `http://127.0.0.1:${port}`,
    env: { AMI: ami.secret, ARI: ari.password },
  }
}
const ready = (api: string) =>
  retry(lab.clock, `${api} to be ready`, 30_000, async () =>
    (await fetch(`${api}/readyz`).catch(() => undefined))?.status === 200 ? true : undefined,
  )

t.test('a key, a check, a start, an answer, a stop', async t => {
  const { file, key, api, env } = await aConfig()
  t.strictSame(await aladdin(['check', '--config', file], env).ended, {
    code: 0,
    out: 'the configuration is sound\n',
    err: '',
  })
  const daemon = aladdin(['start'], { ...env, ALADDIN_CONFIG: file })
  await ready(api)
  t.equal((await fetch(`${api}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } })).status, 200)
  t.equal((await fetch(`${api}/v1/snapshot`)).status, 401)
  daemon.kill('SIGTERM')
  const { code, err, out } = await daemon.ended
  t.equal(code, 0)
  for (const secret of [key, ...Object.values(env)]) t.notMatch(err + out, secret, 'no secret in the log')
})

t.test('npm start with a configuration starts the daemon alone', async t => {
  const { file, api, env } = await aConfig()
  const daemon = aladdin(['--config', file], env, ['scripts/start.mjs'])
  await ready(api)
  daemon.kill('SIGINT')
  t.equal((await daemon.ended).code, 0)
})

t.test('a second daemon takes over, and the first ends', async t => {
  const { file, api, env } = await aConfig()
  const first = aladdin(['start', '--config', file], env)
  await ready(api)
  const other = await aConfig()
  const second = aladdin(['start', '--config', other.file], env)
  await ready(other.api)
  // The first learns of it when it has something to write: that its link is cut.
  await lab.asterisk.kill()
  const { code, err } = await first.ended
  t.equal(code, 3)
  t.match(err, /another (engine|daemon) writes for this PBX/)
  await lab.asterisk.start()
  await ready(other.api)
  second.kill('SIGTERM')
  t.equal((await second.ended).code, 0)
})

t.test('a check fails where Redis lacks the database', async t => {
  const { file, env } = await aConfig(`${lab.redis.url}/99`)
  t.match(await aladdin(['check', '--config', file], env).ended, {
    code: 1,
    out: '',
    err: 'Error: bad configuration:\n  - redis.url: ERR DB index is out of range\n',
  })
})

t.test('a Redis that is not there yet is waited for; a signal ends the waiting', async t => {
  const { file, env } = await aConfig('redis://127.0.0.1:1')
  const daemon = aladdin(['start', '--config', file], env)
  await retry(lab.clock, 'it to say so', 20_000, () =>
    Promise.resolve(/trying again/.test(daemon.written.err) || undefined),
  )
  daemon.kill('SIGTERM')
  t.equal((await daemon.ended).code, 0)
})

t.test('what is wrong is said on the terminal', async t => {
  t.match(await aladdin([]).ended, { code: 2, err: /aladdin start --config FILE/ })
  t.match(await aladdin(['start', '--config', '/nowhere.yaml']).ended, {
    code: 1,
    err: /\/nowhere.yaml cannot be read \(ENOENT\)/,
  })
  t.match(await aladdin(['--version']).ended, { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
  t.match(await aladdin(['--wrong']).ended, { code: 2, err: /^[^\n]*--wrong[^\n]*\n/ })
})

t.end()
