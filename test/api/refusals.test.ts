/** Whatever comes in that is not as it should be: a problem with a code, and nothing goes to the PBX. */
import t, { type Test } from 'tap'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { ERRORS, Refusal } from '../../src/base/errors.js'
import { anApi, auth } from '../given/api.js'

type Asked = {
  method?: 'GET' | 'POST' | 'DELETE' | 'PATCH'
  url: string
  payload?: string | object
  headers?: Record<string, string>
}

async function answersOf(asked: Asked[]) {
  const { api, sent } = await anApi()
  const answers = []
  for (const { method = 'GET', url, payload, headers = {} } of asked) {
    const answer = await api.inject({
      method,
      url,
      headers: { ...auth, ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
    answers.push({
      status: answer.statusCode,
      type: answer.headers['content-type'],
      body: answer.json<{ code: string; status: number; detail?: string }>(),
    })
  }
  await api.close()
  return { answers, sent }
}

async function refused(t: Pick<Test, 'equal' | 'match' | 'strictSame'>, code: keyof typeof ERRORS, asked: Asked[]) {
  const { answers, sent } = await answersOf(asked)
  for (const [i, { status, type, body }] of answers.entries()) {
    const what = JSON.stringify(asked[i]).slice(0, 120)
    t.equal(body.code, code, what)
    t.equal(status, ERRORS[code].status, what)
    t.equal(body.status, status, what)
    t.match(type, 'application/problem+json')
  }
  t.strictSame(sent, [], 'nothing was sent')
}

const json = { 'content-type': 'application/json' }
const dial = (payload: object | string, headers = {}): Asked => ({ method: 'POST', url: '/v1/calls', payload, headers })

const note = (payload: object | string, url = '/v1/calls/hq:1.1'): Asked => ({
  method: 'PATCH',
  url,
  payload,
  headers: json,
})
t.test('notes', async t => {
  const fields = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, 'x']))
  await refused(t, 'BAD_REQUEST', [
    note({}),
    note({ note: 'x'.repeat(4_001) }),
    note({ note: 7 }),
    note({ tags: 'vip' }),
    note({ tags: [''] }),
    note({ tags: ['x'.repeat(65)] }),
    note({ tags: Array.from({ length: 21 }, (_, i) => String(i)) }),
    note({ data: { a: 1 } }),
    note({ data: { a: 'x'.repeat(501) } }),
    note({ data: { ['x'.repeat(65)]: 'x' } }),
    note({ data: { '': 'x' } }),
    note({ data: fields(51) }),
    note({ note: 'x', state: 'ended' }),
    note('{"data":{"__proto__":"x"}}'),
    note({ note: 7 }, '/v1/history/hq:1.1'),
  ])
  await refused(t, 'BODY_TOO_LARGE', [note({ note: 'x'.repeat(1 << 20) }), note({ data: { a: 'x'.repeat(1 << 20) } })])
  await refused(t, 'CALL_NOT_FOUND', [note({ note: 'x' }, '/v1/calls/other:1.1'), note({ note: 'x' }, '/v1/calls/1.1')])
})

t.test('bodies', async t => {
  await refused(t, 'BAD_REQUEST', [
    dial({ from: '1001' }),
    dial({ from: '1001', to: '1002', more: 1 }),
    dial({ from: 1001, to: '1002' }),
    dial({ from: '1001', to: ['1002'] }),
    dial({ from: '1001', to: null }),
    dial({ from: '', to: '1002' }),
    dial({ from: '1001', to: '1'.repeat(65) }),
    dial({ from: '1001', to: '1002', ringForMs: 1e15 }),
    dial({ from: '1001', to: '1002', ringForMs: -1 }),
    dial({ from: '1001', to: '1002', ringForMs: 1500.5 }),
    dial({ from: '1001', to: '1002', ringForMs: '5000' }),
    dial('{"from":"1001","to":"1002","ringForMs":1e400}', json),
    dial('{"from":"1001","to":"1002","__proto__":{"x":1}}', json),
    dial('{"from":"1001","to":', json),
    dial('', json),
    dial('[]', json),
    dial('null', json),
    dial('['.repeat(5_000), json),
    { method: 'POST', url: '/v1/calls' },
    { method: 'POST', url: '/v1/calls/hq:1.1/hangup?now=1' },
    { method: 'POST', url: '/v1/calls/hq:1.1/hangup', payload: { cause: 16 } },
  ])
})

t.test('sizes and kinds', async t => {
  await refused(t, 'BODY_TOO_LARGE', [dial({ from: '1001', to: 'x'.repeat(70_000) })])
  await refused(t, 'UNSUPPORTED_MEDIA_TYPE', [
    dial('from=1001', { 'content-type': 'text/plain' }),
    dial('<a/>', { 'content-type': 'application/xml' }),
  ])
  await refused(t, 'URI_TOO_LONG', [
    { url: `/v1/calls/${'x'.repeat(400)}` },
    { url: `/v1/history?number=${'x'.repeat(9_000)}` },
  ])
})

