/** Recorded calls beside what Asterisk wrote down of them: no difference, until one is made. */
import t from 'tap'
import type { EpochMs, LegId, PbxId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { compareCalls, compareLive, USUAL, type Difference, type Gap } from '../../src/reconcile/compare.js'
import { compareDispositions } from '../../src/reconcile/dispositions.js'
import { kindOfChannel } from '../../src/pbx/channel-name.js'
import type { CelRow } from '../../src/reconcile/cel.js'
import type { PbxCall } from '../../src/reconcile/calls.js'
import { book, framesOf, recordsOf, theirCdr, theirs, VERSIONS } from '../given/books.js'

const pbx = 'lab' as PbxId
const CALLS = 24
const mine = [...recordsOf(framesOf(book('22', 'events.ami'))).values()]
const told = theirs('22')
const compare = (
  ours: readonly CallView[],
  more: Partial<{ theirs: PbxCall[]; gaps: Gap[]; toleranceMs: number }> = {},
) => compareCalls({ pbx, ours, theirs: told, gaps: [], ...USUAL, ...more })

for (const version of VERSIONS)
  t.test(`recorded on ${version}: our calls are those of the PBX, to 50 ms`, async t => {
    const ours = [...recordsOf(framesOf(book(version, 'events.ami'))).values()]
    t.equal(ours.length, CALLS)
    t.equal(ours.filter(c => c.outcome === 'answered').length, 18)
    t.equal(ours.filter(c => c.outcome === 'cancelled').length, 3)
    t.equal(ours.filter(c => c.outcome === 'busy').length, 3)
    t.strictSame(compareCalls({ pbx, ours, theirs: theirs(version), gaps: [], ...USUAL, toleranceMs: 50 }), [])
    t.strictSame(compareDispositions(pbx, ours, theirCdr(version)), [])
  })

/** The recorded calls, the first of them changed. */
const answered = mine.findIndex(c => c.outcome === 'answered')
const changed = (change: Partial<CallView>) => mine.map((call, i) => (i === answered ? { ...call, ...change } : call))
const [first] = changed({}).slice(answered)
if (!first) throw new Error('nothing was recorded')
const later = (text: string | undefined, byMs: number) => new Date(Date.parse(text ?? '') + byMs).toISOString()
const kinds = (differences: readonly Difference[]) => differences.map(d => d.kind)

t.test('whatever is wrong is found', async t => {
  const { legs, startedAt, endedAt, answeredAt, talkedMs = 0 } = first
  const wrong: Record<string, Partial<CallView>> = {
    startedAt: { startedAt: later(startedAt, -5_000) },
    endedAt: { endedAt: later(endedAt, 5_000) },
    answeredAt: { answeredAt: later(answeredAt, 5_000) },
    talkedMs: { talkedMs: talkedMs + 5_000 },
    legs: { legs: legs.slice(1) },
    cause: { legs: legs.map((leg, i) => (i === 0 ? { ...leg, causeQ850: 31 } : leg)) },
    endedBy: { endedBy: 'callee' },
    id: { id: 'lab:lab-1.1' },
  }
  for (const [kind, change] of Object.entries(wrong)) {
    const found = compare(changed(change))
    t.strictSame(kinds(found), [kind])
    t.equal(found[0]?.reason, undefined, `${kind}: not explained by anything`)
  }
  const { answeredAt: _, ...unanswered } = first
  const missed = mine.map((call, i) => (i === answered ? { ...unanswered, outcome: 'failed' as const } : call))
  t.strictSame(kinds(compare(missed)), ['answered'])
  t.match(compareDispositions(pbx, missed, theirCdr('22')), [{ kind: 'cdr', ours: 'failed', theirs: 'ANSWERED' }])
  const busy = mine.map(call => (call.outcome === 'busy' ? { ...call, outcome: 'no-answer' as const } : call))
  t.strictSame(kinds(compare(busy)), ['outcome', 'outcome', 'outcome'])
})

t.test('a call that one of the two does not have', async t => {
  t.match(compare(mine.slice(1)), [{ kind: 'missing', call: mine[0]?.id, theirs: String }])
  const more = compare([...mine, { ...first, id: 'lab:lab-1.1', legs: [] }])
  t.match(more, [{ kind: 'extra', call: 'lab:lab-1.1' }])
  t.match(compareDispositions(pbx, [{ ...first, id: 'lab:lab-1.1', legs: [] }], theirCdr('22')), [{ theirs: 'no row' }])
})

t.test(
  'a call of ours whose channels the PBX has in another: explained where it was concluded, and they are there',
  async t => {
    const other: CallView = { ...first, id: 'lab:lab-1.1', inferred: true }
    t.match(compare([...mine, other]), [{ kind: 'extra', reason: /not told/ }])
    const [leg] = first.legs
    const invented = { ...other, legs: [{ ...leg, id: 'lab-9.9' } as CallView['legs'][number]] }
    for (const call of [invented, { ...first, id: other.id }])
      t.equal(compare([...mine, call]).find(({ kind }) => kind === 'extra')?.reason, undefined)
  },
)

t.test('a machine took the call behind a Local channel: explained where the channel event log proves it', async t => {
  const [caller, phone] = first.legs
  if (!caller || !phone) throw new Error('it has legs')
  const { answeredAt: _, ...unanswered } = first
  const legs = [caller, { ...phone, answeredAt: undefined }] as CallView['legs']
  const call = { ...unanswered, legs, outcome: 'abandoned' as const }
  const [row] = theirCdr('22').filter(({ leg }) => leg === caller.id)
  const found = told.find(({ channels }) => channels.some(c => c.leg === caller.id))
  if (!row || !found) throw new Error('the PBX has it')
  const local = 'Local/2000@numbers-00000001;1'
  const channel = (leg: string, name: string, isAnswered: boolean) => ({
    ...{ leg: leg as LegId, name, kind: kindOfChannel(name), startedAt: found.startedAt },
    ...(isAnswered && { answeredAt: found.startedAt }),
  })
  const said = (isPhoneAnswered: boolean, talks: PbxCall['talks'] = []): PbxCall => ({
    ...{ ...found, talks },
    channels: [
      channel(caller.id, caller.channel, true),
      channel('1.8', local, true),
      channel(phone.id, phone.channel, isPhoneAnswered),
    ],
  })
  const cut = (at: EpochMs) => ({
    type: 'ANSWER',
    at,
    leg: '' as LegId,
    linked: '' as LegId,
    channel: '',
    exten: '',
    cut: 'x',
  })
  const reason = (theirs: PbxCall, cuts: CelRow[] = [], dialledChannel = local) =>
    compareDispositions(pbx, [call], [{ ...row, dialledChannel, disposition: 'ANSWERED' }], {
      theirs: [theirs],
      cut: cuts,
    })[0]?.reason
  t.match(reason(said(false)), /behind a Local channel answered, and no phone did/)
  t.equal(reason(said(true)), undefined, 'a phone was answered')
  t.equal(reason(said(false, found.talks)), undefined, 'two talked')
  t.equal(reason(said(false), [cut(found.startedAt)]), undefined, 'a row was cut')
  t.equal(reason(said(false), [], phone.channel), undefined, 'it was no Local channel')
})

t.test('a row that is lost stays unexplained, but for a phone that the PBX rang by itself', async t => {
  const [leg] = first.legs
  if (!leg) throw new Error('it has legs')
  const { answeredAt: _, ringingAt: __, ...silent } = leg
  const { answeredAt: ___, ...call } = first
  const alone = (more: Partial<typeof leg>): CallView => ({
    ...call,
    id: 'lab:lab-9.9',
    legs: [{ ...silent, id: 'lab-9.9', ...more }],
  })
  const reason = (more: Partial<typeof leg>) => compareDispositions(pbx, [alone(more)], theirCdr('22'))[0]?.reason
  t.match(reason({ ringingAt: first.startedAt }), /rang by itself/)
  t.equal(reason({}), undefined, 'somebody who dialled and hung up')
  const undialled = { ...alone({}), to: { number: '' } }
  t.match(compareDispositions(pbx, [undialled], theirCdr('22'))[0]?.reason, /rang by itself/, 'nobody dialled')
  t.equal(reason({ ringingAt: first.startedAt, answeredAt: first.startedAt }), undefined, 'one that was answered')
  t.match(compareDispositions(pbx, mine, theirCdr('22').slice(2)), [
    { kind: 'cdr', theirs: 'no row', reason: undefined },
  ])
})

t.test('a call that fell into a gap is explained by it, and by no other gap', async t => {
  const lost = told.find(call => call.linked === mine[1]?.id.slice('lab:'.length))
  if (!lost) throw new Error('it was recorded')
  const without = mine.filter((_, i) => i !== 1)
  const gap = (from: number, until: number) => ({ from: from as EpochMs, until: until as EpochMs })
  const end = lost.endedAt ?? 0
  t.match(compare(without, { gaps: [gap(lost.startedAt - 5, end + 5)] }), [
    { kind: 'missing', reason: /nothing was heard/ },
  ])
  for (const other of [gap(end + 5_000, end + 9_000), gap(lost.startedAt + 3_000, end + 9_000)])
    t.notOk(compare(without, { gaps: [other] })[0]?.reason)
})

t.test('what was inferred may be late or unknown, and never early or invented', async t => {
  const { endedAt, answeredAt, legs, talkedMs = 0 } = first
  const inferred = true as const
  const explained: Partial<CallView>[] = [
    // The id has seconds, and the row is written a moment later.
    { startedAt: later(first.startedAt, -1_500) },
    { endedAt: later(endedAt, 30_000), talkedMs: talkedMs + 30_000 },
    { answeredAt: later(answeredAt, 5_000) },
    { legs: legs.slice(1), startedAt: legs[1]?.startedAt ?? '' },
    { endedBy: 'unknown', legs: legs.map(({ causeQ850: _, ...leg }) => leg) },
  ]
  for (const change of explained) {
    const found = compare(changed({ ...change, inferred }))
    t.ok(found.length > 0)
    t.ok(
      found.every(d => d.reason !== undefined),
      JSON.stringify(found),
    )
    t.ok(
      compare(changed(change)).some(d => d.reason === undefined),
      'unless it does not say that it was inferred',
    )
  }
  const wrong: Partial<CallView>[] = [
    { endedAt: later(endedAt, -5_000) },
    { endedAt: later(endedAt, 90_000) },
    { answeredAt: later(answeredAt, -5_000) },
    { talkedMs: talkedMs + 5_000 },
    { startedAt: later(first.startedAt, -5_000) },
    { endedBy: 'callee' },
    { legs: [...legs, { ...legs[0], id: 'lab-9.9' } as CallView['legs'][number]] },
  ]
  for (const change of wrong)
    t.ok(
      compare(changed({ ...change, inferred })).some(d => d.reason === undefined),
      JSON.stringify(change),
    )
})

t.test('two who hang up in the same moment: who was first is told in another order than it is written', async t => {
  const end = first.endedAt ?? ''
  const both = (ends: string[], reason = 'hung-up' as const) =>
    changed({ endedBy: 'callee', legs: first.legs.map((leg, i) => ({ ...leg, reason, endedAt: ends[i] ?? end })) })
  t.match(compare(both([end, later(end, 5)])), [{ kind: 'endedBy', reason: /same moment/ }])
  const notOne = [both([end, later(end, 500)]), changed({ endedBy: 'callee' })]
  for (const ours of notOne) t.equal(compare(ours).find(({ kind }) => kind === 'endedBy')?.reason, undefined)
})

t.test('what is live, beside the channels that there are', async t => {
  const channels = new Set(first.legs.map(leg => leg.id as LegId))
  t.strictSame(compareLive([first], channels), [])
  t.match(compareLive([first], new Set()), [{ kind: 'live', call: first.id, theirs: 'no channel' }])
  t.equal(compareLive([], channels).length, channels.size)
})

t.test('the dialplan behind a Local channel answers before a phone does: the PBX has a row of an answer', async t => {
  const { answeredAt: _, ...unanswered } = first
  const [row] = theirCdr('22')
  if (!row) throw new Error('it was recorded')
  const legs = unanswered.legs.filter(l => l.side === 'caller')
  const ours = { ...unanswered, legs, outcome: 'cancelled' as const }
  const found = (dialled: string[]) => {
    const rows = dialled.map(dialledChannel => ({
      ...{ ...row, leg: first.legs[0]?.id as LegId, linked: first.id.slice('lab:'.length) as LegId },
      ...{ dialledChannel, disposition: 'ANSWERED' },
    }))
    return compareDispositions(pbx, [ours], rows)
  }
  t.match(found(['Local/1001@agents-1;1']), [{ kind: 'cdr', reason: /behind a Local channel/ }])
  t.match(found(['Local/1001@agents-1;1', 'PJSIP/1001-1']), [{ kind: 'cdr', reason: undefined }], 'a phone did, too')
})

t.test('the caller has hung up as the phone was picked up: what the PBX joins for a moment is no answer', async t => {
  const { answeredAt: _, ...unanswered } = first
  const offers = first.offers.map(o => ({ ...o, result: 'caller-gave-up' as const }))
  const gaveUp = { ...unanswered, talkedMs: 0, outcome: 'cancelled' as const, endedBy: 'caller' as const, offers }
  const found = (talkedForMs: number, endedBy: 'caller' | 'pbx' = 'caller') => {
    const pbxCalls = told.map(call => {
      const [talk] = call.talks
      if (call.linked !== first.id.slice('lab:'.length) || !talk) return call
      return { ...call, talks: [{ ...talk, endedAt: (talk.startedAt + talkedForMs) as EpochMs }] }
    })
    const mixed = mine.map((call, i) => (i === answered ? { ...gaveUp, endedBy } : call))
    return compare(mixed, { theirs: pbxCalls }).filter(d => d.kind === 'answered')
  }
  t.match(found(2), [{ reason: /the caller had hung up/ }])
  t.match(found(500), [{ reason: undefined }], 'they have talked')
  t.match(found(2, 'pbx'), [{ reason: undefined }], 'nobody had hung up')
})

t.test('Dial says NOANSWER of a number that nobody has; the cause of who was called says more', async t => {
  const busy = told.find(({ dialStatus }) => dialStatus === 'BUSY')
  if (!busy) throw new Error('somebody was busy')
  const ended = (causeQ850: number) => ({
    ...busy,
    dialStatus: 'NOANSWER',
    channels: busy.channels.map((channel, i) => (i === 0 ? channel : { ...channel, causeQ850 })),
  })
  const found = (causeQ850: number) => {
    const ours = mine.find(({ id }) => id === `lab:${busy.linked}`)
    if (!ours) throw new Error('we have the call, too')
    const legs = ours.legs.map((leg, i) => (i === 0 ? leg : { ...leg, causeQ850 }))
    return kinds(compare([{ ...ours, legs, outcome: 'unreachable' }], { theirs: [ended(causeQ850)] }))
  }
  for (const cause of [1, 28, 38]) t.strictSame(found(cause), [], String(cause))
  for (const cause of [0, 16, 19, 102]) t.strictSame(found(cause), ['outcome'], String(cause))
})
