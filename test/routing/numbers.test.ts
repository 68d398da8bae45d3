/** What becomes of a number: what is dialled, and what is not, however it is written. */
import t from 'tap'
import fc from 'fast-check'
import type { NumberClass } from '../../src/events/number.js'
import { dialledBack, judgeNumber, type DialRules } from '../../src/routing/numbers.js'
import { rulesOf } from '../given/numbers.js'

const told = (rules: DialRules, number: string, ...granted: NumberClass[]) => {
  const judged = judgeNumber(rules, number, new Set(granted))
  return `${judged.class} ${'dials' in judged ? judged.dials : judged.code}`
}
const ALL: NumberClass[] = ['internal', 'code', 'local', 'national', 'mobile', 'service', 'international', 'premium']

t.test('the code of a carrier is neither lost nor dialled without a right', async t => {
  const rules = rulesOf({ trunkPrefix: '9', form: 'national', ownArea: '021', forbidden: ['+8613900000000'] }, 'CN')
  for (const number of ['17951 13812345678', '1795113812345678', '12593 13812345678']) {
    t.equal(told(rules, number), 'other NUMBER_CLASS_FORBIDDEN', number)
    t.equal(told(rules, number, 'other'), `other 9${number.replace(' ', '')}`, 'as it is')
  }
  t.equal(told(rules, '17951 13900000000', 'other'), 'other NUMBER_FORBIDDEN', 'what is forbidden stays so behind it')
  t.match(told(rules, '13812345678'), 'mobile ')
})

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
  t.equal(told(rulesOf({ form: 'e164', trunkPrefix: '9' }), '0891234567'), 'national 90891234567', '9+49… is none')
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
  for (const number of [...hostile, '+', '1'.repeat(33), 'sip:x@y', '1002|x', '1002^', '+1+2', '1002\u2028'])
    t.equal(told(rulesOf(), number), 'other NUMBER_NOT_ALLOWED', encodeURIComponent(number))
})

t.test('as people and programs write them', async t => {
  for (const number of ['１００２', 'tel:1002', 'sip:1002@host', '10-02', '\u202a1002\u202c'])
    t.equal(told(rulesOf(), number), 'internal 1002', encodeURIComponent(number))
  const abroad = rulesOf({}, 'FR')
  t.equal(told(abroad, '0049 (0)30 123456', 'international'), 'international 004930123456')
  t.equal(told(rulesOf(), '+49 (0)30 123456'), 'national +4930123456')
})

t.test('local numbers of the own area, in each form', async t => {
  const cases: [country: string, ownArea: string, written: string, given: string, national: string, e164: string][] = [
    ['CN', '21', '62345678', '62345678', '62345678', '+862162345678'],
    ['CN', '021', '62345678', '62345678', '62345678', '+862162345678'],
    ['CN', '021', '021 6234 5678', '02162345678', '62345678', '+862162345678'],
    ['DE', '30', '1234567', '1234567', '1234567', '+49301234567'],
    ['DE', '030', '89123456', '89123456', '89123456', '+493089123456'],
    ['DE', '030', '030/89123456', '03089123456', '89123456', '+493089123456'],
    ['DE', '030', '089/123456', '089123456', '089123456', '+4989123456'],
  ]
  for (const [country, ownArea, written, given, national, e164] of cases) {
    const kind = e164.startsWith('+4989') ? 'national' : 'local'
    for (const [form, dials] of Object.entries({ 'as-given': given, national, e164 })) {
      const rules = rulesOf({ form: form as DialRules['form'], ownArea }, country)
      t.equal(told(rules, written), `${kind} ${dials}`, `${written} in ${country} ${ownArea}, ${form}`)
      t.match(judgeNumber(rules, written, new Set()), { e164, country })
    }
  }
  const { reasons } = judgeNumber(rulesOf({ ownArea: '30', form: 'national' }), '89123456', new Set())
  t.strictSame(reasons, ['is-local', 'without-area', 'own-area'])
  t.strictSame(judgeNumber(rulesOf({ ownArea: '30' }), '030 89123456', new Set()).reasons, ['is-local'])
})

