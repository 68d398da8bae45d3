/** Nothing that could be read as more than one value ever gets to the socket. */
import fc from 'fast-check'
import t from 'tap'
import { encodeFields, fieldsOf } from '../../src/ami/encode.js'
import type { LegId } from '../../src/base/ids.js'
import { decideDial } from '../../src/calls/decide.js'
import type { Action } from '../../src/pbx/actions.js'

const leg = 'aladdin-abc' as LegId
const dial = decideDial({ from: '1001', to: '1002', leg, ringForMs: 30_000 }, 'PJSIP/1001')
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
