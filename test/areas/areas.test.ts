/** Where numbers are at home: the table that is searched, the library, and a site's own data over it. */
import t from 'tap'
import fc from 'fast-check'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { createAreas, readLibrary } from '../../src/areas/library.js'
import { ownRows, phoneDatRows, type OwnRow } from '../../src/areas/own.js'
import { createPossible } from '../../src/areas/possible.js'
import { pack, unpack } from '../../src/areas/packed.js'
import { find, placeIn, tableOf } from '../../src/areas/table.js'
import { kindOf } from '../../src/areas/types.js'
import type { CallView } from '../../src/events/call.js'
import { areaTotals } from '../../src/reports/areas.js'

const library = readLibrary()
const english = createAreas(library, 'en', [])

t.test('the longest beginning counts, whatever the order', async () => {
  const digits = fc.stringMatching(/^[1-3]{1,4}$/)
  const prefixes = fc.uniqueArray(digits, { maxLength: 20 })
  const same = fc.property(prefixes, fc.stringMatching(/^[1-4]{4,15}$/), (all, number) => {
    const table = tableOf(all.map((prefix, i) => [prefix, i] as const))
    const longest = all.filter(p => number.startsWith(p)).sort((a, b) => b.length - a.length)[0]
    return find(table, placeIn(number)) === (longest === undefined ? undefined : all.indexOf(longest))
  })
  fc.assert(same, { numRuns: 2_000 })
})

t.test('country and type are what libphonenumber says', async () => {
  const TYPES: Record<string, string> = {
    ...{ FIXED_LINE: 'fixed', MOBILE: 'mobile', FIXED_LINE_OR_MOBILE: 'fixed-or-mobile', TOLL_FREE: 'toll-free' },
    ...{ PREMIUM_RATE: 'premium', SHARED_COST: 'shared-cost', VOIP: 'voip', PERSONAL_NUMBER: 'personal' },
    ...{ PAGER: 'pager', UAN: 'company', VOICEMAIL: 'voicemail' },
  }
  const codes = fc.constantFrom('86', '49', '1', '44', '7', '33', '39', '81', '55', '91', '852', '47')
  const same = fc.property(codes, fc.stringMatching(/^[1-9][0-9]{7,10}$/), (code, rest) => {
    const phone = parsePhoneNumberFromString(`+${code}${rest}`)
    if (phone?.number !== `+${code}${rest}` || !phone.isValid()) return true
    const { country, type } = kindOf(phone.number.slice(1))
    return country === phone.country && type === TYPES[phone.getType() ?? '']
  })
  fc.assert(same, { numRuns: 3_000 })
})

t.test('numbers of which it is known', async t => {
  const table: [number: string, area: object][] = [
    ['+8675583765566', { country: 'CN', region: 'Guangdong', city: 'Shenzhen', type: 'fixed', timeZone: 'Asia/Shanghai' }],
    ['+8613800138000', { country: 'CN', city: 'Beijing', carrier: 'China Mobile', type: 'mobile', timeZone: 'Asia/Shanghai' }],
    ['+493012345678', { country: 'DE', city: 'Berlin', type: 'fixed', timeZone: 'Europe/Berlin' }],
    ['+14155552671', { country: 'US', region: 'CA', city: 'San Francisco', type: 'fixed-or-mobile', timeZone: 'America/Los_Angeles' }],
    ['+442079460000', { country: 'GB', city: 'London', type: 'fixed', timeZone: 'Europe/London' }],
    ['+77011234567', { country: 'KZ', carrier: 'Kcell/Activ', type: 'mobile', timeZone: 'Asia/Almaty' }],
    ...['', '+', '1001', '+999999', '+86', '+0', '95588', '+8695588', '+861'].map((number): [string, object] => [number, {}]),
  ] // prettier-ignore
  for (const [number, area] of table.slice(0, 6)) t.strictSame(english(number), area, number)
  for (const [number] of table.slice(6)) t.equal(english(number).city, undefined, number)
  t.strictSame(english(undefined), {})
  const chinese = createAreas(library, 'zh', [])
  t.match(chinese('+8675583765566'), { region: '广东省', city: '深圳市' })
  t.match(chinese('+8613800138000'), { region: '北京市', city: '北京市', carrier: '中国移动' })
  t.match(chinese('+8618999700000'), { region: '新疆' })
  t.match(chinese('+493012345678'), { city: 'Berlin' }, 'what has no Chinese name has its own')
  t.ok(library.places.table.starts.length > 300_000)
})

t.test('an area in which no number is at home, also by own data', async t => {
  const read = ownRows('prefix,country,region,city,carrier\n4930123,,,Mitte,Own\n8619212,,浙江,嘉兴,\n88213,XN,,,Sat\n')
  const [without, withOwn] = [[], read.ok ? read.value : []].map(own => createPossible(library, 'en', own))
  for (const area of [{ city: 'Mitte' }, { city: 'Mitte', country: 'DE' }, { city: '嘉兴市', region: '浙江省', country: 'CN' }, { country: 'XN' }, { city: 'Mitte', region: 'Bavaria' }]) {
    t.equal(without?.(area), false, JSON.stringify(area))
    t.equal(withOwn?.(area), true, JSON.stringify(area))
  } // prettier-ignore
  for (const area of [{ city: 'Mitte', country: 'CN' }, { city: 'Mitte', carrier: '嘉兴' }, { country: 'XN', carrier: 'Own' }, { city: 'x'.repeat(10_000) }, { city: '\0' }])
    t.equal(withOwn?.(area), false, JSON.stringify(area).slice(0, 80)) // prettier-ignore
  t.equal(without?.({}), true)
})

