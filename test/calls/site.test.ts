/** How numbers are read: as they are written, and as a trunk writes them that leaves the plus out. */
import t from 'tap'
import { callerOf, partyOf, placeOf, wayOf, type Site } from '../../src/calls/site.js'
import { site } from '../given/calls.js'

const bare: Site = { ...site, bareInternational: true }

t.test('a number without a plus or a 0 is one of the own country, or of the world, as the site says', async t => {
  const table: [number: string, national: string | undefined, international: string | undefined][] = [
    ['+442079460000', '+442079460000', '+442079460000'],
    ['030123456', '+4930123456', '+4930123456'],
    ['01701234567', '+491701234567', '+491701234567'],
    ['491701234567', '+49491701234567', '+491701234567'],
    ['442079460000', '+49442079460000', '+442079460000'],
    ['8613911000000', '+498613911000000', '+8613911000000'],
    ['30123456', '+4930123456', '+4930123456'],
    ['1001', undefined, undefined],
  ]
  for (const [number, national, international] of table) {
    t.equal(placeOf(site, number).e164, national, number)
    t.equal(placeOf(bare, number).e164, international, `${number}, international`)
  }
  t.match(placeOf(bare, '442079460000'), { area: 'GB' })
  t.strictSame(partyOf(bare, '1001'), { number: '1001', extension: '1001' }, 'an extension stays one')
})

t.test('a caller over a trunk is outside, whatever the number looks like', async t => {
  t.strictSame(callerOf(site, '1003', 'Eve'), { number: '1003', name: 'Eve' })
  t.strictSame(callerOf(site, '+49-170-1234567'), { number: '+491701234567', e164: '+491701234567' })
  t.strictSame(callerOf(site, 'alice'), { number: 'alice' }, 'what is no number stays as it is')
})

t.test('the dial prefix of a caller is removed once', async t => {
  const prefixed: Site = { ...site, ownArea: '30', trunkPrefix: '9', prefixedCallers: true }
  const from = callerOf(prefixed, '991234567')
  t.strictSame(from, { number: '91234567', e164: '+493091234567' })
  t.strictSame(
    partyOf(prefixed, from.number, '', wayOf({ trunk: 'trunk' })),
    from,
    'where the number of the leg is read',
  )
  t.strictSame(partyOf(prefixed, '1003', '', wayOf({ trunk: 'trunk' })), { number: '1003' })
  t.match(partyOf(prefixed, '1003', '', wayOf({})), { extension: '1003' })
})

t.test('a number that a person would mean otherwise is shown with its country', async t => {
  const bare = (country: 'US' | 'IT'): Site => ({ ...site, country, bareInternational: true })
  t.strictSame(callerOf(bare('US'), '3235551234'), { number: '+3235551234', e164: '+3235551234' })
  t.strictSame(callerOf(bare('IT'), '390610000'), { number: '+390610000', e164: '+390610000' })
  t.strictSame(callerOf(bare('US'), '12125552671'), { number: '12125552671', e164: '+12125552671' })
  const nine: Site = { ...site, trunkPrefix: '9' }
  t.strictSame(callerOf(nine, '9093250044'), { number: '+499093250044', e164: '+499093250044' }, 'not 9 and 093250044')
})

t.test('a caller who shows no number is nobody', async t => {
  for (const shown of ['', 'anonymous', 'Restricted', '0000'])
    t.strictSame(callerOf(site, shown, shown), { number: '' }, shown)
  t.strictSame(callerOf(site, 'anonymous', 'Max'), { number: '', name: 'Max' })
  t.strictSame(partyOf(site, '0000'), { number: '0000' }, 'inside, zeros may be somebody')
})
