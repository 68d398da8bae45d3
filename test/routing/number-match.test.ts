/** Numbers, beginnings and patterns of a list: one way to write each, and which counts. */
import t from 'tap'
import fc from 'fast-check'
import type { NumberPlan } from '../../src/numbers/read.js'
import { emergencyNumbersOf, isServiceOf } from '../../src/numbers/special.js'
import { isAbout, matchOf, numbersOf, shapeOf, shapeOfId, strongestFirst } from '../../src/routing/number-match.js'
import { site } from '../given/calls.js'

const german: NumberPlan = site
const bare: NumberPlan = { ...site, bareInternational: true }
const written = (text: string, reading = german) => {
  const match = matchOf(text, reading)
  return match.ok ? match.value : undefined
}

t.test('one way to write each', async t => {
  const table: [text: string, match: string | undefined][] = [
    ['+49 30 123456', '+4930123456'],
    ['030/123456', '+4930123456'],
    ['0049 30 123456', '+4930123456'],
    ['030 1*', '+49301*'],
    ['0044*', '+44*'],
    ['+49 30 12xx56', '+493012XX56'],
    ['0170X*', '+49170X*'],
    ['X12', 'X12'],
    ['1001', '1001'],
    ['Anonymous', 'anonymous'],
    ...['', '*', 'X', 'XX*', '+', '12*3', '1**', 'abc', '12#', '${EXTEN}', '1\n2', '1'.repeat(33)].map(
      (text): [string, undefined] => [text, undefined],
    ),
  ]
  for (const [text, match] of table) t.equal(written(text), match, text)
  t.equal(written('4930*', bare), '4930*', 'as the trunk writes them')
  t.equal(written('491701234567', bare), '+491701234567')
})

t.test('behind a dial prefix, and with the code of the country', async t => {
  const isService = (digits: string) => ['115', '10086'].includes(digits)
  const isSpecial = (digits: string) => isService(digits) || digits === '110'
  const nine: NumberPlan = { ...site, country: 'CN', trunkPrefix: '9', isService, isSpecial }
  t.equal(written('9+86 138 1234 5678', nine), '+8613812345678')
  t.equal(written('9013812345678', nine), '+8613812345678')
  t.equal(written('9110', nine), '9110', 'a caller of that number, not 110')
  for (const shown of ['10086', '+8610086', '0086 10086']) {
    t.equal(written(shown, nine), '10086', shown)
    const [key, ...others] = numbersOf(shown, nine)
    t.equal(key, '10086')
    t.ok(others.includes('+8610086'), 'an entry of before is found, too')
    t.notOk(
      others.some(form => form.startsWith('00')),
      'it is no number abroad',
    )
  }
  t.strictSame(numbersOf('9110', nine), ['9110'])
})

t.test('as it is kept, it stays, whoever writes it again', async () => {
  const text = fc.stringMatching(/^\+?[0-9X]{1,15}\*?$/)
  const same = fc.property(text, given => {
    const once = written(given)
    return once === undefined || written(once) === once
  })
  fc.assert(same, { numRuns: 2_000, examples: [['000X'], ['00*'], ['+00X'], ['0X']] })
})

t.test('what a caller shows', async t => {
  t.strictSame(numbersOf('030123456', german), ['+4930123456', '030123456', '30123456', '4930123456'])
  t.strictSame(numbersOf('+4930123456', german)[0], '+4930123456')
  t.strictSame(numbersOf('1001', german), ['1001'])
  for (const nobody of ['', 'anonymous', 'Restricted', 'john.doe', '9'.repeat(200), '${SHELL(id)}', '1&2', '1\r\n2'])
    t.strictSame(numbersOf(nobody, german), ['anonymous'], nobody)
})

t.test('what a pattern looks like', async t => {
  t.equal(shapeOf('+4930XX1*'), '+ddddXXd*')
  t.equal(shapeOf('+4930*'), undefined)
  t.equal(shapeOfId('+49X@dialled:4930'), '+ddX')
  t.equal(shapeOfId('+4930@workgroup:X'), undefined)
})

const planOf = (more: NumberPlan): NumberPlan => {
  const isService = isServiceOf(more)
  const emergency = emergencyNumbersOf(more)
  return {
    extension: /^1\d{3}$/,
    ...more,
    isService,
    isSpecial: digits => isService(digits) || emergency.includes(digits),
  }
}
const shanghai = planOf({ country: 'CN', ownArea: '21', trunkPrefix: '9' })
const bareChina = planOf({ country: 'CN', ownArea: '021', bareInternational: true })
const berlin = planOf({ country: 'DE', ownArea: '030', trunkPrefix: '0' })
const america = planOf({ country: 'US', ownArea: '212', internationalPrefix: '011' })
const rome = planOf({ country: 'IT', ownArea: '06' })

