/** An entry of a list fits its number in whatever writing a caller shows it. */
import t from 'tap'
import fc from 'fast-check'
import { getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { nationalOf, type NumberPlan } from '../../src/numbers/read.js'
import { ANONYMOUS, isAbout, matchOf, numbersOf } from '../../src/routing/number-match.js'
import { judgeNumber } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

const germany = (more: Parameters<typeof rulesOf>[0] = {}) => rulesOf(more, 'DE')
const PLANS: [what: string, plan: NumberPlan][] = [
  ['as it is', germany()],
  ['behind a 0', germany({ trunkPrefix: '0', ownArea: '30' })],
  ['behind a 9', germany({ trunkPrefix: '9', ownArea: '030' })],
  ['behind a 9 that callers have', germany({ trunkPrefix: '9', prefixedCallers: true })],
  ['without a plus', rulesOf({}, 'DE', undefined, 'international')],
]
const fits = (plan: NumberPlan, entry: string, shown: string) => {
  const match = matchOf(entry, plan)
  return match.ok && isAbout(plan, match.value, numbersOf(shown, plan))
}

const WRITINGS = [
  ...['+491701234567', '+49 (0)170 1234567', '0049 170/1234567', '+490170 1234567', '0049(0)170-1234567'],
  ...['*31#+491701234567', '#31#+491701234567', '*31#00491701234567', '+491701234567#', '*31#+491701234567#'],
  ...[
    '+00491701234567',
    '+0491701234567',
    '+004901701234567',
    '0+491701234567',
    '00+491701234567',
    '++491701234567',
    '+++491701234567',
    '0++491701234567',
    '++00491701234567',
    '+00+491701234567',
    '0+49 (0)170 1234567',
  ],
  ...['+49_170_1234567', '_+491701234567_', '+49\u203f170\uff3f1234567', '+49__170__1234567'],
  ...[
    '+491701234567:5060',
    'sip:+491701234567:5060',
    'sip:+491701234567:secret@10.0.0.1:5060',
    '+491701234567@host:5060',
  ],
  ...[`+491701234567${' '.repeat(250)}`, `${' '.repeat(250)}+491701234567`, `+49${' '.repeat(250)}1701234567`],
  ...[`+491701234567${'\u200b'.repeat(300)}`, `+49${'\u3000'.repeat(9_000)}1701234567\u202c`],
  ...['%2B491701234567', '+49%20170%201234567', "'+491701234567", '"+491701234567"', '\u2018+491701234567\u2019'],
  ...['\ufe62491701234567', '\u207a491701234567', '\uff0b\uff10\uff10491701234567'],
  ...['<+491701234567>', '"" <sip:*31%23+491701234567@host>', 'tel:1701234567;phone-context=%2B49'],
]

t.test('the entry of a number fits each writing of it', async t => {
  for (const [what, plan] of PLANS)
    for (const shown of WRITINGS)
      t.ok(fits(plan, '+49 170 1234567', shown), `${what}: ${JSON.stringify(shown.slice(0, 60))}`)
  for (const shown of ['0170 1234567', '+0170 1234567', '0170 1234567#', '*31#01701234567', '0_170_1234567'])
    t.ok(fits(germany(), '+49 170 1234567', shown), shown)
  t.ok(fits(germany({ trunkPrefix: '9' }), '+49 170 1234567', '9+491701234567'), 'behind the dial prefix')
  t.ok(fits(rulesOf({}, 'US'), '+1 212 555 2671', '*67 212 555 2671'))
  t.ok(fits(rulesOf({ internationalPrefix: '011' }, 'US'), '+44 20 7183 8750', '+011442071838750'))
  t.ok(fits(rulesOf({}, 'FR'), '+44 20 7183 8750', '+0442071838750'))
})

t.test('an entry may be written in each of them', async t => {
  const plain = matchOf('+491701234567', germany())
  for (const written of WRITINGS.filter(text => !text.startsWith('_')))
    t.strictSame(matchOf(written, germany()), plain, JSON.stringify(written.slice(0, 60)))
  for (const written of ['*31#', '*31#+49*', '*01', '12*3', '*31#22', '*X'])
    t.notOk(matchOf(written, germany()).ok, written)
})

t.test('no other number does', async t => {
  for (const [what, plan] of PLANS)
    for (const shown of ['+491701234568', '+4901701234568#', '12+491701234567', '+49170:1234567', '+49170#1234567', ''])
      t.notOk(fits(plan, '+49 170 1234567', shown), `${what}: ${shown}`)
})

t.test('any of it at once', async t => {
  const before = fc.constantFrom('', '*31#', '#31#', '0', '00', '*31#0')
  const plus = fc.constantFrom('+', '\uff0b', '+0', '+00')
  const between = fc.array(fc.constantFrom('', ' ', '_', '-', '/', '.', '\u200b', '\u3000', "'"), {
    minLength: 12,
    maxLength: 12,
  })
  const behind = fc.constantFrom('', '#', ':5060', ' '.repeat(300), '@10.0.0.1:5060', ';user=phone')
  const law = fc.property(before, plus, between, behind, (code, sign, separators, end) => {
    const digits = Array.from('491701234567', (digit, i) => `${digit}${separators[i] ?? ''}`).join('')
    return fits(germany(), '+49 170 1234567', `${code}${sign}${digits}${end}`)
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 2_000 }))
})

