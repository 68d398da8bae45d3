/** The proxy itself: calm, it changes nothing; each fault does what it says, and a seed decides all of it. */
import t, { type Test } from 'tap'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { retry } from '../../lab/wait.js'
import { systemClock as clock } from '../../src/base/system.js'
import { CALM, noCounts, type FrameFaults } from './faults.js'
import { createMangler, WINDOW } from './frames.js'
import { createPipe } from './pipe.js'
import { openProxy } from './proxy.js'
import { createRandom } from './random.js'

const BANNER = 'Asterisk Call Manager/11.0.0\r\n'
const event = (n: number) => `Event: Newstate\r\nUniqueid: 1.${n}\r\n\r\n`
const events = (count: number) => Array.from({ length: count }, (_, n) => event(n))

/** A server that keeps what it hears, a client that does the same, and the proxy between them. */
async function between(t: Test, protocol: 'ami' | 'any' = 'any') {
  const far: Socket[] = []
  const server = createServer(socket => far.push(socket.on('error', () => undefined)))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy = await openProxy({ host: '127.0.0.1', port, clock, random: createRandom(1), protocol })
  const client = connect(proxy.port, '127.0.0.1')
  const [reads, errors]: [Buffer[], NodeJS.ErrnoException[]] = [[], []]
  client.on('data', (chunk: Buffer) => reads.push(chunk)).on('error', error => errors.push(error))
  const [server1] = await retry(clock, 'the connection', 5_000, async () => (far.length > 0 ? far : undefined))
  if (!server1) throw new Error('no connection')
  t.teardown(async () => {
    client.destroy()
    server1.destroy()
    await proxy.close()
    server.close()
  })
  const heard = (length: number) =>
    retry(clock, `${length} bytes`, 5_000, async () => {
      const all = Buffer.concat(reads)
      return all.length >= length ? all.toString() : undefined
    })
  return { proxy, client, server: server1, reads, errors, heard }
}

const TEXT = 'abcdefghijklmnopqrstuvwxyz'.repeat(20)

t.test('calm, it passes on every byte and the end', async t => {
  const { client, server, heard } = await between(t)
  server.write(TEXT)
  t.equal(await heard(TEXT.length), TEXT)
  const up: Buffer[] = []
  server.on('data', (chunk: Buffer) => up.push(chunk))
  client.write(TEXT)
  await retry(clock, 'it', 5_000, async () => (Buffer.concat(up).toString() === TEXT ? true : undefined))
  const closed = new Promise(resolve => client.on('end', resolve))
  server.end()
  await closed
})

t.test('slice, delay and limit change when, never what', async t => {
  const { proxy, server, reads, heard } = await between(t)
  const sent = { bytes: 0 }
  const send = async (texts: string[]) => {
    for (const text of texts) server.write(text)
    sent.bytes += texts.join('').length
    const all = await heard(sent.bytes)
    t.equal(all.slice(-texts.join('').length), texts.join(''))
  }
  proxy.set({ sliceBytes: 1 }, 'toClient')
  await send([TEXT])
  t.ok(reads.length > 1, 'it came in pieces')
  proxy.calm()
  proxy.set({ delayMs: 100 }, 'toClient')
  const asked = clock.now()
  await send([TEXT])
  t.ok(clock.now() - asked >= 99)
  proxy.calm()
  proxy.set({ bytesPerSecond: 2_000 }, 'toClient')
  const from = clock.now()
  await send([TEXT])
  t.ok(clock.now() - from >= 200, `${TEXT.length} bytes at 2,000 a second`)
  for (const kind of ['sliced', 'delayed', 'limited'] as const) t.ok(proxy.counts[kind] > 0, kind)
})

