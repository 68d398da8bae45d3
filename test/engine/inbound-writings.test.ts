/** Routes and scopes fit the number that was called in each of its writings, whichever one the trunk sends. */
import t from 'tap'
import { ok } from '../../src/base/result.js'
import { dialledAs } from '../../src/numbers/beginning.js'
import { site } from '../given/calls.js'
import { anEngine } from '../given/engine.js'
import { aKeptList } from '../given/number-list.js'

const inChina = { ...site, country: 'CN' as const, ownArea: '021', trunkPrefix: '9' }
const SENT = ['02161247700', '+862161247700', '862161247700', '00862161247700', '2161247700', '61247700']

function anInbound(...dialled: string[]) {
  const routes = dialled.map(one => ({ name: one.replaceAll(/\D/g, ''), dialled: [one], to: { number: '2000' } }))
  const routeRules = { routes, calendars: new Map() }
  const blacklist = { list: aKeptList(), rules: { message: ['no'], priority: -10 } }
  const { engine } = anEngine(() => ok(undefined), { site: inChina, routeRules, blacklist })
  return { engine, to: async (number: string) => engine.routing.preview('13812341234', number) }
}

t.test('a route in any writing, for a trunk that sends any', async t => {
  for (const dialled of [...SENT, '0216124*', '+86216124*', '6124*']) {
    const { engine, to } = anInbound(dialled)
    for (const sent of SENT) t.match(await to(sent), { does: 'number', to: '2000' }, `${dialled} for ${sent}`)
    for (const other of ['02161257700', '61257700', '+867555124770', '110', '7700', ''])
      t.match(await to(other), { does: 'dialplan' }, `${dialled} not for ${other}`)
    await engine.stop()
  }
})

t.test('the more exact writing counts: as sent, then with the country code', async t => {
  const { engine, to } = anInbound('6*', '+86216124*', '0216124770*')
  const routeTo = async (sent: string) => (await to(sent)).because[0]?.name
  t.equal(await routeTo('02161247700'), '0216124770')
  t.equal(await routeTo('61247700'), '6')
  t.equal(await routeTo('2161247700'), '86216124')
  t.equal(await routeTo('00862161250000'), '6', 'any other number of the area')
  await engine.stop()
})

t.test('a scope in any writing', async t => {
  for (const written of SENT) {
    const { engine, to } = anInbound('61247700')
    t.match(await engine.blacklist.add({ match: '138 1234 1234', scope: `dialled:${written}`, action: 'busy' }, { key: 'crm' }), { ok: true }) // prettier-ignore
    for (const sent of SENT) t.match(await to(sent), { does: 'busy' }, `${written} for ${sent}`)
    t.match(await to('61257700'), { does: 'dialplan' })
    await engine.stop()
  }
})

t.test('what is no number, or a short one, has no other writing', async t => {
  for (const none of ['', 's', '\u0000', '\u202e', '${EXTEN}', '9'.repeat(10_000)])
    t.strictSame(dialledAs(inChina, none), [[], []], none.slice(0, 20))
  t.strictSame(dialledAs(inChina, '7700'), [['7700'], []])
  t.strictSame(dialledAs({}, '7700'), [['7700'], []])
  t.notOk(dialledAs(inChina, '61247700').flat().some(form => form.startsWith('9'))) // prettier-ignore
})

t.end()
