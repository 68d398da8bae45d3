/** The engine: commands and their proof, the snapshot and its cursor, what a gap in the link leaves. */
import t from 'tap'
import type { CallId, EpochMs, LegId } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import { systemClock } from '../../src/base/system.js'
import { retry } from '../../lab/wait.js'
import { createState } from '../../src/engine/state.js'
import { createWriter, type Batch } from '../../src/engine/writer.js'
import { pbxEvent } from '../../src/events/event.js'
import { START } from '../../src/events/log.js'
import type { Fact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { anEngine, down, seen, up } from '../given/engine.js'

const dial = { from: '1001', to: '1002', ringForMs: 30_000, by: { key: 'crm' } }
const legOf = (id: string) => `aladdin-${id}` as LegId
const rung = (id: string): Fact[] => [
  given.appears(0, { of: legOf(id), number: '' }),
  { type: 'dial.begun', at: given.at(0), leg: legOf(id), dialled: '1001', shown: '1002' },
]

t.test('dialling is done when the leg is there, and the log has it by then', async t => {
  const { engine, log, sent } = anEngine((_, __, tell) => (tell(rung('id1')), ok(undefined)))
  const done = await engine.dial(dial)
  t.strictSame(done, ok({ id: 'hq:aladdin-id1', causedBy: 'id1' }))
  t.match(log, [{ type: 'call.started', call: 'hq:aladdin-id1', position: { seq: 1 } }])
  t.match(sent, [{ do: 'originate', leg: 'aladdin-id1', exten: '1002' }])
})

t.test('dialling fails as the PBX says', async t => {
  const refused = anEngine(() => no('COMMAND_REFUSED'))
  t.strictSame(await refused.engine.dial(dial), no('COMMAND_REFUSED'))
  const unreachable = anEngine(
    (_, actionId, tell) => (tell([{ type: 'originate.ended', at: given.at(0), actionId, ok: false }]), ok(undefined)),
  )
  t.strictSame(await unreachable.engine.dial(dial), no('EXTENSION_UNREACHABLE'))
  const silent = anEngine()
  t.strictSame(await silent.engine.dial(dial), no('PBX_SILENT'))
  t.strictSame(silent.log, [], 'and nobody was told of a call')
})

t.test('what may not be dialled is not sent', async t => {
  const { engine, sent } = anEngine()
  for (const to of ['', '1002\r\n', '1&2', '+', 'sip:x@y', '１００２x', '1'.repeat(33)])
    t.strictSame(await engine.dial({ ...dial, to }), no('NUMBER_NOT_ALLOWED'), to)
  for (const from of ['', '9', 'trunk', '1001\n', '../1001'])
    t.strictSame(await engine.dial({ ...dial, from }), no('EXTENSION_UNKNOWN'), from)
  t.strictSame(sent, [])
})

t.test('a hangup is done when the call is over', async t => {
  const { engine, tell, sent, types, log } = anEngine((_, __, said) => (said(given.end(20, given.ana)), ok(undefined)))
  t.strictSame(await engine.hangup(given.id), no('CALL_NOT_FOUND'))
  tell(given.theyTalk())
  t.strictSame(await engine.hangup(given.id), ok(undefined))
  t.strictSame(sent, [{ do: 'hangup', leg: given.ana, causeQ850: 16 }])
  t.equal(types().at(-1), 'call.ended')
  t.match(log.at(-1)?.json, '"endedBy":"command"')
  t.strictSame(await engine.hangup(given.id), no('CALL_ENDED'))
  await engine.stop()
})

t.test('all of three are hung up by the command, whichever the PBX ends first', async t => {
  const cleo = given.leg('1.3')
  const three = [
    ...given.theyTalk(),
    ...given.benIsDialled(7, '1003', cleo),
    given.picksUp(8, cleo),
    given.enters(9, cleo),
  ]
  for (const order of [
    [given.ben, cleo, given.ana],
    [cleo, given.ana, given.ben],
    [given.ana, given.ben, cleo],
  ]) {
    const { engine, tell, sent, log } = anEngine((action, _, said) => {
      if (action.do === 'hangup' && action.leg === given.ana)
        for (const [i, leg] of order.entries()) {
          const at = (systemClock.now() + 100 * (i + 1)) as EpochMs
          const facts = [given.leaves(0, leg), ...(i < 1 ? [] : [given.hangsUp(0, leg, 'pbx')]), given.isGone(0, leg)]
          said(facts.map(fact => ({ ...fact, at })))
        }
      return ok(undefined)
    })
    tell(three)
    t.strictSame(await engine.hangup(given.id), ok(undefined))
    t.strictSame(sent.map(action => 'leg' in action && action.leg).sort(), [given.ana, given.ben, cleo])
    const ended = log.findLast(({ type }) => type === 'call.ended')?.json ?? ''
    t.match(ended, '"endedBy":"command"', order.join())
    await engine.stop()
  }
})

t.test('a hangup that the PBX refused has ended nothing', async t => {
  const { engine, tell, log } = anEngine(() => no('COMMAND_REFUSED'))
  tell(given.theyTalk())
  t.strictSame(await engine.hangup(given.id), no('COMMAND_REFUSED'))
  tell(given.end(20, given.ben))
  await engine.snapshot()
  t.match(log.at(-1)?.json, '"endedBy":"callee"')
  await engine.stop()
})

t.test('a snapshot holds what is live, and its cursor is the last event that it includes', async t => {
  const { engine, tell, log } = anEngine()
  tell(given.theyTalk())
  const snapshot = await engine.snapshot()
  t.match(snapshot.calls, [{ id: given.id, state: 'talking', revision: 3 }])
  t.equal(snapshot.position.seq, log.at(-1)?.position.seq)
  t.match(await engine.call(given.id), { state: 'talking' })
  tell(given.end(20, given.ana))
  t.strictSame((await engine.snapshot()).calls, [])
  t.match(await engine.call(given.id), { state: 'ended' }, 'just ended, not yet recorded')
  await engine.stop()
})

t.test('a recorded call is still known until the history has it', async t => {
  const { engine, tell } = anEngine()
  tell([...given.theyTalk(), ...given.end(20, given.ana), given.settles(22)])
  t.match(await engine.call(given.id), { state: 'ended', revision: 5 })
  t.strictSame(await engine.hangup(given.id), no('CALL_ENDED'))
})

t.test('a stopping engine takes no commands, and leaves nothing unwritten', async t => {
  const { engine, tell, types } = anEngine()
  tell(given.theyTalk())
  await engine.stop()
  t.equal(types().length, 3)
  t.strictSame(await engine.dial(dial), no('STOPPING'))
})

t.test('after a gap: what is gone is closed, what is there is kept, and the gap is told', async t => {
  const { engine, tell, log, types } = anEngine()
  tell([up(0), seen(0)])
  tell(given.theyTalk())
  tell([...[given.appears(6, { of: given.leg('2.1'), endpoint: '1005', dials: '1006' })]])
  tell([down(10), down(11)])
  const still = { name: 'PJSIP/1005-00000001', caller: { number: '1005', name: '' }, exten: '1006', since: given.at(6) }
  const found = {
    leg: given.leg('3.1'),
    linked: given.leg('3.1'),
    name: 'PJSIP/1007-00000001',
    state: 'up' as const,
    caller: { number: '1007', name: '' },
    exten: '1008',
    since: given.at(12),
  }
  tell([up(30), seen(30, [{ ...still, leg: given.leg('2.1'), linked: given.leg('2.1'), state: 'ringing' }, found])])
  await engine.snapshot()
  t.strictSame(types(), [
    'pbx.connected',
    'call.started',
    'call.ringing',
    'call.answered',
    'call.started',
    'pbx.disconnected',
    'call.ended',
    'call.started',
    'call.changed',
    'call.changed',
    'pbx.connected',
    'pbx.resynced',
  ])
  const data = log.map(e => (JSON.parse(e.json) as { data: Record<string, unknown> }).data)
  t.match(data[6], { call: { id: given.id, endedBy: 'unknown', inferred: true, outcome: 'answered' } })
  t.match(data[7], { call: { id: 'hq:3.1', inferred: true, startedAt: '2023-11-14T22:13:32.000Z' } })
  const changed = log.filter(e => e.type === 'call.changed').map(e => e.call)
  t.strictSame(new Set(changed), new Set(['hq:2.1', 'hq:3.1']), 'what else it shows of each, once')
  t.match(data.at(-1), { gap: { from: '2023-11-14T22:13:30.000Z', until: '2023-11-14T22:13:50.000Z' } })
  await engine.stop()
})

t.test('a restarted engine knows its calls by the same ids', async t => {
  const before = given.tell(given.theyTalk()).call
  if (!before) throw new Error('no call')
  const stored = JSON.parse(JSON.stringify(before)) as typeof before
  const { engine, tell, log } = anEngine(undefined, {
    stored: { last: { ms: 5 as EpochMs, seq: 41 }, calls: [stored], heardOfPbxAt: given.at(8) },
  })
  const there = before.legs.map(l => ({
    leg: l.id,
    linked: given.ana,
    name: l.name,
    state: 'up' as const,
    caller: { number: '', name: '' },
    exten: '',
    since: l.startedAt,
    bridge: 'b1' as never,
  }))
  tell([up(10), seen(10, there), ...given.end(20, given.ben)])
  await engine.snapshot()
  t.strictSame(
    log.map(e => [e.type, e.position.seq]),
    [
      ['pbx.connected', 42],
      ['pbx.resynced', 43],
      ['call.ended', 44],
    ],
  )
  t.match(JSON.parse(log[2]?.json ?? '{}'), { data: { call: { id: given.id, revision: 4, talkedMs: 15_000 } } })
  await engine.stop()
})

t.test('a leg of a recorded call makes no second call', async t => {
  const state = createState([])
  const { applyFact, nothingApplied } = await import('../../src/engine/apply.js')
  const tell = (facts: Fact[]) => {
    const applied = nothingApplied()
    for (const fact of facts) applyFact(given.site, state, fact, applied)
    return applied.events.map(e => e.type)
  }
  t.equal(tell([...given.theyTalk(), ...given.end(20, given.ana), given.settles(22)]).length, 5)
  t.strictSame(tell(given.theyTalk()), [])
})

t.test('a change that nobody is told of is written with the next event, or soon', async t => {
  const batches: Batch[] = []
  const append = async (batch: Batch) => void batches.push(batch)
  const writer = createWriter(append, systemClock, START, { written: () => undefined, failed: () => undefined })
  const event = pbxEvent('pbx.connected', given.at(0), { pbx: 'hq', link: 'ami' })
  const change = new Map<CallId, undefined>([[given.id, undefined]])
  for (let i = 0; i < 5; i++) writer.push([], change)
  t.equal(batches.length, 0)
  writer.push([event], [])
  await writer.settled()
  t.strictSame(
    batches.map(b => [b.entries.length, b.calls.size]),
    [[1, 1]],
    'with the event',
  )
  writer.push([], change)
  await retry(systemClock, 'it to be written', 2_000, () => Promise.resolve(batches.length === 2 || undefined))
  writer.push([], change)
  await writer.settled()
  t.equal(batches.length, 3, 'at once when somebody waits for it')
})

t.test('what has piled up is written in portions, and no state comes before its events', async t => {
  const batches: Batch[] = []
  const append = async (batch: Batch) => void batches.push({ entries: [...batch.entries], calls: new Map(batch.calls) })
  const writer = createWriter(append, systemClock, START, { written: () => undefined, failed: () => undefined })
  const event = pbxEvent('pbx.connected', given.at(0), { pbx: 'hq', link: 'ami' })
  const state = (n: number) => new Map([[`hq:${n}` as CallId, undefined]])
  for (let n = 0; n < 7; n++)
    writer.push(
      Array.from({ length: 200 }, () => event),
      state(n),
    )
  await writer.settled()
  t.strictSame(
    batches.map(b => [b.entries.length, [...b.calls.keys()]]),
    [
      [200, ['hq:0']],
      [400, ['hq:1', 'hq:2']],
      [400, ['hq:3', 'hq:4']],
      [400, ['hq:5', 'hq:6']],
    ],
  )
  const seqs = batches.flatMap(b => b.entries.map(e => e.position.seq))
  t.strictSame(
    seqs,
    Array.from({ length: 1_400 }, (_, i) => i + 1),
  )
})

t.test('a log that fails is tried again, in order, nothing twice and nothing left out', async t => {
  const written: number[] = []
  let failures = 2
  const append = async ({ entries }: Batch) => {
    if (failures-- > 0) throw new Error('away')
    written.push(...entries.map(e => e.position.seq))
  }
  const failed: unknown[] = []
  const writer = createWriter(append, systemClock, START, { written: () => undefined, failed: e => failed.push(e) })
  const event = pbxEvent('pbx.connected', given.at(0), { pbx: 'hq', link: 'ami' })
  writer.push([event, event], [])
  await writer.settled()
  t.match(writer.lag(), { events: 2, failing: true }, 'nobody waits for a log that is away')
  writer.push([event], new Map<CallId, undefined>([[given.id, undefined]]))
  while (writer.lag().events > 0)
    await new Promise<void>(resolve => void systemClock.wake((systemClock.now() + 20) as EpochMs, resolve))
  t.strictSame(written, [1, 2, 3])
  t.equal(failed.length, 2)
})

t.test('ARI comes and goes: told once each, and nothing of the calls is in doubt', async t => {
  const { engine, tell, log } = anEngine()
  tell([up(0), seen(0), { type: 'link.up', at: given.at(0), version: '22', link: 'ari' }])
  tell(given.theyTalk())
  const gone = (s: number): Fact => ({ type: 'link.down', at: given.at(s), reason: 'cut', link: 'ari' })
  tell([gone(10), gone(11), { type: 'link.up', at: given.at(12), version: '22', link: 'ari' }])
  await engine.snapshot()
  const told = log.map(e => JSON.parse(e.json) as { id: string; type: string; data: { link?: string } })
  t.match(
    told.filter(e => e.type.startsWith('pbx.')).map(e => [e.type, e.data.link]),
    [
      ['pbx.connected', 'ami'],
      ['pbx.connected', 'ari'],
      ['pbx.disconnected', 'ari'],
      ['pbx.connected', 'ari'],
    ],
  )
  t.equal(new Set(told.map(e => e.id)).size, told.length, 'both links at the same moment: two events')
  t.equal(engine.status().lastGap, undefined)
  await engine.stop()
})

t.test('the last gap is kept for whoever asks', async t => {
  const { engine, tell } = anEngine()
  tell([up(0), seen(0), down(10), up(30), seen(30)])
  t.strictSame(engine.status().lastGap, { from: '2023-11-14T22:13:30.000Z', until: '2023-11-14T22:13:50.000Z' })
  await engine.stop()
})

t.test(
  'over a restart of the daemon a caller keeps waiting in the queue, and one who came meanwhile is found there',
  async t => {
    const waiting = given.leg('1.1')
    const before = given.tell([
      given.appears(0, { of: waiting, endpoint: 'trunk', number: '030123456', dials: '2000' }),
      given.picksUp(0, waiting),
      { type: 'queue.joined', at: given.at(1), leg: waiting, queue: 'sales', position: 1 },
    ]).call
    if (!before) throw new Error('no call')
    const { engine, tell } = anEngine(undefined, {
      stored: { last: START, calls: [JSON.parse(JSON.stringify(before)) as typeof before], heardOfPbxAt: given.at(5) },
    })
    const at = (id: string, since: number) => ({
      leg: given.leg(id),
      linked: given.leg(id),
      name: `PJSIP/trunk-${id}`,
      state: 'up' as const,
      caller: { number: '030123456', name: '' },
      exten: '2000',
      since: given.at(0),
      queue: { name: 'sales', since: given.at(since), position: 1 },
    })
    tell([up(30), seen(30, [at('1.1', 1), at('1.2', 10)])])
    const { calls } = await engine.snapshot()
    t.match(calls, [
      { id: 'hq:1.1', state: 'queued', queues: [{ queue: 'sales', joinedAt: new Date(given.at(1)).toISOString() }] },
      { id: 'hq:1.2', inferred: true, queues: [{ queue: 'sales', joinedAt: new Date(given.at(10)).toISOString() }] },
    ])
    t.equal(calls[0]?.queues.length, 1)
    t.notOk(calls[0]?.inferred, 'nothing was concluded of what is as it was')
    await engine.stop()
  },
)

t.test('a hangup that is told before the list that still has the leg: no ghost', async t => {
  const { engine, tell } = anEngine()
  const leg = given.leg('7.1')
  const listed = {
    leg,
    linked: leg,
    name: 'PJSIP/1001-1',
    state: 'up' as const,
    caller: { number: '', name: '' },
    exten: '',
  }
  tell([given.isGone(1, leg), up(1), seen(1, [{ ...listed, since: given.at(0) }])])
  t.strictSame((await engine.snapshot()).calls, [])
  await engine.stop()
})
