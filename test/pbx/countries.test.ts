/**
 * Callers in countries that write numbers each in their own way: what the trunk shows in any of the forms is one number, which the
 * blacklist has in another form, and the history finds by each.
 */
import t from 'tap'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { callIn } from '../../lab/sipp.js'
import type { CallView } from '../../src/events/call.js'
import { aDaemon, KEY } from '../given/exchange.js'
import { askingFirst } from '../given/softphone.js'

type Country = { e164: string; writings: string[]; others: string[]; internationalPrefix?: string }

/** A number, the forms in which a trunk may show it there, and numbers that are not the same. */
const numberOf = (e164: string, writings: string[], others: string[], internationalPrefix?: string): Country => ({
  e164,
  writings,
  others,
  ...(internationalPrefix === undefined ? {} : { internationalPrefix }),
})

const COUNTRIES: Readonly<Record<string, Country>> = {
  GB: numberOf(
    '+442071838750',
    ['020 7183 8750', '2071838750', '00442071838750', '+44 (0)20 7183 8750'],
    ['02071838751'],
  ),
  // The international prefix is 011, and 1 is both the national prefix and the code of the country.
  US: numberOf(
    '+12125551234',
    ['(212) 555-1234', '12125551234', '01112125551234', '+1 212 555 1234'],
    ['2125551235'],
    '011',
  ),
  FR: numberOf('+33142685300', ['01 42 68 53 00', '142685300', '0033142685300', '+33 1 42 68 53 00'], ['0142685301']),
  // The 0 is part of the number, also behind the code of the country.
  IT: numberOf(
    '+390669812345',
    ['06 6981 2345', '0669812345', '00390669812345', '+39 06 6981 2345'],
    ['0669812346', '669812345'],
  ),
  // The code of a carrier may stand behind the 0.
  BR: numberOf(
    '+5511961234567',
    ['(11) 96123-4567', '011961234567', '0 15 11 96123 4567', '005511961234567', '+55 11 96123-4567'],
    ['11961234568'],
  ),
  AU: numberOf(
    '+61280001234',
    ['(02) 8000 1234', '280001234', '001161280001234', '+61 2 8000 1234'],
    ['0280001235'],
    '0011',
  ),
}

const lab = await startLab()
t.teardown(() => lab.stop())
const TO = askingFirst('7701')

function configOf(country: string, internationalPrefix: string | undefined) {
  const settings = { ...lab.profile.settings, country, bareNumbers: 'national' }
  return labConfig(
    { ...lab, profile: { ...lab.profile, settings } },
    {
      key: KEY,
      prefix: country.toLowerCase(),
      dialling: internationalPrefix === undefined ? {} : { internationalPrefix },
      routing: { routes: [{ name: 'hotline', dialled: [TO], to: { number: '1013' } }] },
    },
  )
}

for (const [country, { e164, writings, others, internationalPrefix }] of Object.entries(COUNTRIES))
  t.test(country, async t => {
    const { crm } = await aDaemon(t, lab, configOf(country, internationalPrefix))
    const stream = await crm.webSocket('types=call.recorded')
    t.teardown(() => stream.close())
    const rings = async (from: string): Promise<CallView> => {
      const call = await callIn(lab, { from: encodeURIComponent(from), to: TO, giveUpAfterMs: 400 })
      await call.done
      return (await stream.next('call.recorded')).data.call
    }
    const ids: string[] = []
    for (const [n, from] of writings.entries()) {
      const match = writings[(n + 1) % writings.length] ?? ''
      t.match((await crm.post('/v1/blacklist', { match })).body, { match: e164 }, match)
      const { id, outcome, from: party } = await rings(from)
      t.match([outcome, party.e164], ['busy', e164], `${from}, of whom the list has ${match}`)
      t.equal((await crm.remove(`/v1/blacklist/${encodeURIComponent(from)}`)).status, 204)
      ids.unshift(id)
    }
    await crm.post('/v1/blacklist', { match: e164 })
    for (const from of others) t.match(await rings(from), { routing: { does: 'number' } }, from)
    for (const number of [e164, ...writings]) {
      const { calls } = (await crm.get<{ calls: CallView[] }>(`/v1/history?number=${encodeURIComponent(number)}`)).body
      t.strictSame(calls.map(({ id }) => id), ids, number) // prettier-ignore
    }
  })
