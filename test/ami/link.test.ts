/** When a link is given up, and when it is not. */
import t from 'tap'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import { systemClock } from '../../src/base/system.js'
import { aLinkedPbx, asPbx } from '../given/ami-pbx.js'
import { yes } from '../given/ami-server.js'

const PING_MS = 200
const PATIENCE_MS = 10_000

/** Nothing of this process runs meanwhile, as when the machine is suspended. */
const standStill = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

t.test('we stand still after a ping: the answer has come meanwhile, and is read (F3)', async t => {
  let pings = 0
  const answer = (name: string, id: string) => {
    if (name === 'Ping') pings += 1
    // The answer to the fifth is in the socket when the deadline has passed and the timers run, before anything is read.
    if (name === 'Ping' && pings === 5) queueMicrotask(() => standStill(1_500))
    return asPbx(name, id)
  }
  const told = await aLinkedPbx(t, { answer, pingEveryMs: PING_MS })
  await told.ready()
  await retry(systemClock, 'more pings', PATIENCE_MS, () => Promise.resolve(pings > 8 || undefined))
  t.equal(told.link.status().reconnects, 0)
  t.strictSame(
    told.changes.filter(({ lastError }) => lastError !== undefined),
    [],
  )
})

t.test('a PBX that sends is alive, though the answer to a ping is far behind', async t => {
  const answer = (name: string, id: string) => (name === 'Ping' && busy ? '' : asPbx(name, id))
  let busy = false
  const told = await aLinkedPbx(t, { answer, pingEveryMs: PING_MS })
  await told.ready()
  busy = true
  const until = systemClock.now() + 5 * PING_MS
  while (systemClock.now() < until) {
    for (const socket of told.server.sockets) socket.write('Event: More\r\n\r\n')
    await sleep(systemClock, 20)
  }
  t.equal(told.link.status().state, 'ready')
  const since = systemClock.now()
  await retry(systemClock, 'the link to be given up', PATIENCE_MS, () => Promise.resolve(told.facts.history.some(f => f.type === 'link.down') || undefined)) // prettier-ignore
  t.match(told.facts.history.at(-1), { type: 'link.down', reason: 'the PBX no longer answers' })
  t.ok(systemClock.now() - since < 3_000)
})

t.test('a gap begins when something was last heard, by the clock of the PBX', async t => {
  const told = await aLinkedPbx(t, { pingEveryMs: 60_000 })
  await told.ready()
  const at = Math.floor(systemClock.now() / 1_000) + 0.5
  const events = told.server.sockets.at(-2)
  await sleep(systemClock, 1_500)
  // What the PBX had sent before it dropped us is read first, and then the end.
  events?.end(`Event: Hangup\r\nTimestamp: ${at}\r\nUniqueid: 1.1\r\n\r\n`)
  const down = await told.facts.until('the end', fact => fact.type === 'link.down', PATIENCE_MS)
  t.ok(Math.abs(down.at - at * 1_000) < 600, `${systemClock.now() - down.at} ms before it was noticed`)
})

t.test('queues that the PBX has read again from its files are read, too', async t => {
  const told = await aLinkedPbx(t)
  await told.ready()
  const asked = () => [...told.server.heard().matchAll(/^Action: QueueStatus\r$/gm)].length
  const before = asked()
  for (const module of ['res_pjsip.so', 'app_queue.so', 'All'])
    told.server.sockets.at(-2)?.write(`Event: Reload\r\nModule: ${module}\r\nStatus: 0\r\n\r\n`)
  await retry(systemClock, 'the lists', PATIENCE_MS, () => Promise.resolve(asked() >= before + 2 || undefined))
  t.equal(asked(), before + 2)
  // Six in one moment: the first is read, and all others together.
  told.server.sockets.at(-2)?.write('Event: Reload\r\nModule: app_queue.so\r\nStatus: 0\r\n\r\n'.repeat(6))
  await retry(systemClock, 'the lists again', PATIENCE_MS, () => Promise.resolve(asked() >= before + 4 || undefined))
  await told.facts.until('them', fact => fact.type === 'queues.seen', PATIENCE_MS)
  t.equal(asked(), before + 4)
})

t.test('the PBX says that it shuts down: that is the reason which is told', async t => {
  for (const [restart, reason] of [['True', 'the PBX is being restarted'], ['False', 'the PBX is being shut down']] as const) {
    const told = await aLinkedPbx(t)
    await told.ready()
    told.server.sockets.at(-2)?.end(`Event: Shutdown\r\nShutdown: Cleanly\r\nRestart: ${restart}\r\n\r\n`)
    t.match(await told.facts.until('the end', fact => fact.type === 'link.down', PATIENCE_MS), { reason })
  }
}) // prettier-ignore

t.test(
  'a PBX that accepts the login and still loads is asked nothing, and has no calls yet that anybody would know of (F7)',
  async t => {
    const loading = (name: string, id: string) => (name === 'Login' ? yes(name, id) : asPbx(name, id))
    const told = await aLinkedPbx(t, { answer: loading })
    const { server, facts } = told
    const asked = () => [...server.heard().matchAll(/^Action: (.*)\r$/gm)].map(([, name]) => name)
    await retry(systemClock, 'both logins', PATIENCE_MS, () => Promise.resolve(asked().length === 2 || undefined))
    await sleep(systemClock, 300)
    t.strictSame(asked(), ['Login', 'Login'])
    t.strictSame(facts.history, [])
    server.sockets.at(-2)?.write('Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n')
    await facts.until('the channels', fact => fact.type === 'pbx.seen', PATIENCE_MS)
    await told.ready()
  },
)
