/**
 * The drivers of AMI beside a server that misbehaves: what holds for each of them, and what asterisk-manager does instead
 * of what it should, as docs/decisions/0007-second-drivers.md tells it.
 */
import t from 'tap'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { watch } from '../../lab/wait.js'
import type { AmiAddress, Connection } from '../../src/ami/connection.js'
import { amiDriver, type AmiDriver } from '../../src/ami/drivers/choose.js'
import type { Frame } from '../../src/ami/parse.js'
import { inTime, sleep } from '../../src/base/clock.js'
import { systemClock } from '../../src/base/system.js'
import { anAmiServer, GREETING, yes } from '../given/ami-server.js'

const DRIVERS: AmiDriver[] = ['own', 'asterisk-manager']
const WITHIN_MS = 2_000
/** How long a test looks that something does not come. */
const LOOK_MS = 200
const no = (error: string) => ({ ok: false, error })

function connect(driver: AmiDriver, address: AmiAddress) {
  const events = watch<Frame>(systemClock, ({ name }) => name)
  const connection = amiDriver(driver)(address, systemClock, frames => frames.forEach(events.tell))
  t.teardown(() => connection.close('the test is over'))
  return { connection, events, until: (name: string) => events.until(name, f => f.name === name, WITHIN_MS) }
}

const login = (connection: Connection, withinMs = WITHIN_MS) =>
  connection.ask('Login', [['Username', 'u'], ['Secret', 's'], ['Events', 'on']], 'login-1', withinMs) // prettier-ignore

for (const driver of DRIVERS)
  t.test(driver, async t => {
    t.test('CR, LF and NUL are refused, in a value, a header and an id', async t => {
      const server = await anAmiServer(t)
      const { connection } = connect(driver, server.address)
      t.equal((await login(connection)).ok, true)
      const before = server.heard()
      for (const bad of ['\r\nAction: Command', '\nAction: Command', '\r', '\0', '\n\n'])
        t.strictSame(await connection.ask('Ping', [['Extra', `a${bad}`]], 'p', WITHIN_MS), no('BAD_REQUEST'))
      t.strictSame(await connection.ask('Ping', [['Extra\r\nAction', 'x']], 'p', WITHIN_MS), no('BAD_REQUEST'))
      t.strictSame(await connection.ask('Ping', [], 'p\r\nX: y', WITHIN_MS), no('BAD_REQUEST'))
      t.strictSame(await connection.ask('Command' as never, [['Command', 'x']], 'p', WITHIN_MS), no('BAD_REQUEST'))
      t.equal((await connection.ask('Ping', [], 'good', WITHIN_MS)).ok, true)
      t.match(server.heard().slice(before.length), /^Action: Ping\r\nActionID: good\r\n\r\n$/, 'none of it was sent')
    })

    t.test('what is sent: a line for each variable, and no events where none are wanted', async t => {
      const { address, heard } = await anAmiServer(t)
      const { connection } = connect(driver, address)
      await connection.ask('Login', [['Username', 'u'], ['Secret', 's'], ['Events', 'off']], 'x', WITHIN_MS) // prettier-ignore
      t.match(
        heard(),
        driver === 'own' ? /^Events: off\r\n/m : /^Action: Events\r\nActionID: .*\r\nEventmask: off\r\n/m,
      )
      const variables = ['ALADDIN_FROM=1001', 'PJSIP_HEADER(add,Call-Info)=<sip:x>;answer-after=0']
      const fields = variables.map(text => ['Variable', text] as const)
      await connection.ask('Originate', [['Channel', 'PJSIP/1001'], ...fields], 'y', WITHIN_MS)
      const lines = heard().split('\r\n').filter(line => line.startsWith('Variable: ')) // prettier-ignore
      t.strictSame(
        lines,
        variables.map(text => `Variable: ${text}`),
      )
    })

    t.test('our own ActionID: the answer to another one is not ours', async t => {
      const other = (name: string, id: string) => (name === 'Ping' ? yes(name, 'other') : '') + yes(name, id)
      const { address } = await anAmiServer(t, { answer: other })
      const { connection } = connect(driver, address)
      await login(connection)
      const reply = await connection.ask('Ping', [], 'mine', WITHIN_MS)
      t.equal(reply.ok && reply.value.response.get('ActionID'), 'mine')
    })

    t.test('without an answer: a deadline, and the end of the connection for all that wait', async t => {
      const { address } = await anAmiServer(t, { answer: (name, id) => (name === 'Ping' ? '' : yes(name, id)) })
      const { connection } = connect(driver, address)
      await login(connection)
      t.strictSame(await connection.ask('Ping', [], 'a', 50), no('PBX_SILENT'))
      const waiting = connection.ask('Ping', [], 'b', WITHIN_MS)
      connection.close('enough')
      t.strictSame(await waiting, no('PBX_SILENT'))
      t.strictSame(await connection.ask('Ping', [], 'c', WITHIN_MS), no('PBX_DOWN'))
      t.equal(await connection.closed, 'enough')
    })

    t.test('an event may carry any ActionID, also one that the package has a use for', async t => {
      const { address, tell } = await anAmiServer(t)
      const { connection, events, until } = connect(driver, address)
      await login(connection)
      const ids = ['close', 'rawevent', 'error', 'end', 'connect']
      for (const id of ids) tell(`Event: OriginateResponse\r\nResponse: Failure\r\nActionID: ${id}\r\n\r\n`)
      tell('Event: Last\r\n\r\n')
      await until('Last')
      t.strictSame(
        events.history.map(event => event.get('ActionID')),
        [...ids, undefined],
      )
      t.equal((await connection.ask('Ping', [], 'p', WITHIN_MS)).ok, true)
    })

    t.test('cut in the middle of an event: the next connection knows nothing of it', async t => {
      const server = await anAmiServer(t)
      const first = connect(driver, server.address)
      await login(first.connection)
      server.tell('Event: QueueMember\r\nActionID: 77')
      server.sockets[0]?.destroySoon()
      t.match(await first.connection.closed, /closed the connection|ECONNRESET/)
      const second = connect(driver, server.address)
      t.equal((await login(second.connection)).ok, true)
      server.tell('Event: First\r\n\r\n')
      await second.until('First')
      t.strictSame(
        [...first.events.history, ...second.events.history].map(({ name }) => name),
        ['First'],
      )
      t.equal(second.connection.banner(), GREETING.trim())
    })

    t.test('nobody there', async t => {
      const { connection } = connect(driver, { host: '127.0.0.1', port: 1, tls: false })
      t.match(await connection.closed, /ECONNREFUSED/)
      t.strictSame(await login(connection), no('PBX_DOWN'))
    })
  })

