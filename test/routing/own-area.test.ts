/** Whether a number of the own area is dialled with its area, in each form. */
import t from 'tap'
import type { NumberClass } from '../../src/events/number.js'
import { readNumber } from '../../src/numbers/read.js'
import { judgeNumber } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

const ALL: ReadonlySet<NumberClass> = new Set<NumberClass>(['international', 'premium'])
type Dialling = Parameters<typeof rulesOf>[0]
const dialled = (dialling: Dialling, country: string, number: string) => {
  const judged = judgeNumber(rulesOf(dialling, country), number, ALL)
  return 'dials' in judged ? judged.dials : judged.code
}

t.test('the area stays where the rest would not be read as the same number', async t => {
  const berlin = { form: 'national', ownArea: '30' } as const
  t.equal(dialled(berlin, 'DE', '+49 30 42376'), '03042376', 'too short for a local number')
  t.equal(dialled({ ...berlin, trunkPrefix: '9' }, 'DE', '030 42376'), '903042376')
  t.equal(dialled({ ...berlin, trunkPrefix: '9' }, 'DE', '030 988722'), '9988722', 'the 9 of the number is its own')
  t.equal(dialled({ form: 'national', ownArea: '1' }, 'AT', '+43 1 58858'), '0158858')
  t.equal(dialled({ form: 'national', ownArea: '1' }, 'AT', '01 6592121'), '6592121')
  t.equal(dialled({ form: 'national', ownArea: '11' }, 'BR', '+55 11 40067998'), '1140067998', 'the rest is national')
  const { reasons } = judgeNumber(rulesOf(berlin), '+49 30 42376', new Set())
  t.strictSame(reasons, ['is-local', 'area-kept'])
})

t.test('the area stays in each form but the national one, whatever goes before the number', async t => {
  const numbers: [country: string, ownArea: string, number: string, dials: string][] = [
    ['DE', '30', '+49 30 1234567', '0301234567'],
    ['CN', '021', '+86 21 6234 5678', '02162345678'],
    ['AT', '1', '0043 1 5885800', '015885800'],
    ['US', '212', '+1 212 555 2671', '12125552671'],
  ]
  for (const [country, ownArea, number, dials] of numbers) {
    const rules = { ownArea, trunkPrefix: '9' }
    t.equal(dialled({ ...rules, form: 'e164' }, country, number), `9${dials}`, `${number}, e164`)
    const given = number.startsWith('00') ? `9${number.replaceAll(' ', '')}` : `9${dials}`
    t.equal(dialled({ ...rules, form: 'as-given' }, country, number), given, `${number}, as given`)
  }
  t.equal(dialled({ ownArea: '30', form: 'e164' }, 'DE', '*31#1234567'), '*31#0301234567', 'nor behind a code')
  const bare = rulesOf({ ownArea: '30' }, 'DE', undefined, 'international')
  t.match(judgeNumber(bare, '49301234567', new Set()), { dials: '0301234567' }, 'nor where it came with its country')
  const mobiles = { ownArea: '10', trunkPrefix: '9' } as const
  t.equal(dialled({ ...mobiles, form: 'e164' }, 'CN', '13812345678'), '913812345678')
})

t.test('where numbers are dialled whole, the area stays', async t => {
  const numbers: [country: string, ownArea: string, number: string, dials: string][] = [
    ['FR', '1', '+33 1 42 76 12 34', '0142761234'],
    ['IT', '06', '06 4567 1234', '0645671234'],
    ['IT', '2', '+39 02 1234 5678', '0212345678'],
    ['ES', '91', '+34 912 345 678', '912345678'],
    ['CH', '44', '044 668 18 00', '0446681800'],
    ['BE', '2', '+32 2 512 34 56', '025123456'],
    ['PL', '22', '+48 22 621 02 11', '226210211'],
  ]
  for (const [country, ownArea, number, dials] of numbers)
    for (const trunkPrefix of ['', '9'])
      t.equal(dialled({ form: 'national', ownArea, trunkPrefix }, country, number), `${trunkPrefix}${dials}`, number)
  const rules = rulesOf({ form: 'national', ownArea: '1' }, 'FR')
  t.match(judgeNumber(rules, '0142761234', new Set()), { class: 'local', reasons: ['is-local'] })
  t.match(judgeNumber(rules, '42761234', new Set()), { dials: '0142761234', reasons: ['is-local', 'without-area'] })
})

t.test('a number in a format that the library does not know has its 0', async t => {
  t.equal(dialled({ form: 'national', ownArea: '30' }, 'DE', '+49 3625 46'), '0362546')
  t.equal(dialled({ trunkPrefix: '9' }, 'DE', '+49 3625 46'), '90362546')
})

t.test('the 0 of an Italian area is no dial prefix', async t => {
  const rome = rulesOf({ ownArea: '06', trunkPrefix: '0' }, 'IT')
  for (const way of ['out', 'sent', 'written'] as const)
    t.match(readNumber(rome, '0645671234', way), { digits: '0645671234', e164: '+390645671234' }, way)
  t.match(readNumber(rome, '03331234567', 'out'), { digits: '3331234567', e164: '+393331234567', prefixed: true })
  t.match(readNumber(rulesOf({ trunkPrefix: '9' }, 'ES'), '912345678', 'out'), { e164: '+34912345678' })
  t.match(readNumber(rulesOf({ trunkPrefix: '9', ownArea: '212' }, 'US'), '95552671', 'out'), { e164: '+12125552671' })
})
