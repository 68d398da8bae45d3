/** Numbers are read one way, whatever they are written with. */
import t from 'tap'
import fc from 'fast-check'
import { isNobody, keyOf, keysOf, readNumber, type NumberPlan, type NumberWay } from '../../src/numbers/read.js'
import { elapsedMs } from '../../src/base/system.js'
import { withPlus } from '../../src/numbers/text.js'
import { isProhibited } from '../../src/numbers/withheld.js'

const berlin: NumberPlan = { country: 'DE', ownArea: '30', extension: /^1\d{3}$/, internal: /^[2-9]\d{1,3}$/ }
const shanghai: NumberPlan = { country: 'CN', ownArea: '021', trunkPrefix: '9', extension: /^[12]\d{3}$/ }
const bare: NumberPlan = { country: 'DE', bareInternational: true, extension: /^1\d{3}$/ }

const MOBILE = '+491701234567'
const WRITINGS = [
  ...[
    '+49-170-1234567',
    '+49 170 1234567',
    '+49\u00a0170\u202f1234567',
    '+49\u2011170\u20131234\u2212567',
    '+49.170.1234567',
  ],
  ...['+49/170/1234567', '(+49) 170 1234567', '+49 (170) [123] {45}67', '+49 (0)170 1234567', '+49(0)1701234567'],
  ...[
    '+49 170 (0)1234567'.replace(' (0)', ' '),
    '0049 (0)170 1234567',
    '0049-170-1234567',
    '49 (0)170 1234567',
    '(0)170 1234567',
  ],
  ...[
    '0170/1234567',
    '01701234567',
    '+49 (\u200b0\u200b)170 1234567',
    '\uff0b\uff14\uff19\uff11\uff17\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17',
  ],
  ...[
    '\u202a+49 170 1234567\u202c',
    '\u200e+49170\u200f1234567',
    '\ufeff+491701234567',
    '+49\u00ad1701234567',
    '+49\uff08\uff10\uff09170 1234567',
  ],
  ...[
    '\u0660\u0661\u0667\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667',
    'tel:+49-170-1234567',
    'tel:+49-170-1234567;ext=5',
    'TEL:0170-1234567;phone-context=+49',
  ],
  ...[
    'sip:+491701234567@example.org;user=phone',
    'sips:%2B491701234567@10.0.0.1:5061',
    '"Max" <sip:+491701234567@host>',
    '+491701234567@host',
  ],
  ...[
    '+491701234567;cpc=ordinary',
    '0170 1234567; cpc=ordinary;isub=12',
    '01701234567;npdi;verstat=TN-Validation-Passed',
  ],
  ...[
    'sip:+491701234567;cpc=ordinary;oli=62@10.0.0.1;user=phone',
    '+49170%2D1234567;ext=5@host',
    '+491701234567;phone-context=example.org',
  ],
  ...['1701234567;phone-context=+49', 'sip:170-1234567;phone-context=+49@example.org;user=phone'],
  ...['<tel:+491701234567>', 'tel:170-1234567;phone-context=+49'],
]

t.test('every writing of a number has one key', async t => {
  for (const text of WRITINGS) t.match(readNumber(berlin, text), { key: MOBILE, e164: MOBILE, country: 'DE' }, text)
})

t.test('separators at any place change nothing', async () => {
  const separator = fc.constantFrom(
    '',
    ' ',
    '-',
    '.',
    '/',
    '\u00a0',
    '\u2009',
    '\u2013',
    '\u200b',
    '\u202e',
    '\uff0d',
    '\u3000',
  )
  const number = fc.constantFrom(
    MOBILE,
    '01701234567',
    '00491701234567',
    '+4930123456',
    '013812345678',
    '1234',
    '4917012',
  )
  const same = fc.property(number, fc.array(separator, { minLength: 20, maxLength: 20 }), (digits, between) => {
    const text = Array.from(digits, (digit, i) => `${digit}${between[i] ?? ''}`).join('')
    return keyOf(berlin, text) === keyOf(berlin, digits)
  })
  fc.assert(same, { numRuns: 1_000 })
})

