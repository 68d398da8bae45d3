/** A queue's visits beside the queue log: whatever is wrong is found, and what was concluded is explained. */
import t from 'tap'
import { reconcile } from '../../src/reconcile/all.js'
import { asText } from '../../src/reconcile-command.js'
import type { EpochMs, LegId, PbxId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import type { PbxChannel } from '../../src/reconcile/calls.js'
import { USUAL, type Difference, type Gap } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { compareVisits } from '../../src/reconcile/visit-fields.js'
import { visitsOf, type PbxVisit } from '../../src/reconcile/visits.js'
import { told } from '../given/recording.js'
import { recordOf } from '../given/story-books.js'

const [ours] = told('queue-answered').calls
const [theirs] = visitsOf(readQueueLog(recordOf('queue-answered', 'queue_log')).rows)
if (!ours || !theirs) throw new Error('it was recorded')
const visit = ours.queues[0]
if (!visit) throw new Error('they waited')

const compare = (mine: readonly CallView[], other: readonly PbxVisit[]) => compareVisits(USUAL, mine, other)
const changed = (change: Partial<typeof visit>): CallView => ({ ...ours, queues: [{ ...visit, ...change }] })
const kinds = (differences: readonly Difference[]) => differences.map(d => d.kind)
const later = (text = '', byMs = 0) => new Date(Date.parse(text) + byMs).toISOString()

t.test('as recorded there is no difference', async t => {
  t.match(theirs, { queue: 'sales', outcome: 'answered', agent: 'Ana', endedBy: 'caller', unanswered: [] })
  t.strictSame(compare([ours], [theirs]), [])
})

t.test('whatever is wrong is found', async t => {
  const wrong: Record<string, CallView> = {
    queueOutcome: changed({ outcome: 'abandoned' }),
    waitedMs: changed({ waitedMs: 9_000 }),
    agent: changed({ member: 'Ben' }),
    agentTalkedMs: changed({ leftAt: later(visit.leftAt, -9_000) }),
    agentEndedBy: { ...ours, endedBy: 'callee' },
    unanswered: { ...ours, offers: ours.offers.map(o => ({ ...o, result: 'no-answer' as const })).slice(0, 1) },
  }
  for (const [kind, call] of Object.entries(wrong)) {
    t.strictSame(kinds(compare([call], [theirs])), [kind], kind)
    t.equal(compare([call], [theirs])[0]?.reason, undefined, `${kind}: not explained by anything`)
    t.type(
      compare([{ ...call, inferred: true }], [theirs])[0]?.reason,
      'string',
      `${kind}: explained where it was inferred`,
    )
  }
})

t.test(
  'the agent has left, and the caller goes on with a mailbox that was added: the queue waits for the end of that',
  async t => {
    const gone = later(visit.leftAt, 300)
    const over = later(visit.leftAt, 9_300)
    const legs = ours.legs.map(l => ({ ...l, endedAt: l.id === visit.answeredBy ? gone : over }))
    const box: CallView['segments'][number] = { kind: 'voicemail', legs: [visit.leg], startedAt: gone, endedAt: over }
    const called = { ...ours, legs, segments: [...ours.segments.map(s => ({ ...s, endedAt: gone })), box] }
    const reason = /the caller went on/
    t.match(compare([called], [{ ...theirs, talkedMs: 9_000 }]), [{ kind: 'agentTalkedMs', ours: 300, reason }])
    t.match(compare([called], [{ ...theirs, talkedMs: 5_000 }]), [{ kind: 'agentTalkedMs', reason: undefined }])
    const nowhere = { ...called, segments: called.segments.slice(0, -1) }
    t.match(compare([nowhere], [{ ...theirs, talkedMs: 9_000 }]), [{ kind: 'agentTalkedMs', reason: undefined }])
  },
)

t.test('who hung up before the caller was put through is written as AGENTDUMP, and rang in vain', async t => {
  const log = recordOf('queue-answered', 'queue_log')
  const dumped = log.replace(
    /^(\d+\|[^|]+\|[^|]+)\|[^|]+\|CONNECT/m,
    (row, of: string) => `${of}|Ana|AGENTDUMP|\n${row}`,
  )
  t.not(dumped, log)
  const [other] = visitsOf(readQueueLog(dumped).rows)
  if (!other) throw new Error('they waited')
  const [offer] = ours.offers
  if (!offer) throw new Error('a phone rang')
  const twice: CallView = { ...ours, offers: [{ ...offer, leg: '1.9', result: 'not-accepted' }, ...ours.offers] }
  t.strictSame(compare([twice], [other]), [])
  t.match(compare([ours], [other]), [{ kind: 'unanswered', ours: 0, theirs: 1, reason: undefined }])
})

t.test('the channel event log knows better who hung up', async t => {
  const [caller, agent] = [visit.leg, visit.answeredBy ?? '']
  const name = (leg: string) => ours.legs.find(l => l.id === leg)?.channel ?? ''
  const channel = (leg: string): PbxChannel => ({
    leg: leg as LegId,
    name: name(leg),
    kind: 'party',
    startedAt: 0 as EpochMs,
    hungUpBy: name(agent),
  })
  const channels = new Map([caller, agent].map(leg => [leg, channel(leg)]))
  const ended = { ...ours, endedBy: 'callee' as const }
  t.match(compareVisits(USUAL, [ended], [theirs], channels), [{ kind: 'agentEndedBy', reason: /says callee, too/ }])
  const other = { ...theirs, endedBy: 'callee' as const }
  t.match(compareVisits(USUAL, [ours], [other], channels), [{ kind: 'agentEndedBy', reason: undefined }])

  // Behind a Local channel it takes a moment until the queue knows, and the caller hangs up meanwhile.
  const bothHungUp = (callerAt: number, agentAt: number) =>
    new Map([
      [caller, { ...channel(caller), hungUpBy: name(caller), endedAt: callerAt as EpochMs }],
      [agent, { ...channel(agent), endedAt: agentAt as EpochMs }],
    ])
  const inOrder = (callerAt: number, agentAt: number) =>
    compareVisits(USUAL, [ended], [theirs], bothHungUp(callerAt, agentAt))
  t.match(inOrder(1_200, 1_000), [{ kind: 'agentEndedBy', reason: /says callee, too/ }])
  t.match(inOrder(1_000, 1_200), [{ kind: 'agentEndedBy', reason: undefined }])
})

t.test('a visit that one of the two does not have', async t => {
  t.match(compare([{ ...ours, queues: [] }], [theirs]), [{ kind: 'visit', ours: 'none', reason: undefined }])
  const around = (ms: number): Gap => ({
    from: (theirs.joinedAt + ms) as EpochMs,
    until: (theirs.joinedAt + ms + 10) as EpochMs,
  })
  const inGap = (ms: number) =>
    compareVisits({ ...USUAL, gaps: [around(ms)] }, [{ ...ours, queues: [] }], [theirs])[0]?.reason
  t.match(inGap(-5), /nothing was heard/)
  t.equal(inGap(60_000), undefined, 'another gap explains nothing')
  t.match(compare([ours], []), [{ kind: 'visit', theirs: 'none', call: ours.id }])
  t.strictSame(compare([changed({ outcome: 'full', answeredBy: '' })], []), [], 'who is turned away is not in the log')
  const hourLater = changed({ joinedAt: later(visit.joinedAt, 3_600_000) })
  t.strictSame(kinds(compare([hourLater], [theirs])), ['visit', 'visit'])
})

t.test('of two who came in the same second, we have one: it is the one of the same call', async t => {
  const unheard: PbxVisit = { ...theirs, leg: 'lab-1.9' as LegId, outcome: 'abandoned' }
  for (const all of [
    [unheard, theirs],
    [theirs, unheard],
  ])
    t.match(compare([ours], all), [{ kind: 'visit', call: 'lab-1.9', ours: 'none' }])
})

t.test('every way out of a queue', async t => {
  const rows = [
    ['ABANDON|1|1|7', { outcome: 'abandoned', waitedMs: 7_000 }],
    ['EXITWITHTIMEOUT|1|1|30', { outcome: 'timeout', waitedMs: 30_000 }],
    ['EXITEMPTY|1|1|5', { outcome: 'leave-empty', waitedMs: 5_000 }],
    ['EXITWITHKEY|5|1|1|4', { outcome: 'exit-key', waitedMs: 4_000 }],
    ['WITHDRAW|1|1|3', { outcome: 'withdrawn', waitedMs: 3_000 }],
  ] as const
  for (const [row, found] of rows) {
    const text = ['10|1.1|q|NONE|ENTERQUEUE||1|1', `11|1.1|q|Ana|RINGNOANSWER|100`, `40|1.1|q|NONE|${row}`, ''].join(
      '\n',
    )
    const padded = text.replace(/^(\d\d)\|/gm, '17000000$1|')
    t.match(visitsOf(readQueueLog(padded).rows), [{ ...found, unanswered: ['Ana'] }], row)
  }
})

t.test('after a transfer into a queue another leg has the place of the one that waits', async t => {
  const rows = readQueueLog(
    '1700000010|1.1|q|NONE|ENTERQUEUE||1|1\n1700000010|1.9|q|NONE|ENTERQUEUE||9|2\n1700000012|1.2|q|Ana|CONNECT|2|1.3|0\n',
  ).rows
  const callOf = new Map([
    ['1.1', 'a'],
    ['1.2', 'a'],
    ['1.9', 'b'],
  ])
  t.match(visitsOf(rows, callOf), [{ leg: '1.1' as LegId, outcome: 'answered', agent: 'Ana' }, { outcome: undefined }])
  t.match(visitsOf(rows), [{ outcome: undefined }, { outcome: undefined }])
})

t.test('a way out that is concluded explains nothing of whose phones rang', async t => {
  const offers = ours.offers.map(o => ({ ...o, result: 'no-answer' as const }))
  const timedOut: CallView = { ...changed({ outcome: 'timeout' }), offers, inferred: true }
  const log = { ...theirs, outcome: 'timeout' as const }
  t.match(compare([timedOut], [log]), [{ kind: 'unanswered', ours: offers.length, theirs: 0, reason: undefined }])
  const rang = (gap: Gap) => compareVisits({ ...USUAL, gaps: [gap] }, [timedOut], [log])[0]?.reason
  const around = (from: number, until: number): Gap => ({ from: from as EpochMs, until: until as EpochMs })
  t.type(rang(around(theirs.joinedAt, theirs.joinedAt + 10)), 'string', 'a gap does')
  t.equal(rang(around(theirs.joinedAt - 90_000, theirs.joinedAt - 60_000)), undefined, 'not one that was before')
})

t.test(
  'a member whose dialplan answers before a phone does: the queue has connected them, and no ring was in vain',
  async t => {
    const { answeredBy: _, extension: __, agent: ___, ...named } = visit
    const { answeredAt: ____, ...unanswered } = ours
    const offers = ours.offers
      .filter(o => o.member === visit.member)
      .map(o => ({ ...o, via: 'lab-9.1', result: 'no-answer' as const }))
    const rangOut: CallView = { ...unanswered, outcome: 'no-answer', endedBy: 'pbx', offers, queues: [named] }
    t.equal(offers.length, 1)
    t.strictSame(compare([rangOut], [theirs]), [])
    const before = { ...offers[0], via: 'lab-9.0', leg: 'lab-9.2' } as (typeof offers)[number]
    const twice = { ...rangOut, offers: [before, ...offers] }
    t.match(compare([twice], [theirs]), [{ kind: 'unanswered', ours: 1, theirs: 0 }], 'an earlier ring was')
    t.match(compare([{ ...rangOut, queues: [{ ...named, member: 'Ben' }] }], [theirs]), [
      { kind: 'agent', ours: 'Ben' },
      { kind: 'unanswered' },
    ])
  },
)

t.test('a caller hangs up at the moment at which the queue connects them, or lets go of them', async t => {
  const segments = ours.segments.filter(s => s.kind !== 'talk')
  const gaveUp = (endedAfterMs: number): CallView => ({
    ...ours,
    // By somebody else, before they came into the queue.
    answeredAt: later(visit.joinedAt, -2_000),
    segments,
    queues: [{ ...visit, outcome: 'abandoned' }],
    legs: ours.legs.map(l =>
      l.id === visit.leg ? { ...l, reason: 'hung-up', endedAt: later(visit.leftAt, endedAfterMs) } : l,
    ),
  })
  const reason = (call: CallView, log: Partial<PbxVisit>) => compare([call], [{ ...theirs, ...log }])[0]?.reason
  const connected = { endedBy: 'caller', talkedMs: 0 } as const
  t.match(reason(gaveUp(5), connected), /when the queue connected/)
  const talk = (at: string) => ({ kind: 'talk' as const, legs: [visit.leg], startedAt: at, endedAt: at, durationMs: 0 })
  const talked = (at: string): CallView => ({ ...gaveUp(5), segments: [talk(at)] })
  t.match(reason(talked(later(visit.joinedAt, -1_000)), connected), /when the queue connected/, 'a talk before that')
  t.equal(reason(talked(later(visit.joinedAt, 1_000)), connected), undefined)
  t.equal(reason(gaveUp(5), { ...connected, talkedMs: 2_000 }), undefined, 'they have talked')
  t.equal(reason({ ...gaveUp(5), answeredAt: visit.leftAt ?? '' }, connected), undefined, 'we say so, too')
  t.match(reason(gaveUp(5), { outcome: 'timeout' }), /as the time was over/)
  t.equal(reason(gaveUp(3_000), { outcome: 'timeout' }), undefined, 'they went on, and hung up later')
})

t.test('the PBX is stopped: the queue log has ABANDON of who waited, and RINGNOANSWER of who was rung', async t => {
  const { answeredAt: _, ...unanswered } = ours
  const offers = ours.offers.map(o => ({ ...o, result: 'lost' as const }))
  const stopped: CallView = { ...unanswered, endedBy: 'pbx', offers, queues: [{ ...visit, outcome: 'lost' }] }
  const log: PbxVisit = { ...theirs, outcome: 'abandoned', unanswered: ['Ana'] }
  const found = (call: CallView, change: Partial<PbxVisit> = {}) =>
    compare([call], [{ ...log, ...change }]).map(({ kind, reason }) => [kind, reason] as const)
  const reason = 'the PBX was being stopped'
  t.strictSame(found(stopped), [
    ['queueOutcome', reason],
    ['unanswered', reason],
  ])
  t.strictSame(found({ ...stopped, endedBy: 'caller' }), [
    ['queueOutcome', undefined],
    ['unanswered', undefined],
  ])
  t.strictSame(found(stopped, { outcome: 'timeout', unanswered: [] }), [['queueOutcome', undefined]])
  const [, more] = found(stopped, { unanswered: ['Cleo', ...offers.map(() => 'Ana')] })
  t.strictSame(more, ['unanswered', undefined], 'so many phones did not ring')
  const abandoned: CallView = { ...stopped, queues: [{ ...visit, outcome: 'abandoned' }] }
  t.strictSame(found(abandoned, { unanswered: [] }), [])
})

t.test('the agent has asked somebody else: the queue log does not know who ended that', async t => {
  const ended = { ...ours, endedBy: 'callee' as const }
  t.strictSame(kinds(compare([ended], [theirs])), ['agentEndedBy'])
  const talk = ended.segments.at(-1)
  const [offer] = ended.offers
  if (!talk || !offer) throw new Error('they talked')
  const asked = { ...talk, legs: [visit.answeredBy ?? '', 'lab-9.9'] }
  t.strictSame(compare([{ ...ended, segments: [...ended.segments, asked] }], [theirs]), [])
  const rung = { ...offer, leg: 'lab-9.9', startedAt: later(visit.leftAt, 500), result: 'answered' as const }
  t.strictSame(compare([{ ...ended, offers: [...ended.offers, rung] }], [theirs]), [])
})

t.test(
  'a phone refuses at the moment at which the caller leaves the queue: the queue has let go of it before',
  async t => {
    const refuses = (result: 'busy' | 'no-answer', endedBeforeMs: number): CallView => ({
      ...ours,
      offers: [...ours.offers, { leg: 'lab-9.9', queue: visit.queue, number: '1009', startedAt: visit.joinedAt, endedAt: later(visit.leftAt, -endedBeforeMs), result }], // prettier-ignore
    })
    t.match(compare([refuses('busy', 2)], [theirs]), [{ kind: 'unanswered', reason: /refused as the caller left/ }])
    for (const other of [refuses('busy', 500), refuses('no-answer', 2)])
      t.match(compare([other], [theirs]), [{ kind: 'unanswered', reason: undefined }])
    const timeout = { ...refuses('busy', 2), queues: [{ ...visit, outcome: 'timeout' as const }] }
    const log = { ...theirs, outcome: 'timeout' as const }
    t.match(
      compare([timeout], [log]),
      [{ kind: 'unanswered', reason: undefined }],
      'only who left by themselves, or was answered',
    )
  },
)

t.test(
  'two come into a queue at once, and one of them is known by another leg: each is compared with its own',
  async t => {
    const other: CallView = {
      ...ours,
      id: 'lab:lab-9.9',
      queues: [{ ...visit, leg: 'lab-9.9', outcome: 'abandoned' }],
      legs: [],
      offers: [],
    }
    const abandoned: PbxVisit = { leg: 'lab-8.8' as LegId, queue: visit.queue, joinedAt: theirs.joinedAt, outcome: 'abandoned', unanswered: [] } // prettier-ignore
    for (const mine of [
      [ours, other],
      [other, ours],
    ])
      for (const log of [
        [theirs, abandoned],
        [abandoned, theirs],
      ])
        t.strictSame(
          compareVisits(USUAL, mine, log, new Map(), leg => (leg === 'lab-8.8' ? other.id : undefined)),
          [],
        )
  },
)

t.test('a queue log that was left out is not compared, and not said to be empty', async t => {
  const found = reconcile({ ...USUAL, pbx: 'lab' as PbxId, gaps: [] }, [ours], { cel: [] })
  t.equal(found.queues.theirs, undefined)
  const text = asText({ ...found, straddling: 0, badLines: 0, unexplained: 0 })
  t.match(text, 'queues are not compared: the queue log was left out')
  t.notMatch(text, /the PBX none/)
  const empty = reconcile({ ...USUAL, pbx: 'lab' as PbxId, gaps: [] }, [ours], { cel: [], queueLog: [] })
  t.match(asText({ ...empty, straddling: 0, badLines: 0, unexplained: 0 }), /^queue \w+: the PBX none; we 1 /m)
})

t.test('a queue is counted once, however the dialplan writes its name', async t => {
  const written = (text: string) => readQueueLog(text).rows
  const line = (name: string) =>
    written(
      `1700000010|9.1|${name}|NONE|ENTERQUEUE||1|1\n1700000012|9.1|sales|Ana|CONNECT|2|9.2|1\n1700000020|9.3|sales|NONE|ENTERQUEUE||1|1\n1700000022|9.3|sales|NONE|ABANDON|1|1|2\n`,
    )
  const counted = (mine: readonly CallView[], name: string) =>
    reconcile({ ...USUAL, pbx: 'lab' as PbxId, gaps: [] }, mine, { cel: [], queueLog: line(name) }).queues
  t.strictSame(counted([ours], 'SaLeS'), {
    theirs: { sales: { answered: 1, abandoned: 1 } },
    ours: { sales: { answered: 1 } },
  })
  t.strictSame(counted([], 'SaLeS'), { theirs: { SaLeS: { answered: 1, abandoned: 1 } }, ours: {} })
  const { theirs: other } = counted([ours], 'Sale')
  t.strictSame(Object.keys(other ?? {}), ['Sale', 'sales'], 'another queue')
})

t.test(
  'behind a Local channel a member does not take the call, and the caller leaves while the queue rings on',
  async t => {
    const [via, member, leftAt] = ['lab-9.8', 'Ben', visit.leftAt ?? '']
    const refuses = { leg: 'lab-9.9', queue: visit.queue, via, member, number: '1009', startedAt: visit.joinedAt, endedAt: later(leftAt, -2_000), result: 'not-accepted' as const } // prettier-ignore
    const call: CallView = { ...changed({ outcome: 'abandoned' }), offers: [refuses] }
    const log: PbxVisit = { leg: theirs.leg, queue: theirs.queue, joinedAt: theirs.joinedAt, outcome: 'abandoned', unanswered: [] } // prettier-ignore
    const ended = (leg: string, beforeMs: number) =>
      new Map<string, PbxChannel>([
        [leg, { leg: leg as LegId, name: 'Local/2604@x-1;1', kind: 'local', startedAt: 0 as EpochMs, endedAt: (Date.parse(leftAt) - beforeMs) as EpochMs }], // prettier-ignore
      ])
    const reason = (mine: CallView, theirs: PbxVisit, channels = new Map<string, PbxChannel>()) =>
      compareVisits(USUAL, [mine], [theirs], channels).find(d => d.kind === 'unanswered')?.reason
    const pending = /still rang the Local channel/
    t.match(reason(call, { ...log, cancelled: [member] }), pending, 'RINGCANCELED')
    t.match(reason(call, log, ended(via, 0)), pending, 'the channel was there until the caller left')
    t.equal(reason(call, log), undefined, 'nothing says so')
    t.equal(reason(call, { ...log, cancelled: ['Ana'] }), undefined, 'another member rang')
    t.equal(reason(call, log, ended(via, 2_000)), undefined, 'the queue had let go of it before')
    t.equal(reason(call, log, ended('lab-9.9', 0)), undefined, 'another channel')
    const { via: _, ...direct } = refuses
    t.equal(reason({ ...call, offers: [direct] }, { ...log, cancelled: [member] }), undefined, 'no Local channel')
    const unanswered = { ...call, offers: [{ ...refuses, result: 'no-answer' as const }] }
    t.equal(reason(unanswered, { ...log, cancelled: [member] }), undefined, 'a phone that rang out may be our mistake')
    const two = { ...call, offers: [refuses, { ...refuses, leg: 'lab-9.7', via: 'lab-9.6', member: 'Cleo' }] }
    t.equal(reason(two, { ...log, cancelled: [member] }), undefined, 'one of two is not both')
    const timeout = { ...call, ...{ queues: [{ ...visit, outcome: 'timeout' as const }] } }
    t.equal(reason(timeout, { ...log, outcome: 'timeout', cancelled: [member] }), undefined, 'its time was over')
  },
)

t.test('RINGCANCELED is read', async t => {
  const { rows } = readQueueLog(
    '1700000010|1.1|q|NONE|ENTERQUEUE||1|1\n1700000012|1.1|q|Ben|RINGCANCELED|2181\n1700000012|1.1|q|NONE|ABANDON|1|1|2\n',
  )
  t.match(visitsOf(rows), [{ outcome: 'abandoned', unanswered: [], cancelled: ['Ben'] }])
})