t.test('with its area, where the rest alone is another number, and the reasons say so', async t => {
  const rules = rulesOf({ form: 'national', ownArea: '021', trunkPrefix: '9' }, 'CN')
  const kept = ['is-local', 'area-kept', 'trunk-prefix']
  t.match(judgeNumber(rules, '02112345', new Set()), { dials: '902112345', reasons: kept }, '12345 is a service number')
  t.match(judgeNumber(rules, '02162345678', new Set()), { dials: '962345678', reasons: ['is-local', 'own-area', 'trunk-prefix'] }) // prettier-ignore
  const given = rulesOf({ form: 'as-given', ownArea: '021', trunkPrefix: '9' }, 'CN')
  t.strictSame(
    judgeNumber(given, '02112345', new Set()).reasons,
    ['is-local', 'trunk-prefix'],
    'dialled as it is anyway',
  )
})

t.test('nothing stops an emergency number, however it is written', async t => {
  const closed = { allowed: [], forbidden: ['1*', '9*', '+*'.slice(0, 1) + '49*'], trunkPrefix: '9' }
  const rules = rulesOf({ ...closed, internal: '^[0-9]{3,4}$' })
  for (const written of ['110', '1-1-0', ' (110) ', '１１０', '9110', '9 110', '+110', '9+110', '*31#110', 'tel:110'])
    t.strictSame(
      judgeNumber(rules, written, new Set()),
      {
        class: 'emergency',
        dials: '9110',
        reasons: ['emergency', 'trunk-prefix'],
      },
      written,
    )
  const everything = { ...rules, extension: /^\d+$/ }
  t.equal(told(everything, '110'), 'emergency 9110', 'also where an extension looks like it')
  t.equal(told(everything, '1100'), 'internal NUMBER_FORBIDDEN')
  t.equal(
    told(rulesOf({ emergency: ['999'] }), '112'),
    'other NUMBER_CLASS_FORBIDDEN',
    'those of the configuration alone',
  )
  t.equal(told(rulesOf({}, 'CN'), '122'), 'emergency 122')
  t.equal(told(rulesOf({}, 'US'), '911'), 'emergency 911')
  t.equal(told(rulesOf({}, ''), '112'), 'emergency 112')
})

t.test('neither a code nor the context of a URI hides an emergency number', async t => {
  t.equal(told(rulesOf({ trunkPrefix: '*9' }), '*31#*9112'), 'emergency *9112')
  t.equal(told(rulesOf({}, 'US'), '*67911'), 'emergency 911')
  t.equal(told(rulesOf(), 'tel:112;phone-context=+49'), 'emergency 112')
})

t.test('a number behind a dial prefix with a star is of the class of that number', async t => {
  const rules = rulesOf({ trunkPrefix: '*9', forbidden: ['+49170*'] })
  t.equal(told(rules, '*9 0900 1234567'), 'premium NUMBER_CLASS_FORBIDDEN')
  t.equal(told(rules, '*9+44 20 7946 0000'), 'international NUMBER_CLASS_FORBIDDEN')
  t.equal(told(rules, '*9 0170 1234567'), 'mobile NUMBER_FORBIDDEN')
  t.equal(told(rules, '*9 089 1234567'), 'national *90891234567')
  t.equal(told(rules, '*97'), 'code *97')
})

t.test('behind the code of a country it is no emergency number', async t => {
  for (const [internationalPrefix, written] of [
    ['00', '+49112'],
    ['00', '0049112'],
    ['+', '0049112'],
    ['+', '+49112'],
  ] as const)
    // prettier-ignore
    t.equal(told(rulesOf({ internationalPrefix }), written), 'international NUMBER_CLASS_FORBIDDEN', written)
})

