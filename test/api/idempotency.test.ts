/** Idempotency-Key: what comes twice is carried out once and answered alike, whatever becomes of Redis and the daemon. */
import t, { type Test } from 'tap'
import type { AnswerStore } from '../../src/api/idempotency.js'
import type { Pbx } from '../../src/api/ports.js'
import type { CallId } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import { anApi, auth, someAnswers } from '../given/api.js'

type Dial = Pbx['engine']['dial']
type Office = { answers?: AnswerStore; dial?: Dial }

/** A daemon's run. `dials` answers with another id each time. */
async function aRun(t: Test, { answers = someAnswers(), dial }: Office = {}) {
  let calls = 0
  const dials: Dial = () => Promise.resolve(ok({ id: `hq:${++calls}` as CallId, causedBy: 'c' }))
  const { api, sent } = await anApi({}, 10, { answers, dial: dial ?? dials })
  t.teardown(() => api.close())
  const post = async (key: string, payload: object = { from: '1001', to: '1002' }, url = '/v1/calls') => {
    const headers = { ...auth, 'idempotency-key': key }
    const answer = await api.inject({ method: 'POST', url, payload, headers })
    const { 'idempotency-replayed': replayed, location, 'content-type': type } = answer.headers
    const { id, code } = answer.json<{ id?: string; code?: string }>()
    return { status: answer.statusCode, what: id ?? code, replayed: replayed === 'true', location, type }
  }
  return { api, sent, post }
}

t.test('a repeat gets the first answer, and nothing is done', async t => {
  const { post, sent } = await aRun(t)
  const first = await post('a')
  t.match(first, { status: 201, what: 'hq:1', replayed: false, location: '/v1/calls/hq:1' })
  for (let i = 0; i < 3; i++) t.strictSame(await post('a'), { ...first, replayed: true })
  t.match(await post('b'), { what: 'hq:2', replayed: false }, 'another key')
  t.match(await post('a', {}, '/v1/calls/hq:9/hangup'), { status: 404, what: 'CALL_NOT_FOUND' }, 'another address')
  t.match(await post('a', {}, '/v1/calls/hq:9/hangup'), { status: 404, replayed: true, type: /problem/ })
  t.match(await post('a', { from: '1001', to: '1003' }), { status: 422, what: 'IDEMPOTENCY_KEY_REUSED' })
  t.equal(sent.length, 3)
})

t.test('two at once are one', async t => {
  let answer: (value: Awaited<ReturnType<Dial>>) => void = () => undefined
  const { post, sent } = await aRun(t, { dial: () => new Promise(resolve => (answer = resolve)) })
  const first = post('a')
  t.match(await post('a'), { status: 409, what: 'COMMAND_UNDER_WAY' })
  answer(ok({ id: 'hq:1' as CallId, causedBy: 'c' }))
  t.match(await first, { status: 201, replayed: false })
  t.match(await post('a'), { status: 201, what: 'hq:1', replayed: true })
  t.equal(sent.length, 1)
})

t.test('what may be tried again is; another refusal stays', async t => {
  let refusal: 'PBX_DOWN' | 'NUMBER_FORBIDDEN' = 'PBX_DOWN'
  const { post, sent } = await aRun(t, { dial: () => Promise.resolve(no(refusal)) })
  t.match(await post('a'), { status: 503, what: 'PBX_DOWN' })
  refusal = 'NUMBER_FORBIDDEN'
  t.match(await post('a'), { status: 422, what: 'NUMBER_FORBIDDEN', replayed: false })
  t.match(await post('a'), { status: 422, what: 'NUMBER_FORBIDDEN', replayed: true })
  t.equal(sent.length, 2)
})

t.test('the next daemon knows it; what the last one did not finish, may have happened', async t => {
  const answers = someAnswers()
  const before = await aRun(t, { answers })
  await before.post('a')
  const hanging = await aRun(t, { answers, dial: () => new Promise(() => undefined) })
  void hanging.post('b').catch(() => undefined)
  t.match(await hanging.post('b'), { what: 'COMMAND_UNDER_WAY' })
  const { post, sent } = await aRun(t, { answers })
  t.match(await post('a'), { status: 201, what: 'hq:1', replayed: true })
  t.match(await post('b'), { status: 504, what: 'PBX_SILENT' })
  t.strictSame(sent, [])
})

t.test('without Redis it is known in memory', async t => {
  const fails = () => Promise.reject(new Error('no Redis'))
  const { post, sent } = await aRun(t, { answers: { claim: fails, keep: fails, drop: fails } })
  t.match(await post('a'), { status: 201, replayed: false })
  t.match(await post('a'), { status: 201, what: 'hq:1', replayed: true })
  t.equal(sent.length, 1)
})

t.test('a key that was given up while Redis was away is free', async t => {
  const answers = someAnswers()
  const stuck = { ...answers, drop: () => Promise.reject(new Error('no Redis')) }
  let refused = true
  const done = ok({ id: 'hq:1' as CallId, causedBy: 'c' })
  const { post } = await aRun(t, { answers: stuck, dial: () => Promise.resolve(refused ? no('PBX_DOWN') : done) })
  t.match(await post('a'), { status: 503 })
  refused = false
  t.match(await post('a'), { status: 201, replayed: false })
})

t.test('what is no key, and what needs none', async t => {
  const { post, api, sent } = await aRun(t)
  for (const key of ['', ' ', 'a b', 'ä', 'x'.repeat(201)])
    t.match(await post(key), { status: 400, what: 'BAD_REQUEST' })
  t.strictSame(sent, [])
  const headers = { ...auth, 'idempotency-key': 'a b' }
  t.equal((await api.inject({ url: '/v1/calls', headers })).statusCode, 200, 'reading is always repeated')
})

t.end()
