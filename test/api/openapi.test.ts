/** The API's description is sound, and says what is answered. */
import t from 'tap'
import { Validator } from '@seriousme/openapi-schema-validator'
import { ERRORS } from '../../src/base/errors.js'
import { anApi } from '../given/api.js'

type Operation = {
  tags: string[]
  summary?: string
  responses: Record<string, { description: string; content?: object }>
}

t.test('a sound OpenAPI 3.1', async t => {
  const { api } = await anApi()
  const document = (await api.inject({ url: '/openapi.json' })).json<{
    openapi: string
    tags: { name: string }[]
    paths: Record<string, Record<string, Operation>>
  }>()
  const result = await new Validator().validate(structuredClone(document))
  t.ok(result.valid, JSON.stringify(result.errors))
  t.equal(document.openapi, '3.1.0')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, o]) => ({ name: `${method} ${path}`, ...o })),
  )
  const headings = new Set(operations.flatMap(o => o.tags))
  t.strictSame(headings, new Set(document.tags.map(tag => tag.name)), 'each heading of the page says what is under it')
  t.strictSame(operations.map(o => o.name).sort(), [
    'delete /v1/blacklist/{entry}',
    'delete /v1/dedicated/{entry}',
    'delete /v1/dictionaries/{entry}',
    'delete /v1/prompts/{name}',
    'delete /v1/roles/{entry}',
    'delete /v1/staff/{entry}',
    'delete /v1/voicemail/{id}',
    'delete /v1/workgroups/{entry}',
    'get /healthz',
    'get /metrics',
    'get /readyz',
    'get /v1/activity',
    'get /v1/activity/totals',
    'get /v1/agents',
    'get /v1/agents/{id}',
    'get /v1/alarms',
    'get /v1/areas/{number}',
    'get /v1/audit',
    'get /v1/audit/listening',
    'get /v1/blacklist',
    'get /v1/blacklist/export',
    'get /v1/blacklist/{entry}',
    'get /v1/call-backs',
    'get /v1/call-backs/{id}',
    'get /v1/calls',
    'get /v1/calls/{id}',
    'get /v1/calls/{id}/recordings/{name}',
    'get /v1/calls/{id}/trace',
    'get /v1/calls/{id}/transfers/{transfer}',
    'get /v1/dedicated',
    'get /v1/dedicated/export',
    'get /v1/dedicated/{entry}',
    'get /v1/dictionaries',
    'get /v1/dictionaries/{entry}',
    'get /v1/directory',
    'get /v1/events',
    'get /v1/extensions',
    'get /v1/extensions/{id}',
    'get /v1/history',
    'get /v1/history/{id}',
    'get /v1/ivr',
    'get /v1/ivr/{menu}/diagram',
    'get /v1/missed',
    'get /v1/missed/{id}',
    'get /v1/pbxs',
    'get /v1/prompts',
    'get /v1/prompts/{name}/sound',
    'get /v1/queues',
    'get /v1/queues/{id}',
    'get /v1/reports/areas',
    'get /v1/reports/ivr',
    'get /v1/reports/surveys',
    'get /v1/roles',
    'get /v1/roles/{entry}',
    'get /v1/routing/emergency',
    'get /v1/snapshot',
    'get /v1/staff',
    'get /v1/staff/{entry}',
    'get /v1/unreached',
    'get /v1/unreached/{id}',
    'get /v1/voicemail',
    'get /v1/voicemail/boxes',
    'get /v1/voicemail/{id}',
    'get /v1/voicemail/{id}/sound',
    'get /v1/workgroups',
    'get /v1/workgroups/{entry}',
    'patch /v1/calls/{id}',
    'patch /v1/history/{id}',
    'patch /v1/missed/{id}',
    'patch /v1/unreached/{id}',
    'patch /v1/voicemail/{id}',
    'post /v1/agents/{id}/not-ready',
    'post /v1/agents/{id}/ready',
    'post /v1/agents/{id}/sign-in',
    'post /v1/agents/{id}/sign-out',
    'post /v1/agents/{id}/workgroups/add',
    'post /v1/agents/{id}/workgroups/remove',
    'post /v1/agents/{id}/wrap-up/end',
    'post /v1/agents/{id}/wrap-up/extend',
    'post /v1/blacklist',
    'post /v1/blacklist/import',
    'post /v1/call-backs/{id}/cancel',
    'post /v1/calls',
    'post /v1/calls/{id}/add',
    'post /v1/calls/{id}/answer',
    'post /v1/calls/{id}/blacklist',
    'post /v1/calls/{id}/digits',
    'post /v1/calls/{id}/drop',
    'post /v1/calls/{id}/flash',
    'post /v1/calls/{id}/hangup',
    'post /v1/calls/{id}/hold',
    'post /v1/calls/{id}/leave',
    'post /v1/calls/{id}/listen',
    'post /v1/calls/{id}/lock',
    'post /v1/calls/{id}/mute',
    'post /v1/calls/{id}/park',
    'post /v1/calls/{id}/pickup',
    'post /v1/calls/{id}/record',
    'post /v1/calls/{id}/record/pause',
    'post /v1/calls/{id}/record/resume',
    'post /v1/calls/{id}/record/stop',
    'post /v1/calls/{id}/reject',
    'post /v1/calls/{id}/retrieve',
    'post /v1/calls/{id}/survey',
    'post /v1/calls/{id}/take-over',
    'post /v1/calls/{id}/transfers',
    'post /v1/calls/{id}/transfers/{transfer}/cancel',
    'post /v1/calls/{id}/transfers/{transfer}/complete',
    'post /v1/calls/{id}/transfers/{transfer}/conference',
    'post /v1/calls/{id}/transfers/{transfer}/swap',
    'post /v1/calls/{id}/unlock',
    'post /v1/calls/{id}/unmute',
    'post /v1/calls/{id}/unpark',
    'post /v1/calls/{id}/wrap-up',
    'post /v1/dedicated',
    'post /v1/dedicated/import',
    'post /v1/dictionaries',
    'post /v1/ivr/reload',
    'post /v1/numbers/explain',
    'post /v1/prompts/{name}/play',
    'post /v1/prompts/{name}/record',
    'post /v1/prompts/{name}/speech',
    'post /v1/queues/reload',
    'post /v1/queues/{id}/waiting/{call}/move',
    'post /v1/queues/{id}/waiting/{call}/prefer',
    'post /v1/queues/{id}/waiting/{call}/send-away',
    'post /v1/queues/{id}/waiting/{call}/take',
    'post /v1/roles',
    'post /v1/routing/preview',
    'post /v1/staff',
    'post /v1/voicemail/{id}/forward',
    'post /v1/workgroups',
    'put /v1/dictionaries/{entry}',
    'put /v1/prompts/{name}',
    'put /v1/roles/{entry}',
    'put /v1/routing/emergency',
    'put /v1/staff/{entry}',
    'put /v1/workgroups/{entry}',
  ])
  for (const { name, summary, responses } of operations) {
    t.ok(summary, `${name} says what it is for`)
    for (const [status, { description, content }] of Object.entries(responses)) {
      t.not(description, 'Default Response', `${name} ${status}`)
      if (Number(status) >= 400 && name.includes('/v1/'))
        t.ok(content && 'application/problem+json' in content, `${name} ${status}`)
    }
  }
  await api.close()
})

t.test('every code can be found in it', async t => {
  const { api } = await anApi()
  const text = (await api.inject({ url: '/openapi.json' })).body
  for (const code of Object.keys(ERRORS)) t.match(text, code)
  const page = await api.inject({ url: '/docs' })
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], 'text/html')
  await api.close()
})
