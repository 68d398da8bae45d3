/** Where a call from outside goes: by the number that was dialled, the calendar, and the emergency switch. */
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import type { Area } from '../../src/events/area.js'
import { decideRoute, type Route, type RouteRules } from '../../src/routing/decide.js'

const routes: readonly Route[] = [
  { name: 'hotline', dialled: ['4930123420', '+49800*'], to: { number: '2000' }, emergency: { number: '3000' } },
  { name: 'office', dialled: ['4930123421'], to: { dialplan: true }, calendar: 'office', closed: { message: ['shut', 'bye'] } },
  { name: 'all-of-berlin', dialled: ['4930*'], to: { busy: true } },
] // prettier-ignore
const at = (text: string) => Date.parse(text) as EpochMs
const nine = { from: 540, to: 1_020 }
const rules: RouteRules = {
  routes,
  calendars: new Map([
    [
      'office',
      {
        ...{ name: 'office', timeZone: 'UTC', week: [[], [nine], [nine], [nine], [nine], [nine], []] },
        days: new Map([
          ['12-25', { hours: [], holiday: true }],
          ['2026-12-24', { hours: [{ from: 540, to: 720 }], holiday: false }],
        ]),
      },
    ],
  ]),
}
const MONDAY = '2026-11-30T10:00:00Z'
const decided = (dialled: string, when = MONDAY, emergency = false, by = rules, area: Area = {}) =>
  decideRoute(by, { dialled, at: at(when), emergency, area })
const route = (name: string) => ({ rule: 'route', name })

t.test('a place is named with or without its kind', async t => {
  const callers = [{ city: '北京' }, { country: 'CN', region: '广西' }]
  const by = { ...rules, routes: [{ name: 'a', dialled: ['1'], to: { busy: true }, callers } as const] }
  const comes = (area: Area) => decided('1', MONDAY, false, by, area).does
  t.equal(comes({ city: '北京市', region: '北京市' }), 'busy')
  t.equal(comes({ country: 'CN', region: '广西壮族自治区', city: '南宁市' }), 'busy')
  t.equal(comes({ city: '南京市' }), 'dialplan')
  t.equal(comes({ region: '广西' }), 'dialplan', 'the country counts')
})

t.test('the first route that fits, by the whole number or its beginning', async t => {
  const hotline = { does: 'number', to: '2000', because: [route('hotline')] }
  t.strictSame(decided('4930123420'), hotline)
  t.strictSame(decided('+498001'), hotline)
  t.strictSame(decided('49301234200'), { does: 'busy', because: [route('all-of-berlin')] }, 'a number is no beginning')
  t.strictSame(decided('4930'), { does: 'busy', because: [route('all-of-berlin')] })
})

t.test('a number in another writing is found by its country code, where no route has it as it is written', async t => {
  const asked = (dialled: string, ...writings: string[][]) => decideRoute(rules, { dialled, at: at(MONDAY), emergency: false, area: {} }, writings) // prettier-ignore
  t.match(asked('030123420', ['+4930123420', '4930123420']), { because: [route('hotline')] })
  t.match(asked('0049800123', ['+49800123']), { because: [route('hotline')] })
  t.match(asked('8', ['8'], []), { does: 'dialplan' })
  t.match(asked('+4930123420', ['4930123420'], ['+498001']), { because: [route('hotline')] })
  t.match(asked('123', ['4930999'], ['4930123420']), { because: [route('all-of-berlin')] }, 'the first group counts')
  t.match(asked('4930999', ['4930123420']), { because: [route('all-of-berlin')] }, 'as it is written, first of all')
})

t.test('where none fits, the dialplan of the site has it', async t => {
  const left = { does: 'dialplan', because: [{ rule: 'no-route' }] }
  for (const dialled of ['498', '', '+4930', 'toString']) t.strictSame(decided(dialled), left, dialled)
  t.strictSame(decided('4930123420', MONDAY, false, { routes: [], calendars: new Map() }), left)
})

t.test('open, closed, a holiday, and a day with hours of its own: each with its reason', async t => {
  const [office, open, closed] = [route('office'), { rule: 'open', name: 'office' }, { rule: 'closed', name: 'office' }]
  const shut = { does: 'message', say: ['shut', 'bye'] }
  const eve = { rule: 'exception', name: '2026-12-24' }
  t.strictSame(decided('4930123421'), { does: 'dialplan', because: [office, open] })
  t.strictSame(decided('4930123421', '2026-11-30T17:00:00Z'), { ...shut, because: [office, closed] })
  t.strictSame(decided('4930123421', '2030-12-25T10:00:00Z'), { ...shut, because: [office, closed, { rule: 'holiday', name: '12-25' }] }) // prettier-ignore
  t.strictSame(decided('4930123421', '2026-12-24T11:59:00Z'), { does: 'dialplan', because: [office, open, eve] })
  t.strictSame(decided('4930123421', '2026-12-24T12:00:00Z'), { ...shut, because: [office, closed, eve] })
})

t.test('while the emergency switch is on, the routes that have such a place lead there', async t => {
  t.strictSame(decided('4930123420', MONDAY, true), { does: 'number', to: '3000', because: [route('hotline'), { rule: 'emergency' }] }) // prettier-ignore
  t.match(decided('4930123421', MONDAY, true), { does: 'dialplan' }, 'the others go where they always do')
})

t.test('a route for callers from somewhere is for nobody else', async t => {
  const north: Route = {
    ...{ name: 'north', dialled: ['4930*'], to: { number: '2100' } },
    callers: [{ country: 'DE', city: 'Hamburg' }, { country: 'DK' }],
  }
  const by = { ...rules, routes: [north, ...routes] }
  const from = (area: Area) => decided('4930123421', MONDAY, true, by, area)
  t.strictSame(from({ country: 'DE', city: 'Hamburg', type: 'fixed' }), {
    ...{ does: 'number', to: '2100', because: [route('north'), { rule: 'area', name: 'DE, Hamburg' }] },
  })
  t.match(from({ country: 'DK' }), { to: '2100' })
  for (const area of [{}, { country: 'DE' }, { city: 'Hamburg' }, { country: 'DE', city: 'Berlin' }])
    t.match(from(area), { does: 'dialplan', because: [route('office')] }, JSON.stringify(area))
})
