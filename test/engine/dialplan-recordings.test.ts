/** Recordings by the dialplan: what AMI tells of them, and the file's name, which is asked for and may come late. */
import t from 'tap'
import { frameOf } from '../../src/ami/parse.js'
import { factOf } from '../../src/ami/normalise.js'
import { encodeFields, fileOfMix } from '../../src/ami/encode.js'
import { no, ok, type Result } from '../../src/base/result.js'
import type { ErrorCode } from '../../src/base/errors.js'
import type { BridgeId, EpochMs, LegId } from '../../src/base/ids.js'
import { createDialplanRecordings } from '../../src/engine/dialplan-recordings.js'
import { createState } from '../../src/engine/state.js'
import type { Fact } from '../../src/pbx/facts.js'
import { sealedFile } from '../../src/recordings/sealed.js'
import { ana, anaDials, appears, at, ben, channel, dialEnds, end, enters, hangsUp } from '../given/calls.js'
import { isGone, leg, picksUp, rings, theyTalk } from '../given/calls.js'
import { down, up } from '../given/engine.js'
import { lastOfEach, tellAll, type Heard } from '../given/recording.js'

const mix = (s: number, state: 'on' | 'paused' | 'resumed' | 'done', leg = ana): Fact => ({
  type: 'mix.changed',
  at: at(s),
  leg,
  state,
})

/** A PBX that answers with these names, in their order. */
function aRecorder(files: Result<string, ErrorCode>[]) {
  const state = createState([])
  const told: Heard[] = []
  const doing: Promise<unknown>[] = []
  let ids = 0
  const see = (facts: readonly Fact[]) => {
    for (const fact of facts) {
      told.push(...tellAll([fact], state))
      told.push(...tellAll(recordingFacts(fact), state))
    }
  }
  const recordingFacts = createDialplanRecordings({
    state,
    see,
    link: { mixFile: () => Promise.resolve(files.shift() ?? no('PBX_DOWN')) },
    keepRunning: one => (doing.push(one), one),
    newId: () => `${++ids}`,
    sealFile: (file, recording, numbers) => Promise.resolve(sealedFile('secret', file, recording, numbers)),
  })
  return {
    see,
    call: () => lastOfEach(told.filter(({ type }) => type.startsWith('call.')))[0],
    types: () => told.map(e => e.type),
    settled: () => Promise.all(doing),
  }
}

t.test('one is on, pauses, goes on and is done with its channel', async t => {
  const { see, call, types, settled } = aRecorder([ok('/var/spool/asterisk/monitor/a.wav')])
  see([...theyTalk(), mix(6, 'on')])
  await settled()
  t.match(call(), { recordings: [{ name: 'mix-1', leg: ana, by: 'dialplan', state: 'on', file: /a\.wav$/ }] })
  see([mix(7, 'paused')])
  t.match(call(), { recordings: [{ state: 'paused' }] })
  see([mix(8, 'resumed'), ...end(9, ana)])
  t.match(call(), {
    recordings: [{ state: 'done', startedAt: new Date(at(6)).toISOString(), endedAt: new Date(at(9)).toISOString() }],
  })
  t.equal(types().filter(type => type === 'call.recording').length, 5)
})

const lists = (s: number): Fact => ({
  type: 'pbx.seen',
  at: at(s),
  channels: [ana, ben].map(id => channel(id, id === ana ? '1001' : '1002', { bridge: 'b1' as BridgeId })),
})

t.test(
  'the link was lost before the PBX had answered: it is asked again, where a channel has one recording',
  async t => {
    const { see, call, settled } = aRecorder([no('PBX_DOWN'), no('PBX_DOWN'), no('PBX_DOWN'), ok('/m/a.wav')])
    see([...theyTalk(), mix(6, 'on'), mix(6, 'on', ben), mix(6, 'on', ben)])
    await settled()
    t.strictSame(
      call()?.recordings?.map(({ file }) => file),
      [undefined, undefined, undefined],
    )
    see([down(7), up(9), lists(9)])
    await settled()
    t.strictSame(
      call()?.recordings?.map(({ file }) => file),
      ['/m/a.wav', undefined, undefined],
    )
    see([down(10), up(11), lists(11)])
    t.equal(call()?.recordings?.[0]?.file, '/m/a.wav', 'and not asked once more')
  },
)

