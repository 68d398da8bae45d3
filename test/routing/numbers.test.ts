/** What becomes of a number: what is dialled, and what is not, however it is written. */
import t from 'tap'
import fc from 'fast-check'
import type { NumberClass } from '../../src/events/number.js'
import { judgeNumber, type DialRules } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

const told = (rules: DialRules, number: string, ...granted: NumberClass[]) => {
  const judged = judgeNumber(rules, number, new Set(granted))
  return `${judged.class} ${'dials' in judged ? judged.dials : judged.code}`
}
const ALL: NumberClass[] = ['internal', 'code', 'local', 'national', 'mobile', 'service', 'international', 'premium']

t.test('in Berlin, behind a 0, in the national form', async t => {
  const rules = rulesOf({
    ...{ trunkPrefix: '0', form: 'national', ownArea: '30', service: ['116117'], forbidden: ['+49180*', '01555'] },
    emergency: ['110', '112'],
  })
  const cases: [string, string][] = [
    ['1001', 'internal 1001'],
    ['2000', 'internal 2000'],
    ['*251', 'code *251'],
    ['112', 'emergency 0112'],
    ['110', 'emergency 0110'],
    ['116117', 'service 0116117'],
    ['0301234567', 'local 01234567'],
    ['+49 30 123-4567', 'local 01234567'],
    ['+49 (0)30 1234567', 'local 01234567'],
    ['(030) 123 45.67', 'local 01234567'],
    ['0049301234567', 'local 01234567'],
    ['089/1234567', 'national 00891234567'],
    ['0171 1234567', 'mobile 001711234567'],
    ['0900 1234567', 'premium NUMBER_CLASS_FORBIDDEN'],
    ['00499001234567', 'premium NUMBER_CLASS_FORBIDDEN'],
    ['+44 20 7946 0000', 'international NUMBER_CLASS_FORBIDDEN'],
    ['00442079460000', 'international NUMBER_CLASS_FORBIDDEN'],
    ['+8835100123456', 'international NUMBER_CLASS_FORBIDDEN'],
    ['010330442079460000', 'other NUMBER_CLASS_FORBIDDEN'],
    ['0180 2123456', 'premium NUMBER_FORBIDDEN'],
    ['01802123456', 'premium NUMBER_FORBIDDEN'],
    ['+491802123456', 'premium NUMBER_FORBIDDEN'],
    ['030*1', 'other NUMBER_CLASS_FORBIDDEN'],
  ]
  for (const [number, becomes] of cases) t.equal(told(rules, number), becomes, number)
  t.equal(told(rules, '+44 20 7946 0000', 'international'), 'international 000442079460000', 'by right')
  const closed = rulesOf({ forbidden: ['020*'] })
  t.equal(told(closed, '+44 20 7946 0000', 'international'), 'international +442079460000', '020 there is not 020 here')
  t.equal(told(closed, '+49 201 1234567'), 'national NUMBER_FORBIDDEN')
  t.equal(told(rules, '0900 1234567', 'premium'), 'premium 009001234567', 'by right')
  t.equal(told(rules, '0180 2123456', 'premium'), 'premium NUMBER_FORBIDDEN', 'no right opens what is forbidden')
})

t.test('in Beijing: a mobile from another area needs a leading 0', async t => {
  const change = {
    form: 'national',
    ownArea: '10',
    ownMobiles: ['1380010', '13911'],
    service: ['400*', '10086'],
  } as const
  const rules = rulesOf({ ...change, ownMobiles: [...change.ownMobiles], service: [...change.service] }, 'CN')
  const cases: [string, string][] = [
    ['13800101234', 'mobile 13800101234'],
    ['+86 139 1112 3456', 'mobile 13911123456'],
    ['13812345678', 'mobile 013812345678'],
    ['013812345678', 'mobile 013812345678'],
    ['010 1234 5678', 'local 12345678'],
    ['021 1234 5678', 'national 02112345678'],
    ['4001234567', 'service 4001234567'],
    ['10086', 'service 10086'],
    ['00852 2123 4567', 'international NUMBER_CLASS_FORBIDDEN'],
  ]
  for (const [number, becomes] of cases) t.equal(told(rules, number), becomes, number)
  t.strictSame(judgeNumber(rules, '13812345678', new Set()), {
    ...{ class: 'mobile', dials: '013812345678', e164: '+8613812345678', country: 'CN' },
    reasons: ['is-mobile', 'mobile-of-another-area'],
  })
})

