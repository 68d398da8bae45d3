/** Numbers, beginnings and patterns of a list: one way to write each, and which counts. */
import t from 'tap'
import fc from 'fast-check'
import type { NumberPlan } from '../../src/numbers/read.js'
import { matchOf, numbersOf, shapeOf, shapeOfId, strongest } from '../../src/routing/number-match.js'
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
  t.equal(written('4930*', bare), '+4930*', 'as the trunk writes them')
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
    t.strictSame(numbersOf(shown, nine), ['10086', '+8610086'], 'an entry of before is found, too')
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
  t.strictSame(numbersOf('030123456', german), ['+4930123456', '030123456'])
  t.strictSame(numbersOf('+4930123456', german), ['+4930123456'])
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

t.test('the more of the number, the more it counts; of two alike, what is said of this call', async t => {
  const order = [
    { match: '+4930123456', scope: 'dialled:1' },
    { match: '+4930123456', scope: 'workgroup:sales' },
    { match: '+4930123456', scope: 'all' },
    { match: '+493012XX56', scope: 'all' },
    { match: '+493012XX5*', scope: 'dialled:1' },
    { match: '+49301*', scope: 'all' },
    { match: '+4930*', scope: 'all' },
  ]
  for (const [i, best] of order.entries()) {
    t.equal(strongest(order.slice(i)), best)
    t.equal(strongest(order.slice(i).reverse()), best)
  }
  t.equal(strongest([]), undefined)
})
