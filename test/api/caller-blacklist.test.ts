/** The command that puts the caller of a call on the blacklist: a number, or a refusal that says why there is none. */
import t from 'tap'
import type { CallView } from '../../src/events/call.js'
import type { Pbx } from '../../src/api/ports.js'
import { anApi, auth } from '../given/api.js'

const NAME = /shows no number that a list can have/

t.test('a caller who shows no number is not put on the list', async t => {
  const table: [number: string, detail: RegExp][] = [
    ['alice', NAME],
    ['12#', NAME],
    ['${EXTEN}', NAME],
    ['x'.repeat(10_000), NAME],
    ['1'.repeat(33), NAME],
    ['', /nobody outside/],
  ]
  for (const [number, detail] of table) {
    const record = () => Promise.resolve({ direction: 'inbound', from: { number }, to: { number: '1' } } as CallView)
    const { api } = await anApi({ history: { record } as unknown as Pbx['history'] })
    const answer = await api.inject({ method: 'POST', url: '/v1/calls/hq:1.1/blacklist', headers: auth })
    t.match(answer.json(), { status: 422, code: 'ENTRY_INVALID', detail }, number.slice(0, 20))
    t.notMatch(answer.json<{ detail: string }>().detail, /match:/, 'the request has no such field')
    await api.close()
  }
})

t.end()
