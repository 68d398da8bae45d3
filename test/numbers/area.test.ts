/** Areas, and numbers with and without them. */
import t from 'tap'
import type { CountryCode } from 'libphonenumber-js/max'
import { areasOf, hasArea, isClosed } from '../../src/numbers/area.js'
import { readNumber } from '../../src/numbers/read.js'

t.test('with and without the national prefix', async t => {
  t.strictSame(areasOf('CN', '021'), ['021', '21'])
  t.strictSame(areasOf('DE', '30'), ['30'])
  t.strictSame(areasOf('US', '1212'), ['1212', '212'])
})

t.test('the 0 of an Italian area is part of the number, and may be left out in the configuration', async t => {
  for (const ownArea of ['02', '2'])
    t.equal(readNumber({ country: 'IT', ownArea }, '12345678')?.e164, '+390212345678', ownArea)
  t.strictSame(areasOf('IT', '2'), ['02', '2'])
  t.strictSame(areasOf('IT', '02'), ['02'])
})

const THERE_ARE: Partial<Record<CountryCode, string>> = {
  ...{ DE: '30 030 89 04421 33056 611', CN: '10 021 755 0755 991', US: '212 1212', IT: '2 02 6 0585 055' },
  ...{ GB: '20 020 1865 24 28', FR: '1 01', ES: '91 93 981', JP: '3 45', SE: '8 46', HU: '1 22', RU: '495 8495' },
  ...{ AU: '2', AT: '1 316', CH: '44', BE: '2 81', NL: '20 113', PL: '22', CZ: '2', GR: '21 210', CL: '2 32' },
  ...{ BR: '11', MX: '55 656', TR: '212', IN: '11 80', KR: '2 51', TW: '2', NZ: '9', IL: '3', ZA: '11', AR: '11 351' },
  ...{ CA: '416', PT: '21', RO: '21', FI: '9', IE: '1 21', PE: '1', CO: '601', TH: '2', VN: '24', MY: '3', ID: '21' },
}
const THERE_ARE_NOT: Partial<Record<CountryCode, string>> = {
  ...{
    FR: '12',
    HU: '12',
    SE: '82',
    RU: '4951',
    BR: '112',
    AU: '21',
    NZ: '93',
    TR: '2122',
    KR: '22',
    CH: '442',
    CA: '4162',
  },
  ...{
    DE: '999999 0 3 044 330 0304 0899',
    CN: '999999 99 099 75 0211 0101 07551 99999 8888',
    US: '0212 999 21 2 2125',
    IT: '0 05 058',
    GB: '186 1 2',
  },
  ...{ JP: '4', AT: '31 5', ES: '9', BE: '8', KZ: '72', NL: '11', CA: '41', PT: '2', IN: '8', SE: '4' },
}

t.test('areas that there are, and beginnings of areas, which are none', async t => {
  const each = (table: Partial<Record<CountryCode, string>>, test: (country: CountryCode, area: string) => void) => {
    for (const [country, areas] of Object.entries(table))
      for (const area of areas.split(' ')) test(country as CountryCode, area)
  }
  each(THERE_ARE, (country, area) => t.ok(hasArea(country, area), `${country} ${area}`))
  each(THERE_ARE_NOT, (country, area) => t.notOk(hasArea(country, area), `${country} ${area}`))
})

t.test('where numbers are dialled whole', async t => {
  for (const country of ['FR', 'IT', 'ES', 'CH', 'BE', 'PL'] as const) t.ok(isClosed(country), country)
  for (const country of ['DE', 'AT', 'CN', 'GB', 'US', 'JP'] as const) t.notOk(isClosed(country), country)
})
