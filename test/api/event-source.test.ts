/** An `EventSource` that is cut off misses nothing and has nothing twice, also where it has had no event yet. */
import t, { type Test } from 'tap'
import { createServer, request as ask, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventSource } from 'undici'
import type { EpochMs } from '../../src/base/ids.js'
import { cursorOf } from '../../src/api/stream/cursor.js'
import { createHub } from '../../src/api/stream/hub.js'
import type { LogEntry, Position } from '../../src/events/log.js'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'
import { anApi, auth } from '../given/api.js'

const place = (seq: number): Position => ({ ms: (1_000 + seq) as EpochMs, seq })
const entryOf = (seq: number, type: LogEntry['type'] = 'call.started'): LogEntry => ({
  ...{ position: place(seq), type, call: `hq:${seq}`, extensions: [], json: `{"id":"e${seq}"}` },
})
const cursor = (seq: number) => cursorOf(new Map([['hq', place(seq)]]))

/** A log that grows, and a relay before it that has the key, and can cut the streams and keep new ones waiting. */
async function aStream(t: Pick<Test, 'teardown'>) {
  const entries = [1, 2, 3].map(seq => entryOf(seq))
  const hub = createHub(place(3))
  const read = (after: Position) =>
    Promise.resolve({ ok: true as const, entries: entries.filter(e => e.position.seq > after.seq) })
  const { api } = await anApi({ read, hub })
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  const streams = new Set<ServerResponse>()
  const asked: (string | undefined)[] = []
  let open: Promise<void> = Promise.resolve()
  const relay = createServer((request, response) => {
    const last = request.headers['last-event-id'] as string | undefined
    asked.push(last)
    const headers = { ...auth, ...(last !== undefined && { 'last-event-id': last }) }
    void open.then(() => {
      const toApi = ask({ host: '127.0.0.1', port, path: request.url, headers }, answer => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      toApi.on('error', () => response.destroy())
      response.on('close', () => toApi.destroy())
      streams.add(response)
      toApi.end()
    })
  })
  await new Promise<void>(resolve => relay.listen(0, '127.0.0.1', resolve))
  const { port: at } = relay.address() as AddressInfo
  const events: string[] = []
  const source = (query: string) => {
    const made = new EventSource(`http://127.0.0.1:${at}/v1/events?${query}`, { node: { reconnectionTime: 20 } })
    for (const type of ['call.started', 'call.ended'])
      made.addEventListener(type, event =>
        events.push((JSON.parse((event as unknown as { data: string }).data) as { id: string }).id),
      )
    t.teardown(() => made.close())
    return made
  }
  t.teardown(async () => {
    for (const stream of streams) stream.destroy()
    relay.close()
    await api.close()
  })
  return {
    source,
    events,
    asked,
    publish: (...fresh: LogEntry[]) => {
      entries.push(...fresh)
      hub.publish(fresh)
    },
    /** Nobody comes in again before `meanwhile` is over. */
    cut: async (meanwhile: () => void) => {
      const before = asked.length
      let letIn = (): void => undefined
      open = new Promise(resolve => (letIn = resolve))
      for (const stream of streams) stream.destroy()
      streams.clear()
      await retry(systemClock, 'it to come again', 5_000, () => Promise.resolve(asked.length > before || undefined))
      meanwhile()
      letIn()
    },
  }
}

const opened = (source: EventSource) =>
  retry(systemClock, 'the stream', 5_000, () => Promise.resolve(source.readyState === EventSource.OPEN || undefined))
const until = (events: string[], last: string) =>
  retry(systemClock, last, 5_000, () => Promise.resolve(events.includes(last) || undefined))

t.test('cut before its first event, it goes on from where it began', async t => {
  const { source, events, asked, publish, cut } = await aStream(t)
  await opened(source(''))
  await cut(() => publish(entryOf(4)))
  await until(events, 'e4')
  await cut(() => publish(entryOf(5)))
  await until(events, 'e5')
  t.strictSame(events, ['e4', 'e5'], 'each once')
  t.strictSame(asked, [undefined, cursor(3), cursor(4)])
})

t.test('and so it does where it was to begin with a cursor', async t => {
  const { source, events, asked, publish, cut } = await aStream(t)
  await opened(source(`types=call.ended&after=${cursor(1)}`))
  await cut(() => publish(entryOf(4), entryOf(5, 'call.ended')))
  await until(events, 'e5')
  t.strictSame(events, ['e5'])
  t.strictSame(asked, [undefined, cursor(1)])
})
