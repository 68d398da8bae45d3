/** Nothing that could be read as more than one value ever gets to the socket. */
import fc from 'fast-check'
import t from 'tap'
import { encodeFields, fieldsOf } from '../../src/ami/encode.js'
import type { LegId } from '../../src/base/ids.js'
import { decideDial } from '../../src/calls/decide.js'
import type { Action } from '../../src/pbx/actions.js'

const leg = 'aladdin-abc' as LegId
const dial = decideDial({ from: '1001', to: '1002', leg, ringForMs: 30_000, autoAnswer: 'both' }, 'PJSIP/1001')
if (!dial.ok || dial.value.do !== 'originate') throw new Error('no action')
const originate = dial.value

const textOf = (action: Action) => {
  const fields = fieldsOf(action)
  return fields.ok ? encodeFields(fields.value.name, 'id1', fields.value.fields) : fields
}

t.test('an originate, as it goes out', async t => {
  const text = textOf(originate)
  t.ok(text.ok)
  if (!text.ok) return
  t.match(
    text.value,
    /^Action: Originate\r\nActionID: id1\r\nChannel: PJSIP\/1001\r\nContext: aladdin-dial\r\nExten: 1002\r\n/,
  )
  t.match(text.value, /\r\nAsync: true\r\n/)
  t.match(text.value, /\r\nVariable: ALADDIN_FROM=1001\r\n/)
  t.notMatch(text.value, /Application/)
  t.ok(text.value.endsWith('\r\n\r\n'))
})

t.test('members of queues, as the PBX itself names them', async t => {
  const place = { interface: 'Local/2001@from-queue/n', paused: true, reason: '1' }
  const text = (action: Action) => {
    const made = textOf(action)
    return made.ok ? made.value.split('\r\n').slice(2, -2) : made.error
  }
  t.strictSame(text({ do: 'queue-pause', queue: 'Verkauf Süd', ...place }), [
    ...['Queue: Verkauf Süd', 'Interface: Local/2001@from-queue/n', 'Paused: true', 'Reason: 1'],
  ])
  t.strictSame(text({ do: 'queue-pause', ...place }), [
    'Interface: Local/2001@from-queue/n',
    'Paused: true',
    'Reason: 1',
  ])
  const add = { do: 'queue-add', queue: 'sales', name: '8001', penalty: 0, ...place } as const
  t.match(text({ ...add, stateInterface: 'hint:2001@ext-local' }), [
    ...[
      'Queue: sales',
      'Interface: Local/2001@from-queue/n',
      'MemberName: 8001',
      'StateInterface: hint:2001@ext-local',
    ],
  ])
  for (const bad of [
    ...[
      'PJSIP/1001&PJSIP/trunk',
      'Local/2001@from queue',
      'PJSIP/1|x',
      'PJSIP/1\r\nAction: Command',
      `Local/${'1'.repeat(200)}@x`,
    ],
    ...['PJSIP/1\u202e\u0000', '', '/'],
  ])
    t.equal(text({ do: 'queue-pause', ...place, interface: bad }), 'BAD_REQUEST', bad)
  for (const queue of ['', 'a|b', 'a\nb', 'q'.repeat(200)])
    t.equal(text({ do: 'queue-pause', ...place, queue }), 'BAD_REQUEST', queue)
  for (const change of [
    { interface: 'Local/2001@from-queue/nxp' },
    { interface: 'Local/${X}@from-queue/n' },
    { stateInterface: 'hint:2001@ext-local&PJSIP/1' },
    { stateInterface: 'SHELL(x)' },
    { queue: 'Verkauf Süd' },
  ])
    t.equal(text({ ...add, ...change }), 'BAD_REQUEST', JSON.stringify(change))
})

t.test('whoever is taken out of a queue goes to two contexts of ours, and to digits', async t => {
  const taken = { do: 'queue-withdraw', leg: '1.1' as LegId, context: 'aladdin-withdrawn', exten: '8004' } as const
  t.match(textOf(taken), { ok: true, value: /^Action: Redirect\r\n(.*\r\n)*Channel: 1\.1\r\nContext: aladdin-withdrawn\r\nExten: 8004\r\nPriority: 1\r\n\r\n$/ }) // prettier-ignore
  t.match(textOf({ ...taken, context: 'aladdin-sent-away', exten: '21' }), { ok: true })
  for (const bad of [
    { context: 'from-internal' },
    { context: 'aladdin-listen' },
    ...['', 's', 'h', '12\r\nContext: x', '${SHELL(x)}', '1'.repeat(33)].map(exten => ({ exten })),
    { leg: 'PJSIP/1001\n' as LegId },
  ])
    t.strictSame(textOf({ ...taken, ...bad }), { ok: false, error: 'BAD_REQUEST' }, JSON.stringify(bad))
})

