/** The endpoints of the configuration: one that the PBX does not have is named. */
import t from 'tap'
import { checksOf } from '../../src/doctor/check.js'
import { judgeEndpoints, type Endpoints } from '../../src/doctor/endpoints.js'

const STATES: Record<string, string> = { trunk: 'NOT_INUSE', alice: 'UNAVAILABLE' }

async function judged(endpoints: Endpoints, knows = true) {
  const { checks, ...say } = checksOf('hq')
  const asked: string[] = []
  await judgeEndpoints({ checks, ...say }, endpoints, variable => {
    asked.push(variable)
    const name = /^DEVICE_STATE\(PJSIP\/(.+)\)$/.exec(variable)?.[1] ?? ''
    return Promise.resolve(knows ? (STATES[name] ?? 'INVALID') : undefined)
  })
  return { checks: checks.map(({ check, verdict, found }) => [check, verdict, found]), asked }
}

t.test('what there is, what there is not, and what cannot be known', async t => {
  t.strictSame((await judged({ trunks: ['trunk'], phones: { alice: '1001' } })).checks, [
    ['endpoints.trunks', 'ok', 'trunk'],
    ['endpoints.phones', 'ok', 'alice'],
  ])
  t.strictSame((await judged({ trunks: ['trnk', 'trunk'], phones: { alice: '1001', bob: '1002' } })).checks, [
    ['endpoints.trunks', 'warning', 'the PBX has no endpoint trnk'],
    ['endpoints.phones', 'warning', 'the PBX has no endpoint bob'],
  ])
  t.match((await judged({ trunks: ['trunk'] }, false)).checks, [['endpoints.trunks', 'unknown', /cannot be checked/]])
  t.strictSame((await judged({ trunks: ['trunk'], endpoint: 'SIP/{extension}' })).checks, [])
  const hostile = await judged({ trunks: ['a)b', '${SHELL(id)}', 'a,b'] })
  t.match(hostile.checks, [['endpoints.trunks', 'warning']])
  t.strictSame(hostile.asked, [], 'none of it is asked for')
})
