/** How far a call-back is, by what the call of its last attempt shows: each state with each thing that it may show. */
import t from 'tap'
import fc from 'fast-check'
import type { CallId, EpochMs } from '../../src/base/ids.js'
import { cancelled, isOver, looked, moved, notPlaced, placed, viewCallBack, type CallBack, type Shown } from '../../src/call-backs/reduce.js' // prettier-ignore
import { ATTEMPT_OUTCOMES, CALL_BACK_STATES } from '../../src/events/call-back.js'

const at = (s: number) => (1_700_000_000_000 + s * 1_000) as EpochMs
const rules = { attempts: 2, retryMs: 60_000 }
const asked: CallBack = {
  id: 'a',
  state: 'pausing',
  party: { number: '1003' },
  number: '1003',
  queue: 'sales',
  position: 2,
  call: 'hq:1' as CallId,
  at: at(0),
  revision: 1,
  attempts: [],
  nextAt: at(0),
}
const waiting = placed(asked, 'hq:2' as CallId, at(1))
const nothing: Shown = { agent: false, talked: false, ended: false }
const shows = (was: CallBack, shown: Partial<Shown>, s = 10) => looked(was, { ...nothing, ...shown }, rules, at(s))

t.test('they wait, an agent answers, and they talk', async t => {
  t.match(waiting, { state: 'waiting', revision: 2, attempts: [{ call: 'hq:2', at: at(1) }] })
  t.notOk('nextAt' in waiting)
  t.equal(shows(waiting, {}), waiting, 'nothing is new')
  const calling = shows(waiting, { agent: true })
  t.match(calling, { state: 'calling', revision: 3 })
  t.equal(shows(calling, { agent: true }), calling)
  t.match(shows(calling, { agent: true, talked: true }), {
    state: 'done',
    doneAt: at(10),
    attempts: [{ outcome: 'talked' }],
  })
  t.match(shows(waiting, { talked: true }), { state: 'done' }, 'of the agent nobody had heard')
})

t.test('who does not answer is tried again, and no more than so often', async t => {
  const once = shows(waiting, { agent: true, ended: true })
  t.match(once, { state: 'pausing', nextAt: at(70), attempts: [{ outcome: 'no-answer' }] })
  const twice = placed(once, 'hq:3' as CallId, at(70))
  t.match(shows(twice, { agent: true, ended: true }, 80), { state: 'failed', attempts: [{}, { outcome: 'no-answer' }] })
})

t.test('that nobody was there to answer does not count; what was lost does, and is tried again at once', async t => {
  let one: CallBack = waiting
  for (let i = 0; i < 5; i += 1) {
    one = shows(one, { ended: true })
    t.match(one, { state: 'pausing', nextAt: at(70) })
    one = placed(one, 'hq:4' as CallId, at(70))
  }
  t.match(shows(one, { ended: true, gone: true }), { state: 'pausing', nextAt: at(10) })
})

t.test('moved to another queue: nobody in the one before has answered', async t => {
  const there = moved(waiting, 'service', at(5))
  t.match(there, {
    state: 'pausing',
    queue: 'service',
    nextAt: at(5),
    revision: 3,
    attempts: [{ outcome: 'no-agent' }],
  })
  const known = moved(shows(waiting, { agent: true, ended: true }), 'service', at(70))
  t.match(known, { attempts: [{ outcome: 'no-answer' }] })
})

t.test('not placed, and cancelled', async t => {
  t.match(notPlaced(waiting, rules, at(5)), { state: 'pausing', nextAt: at(65) })
  const over = cancelled(waiting, at(5), 'key:crm')
  t.match(over, { state: 'cancelled', doneBy: 'key:crm', doneAt: at(5) })
  t.equal(cancelled(over, at(6), 'x'), over)
  t.equal(shows(over, { talked: true }), over)
})

t.test('whatever is shown: a revision is never told twice, nothing follows the end, and the view fits', async t => {
  const shown = fc.record({ agent: fc.boolean(), talked: fc.boolean(), ended: fc.boolean() })
  fc.assert(
    fc.property(fc.array(shown, { maxLength: 20 }), all => {
      let one = waiting
      for (const what of all) {
        const next = one.state === 'pausing' ? placed(one, 'hq:9' as CallId, at(20)) : looked(one, what, rules, at(20))
        if (isOver(one)) t.equal(next, one)
        else if (next !== one) t.equal(next.revision, one.revision + 1)
        t.ok(next.state in CALL_BACK_STATES)
        for (const { outcome } of next.attempts) t.ok(outcome === undefined || outcome in ATTEMPT_OUTCOMES)
        one = next
      }
      t.equal(viewCallBack('hq', one).id, 'hq:a')
    }),
  )
}) // prettier-ignore