t.test('(0) is left out behind a country code, and a 0 elsewhere', async t => {
  const table: [text: string, digits: string][] = [
    ['0049 (0)30 123456', '004930123456'],
    ['+49 (0) 30 123456', '+4930123456'],
    ['+49 30 (0) 123456', '+4930123456'],
    ['(0049)(0)30 123456', '004930123456'],
    ['49 (0)30 123456', '+4930123456'],
    ['(0)30 123456', '030123456'],
  ]
  for (const [text, digits] of table) t.match(readNumber(berlin, text), { digits, key: '+4930123456' }, text)
})

t.test(
  'E.164 only for a number that is valid; else its digits are the key, with a plus before a country code',
  async t => {
    for (const text of ['+49 170 12345', '0049 170 12345', '49 (0)170 12345'])
      t.equal(keyOf(berlin, text), '+4917012345', text)
    t.strictSame(readNumber(berlin, '0049 170 12345'), { digits: '004917012345', key: '+4917012345' })
    t.strictSame(readNumber(berlin, '22 222 2'), {
      digits: '222222',
      key: '+4930222222',
      e164: '+4930222222',
      country: 'DE',
      phone: readNumber(berlin, '222222')?.phone,
    })
    for (const text of ['95588', '10086', '110'])
      t.strictSame(readNumber(shanghai, text), { digits: text, key: text }, text)
    t.strictSame(keysOf(berlin, '0170 12345'), ['017012345', '+4917012345'], 'it may be stored as it was read before')
  },
)

t.test('local numbers are of the own area', async t => {
  const table: [NumberPlan, string, string | undefined][] = [
    [shanghai, '62345678', '+862162345678'],
    [{ ...shanghai, ownArea: '21' }, '6234-5678', '+862162345678'],
    [shanghai, '021 62345678', '+862162345678'],
    [shanghai, '13812345678', '+8613812345678'],
    [shanghai, '4001234567', '+864001234567'],
    [berlin, '1234567', '+49301234567'],
    [berlin, '89123456', '+493089123456'],
    [berlin, '089 123456', '+4989123456'],
    [berlin, '1701234567', MOBILE],
    [berlin, '8001234567', '+498001234567'],
    [{ ...berlin, ownArea: '030' }, '1234567', '+49301234567'],
    [{ country: 'DE' }, '89123456', '+4989123456'],
    [{ country: 'DE' }, '1234567', undefined],
    [{ country: 'US', ownArea: '212' }, '5551234', '+12125551234'],
    [{ country: 'US', ownArea: '1212' }, '555-1234', '+12125551234'],
    [{ country: 'IT', ownArea: '06' }, '69812345', '+390669812345'],
    [{ country: 'RU', ownArea: '812' }, '3123456', '+78123123456'],
    [{ ...bare, ownArea: '30' }, '89123456', '+493089123456'],
    [{ ...bare, ownArea: '30' }, '442079460000', '+442079460000'],
  ]
  for (const [plan, text, e164] of table)
    for (const way of ['written', 'caller'] as const)
      t.equal(readNumber(plan, text, way)?.e164, e164, `${text} ${plan.country ?? ''} ${plan.ownArea ?? ''} ${way}`)
})

