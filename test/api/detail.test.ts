/** A refusal says what exactly was wrong, with the name of the field; and never more of a request than can be shown. */
import t from 'tap'
import { no } from '../../src/base/result.js'
import { ERRORS, type ErrorCode } from '../../src/base/errors.js'
import { detailOf, shortly } from '../../src/api/detail.js'
import { anApi, auth } from '../given/api.js'

type Answer = { code: string; detail?: string; title: string }
type Request = { method?: 'GET' | 'POST' | 'PUT'; url: string; payload?: string; type?: string }

async function answerOf(
  { method = 'GET', url, payload, type = 'application/json' }: Request,
  code: ErrorCode = 'PBX_DOWN',
) {
  const { api } = await anApi({}, 10, { dial: () => Promise.resolve(no(code)), staff: ['8001'] })
  const headers = { ...auth, ...(payload === undefined ? {} : { 'content-type': type }) }
  const answer = await api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
  await api.close()
  return answer.json<Answer>()
}
const dial = (body: object | string): Request => ({
  method: 'POST',
  url: '/v1/calls',
  payload: typeof body === 'string' ? body : JSON.stringify(body),
})
const call = { from: '1777', to: '12', workgroup: 'sales', by: '8001' }

t.test('the field of a refusal by the engine', async t => {
  const wanted: [code: ErrorCode, field: RegExp][] = [
    ['EXTENSION_UNKNOWN', /^from: does not fit `extensions`/],
    ['NUMBER_NOT_ALLOWED', /^to: takes digits/],
    ['NUMBER_UNKNOWN', /^to: /],
    ['NUMBER_FORBIDDEN', /^to: .*`dialling\.forbidden`/],
    ['NUMBER_CLASS_FORBIDDEN', /^to: .*`dialling\.allowed`/],
    ['WORKGROUP_UNKNOWN', /^workgroup: /],
    ['RIGHT_MISSING', /^by: this member of staff lacks/],
  ]
  for (const [code, detail] of wanted) t.match(await answerOf(dial(call), code), { code, detail }, code)
  t.equal((await answerOf(dial(call))).detail, undefined, 'the code says it all')
  t.match(await answerOf({ url: '/v1/staff?pbx=lost' }), { code: 'PBX_NOT_FOUND', detail: /^pbx: / })
})

t.test('every refusal of a value names what it is about', t => {
  const params = { id: 'hq:8001' }
  t.match(detailOf('EXTENSION_UNKNOWN', { params, body: { extension: '1' } }), /^extension: /)
  t.match(detailOf('REASON_UNKNOWN', { params, body: { reason: 'x' } }), /^reason: /)
  t.match(detailOf('WORKGROUP_UNKNOWN', { params, body: { extension: '1' } }), /workgroups of the agent/)
  t.match(detailOf('SURVEY_UNKNOWN', { params, body: null }), /^survey: /)
  t.match(detailOf('AGENT_NOT_FOUND', { params }), /^id: /)
  t.equal(detailOf('RIGHT_MISSING', { params, query: {} }), undefined)
  t.match(detailOf('WHO_UNCLEAR', { params, body: { code: 'sale' } }), /^code: .* `agent` /)
  t.match(detailOf('WHO_UNCLEAR', { params, body: null }), /^extension: /)
  // Of these the title is the detail, or whoever refuses gives one.
  const own: ErrorCode[] = ['IDEMPOTENCY_KEY_REUSED', 'WHO_UNCLEAR', 'ENTRY_INVALID', 'PROMPT_INVALID', 'IVR_INVALID', 'IMPORT_REFUSED'] // prettier-ignore
  const body = {
    to: '1',
    from: '1',
    by: '1',
    reason: 'x',
    workgroup: 'x',
    survey: 'x',
    data: {},
    language: 'en',
    code: 'x',
  }
  for (const [code, { status }] of Object.entries(ERRORS) as [ErrorCode, { status: number }][])
    if (status === 422 && !own.includes(code)) t.match(detailOf(code, { body }), /^[a-z]+: /, code)
  t.end()
})

t.test('what does not fit a schema', async t => {
  const detail = async (request: Request) => (await answerOf(request)).detail
  t.equal(await detail(dial({ ...call, foo: 1 })), 'body must NOT have additional properties: foo')
  t.equal(await detail({ url: '/v1/history?trunk=1' }), 'querystring must NOT have additional properties: trunk')
  t.match(await detail({ url: '/v1/history?direction=up' }), /^querystring\/direction .*: .*inbound/)
  t.match(await detail(dial({ from: '1' })), /^body must have required property 'to'$/)
  t.equal(
    await detail(dial('{"from":"1","to":"2","__proto__":{"x":1}}')),
    'body has a field __proto__ or constructor, which no request has',
  )
  t.match(await detail(dial('{"from":')), /not valid JSON/)
  for (const command of ['transfers', 'add']) {
    const send = (body: object) =>
      detail({ method: 'POST', url: `/v1/calls/hq:1.1/${command}`, payload: JSON.stringify(body) })
    t.equal(await send({ to: '1', agent: '8001' }), 'body must have to or agent, and only one of them', command)
    t.equal(await send({ extension: '1001' }), 'body must have to or agent', command)
  }
})

t.test('a body of a type that an address does not take: which it takes', async t => {
  const detail = async (method: 'PUT' | 'POST', url: string, type: string) =>
    (await answerOf({ method, url, payload: '{}', type })).detail
  t.equal(await detail('POST', '/v1/calls', 'text/plain'), 'content-type: takes application/json')
  const audio = /^content-type: takes types such as audio\/wav, audio\/mpeg, /
  t.match(await detail('PUT', '/v1/prompts/x', 'application/octet-stream'), audio)
  for (const type of ['application/json', 'text/plain'])
    t.equal(await detail('POST', '/v1/blacklist/import', type), 'content-type: takes text/csv', type)
  const charset = / is one of utf-8, utf-16, /
  t.match(await detail('POST', '/v1/blacklist/import', 'text/csv; charset=utf-7'), charset)
  t.match(await detail('POST', '/v1/blacklist/import?charset=utf-7', 'text/csv'), charset)
})

t.test('no request comes back whole', async t => {
  const requests: Request[] = [
    { url: `/v1/staff/${'A'.repeat(7_000)}` },
    { url: `/v1/staff/${'A'.repeat(10_000)}` },
    { url: `/v1/history?${'A'.repeat(7_000)}=1` },
    { url: '/v1/history?%E2%80%AE%00a%0d=1' },
    { url: `/v1/staff/%${'A'.repeat(290)}` },
    dial({ ...call, ['\u202e'.repeat(10_000)]: 1 }),
    dial({ ...call, data: { ['x'.repeat(10_000)]: 1 } }),
    dial({ ...call, data: { ['x'.repeat(60)]: 1 } }),
  ]
  for (const request of requests) {
    const { detail = '', code } = await answerOf(request)
    t.match(code, /^(?:BAD_REQUEST|URI_TOO_LONG)$/)
    t.ok(detail.length < 400, `${detail.length}: ${detail.slice(0, 100)}`)
    t.notMatch(detail, /[\p{Cc}\p{Cf}]/u)
  }
  t.equal(shortly('\ud83d\ude00'.repeat(80)), `${'\ud83d\ude00'.repeat(64)}…`)
})