t.test('addresses', async t => {
  await refused(t, 'NOT_FOUND', [
    { url: '/v2/calls' },
    { url: '/' },
    { url: '/v1/calls/a/b/c' },
    { url: '/v1/../etc/passwd' },
    { method: 'POST', url: '/v1/nothing', payload: {} },
  ])
  await refused(t, 'METHOD_NOT_ALLOWED', [
    { method: 'DELETE', url: '/v1/calls/hq:1.1' },
    { method: 'POST', url: '/v1/snapshot', payload: {} },
  ])
  await refused(t, 'BAD_REQUEST', [
    { url: '/v1/calls/%zz' },
    { url: '/v1/calls?x=1' },
    { url: '/v1/snapshot?x=1' },
    { url: '/v1/pbxs?x=1' },
  ])
  await refused(t, 'CALL_NOT_FOUND', [
    { url: '/v1/calls/nowhere:1.1' },
    { url: '/v1/calls/hq:1.1' },
    { url: '/v1/calls/%00%0a%0d' },
    { url: '/v1/history/hq:1.1' },
  ])
})

t.test('queries', async t => {
  const history = (query: string): Asked => ({ url: `/v1/history?${query}` })
  await refused(
    t,
    'BAD_REQUEST',
    [
      'limit=0',
      'limit=1e9',
      'limit=x',
      'from=yesterday',
      'until=2026-13-01',
      'sort=number',
      'number=',
      'extension=1&extension=2',
      'from=2026-01-01T00:00:00Z%0d%0aX',
    ].map(history),
  )
  await refused(t, 'PBX_NOT_FOUND', [history('pbx=elsewhere')])
  await refused(
    t,
    'CURSOR_INVALID',
    ['after=x', `after=${Buffer.from('other/1-1').toString('base64url')}`, 'after=..', 'after=%0a'].map(q => ({
      url: `/v1/events?${q}`,
    })),
  )
  await refused(
    t,
    'BAD_REQUEST',
    ['types=call.exploded', 'types=,', 'x=1'].map(q => ({ url: `/v1/events?${q}` })),
  )
})

t.test('keys', async t => {
  const { api } = await anApi()
  const headers = [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'Basic YTpi' },
    { authorization: `Bearer ${'x'.repeat(5_000)}` },
    { 'sec-websocket-protocol': 'aladdin, bearer.wrong' },
  ]
  for (const url of [
    '/v1/calls',
    '/v1/calls/hq:1.1',
    '/v1/snapshot',
    '/v1/pbxs',
    '/v1/history',
    '/v1/history/hq:1.1',
    '/v1/events',
    '/v1/calls?api_key=ak_test',
  ]) {
    for (const h of headers) {
      const answer = await api.inject({ url, headers: h })
      t.equal(answer.statusCode, 401, `${url} ${JSON.stringify(h).slice(0, 60)}`)
      t.equal(answer.json<{ code: string }>().code, 'UNAUTHORIZED')
    }
  }
  for (const url of ['/healthz', '/metrics', '/openapi.json'])
    t.equal((await api.inject({ url })).statusCode, 200, `${url} is open`)
  t.equal((await api.inject({ url: '/readyz' })).statusCode, 503, 'not ready without a PBX')
  await api.close()
})

t.test('every route of /v1 asks for a key', async t => {
  const { api } = await anApi()
  await api.ready()
  const paths = api.swagger().paths ?? {}
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map(method => ({ path, method })),
  )
  t.ok(routes.filter(r => r.path.startsWith('/v1/')).length >= 8)
  for (const { path, method } of routes.filter(r => r.path.startsWith('/v1/'))) {
    const answer = await api.inject({ method: method.toUpperCase() as 'GET', url: path.replace('{id}', 'hq:1.1') })
    t.equal(answer.statusCode, 401, `${method} ${path}`)
  }
  await api.close()
})

t.test('what is refused by the engine has its own code, and a fault shows nothing', async t => {
  const { answers } = await answersOf([
    dial({ from: '1001', to: '1002' }),
    { method: 'POST', url: '/v1/calls/hq:1.1/hangup' },
  ])
  t.strictSame(
    answers.map(a => a.body.code),
    ['PBX_DOWN', 'CALL_NOT_FOUND'],
  )
  const { api } = await anApi({
    history: {
      record: () => Promise.reject(new Error('secret detail')),
      search: () => Promise.reject(new Refusal('STORE_DOWN')),
      trace: () => Promise.resolve(undefined),
      item: () => Promise.resolve(undefined),
      items: () => Promise.resolve({ items: [] }),
      activity: () => Promise.resolve({ items: [] }),
      activityWithin: () => Promise.resolve([]),
      audit: () => Promise.resolve({ changes: [] }),
      listening: () => Promise.resolve({ items: [] }),
    },
  })
  const fault = await api.inject({ url: '/v1/history/hq:1.1', headers: auth })
  t.equal(fault.json<{ code: string }>().code, 'INTERNAL')
  t.notMatch(fault.body, /secret detail/)
  t.equal((await api.inject({ url: '/v1/history', headers: auth })).json<{ code: string }>().code, 'STORE_DOWN')
  await api.close()
})

t.test('what is not even HTTP', async t => {
  const { api } = await anApi()
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  for (const raw of [
    'nonsense\r\n\r\n',
    `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    'GET /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ]) {
    const text = await new Promise<string>(resolve => {
      let got = ''
      const socket = connect(port, '127.0.0.1', () => socket.write(raw))
      socket.on('data', d => (got += d.toString()))
      socket.on('error', () => resolve(got))
      socket.on('close', () => resolve(got))
    })
    t.match(text, /^HTTP\/1.1 4\d\d /, raw.slice(0, 40))
    t.match(text, 'application/problem+json')
  }
  t.equal((await api.inject({ url: '/healthz' })).statusCode, 200, 'and it lives on')
  await api.close()
})
