/** Real calls on a real Asterisk; skipped nowhere: the first run fetches what it needs. */
import t from 'tap'
import { existsSync, readFileSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { openAmi } from '../../lab/ami.js'
import { startLab } from '../../lab/lab.js'
import { isAlive, processName } from '../../lab/process-name.js'
import { mix } from '../../lab/mix/mix.js'
import { openPhone } from '../../lab/phone.js'
import { answerTrunk, callIn, load } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'

const lab = await startLab({ ringForS: 2 })
t.teardown(() => lab.stop())
const [ana, ben] = await Promise.all([openPhone(lab, { extension: '1001' }), openPhone(lab, { extension: '1002' })])

t.test('1001 calls 1002, they talk, 1002 hangs up', async t => {
  await ana.dial('1002')
  t.match(await ben.until('ringing'), { peer: 'sip:1001@127.0.0.1' })
  await ben.answer()
  await Promise.all([ana.until('established'), ben.until('established')])
  await ben.hangup()
  t.match(await ana.until('closed'), { detail: 'Connection reset by peer' })
  await ben.until('closed')
})

t.test('a far end whose port another process has is not thought to listen', async t => {
  const { host, port } = lab.asterisk.trunk
  const other = createSocket('udp4')
  other.bind(port, host)
  await once(other, 'listening')
  await t.rejects(answerTrunk(lab), { message: /^SIPp does not listen on 127\.0\.0\.2:\d+: / })
  other.close()
  await once(other, 'close')
  await ana.dial('0301234567')
  const said = await ana.until('established', 500).catch(String)
  t.match(said, /came: .*; from Asterisk: .*SIP\/2\.0 100 Trying/, 'what came is said')
  await ana.clear()
})

t.test('whoever is told to answer before it rings, answers the call that comes, not the one that was', async t => {
  await ana.dial('1002')
  await ben.until('ringing')
  await ben.answer()
  await ana.until('established')
  await ana.hangup()
  await retry(lab.clock, 'the call to be over', 5_000, () =>
    Promise.resolve(ben.history().at(-1)?.type === 'closed' || undefined),
  )
  await ana.until('closed')
  const answered = ben.answer()
  await ana.dial('1002')
  await answered
  await ana.until('established')
  await ben.hangup()
  t.match(await ana.until('closed'), { detail: 'Connection reset by peer' })
  await ben.clear()
})

t.test('1002 refuses in three ways', async t => {
  for (const [code, told] of [
    [603, '403 Forbidden'],
    [486, '486 Busy Here'],
    [480, '480 Temporarily Unavailable'],
  ] as const) {
    await ana.dial('1002')
    await ben.until('ringing')
    await ben.reject(code)
    t.match(await ana.until('closed'), { detail: told }, `${code} on the wire of the one, its meaning on the other's`)
    await ben.until('closed')
  }
})

t.test('nobody answers', async t => {
  await ana.dial('1002')
  await ben.until('ringing')
  t.match(await ana.until('closed'), { type: 'closed' })
  await ben.until('closed')
})

t.test('a customer calls in over the trunk, and hangs up', async t => {
  const call = await callIn(lab, { from: '491701234567', to: '493012341001', talkMs: 200 })
  t.match(await ana.until('ringing'), { peer: 'sip:491701234567@127.0.0.1' })
  await ana.answer()
  await ana.until('established')
  await ana.until('closed')
  t.strictSame(await call.done, { made: 1, succeeded: 1, failed: 0 })
})

t.test('a customer gives up, and one is refused', async t => {
  const impatient = await callIn(lab, { from: '491701234567', to: '493012341001', giveUpAfterMs: 100 })
  await ana.until('ringing')
  await ana.until('closed')
  t.match(await impatient.done, { succeeded: 1 })
  const refused = await callIn(lab, { from: '491701234567', to: '493012341001' })
  await ana.until('ringing')
  await ana.reject()
  t.match(await refused.done, { failed: 1 })
})

t.test('1001 calls out over the trunk', async t => {
  const far = await answerTrunk(lab, { ringMs: 50, talkMs: 100 })
  await ana.dial('0170555')
  await ana.until('established')
  await ana.until('closed')
  await far.kill()
  const busy = await answerTrunk(lab, { refusal: '486 Busy Here' })
  await ana.dial('+49170555')
  t.match(await ana.until('closed'), { detail: '486 Busy Here' })
  await busy.kill()
})

t.test('phones answer by themselves, at once when they are asked to', async t => {
  const cat = await openPhone(lab, { extension: '1003', answers: { afterMs: 50 } })
  await ana.dial('1003')
  await ana.until('established')
  await ana.hangup()
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  const asked = { 'PJSIP_HEADER(add,Call-Info)': '<sip:localhost>;answer-after=0' }
  ami.send([
    ['Action', 'Originate'],
    ['Channel', 'PJSIP/1002'],
    ['Context', 'aladdin-dial'],
    ['Exten', '1003'],
    ['Priority', '1'],
    ['Async', 'true'],
    ['Variable', 'ALADDIN_FROM=1002'],
    ...Object.entries(asked).map(([name, value]) => ['Variable', `${name}=${value}`] as const),
  ])
  await ben.until('established')
  await cat.until('established')
  t.match(cat.history().at(-1)?.peer ?? '', /^sip:(1002|1001)@/)
  ami.close()
  await ben.hangup()
  await cat.close()
})

t.test('load, without phones, is counted', async t => {
  t.strictSame(await load(lab, { calls: 40, ratePerSecond: 40, talkMs: 50 }), { made: 40, succeeded: 40, failed: 0 })
})

t.test('Asterisk writes its own truth', async t => {
  const { cdr, cel, queueLog } = lab.asterisk.files
  t.ok(readFileSync(cdr, 'utf8').split('\n').length > 40)
  t.match(readFileSync(cel, 'utf8'), /LINKEDID_END/)
  t.ok(existsSync(queueLog))
})

t.test('a mixed load says that Asterisk has ended, and does not go on calling', async t => {
  const processed = async () =>
    Number(/^(\d+) calls? processed/m.exec(await lab.asterisk.cli('core show channels count'))?.[1] ?? 0)
  // Those of the tests before do not count.
  const before = await processed()
  const told = t.rejects(mix({ lab, calls: 40, seed: 1 }), { message: /^Asterisk ended while calls were made/ })
  await retry(lab.clock, 'a call', 20_000, async () => ((await processed()) > before ? true : undefined))
  await lab.asterisk.kill()
  await told
  await lab.asterisk.start()
})

t.test('killed, Asterisk and Valkey start again at the same place', async t => {
  await new Promise<void>(resolve => {
    const socket = connect(lab.redis.port, '127.0.0.1', () => socket.end('SET kept yes\r\n'))
    socket.once('close', () => resolve())
    socket.resume()
  })
  await Promise.all([lab.asterisk.kill(), lab.redis.kill()])
  t.equal(lab.asterisk.pid(), undefined)
  await Promise.all([lab.asterisk.start(), lab.redis.start()])
  t.match(await lab.asterisk.cli('core show version'), /^Asterisk 22/)
})

t.test('two labs at a time, each on ports of its own', async t => {
  const other = await startLab()
  const ports = [lab, other].flatMap(({ asterisk, redis }) => [asterisk.ami.port, asterisk.sip.port, redis.port])
  t.equal(new Set(ports).size, 6)
  await other.stop()
  t.notOk(existsSync(other.dir))
})

t.test('stopped, it leaves no process and no file', async t => {
  const pids = [lab.asterisk.pid(), lab.redis.pid(), lab.programs.guard(), ana.pid, ben.pid]
  const names = pids.map(pid => processName(pid ?? 0) ?? 'none')
  t.ok(names.every(isAlive))
  await ana.close()
  await lab.stop()
  t.notOk(names.some(isAlive))
  t.notOk(existsSync(lab.dir))
  await ben.close()
})