t.test('other forms; and where no country is known', async t => {
  t.equal(told(rulesOf(), '089 1234567'), 'national 0891234567', 'as it was given')
  t.equal(told(rulesOf({ form: 'e164' }), '089 1234567'), 'national +49891234567')
  t.equal(
    told(rulesOf({ form: 'e164', trunkPrefix: '9' }), '0891234567'),
    'national NUMBER_NOT_ALLOWED',
    '9+49… is none',
  )
  const anywhere = rulesOf({}, '')
  t.equal(told(anywhere, '0891234567'), 'national 0891234567')
  t.equal(told(anywhere, '+442079460000'), 'international NUMBER_CLASS_FORBIDDEN')
  t.equal(told(anywhere, '00442079460000'), 'international NUMBER_CLASS_FORBIDDEN')
  t.equal(
    told(rulesOf({}, 'US'), '809 555 0123'),
    'international NUMBER_CLASS_FORBIDDEN',
    'the same code, another country',
  )
})

t.test('what is no number', async t => {
  const hostile = ['1002,,,S(1)', '1002&PJSIP/boss', '${SHELL(id)}', '1002\r\nAction: Command', '1002\n', '1002\0', '']
  for (const number of [
    ...hostile,
    '+',
    '１００２',
    '1'.repeat(33),
    'sip:x@y',
    '1002@x',
    '1002|x',
    '1002^',
    '+1+2',
    '1002\u2028',
  ])
    t.equal(told(rulesOf(), number), 'other NUMBER_NOT_ALLOWED', encodeURIComponent(number))
})

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 64 }),
  fc.string({ unit: fc.constantFrom(...'0123456789+*# ()-./,&${}\r\n'.split('')), maxLength: 64 }),
  fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: 1, maxLength: 34 }),
)
const anyRules = fc
  .record({
    trunkPrefix: fc.constantFrom('', '0', '9', '#9*'),
    form: fc.constantFrom('as-given' as const, 'national' as const, 'e164' as const),
    country: fc.constantFrom('DE', 'CN', 'US', 'IT', ''),
    allowed: fc.constant(ALL),
  })
  .map(({ country, ...dialling }) => rulesOf(dialling, country))

t.test('whatever is written, what is dialled is a number of at most 32 digits', async t => {
  const law = fc.property(anyRules, anyText, (rules, text) => {
    const judged = judgeNumber(rules, text, new Set())
    return 'dials' in judged ? /^\+?[0-9*#]{1,32}$/.test(judged.dials) : judged.reasons.length > 0
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 5_000 }))
})

t.test('a number abroad is not dialled, however it is written', async t => {
  const abroad = fc.constantFrom('+442079460000', '+12125550123', '+85221234567', '+393331234567', '+18095550123')
  const between = fc.array(fc.constantFrom('', ' ', '-', '.', '/', '(', ')', '\u00a0'), {
    minLength: 16,
    maxLength: 16,
  })
  const law = fc.property(abroad, between, fc.constantFrom('+', '00'), (number, separators, prefix) => {
    const written = `${prefix}${Array.from(number.slice(1), (digit, i) => `${digit}${separators[i] ?? ''}`).join('')}`
    return told(rulesOf(), written) === 'international NUMBER_CLASS_FORBIDDEN'
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 500 }))
})

t.end()