t.test('a pattern of the dialplan is none of a list', async t => {
  for (const written of ['_0170X.', '_+49XXX!', '_X', '_0170XXXXXXX']) t.notOk(matchOf(written, germany()).ok, written)
})

t.test('whoever shows words and many blanks is still nobody', async t => {
  for (const shown of [`anonymous${' '.repeat(250)}`, `${' '.repeat(500)}Private Number`, '_0_', '0#', '+0'])
    t.strictSame(numbersOf(shown, germany()), [ANONYMOUS], JSON.stringify(shown.slice(0, 20)))
})

t.test('a beginning with a needless 0 or plus is read, or refused', async t => {
  const table: [plan: NumberPlan, written: string, match: string | undefined, fitting: string][] = [
    [germany(), '+49 030 123*', '+4930123*', '030 123456'],
    [germany(), '+49 03X*', '+493X*', '030 123456'],
    [germany(), '0049 030 123*', '+4930123*', '030 123456'],
    [germany(), '+49 (0)30 123*', '+4930123*', '030 123456'],
    [germany(), '+0049 30 123*', '+4930123*', '030 123456'],
    [germany(), '+049 30 123*', '+4930123*', '030 123456'],
    [germany(), '+030 123*', '+4930123*', '030 123456'],
    [germany(), '0+49 30 123*', '+4930123*', '030 123456'],
    [germany(), '+44 020 7*', '+44207*', '+442071838750'],
    [germany(), '+44 020 7183 XXXX', '+44207183XXXX', '+442071838750'],
    [germany(), '+39 06*', '+3906*', '+390645671234'],
    [rulesOf({}, 'IT'), '+39 06*', '+3906*', '06 4567 1234'],
    [rulesOf({}, 'US'), '+1 212*', '+1212*', '212 555 2671'],
    [germany(), '+49 00*', undefined, ''],
    [germany(), '+44 00 7*', undefined, ''],
  ]
  for (const [plan, written, match, fitting] of table) {
    const read = matchOf(written, plan)
    t.equal(read.ok ? read.value : undefined, match, written)
    if (read.ok) t.ok(isAbout(plan, read.value, numbersOf(fitting, plan)), `${written} fits ${fitting}`)
  }
  const short = matchOf('+49 030 12', germany())
  t.ok(short.ok && numbersOf('+49 30 12', germany()).includes(short.value), 'so is a number that is none anywhere')
})