t.test('refused', async t => {
  const bad: Partial<typeof originate>[] = [
    { endpoint: 'PJSIP/1001&PJSIP/trunk' },
    { endpoint: 'Local/1001@x/n' },
    { context: 'a b' },
    { exten: '1002\r\nAction: Command' },
    { exten: '1002&PJSIP/x' },
    { exten: '${SHELL(x)}' },
    { exten: '9'.repeat(33) },
    { callerId: '"x" <1>' },
    { leg: 'a\nb' as LegId },
    { variables: { 'SHELL(id)': 'x' } as never },
    { variables: { ALADDIN_FROM: '1001\n\nAction: Originate' } },
    { variables: { ALADDIN_FROM: 'x'.repeat(513) } },
  ]
  for (const change of bad)
    t.strictSame(textOf({ ...originate, ...change }), { ok: false, error: 'BAD_REQUEST' }, JSON.stringify(change))
  t.strictSame(
    encodeFields('Command' as never, 'x', []),
    { ok: false, error: 'BAD_REQUEST' },
    'an action that is not on the list',
  )
  t.strictSame(encodeFields('Ping', 'x\r\n', []), { ok: false, error: 'BAD_REQUEST' }, 'an id is a value, too')
  t.strictSame(
    encodeFields('Ping', 'x', [['A: b\r\nC', 'd']]),
    { ok: false, error: 'BAD_REQUEST' },
    'and so is a header',
  )
})

t.test('what is read of the PBX is on a list, too: never a secret, never a command', async t => {
  const read = (...variables: string[]) =>
    encodeFields(
      'Getvar',
      'id1',
      variables.map(variable => ['Variable', variable]),
    ).ok
  for (const variable of [
    'ALADDIN_OUTGOING_CONTEXT',
    'DIALPLAN_EXISTS(aladdin-dial)',
    'FEATURE(atxferabort)',
    'FEATUREMAP(atxfer)',
    'AST_CONFIG(manager.conf,general,timestampevents,-1)',
    'AST_CONFIG(manager.conf,aladdin,read,-1)',
  ])
    t.ok(read(variable), variable)
  for (const variable of [
    'AST_CONFIG(manager.conf,aladdin,secret,-1)',
    'AST_CONFIG(manager.conf,aladdin,secret,read,-1)',
    'AST_CONFIG(pjsip.conf,general,timestampevents,-1)',
    'SHELL(id)',
    'FEATURE(${SHELL(id)})',
    'DIALPLAN_EXISTS(a)b',
    'ALADDIN_FROM',
  ])
    t.notOk(read(variable), variable)
  t.notOk(read('FEATURE(atxferabort)', 'SHELL(id)'), 'nor a second one behind it')
  t.notOk(encodeFields('Getvar', 'id1', [['Channel', 'PJSIP/1001-1']]).ok)
})

