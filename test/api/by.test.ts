/** `by` names who asks: one whom the directory does not have is refused, wherever it is taken. */
import t from 'tap'
import { anApi, auth } from '../given/api.js'

type Schema = {
  pattern?: string
  properties?: Record<string, Schema>
  anyOf?: Schema[]
}
type Operation = {
  parameters?: { in: string; name: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, object>
}

/** What else the bodies need. */
const BODIES: Readonly<Record<string, object>> = {
  '/v1/calls': { from: '1001', to: '1002' },
  '/v1/numbers/explain': { number: '1002' },
  '/v1/calls/{id}/transfers': { to: '1002' },
  '/v1/calls/{id}/add': { to: '1002' },
  '/v1/calls/{id}/digits': { digits: '1' },
  '/v1/calls/{id}/drop': { leg: '1.1' },
  '/v1/calls/{id}/monitor-mode': { mode: 'whisper' },
  '/v1/agents/{id}/not-ready': { reason: '1' },
  '/v1/agents/{id}/wrap-up/extend': { byMs: 1000 },
  '/v1/calls/{id}/wrap-up': { code: 'sold' },
  '/v1/agents/{id}/workgroups/add': { workgroup: 'sales' },
  '/v1/agents/{id}/workgroups/remove': { workgroup: 'sales' },
  '/v1/queues/{id}/waiting/{call}/take': { agent: '8001' },
  '/v1/queues/{id}/waiting/{call}/move': { workgroup: 'sales' },
  '/v1/queues/{id}/waiting/{call}/prefer': { priority: 1 },
  '/v1/routing/emergency': { on: true },
  '/v1/blacklist': { match: '+4930123456' },
  '/v1/dedicated': { match: '+4930123456', agent: '8001' },
  '/v1/prompts/{name}/speech': { text: 'Welcome' },
  '/v1/prompts/{name}/play': { extension: '1001' },
  '/v1/prompts/{name}/record': { extension: '1001' },
  '/v1/voicemail/{id}': { state: 'heard' },
  '/v1/voicemail/{id}/forward': { box: '1002' },
  '/v1/staff': { id: '8009', name: 'Eve', role: 'agent', workgroups: [] },
  '/v1/workgroups': { id: 'sales', name: 'Sales' },
  '/v1/dictionaries': { id: '11', names: { en: 'Reasons' }, entries: [] },
  '/v1/roles': { id: 'agent', name: 'Agent', rights: [] },
}
const bodyOf = (path: string) => BODIES[path] ?? BODIES[path.replace('/{entry}', '')]

const isStaffId = (schema: Schema | undefined) => schema?.pattern?.includes('_-') === true
const byIn = (schema: Schema | undefined): boolean =>
  isStaffId(schema?.properties?.['by']) || (schema?.anyOf ?? []).some(byIn)

t.test('an unknown `by` is refused, and a known one is not', async t => {
  const { api } = await anApi({}, 10, { staff: ['8100'] })
  const { paths } = (await api.inject({ url: '/openapi.json' })).json<{
    paths: Record<string, Record<string, Operation>>
  }>()
  const taking = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { parameters = [], requestBody, responses }]) => {
      const inQuery = parameters.some(({ name, schema }) => name === 'by' && isStaffId(schema))
      const inBody = byIn(requestBody?.content['application/json']?.schema)
      const actions = parameters.some(({ name }) => name === 'actions') ? '&actions=true' : ''
      return inQuery || inBody
        ? [{ path, method, inQuery, actions, kind: Object.keys(requestBody?.content ?? {})[0], responses }]
        : []
    }),
  )
  t.ok(taking.length > 50, `${taking.length} addresses take one`)
  for (const { path, method, inQuery, actions, kind, responses } of taking) {
    const url = path.replaceAll(/\{\w+\}/g, part => (part === '{name}' ? 'welcome' : 'hq:1.1'))
    const asked = async (by: string) => {
      const answer = await api.inject({
        method: method as 'GET',
        url: inQuery ? `${url}?by=${by}${actions}` : url,
        headers: { ...auth, ...(kind !== undefined && { 'content-type': kind }) },
        ...(kind === 'application/json' && {
          payload: JSON.stringify({ ...bodyOf(path), ...(inQuery ? {} : { by }) }),
        }),
        ...(kind !== undefined && kind !== 'application/json' && { payload: 'match' }),
      })
      return { status: answer.statusCode, body: answer.body }
    }
    t.match(await asked('9999'), { status: 422, body: /STAFF_UNKNOWN.*by: the directory/ }, `${method} ${path}`)
    t.notMatch((await asked('8100')).body, 'STAFF_UNKNOWN', `${method} ${path}, by one whom there is`)
    t.ok(responses['422'], `${method} ${path} says so`)
  }
  await api.close()
})
