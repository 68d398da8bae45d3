/**
 * Runs the image as compose.yaml does, with the same configuration, and proves what an engine relies on: who it runs as,
 * that the health check tells the truth, and that it ends when told to. Runs in a network namespace of its own.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { containerOf, settingsOf } from './buildah.mjs'
import { asked, fail, Failed, run, start, step } from './run.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const API = 'http://127.0.0.1:8080'
/** The other services of compose.yaml; their names lead to this network's own loopback. */
const SERVICES = ['valkey', 'asterisk']
const STOPS_WITHIN_MS = 5_000

function must(truth, what) {
  if (!truth) throw new Failed(`Not so: ${what}.`)
}

/** `running`, if it is something that runs, has to go on running meanwhile. */
async function until(what, withinMs, isTrue, running) {
  let ended = false
  void running?.ended.then(() => (ended = true))
  for (const before = Date.now(); Date.now() - before < withinMs && !ended; await sleep(250)) if (await isTrue()) return
  throw new Failed(`Not within ${withinMs / 1000} s: ${what}.`)
}

/** The process that buildah has started in the end, by parent: the only one without a child of its own. */
function leafOf(pid) {
  const parents = readdirSync('/proc').filter(name => /^\d+$/.test(name) && existsSync(`/proc/${name}/stat`))
  const child = parents.find(
    name => readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid),
  )
  return child === undefined ? pid : leafOf(child)
}

const uidsOf = pid => /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1].split('\t')
const codeOf = async ({ ended }) => (await ended).code
const statusOf = async (path, headers = {}) =>
  (await fetch(API + path, { headers }).catch(() => ({ status: 0 }))).status

/** The secrets, made as a user makes them. */
async function secrets() {
  const file = `${asked.folder}/env`
  const said = await run('sh', [`${root}/config/container/make-env.sh`, file])
  const env = Object.fromEntries(
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => line.split('=')),
  )
  return { env, key: /ak_\w+/.exec(said)[0] }
}

async function stops(what, { pid, ended }) {
  process.kill(leafOf(pid), 'SIGTERM')
  const result = await Promise.race([ended, sleep(STOPS_WITHIN_MS)])
  must(result?.code === 0, `${what} ends with 0 within 5 s of SIGTERM`)
}

async function trial() {
  const { env, key } = await secrets()
  startRedis()
  const asterisk = asked.asterisk ? await step('Asterisk starts', () => startAsterisk(env)) : undefined
  const { user, command, entry, health } = await settingsOf('aladdin-cti')
  const config = `${root}/config/container/aladdin.yaml:/etc/aladdin/aladdin.yaml:ro`
  const inContainer = await containerOf('aladdin-cti', [config], env, SERVICES)
  // buildah removes mount points when a command ends, also under the feet of another one in the same container.
  const beside = await containerOf('aladdin-cti', [], {})
  const healthy = async () => (await codeOf(beside(health))) === 0
  must((await beside([...entry, 'key', 'crm']).ended).out.includes('sha256'), 'another command can be given')
  must(!(await healthy()), 'the health check fails while nothing runs')

  const daemon = await step(`the daemon starts as user ${user}; its health check succeeds`, async () => {
    const running = inContainer(command)
    await until('the health check succeeds', 20_000, healthy, running)
    const uids = uidsOf(leafOf(running.pid))
    must(
      uids.every(uid => uid === user.split(':')[0] && uid !== '0'),
      `it runs as ${user} and not as root`,
    )
    return running
  })
  await step('/healthz answers, and the API to the right key only', async () => {
    must((await statusOf('/healthz')) === 200, '/healthz answers 200')
    must((await statusOf('/v1/snapshot')) === 401, '/v1/snapshot answers 401 without a key')
    must((await statusOf('/v1/snapshot', { authorization: `Bearer ${key}` })) !== 401, 'the key is taken')
  })
  if (asterisk)
    await step('AMI and ARI of the Asterisk image are ready', () =>
      until('/readyz answers 200', 15_000, async () => (await statusOf('/readyz')) === 200),
    )
  else must((await statusOf('/readyz')) === 503, '/readyz answers 503 without a PBX')
  await step('the daemon ends with 0 after SIGTERM', () => stops('the daemon', daemon))
  if (asterisk) await step('Asterisk ends with 0 after SIGTERM', () => stops('Asterisk', asterisk))
}

function startRedis() {
  const data = `${asked.folder}/redis`
  mkdirSync(data)
  start('redis-server', `--bind 127.0.0.1 --appendonly yes --maxmemory-policy noeviction --dir ${data}`.split(' '))
}

async function startAsterisk(env) {
  const { command, health } = await settingsOf('aladdin-cti-asterisk')
  const inContainer = await containerOf('aladdin-cti-asterisk', [], env)
  const running = inContainer(command)
  await until('Asterisk has booted', 30_000, async () => (await codeOf(inContainer(health))) === 0, running)
  return running
}

trial().then(() => process.exit(0), fail)