t.test('own data over it: only what it says', async t => {
  t.strictSame(ownRows('prefix,city,,\n4930123,Mitte,,\n,,,\n\n'), ownRows('prefix,city\n4930123,Mitte\n'))
  for (const separator of [';', '\t'])
    t.strictSame(
      ownRows('prefix,city,,\r\n4930123,"Mitte",,\r\n,,,\r\n'.replaceAll(',', separator)),
      ownRows('prefix,city\n4930123,Mitte\n'),
      JSON.stringify(separator),
    )
  t.match(ownRows('prefix|city\n'), { ok: false, error: /^line 1: .* between commas, semicolons or tabs: prefix, / })
  t.match(ownRows('country;city\n'), { ok: false, error: 'line 1: there is no column prefix' })
  const read = ownRows('prefix,city,carrier\n+49 30,Hauptstadt,\n4930123,,"Own, Inc."\n')
  t.ok(read.ok)
  const own = createAreas(library, 'en', read.ok ? read.value : [])
  t.match(own('+493099999999'), { country: 'DE', city: 'Hauptstadt', type: 'fixed' })
  t.match(own('+493012345678'), { city: 'Berlin', carrier: 'Own, Inc.' })
  t.strictSame(own('+442079460000'), english('+442079460000'))
  for (const prefix of ['＋４９３０', '４９３０', '0049 30', '+49 (0)30', '+49/30']) {
    const rows = ownRows(`prefix,city\n${prefix},x\n`)
    t.strictSame(rows.ok && rows.value.map(row => row.prefix), ['4930'], prefix)
  }
  const bad: [text: string, why: RegExp][] = [
    ['', /line 1/],
    ['city\nBerlin', /line 1/],
    ['prefix,town\n49,x', /line 1/],
    ['prefix,city\n49,x\n0301,y', /line 3: prefix/],
    ['prefix\n"49', /line 2/],
    ['prefix,type\n49,phone', /line 2: type/],
    ['prefix\n1234567890123456', /line 2: prefix/],
  ]
  for (const [text, why] of bad) {
    const rows = ownRows(text)
    t.match(rows.ok ? '' : rows.error, why, JSON.stringify(text))
  }
})

t.test('a phone.dat; what is none', async t => {
  const records = Buffer.from('广东|深圳|518000|0755\0浙江|嘉兴|314000|0573\0')
  const second = records.indexOf(0) + 1
  const head = Buffer.alloc(8)
  head.write('2502')
  head.writeUInt32LE(8 + records.length, 4)
  const entry = (prefix: number, record: number, carrier: number) => {
    const bytes = Buffer.alloc(9)
    bytes.writeUInt32LE(prefix)
    bytes.writeUInt32LE(8 + record, 4)
    bytes[8] = carrier
    return bytes
  }
  const file = Buffer.concat([head, records, entry(1_921_234, second, 3), entry(1_921_235, 0, 1)])
  const read = phoneDatRows(file)
  t.ok(read.ok)
  const own = createAreas(library, 'zh', read.ok ? read.value : ([] as OwnRow[]))
  t.match(own('+8619212345678'), { country: 'CN', region: '浙江', city: '嘉兴', carrier: '中国电信', type: 'mobile' })
  t.match(own('+8619212355678'), { city: '深圳', carrier: '中国移动' })
  for (const none of [
    Buffer.alloc(0),
    Buffer.from('prefix,city'),
    file.subarray(0, -1),
    Buffer.concat([head, records, entry(1, 9_999, 1)]),
  ])
    // prettier-ignore
    t.notOk(phoneDatRows(none).ok)
})

t.test('as a file it is the same', async t => {
  const again = unpack(pack(library))
  t.equal(again.source, library.source)
  t.strictSame(again.places.table.starts.subarray(0, 1_000), library.places.table.starts.subarray(0, 1_000))
  t.match(createAreas(again, 'en', [])('+493012345678'), { city: 'Berlin' })
})

t.test('calls by where the other side is at home', async t => {
  const call = (direction: string, number: string, outcome: string, talkedMs?: number) =>
    ({ direction, from: { number: direction === 'outbound' ? '1001' : number }, to: { number: direction === 'outbound' ? number : '1001' }, outcome, talkedMs }) as unknown as CallView // prettier-ignore
  const calls = [
    call('inbound', '+493012345678', 'answered', 2_000),
    call('outbound', '+493012345678', 'no-answer'),
    call('inbound', '+442079460000', 'answered', 500),
    call('inbound', 'anonymous', 'abandoned'),
    call('internal', '1002', 'answered', 9_000),
  ]
  t.strictSame(areaTotals(calls, 'city', english), [
    { group: 'Berlin', country: 'DE', calls: 2, answered: 1, talkedMs: 2_000 },
    { group: '', calls: 1, answered: 0, talkedMs: 0 },
    { group: 'London', country: 'GB', calls: 1, answered: 1, talkedMs: 500 },
  ])
  t.match(areaTotals(calls, 'country', english), [{ group: 'DE', calls: 2 }, { group: '' }, { group: 'GB' }])
})
