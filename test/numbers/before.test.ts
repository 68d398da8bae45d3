/** What stands before a number and is no part of it: the dial prefix, and codes that withhold the caller's number. */
import t from 'tap'
import { keyOf, keyOfParty, readNumber, type NumberPlan, type NumberWay } from '../../src/numbers/read.js'

const berlin: NumberPlan = { country: 'DE', ownArea: '30', extension: /^1\d{3}$/, internal: /^[2-9]\d{1,3}$/ }
const shanghai: NumberPlan = { country: 'CN', ownArea: '021', trunkPrefix: '9', extension: /^[12]\d{3}$/ }
const bareGermany: NumberPlan = { country: 'DE', bareInternational: true }
const MOBILE = '+491701234567'

t.test('the dial prefix of a number that a trunk was sent', async t => {
  const zero: NumberPlan = { ...berlin, trunkPrefix: '0' }
  const table: [text: string, way: NumberWay, digits: string, e164?: string][] = [
    ['089123456', 'out', '089123456', '+4989123456'],
    ['0089123456', 'out', '089123456', '+4989123456'],
    ['00442079460000', 'out', '00442079460000', '+442079460000'],
    ['01234567', 'out', '1234567', '+49301234567'],
    ['089123456', 'sent', '089123456', '+4989123456'],
    ['01234567', 'sent', '01234567'],
    ['089123456', 'dialled', '89123456', '+493089123456'],
  ]
  for (const [text, way, digits, e164] of table) {
    const read = readNumber(zero, text, way)
    t.strictSame([read?.digits, read?.e164], [digits, e164], `${text} ${way}`)
  }
  t.match(readNumber(shanghai, '9+86 138', 'written'), { digits: '+86138', prefixed: true }, 'before a plus it is one')
})

t.test('a caller has the dial prefix only where the trunk puts it there', async t => {
  const special: NumberPlan = { ...shanghai, isSpecial: digits => ['110', '95588'].includes(digits) }
  for (const shown of ['9110', '995588', '9013812345678', '91003', '962345678'])
    t.match(readNumber(special, shown, 'caller'), { digits: shown, key: shown, e164: undefined, prefixed: undefined })
  const table = {
    9110: '110',
    995588: '95588',
    95588: '95588',
    9013812345678: '+8613812345678',
    91003: '1003',
    1003: '1003',
  }
  for (const [shown, key] of Object.entries(table))
    t.equal(readNumber({ ...special, prefixedCallers: true }, shown, 'caller')?.key, key, shown)
})

t.test('in a list, only a number that is valid without the dial prefix loses it', async t => {
  const special: NumberPlan = { ...shanghai, isSpecial: digits => ['110', '95588'].includes(digits) }
  const keys = { 9110: '9110', 995588: '995588', 9013812345678: '+8613812345678' }
  for (const [text, key] of Object.entries(keys)) {
    t.equal(keyOf(special, text, 'listed'), key)
    t.equal(keyOfParty(special, { number: text }), key, 'nor does a party of a call')
  }
})

t.test('a short number behind the dial prefix, where the PBX has numbers that look the same', async t => {
  const special = {
    isSpecial: (digits: string) => ['110', '114'].includes(digits),
    isService: (digits: string) => digits === '114',
  }
  const plan: NumberPlan = { ...shanghai, internal: /^[2-9]\d{1,3}$/, ...special }
  for (const way of ['written', 'dialled'] as const) {
    t.equal(readNumber(plan, '9110', way)?.digits, '110', 'help comes before a queue')
    t.equal(readNumber(plan, '9114', way)?.digits, '9114', 'the site has chosen its numbers')
    t.equal(readNumber({ ...plan, internalIsDefault: true }, '9114', way)?.digits, '114', 'nobody has chosen them')
    t.equal(readNumber({ ...plan, internalIsDefault: true }, '9001', way)?.digits, '9001')
    t.equal(readNumber({ ...plan, extension: /^9\d{3}$/ }, '9110', way)?.digits, '9110', 'an extension is one')
  }
})

