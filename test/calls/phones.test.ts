/** Which extension a queue's member is, and which device of it is meant. */
import t from 'tap'
import { combined, deviceFor, devicesOf, extensionOfMember, phoneAt } from '../../src/calls/phones.js'
import type { Site } from '../../src/calls/site.js'
import type { PhoneState } from '../../src/pbx/facts.js'
import { site as lab } from '../given/calls.js'

const site: Site = {
  ...lab,
  extensionOf: new Map([
    ['alice', '1001'],
    ['1011-desk', '1011'],
    ['1011-soft', '1011'],
  ]),
}
const of = (place: string, stateInterface?: string) =>
  extensionOfMember(site, { interface: place, ...(stateInterface === undefined ? {} : { stateInterface }) })

t.test('a member by its interface, and by whose state it watches', async t => {
  t.equal(of('PJSIP/1002'), '1002')
  t.equal(of('SIP/1002'), '1002')
  t.equal(of('PJSIP/alice'), '1001')
  t.equal(of('PJSIP/1011-desk'), '1011')
  t.equal(of('Local/1002@from-queue/n', 'hint:1002@ext-local'), '1002')
  t.equal(of('Local/1002@from-queue'), '1002')
  t.equal(of('Local/s@agent-alice/n', 'PJSIP/alice'), '1001')
  t.equal(of('Local/s@agent/n', 'hint:1002@ext-local'), '1002')
  t.equal(of('Local/s@agent/n', 'Custom:1002'), '1002')
  t.equal(of('Local/s@agent/n', 'SIP/1002'), '1002')
  t.equal(
    of('local/1002@from-queue/n', 'HINT:1002@ext-local'),
    '1002',
    'Asterisk knows technologies in any letter case',
  )
  t.equal(of('LOCAL/s@agent/n', 'custom:1002'), '1002')
  t.equal(of('pjsip/1002'), '1002')
  t.equal(of('Local/1009@agents/n', 'PJSIP/alice'), '1001', 'a device says more than a number of the dialplan')
  t.equal(of('Local/1002@from-queue/n', 'hint:1003@ext-local'), '1002', 'what is rung says more than what is watched')
  t.equal(of('PJSIP/1002', 'PJSIP/alice'), '1002')
  // 1003 is the name of a device of 1004, and an extension.
  const swapped = { ...lab, extensionOf: new Map([['1003', '1004']]) }
  const ofSwapped = (place: string, stateInterface: string) =>
    extensionOfMember(swapped, { interface: place, stateInterface })
  t.equal(ofSwapped('PJSIP/1003', 'PJSIP/1003'), '1004')
  t.equal(ofSwapped('Local/1003@from-queue/n', 'hint:1003@ext-local'), '1003', 'a number is no device')
  t.equal(ofSwapped('Local/s@agent/n', 'Custom:1003'), '1003')
  t.equal(of('Local/alice@agents/n'), undefined)
})

t.test('what is no phone of the site, and what is nothing at all', async t => {
  for (const place of [
    'PJSIP/trunk',
    'Local/01701234567@outbound/n',
    'Local/s@agent',
    'Agent/1001',
    '1001',
    '',
    'Queue/1001',
  ])
    t.equal(of(place), undefined, place)
  t.equal(of('Local/s@agent/n', 'Custom:DND1002'), undefined)
  for (const hostile of [
    'Local/',
    '/',
    '@',
    'PJSIP/1001&PJSIP/1002',
    'Local/1001&x@y',
    `Local/${'1'.repeat(10_000)}@x`,
    'PJSIP/1001\u202e',
    'PJSIP/1001\u0000',
    '${EXTEN}',
    '__proto__',
  ])
    t.equal(of(hostile), undefined, hostile.slice(0, 40))
})

t.test(
  'several devices: the first that can be reached is rung; the phone is in use if one is, and gone only if all are',
  async t => {
    t.strictSame(devicesOf(site, '1011'), ['PJSIP/1011-desk', 'PJSIP/1011-soft', 'PJSIP/1011'])
    t.strictSame(devicesOf(site, '1001'), ['PJSIP/alice', 'PJSIP/1001'])
    t.strictSame(devicesOf({ ...site, endpoint: 'SIP/$&{extension}' }, '1002'), ['SIP/$&1002'])
    t.strictSame(devicesOf(site, '77'), [])
    const phones = (desk?: PhoneState, soft?: PhoneState) =>
      new Map(
        Object.entries({ 'PJSIP/1011-desk': desk, 'PJSIP/1011-soft': soft }).flatMap(([name, is]) =>
          is ? [[name, is]] : [],
        ),
      )
    const rung = (...are: Parameters<typeof phones>) => deviceFor(site, phones(...are), '1011')
    t.equal(rung('idle', 'idle'), 'PJSIP/1011-desk')
    t.equal(rung('unavailable', 'idle'), 'PJSIP/1011-soft')
    t.equal(rung('busy', 'idle'), 'PJSIP/1011-soft')
    t.equal(rung('busy', 'unavailable'), 'PJSIP/1011-desk')
    t.equal(rung('unavailable', 'unavailable'), 'PJSIP/1011-desk')
    t.equal(rung(), 'PJSIP/1011-desk', 'of which nothing is known')
    t.equal(deviceFor(site, phones(), '77'), undefined)
    t.equal(phoneAt(site, phones('unavailable', 'in-use'), '1011'), 'in-use')
    t.equal(phoneAt(site, phones('idle', 'in-use'), '1011'), 'in-use')
    t.equal(phoneAt(site, phones('idle', 'unavailable'), '1011'), 'idle')
    t.equal(phoneAt(site, phones('unavailable', 'invalid'), '1011'), 'unavailable')
    t.equal(phoneAt(site, phones(), '1011'), undefined)
    t.equal(combined(['in-use', 'ringing']), 'ringing')
  },
)

t.end()