/** Each with what our own driver does, and what this one does instead. */
t.test('known differences', async t => {
  t.test(
    'before the login: ours sends what it is told; the package would send it later, so its driver refuses',
    async t => {
      const server = await anAmiServer(t)
      const { connection } = connect('asterisk-manager', server.address)
      t.strictSame(await connection.ask('Ping', [], 'early', WITHIN_MS), no('PBX_DOWN'))
      await login(connection)
      await connection.ask('Ping', [], 'now', WITHIN_MS)
      t.notMatch(server.heard(), 'early')
      const own = connect('own', server.address)
      t.equal((await own.connection.ask('Ping', [], 'early', WITHIN_MS)).ok, true)
    },
  )

  t.test('a foreign greeting: ours ends; the package does not look at it', async t => {
    const { address } = await anAmiServer(t, { greeting: 'SSH-2.0-OpenSSH\r\n', answer: () => '' })
    const own = connect('own', address)
    t.equal(await own.connection.closed, 'the greeting is not that of AMI')
    const { connection } = connect('asterisk-manager', address)
    t.strictSame(await login(connection, LOOK_MS), no('PBX_SILENT'), 'only the deadline ends it')
  })

  t.test('a frame without an end: ours gives up at 1 MB; the package gathers it', async t => {
    const { address, tell } = await anAmiServer(t)
    const endless = `Event: Endless\r\nX: ${'x'.repeat(2 << 20)}`
    const own = connect('own', address)
    await login(own.connection)
    tell(endless)
    t.match(await own.connection.closed, /a frame of more than 1048576 bytes/)
    const { connection, until } = connect('asterisk-manager', address)
    await login(connection)
    tell(`${endless}\r\n\r\n`)
    t.equal((await until('Endless')).get('X')?.length, 2 << 20)
  })

  t.test('closed by us: ours is gone; the package only says that it will send no more', async t => {
    for (const driver of DRIVERS) {
      const server = await anAmiServer(t)
      const { connection } = connect(driver, server.address)
      await login(connection)
      const [socket] = server.sockets
      const gone = new Promise(resolve => socket?.on('close', resolve))
      connection.close('enough')
      await sleep(systemClock, 50)
      for (let i = 0; i < 3; i += 1) {
        server.tell('Event: More\r\n\r\n')
        await sleep(systemClock, 10)
      }
      t.equal(await inTime(systemClock, LOOK_MS, gone), driver === 'own', driver)
    }
  })

  t.test('TLS: the package has none', async t => {
    const { connection } = connect('asterisk-manager', { host: '127.0.0.1', port: 1, tls: true })
    t.equal(await connection.closed, 'asterisk-manager knows no TLS')
  })

  t.test('the package alone: an event from outside ends the process, so its dispatcher is taken out', async t => {
    const script = `
      import createManager from 'asterisk-manager'
      const manager = createManager()
      manager.emit('rawevent', { event: 'OriginateResponse', response: 'Failure', actionid: 'rawevent' })`
    const { code, said } = await new Promise<{ code: unknown; said: string }>(resolve => {
      execFile(process.execPath, ['--input-type=module', '-e', script], (error, _, said) =>
        resolve({ code: error?.code ?? 0, said }),
      )
    })
    t.equal(code, 1)
    t.match(said, /TypeError: Cannot read properties of undefined \(reading 'response'\)/)
  })
})

t.test('one file imports each package', async t => {
  const files = readdirSync('src', { encoding: 'utf8', recursive: true }).filter(file => /(?<!\.d)\.ts$/.test(file))
  for (const name of ['asterisk-manager', 'ari-client']) {
    const importing = files.filter(file =>
      new RegExp(`(from |import\\()'${name}'`).test(readFileSync(`src/${file}`, 'utf8')),
    )
    t.strictSame(importing, [name === 'ari-client' ? 'ari/drivers/ari-client-thread.ts' : `ami/drivers/${name}.ts`])
  }
})