t.test('a call-back dials neither help nor a code, which a caller may show', async t => {
  const back = (shown: string) => dialledBack(judgeNumber(rulesOf({ trunkPrefix: '9' }), shown, new Set()))
  for (const shown of ['110', '9110', '+110', '*31#110', '*01', '#21#', '*21*0170#', '0900 1234567', 'alice', ''])
    t.equal(back(shown), undefined, shown)
  t.equal(back('0170 1234567'), '901701234567')
  t.equal(back('1003'), '1003')
})

t.test('a short number behind the dial prefix is that, and not a queue that nobody has chosen', async t => {
  const nine = rulesOf({ trunkPrefix: '9' }, 'CN')
  t.equal(told(nine, '9114'), 'service 9114')
  t.equal(told(nine, '9110'), 'emergency 9110')
  t.equal(told(nine, '9001'), 'internal 9001')
  const chosen = rulesOf({ trunkPrefix: '9', internal: '^9[0-9]{3}$' }, 'CN')
  t.equal(told(chosen, '9114'), 'internal 9114')
  t.equal(told(chosen, '9110'), 'emergency 9110')
})

t.test('a code that withholds the number is read off: the number behind it counts', async t => {
  t.equal(told(rulesOf(), '*31#0900 1234567'), 'premium NUMBER_CLASS_FORBIDDEN')
  t.equal(told(rulesOf(), '*31#+44 20 7946 0000'), 'international NUMBER_CLASS_FORBIDDEN')
  t.equal(told(rulesOf(), '*31#+44 20 7946 0000', 'international'), 'international *31#00442079460000')
  t.equal(told(rulesOf({ forbidden: ['+49170*'] }), '*31#0170 1234567'), 'mobile NUMBER_FORBIDDEN')
  t.equal(told(rulesOf({ trunkPrefix: '9' }), '*31#0170 1234567'), 'mobile *31#901701234567')
  t.equal(told(rulesOf({ trunkPrefix: '9' }), '*31#112'), 'emergency 9112')
  t.equal(told(rulesOf(), '*31#22'), 'code *31#22', 'of the PBX, as 22 is')
  t.equal(told(rulesOf(), '*31#'), 'code *31#')
  t.equal(told(rulesOf({}, 'US'), '*67 900 555 1234'), 'premium NUMBER_CLASS_FORBIDDEN')
  t.ok(judgeNumber(rulesOf(), '*31#0170 1234567', new Set()).reasons.includes('clir'))
})

t.test('numbers with the code of their country and no plus, where the trunk sends them so', async t => {
  const cases: [number: string, becomes: string][] = [
    ['442079460000', 'international 00442079460000'],
    ['491701234567', 'mobile 01701234567'],
    ['4989123456', 'national 089123456'],
    ['089123456', 'national 089123456'],
    ['+442079460000', 'international +442079460000'],
    ['1234567', 'local 1234567'],
  ]
  const bare = rulesOf({ ownArea: '30' }, 'DE', undefined, 'international')
  for (const [number, becomes] of cases) t.equal(told(bare, number, 'international'), becomes, number)
  t.match(judgeNumber(bare, '442079460000', new Set()), { e164: '+442079460000', code: 'NUMBER_CLASS_FORBIDDEN' })
  t.equal(
    told(rulesOf({ ownArea: '30' }), '442079460000'),
    'national 442079460000',
    'elsewhere it is of the own country',
  )
})

t.test('the dial prefix before a number abroad, where the international prefix is a plus', async t => {
  const rules = rulesOf({ trunkPrefix: '9', internationalPrefix: '+', form: 'national' })
  t.equal(told(rules, '+44 20 7946 0000', 'international'), 'international 900442079460000')
  t.equal(
    told(rulesOf({ internationalPrefix: '+', form: 'national' }), '0044 20 7946 0000', 'international'),
    'international +442079460000',
  )
})

t.test('service numbers are forbidden in each writing', async t => {
  const rules = rulesOf({ forbidden: ['+86400*'] }, 'CN')
  for (const number of ['4001234567', '+86 400 123 4567', '0086 400 123 4567'])
    t.equal(told(rules, number), 'service NUMBER_FORBIDDEN', number)
})

