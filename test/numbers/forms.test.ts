/** What was recorded before this way of reading is found by what it was recorded as. */
import t from 'tap'
import { before, formsOf } from '../../src/numbers/forms.js'
import { keyOfParty, type NumberPlan } from '../../src/numbers/read.js'

const shanghai: NumberPlan = { country: 'CN', ownArea: '021', trunkPrefix: '9', extension: /^[12]\d{3}$/ }

t.test('the forms of a number', async t => {
  const forms = formsOf(shanghai, '+86 138 1234 5678')
  t.equal(forms[0], '+8613812345678', 'by what it is compared now')
  for (const form of ['9013812345678', '+86 138 1234 5678']) t.ok(forms.includes(form), form)
  t.ok(formsOf(shanghai, '021 62345678').includes(before(shanghai, '62345678')))
  const isService = (digits: string) => digits === '10086'
  const service: NumberPlan = { ...shanghai, isService, isSpecial: isService }
  for (const text of ['10086', '+8610086'])
    t.ok(
      ['10086', '+8610086'].every(form => formsOf(service, text).includes(form)),
      'with the code of the country, too',
    )
  t.strictSame(formsOf(shanghai, 'alice'), ['alice'])
  t.strictSame(formsOf(shanghai, '1003'), ['1003', '91003'])
})

t.test('as it was read before', async t => {
  t.equal(before({ country: 'DE' }, '017012345'), '+4917012345', 'a length that is possible')
  t.equal(before({ country: 'DE', bareInternational: true }, '491701234567'), '+491701234567')
  t.equal(before(shanghai, '1003'), '1003')
  t.equal(before(shanghai, '+86-138'), '+86-138')
})

t.test('of a party that was stored', async t => {
  t.equal(keyOfParty({ country: 'DE' }, { number: '089123456', e164: '+4989123456' }), '+4989123456')
  t.equal(keyOfParty({ country: 'DE' }, { number: '017012345', e164: '+4917012345' }), '017012345')
  t.equal(keyOfParty(shanghai, { number: '9013812345678' }), '+8613812345678')
})
