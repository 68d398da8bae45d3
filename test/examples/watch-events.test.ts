/** examples/watch-events.mjs shows each kind of event as a line, with what it is about. */
import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { WebSocketServer } from 'ws'

const party = { number: '030123456' }
const SHOWN: [type: string, data: object, line: RegExp][] = [
  ['call.started', { call: { id: 'hq:1.1', from: party, to: { number: '1002' } } }, /030123456 -> 1002 {2}hq:1\.1$/],
  [
    'agent.changed',
    { agent: { id: 'hq:8001', name: 'Ana', state: 'ready', extension: '1001' } },
    /Ana \(hq:8001\) {2}ready at 1001$/,
  ],
  [
    'queue.changed',
    { queue: { id: 'hq:sales', waiting: [{}, {}], counts: { ready: 3 } } },
    /hq:sales {2}2 wait, 3 ready$/,
  ],
  ['extension.changed', { extension: { id: 'hq:1001', phone: 'ringing' } }, /hq:1001 {2}ringing$/],
  ['missed.created', { item: { id: 'hq:1.1', party, state: 'open' } }, /030123456 {2}open {2}hq:1\.1$/],
  [
    'alarm.raised',
    { alarm: { id: 'hq:sales:waiting', value: 6, threshold: 5 } },
    /hq:sales:waiting {2}6, threshold 5$/,
  ],
  ['callback.changed', { callBack: { id: 'hq:cb', party, state: 'waiting' } }, /030123456 {2}waiting {2}hq:cb$/],
  [
    'voicemail.left',
    { message: { id: 'hq:m', from: party, state: 'new', box: '1001' } },
    /030123456 {2}new {2}box 1001 {2}hq:m$/,
  ],
  ['directory.changed', { change: { id: 'hq:7', kind: 'staff', entry: '8001' } }, /staff 8001$/],
  ['pbx.connected', { pbx: 'hq', link: 'ami' }, /hq {2}ami$/],
]

t.test('each kind of event', async t => {
  const server = createServer((_, reply) => reply.end(JSON.stringify({ calls: [], cursor: '0' })))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket => {
    for (const [type, data] of SHOWN)
      socket.send(JSON.stringify({ time: '2026-01-01T00:00:00.000Z', cursor: '1', type, data }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const example = spawn(process.execPath, [join(import.meta.dirname, '../../../examples/watch-events.mjs')], {
    env: {
      ...process.env,
      ALADDIN_API: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ALADDIN_KEY: 'x',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => {
    example.kill()
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  const lines: string[] = []
  for await (const line of createInterface(example.stdout)) {
    lines.push(line)
    if (lines.length > SHOWN.length) break
  }
  for (const [i, [type, , shown]] of SHOWN.entries()) {
    t.match(lines[i + 1], `2026-01-01T00:00:00.000Z  ${type}`)
    t.match(lines[i + 1], shown)
    t.notMatch(lines[i + 1], /undefined/)
  }
})