t.test('service numbers of the country are dialled as they are, and have no E.164', async t => {
  const cases: [country: string, number: string, dials?: string][] = [
    ['CN', '95588'],
    ['CN', '955666'],
    ['CN', '95013888'],
    ['CN', '10086'],
    ['CN', '10000'],
    ['CN', '12345'],
    ['CN', '12306'],
    ['CN', '4008123123'],
    ['CN', '400-812-3123', '4008123123'],
    ['CN', '+86 400 812 3123', '4008123123'],
    ['CN', '8008100888'],
    ['CN', '114'],
    ['DE', '115'],
    ['DE', '116117'],
    ['GB', '101'],
    ['US', '311'],
  ]
  for (const form of ['as-given', 'national', 'e164'] as const)
    for (const [country, number, dials = number] of cases)
      t.strictSame(
        judgeNumber(
          rulesOf({ form, ownArea: country === 'CN' ? '21' : '30', internal: '^8[0-9]{3}$' }, country),
          number,
          new Set(),
        ),
        { class: 'service', dials, reasons: ['service'] },
        `${country} ${number}`,
      )
  t.equal(
    told(rulesOf({ service: ['12345'], ownArea: '21' }, 'CN'), '95588'),
    'other NUMBER_CLASS_FORBIDDEN',
    'those of the configuration alone',
  )
  t.equal(told(rulesOf({ service: [] }, 'CN'), '10086'), 'other NUMBER_CLASS_FORBIDDEN')
  t.equal(told(rulesOf({ trunkPrefix: '9' }, 'CN'), '9 10086'), 'service 910086', 'with the prefix already')
})

t.test('which mobiles are of the own area can come from where numbers are at home', async t => {
  const areaOf = (e164 = '') => (e164.startsWith('+8621') || e164.startsWith('+861391') ? { city: 'Shanghai' } : {})
  const rules = rulesOf({ form: 'national', ownArea: '021', ownMobiles: 'from-areas' }, 'CN', areaOf)
  t.equal(told(rules, '13912345678'), 'mobile 13912345678')
  t.equal(told(rules, '13812345678'), 'mobile 013812345678')
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

t.test('a number of the own area keeps its area where it would mean another without it', async t => {
  const rules = { form: 'national', ownArea: '30' } as const
  t.equal(told(rulesOf(rules), '030 112'), 'local 030112', 'not the emergency number')
  t.equal(told(rulesOf(rules), '+49 30 110'), 'local 030110')
  t.equal(told(rulesOf(rules), '030 1001'), 'local 0301001', 'not the colleague')
  t.equal(told(rulesOf(rules), '030 2000'), 'local 0302000', 'not the queue')
  t.equal(told(rulesOf({ ...rules, trunkPrefix: '9' }), '030 112'), 'local 9030112')
  t.equal(told(rulesOf({ form: 'national', ownArea: '021' }, 'CN'), '021 95588'), 'local 02195588', 'not the bank')
  t.equal(told(rulesOf(rules), '030 1234567'), 'local 1234567')
})

t.test('the dial prefix goes before digits: a plus becomes the international or the national form', async t => {
  for (const form of ['as-given', 'e164'] as const) {
    const rules = rulesOf({ form, trunkPrefix: '9' })
    t.equal(told(rules, '+49 170 1234567'), 'mobile 901701234567', form)
    t.equal(told(rules, '+44 20 7946 0000', 'international'), 'international 900442079460000', form)
  }
  t.equal(told(rulesOf({ trunkPrefix: '9' }), '0170 1234567'), 'mobile 901701234567')
})

t.test('forbidden numbers are compared without the dial prefix', async t => {
  const rules = rulesOf({ trunkPrefix: '9', ownArea: '21', forbidden: ['96*'] }, 'CN')
  t.equal(told(rules, '62345678'), 'local 962345678')
  t.match(told(rulesOf({ trunkPrefix: '9', ownArea: '21', forbidden: ['62*'] }, 'CN'), '62345678'), 'NUMBER_FORBIDDEN')
})

t.end()
