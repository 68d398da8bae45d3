/** A queue's own story: who waits, who is there, and numbers that count each visit once. */
import t from 'tap'
import fc from 'fast-check'
import type { EpochMs } from '../../src/base/ids.js'
import { QUEUE_OUTCOMES, type QueueOutcome } from '../../src/events/call-parts.js'
import type { QueueNumbers } from '../../src/events/queue.js'
import type { QueueFact, VisitSeen } from '../../src/queues/reduce.js'
import { at, leg } from '../given/calls.js'
import { aMember, changes, look, sales, tellQueue, viewAt, visit, visits } from '../given/queues.js'

const removed = (name: string): QueueFact => ({
  type: 'member.removed',
  at: at(0),
  queue: 'sales',
  member: { interface: `PJSIP/${name}`, name },
})
const seen = (...names: string[]): QueueFact => ({
  type: 'queue.seen',
  at: at(0),
  queue: { name: 'sales', strategy: 'ringall', members: names.map(name => aMember(name)) },
})

t.test('three wait, the second gives up, the first is answered', async t => {
  const [one, two, three] = [visit(1, { came: 0 }), visit(2, { came: 5 }), visit(3, { came: 9 })]
  const waiting = tellQueue([visits([], [one]), visits([], [two]), visits([], [three])])
  t.match(look(waiting, 10), {
    counts: { waiting: 3 },
    longestWaitSince: '2023-11-14T22:13:20.000Z',
    waiting: [
      { leg: '1.1', position: 1 },
      { leg: '1.2', position: 2 },
      { leg: '1.3', position: 3 },
    ],
    today: { offered: 3, answered: 0 },
  })
  t.equal(look(waiting, 10).today.serviceLevel, undefined, 'nobody has left yet')
  const after = tellQueue(
    [
      visits([two], [visit(2, { came: 5, left: 20, outcome: 'abandoned' })]),
      visits([one], [visit(1, { came: 0, left: 12, outcome: 'answered' })]),
    ],
    waiting,
  )
  t.match(look(after, 30), {
    waiting: [{ leg: '1.3', position: 1 }],
    today: { date: '2023-11-14', offered: 3, answered: 1, abandoned: 1, answeredInTime: 1, serviceLevel: 0.5 },
    lastHalfHour: { offered: 3, averageWaitMs: 12_000 },
  })
})

t.test('whoever comes with a higher priority is put where the PBX puts them', async t => {
  const queue = tellQueue([
    visits([], [visit(1, { came: 0, position: 1 })]),
    visits([], [visit(2, { came: 1, position: 2 })]),
    visits([], [visit(3, { came: 2, position: 1 })]),
  ])
  t.strictSame(
    queue.waiting.map(w => w.leg),
    [leg('1.3'), leg('1.1'), leg('1.2')],
  )
})

t.test('a call that becomes part of another keeps its place', async t => {
  const first = visit(1, { came: 0, call: 'hq:1.1' })
  const queue = tellQueue([
    visits([], [first]),
    visits([], [visit(2, { came: 1 })]),
    visits([first], [visit(1, { came: 0, call: 'hq:9.9' })]),
  ])
  t.strictSame(
    queue.waiting.map(w => w.call),
    ['hq:9.9', 'hq:1.2'],
  )
  t.equal(look(queue, 2).today.offered, 2, 'and is not counted again')
})

t.test('an outcome that was a guess is taken back', async t => {
  const guess = visit(1, { came: 0, left: 30, outcome: 'exit-key' })
  const told = visit(1, { came: 0, left: 30, outcome: 'timeout' })
  const queue = tellQueue([
    visits([], [visit(1, { came: 0 })]),
    visits([visit(1, { came: 0 })], [guess]),
    visits([guess], [told]),
  ])
  t.strictSame(look(queue, 31).today.outcomes, { timeout: 1 })
  t.equal(look(queue, 31).today.offered, 1)
})

t.test('whoever is turned away was never offered', async t => {
  const full = visit(1, { came: 0, left: 0, outcome: 'full' })
  const { today, waiting } = look(tellQueue([visits([], [full])]), 1)
  t.match({ today, waiting }, { today: { offered: 0, outcomes: { full: 1 } }, waiting: [] })
  t.equal(today.serviceLevel, undefined)
})

t.test('answered too late is answered, and not in time', async t => {
  const late = visit(1, { came: 0, left: 21, outcome: 'answered' })
  t.match(look(tellQueue([visits([], [late])]), 22).today, { answered: 1, answeredInTime: 0, serviceLevel: 0 })
})

t.test('members: the PBX knows what they do', async t => {
  const states = [
    changes('1001'),
    changes('1002', { phone: 'ringing' }),
    changes('1003', { phone: 'in-use' }),
    changes('1004', { paused: true, pausedFor: 'lunch' }),
    changes('1005', { phone: 'unavailable', paused: true }),
    changes('Local/7@x', { phone: 'unknown' }),
  ]
  const { members, counts } = look(tellQueue(states), 0)
  t.strictSame(
    members.map(m => [m.extension, m.state, m.pausedFor]),
    [
      ['1001', 'ready', undefined],
      ['1002', 'ringing', undefined],
      ['1003', 'busy', undefined],
      ['1004', 'paused', 'lunch'],
      ['1005', 'unavailable', undefined],
      [undefined, 'ready', undefined],
    ],
  )
  t.strictSame(counts, { waiting: 0, ready: 2, ringing: 1, busy: 1, paused: 1, unavailable: 1 })
})

