/** Who is to be called back, and who was not reached, as stories of recorded calls. */
import t from 'tap'
import { callerOf } from '../../src/calls/site.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { CallView, Outcome } from '../../src/events/call.js'
import { iso } from '../../src/events/event.js'
import { MOST_CALLS, type FollowUp } from '../../src/events/follow-up.js'
import { closedByCommand, closeOldest, followUp, MOST_OPEN } from '../../src/missed/reduce.js'
import { at, site } from '../given/calls.js'

const customer = { number: '01711234567', e164: '+491711234567' }
type Story = { direction?: CallView['direction']; outcome?: Outcome; from?: CallView['from']; to?: CallView['to'] }

/** The n-th second's call; answered ones are answered a second later. */
function aCall(n: number, story: Story, change: Partial<CallView> = {}): CallView {
  const { direction = 'inbound', outcome = 'abandoned' } = story
  const inbound = direction === 'inbound'
  const inside = { number: '1001', extension: '1001' }
  const leg = { channel: '', side: 'callee' as const, state: 'gone' as const, number: '', startedAt: iso(at(n)) }
  return {
    id: `hq:1.${n}`,
    pbx: 'hq',
    revision: 9,
    state: 'ended',
    direction,
    from: story.from ?? (inbound ? customer : inside),
    to: story.to ?? (inbound ? { number: '4930100', e164: '+4930100' } : customer),
    startedAt: iso(at(n)),
    ...(outcome === 'answered' ? { answeredAt: iso(at(n + 1)) } : {}),
    outcome,
    legs: [{ ...leg, id: `1.${n}`, trunk: 'trunk' }],
    offers: [],
    segments: [],
    queues: [],
    transfers: [],
    agents: [
      { extension: '1009', legs: [], talkedMs: 0, heldMs: 0, rangMs: 9 },
      { extension: '1002', agent: 'Ben', legs: [], talkedMs: outcome === 'answered' ? 5 : 0, heldMs: 0, rangMs: 0 },
    ],
    ...change,
  }
}

function told(...calls: CallView[]) {
  const open = new Map<string, FollowUp>()
  const changes = calls.flatMap(call => {
    const made = followUp(site, open, call)
    for (const { key, item } of made) {
      if (item.state === 'open') open.set(key, item)
      else open.delete(key)
    }
    return made
  })
  return { types: changes.map(c => c.type), items: changes.map(c => c.item), open: [...open.values()] }
}

t.test('a caller whom nobody answers calls again, and is then reached by Ben', async t => {
  const { types, items, open } = told(
    aCall(0, {}, { queues: [{ queue: 'sales', leg: '1.0', joinedAt: iso(at(0)) }] }),
    aCall(100, { outcome: 'no-answer', from: { ...customer, name: 'Mia' } }),
    aCall(200, { direction: 'outbound', outcome: 'answered' }),
  )
  t.strictSame(types, ['missed.opened', 'missed.repeated', 'missed.closed'])
  t.match(items[0], { id: 'hq:1.0', state: 'open', attempts: 1, queue: 'sales', to: '+4930100', party: customer })
  t.match(items[1], {
    id: 'hq:1.0',
    attempts: 2,
    firstAt: iso(at(0)),
    lastAt: iso(at(100)),
    calls: ['hq:1.0', 'hq:1.100'],
  })
  t.match(items[2], {
    state: 'done',
    doneBy: 'talk',
    attempts: 2,
    reached: { call: 'hq:1.200', at: iso(at(201)), direction: 'outbound', agent: 'Ben', extension: '1002' },
  })
  t.strictSame(
    items.map(i => i.revision),
    [1, 2, 3],
  )
  t.strictSame(open, [])
})

t.test('a number outside that does not answer, with its cause; then they call by themselves', async t => {
  const { types, items } = told(
    aCall(0, { direction: 'outbound', outcome: 'busy' }, { causeQ850: 17 }),
    aCall(50, { direction: 'outbound', outcome: 'unreachable' }, { causeQ850: 1 }),
    aCall(60, { outcome: 'answered' }),
  )
  t.strictSame(types, ['unreached.opened', 'unreached.repeated', 'unreached.closed'])
  t.match(items[0], { kind: 'unreached', outcome: 'busy', causeQ850: 17, sipStatus: 486, extension: '1001' })
  t.match(items[1], { outcome: 'unreachable', causeQ850: 1, sipStatus: 404, attempts: 2 })
  t.match(items[2]?.reached, { direction: 'inbound', agent: 'Ben' })
})

t.test('callers whose text is no number are told apart by it; nobody is not the same as nobody', async t => {
  const from = (number: string) => callerOf(site, number)
  const { open } = told(
    ...['alice', 'bob', 'alice', 'Private Name', '非通知', '非通知', 'x'.repeat(200)].map((shown, n) => aCall(n * 10, { from: from(shown) })), // prettier-ignore
  )
  const [alice, bob, ...others] = open.map(({ party, attempts }) => [party.number, attempts])
  t.strictSame([alice, bob], [['alice', 2], ['bob', 1]]) // prettier-ignore
  t.strictSame(others, [['', 1], ['', 1], ['', 1], ['x'.repeat(200), 1]]) // prettier-ignore
  t.strictSame(
    told(aCall(0, { from: from('bob') }), aCall(10, { from: from('alice'), outcome: 'answered' })).open.length,
    1,
  )
  const mobile = told(aCall(0, { from: from('01711234567;cpc=ordinary') }), aCall(10, { from: from('+491711234567') }))
  t.match(mobile.open, [{ attempts: 2, party: { e164: '+491711234567' } }])
})

