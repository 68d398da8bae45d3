/** A WebSocket before it is one, and what a client may not do with it. */
import t, { type Test } from 'tap'
import type { AddressInfo } from 'node:net'
import { WebSocket, type ClientOptions } from 'ws'
import { anApi, auth } from '../given/api.js'

async function listening(t: Pick<Test, 'teardown'>, maxStreams?: number) {
  const { api } = await anApi({}, maxStreams)
  await api.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => api.close())
  const { port } = api.server.address() as AddressInfo
  const open = (query: string, options: ClientOptions = { headers: auth }, protocols: string[] = []) =>
    new WebSocket(`ws://127.0.0.1:${port}/v1/events?${query}`, protocols, options)
  return { api, open }
}

const opened = (socket: WebSocket) =>
  new Promise<WebSocket>((resolve, reject) => socket.on('open', () => resolve(socket)).on('error', reject))
const closedWith = (socket: WebSocket) => new Promise<number>(resolve => socket.on('close', code => resolve(code)))
const refusedWith = (socket: WebSocket) =>
  new Promise<{ status: number | undefined; code: string }>((resolve, reject) => {
    socket.on('error', () => undefined)
    socket.on('open', () => reject(new Error('it was opened')))
    socket.on('unexpected-response', (_, answer) => {
      let body = ''
      answer.on('data', (d: Buffer) => (body += d.toString()))
      answer.on('end', () => resolve({ status: answer.statusCode, code: (JSON.parse(body) as { code: string }).code }))
    })
  })

t.test('what is wrong is said before the upgrade', async t => {
  const { open } = await listening(t)
  t.strictSame(await refusedWith(open('', {})), { status: 401, code: 'UNAUTHORIZED' })
  t.strictSame(await refusedWith(open('', {}, ['aladdin', 'bearer.wrong'])), { status: 401, code: 'UNAUTHORIZED' })
  t.strictSame(await refusedWith(open('after=forged')), { status: 400, code: 'CURSOR_INVALID' })
  t.strictSame(await refusedWith(open('types=nothing')), { status: 400, code: 'BAD_REQUEST' })
  t.strictSame(await refusedWith(open('unknown=1')), { status: 400, code: 'BAD_REQUEST' })
})

t.test('a browser gives its key as a subprotocol', async t => {
  const { open } = await listening(t)
  const socket = await opened(open('', {}, ['aladdin', 'bearer.ak_test']))
  t.equal(socket.protocol, 'aladdin', 'and the key is not sent back')
  socket.close()
})

t.test('no more streams than are allowed; a closed one makes room', async t => {
  const { open } = await listening(t, 1)
  const first = await opened(open(''))
  t.strictSame(await refusedWith(open('')), { status: 503, code: 'TOO_MANY_STREAMS' })
  const closed = closedWith(first)
  first.close()
  await closed
  const again = await opened(open(''))
  again.close()
})

t.test('the stream goes one way', async t => {
  const { open } = await listening(t)
  const talks = await opened(open(''))
  const ended = closedWith(talks)
  talks.send('hello')
  t.equal(await ended, 1003)
  const shouts = await opened(open(''))
  const cut = closedWith(shouts)
  shouts.send('x'.repeat(100_000))
  t.equal(await cut, 1009)
})

t.test('a server that stops says so', async t => {
  const { api, open } = await listening(t)
  const socket = await opened(open(''))
  const code = closedWith(socket)
  await api.close()
  t.equal(await code, 1001)
})