t.test('members come, go, and are what the PBX says when it is asked', async t => {
  const two = tellQueue([changes('1001'), changes('1002')])
  t.equal(tellQueue([changes('1001')], two), two, 'told twice, nothing changes')
  t.equal(tellQueue([removed('1009')], two), two)
  t.strictSame(
    tellQueue([removed('1001')], two).members.map(m => m.name),
    ['1002'],
  )
  t.match(tellQueue([seen('1003')], two), { strategy: 'ringall', members: [{ name: '1003' }] })
  t.strictSame(tellQueue([{ type: 'queue.unseen', at: at(0) }], two).members, [])
  const gone = tellQueue([{ type: 'queue.unseen', at: at(0) }], sales)
  t.equal(gone.unknown, true, 'the PBX does not have it')
  t.equal(tellQueue([{ type: 'queue.unseen', at: at(0) }], gone), gone)
  const turnedAway: VisitSeen = visit(1, { came: 0, left: 0, outcome: 'full' })
  for (const [fact, unknown] of [
    [seen(), undefined],
    [changes('1001'), undefined],
    [visits([], [{ ...visit(1, { came: 0 }), waited: true }]), undefined],
    [visits([], [turnedAway]), true],
    [removed('1001'), true],
  ] as const)
    t.equal(tellQueue([fact], gone).unknown, unknown, fact.type)
  const waiting = tellQueue([visits([], [visit(1, { came: 0 })])], two)
  t.equal(tellQueue([{ type: 'queue.unseen', at: at(0) }], waiting).unknown, undefined, 'somebody waits there')
})

t.test('a call that is recorded takes nothing back', async t => {
  const done = visit(1, { came: 0, left: 3, outcome: 'answered' })
  const queue = tellQueue([visits([], [done]), { type: 'visits.changed', was: [done], now: [], over: true }])
  t.equal(look(queue, 4).today.answered, 1)
  const open = tellQueue([visits([], [visit(2, { came: 1 })])], queue)
  const gone = tellQueue([{ type: 'visits.changed', was: [visit(2, { came: 1 })], now: [], over: true }], open)
  t.strictSame(gone.waiting, [], 'and nobody waits in a call that is no more')
})

t.test('the day ends at midnight where the PBX is, also when a day has 25 hours', async t => {
  const time = (text: string) => Date.parse(text) as EpochMs
  const one = { ...visit(1, { came: 0 }), joinedAt: time('2026-10-25T22:59:00Z'), leftAt: time('2026-10-25T23:01:00Z') }
  const queue = tellQueue([visits([], [{ ...one, outcome: 'answered' }])])
  const { today, lastHalfHour } = viewAt(queue, time('2026-10-25T23:05:00Z'))
  t.match(today, { date: '2026-10-26', offered: 0, answered: 0 }, 'it began the day before')
  t.match(viewAt(queue, time('2026-10-25T22:59:30Z')).today, { date: '2026-10-25', offered: 1, answered: 1 })
  t.match(lastHalfHour, { offered: 1, answered: 1 })
  t.match(viewAt(queue, time('2026-10-26T23:05:00Z')).today, { date: '2026-10-27', offered: 0, answered: 0 })
  t.match(viewAt(queue, time('2026-10-25T23:35:00Z')).lastHalfHour, { offered: 0, answered: 0 })
})

/** Calls that come and go, each told in up to four steps, the last two of which may differ. */
const stories = fc.array(
  fc.record({
    came: fc.integer({ min: 0, max: 7_200 }),
    waited: fc.integer({ min: 0, max: 600 }),
    guess: fc.constantFrom(...QUEUE_OUTCOMES),
    outcome: fc.constantFrom(...QUEUE_OUTCOMES),
  }),
  { maxLength: 30 },
)

const NOW = 8_000
/** Of the stories' first day, where they are told. */
const MIDNIGHT = 2_800

type Told = { came: number; waited: number; outcome: QueueOutcome }

function expected(calls: readonly Told[], counts: (s: number) => boolean, whole = false) {
  const left = calls.filter(({ came, waited }) => counts(whole ? came : came + waited))
  const turnedAway = (c: Told) => c.outcome === 'full' || c.outcome === 'join-empty'
  return {
    offered: calls.filter(c => counts(c.came) && !turnedAway(c)).length,
    outcomes: QUEUE_OUTCOMES.map(outcome => left.filter(c => c.outcome === outcome).length),
    inTime: left.filter(c => c.outcome === 'answered' && c.waited <= 20).length,
  }
}

const summed = ({ offered, outcomes, answeredInTime }: QueueNumbers) => ({
  offered,
  outcomes: QUEUE_OUTCOMES.map(outcome => outcomes[outcome] ?? 0),
  inTime: answeredInTime,
})

t.test('whatever is told in whichever steps, each visit counts once, in the day and in the last half hour', async t => {
  fc.assert(
    fc.property(stories, fc.integer({ min: 0, max: 1_000 }), (calls, odd) => {
      const steps = calls.flatMap(({ came, waited, guess, outcome }, n) => {
        const left = came + waited
        const chain = [
          [],
          [visit(n, { came })],
          [visit(n, { came, left, outcome: guess })],
          [visit(n, { came, left, outcome })],
        ]
        return chain.slice(1).map((now, i) => ({ n, i, fact: visits(chain[i] ?? [], now) }))
      })
      const mixed = [...steps].sort((a, b) => ((a.n * odd) % 7) - ((b.n * odd) % 7) || a.n - b.n || a.i - b.i)
      const { today, lastHalfHour, waiting } = look(tellQueue(mixed.map(({ fact }) => fact)), NOW)
      const isToday = (s: number) => s >= MIDNIGHT
      const isLate = (s: number) => at(s) - (at(s) % 60_000) > at(NOW) - 1_800_000
      t.strictSame(waiting, [])
      t.strictSame(summed(today), expected(calls, isToday, true))
      t.strictSame(summed(lastHalfHour), expected(calls, isLate))
    }),
  )
})
