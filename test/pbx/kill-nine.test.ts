/** The daemon is killed while Redis is away: the journal has what happened, and the next one goes on from there. */
import t from 'tap'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import { freeTcp } from '../../lab/ports.js'
import type { Program } from '../../lab/programs.js'
import { load } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { aCrm, KEY } from '../given/exchange.js'

const lab = await startLab()
t.teardown(() => lab.stop())
const port = await freeTcp()
const crm = aCrm(lab, () => `http://127.0.0.1:${port}`)
const file = join(lab.dir, 'aladdin.yaml')
writeFileSync(file, JSON.stringify(labConfig(lab, { key: KEY, port })))

async function startProcess(): Promise<Program> {
  const args = [join(CHECKOUT, 'build/src/main.js'), 'start', '--config', file]
  const program = lab.programs.start('daemon', { program: process.execPath, args })
  await retry(lab.clock, `the daemon: ${program.lastWords()}`, 30_000, async () => {
    const answer = await crm.get<{ status: string }>('/readyz').catch(() => undefined)
    return answer?.body.status === 'ready' ? true : undefined
  })
  return program
}

t.test('calls in the journal are taken up, whether they ended before or after', async t => {
  const first = await startProcess()
  const [ana, ben] = await Promise.all([
    openPhone(lab, { extension: '1001' }),
    openPhone(lab, { extension: '1002', answers: { afterMs: 50 } }),
  ])
  const before = await crm.webSocket()
  await load(lab, { calls: 1, ratePerSecond: 1, talkMs: 10 })
  const { cursor } = await before.next('call.recorded')
  await lab.redis.kill()
  await load(lab, { calls: 3, ratePerSecond: 10, talkMs: 100 })
  for (let i = 0; i < 3; i++) await before.next('call.recorded')
  const ended = before.all.filter(e => e.type === 'call.recorded').map(e => e.subject)
  await ana.dial('1002')
  const { subject: id, data } = await before.next('call.answered')
  const told = before.texts.length
  first.kill()
  await Promise.all([first.ended, before.closed])
  await lab.redis.start()
  await startProcess()

  const [call] = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
  t.strictSame(call, data.call, 'the call is the same, and nothing about it had to be guessed')
  const after = await crm.webSocket(`after=${cursor}`)
  await ana.hangup()
  t.match((await after.next('call.recorded', id)).data.call, { id, outcome: 'answered', endedBy: 'caller' })
  const [known] = before.all.map((e, i) => (e.cursor === cursor ? i : -1)).filter(i => i >= 0)
  const missed = before.texts.slice((known ?? 0) + 1)
  t.strictSame(after.texts.slice(0, missed.length), missed, 'who was there before reads on where it was')
  t.ok(told > 10 && missed.length > 10)
  t.equal(new Set([...before.all, ...after.all].map(e => e.id)).size, told + after.all.length - missed.length)
  const history = await retry(lab.clock, 'the history', 5_000, async () => {
    const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/history')).body
    return calls.length >= 5 ? calls.map(c => c.id) : undefined
  })
  t.strictSame([...history].sort(), [...ended, id].sort())
  t.strictSame(readdirSync(join(lab.dir, 'journal')), ['aladdin-lab.lock'], 'the journal is gone')
  after.close()
  await Promise.all([ana.close(), ben.close()])
})

t.end()
