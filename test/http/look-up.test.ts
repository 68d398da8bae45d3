/** What a look-up brings from a server that does as it should, and from those that do not. */
import t from 'tap'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { elapsedMs } from '../../src/base/system.js'
import { isPrivate, lookUp } from '../../src/http/look-up.js'

let redirected = 0
const server = createServer((request, response) => {
  const json = { 'content-type': 'application/json' }
  switch (request.url) {
    case '/well':
      return void response.writeHead(200, json).end('{"a":{"b":1}}')
    case '/hangs':
      return
    case '/hangs-later':
      response.writeHead(200, json).write('{"a":')
      return
    case '/moved':
      return void response.writeHead(302, { location: '/target' }).end()
    case '/target':
      redirected += 1
      return void response.writeHead(200, json).end('{}')
    case '/large': {
      response.writeHead(200, json)
      const more = () => {
        while (response.writable && response.write('x'.repeat(65_536)));
      }
      response.on('drain', more)
      return more()
    }
    case '/no-json':
      return void response.writeHead(200).end('<html>')
    default:
      return void response.writeHead(500).end('{"a":1}')
  }
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
t.teardown(() => {
  server.closeAllConnections()
  server.close()
})
const { port } = server.address() as AddressInfo
const ask = (path: string, allowPrivate = true) =>
  lookUp({ url: `http://127.0.0.1:${port}${path}`, timeoutMs: 500, allowPrivate })

t.test('JSON comes, and anything else is nothing, in time', async t => {
  t.strictSame(await ask('/well'), { a: { b: 1 } })
  for (const path of ['/hangs', '/hangs-later', '/moved', '/large', '/no-json', '/error']) {
    const began = elapsedMs()
    t.equal(await ask(path), undefined, path)
    t.ok(elapsedMs() - began < 2_000, `${path} in time`)
  }
  t.equal(redirected, 0, 'nobody goes where a server sends them')
  t.equal(await lookUp({ url: 'no url', timeoutMs: 500, allowPrivate: true }), undefined)
  t.equal(await lookUp({ url: 'http://127.0.0.1:1/', timeoutMs: 500, allowPrivate: true }), undefined)
})

t.test('no private address, however it is written', async t => {
  t.equal(await ask('/well', false), undefined)
  for (const host of ['localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '0'])
    t.equal(await lookUp({ url: `http://${host}:${port}/well`, timeoutMs: 500, allowPrivate: false }), undefined, host)
  const secret = ['10.0.0.1', '172.31.0.1', '192.168.1.1', '169.254.169.254', '127.0.0.1', '0.0.0.0', '100.64.0.1', '::1', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', 'text'] // prettier-ignore
  for (const address of secret) t.ok(isPrivate(address), address)
  for (const address of ['1.1.1.1', '8.8.8.8', '2606:4700::1111', '172.32.0.1']) t.notOk(isPrivate(address), address)
})
