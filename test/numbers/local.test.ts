/** Local numbers of the own area, where the same digits could be a number elsewhere in the country. */
import t from 'tap'
import fc from 'fast-check'
import { getCountryCallingCode, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import { readNumber } from '../../src/numbers/read.js'
import { judgeNumber } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

t.test('a local number is that, whatever it would be with a 0 before it', async t => {
  const table: [country: CountryCode, ownArea: string, local: string, elsewhere: string][] = [
    ['CN', '10', '82596990', 'shared cost'],
    ['CN', '021', '20966677', 'shared cost'],
    ['AT', '1', '6592121', 'a mobile'],
    ['AT', '1', '5047594', 'VoIP'],
    ['FI', '9', '4599372', 'a mobile'],
    ['FI', '9', '70010710', 'premium'],
    ['SE', '8', '9991657', 'premium'],
    ['NL', '20', '8007700', 'freephone'],
  ]
  for (const [country, ownArea, local, elsewhere] of table) {
    const e164 = `+${getCountryCallingCode(country)}${ownArea.replace(/^0/, '')}${local}`
    t.equal(readNumber(rulesOf({ ownArea }, country), local)?.e164, e164, `${local} in ${country}: not ${elsewhere}`)
    t.match(judgeNumber(rulesOf({ ownArea }, country), local, new Set()), { class: 'local', dials: local, e164 })
  }
})

t.test('a number of the whole country that is written without a 0 is that', async t => {
  const table: [country: CountryCode, ownArea: string, text: string, e164: string | undefined][] = [
    ['CN', '10', '13812345678', '+8613812345678'],
    ['DE', '30', '1701234567', '+491701234567'],
    ['DE', '30', '8001234567', '+498001234567'],
    ['BR', '11', '40067998', '+5540067998'],
    ['TR', '212', '4442143', '+904442143'],
    ['CA', '416', '3102051', '+13102051'],
    ['CN', '10', '4001234567', undefined],
  ]
  for (const [country, ownArea, text, e164] of table)
    t.equal(readNumber(rulesOf({ ownArea }, country), text)?.e164, e164, `${text} in ${country}`)
})

t.test('short digits are no number of another city', async t => {
  const berlin = rulesOf({ ownArea: '30' })
  for (const text of ['89332', '30466', '42376']) t.strictSame(readNumber(berlin, text), { digits: text, key: text })
  t.equal(readNumber(berlin, '089 332')?.e164, '+4989332')
  t.equal(readNumber(rulesOf(), '89332')?.e164, '+4989332', 'where no area is known')
})

const AREAS: [country: CountryCode, area: string, local: number][] = [
  ...[['CN', '10', 8] as const, ['CN', '21', 8] as const, ['CN', '991', 7] as const],
  ...[['DE', '30', 8] as const, ['DE', '89', 6] as const, ['DE', '4421', 5] as const],
  ...[['AT', '1', 7] as const, ['AT', '316', 6] as const, ['SE', '8', 7] as const, ['FI', '9', 7] as const],
  ...[['GB', '20', 8] as const, ['JP', '3', 8] as const, ['NZ', '9', 7] as const, ['NL', '20', 7] as const],
].map(([country, area, local]) => [country, area, local])

t.test('any local number is read as that of the own area', async t => {
  const any = fc.tuple(fc.constantFrom(...AREAS), fc.stringMatching(/^[2-9][0-9]{7}$/))
  const law = fc.property(any, ([[country, ownArea, length], digits]) => {
    const local = digits.slice(0, length)
    const rules = rulesOf({ ownArea }, country)
    const whole = parsePhoneNumberFromString(`+${getCountryCallingCode(country)}${ownArea}${local}`)
    fc.pre(whole?.isValid() === true && whole.nationalNumber === `${ownArea}${local}` && !rules.isService(local))
    return readNumber(rules, local)?.e164 === whole.number
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 3_000 }))
})