t.test('any text at all makes at most one line', async t => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), value => {
      const text = encodeFields('Ping', 'id1', [['Extra', value]])
      if (text.ok) t.equal(text.value.split(/[\r\n\0]+/).length, 4)
    }),
  )
})
t.test('what is done with the legs of calls', async t => {
  const go = (action: Action) => {
    const text = textOf(action)
    return text.ok ? text.value.replace('ActionID: id1\r\n', '').trim().split('\r\n') : text.error
  }
  const at = 'Channel: aladdin-abc'
  const to = { leg, context: 'aladdin-transfer', exten: '1002' }
  const sent: [Action, string[]][] = [
    [{ do: 'transfer', ...to }, ['Action: BlindTransfer', at, 'Context: aladdin-transfer', 'Exten: 1002']],
    [{ do: 'consult', ...to }, ['Action: Atxfer', at, 'Context: aladdin-transfer', 'Exten: 1002']],
    [{ do: 'cancel-consult', leg }, ['Action: CancelAtxfer', at]],
    [{ do: 'press', leg, key: '*' }, ['Action: PlayDTMF', at, 'Digit: *', 'Receive: true']],
    [{ do: 'play-key', leg, key: '5' }, ['Action: PlayDTMF', at, 'Digit: 5', 'Receive: false']],
    [{ do: 'silence', leg, on: false }, ['Action: Setvar', at, 'Variable: VOLUME(RX)', 'Value: 0']],
    [{ do: 'silence', leg, on: true }, ['Action: Setvar', at, 'Variable: VOLUME(RX)', 'Value: -32768']],
    [
      { do: 'park', leg, back: 'PJSIP/1001', timeoutMs: 45_000 },
      ['Action: Park', at, 'TimeoutChannel: PJSIP/1001-ffffffff', 'Timeout: 45000'],
    ],
    [{ do: 'keep', leg, forMs: 3_500 }, ['Action: Setvar', at, 'Variable: TIMEOUT(absolute)', 'Value: 3.5']],
    [
      { do: 'transfer', leg, context: 'aladdin-survey', exten: 's' },
      ['Action: BlindTransfer', at, 'Context: aladdin-survey', 'Exten: s'],
    ],
    [{ do: 'lock-room', leg, room: '3001', on: true }, ['Action: ConfbridgeLock', 'Conference: 3001']],
    [{ do: 'lock-room', leg, room: '3001', on: false }, ['Action: ConfbridgeUnlock', 'Conference: 3001']],
  ]
  for (const [action, lines] of sent) t.strictSame(go(action), lines)
  const light = { do: 'light', leg, box: '1001', fresh: 2, heard: 5 } as const
  t.match(go(light), [
    'Action: Originate',
    'Channel: Local/1001*2*5@aladdin-light',
    'Context: aladdin-light',
    'Exten: s',
  ])
  const odd = [
    { box: '' },
    { box: '1&2' },
    { box: '9'.repeat(33) },
    { fresh: -1 },
    { heard: 0.5 },
    { leg: 'a b' as LegId },
  ]
  for (const change of odd) t.equal(go({ ...light, ...change }), 'BAD_REQUEST', JSON.stringify(change))
  const hostile = ['1002,,,S(1)', '1002&PJSIP/boss', '${SHELL(id)}', '1002\r\nAction: Logoff', '', 's']
  for (const exten of hostile)
    for (const kind of ['transfer', 'consult'] as const)
      t.equal(go({ do: kind, ...to, exten }), 'BAD_REQUEST', JSON.stringify(exten))
  for (const key of ['', '12', '\r', 'x']) t.equal(go({ do: 'press', leg, key }), 'BAD_REQUEST', JSON.stringify(key))
  for (const back of ['PJSIP/1001&PJSIP/1002', 'Local/1@x/n', ''])
    t.equal(go({ do: 'park', leg, back, timeoutMs: 1 }), 'BAD_REQUEST')
  for (const forMs of [0, -1, 1.5, NaN]) t.equal(go({ do: 'keep', leg, forMs }), 'BAD_REQUEST', String(forMs))
  for (const room of ['', 'a b', '1\r\n2', '../1'])
    t.equal(go({ do: 'lock-room', leg, room, on: true }), 'BAD_REQUEST', JSON.stringify(room))
  for (const bad of ['a\nb', '', 'a,b'])
    t.equal(go({ do: 'silence', leg: bad as LegId, on: true }), 'BAD_REQUEST', JSON.stringify(bad))
  const joins = (target: string) => go({ ...originate, exten: 's', variables: { ALADDIN_TARGET: target } })
  t.ok(joins('PJSIP/trunk-0000001a').includes('Variable: ALADDIN_TARGET=PJSIP/trunk-0000001a'))
  const calls = (variables: Extract<Action, { do: 'originate' }>['variables']) =>
    go({ ...originate, exten: 's', variables })
  t.ok(calls({ ALADDIN_QUEUE: 'team-a', ALADDIN_POSITION: '3' }).includes('Variable: ALADDIN_POSITION=3'))
  t.ok(calls({ ALADDIN_PROMPT: '/a/b.c/d' }).includes('Variable: ALADDIN_PROMPT=/a/b.c/d'))
  for (const queue of ['', 'a b', 'a,b', '${x}']) t.equal(calls({ ALADDIN_QUEUE: queue }), 'BAD_REQUEST', queue)
  for (const position of ['', '-1', '1,2', 'x']) t.equal(calls({ ALADDIN_POSITION: position }), 'BAD_REQUEST', position)
  for (const prompt of ['', 'a', '/a/../b', '/a&/b', '/a,b', '/${x}'])
    t.equal(calls({ ALADDIN_PROMPT: prompt }), 'BAD_REQUEST', prompt)
  for (const target of ['PJSIP/1,Set(x)', '${x}', 'PJSIP/1&PJSIP/2', '']) t.equal(joins(target), 'BAD_REQUEST', target)
  for (const tool of [
    { do: 'attach', leg, tool: leg, spy: true, whisper: true },
    { do: 'play-music', tool: leg },
    { do: 'play-tone', tool: leg },
    { do: 'detach', tool: leg },
  ] as const)
    t.equal(go(tool), 'BAD_REQUEST', 'that is ARI’s')
})
