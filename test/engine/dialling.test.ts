/** Dialling by the rules of the site, by right, within limits; what is put on a call is there from its beginning. */
import t from 'tap'
import type { LegId } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import { NO_DIRECTORY, type KeptStaff } from '../../src/directory/state.js'
import { isStored } from '../../src/engine/stored.js'
import type { Fact } from '../../src/pbx/facts.js'
import { HOUR_MS } from '../../src/routing/limits.js'
import * as given from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore, seen, up } from '../given/engine.js'
import { rulesOf } from '../given/numbers.js'

const dial = { from: '1001', to: '1002', ringForMs: 30_000, by: { key: 'crm' } }
const legOf = (id: string) => `aladdin-${id}` as LegId
const rung = (id: string): Fact[] => [
  given.appears(0, { of: legOf(id), number: '' }),
  { type: 'dial.begun', at: given.at(0), leg: legOf(id), dialled: '1001', shown: '1002' },
]

t.test('what whoever dials puts on the call is there from the first event on', async t => {
  const { engine, log, tell } = anEngine((_, __, tell) => (tell(rung('id1')), ok(undefined)))
  await engine.dial({ ...dial, notes: { data: { crm: '4711' } } })
  tell([given.hangsUp(1, legOf('id1')), given.isGone(1, legOf('id1'))])
  await engine.snapshot()
  const own = log.filter(entry => entry.type.startsWith('call.'))
  t.ok(own.length >= 2)
  for (const { json } of own) t.match(JSON.parse(json), { data: { call: { data: { crm: '4711' } } } })
  const refused = anEngine(() => no('COMMAND_REFUSED'))
  await refused.engine.dial({ ...dial, notes: { data: { crm: '4711' } } })
  refused.tell(rung('id1'))
  await refused.engine.snapshot()
  t.notMatch(refused.log[0]?.json, /4711/, 'a call that was refused leaves nothing behind')
})

t.test('of an extension with two devices, one has just left: the other is rung', async t => {
  const extensionOf = new Map(['201-desk', '201-soft'].map(name => [name, '201']))
  const from201 = { ...dial, from: '201' }
  const idle = {
    ...seen(0),
    phones: [...extensionOf.keys()].map(e => ({ device: `PJSIP/${e}`, phone: 'idle' })),
  } as Fact
  const answering = (first: (id: string) => Fact[]) => {
    const office = anEngine(
      (action, actionId, tell) => {
        if (action.do !== 'originate') return ok(undefined)
        const failed: Fact = { type: 'originate.ended', at: given.at(1), actionId, ok: false }
        tell(action.endpoint === 'PJSIP/201-desk' ? [...first('id1'), failed] : rung('id1'))
        return ok(undefined)
      },
      { site: { ...given.site, extensionOf, extension: /^(\d{4}|201)$/ } },
    )
    office.tell([up(0), idle])
    return office
  }
  const rang = ({ sent }: ReturnType<typeof answering>) =>
    sent.flatMap(action => (action.do === 'originate' ? action.endpoint : []))
  const left = answering(() => [])
  t.match(await left.engine.dial(from201), { ok: true })
  t.strictSame(rang(left), ['PJSIP/201-desk', 'PJSIP/201-soft'])
  const there = answering(id => rung(id))
  await there.engine.dial(from201)
  t.strictSame(rang(there), ['PJSIP/201-desk'], 'one that has rung was there')
  const nobody = answering(() => [])
  nobody.tell([{ type: 'phone.changed', at: given.at(1), device: 'PJSIP/201-soft', phone: 'unavailable' }])
  t.strictSame(await nobody.engine.dial(from201), no('EXTENSION_UNREACHABLE'))
  t.strictSame(rang(nobody), ['PJSIP/201-desk'])
})

t.test('abroad by right; the rules are those of the site', async t => {
  const roles = new Map([['far', { id: 'far', name: 'Far', rights: ['dial-international' as const], includes: [] }]])
  const staff = (id: string, role: string): [string, KeptStaff] => [id, { id, name: id, role, workgroups: [] }]
  const directory = { ...NO_DIRECTORY, roles, staff: new Map([staff('8001', 'far'), staff('8002', 'none')]) }
  const change = { directory, dialRules: rulesOf({ trunkPrefix: '0' }) }
  const { engine, sent } = anEngine((_, __, tell) => (tell(rung('id1')), ok(undefined)), change)
  const abroad = { ...dial, to: '+44 20 7946 0000' }
  t.strictSame(await engine.dial(abroad), no('NUMBER_CLASS_FORBIDDEN'))
  t.strictSame(await engine.dial({ ...abroad, by: { key: 'crm', staff: '8002' } }), no('NUMBER_CLASS_FORBIDDEN'))
  t.strictSame(sent, [])
  t.match(await engine.explain('00442079460000', '1001', { key: 'crm' }), {
    value: { allowed: false, class: 'international' },
  })
  t.match(await engine.explain('00442079460000', '1001', { key: 'crm', staff: '8001' }), {
    value: {
      ...{ number: '00442079460000', allowed: true, dials: '000442079460000', e164: '+442079460000', country: 'GB' },
      reasons: [{ rule: 'is-international' }, { rule: 'trunk-prefix' }, { rule: 'by-right' }],
    },
  })
  t.match(await engine.dial({ ...dial, to: '00442079460000', by: { key: 'crm', staff: '8001' } }), { ok: true })
  t.match(sent, [{ do: 'originate', exten: '000442079460000' }])
})