t.test('a beginning of a whole number fits it', async () => {
  const number = fc.constantFrom('+4930123456', '+442071838750', '+390645671234', '+12125552671', '+8613812345678')
  const law = fc.property(number, fc.integer({ min: 1, max: 12 }), fc.constantFrom('+', '00', '+00'), (e164, n, sign) =>
    fits(germany(), `${sign}${e164.slice(1, 1 + n)}*`, e164),
  )
  fc.assert(law, { numRuns: 500 })
})

t.test('what is asked again for a call costs nothing more', async t => {
  let asked = 0
  const rules = rulesOf({ trunkPrefix: '9', ownArea: '021' }, 'CN')
  const plan: NumberPlan = { ...rules, isSpecial: digits => ((asked += 1), rules.isSpecial?.(digits) === true) }
  const ask = () => isAbout(plan, '95*', numbersOf('+8613812345678', plan))
  ask()
  t.ok(asked < 250, String(asked))
  const before = asked
  ask()
  t.equal(asked, before)
  isAbout(plan, '95*', numbersOf('+8613812345679', plan))
  t.ok(asked - before < 80, `another caller: ${asked - before}`)
})

const COUNTRIES = [
  ...[rulesOf({ ownArea: '021', trunkPrefix: '9' }, 'CN'), rulesOf({ ownArea: '010' }, 'CN')],
  ...[rulesOf({ ownArea: '030' }, 'DE'), rulesOf({ ownArea: '30', trunkPrefix: '0' }, 'DE')],
  ...[rulesOf({ ownArea: '212', internationalPrefix: '011' }, 'US'), rulesOf({ ownArea: '06' }, 'IT')],
  ...[rulesOf({ ownArea: '1' }, 'FR'), rulesOf({ ownArea: '1', trunkPrefix: '0' }, 'AT')],
  rulesOf({ ownArea: '020', trunkPrefix: '9' }, 'GB'),
]

t.test('one entry for all writings of a number, in each country', async t => {
  const digits = fc.stringMatching(/^[1-9][0-9]{5,10}$/)
  const law = fc.property(fc.constantFrom(...COUNTRIES), digits, (rules, given) => {
    const code = getCountryCallingCode(rules.country ?? 'DE')
    const phone = parsePhoneNumberFromString(`+${code}${rules.country === 'IT' ? '0' : ''}${given}`)
    fc.pre(phone?.isValid() === true && phone.country === rules.country)
    const { number, nationalNumber } = phone
    const national = nationalOf(phone)
    const abroad = `${rules.internationalPrefix}${code}${nationalNumber}`
    const uris = [`tel:${number}`, `tel:${nationalNumber};phone-context=+${code}`, `sip:${national}@h;user=phone`]
    const marked = [`*31#${number}`, `${number}#`, `${number.slice(0, 5)}_${number.slice(5)}`]
    const match = matchOf(number, rules)
    for (const shown of [number, phone.formatInternational(), national, abroad, ...uris, ...marked]) {
      const again = matchOf(shown, rules)
      if (!match.ok || !again.ok || again.value !== match.value) throw new Error(`${shown} is kept as another entry`)
      if (!isAbout(rules, match.value, numbersOf(shown, rules))) throw new Error(`${match.value} does not fit ${shown}`)
    }
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
})

t.test('an emergency number passes, however it is written', async t => {
  for (const rules of COUNTRIES)
    for (const number of rules.emergency) {
      const uris = [`tel:${number};phone-context=+49`, `sip:${number}@h:5060`, `"x" <sip:${number}@h>`]
      const marked = [
        `*31#${number}`,
        `${rules.trunkPrefix}${number}`,
        `+${number}`,
        `${number}#`,
        `\u202a${number}\u202c`,
      ]
      for (const written of [number, Array.from(number).join('-'), `${number}${' '.repeat(300)}`, ...uris, ...marked])
        t.match(
          judgeNumber({ ...rules, allowed: [], forbidden: ['1*', '9*'] }, written, new Set()),
          { class: 'emergency', dials: `${rules.trunkPrefix}${number}` },
          written.trim(),
        )
    }
})
