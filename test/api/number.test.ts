/** Numbers of queries: in any writing, also with a dial prefix before a plus; nothing else. */
import t from 'tap'
import { numberIn } from '../../src/api/number.js'

t.test('any writing of a number, with a dial prefix, too', async t => {
  for (const number of [
    '9+8613812345678',
    '9 +86 138',
    '９＋86138',
    '*31#+49170',
    '#9*+49170',
    '+49 (0)170',
    '0170',
    'tel:0170',
    '++8613812345678',
    '0++86138',
    '9++49',
  ])
    t.equal(numberIn(number), number)
  t.equal(numberIn(' 49170'), '+49170')
})

t.test('the text that a caller shows instead of a number', async t => {
  for (const text of ['alice', 'Dr. 王', '${EXTEN}', 'x+49', '9+x', 'sip:alice@example.org', '%00123', '\u202ealice'])
    t.equal(numberIn(text), text, 'exactly as it is')
})

t.test('as many digits as the PBX keeps of what a caller shows', async t => {
  for (const number of ['1'.repeat(33), '4'.repeat(79), `+${'4'.repeat(78)}`]) t.equal(numberIn(number), number)
  t.throws(() => numberIn('4'.repeat(200)), { code: 'BAD_REQUEST' })
})

t.test('what is no number is refused', async t => {
  const hostile = [
    '+',
    '9+',
    '123456789+49',
    '49+49+49',
    '\u00009+49',
    '9\u0000+49',
    '9+49\r\n',
    'alice\u0000',
    'alice\r\n',
    'anonymous',
    'Private Number',
    `9+${'1'.repeat(10_000)}`,
  ]
  for (const number of [...hostile, '+'.repeat(10_000), ''])
    t.throws(() => numberIn(number), { code: 'BAD_REQUEST' }, JSON.stringify(number.slice(0, 20)))
})