t.test(
  'what is explained is what dialling would be refused with: an unknown extension, the phone of another',
  async t => {
    const staff = (id: string): [string, KeptStaff] => [id, { id, name: id, role: 'none', workgroups: [] }]
    const directory = { ...NO_DIRECTORY, staff: new Map([staff('8001'), staff('8002')]) }
    const { engine, tell } = anEngine(() => ok(undefined), { directory })
    tell([up(0), { ...seen(0), phones: [{ device: 'PJSIP/1001', phone: 'idle' }] } as Fact])
    t.match(await engine.agents.signIn('8001', { extension: '1001' }, { key: 'crm' }), { ok: true })
    const crm = { key: 'crm' }
    for (const from of ['nonsense', '999999', '', '\u0000', 'x'.repeat(10_000)]) {
      t.strictSame(await engine.explain('1002', from, crm), no('EXTENSION_UNKNOWN'), from.slice(0, 20))
      t.strictSame(await engine.dial({ ...dial, from, dryRun: true }), no('EXTENSION_UNKNOWN'))
    }
    t.match(await engine.explain('1002', undefined, crm), { value: { allowed: true } })
    const own = await engine.explain('1002', '1001', { ...crm, staff: '8001' })
    t.match(own, { value: { allowed: true, dials: '1002' } })
    for (const asker of ['8002', 'nobody']) {
      const by = { ...crm, staff: asker }
      const told = await engine.explain('1002', '1001', by)
      t.match(
        told,
        { value: { allowed: false, code: 'RIGHT_MISSING', reasons: [{}, { rule: 'phone-of-another' }] } },
        asker,
      )
      t.notOk(told.ok && 'dials' in told.value)
      t.strictSame(await engine.dial({ ...dial, by, dryRun: true }), no('RIGHT_MISSING'))
      t.match(await engine.explain('110', '1001', by), { value: { allowed: true } }, 'not in an emergency')
    }
    await engine.stop()
  },
)

t.test('no more in an hour than the site allows, also after a restart', async t => {
  const { clock, pass } = aClock(given.at(0))
  const { kept, append, stored } = aStore()
  const change = { clock, append, dialsPerHour: { outside: 2, costly: 0 } }
  const outside = { ...dial, to: '089 1234567' }
  const over = no('DIAL_LIMIT_REACHED')
  const first = anEngine(() => no('COMMAND_REFUSED'), change)
  t.strictSame(await first.engine.dial(outside), no('COMMAND_REFUSED'))
  pass(60_000)
  t.strictSame(await first.engine.dial(outside), no('COMMAND_REFUSED'))
  t.strictSame(await first.engine.dial(outside), over)
  t.strictSame(await first.engine.dial({ ...outside, dryRun: true }), over, 'a dry run says so')
  t.match(await first.engine.dial({ ...dial, dryRun: true }), { ok: true })
  t.strictSame(await first.engine.dial(dial), no('COMMAND_REFUSED'), 'inside as before')
  t.strictSame(await first.engine.dial({ ...outside, from: '1003' }), no('COMMAND_REFUSED'), 'each has their own')
  await first.engine.stop()
  t.ok([...kept].every(([id, thing]) => isStored(thing, id)))
  const again = anEngine(() => no('COMMAND_REFUSED'), {
    ...change,
    stored: stored(),
  })
  t.strictSame(await again.engine.dial(outside), over)
  pass(HOUR_MS - 60_000)
  t.strictSame(await again.engine.dial(outside), no('COMMAND_REFUSED'))
  t.strictSame(await again.engine.dial(outside), over)
  pass(HOUR_MS)
  await again.engine.dial({ ...outside, from: '1009' })
  await again.engine.stop()
  t.strictSame(
    [...kept.keys()].filter(key => key.startsWith('dials/')),
    ['dials/@1009'],
    'nothing is kept of whoever has not dialled for an hour',
  )
})

t.test('nothing stops an emergency number: no limit, no list, no right, no name that is wrong', async t => {
  const { kept, append } = aStore()
  const change = {
    append,
    dialsPerHour: { outside: 1, costly: 1 },
    dialRules: rulesOf({ trunkPrefix: '9', forbidden: ['11*', '911*'], allowed: ['national'] }),
    directory: {
      ...NO_DIRECTORY,
      staff: new Map([['8001', { id: '8001', name: 'Ana', role: 'none', workgroups: [] }]]),
    },
  }
  const { engine, sent } = anEngine(() => no('COMMAND_REFUSED'), change)
  for (let i = 0; i < 2; i += 1) await engine.dial({ ...dial, to: '089 1234567' })
  t.strictSame(await engine.dial({ ...dial, to: '089 1234567' }), no('DIAL_LIMIT_REACHED'))
  const before = sent.length
  const asked = {
    ...dial,
    to: '9-110',
    by: { key: 'crm', staff: '8001' },
    workgroup: 'nobody',
    notes: { data: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, 'x'])) },
  }
  t.strictSame(await engine.dial({ ...asked, to: '089 1234567' }), no('NOTES_FULL'))
  t.strictSame(await engine.dial({ ...asked, dryRun: true }), ok({ id: '', causedBy: '' }))
  t.strictSame(await engine.dial(asked), no('COMMAND_REFUSED'), 'only the PBX')
  t.match(sent.slice(before), [{ do: 'originate', exten: '9110' }])
  t.notOk(kept.has('dials/8001'), 'and it counts against nobody')
  await engine.stop()
})

t.end()
