/** One call after another, five hundred of them: as many endings, records and rows, and nothing left over. */
import t from 'tap'
import { load } from '../../lab/sipp.js'
import { readFileSync } from 'node:fs'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'

const CALLS = 500

t.test('five hundred calls', async t => {
  const { lab, crm } = await anExchange(t)
  const socket = await crm.webSocket()
  const counts = await load(lab, { calls: CALLS, ratePerSecond: 100, concurrent: 1, talkMs: 50 })
  t.match(counts, { made: CALLS, succeeded: CALLS, failed: 0 })
  for (let i = 0; i < CALLS; i++) await socket.next('call.recorded')
  const ofType = (type: string) => socket.all.filter(e => e.type === type)
  for (const type of ['call.started', 'call.answered', 'call.ended', 'call.recorded']) {
    t.equal(ofType(type).length, CALLS, type)
    t.equal(new Set(ofType(type).map(e => e.subject)).size, CALLS, `${type}: each call once`)
  }
  t.equal(new Set(socket.all.map(e => e.id)).size, socket.all.length, 'no event twice')

  const history: CallView[] = []
  for (let after = ''; ;) {
    const { body } = await crm.get<{ calls: CallView[]; next?: string }>(`/v1/history?limit=200${after}`)
    history.push(...body.calls)
    if (body.next === undefined) break
    after = `&after=${body.next}`
  }
  t.equal(history.length, CALLS, 'rows in the history')
  t.equal(new Set(history.map(c => c.id)).size, CALLS)
  t.ok(
    history.every(c => c.outcome === 'answered' && c.endedBy === 'caller'),
    'all answered, all ended by the caller',
  )
  t.strictSame((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls, [], 'no live call')

  const rows = readFileSync(lab.asterisk.files.cdr, 'utf8').trim().split('\n')
  t.equal(rows.length, CALLS, "as many rows in the PBX's own call data")
  t.ok(rows.every(row => row.includes('"ANSWERED"')))
  socket.close()
})
