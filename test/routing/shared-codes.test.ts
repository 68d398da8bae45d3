/** The national form where several countries share a code: 1 and ten digits in North America. */
import t from 'tap'
import type { NumberClass } from '../../src/events/number.js'
import { judgeNumber, type DialRules } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

const ALL = new Set<NumberClass>(['international', 'premium'])
const told = (rules: DialRules, number: string) => {
  const judged = judgeNumber(rules, number, ALL)
  return `${judged.class} ${'dials' in judged ? judged.dials : judged.code}`
}
const newYork = { ownArea: '212', internationalPrefix: '011' }

t.test('in North America 1 and ten digits, within the own area and beyond', async t => {
  const cases: [number: string, becomes: string][] = [
    ['+1 212 555 1234', 'local 12125551234'],
    ['(212) 555-1234', 'local 12125551234'],
    ['5551234', 'local 12125551234'],
    ['415 555 1234', 'national 14155551234'],
    ['1-800-555-1234', 'national 18005551234'],
    ['900 555 1234', 'premium 19005551234'],
    ['+1 809 555 0123', 'international 18095550123'],
    ['+1 416 555 0123', 'international 14165550123'],
    ['+44 20 7946 0000', 'international 011442079460000'],
    ['911', 'emergency 911'],
    ['311', 'service 311'],
  ]
  for (const [number, becomes] of cases) {
    const [kind, digits] = becomes.split(' ')
    t.equal(told(rulesOf({ ...newYork, form: 'national' }, 'US'), number), becomes, number)
    const nine = rulesOf({ ...newYork, form: 'national', trunkPrefix: '9' }, 'US')
    t.equal(told(nine, number), `${kind} 9${digits}`, `${number} behind 9`)
    const e164 = rulesOf({ ...newYork, form: 'e164', trunkPrefix: '9' }, 'US')
    t.equal(told(e164, number), `${kind} 9${digits}`, `${number} behind 9, which a plus cannot follow`)
  }
  const { reasons } = judgeNumber(rulesOf({ ...newYork, form: 'national' }, 'US'), '2125551234', ALL)
  t.strictSame(reasons, ['is-local'])
  t.equal(told(rulesOf(newYork, 'US'), '5551234'), 'local 5551234', 'as it was given')
  t.equal(told(rulesOf({ form: 'national' }, 'CA'), '+1 212 555 1234'), 'international 12125551234')
})

t.test('in the national form to a country that shares the code, too', async t => {
  const cases: [country: string, number: string, becomes: string][] = [
    ['GB', '+44 1534 734567', 'international 01534734567'],
    ['RU', '+7 727 225 0000', 'international 87272250000'],
    ['DE', '+1 809 555 0123', 'international 0018095550123'],
  ]
  for (const [country, number, becomes] of cases)
    t.equal(told(rulesOf({ form: 'national' }, country), number), becomes, number)
})