t.test('the dial prefix is no part of a number', async t => {
  const own = { digits: '013812345678', e164: '+8613812345678', prefixed: true }
  for (const way of ['written', 'listed', 'dialled', 'out'] as const)
    t.match(readNumber(shanghai, '9 0138-1234-5678', way), own, way)
  t.match(readNumber(shanghai, '9+86 138 1234 5678', 'dialled'), {
    digits: '+8613812345678',
    e164: '+8613812345678',
    prefixed: true,
  })
  t.match(readNumber(shanghai, '962345678', 'dialled'), { digits: '62345678', e164: '+862162345678' })
  const table: [text: string, way: NumberWay, digits: string][] = [
    ['013812345678', 'out', '013812345678'],
    ['95588', 'dialled', '95588'],
    ['995588', 'out', '95588'],
    ['91003', 'dialled', '91003'],
    ['91003', 'out', '1003'],
    ['9', 'out', '9'],
    ['1003', 'out', '1003'],
  ]
  for (const [text, way, digits] of table) t.equal(readNumber(shanghai, text, way)?.digits, digits, `${text} ${way}`)
  const special: NumberPlan = { ...shanghai, isSpecial: digits => ['110', '95588'].includes(digits) }
  t.equal(readNumber(special, '9110', 'dialled')?.digits, '110')
  t.equal(readNumber(special, '95588', 'out')?.digits, '95588')
  const zero: NumberPlan = { ...berlin, trunkPrefix: '0' }
  t.match(readNumber(zero, '0030123456', 'dialled'), { digits: '030123456', e164: '+4930123456' })
  t.match(
    readNumber(zero, '089123456', 'dialled'),
    { digits: '89123456', e164: '+493089123456' },
    'the prefix, and a local number',
  )
  t.match(readNumber(zero, '089123456', 'written'), { digits: '089123456', e164: '+4989123456' }, 'as people write it')
})

t.test('a service number has one key, with and without the code of the country', async t => {
  const isService = (digits: string) => ['10086', '4001234567', '95588', '115'].includes(digits)
  const cn: NumberPlan = { ...shanghai, isService, isSpecial: digits => isService(digits) || digits === '110' }
  const writings = {
    4001234567: ['4001234567', '+864001234567', '0086 400 123 4567', '04001234567', '9+864001234567', '400-123-4567'],
    10086: ['10086', '+8610086', '008610086', '+86 (0)10086', '9 10086'],
    95588: ['95588', '+8695588', '008695588'],
  }
  for (const [key, texts] of Object.entries(writings))
    for (const text of texts) t.match(readNumber(cn, text), { key, digits: key, e164: undefined }, text)
  for (const shown of ['+8610086', '008610086', '10086']) t.equal(keyOf(cn, shown, 'caller'), '10086', shown)
  t.equal(keyOf({ ...cn, bareInternational: true }, '8610086', 'caller'), '10086')
  t.equal(keyOf(cn, '+86110'), '+86110', 'an emergency number has no code of a country')
  t.equal(keyOf(cn, '+4910086'), '+4910086', 'it is that of another country')
  t.strictSame(keysOf(cn, '10086'), ['10086', '+8610086'], 'and may be stored as it was read before')
  t.ok(keysOf(cn, '4001234567').includes('+864001234567'))
})

t.test('short local numbers, where the code of the area is long', async t => {
  const table: [country: 'DE' | 'CN' | 'SE', ownArea: string, text: string, e164?: string][] = [
    ['DE', '04421', '12345', '+49442112345'],
    ['DE', '04421', '1234'],
    ['DE', '30', '12345'],
    ['SE', '8', '123456', '+468123456'],
    ['CN', '0755', '95588'],
  ]
  for (const [country, ownArea, text, e164] of table)
    t.equal(readNumber({ country, ownArea }, text)?.e164, e164, `${text} in ${country} ${ownArea}`)
})

t.test('numbers without a plus are of the world only where people write them so', async t => {
  const american: NumberPlan = { country: 'US', bareInternational: true }
  t.equal(readNumber(american, '3235551234')?.e164, '+13235551234', 'as people write it')
  t.equal(readNumber(american, '3235551234', 'caller')?.e164, '+3235551234', 'as a trunk shows it')
  t.equal(readNumber(american, '442079460000')?.e164, '+442079460000')
  t.equal(readNumber(bare, '442079460000')?.e164, '+442079460000')
})

t.test('what comes over a trunk is no extension', async t => {
  t.strictSame(readNumber(berlin, '1003'), { digits: '1003', key: '1003' })
  t.equal(readNumber({ country: 'DE', ownArea: '30', extension: /^\d{7}$/ }, '1234567', 'caller')?.e164, '+49301234567')
  t.equal(readNumber({ country: 'DE', ownArea: '30', extension: /^\d{7}$/ }, '1234567')?.e164, undefined)
})

