/** Filters take an id as it is shown (`hq:8001`), and as the PBX has it (`8001`). */
import t from 'tap'
import type { HistorySearch } from '../../src/events/history.js'
import { filtersIn, idIn } from '../../src/api/filters.js'
import type { Pbx, Pbxs } from '../../src/api/ports.js'
import { anApi, auth } from '../given/api.js'

const pbxOf = (pbx: string) =>
  ({ engine: { pbx, queues: () => Promise.resolve([{ name: 'sales' }]) } }) as unknown as Pbx
const pbxs: Pbxs = new Map([['hq', pbxOf('hq')], ['branch', pbxOf('branch')]]) // prettier-ignore
const asked = async (name: string | undefined, query: Parameters<typeof filtersIn>[2]) => {
  const { pbx, filters } = await filtersIn(pbxs, name, query)
  return [String(pbx.engine.pbx), filters]
}

t.test('both forms name the same; the PBX in front is the one that is asked', async t => {
  for (const agent of ['8002', 'hq:8002']) t.strictSame(await asked(undefined, { agent }), ['hq', { agent: '8002' }])
  t.strictSame(await asked(undefined, { extension: 'branch:1001' }), ['branch', { extension: '1001' }])
  t.strictSame(await asked('branch', { heard: '1001' }), ['branch', { heard: '1001' }])
  for (const queue of ['SALES', 'hq:Sales']) t.strictSame(await asked(undefined, { queue }), ['hq', { queue: 'sales' }])
  t.strictSame(await asked(undefined, { queue: 'a:b' }), ['hq', { queue: 'a:b' }], 'a queue may have such a name')
  t.strictSame(await asked(undefined, { entry: 'hq:Team:A' }), ['hq', { entry: 'Team:A' }], 'so may a workgroup')
  t.strictSame(await asked(undefined, { agent: undefined }), ['hq', {}])
})

t.test('a PBX that is not there, and two that are, are refused', async t => {
  for (const text of ['nope:8002', ':8002', ':', 'HQ:8002', `${'x'.repeat(10_000)}:1`, 'h\u0000q:1', '\u202ehq:1'])
    t.throws(() => idIn(pbxs, text, 'agent'), { code: 'PBX_NOT_FOUND' }, JSON.stringify(text.slice(0, 20)))
  await t.rejects(asked('branch', { agent: 'hq:8002' }), { code: 'BAD_REQUEST' })
  await t.rejects(asked(undefined, { agent: 'hq:8002', queue: 'branch:sales' }), { code: 'BAD_REQUEST' })
  await t.rejects(asked('nope', {}), { code: 'PBX_NOT_FOUND' })
})

t.test('every address with such a filter takes both', async t => {
  const seen: unknown[] = []
  const note =
    <T>(answer: T) =>
    (query: unknown) => (seen.push(query), Promise.resolve(answer))
  const history = {
    search: (query: HistorySearch) => note({ calls: [] })(query),
    activity: note({ items: [] }),
    activityWithin: (_: number, __: number, agent?: string) => note([])({ agent }),
    listening: note({ items: [] }),
    audit: note({ changes: [] }),
  } as unknown as Pbx['history']
  const { api } = await anApi({ history }, 10, { queues: ['sales'] })
  const time = 'from=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z'
  const table: [url: string, filter: string, own: string, given: string][] = [
    ['/v1/history', 'agent', '8002', '8002'],
    ['/v1/history', 'extension', '1001', '1001'],
    ['/v1/history', 'queue', 'sales', 'sales'],
    ['/v1/activity', 'agent', '8002', 'hq:8002'],
    ['/v1/activity/totals', 'agent', '8002', 'hq:8002'],
    ['/v1/audit', 'entry', '8001', '8001'],
    ['/v1/audit/listening', 'extension', '1001', '1001'],
    ['/v1/audit/listening', 'heard', '1002', '1002'],
    ['/v1/reports/areas', 'queue', 'sales', 'sales'],
    ['/v1/reports/surveys', 'queue', 'sales', 'sales'],
  ]
  for (const [path, filter, own, given] of table) {
    const more = path.startsWith('/v1/audit') ? '' : path.endsWith('surveys') ? `${time}&survey=service&` : `${time}&`
    const ask = (value: string) => api.inject({ url: `${path}?${more}${filter}=${value}`, headers: auth })
    for (const value of [own, `hq:${own}`]) {
      const answer = await ask(value)
      t.equal(answer.statusCode, 200, `${path} ${answer.body}`)
      t.match(seen.splice(0), [{ [filter]: given }], `${path}?${filter}=${value}`)
    }
    if (filter !== 'queue' && filter !== 'entry')
      t.match((await ask(`nope:${own}`)).json(), { code: 'PBX_NOT_FOUND', detail: new RegExp(`^${filter}: `) }, path)
  }
})

t.end()
