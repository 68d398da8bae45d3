/** The table of emergency numbers, beside the data of libphonenumber that it is from. */
import t from 'tap'
import { createRequire } from 'node:module'
import { EMERGENCY_NUMBERS } from '../../src/numbers/emergency-table.js'
import { emergencyIn, emergencyNumbersOf, isServiceOf } from '../../src/numbers/special.js'

type Short = { getSupportedRegions: () => string[]; isEmergencyNumber: (number: string, region: string) => boolean }
type Google = { ShortNumberInfo: { getInstance: () => Short } }
const short = (createRequire(import.meta.url)('google-libphonenumber') as Google).ShortNumberInfo.getInstance()
/** Set by hand: see the table. */
const BY_HAND = { CN: '110 119 120 122', US: '911', CA: '911', GB: '112 999' }

t.test('it has what libphonenumber has of each country', async t => {
  const two = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'))
  const three = Array.from({ length: 1_000 }, (_, i) => String(i).padStart(3, '0'))
  const regions = short.getSupportedRegions().filter(region => /^[A-Z]{2}$/.test(region))
  t.ok(regions.length > 200)
  for (const region of regions.filter(one => !(one in BY_HAND))) {
    const has = [...two, ...three].filter(number => short.isEmergencyNumber(number, region))
    const table = EMERGENCY_NUMBERS[region]?.split(' ') ?? []
    t.strictSame(
      table.filter(number => number.length <= 3),
      has,
      region,
    )
    t.ok(
      table.every(number => short.isEmergencyNumber(number, region)),
      region,
    )
  }
  for (const [country, numbers] of Object.entries(BY_HAND)) t.equal(EMERGENCY_NUMBERS[country], numbers)
})

t.test('those of the configuration come before those of the country, and 112 where no country is known', async t => {
  t.strictSame(emergencyNumbersOf({ country: 'DE' }), ['110', '112'])
  t.strictSame(emergencyNumbersOf({ country: 'DE', emergency: ['19222'] }), ['19222'])
  t.strictSame(emergencyNumbersOf({}), ['112'])
})

t.test('what only looks like one is none', async t => {
  const cn = { country: 'CN', trunkPrefix: '9' } as const
  for (const text of ['1100', '011 0 1', '86110', '110*', '99110', '110;id', '\u0000110', '1'.repeat(10_000)])
    t.equal(emergencyIn(cn, ['110'], text), undefined, text.slice(0, 20))
  for (const text of ['+86110', '0086110', '86 110', '9+86 110', '+86 (0)110'])
    t.equal(emergencyIn(cn, ['110'], text), undefined, `${text}: behind the code of a country`)
  for (const internationalPrefix of ['00', '+', '011'])
    t.equal(emergencyIn({ country: 'DE', internationalPrefix }, ['112'], '0049112'), undefined, internationalPrefix)
  for (const text of ['+110', '9 110', '9+110', '*31#110', '*31#9110', '9*31#110'])
    t.equal(emergencyIn(cn, ['110'], text), '110', text)
  const isService = isServiceOf({ country: 'CN' })
  for (const number of ['955', '9558', '955881234', '100', '100861', '400812312', '1234567', ''])
    t.notOk(isService(number), number)
})

t.test('the context of a local number in a URI does not hide it', async t => {
  const german = { country: 'DE' } as const
  const emergency = ['110', '112']
  for (const text of [
    'tel:112;phone-context=+49',
    'TEL:112;phone-context=+4930',
    'tel:112;ext=5;phone-context=%2B49',
    'tel:1-1-2;phone-context=example.org',
    '<tel:112;phone-context=+49>',
    '"Help" <tel:112;phone-context=+44>',
    'sip:112;phone-context=+49@host;user=phone',
    'sip:112;phone-context=example.org@host;user=phone',
    'sip:112@host;user=phone;phone-context=+49',
    '112;phone-context=+49',
    'sip:112:5060@host',
    'sip:112@10.0.0.1:5060',
    '112@host:5060',
  ])
    t.equal(emergencyIn(german, emergency, text), '112', text)
  t.equal(emergencyIn({ ...german, trunkPrefix: '9' }, emergency, 'tel:9112;phone-context=+49'), '112')
  for (const text of ['tel:+49112;phone-context=+49', 'tel:0049112;phone-context=+49', 'tel:30112;phone-context=+49'])
    t.equal(emergencyIn(german, emergency, text), undefined, text)
})

t.test('behind a code that withholds the number, and the dial prefix, in either order', async t => {
  const star = { country: 'DE', trunkPrefix: '*9' } as const
  for (const text of ['*31#*9112', '#31#*9 112', '*9*31#112', '*9112', '*31#112', '*31#*9+112', '112#', '*31#112#'])
    t.equal(emergencyIn(star, ['112'], text), '112', text)
  for (const text of ['*67911', '*82 911', '9*67911', '*679911', '*67+911', '*67 9 911'])
    t.equal(emergencyIn({ country: 'US', trunkPrefix: '9' }, ['911'], text), '911', text)
  for (const text of ['*21*112#', '*31#1120', '*67911', '*31#*8112', '##31#112'])
    t.equal(emergencyIn(star, ['112'], text), undefined, text)
})