t.test('the number of a caller who withholds it is not told in the name of a file', async t => {
  const { see, call, settled } = aRecorder([ok('/m/in-00491701234567-20261130.wav')])
  const caller = { number: '+491701234567', name: '' }
  see([
    appears(0, { of: ana, endpoint: 'trunk', number: '', dials: '1002' }),
    { type: 'caller.changed', at: at(0), leg: ana, caller, withheld: true },
    mix(1, 'on'),
  ])
  await settled()
  t.match(call()?.recordings, [{ file: /^\/m\/in-~[\w-]+~-20261130\.wav$/ }])
})

t.test('two on one channel: an end is that of the newest', async t => {
  const { see, call, settled } = aRecorder([ok('/m/a.wav'), ok('/m/b.wav')])
  see([...theyTalk(), mix(6, 'on'), mix(6, 'on'), mix(6, 'on', ben), mix(6, 'on', 'unknown' as LegId)])
  await settled()
  see([mix(8, 'done')])
  t.match(call(), {
    recordings: [
      { leg: ana, state: 'on', file: '/m/a.wav' },
      { leg: ana, state: 'done', file: '/m/b.wav' },
      { leg: ben, state: 'on' },
    ],
  })
  t.notOk(call()?.recordings?.[2]?.file, 'a PBX that does not answer leaves the recording without a file')
})

t.test('two that begin in one moment: the PBX names only the newest', async t => {
  const { see, call, settled } = aRecorder([ok('/m/b.wav'), ok('/m/b.wav')])
  see([...theyTalk(), mix(6, 'on'), mix(6, 'on')])
  await settled()
  t.notOk(call()?.recordings?.[0]?.file)
  t.equal(call()?.recordings?.[1]?.file, '/m/b.wav')
})

t.test('three that begin in one moment: none has the file of another', async t => {
  const three = async (...files: string[]) => {
    const { see, call, settled } = aRecorder(files.map(file => ok(file)))
    see([...theyTalk(), mix(6, 'on'), mix(6, 'on'), mix(6, 'on')])
    await settled()
    return call()?.recordings?.map(({ file }) => file)
  }
  t.strictSame(await three('/m/b.wav', '/m/c.wav', '/m/c.wav'), [undefined, undefined, '/m/c.wav'])
  t.strictSame(await three('/m/a.wav', '/m/b.wav', '/m/c.wav'), ['/m/a.wav', '/m/b.wav', '/m/c.wav'])
})

t.test(
  'one that began on the PBX before it answered, and is heard of after that: the name was that of the newer',
  async t => {
    const { see, call, settled } = aRecorder([ok('/m/b.wav'), ok('/m/b.wav')])
    see([...theyTalk(), mix(6, 'on')])
    await settled()
    t.equal(call()?.recordings?.[0]?.file, '/m/b.wav')
    see([mix(6, 'on')])
    await settled()
    t.strictSame(
      call()?.recordings?.map(({ file }) => file),
      [undefined, '/m/b.wav'],
    )
  },
)

t.test('one that goes on in the file of one that is over: both have it', async t => {
  const { see, call, settled } = aRecorder([ok('/m/a.wav'), ok('/m/a.wav')])
  see([...theyTalk(), mix(6, 'on')])
  await settled()
  see([mix(7, 'done'), mix(7, 'on')])
  await settled()
  t.match(call()?.recordings, [
    { state: 'done', file: '/m/a.wav' },
    { state: 'on', file: '/m/a.wav' },
  ])
})

t.test('a name that comes when the call is over revises it; a hostile one is only text', async t => {
  const name = `/m/\u202e${'x'.repeat(10_000)}\r\nAction: Originate\0.wav`
  const { see, call, types, settled } = aRecorder([ok(name)])
  see([...theyTalk(), mix(6, 'on'), ...end(7, ana)])
  await settled()
  t.equal(types().at(-1), 'call.revised')
  const file = call()?.recordings?.[0]?.file ?? ''
  t.equal(file.length, 1_000)
  t.notMatch(file, /[\r\n\0]/)
})