t.test('a code that withholds or shows the number of the caller is no part of the number called', async t => {
  const read = { digits: '01701234567', e164: MOBILE, clir: '*31#' }
  for (const way of ['written', 'dialled', 'out', 'sent'] as const)
    t.match(readNumber(berlin, '*31#01701234567', way), read)
  t.match(readNumber(berlin, '*31#+49 170 1234567'), { e164: MOBILE, clir: '*31#' })
  t.match(readNumber(berlin, '#31#01701234567'), { e164: MOBILE, clir: '#31#' })
  t.match(readNumber(shanghai, '*31#9013812345678', 'dialled'), {
    e164: '+8613812345678',
    clir: '*31#',
    prefixed: true,
  })
  t.match(readNumber({ country: 'US' }, '*67 212 555 1234'), { e164: '+12125551234', clir: '*67' })
  for (const code of ['*31#', '#31#', '*31#1001', '*31#2000', '*31', '*671234', '*21#01701234567'])
    t.strictSame(readNumber({ ...berlin, country: 'US' }, code), { digits: code, key: code }, code)
  t.equal(readNumber(berlin, '*6701701234567')?.clir, undefined, 'elsewhere it is a code of the PBX')
  t.match(readNumber(berlin, '*31#01701234567', 'caller'), read, 'also where a trunk shows it')
  t.equal(readNumber(berlin, '*31#'.repeat(60)), undefined)
})

t.test('a dial prefix with a star is one, and no code of the PBX', async t => {
  const special = { isSpecial: (digits: string) => digits === '115', isService: (digits: string) => digits === '115' }
  const plan: NumberPlan = { ...berlin, ...special, trunkPrefix: '*9' }
  for (const way of ['written', 'listed', 'dialled', 'out'] as const) {
    t.match(readNumber(plan, '*901701234567', way), { digits: '01701234567', e164: MOBILE, prefixed: true }, way)
    t.match(readNumber(plan, '*9+491701234567', way), { e164: MOBILE, prefixed: true }, way)
    t.match(readNumber(plan, '*31#*901701234567', way), { e164: MOBILE, clir: '*31#', prefixed: true }, way)
  }
  t.equal(readNumber(plan, '*9115')?.digits, '115')
  for (const code of ['*97', '*9', '*98#', '*21*01701234567#', '*801701234567'])
    t.strictSame(readNumber(plan, code), { digits: code, key: code }, code)
})

t.test('written with the dial prefix and a national or international prefix, it is no number without a 0', async t => {
  const nine: NumberPlan = { ...berlin, trunkPrefix: '9' }
  const vienna: NumberPlan = { country: 'AT', ownArea: '1', trunkPrefix: '9', extension: /^1\d{3}$/ }
  const table: [plan: NumberPlan, text: string, digits: string, e164: string][] = [
    [nine, '9093250044', '093250044', '+4993250044'],
    [nine, '90043732896', '0043732896', '+43732896'],
    [vienna, '9004930123456', '004930123456', '+4930123456'],
    [nine, '90325001', '90325001', '+493090325001'],
    [nine, '9325 250044', '9325250044', '+499325250044'],
    [nine, '089123456', '089123456', '+4989123456'],
    [{ country: 'ES', trunkPrefix: '9' }, '912345678', '912345678', '+34912345678'],
    [{ country: 'US', trunkPrefix: '9' }, '9175551234', '9175551234', '+19175551234'],
    [{ ...bareGermany, trunkPrefix: '9' }, '905321234567', '905321234567', '+905321234567'],
  ]
  for (const [plan, text, digits, e164] of table)
    for (const way of ['written', 'listed'] as const)
      t.match(readNumber(plan, text, way), { digits, e164 }, `${text} ${way}`)
  t.equal(readNumber(nine, '9093250044', 'caller')?.e164, '+499093250044', 'a caller has no dial prefix')
})
