/** Every driver of ARI behind the same port, beside the same PBX; and what ari-client does instead of what it should. */
import t, { type Test } from 'tap'
import { freeze } from '../given/freeze.js'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { ariDriver, type AriDriver } from '../../src/ari/drivers/choose.js'
import { createAriLink } from '../../src/ari/link.js'
import { sleep } from '../../src/base/clock.js'
import type { LegId } from '../../src/base/ids.js'
import { systemClock } from '../../src/base/system.js'
import { parseConfig } from '../../src/config.js'
import { startDaemon } from '../../src/daemon.js'
import type { Action } from '../../src/pbx/actions.js'
import type { Link } from '../../src/pbx/link.js'

const PATIENCE_MS = 15_000
const REPLY_WITHIN_MS = 1_000
const lab = await startLab()
t.teardown(() => lab.stop())

const hangup = (leg: string): Action => ({ do: 'hangup', leg: leg as LegId, causeQ850: 16 })
const refused = (error: string) => ({ ok: false, error })

async function aLink(
  driver: AriDriver,
  changes: { password?: string; url?: string; app?: string } = {},
): Promise<Link> {
  const link = createAriLink({
    settings: { ...lab.asterisk.ari, replyWithinMs: REPLY_WITHIN_MS, pingEveryMs: 2_000, ...changes },
    clock: systemClock,
    retry: { clock: systemClock, random: () => 0.5, atMostMs: 500 },
    open: await ariDriver(driver),
  })
  link.start(() => undefined)
  return link
}

const toBe = (link: Link, state: string) =>
  retry(systemClock, state, PATIENCE_MS, async () => (link.status().state === state ? true : undefined))

const registered = async () => (await lab.asterisk.cli('ari show apps')).includes('aladdin')

