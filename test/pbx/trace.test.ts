/** Why a record says what it says: the facts of a real call, and the same record made of them again by the command line. */
import t from 'tap'
import type { CallView } from '../../src/events/call.js'
import { unnumbered } from '../given/chaos.js'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { labConfig } from '../../lab/daemon.js'
import { anExchange, KEY } from '../given/exchange.js'

const { lab, crm, phone } = await anExchange(t, { traceHours: 1 })
type Trace = { call: string; whole: boolean; facts: { type: string; at: number }[] }

t.test('the facts of a call are shown while it lives and after it, and make the same record again', async t => {
  const [ana, ben] = await Promise.all([
    phone({ extension: '1001' }),
    phone({ extension: '1002', answers: { afterMs: 50 } }),
  ])
  const stream = await crm.webSocket()
  await ana.dial('1002')
  const { subject: id } = await stream.next('call.answered')
  const live = (await crm.get<Trace>(`/v1/calls/${id}/trace`)).body
  t.match(live, { call: id, whole: true })
  t.equal(live.facts[0]?.type, 'channel.created')
  await crm.patch(`/v1/calls/${id}`, { tags: ['traced'] })
  await crm.post(`/v1/calls/${id}/hangup`)
  await stream.next('call.recorded', id)
  const { status, body } = await crm.get<Trace>(`/v1/calls/${id}/trace`)
  t.equal(status, 200)
  t.strictSame(body.facts.slice(0, live.facts.length), live.facts)
  const types = body.facts.map(f => f.type)
  for (const type of ['bridge.entered', 'hangup.asked', 'call.noted', 'channel.gone']) t.ok(types.includes(type), type)

  const [config, file] = [join(lab.dir, 'replay.yaml'), join(lab.dir, 'trace.json')]
  writeFileSync(config, JSON.stringify(labConfig(lab, { key: KEY })))
  writeFileSync(file, JSON.stringify(body))
  const main = join(CHECKOUT, 'build/src/main.js')
  const run = (...args: string[]) => spawnSync(process.execPath, [main, 'replay', ...args], { encoding: 'utf8' })
  const again = run('--config', config, file)
  t.equal(again.status, 0, again.stderr)
  const record = (await crm.get(`/v1/history/${id}`)).body
  // How often a call was told of depends on which facts came together.
  t.strictSame(unnumbered([JSON.parse(again.stdout) as CallView]), unnumbered([record]), 'the record, made again')
  t.match(record, { tags: ['traced'], endedBy: 'command' })
  t.equal(run('--config', config, config).status, 1, 'a file that is no recording')
  t.equal(run('--config', config).status, 2, 'a wrong command line')
  t.equal(run('--config', config, '--pbx', 'other', file).status, 2)
  stream.close()
  await Promise.all([ana.close(), ben.close()])
})

t.test('a call of which no facts are kept', async t => {
  t.match(await crm.get('/v1/calls/lab:1.1/trace'), { status: 404, body: { code: 'CALL_NOT_FOUND' } })
})

t.end()
