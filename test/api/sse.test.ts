/** Where a stream goes on: an `EventSource` connects again with the same address, and says in `Last-Event-ID` how far it has come. */
import t, { type Test } from 'tap'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import type { EpochMs } from '../../src/base/ids.js'
import { cursorOf } from '../../src/api/stream/cursor.js'
import { createHub } from '../../src/api/stream/hub.js'
import type { LogEntry, Position } from '../../src/events/log.js'
import { anApi, auth } from '../given/api.js'

const place = (seq: number): Position => ({ ms: (1_000 + seq) as EpochMs, seq })
const entries = [1, 2, 3].map((seq): LogEntry => {
  const json = `{"id":"e${seq}"}`
  return { position: place(seq), type: 'call.started', call: `hq:${seq}`, extensions: [], json }
})
const cursor = (seq: number) => cursorOf(new Map([['hq', place(seq)]]))

async function listening(t: Pick<Test, 'teardown'>) {
  const read = (after: Position) =>
    Promise.resolve({ ok: true as const, entries: entries.filter(e => e.position.seq > after.seq) })
  const { api } = await anApi({ read, hub: createHub(place(3)) })
  await api.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => api.close())
  const { port } = api.server.address() as AddressInfo
  const address = (query: string) => `127.0.0.1:${port}/v1/events?${query}`

  /** The events that come until the third one; or the refusal. */
  const sse = (query: string, last: string | undefined) =>
    new Promise<unknown>((resolve, reject) => {
      const headers = { ...auth, ...(last !== undefined && { 'last-event-id': last }) }
      const request = get(`http://${address(query)}`, { headers }, answer => {
        let text = ''
        answer.on('data', (chunk: Buffer) => {
          text += chunk.toString()
          if (!text.includes('"e3"')) return
          resolve([...text.matchAll(/"id":"(e\d)"/g)].map(([, id]) => id))
          request.destroy()
        })
        answer.on('end', () => resolve(JSON.parse(text)))
      })
      request.on('error', reject)
    })

  async function webSocket(query: string, last: string) {
    const socket = new WebSocket(`ws://${address(query)}`, { headers: { ...auth, 'last-event-id': last } })
    const ids: (string | undefined)[] = []
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (data: Buffer) => {
        ids.push(/"id":"(e\d)"/.exec(data.toString())?.[1])
        if (ids.at(-1) === 'e3') resolve()
      })
    })
    socket.close()
    return ids
  }
  return { sse, webSocket }
}

t.test('the last event that a client has had counts before the address that it began with', async t => {
  const { sse, webSocket } = await listening(t)
  const first = `after=${cursor(0)}`
  t.strictSame(await sse(first, undefined), ['e1', 'e2', 'e3'])
  t.strictSame(await sse(first, cursor(2)), ['e3'], 'nothing comes twice')
  t.strictSame(await webSocket(first, cursor(2)), ['e3'])
  t.strictSame(await sse(`after=${cursor(2)}`, cursor(1)), ['e2', 'e3'], 'nor is anything left out')
  t.strictSame(await sse(first, ''), ['e1', 'e2', 'e3'], 'an empty one says nothing')
  t.strictSame(await sse('after=forged', cursor(2)), ['e3'], 'what it began with is of no more use')
})

t.test('a last event that is none is refused, whatever the address says', async t => {
  const { sse, webSocket } = await listening(t)
  const other = cursorOf(new Map([['elsewhere', place(1)]]))
  const hostile = ['forged', `${cursor(1)}, ${cursor(2)}`, cursor(1).slice(1), other, 'x'.repeat(8_000), '\u00e4\u00ff']
  for (const last of hostile) {
    const refused = { status: 400, code: 'CURSOR_INVALID' }
    t.match(await sse(`after=${cursor(0)}`, last), refused, last.slice(0, 40))
    await t.rejects(webSocket(`after=${cursor(0)}`, last), /400/, last.slice(0, 40))
  }
})