t.test('what is nobody to be called back', async t => {
  t.strictSame(told(aCall(0, { direction: 'internal' }), aCall(1, { outcome: 'answered' })).types, [])
  const ownPhone = aCall(0, { direction: 'outbound', outcome: 'no-answer' }, { legs: [] })
  t.strictSame(told(ownPhone).types, [], 'the phone that was to dial did not answer: nobody outside was called')
})

t.test('a talk that had begun before the last attempt is no answer to it', async t => {
  const long = aCall(0, { outcome: 'answered' })
  t.strictSame(told(aCall(10, {}), long).types, ['missed.opened'])
  t.strictSame(told(aCall(10, {}), long, aCall(20, { outcome: 'answered' })).types, ['missed.opened', 'missed.closed'])
})

t.test('somebody says that it is done; the next attempt is a new item', async t => {
  const { open } = told(aCall(0, {}))
  const [item] = open
  if (!item) throw new Error('no item')
  t.match(closedByCommand('/missed/1', item, at(9)), {
    type: 'missed.closed',
    item: { state: 'done', doneBy: 'command', doneAt: iso(at(9)), revision: 2 },
  })
  t.match(told(aCall(20, {})).items, [{ id: 'hq:1.20', attempts: 1 }])
})

t.test('limits: calls of an item, and open items', async t => {
  const many = told(...Array.from({ length: MOST_CALLS + 5 }, (_, n) => aCall(n, {})))
  t.match(many.open, [{ attempts: MOST_CALLS + 5, calls: { length: MOST_CALLS } }])
  t.equal(many.open[0]?.calls.at(-1), `hq:1.${MOST_CALLS + 4}`)
  const [item] = many.open
  if (!item) throw new Error('no item')
  const full = new Map(Array.from({ length: MOST_OPEN }, (_, n) => [String(n), item] as const))
  t.strictSame(closeOldest(full, 0 as EpochMs), [])
  full.set('one more', item)
  t.match(closeOldest(full, at(5)), [{ type: 'missed.closed', item: { doneBy: 'age', doneAt: iso(at(5)) } }])
})

t.test('whom the blacklist turned away, nobody is to call; whoever only waited behind others, somebody is', async t => {
  const because = [{ rule: 'blacklist' as const, name: '+4917*' }]
  for (const does of ['busy', 'hangup', 'message'] as const)
    t.strictSame(told(aCall(0, {}, { routing: { does, because } })).types, [], does)
  for (const does of ['number', 'agent', 'ivr', 'dialplan'] as const)
    t.strictSame(told(aCall(0, {}, { routing: { does, because } })).types, ['missed.opened'], does)
})

t.test(
  'a colleague or a group that is forwarded outside is no number that was not reached; a short number outside is',
  t => {
    const leg = (number: string) => ({
      ...{ id: '1.1', channel: '', side: 'callee' as const, state: 'gone' as const, startedAt: iso(at(0)) },
      ...{ number, trunk: 'trunk' },
    })
    const called = (to: CallView['to'], number: string) =>
      followUp(site, new Map(), aCall(1, { direction: 'outbound', outcome: 'no-answer', to }, { legs: [leg(number)] }))
        .length
    t.equal(called({ number: '100200', extension: '100200' }, '01711234567'), 0)
    t.equal(called({ number: '2101' }, '01711234567'), 0)
    t.equal(called({ number: '2101' }, '993#2101'), 1, 'a code for the trunk')
    t.equal(called({ number: '2101' }, '01711232101'), 0, 'a mobile that ends alike')
    t.equal(called({ number: '115' }, '115'), 1)
    t.equal(called({ number: '10086' }, ''), 1)
    t.end()
  },
)

t.test('callers who show no number are nobody: each call is an item of its own, which no talk closes', async t => {
  const nobody = { number: '' }
  const { types, open } = told(aCall(0, { from: nobody }), aCall(100, { from: nobody }), aCall(200, { from: nobody, outcome: 'answered' })) // prettier-ignore
  t.strictSame(types, ['missed.opened', 'missed.opened'])
  t.strictSame(
    open.map(({ id, attempts }) => [id, attempts]),
    [
      ['hq:1.0', 1],
      ['hq:1.100', 1],
    ],
  )
})

t.test('a number is one in all its writings, and in those of an item of before', async t => {
  const prefixed = { ...site, trunkPrefix: '9' }
  const short = [{ number: '0049 171 12345' }, { number: '+4917112345' }]
  t.strictSame(told(...short.map((from, n) => aCall(n, { from }))).types, ['missed.opened', 'missed.repeated'])
  const [stored] = told(aCall(0, { direction: 'outbound', outcome: 'no-answer', to: { number: '901711234567' } })).open
  if (!stored) throw new Error('no item')
  const open = new Map([['/unreached/901711234567', stored]])
  const talk = aCall(9, { outcome: 'answered' })
  t.match(followUp(prefixed, open, talk), [{ type: 'unreached.closed', key: '/unreached/901711234567' }])
  t.strictSame(followUp(prefixed, open, aCall(9, { outcome: 'answered', from: { number: '01711234568' } })), [])
})