t.test('nobody', async t => {
  const words = [
    '',
    ' ',
    'anonymous',
    'Anonymous',
    'UNKNOWN',
    'unavailable',
    'Private',
    'withheld',
    'Restricted',
    '<unknown>',
  ]
  const more = [
    'sip:anonymous@anonymous.invalid',
    '"Anonymous" <sip:x@anonymous.invalid>',
    'private number',
    '匿名',
    ...[
      'Private Name',
      'PRIVATE  NAME',
      '"Private Name" <sip:Private%20Name@10.0.0.1>',
      'Caller ID: withheld',
      'no caller-id',
    ],
    ...[
      '\uff21\uff2e\uff2f\uff2e\uff39\uff2d\uff2f\uff35\uff33',
      'An\u200bonymous',
      'anonymous;cpc=payphone',
      'nume\u0301ro masque\u0301',
    ],
    ...[
      '非通知',
      '公衆電話',
      '号码未知',
      '隱藏號碼',
      '无来电显示',
      '발신번호 표시제한',
      'номер скрыт',
      'Скрытый номер',
      'Номер не определён',
    ],
    ...[
      'Unbekannte Nummer',
      'Número privado',
      'numero sconosciuto',
      'onbekend nummer',
      'skjult nummer',
      'numer zastrzeżony',
      'gizli numara',
      'חסוי',
      'رقم خاص',
    ],
    '0',
    '0000',
    '\u200b',
  ]
  for (const shown of [...words, ...more]) t.ok(isNobody(berlin, shown), JSON.stringify(shown))
  for (const shown of [
    'Nana',
    'number',
    'name',
    'no',
    'номер',
    'Ana Privat',
    'Secret Service',
    '号码',
    'private'.repeat(20),
  ])
    t.notOk(isNobody(berlin, shown), shown)
  for (const shown of ['alice', '1003', '+491701234567', '030', '${EXTEN}', '王'.repeat(10_000)])
    t.notOk(isNobody(berlin, shown), shown.slice(0, 20))
  for (const shown of [
    '67 (Number Unavailable)',
    '32 (Presentation Prohibited, Not Screened)',
    'prohib_passed_screen',
    'prohib',
    'unavailable',
  ])
    t.ok(isProhibited(shown), shown)
  for (const shown of ['', 'allowed', 'allowed_not_screened', '0 (Presentation Allowed, Not Screened)'])
    t.notOk(isProhibited(shown), shown)
})

t.test('a plus that was not encoded in a query comes as a blank', async t => {
  t.equal(withPlus(' 49170'), '+49170')
  t.equal(withPlus(' 0170'), ' 0170')
})

t.test('what is no number is none, and takes no time', async t => {
  const hostile = [
    '${SHELL(id)}',
    '1&2',
    '1;DROP TABLE',
    '1;x=1\r\n2',
    '1;',
    '1\r\n2',
    '1\u00002',
    'abc',
    '+',
    '49++170',
    '49+170',
    '1,2',
    '1;DROP',
    'Z',
    '()',
    '\ud800',
    '%',
    'tel:',
    '<',
    '<'.repeat(5_000),
  ]
  const long = [
    '1'.repeat(10_000),
    ' '.repeat(10_000),
    '(0)'.repeat(3_333),
    '"'.repeat(10_000),
    '<1>'.repeat(3_333),
    `tel:${';'.repeat(9_996)}`,
  ]
  const began = elapsedMs()
  for (const text of [...hostile, ...long])
    t.equal(readNumber(shanghai, text), undefined, JSON.stringify(text.slice(0, 20)))
  t.ok(elapsedMs() - began < 500)
  const any = fc.property(fc.string({ unit: 'binary', maxLength: 300 }), text => {
    const read = readNumber(shanghai, text)
    isNobody(shanghai, text)
    return read === undefined || /^\+?[0-9*#]{1,32}$/.test(read.digits)
  })
  fc.assert(any, { numRuns: 2_000 })
})