/** Stands before the PBX, counts how often the application is registered, and cuts all connections. */
async function aRelay(t: Pick<Test, 'teardown'>) {
  let registered = 0
  const sockets = new Set<Socket>()
  const server = createTcpServer(near => {
    const far = connect(Number(new URL(lab.asterisk.ari.url).port), '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => [near, far].forEach(one => one.destroy()))
    }
    near.on('data', data => (registered += data.toString('latin1').startsWith('GET /ari/events') ? 1 : 0))
    near.pipe(far).pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => sockets.forEach(socket => socket.destroy())
  t.teardown(() => {
    cut()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, registered: () => registered, cut }
}

/** Registers the application, and again whenever it is taken from it. */
function anotherClient(t: Pick<Test, 'teardown'>, app: string) {
  const { url, user, password } = lab.asterisk.ari
  const address = `${url.replace('http', 'ws')}/ari/events?app=${app}`
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  let [times, socket, running] = [0, undefined as WebSocket | undefined, true]
  const take = () => {
    if (!running) return
    times += 1
    const mine = (socket = new WebSocket(address, { headers: { authorization } }))
    mine.on('error', () => undefined)
    mine.on('message', (data: Buffer) => {
      if (!data.toString().includes('"ApplicationReplaced"')) return
      mine.terminate()
      take()
    })
  }
  take()
  const stop = () => {
    running = false
    socket?.terminate()
  }
  t.teardown(stop)
  return { times: () => times, stop }
}

for (const driver of ['own', 'ari-client'] satisfies AriDriver[])
  t.test(driver, async t => {
    const link = await aLink(driver)
    t.teardown(() => link.stop())

    t.test('connects: version, and the application registered', async t => {
      await toBe(link, 'ready')
      t.match(link.status(), { version: /^22\./ })
      t.ok(await registered())
    })

    t.test('actions: taken, refused, and never sent', async t => {
      const [ana, ben] = await Promise.all([
        openPhone(lab, { extension: '1001' }),
        openPhone(lab, { extension: '1002', answers: { afterMs: 50 } }),
      ])
      await ana.dial('1002')
      await ana.until('established')
      const [leg = ''] =
        (await lab.asterisk.cli('core show channels concise')).split('\n')[0]?.split('!').slice(-1) ?? []
      t.strictSame(await link.send(hangup(leg), 'x'), { ok: true, value: undefined })
      await ana.until('closed')
      t.strictSame(await link.send(hangup('nobody.1'), 'x'), refused('COMMAND_REFUSED'))
      for (const bad of ['1.1/../../asterisk', '1.1?reason=x', '1.1\r\nX: y', ''])
        t.strictSame(await link.send(hangup(bad), 'x'), refused('BAD_REQUEST'), bad)
      await Promise.all([ana.close(), ben.close()])
    })

    t.test('a PBX that says nothing: PBX_SILENT, then it is given up, and taken up again', async t => {
      const pid = lab.asterisk.pid()
      if (pid === undefined) throw new Error('Asterisk does not run')
      await freeze(pid)
      t.strictSame(await link.send(hangup('nobody.1'), 'x'), refused('PBX_SILENT'))
      await toBe(link, 'connecting')
      process.kill(pid, 'SIGCONT')
      await toBe(link, 'ready')
    })

    t.test('Asterisk is killed and comes back: registered again, once, and for good', async t => {
      await lab.asterisk.kill()
      await toBe(link, 'connecting')
      t.strictSame(await link.send(hangup('nobody.1'), 'x'), refused('PBX_DOWN'))
      await sleep(systemClock, 500)
      await lab.asterisk.start()
      await toBe(link, 'ready')
      for (let i = 0; i < 15; i += 1) {
        t.equal(link.status().state, 'ready', 'nobody else takes its place')
        await sleep(systemClock, 100)
      }
      t.ok(await registered())
    })

    t.test('the connection is cut: one new one is made, and none beside it', async t => {
      const relay = await aRelay(t)
      // An application of its own: it would take that of the other one.
      const cut = await aLink(driver, { url: relay.url, app: 'cut' })
      await toBe(cut, 'ready')
      t.equal(relay.registered(), 1)
      relay.cut()
      await toBe(cut, 'connecting')
      await toBe(cut, 'ready')
      await sleep(systemClock, 1_000)
      t.equal(relay.registered(), 2)
      t.equal(cut.status().state, 'ready')
      await cut.stop()
    })

    t.test('another client takes the application: said to be, and not fought in a loop', async t => {
      const app = `taken-${driver}`
      const taken = await aLink(driver, { app })
      await toBe(taken, 'ready')
      const other = anotherClient(t, app)
      await toBe(taken, 'replaced')
      t.match(taken.status(), { lastError: 'another client has registered the application' })
      t.strictSame(await taken.send(hangup('nobody.1'), 'x'), refused('PBX_DOWN'))
      await sleep(systemClock, 6_000)
      t.ok(other.times() <= 5, `the other one had to take it again ${other.times()} times in 6 s`)
      other.stop()
      await toBe(taken, 'ready')
      await taken.stop()
    })

    t.test('a wrong password, and nobody there', async t => {
      const wrong = await aLink(driver, { password: 'wrong' })
      const why = await retry(systemClock, 'a reason', PATIENCE_MS, async () => wrong.status().lastError)
      t.match(why, /401|Authentication|not authorized/i)
      t.equal(wrong.status().state, 'refused')
      await wrong.stop()
      const nobody = await aLink(driver, { url: 'http://127.0.0.1:1' })
      t.match(await retry(systemClock, 'a reason', PATIENCE_MS, async () => nobody.status().lastError), /ECONNREFUSED/)
      await nobody.stop()
      t.equal(link.status().state, 'ready')
    })
  })

t.test('the daemon with both of the packages', async t => {
  const config = labConfig(lab, { key: 'ak_drivers' })
  const [pbx] = config.pbxs
  if (!pbx?.ari) throw new Error('the lab has no PBX')
  const drivers = { ami: { ...pbx.ami, driver: 'asterisk-manager' }, ari: { ...pbx.ari, driver: 'ari-client' } }
  const chosen = parseConfig(JSON.stringify({ ...config, pbxs: [{ ...pbx, ...drivers }] }), {})
  const daemon = await startDaemon(chosen, 'test', pino({ level: 'silent' }), () => undefined)
  const ready = async () => (await fetch(`${daemon.address}/readyz`)).status === 200
  await retry(systemClock, 'the daemon to be ready', PATIENCE_MS, async () => ((await ready()) ? true : undefined))
  t.equal(await ready(), true)
  await daemon.stop()
})

t.test('ari-client is not installed: a clear error', async t => {
  const script = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(\`export function resolve(name, context, next) {
      if (name === 'ari-client') throw Object.assign(new Error('none'), { code: 'ERR_MODULE_NOT_FOUND' })
      return next(name, context)
    }\`))
    const { ariDriver } = await import('./build/src/ari/drivers/choose.js')
    await ariDriver('own')
    await ariDriver('ari-client').catch(error => console.log(error.message))`
  const said = await new Promise<string>(resolve => {
    execFile(process.execPath, ['--input-type=module', '-e', script], (_, out, err) => resolve(out + err))
  })
  t.match(said, /^ari\.driver is ari-client, which is not installed: npm install ari-client@2\.2\.0/)
})

t.test('known difference: refused, the package throws where nobody can catch it; the driver asks first', async t => {
  const { url, user } = lab.asterisk.ari
  const script = `
    import ariClient from 'ari-client'
    ariClient.connect('${url}', '${user}', 'wrong').catch(() => console.log('caught'))`
  const { code, err } = await new Promise<{ code: unknown; err: string }>(resolve => {
    execFile(process.execPath, ['--input-type=module', '-e', script], (error, _, err) =>
      resolve({ code: error?.code ?? 0, err }),
    )
  })
  t.not(code, 0)
  t.match(err, /throw message;\s+\^\s+401/)
})

t.test('the PBX goes away, or refuses, while ari-client loads: the daemon lives, and tries again', async t => {
  for (const answer of ['refuses', 'goes'] as const) {
    let pages = 0
    const server = createServer((_, response) => {
      pages += 1
      // The first is what the driver asks before; the package asks for the same page.
      if (pages === 1) response.end('{}')
      else if (answer === 'refuses') response.writeHead(401).end()
      else response.destroy()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const link = await aLink('ari-client', { url })
    t.ok(await retry(systemClock, 'a reason', PATIENCE_MS, () => Promise.resolve(link.status().lastError)), answer)
    const before = pages
    t.ok(before >= 2, 'the package had begun')
    await retry(systemClock, 'another try', PATIENCE_MS, () => Promise.resolve(pages > before || undefined))
    await link.stop()
    server.closeAllConnections()
    server.close()
  }
})

t.test('known difference: a prefix in the address', async t => {
  const paths: string[] = []
  const server = createServer(({ url = '' }, response) => {
    paths.push(url)
    response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pbx`
  for (const driver of ['own', 'ari-client'] satisfies AriDriver[]) {
    const link = await aLink(driver, { url })
    const why = await retry(systemClock, 'a reason', PATIENCE_MS, async () => link.status().lastError)
    t.match(why, driver === 'own' ? /404/ : /^ari-client knows no prefix in ari\.url$/)
    await link.stop()
  }
  server.close()
  t.ok(paths.length === 0 || paths.every(path => path.startsWith('/pbx/')), 'and asks nothing elsewhere')
})

t.end()
