/** Numbers that no plan has, with a plus, and emergency numbers behind the code of a country. */
import t from 'tap'
import type { NumberClass } from '../../src/events/number.js'
import { judgeNumber, type DialRules } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

const told = (rules: DialRules, number: string, ...granted: NumberClass[]) => {
  const judged = judgeNumber(rules, number, new Set(granted))
  return `${judged.class} ${'dials' in judged ? judged.dials : judged.code}`
}

t.test('a number with a plus that is not valid is dialled as with the international prefix', async t => {
  const judged = (rules: DialRules, number: string) => told(rules, number, 'international')
  const forms = ['as-given', 'national', 'e164'] as const
  for (const form of forms) {
    const china = rulesOf({ form, trunkPrefix: '9' }, 'CN')
    t.equal(judged(china, '+447700900123'), 'international 900447700900123', form)
    t.equal(judged(china, '+86021123'), 'international 9008621123', form)
    t.equal(judged(china, '*31#+447700900123'), 'international *31#900447700900123', form)
    t.equal(judged(rulesOf({ form, trunkPrefix: '0' }), '+999123456'), 'international 000999123456', form)
    t.equal(judged(rulesOf({ form }), '+999123456'), 'international +999123456', 'nothing goes before it')
    t.equal(judged(rulesOf({ form }), '*31#+999123456'), 'international *31#00999123456', 'a code does')
  }
  const service = rulesOf({ trunkPrefix: '9', service: ['+49115*'] })
  t.equal(judged(service, '+49115123'), 'service 90049115123')
})

t.test('no network takes an emergency number behind the code of its country, and the reasons say so', async t => {
  const nine = (country: string) => rulesOf({ trunkPrefix: '9' }, country)
  for (const [country, ...written] of [
    ['CN', '+86110', '0086110', '+44999', '+1911', '*31#+86110'],
    ['DE', '+49110', '+49 (0)112', '0044999'],
    ['US', '+1911', '+49112'],
  ] as const)
    for (const number of written)
      for (const rules of [nine(country), rulesOf({}, country)]) {
        const { reasons, ...rest } = judgeNumber(rules, number, new Set(['international']))
        t.match(rest, { class: 'international', code: 'NUMBER_NOT_ALLOWED' }, number)
        t.equal(reasons.at(-1), 'emergency-behind-code', number)
        t.notOk(reasons.includes('too-long'), number)
      }
  t.equal(told(rulesOf({ emergency: ['1999'] }), '+491999', 'international'), 'international NUMBER_NOT_ALLOWED')
})

t.test('forbidden in each writing, also where the number is not valid', async t => {
  for (const pattern of ['+44*', '0044*'])
    for (const trunkPrefix of ['', '9'])
      for (const number of [
        '+447700900123',
        '00447700900123',
        '+442079460000',
        '0044 20 7946 0000',
        '*31#+447700900123',
      ])
        t.equal(
          told(rulesOf({ forbidden: [pattern], trunkPrefix }), number, 'international'),
          'international NUMBER_FORBIDDEN',
          `${number}, ${pattern}`,
        )
})