t.test('a pattern that fits any ordinary writing of a number fits it', async t => {
  const table: [plan: NumberPlan, pattern: string, fits: string[], others: string[]][] = [
    [shanghai, '95*', ['95588', '+8695588', '9512345'], ['02155123456', '+8613812345678', '55123456', '1095']],
    [shanghai, '9558X', ['95588', '0086 95580'], ['955880', '95598', '02195588123']],
    [shanghai, '400*', ['4001234567', '+864001234567'], ['02155501234']],
    [shanghai, '6234*', ['62341234', '02162341234', '+862162341234'], ['0106234 1234', '1006234']],
    [shanghai, '021 6234*', ['62341234', '+862162341234'], ['+862062341234']],
    [shanghai, '91381234*', ['13812345678', '+8613812345678', '013812345678'], ['13912345678', '1381']],
    [shanghai, '96234XXXX', ['62341234'], ['72341234']],
    [shanghai, '9 0 138*', ['13812345678'], ['13912345678']],
    [shanghai, '138*', ['+8613812345678'], ['13912345678']],
    [shanghai, '10XX', ['1003', '1099'], ['10086', '1103', '01012345678']],
    [shanghai, '1*', ['1003'], ['0201234']],
    [shanghai, '95588*', ['95588'], ['55881234']],
    [shanghai, '9*', ['95588'], ['62341234', '13812345678']],
    [shanghai, '00*', ['+442071838750', '0044123'], ['+8613812345678', '95588', '010 62345678']],
    [shanghai, '0086*', ['13812345678', '62341234'], ['+442071838750']],
    [shanghai, '0*', ['02162341234', '62341234', '+442071838750', '0301'], ['95588', '1003']],
    [shanghai, '021X1*', ['02161234567'], ['02162345678']],
    [shanghai, '0301*', ['0301', '030177'], ['1301']],
    [bareChina, '95*', ['95588', '+8695588', '951234567890'], ['13812345678']],
    [bareChina, '8621*', ['862162341234', '62341234'], ['861062341234']],
    [bareChina, '62341*', ['862162341234'], ['8613812345678']],
    [berlin, '0170*', ['+491701234567', '01701234567'], ['+491711234567']],
    [berlin, '00170*', ['+491701234567'], ['+442071838750']],
    [berlin, '0044*', ['+442071838750'], ['+491701234567']],
    [berlin, '116*', ['116117'], ['+4930116']],
    [berlin, '8912*', ['+493089123456'], ['+498812345678']],
    [america, '212 555*', ['+12125552671', '2125552671', '12125552671'], ['+13125552671']],
    [america, '1 212*', ['2125552671'], ['+13125552671']],
    [america, '12XX', ['1234'], ['2125552671']],
    [america, '011 44*', ['+442071838750'], ['+12125552671']],
    [rome, '06*', ['+390612345678', '0612345678'], ['+390212345678']],
  ]
  for (const [plan, pattern, fits, others] of table) {
    const match = written(pattern, plan) ?? ''
    t.equal(written(match, plan), match, `${pattern}: as it is kept`)
    for (const shown of fits) t.ok(isAbout(plan, match, numbersOf(shown, plan)), `${pattern} fits ${shown}`)
    for (const shown of others)
      t.notOk(isAbout(plan, match, numbersOf(shown, plan)), `${pattern} does not fit ${shown}`)
  }
})

t.test('numbers abroad are none of the own country, in any writing', async t => {
  const own: [plan: NumberPlan, shown: string[]][] = [
    [shanghai, ['008613812345678', '+8613812345678', '13812345678', '0086999', '+008613812345678', '62341234']],
    [
      planOf({ country: 'DE', ownArea: '030' }),
      ['004930123456', '+4930123456', '030123456', '123456', '0049 030 123456'],
    ],
  ]
  for (const [plan, all] of own) {
    t.notOk(all.filter(shown => isAbout(plan, '00*', numbersOf(shown, plan))).join(' '))
    t.ok(isAbout(plan, '00*', numbersOf('00442071838750', plan)))
    t.ok(isAbout(plan, '00*', numbersOf('+442071838750', plan)))
  }
  t.notOk(isAbout(america, '011*', numbersOf('01112125552671', america)))
  t.ok(isAbout(america, '011*', numbersOf('+442071838750', america)))
})

t.test('the entry of a caller behind digits like the dial prefix is about nobody else', async t => {
  const is = (match: string, shown: string, plan = shanghai) => isAbout(plan, match, numbersOf(shown, plan))
  for (const [entry, other] of [
    ['9110', '110'],
    ['9119', '119'],
    ['995588', '95588'],
    ['913812345678', '13812345678'],
  ] as const) {
    t.ok(is(entry, entry), `${entry} is in the list`)
    t.notOk(is(entry, other), `${other} is not`)
    t.notOk(is(written(other, shanghai) ?? '', entry), `nor ${entry} where ${other} is`)
  }
  const prefixed = { ...shanghai, prefixedCallers: true as const }
  t.ok(is('9110', '9110', prefixed), 'where trunks put the prefix there, both writings are one number')
})

t.test('a full-width X is an open digit', async t => {
  t.equal(written('+86 138 1234 567\uff38', shanghai), '+861381234567X')
  t.equal(written('138 1234 567\uff58\uff0a', shanghai), '1381234567X*')
})

t.test('the more of the number, the more it counts; of two alike, what is said of this call', async t => {
  const order = [
    { match: '+4930123456', scope: 'dialled:1' },
    { match: '+4930123456', scope: 'workgroup:sales' },
    { match: '+4930123456', scope: 'all' },
    { match: '03012XX56', scope: 'all' },
    { match: '+493012XX5*', scope: 'dialled:1' },
    { match: '3012*', scope: 'dialled:1' },
    { match: '+493012*', scope: 'all' },
    { match: '+49301*', scope: 'all' },
    { match: '+4930*', scope: 'all' },
  ]
  const numbers = numbersOf('+4930123456', german)
  for (const [i] of order.entries()) {
    t.strictSame(strongestFirst(order.slice(i), numbers), order.slice(i))
    t.strictSame(strongestFirst(order.slice(i).reverse(), numbers), order.slice(i))
  }
  t.strictSame(strongestFirst([], numbers), [])
})