t.test('the call goes on with the recording when the other leg is gone', async t => {
  const { see, call } = aRecorder([])
  see([...theyTalk(), mix(6, 'on'), isGone(7, ben)])
  see([mix(8, 'paused')])
  t.match(call(), { recordings: [{ state: 'paused' }] })
})

/** Ben's phone is a member behind a Local pair that stays, and the dialplan records the second half. */
const [one, two] = [leg('1.5'), leg('1.6')]
const half = (of: LegId, n: number): Fact =>
  ({ ...appears(2, { of, linked: ana, number: '' }), name: `Local/1002@from-queue-00000001;${n}` }) as Fact
const behindLocal: Fact[] = [
  ...[anaDials(0, '2000'), picksUp(1, ana), half(one, 1), half(two, 2)],
  { type: 'local.joined', at: at(2), leg: one, other: two },
  { type: 'dial.begun', at: at(2), leg: one, by: ana, dialled: '1002', shown: '' },
  mix(2, 'on', two),
  appears(2, { of: ben, endpoint: '1002', linked: ana }),
  { type: 'dial.begun', at: at(2), leg: ben, by: two, dialled: '1002', shown: '' },
  rings(3),
]

t.test('half of a Local pair is recorded: its leg is the party that it leads to, once there is one', async t => {
  const { see, call, types } = aRecorder([])
  see(behindLocal)
  t.strictSame(Object.keys(call()?.recordings?.[0] ?? {}).includes('leg'), false, 'nobody has come to it yet')
  const bridge = (of: LegId, name: string): Fact => ({ ...enters(5, of), bridge: name }) as Fact
  see([dialEnds(5, 'ANSWER'), bridge(ben, 'far'), bridge(two, 'far'), bridge(one, 'near'), bridge(ana, 'near')])
  t.match(call(), { recordings: [{ leg: ana, state: 'on' }] })
  t.equal(types().at(-1), 'call.recording', 'and that is told')
  see([isGone(9, two), isGone(9, one), ...end(9, ana)])
  t.match(call(), { recordings: [{ leg: ana, state: 'done' }] })
})

t.test('half of a Local pair is recorded that never leads to anybody: no leg is named', async t => {
  const { see, call } = aRecorder([])
  see([...behindLocal, hangsUp(7, ana), ...[ben, two, one, ana].map(of => isGone(7, of))])
  const { legs, recordings } = call() ?? {}
  t.match(recordings, [{ state: 'done', by: 'dialplan' }])
  t.equal(recordings?.[0]?.leg, undefined)
  t.strictSame(
    legs?.map(({ id }) => id),
    [ana, ben],
  )
})

const now = 1_700_000_000_000 as EpochMs
const frame = (event: string, ...lines: string[]) =>
  frameOf([`Event: ${event}`, 'Uniqueid: 1700000000.1', ...lines].join('\r\n'))

t.test('the events of AMI, and the one question that may be asked of a channel', async t => {
  t.match(factOf(frame('MixMonitorStart'), now), { type: 'mix.changed', state: 'on', leg: '1700000000.1' })
  t.match(factOf(frame('MixMonitorStop'), now), { state: 'done' })
  t.match(factOf(frame('MixMonitorMute', 'Direction: both', 'State: 1'), now), { state: 'paused' })
  t.match(factOf(frame('MixMonitorMute', 'Direction: both', 'State: 0'), now), { state: 'resumed' })
  t.equal(factOf(frame('MixMonitorMute', 'Direction: read', 'State: 1'), now), undefined)
  t.ok(encodeFields('Getvar', 'a1', fileOfMix('1700000000.1' as LegId)).ok)
  const refused = [
    [
      ['Channel', '1.1'],
      ['Variable', 'AST_CONFIG(manager.conf,admin,secret)'],
    ],
    [
      ['Channel', '1.1\r\nAction: x'],
      ['Variable', 'MIXMONITOR_FILENAME'],
    ],
    [
      ['Channel', '1.1'],
      ['Variable', 'MIXMONITOR_FILENAME'],
      ['Variable', 'SHELL(id)'],
    ],
    [['Channel', '1.1']],
  ] as const
  for (const fields of refused) t.notOk(encodeFields('Getvar', 'a1', fields).ok)
})