t.test('what comes in time is glued together', async t => {
  const { client, server } = await between(t)
  const counts = noCounts()
  const faults = () => ({ ...CALM, coalesceMs: 50 })
  const pipe = createPipe({ sink: client, clock, random: createRandom(1), faults, counts, frames: false })
  const heard = new Promise<string>(resolve => server.on('data', (chunk: Buffer) => resolve(chunk.toString())))
  for (const text of ['a', 'b', 'c']) pipe.push(Buffer.from(text))
  t.equal(await heard, 'abc')
  t.equal(counts.coalesced, 3)
})

t.test('a stall keeps everything, in one direction only', async t => {
  const { proxy, client, server, reads, heard } = await between(t)
  proxy.set({ stalled: true }, 'toClient')
  server.write(TEXT)
  const up = new Promise<string>(resolve => server.on('data', (chunk: Buffer) => resolve(chunk.toString())))
  client.write('hello')
  t.equal(await up, 'hello', 'the other way is free')
  await retry(clock, 'it to be held', 5_000, async () => (proxy.counts.stalled > 0 ? true : undefined))
  t.equal(reads.length, 0)
  proxy.calm()
  t.equal(await heard(TEXT.length), TEXT)
})

t.test('a reset is felt as one', async t => {
  const { proxy, client, errors } = await between(t)
  const closed = new Promise(resolve => client.on('close', resolve))
  t.equal(proxy.reset(), 1)
  await closed
  t.match(errors, [{ code: 'ECONNRESET' }])
})

/** What comes of some events, the seed given. */
function mangled(faults: Partial<FrameFaults>, seed: number, texts: readonly string[]) {
  const counts = noCounts()
  const all = { drop: 0, duplicate: 0, reorder: 0, ...faults }
  const mangler = createMangler(createRandom(seed), () => all, counts)
  const out = [BANNER, ...texts].flatMap(text => mangler.push(Buffer.from(text)))
  return { told: [...out, ...mangler.release()].map(String).slice(1), counts }
}

t.test('events are left out, told twice, told in another order', async t => {
  const dropped = mangled({ drop: 0.2 }, 7, events(200))
  t.equal(dropped.told.length, 200 - dropped.counts.dropped)
  t.ok(dropped.counts.dropped > 20 && dropped.counts.dropped < 60)
  const doubled = mangled({ duplicate: 0.2 }, 7, events(200))
  t.equal(doubled.told.length, 200 + doubled.counts.duplicated)
  t.strictSame([...new Set(doubled.told)], events(200))
  const { told, counts } = mangled({ reorder: 1 }, 7, events(200))
  t.not(counts.reordered, 0)
  t.strictSame([...told].sort(), events(200).sort())
  t.ok(
    told.every((text, i) => Math.abs(events(200).indexOf(text) - i) < WINDOW),
    'nobody goes far',
  )
  t.strictSame(mangled({ reorder: 1 }, 7, events(200)).told, told, 'the same seed, the same order')
  t.notSame(mangled({ reorder: 1 }, 8, events(200)).told, told)
})

t.test('answers and FullyBooted are left alone, and keep their place among the events', async t => {
  const answers = ['Response: Success\r\nActionID: 1\r\n\r\n', 'Event: CoreShowChannel\r\nActionID: 1\r\n\r\n']
  const booted = 'Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n'
  t.strictSame(mangled({ drop: 1 }, 1, [...answers, booted, event(1)]).told, [...answers, booted])
  const mixed = mangled({ reorder: 1 }, 3, [event(1), event(2), ...answers, event(3)])
  t.strictSame(mixed.told.slice(2), [...answers, event(3)])
})

t.test('frames come out whole, however they were cut', async t => {
  const counts = noCounts()
  const mangler = createMangler(createRandom(1), () => ({ drop: 0, duplicate: 1, reorder: 0 }), counts)
  const bytes = Buffer.from(BANNER + events(2).join(''))
  const told = [...bytes].flatMap(byte => mangler.push(Buffer.from([byte]))).map(String)
  t.strictSame(told, [BANNER, event(0), event(0), event(1), event(1)])
})
